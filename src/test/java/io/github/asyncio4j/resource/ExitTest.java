package io.github.asyncio4j.resource;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

class ExitTest {

    private final List<Exit> exits = new ArrayList<>();

    private AsyncResource<String> resource(Mono<Void> closing) {
        return AsyncResource.of(Mono.just("r"), (resource, exit) -> {
            exits.add(exit);
            return closing;
        });
    }

    private Exit only() {
        assertThat(exits).hasSize(1);
        return exits.get(0);
    }

    @Test
    void ofABodyThatGaveItsResult() {
        StepVerifier.create(resource(Mono.empty()).use(Mono::just))
                .expectNext("r")
                .verifyComplete();
        assertThat(only().isCompleted()).isTrue();
        assertThat(only().isFailed()).isFalse();
        assertThat(only().isCancelled()).isFalse();
        assertThat(only().error()).isEmpty();
        assertThat(only()).hasToString("completed");
    }

    @Test
    void ofABodyThatFailed() {
        IllegalStateException failure = new IllegalStateException("no");
        StepVerifier.create(resource(Mono.empty()).use(r -> Mono.error(failure)))
                .verifyErrorMessage("no");
        assertThat(only().isCompleted()).isFalse();
        assertThat(only().isFailed()).isTrue();
        assertThat(only().isCancelled()).isFalse();
        assertThat(only().error()).containsSame(failure);
        assertThat(only().toString()).startsWith("failed: ").endsWith("no");
    }

    @Test
    void ofASubscriberThatLeft() {
        resource(Mono.empty()).use(r -> Mono.never()).subscribe().dispose();
        assertThat(only().isCompleted()).isFalse();
        assertThat(only().isFailed()).isFalse();
        assertThat(only().isCancelled()).isTrue();
        assertThat(only().error()).isEmpty();
        assertThat(only()).hasToString("cancelled");
    }

    @Test
    void aClosingThatFailsIsKnownToThoseWhoCloseLater() {
        IllegalStateException failure = new IllegalStateException("inner close");
        AsyncResource<String> both = resource(Mono.empty())
                .flatMap(outer -> AsyncResource.of(Mono.just("inner"), inner -> Mono.error(failure)));
        StepVerifier.create(both.use(Mono::just)).verifyErrorMessage("inner close");
        assertThat(only().isCompleted()).isFalse();
        assertThat(only().isFailed()).isTrue();
        assertThat(only().error()).containsSame(failure);
        exits.clear();
        both.use(r -> Mono.never()).subscribe().dispose();
        assertThat(only().isCancelled()).isTrue();
        assertThat(only().isFailed()).isFalse();
        assertThat(only().error()).containsSame(failure);
    }
}
