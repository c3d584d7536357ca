package io.github.asyncio4j.recipes.webflux;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.asyncio4j.http.ClientSession;
import io.github.asyncio4j.sync.Permit;
import io.github.asyncio4j.task.Tasks;
import io.github.asyncio4j.testing.NoLeaks;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.http.server.reactive.ReactorHttpHandlerAdapter;
import org.springframework.web.reactive.function.server.RouterFunctions;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;
import reactor.test.StepVerifier;

/** The service behind a real server, with a client that may leave. */
@ExtendWith(NoLeaks.class)
class ShopServiceTest {

    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final Shelves shelves = new Shelves();
    private final ShopService service = new ShopService(shelves, 4);
    private final DisposableServer server = HttpServer.create()
            .host("127.0.0.1")
            .port(0)
            .handle(new ReactorHttpHandlerAdapter(RouterFunctions.toHttpHandler(service.routes())))
            .bindNow();
    private final ClientSession client =
            ClientSession.builder().baseUrl("http://127.0.0.1:" + server.port()).build();

    @AfterEach
    void stop() {
        client.close().block(LIMIT);
        server.disposeNow();
        // All permits come back, if not at once: a cancel is told to the work first.
        service.backendCalls().acquire(4).doOnNext(Permit::release).block(LIMIT);
        assertThat(Tasks.all()).isEmpty();
    }

    /** Knows who asked, how many at once, and how many were cancelled. */
    private static final class Shelves implements ShopService.Backend {
        final Queue<String> traces = new ConcurrentLinkedQueue<>();
        final Queue<String> records = new ConcurrentLinkedQueue<>();
        final AtomicInteger running = new AtomicInteger();
        final AtomicInteger peak = new AtomicInteger();
        final CountDownLatch hanging = new CountDownLatch(3);
        final CountDownLatch cancelled = new CountDownLatch(3);
        final Sinks.Empty<Void> recorder = Sinks.empty();

        @Override
        public Mono<Integer> price(String product) {
            return call(product, Mono.just(42));
        }

        @Override
        public Mono<Integer> stock(String product) {
            return call(product, Mono.just(7));
        }

        @Override
        public Mono<String> review(String product) {
            return call(product, product.equals("lamp") ? Mono.just("bright") : Mono.empty());
        }

        private <T> Mono<T> call(String product, Mono<T> answer) {
            return Mono.deferContextual(context -> {
                traces.add(context.getOrDefault(ShopService.TRACE, "none"));
                peak.accumulateAndGet(running.incrementAndGet(), Math::max);
                Mono<T> work = product.equals("hang")
                        ? Mono.<T>never()
                                .doOnSubscribe(s -> hanging.countDown())
                                .doOnCancel(cancelled::countDown)
                        : Tasks.sleep(Duration.ofMillis(5)).then(answer);
                return work.doOnTerminate(running::decrementAndGet).doOnCancel(running::decrementAndGet);
            });
        }

        @Override
        public Mono<Void> record(String product) {
            return Mono.deferContextual(context -> recorder.asMono()
                    .then(Mono.fromRunnable(
                            () -> records.add(product + " for " + context.getOrDefault(ShopService.TRACE, "none")))));
        }
    }

    @Test
    void gathersWithAnOptionalPart() {
        StepVerifier.create(Tasks.gather(
                        client.get("/products/lamp").text(),
                        client.get("/products/chair").text()))
                .assertNext(pages -> {
                    assertThat(pages.getT1()).isEqualTo("lamp costs 42, 7 left, bright");
                    assertThat(pages.getT2()).isEqualTo("chair costs 42, 7 left");
                })
                .expectComplete()
                .verify(LIMIT);
    }

    @Test
    void theLimitIsThatOfAllRequests() {
        List<Mono<String>> requests = IntStream.range(0, 20)
                .mapToObj(n -> client.get("/products/chair").text())
                .toList();
        StepVerifier.create(Tasks.gather(requests))
                .expectNextCount(1)
                .expectComplete()
                .verify(LIMIT);
        assertThat(shelves.peak).hasValueBetween(1, 4);
    }

    @Test
    void theContextReachesEveryChild() {
        StepVerifier.create(
                        client.get("/products/lamp").header("X-Trace", "t-1").text())
                .expectNextCount(1)
                .expectComplete()
                .verify(LIMIT);
        assertThat(shelves.traces).containsExactly("t-1", "t-1", "t-1");
    }

    @Test
    void theDeadlineOfTheCallerIsKept() throws InterruptedException {
        StepVerifier.create(client.get("/products/hang")
                        .header("X-Timeout-Ms", "100")
                        .status())
                .expectNext(504)
                .expectComplete()
                .verify(LIMIT);
        assertThat(shelves.cancelled.await(0, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void aClientThatDisconnectsCancelsItsChildren() throws InterruptedException {
        Disposable request = client.get("/products/hang").text().subscribe();
        assertThat(shelves.hanging.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(service.backendCalls().available()).isEqualTo(1);
        request.dispose();
        assertThat(shelves.cancelled.await(20, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void shutdownDrainsWhatWasLeftBehind() {
        StepVerifier.create(client.post("/orders/lamp").header("X-Trace", "t-2").status())
                .expectNext(202)
                .expectComplete()
                .verify(LIMIT);
        assertThat(shelves.records).isEmpty();
        StepVerifier.create(service.close())
                .expectSubscription()
                .then(() -> StepVerifier.create(client.post("/orders/chair").status())
                        .expectNext(503)
                        .expectComplete()
                        .verify(LIMIT))
                .then(shelves.recorder::tryEmitEmpty)
                .expectComplete()
                .verify(LIMIT);
        assertThat(shelves.records).containsExactly("lamp for t-2");
    }
}
