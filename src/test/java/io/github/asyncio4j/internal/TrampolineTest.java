package io.github.asyncio4j.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import reactor.core.Exceptions;
import reactor.core.scheduler.Schedulers;
import reactor.test.util.RaceTestUtils;

class TrampolineTest {

    private final List<String> ran = new ArrayList<>();

    @AfterEach
    void noLaneIsLeftBehind() {
        assertThat(Trampoline.active()).isZero();
    }

    @Test
    void runsAtOnceOnTheCallersThread() {
        Thread[] runner = new Thread[1];

        Trampoline.execute(() -> runner[0] = Thread.currentThread());

        assertThat(runner[0]).isSameAs(Thread.currentThread());
    }

    @Test
    void workHandedInByWorkRunsBehindIt() {
        Trampoline.execute(() -> {
            Trampoline.execute(() -> ran.add("second"));
            Trampoline.execute(() -> ran.add("third"));
            ran.add("first");
        });

        assertThat(ran).containsExactly("first", "second", "third");
    }

    @Test
    void aChainRunsInOrderAndBeforeWhatItHandsIn() {
        Trampoline.Link first = link(() -> {
            ran.add("a");
            Trampoline.execute(() -> ran.add("from a"));
        });
        first.next = link(() -> ran.add("b"));
        first.next.next = link(() -> ran.add("c"));

        Trampoline.execute(first);

        assertThat(ran).containsExactly("a", "b", "c", "from a");
    }

    @Test
    void aMillionLinksNeedTheStackOfOne() {
        int[] left = {1_000_000};
        Runnable[] step = new Runnable[1];
        step[0] = () -> {
            if (--left[0] > 0) {
                Trampoline.execute(step[0]);
            }
        };

        Trampoline.execute(step[0]);

        assertThat(left[0]).isZero();
    }

    @Test
    void anotherThreadRunsItsOwnWorkMeanwhile() {
        Trampoline.execute(() -> {
            List<String> other = new ArrayList<>();
            RaceTestUtils.race(() -> Trampoline.execute(() -> other.add("ran")), () -> {});
            ran.addAll(other);
        });

        assertThat(ran).containsExactly("ran");
    }

    @Test
    void worksOnANonBlockingThread() {
        assertThat(reactor.core.publisher.Mono.fromSupplier(() -> {
                            Trampoline.execute(
                                    () -> ran.add(Thread.currentThread().getName()));
                            return ran.get(0);
                        })
                        .subscribeOn(Schedulers.parallel())
                        .block())
                .startsWith("parallel");
    }

    @Nested
    class WhenALinkThrows {

        @Test
        void thoseBehindItStillRunAndTheFirstFailureIsThrown() {
            IllegalStateException failure = new IllegalStateException("first");
            IllegalArgumentException later = new IllegalArgumentException("later");

            assertThatThrownBy(() -> Trampoline.execute(() -> {
                        Trampoline.execute(() -> {
                            throw later;
                        });
                        Trampoline.execute(() -> {
                            throw failure; // the same again
                        });
                        Trampoline.execute(() -> ran.add("after"));
                        throw failure;
                    }))
                    .isSameAs(failure)
                    .hasSuppressedException(later);
            assertThat(failure.getSuppressed()).hasSize(1);
            assertThat(ran).containsExactly("after");
        }

        @Test
        void anErrorIsThrownAsItIs() {
            AssertionError failure = new AssertionError("fatal");

            assertThatThrownBy(() -> Trampoline.execute(() -> {
                        throw failure;
                    }))
                    .isSameAs(failure);
        }

        @Test
        void aCheckedExceptionIsWrappedAsReactorDoes() {
            IOException failure = new IOException("checked");

            assertThatThrownBy(() -> Trampoline.execute(() -> sneak(failure)))
                    .satisfies(thrown -> assertThat(Exceptions.unwrap(thrown)).isSameAs(failure));
        }
    }

    private static Trampoline.Link link(Runnable work) {
        return new Trampoline.Link() {
            @Override
            public void run() {
                work.run();
            }
        };
    }

    @SuppressWarnings("unchecked")
    private static <E extends Throwable> void sneak(Throwable failure) throws E {
        throw (E) failure;
    }
}
