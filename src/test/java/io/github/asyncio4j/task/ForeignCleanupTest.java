package io.github.asyncio4j.task;

import io.github.asyncio4j.resource.AsyncResource;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

/** Where awaited cancellation ends: of what a scope cancels, it sees what enters its ledger, and nothing else. */
class ForeignCleanupTest {

    private static final Mono<Void> CLOSE =
            Mono.defer(() -> Mono.delay(Duration.ofMillis(300))).then();
    private static final Mono<String> FAILURE =
            Mono.defer(() -> Mono.delay(Duration.ofMillis(100))).then(Mono.error(new IllegalStateException("failed")));

    @Test
    void ofAPlainUsingWhenNoScopeIsAware() {
        Mono<String> plain = Mono.usingWhen(Mono.just("open"), open -> Mono.never(), open -> CLOSE);

        StepVerifier.withVirtualTime(() -> Tasks.gather(List.of(plain, FAILURE)))
                .expectSubscription()
                .expectNoEvent(Duration.ofMillis(100))
                .expectErrorMessage("failed")
                .verify();
    }

    @Test
    void wrappedInAResourceItIsWaitedFor() {
        Mono<String> wrapped =
                AsyncResource.of(Mono.just("open"), open -> CLOSE).use(open -> Mono.never());

        StepVerifier.withVirtualTime(() -> Tasks.gather(List.of(wrapped, FAILURE)))
                .expectSubscription()
                .expectNoEvent(Duration.ofMillis(400))
                .expectErrorMessage("failed")
                .verify();
    }
}
