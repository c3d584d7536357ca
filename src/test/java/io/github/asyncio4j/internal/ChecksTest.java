package io.github.asyncio4j.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.Exceptions;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

class ChecksTest {

    @Nested
    class Arguments {

        @Test
        void goodOnesComeBackUnchanged() {
            Duration second = Duration.ofSeconds(1);

            assertThat(Checks.notNull(second, "wait")).isSameAs(second);
            assertThat(Checks.positive(second, "wait")).isSameAs(second);
            assertThat(Checks.notNegative(Duration.ZERO, "wait")).isZero();
            assertThat(Checks.atLeast(1, 1, "count")).isEqualTo(1);
            assertThat(Checks.positive(0.5, "rate")).isEqualTo(0.5);
        }

        @Test
        void nullIsNamed() {
            assertThatNullPointerException()
                    .isThrownBy(() -> Checks.notNull(null, "work"))
                    .withMessage("work");
        }

        @Test
        void tooSmallACountNamesTheBoundAndTheValue() {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Checks.atLeast(1, 0, "permits"))
                    .withMessage("permits must be at least 1, but is 0");
        }

        @Test
        void aDurationMustBePositive() {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Checks.positive(Duration.ZERO, "limit"))
                    .withMessage("limit must be positive, but is PT0S");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Checks.positive(Duration.ofMillis(-1), "limit"))
                    .withMessageContaining("PT-0.001S");
        }

        @Test
        void aDelayMustNotBeNegative() {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Checks.notNegative(Duration.ofSeconds(-1), "delay"))
                    .withMessage("delay must not be negative, but is PT-1S");
        }

        @ParameterizedTest
        @ValueSource(doubles = {0, -0.0, -1, Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
        void aRateMustBePositiveAndFinite(double rate) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Checks.positive(rate, "rate"))
                    .withMessage("rate must be positive and finite, but is " + rate);
        }

        @Test
        void nanosSaturateInsteadOfOverflowing() {
            assertThat(Checks.nanos(Duration.ofMillis(3))).isEqualTo(3_000_000);
            assertThat(Checks.nanos(Duration.ofSeconds(Long.MAX_VALUE))).isEqualTo(Long.MAX_VALUE);
            assertThat(Checks.nanos(Duration.ofSeconds(Long.MIN_VALUE))).isEqualTo(Long.MIN_VALUE);
        }
    }

    @Nested
    class UserFunctions {

        @Test
        void theResultIsTheirs() {
            StepVerifier.create(Checks.<String, Object>callMono(Mono::just, "argument", "f")
                            .cast(Object.class))
                    .expectNext("argument")
                    .verifyComplete();
        }

        @Test
        void whatTheyThrowBecomesTheSignal() {
            IOException failure = new IOException("broken");

            StepVerifier.create(Checks.callMono(
                            argument -> {
                                throw Exceptions.propagate(failure);
                            },
                            1,
                            "f"))
                    .verifyErrorSatisfies(
                            error -> assertThat(Exceptions.unwrap(error)).isSameAs(failure));
        }

        @Test
        @SuppressWarnings("NullAway") // the mistake under test
        void nullIsAnErrorThatNamesTheFunction() {
            StepVerifier.create(Checks.callMono(argument -> null, 1, "the body of TaskGroup.using"))
                    .verifyErrorSatisfies(error -> assertThat(error)
                            .isInstanceOf(NullPointerException.class)
                            .hasMessage("the body of TaskGroup.using returned null"));
        }

        @Test
        void fatalErrorsAreRethrown() {
            assertThatThrownBy(() -> Checks.callMono(
                            argument -> {
                                throw new LinkageError("fatal");
                            },
                            1,
                            "f"))
                    .isInstanceOf(LinkageError.class);
        }
    }
}
