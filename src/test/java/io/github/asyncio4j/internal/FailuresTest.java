package io.github.asyncio4j.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Operators;
import reactor.test.util.RaceTestUtils;
import reactor.util.context.Context;

class FailuresTest {

    private static final String DROP_HOOK = "reactor.onErrorDropped.local";

    private final IOException first = new IOException("first");
    private final Exception second = new IllegalStateException("second");
    private final Exception third = new IllegalArgumentException("third");
    private final CleanupLedger scope = CleanupLedger.open(Context.empty(), "scope");
    private final List<Throwable> dropped = new ArrayList<>();
    private final Context context = dropHook(dropped);

    static Context dropHook(List<Throwable> dropped) {
        java.util.function.Consumer<Throwable> hook = dropped::add;
        return Context.of(DROP_HOOK, hook);
    }

    @Test
    void theDropHookOfTheseTestsIsReactors() {
        Operators.onErrorDropped(first, context);

        assertThat(dropped).containsExactly(first);
    }

    @Nested
    class Merging {

        @Test
        void theFirstGoesOutAsItIs() {
            assertThat(Failures.merge(first, List.of(second), List.of(third), scope, context))
                    .isSameAs(first);
            assertThat(Failures.of(first)).containsExactly(first, second, third);
        }

        @Test
        void nothingAtAllIsNull() {
            assertThat(Failures.merge(null, List.of(), List.of(), scope, context))
                    .isNull();
        }

        @Test
        void aLoneFailureIsNotTouched() {
            assertThat(Failures.merge(first, List.of(), List.of(), scope, context))
                    .isSameAs(first);
            assertThat(first.getSuppressed()).isEmpty();
            assertThat(Failures.of(first)).containsExactly(first);
        }

        @Test
        void withoutAFirstTheOldestOtherTakesItsPlace() {
            assertThat(Failures.merge(null, List.of(), List.of(second, third), scope, context))
                    .isSameAs(second);
            assertThat(Failures.of(second)).containsExactly(second, third);
            assertThat(second.getSuppressed()).contains(third).doesNotContain(second);
        }

        @Test
        void aLoneCleanupFailureIsTheScopesOwn() {
            assertThat(Failures.merge(null, List.of(), List.of(second), scope, context))
                    .isSameAs(second);
            assertThat(second.getSuppressed()).isEmpty();
        }

        @Test
        void cleanupFailuresAreAlsoSuppressedOneByOne() {
            Failures.merge(first, List.of(second), List.of(third), scope, context);

            assertThat(first.getSuppressed()).contains(third).doesNotContain(second);
        }

        @Test
        void theSameInstanceIsListedOnce() {
            Failures.merge(first, List.of(second, first, second), List.of(first), scope, context);

            assertThat(Failures.of(first)).containsExactly(first, second);
        }

        @Test
        void thePrintedStackTraceNamesThemAll() {
            Failures.merge(first, List.of(second, third), List.of(), scope, context);

            assertThat(first).hasStackTraceContaining("also failed").hasStackTraceContaining("third");
        }

        @Test
        void anOuterScopeAddsToWhatAnInnerOneFound() {
            CleanupLedger inner = CleanupLedger.open(scope.storeIn(Context.empty()), "inner");
            Failures.merge(first, List.of(second), List.of(), inner, context);

            Failures.merge(first, List.of(third), List.of(), scope, context);

            assertThat(Failures.of(first)).containsExactly(first, second, third);
            assertThat(dropped).isEmpty();
        }

        @Test
        void whatCameAlongWithASiblingIsListedBehindIt() {
            CleanupLedger inner = CleanupLedger.open(scope.storeIn(Context.empty()), "inner");
            Failures.merge(second, List.of(third), List.of(), inner, context);

            Failures.merge(first, List.of(second), List.of(), scope, context);

            assertThat(Failures.of(first)).containsExactly(first, second, third);
        }

        @Test
        void failuresThatCarryEachOtherAreListedOnce() {
            Failures.merge(first, List.of(second), List.of(), scope, context);
            Failures.merge(second, List.of(first), List.of(), scope, context);

            assertThat(Failures.of(first)).containsExactly(first, second);
        }
    }

    @Nested
    class WhereNothingCanRide {

        @Test
        void anErrorThatForbidsSuppressionStaysCleanAndTheOthersAreDropped() {
            Exception closed = new Unsuppressible();

            assertThat(Failures.merge(closed, List.of(second), List.of(third), scope, context))
                    .isSameAs(closed);
            assertThat(Failures.of(closed)).containsExactly(closed);
            assertThat(dropped).containsExactly(second, third);
        }

        @Test
        void aSharedInstanceDoesNotGrowFromRunToRun() {
            CleanupLedger later = CleanupLedger.open(Context.empty(), "later run");
            Failures.merge(first, List.of(second), List.of(), scope, context);

            Failures.merge(first, List.of(third), List.of(), later, context);

            assertThat(Failures.of(first)).containsExactly(first, second);
            assertThat(dropped).containsExactly(third);
        }

        @Test
        void twoScopesRacingForASharedInstanceLoseNothing() {
            for (int round = 0; round < 10_000; round++) {
                IOException shared = new IOException("shared");
                List<Throwable> drops = java.util.Collections.synchronizedList(new ArrayList<>());
                Context hook = dropHook(drops);
                CleanupLedger other = CleanupLedger.open(Context.empty(), "other");
                RaceTestUtils.race(
                        () -> Failures.merge(shared, List.of(second), List.of(), scope, hook),
                        () -> Failures.merge(shared, List.of(third), List.of(), other, hook));

                List<Throwable> seen = new ArrayList<>(Failures.of(shared));
                seen.addAll(drops);
                assertThat(seen).containsExactlyInAnyOrder(shared, second, third);
            }
        }
    }

    private static final class Unsuppressible extends Exception {
        private static final long serialVersionUID = 1L;

        Unsuppressible() {
            super("closed", null, false, false);
        }
    }
}
