package io.github.asyncio4j.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;
import reactor.test.StepVerifier;

class StopThreadsTest {

    private static long loops() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("asyncio4j-http-"))
                .count();
    }

    /** A loop that says that it is over has still to leave its thread. */
    private static void awaitNoLoops() {
        long until = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (loops() > 0) {
            assertThat(System.nanoTime()).as("nanoTime, with loops left").isLessThan(until);
            Thread.yield();
        }
    }

    @Test
    void endsTheSharedLoopsAndALaterRequestStartsNewOnes() {
        DisposableServer server = HttpServer.create()
                .port(0)
                .handle((request, response) -> response.sendString(Mono.just("hello")))
                .bindNow();
        String url = "http://localhost:" + server.port() + "/";
        try {
            ClientSession session = ClientSession.create();
            StepVerifier.create(session.get(url).text()).expectNext("hello").verifyComplete();

            StepVerifier.create(ClientSession.stopThreads()).expectComplete().verify(Duration.ofSeconds(10));

            awaitNoLoops();
            StepVerifier.create(session.get(url).text()).expectNext("hello").verifyComplete();
            assertThat(loops()).isPositive();
            StepVerifier.create(session.close()).expectComplete().verify(Duration.ofSeconds(10));
        } finally {
            server.disposeNow();
        }
    }

    @Test
    void withoutLoopsCompletesAtOnce() {
        StepVerifier.create(ClientSession.stopThreads().then(ClientSession.stopThreads()))
                .expectComplete()
                .verify(Duration.ofSeconds(10));
    }
}
