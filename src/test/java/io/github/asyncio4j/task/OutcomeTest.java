package io.github.asyncio4j.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import reactor.core.Exceptions;
import reactor.test.StepVerifier;

class OutcomeTest {

    private final IOException failure = new IOException("x");

    @Nested
    class ASuccess {

        private final Outcome<String> outcome = Outcome.success("a");

        @Test
        void hasAValue() {
            assertThat(List.of(outcome.isSuccess(), outcome.isEmpty(), outcome.isFailure(), outcome.isCancelled()))
                    .containsExactly(true, false, false, false);
            assertThat(outcome.value()).contains("a");
            assertThat(outcome.error()).isEmpty();
            assertThat(outcome.orElseThrow()).isEqualTo("a");
            StepVerifier.create(outcome.asMono()).expectNext("a").verifyComplete();
        }

        @Test
        void mapsItsValue() {
            assertThat(outcome.map(String::length)).isEqualTo(Outcome.success(1));
        }

        @Test
        void becomesAFailureWhenTheFunctionFails() {
            IllegalStateException thrown = new IllegalStateException();
            assertThat(outcome.map(value -> {
                        throw thrown;
                    }))
                    .isEqualTo(Outcome.failure(thrown));
            assertThat(outcome.map(value -> null).error())
                    .get()
                    .isInstanceOf(NullPointerException.class)
                    .hasToString("java.lang.NullPointerException: f returned null");
        }
    }

    @Nested
    class AnEmptyOne {

        private final Outcome<String> outcome = Outcome.empty();

        @Test
        void hasNothing() {
            assertThat(List.of(outcome.isSuccess(), outcome.isEmpty(), outcome.isFailure(), outcome.isCancelled()))
                    .containsExactly(false, true, false, false);
            assertThat(outcome.value()).isEmpty();
            assertThat(outcome.error()).isEmpty();
            assertThatExceptionOfType(NoSuchElementException.class).isThrownBy(outcome::orElseThrow);
            StepVerifier.create(outcome.asMono()).verifyComplete();
            assertThat(outcome.map(String::length)).isEqualTo(Outcome.empty());
        }
    }

    @Nested
    class AFailure {

        private final Outcome<String> outcome = Outcome.failure(failure);

        @Test
        void hasAnError() {
            assertThat(List.of(outcome.isSuccess(), outcome.isEmpty(), outcome.isFailure(), outcome.isCancelled()))
                    .containsExactly(false, false, true, false);
            assertThat(outcome.value()).isEmpty();
            assertThat(outcome.error()).contains(failure);
            StepVerifier.create(outcome.asMono()).verifyErrorMatches(error -> error == failure);
            assertThat(outcome.map(String::length)).isEqualTo(Outcome.failure(failure));
        }

        @Test
        void throwsCheckedErrorsWrapped() {
            assertThatThrownBy(outcome::orElseThrow)
                    .satisfies(error -> assertThat(Exceptions.unwrap(error)).isSameAs(failure));
            IllegalStateException unchecked = new IllegalStateException();
            assertThatThrownBy(() -> Outcome.failure(unchecked).orElseThrow()).isSameAs(unchecked);
        }

        @Test
        void mayBeACancellation() {
            Outcome<String> cancelled = Outcome.failure(new CancellationException());
            assertThat(cancelled.isCancelled()).isTrue();
            assertThat(cancelled.isFailure()).isTrue();
        }
    }

    @Test
    void takesNoNull() {
        assertThatNullPointerException().isThrownBy(() -> Outcome.success(null)).withMessage("result");
        assertThatNullPointerException().isThrownBy(() -> Outcome.failure(null)).withMessage("cause");
        assertThatNullPointerException()
                .isThrownBy(() -> Outcome.success(1).map(null))
                .withMessage("f");
        assertThatNullPointerException()
                .isThrownBy(() -> new Completion<>(0, null))
                .withMessage("outcome");
        assertThatIllegalArgumentException().isThrownBy(() -> new Completion<>(-1, Outcome.empty()));
        assertThatNullPointerException().isThrownBy(() -> TaskFailures.of(null)).withMessage("error");
        assertThatNullPointerException()
                .isThrownBy(() -> TaskFailures.of(failure, null))
                .withMessage("type");
    }
}
