package io.github.asyncio4j.task;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.context.ContextRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Hooks;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;
import reactor.util.context.Context;

/** An MDC-like ThreadLocal in sources and functions, wherever they are started from. */
class FanOutContextTest {

    private static final String KEY = "fan-out-user";
    private static final ThreadLocal<String> USER = new ThreadLocal<>();

    @BeforeEach
    void propagate() {
        ContextRegistry.getInstance().registerThreadLocalAccessor(KEY, USER);
        Hooks.enableAutomaticContextPropagation();
    }

    @AfterEach
    void stop() {
        Hooks.disableAutomaticContextPropagation();
        ContextRegistry.getInstance().removeThreadLocalAccessor(KEY);
        assertThat(USER.get()).isNull();
    }

    private static String user() {
        return Objects.requireNonNullElse(USER.get(), "nobody");
    }

    @Test
    void isThereForFunctionsCalledFromTheThreadThatMadePlace() {
        StepVerifier.create(Tasks.map(IntStream.range(0, 50).boxed().toList(), 2, i -> {
                            String inFunction = user();
                            return Mono.fromCallable(() -> inFunction + "/" + user())
                                    .subscribeOn(Schedulers.parallel());
                        })
                        .map(all -> List.of(
                                all.size() + " " + String.join(",", List.copyOf(new java.util.TreeSet<>(all))), user()))
                        .contextWrite(Context.of(KEY, "ada")))
                .expectNext(List.of("50 ada/ada", "ada"))
                .verifyComplete();
    }

    @Test
    void isThereForAttemptsStartedByTheTimer() {
        StepVerifier.create(Tasks.hedge(
                                Duration.ofMillis(1), List.of(Mono.never(), Mono.fromCallable(FanOutContextTest::user)))
                        .contextWrite(Context.of(KEY, "ada")))
                .expectNext("ada")
                .verifyComplete();
    }

    @Test
    void isThereForTheConsumerOfCompletions() {
        StepVerifier.create(Tasks.asCompleted(List.of(
                                Mono.fromCallable(FanOutContextTest::user).subscribeOn(Schedulers.parallel()),
                                Mono.fromCallable(FanOutContextTest::user)))
                        .map(completion -> completion.outcome().orElseThrow() + "/" + user())
                        .collectList()
                        .contextWrite(Context.of(KEY, "ada")))
                .expectNext(List.of("ada/ada", "ada/ada"))
                .verifyComplete();
    }
}
