package io.github.asyncio4j.recipes;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.asyncio4j.http.ClientSession;
import io.github.asyncio4j.http.ConnectionLimits;
import io.github.asyncio4j.http.SessionStatistics;
import io.github.asyncio4j.http.WebSocket;
import io.github.asyncio4j.testing.NaiveTwin;
import io.github.asyncio4j.testing.Recipe;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import javax.management.ObjectName;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.test.StepVerifier;

/** Many WebSockets on which nothing happens for a long time. */
@Timeout(60)
class IdleWebSocketsTest {

    private static final int MANY = 2_000;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final AtomicInteger listeners = new AtomicInteger();
    private final Sinks.Many<String> news = Sinks.many().replay().latest();
    private final Origin origin = new Origin(routes -> routes.ws(
            "/news",
            (in, out) -> out.sendString(news.asFlux().doOnSubscribe(to -> {
                if (listeners.incrementAndGet() == MANY) {
                    news.tryEmitNext("something has happened");
                }
            }))));

    @AfterEach
    void stop() {
        origin.close();
    }

    @Recipe(
            row = "42",
            value =
                    "Two thousand idle WebSockets of one session: news reach all, and when they are closed nothing is left."
                            + " `memory --websockets 20000` prints what each costs.")
    @Test
    void newsReachThousandsThatWait() throws Exception {
        ClientSession session = ClientSession.builder()
                .limits(ConnectionLimits.defaults().withTotal(0))
                .build();
        Mono<String> firstNews = session.webSocket(origin.url("/news"))
                .use(socket -> socket.receiveText().next());
        Map<String, Long> before = live();

        StepVerifier.create(Flux.range(0, MANY).flatMap(i -> firstNews, MANY))
                .expectNextCount(MANY)
                .expectComplete()
                .verify(PATIENCE);

        assertThat(session.statistics()).isEqualTo(new SessionStatistics(0, 0, 0, MANY, 0));
        session.close().block(PATIENCE);
        assertThat(live())
                .allSatisfy((type, count) ->
                        assertThat(count).as(type).isLessThanOrEqualTo(before.getOrDefault(type, 0L) + 8));
    }

    @Test
    void aCancelClosesThemAllAndIsAwaited() {
        AtomicReference<SessionStatistics> inside = new AtomicReference<>();
        AtomicReference<ClientSession> kept = new AtomicReference<>();
        Mono<Void> all = ClientSession.builder()
                .limits(ConnectionLimits.defaults().withTotal(0))
                .using(session -> {
                    kept.set(session);
                    return Flux.range(0, MANY - 1)
                            .flatMap(i -> session.webSocket(origin.url("/news")).useMany(WebSocket::receive), MANY)
                            .takeUntilOther(Flux.interval(Duration.ofMillis(5))
                                    .filter(tick -> listeners.get() == MANY - 1)
                                    .doOnNext(tick -> inside.set(session.statistics())))
                            .then();
                });
        StepVerifier.create(all).expectComplete().verify(PATIENCE);
        assertThat(inside.get().inUse()).isEqualTo(MANY - 1);
        assertThat(kept.get().statistics()).isEqualTo(new SessionStatistics(0, 0, 0, MANY - 1, 0));
    }

    @NaiveTwin(row = "42", value = "With the limits that a session has by itself, the hundred and first waits in line.")
    @Test
    void theHundredAndFirstWaitsForAConnection() {
        ClientSession session = ClientSession.create();
        Disposable sockets = Flux.range(0, 101)
                .flatMap(i -> session.webSocket(origin.url("/news")).useMany(WebSocket::receive), 101)
                .subscribe();
        StepVerifier.create(Flux.interval(Duration.ofMillis(5))
                        .takeUntil(tick -> listeners.get() == 100)
                        .then())
                .expectComplete()
                .verify(PATIENCE);
        assertThat(session.statistics().inUse()).isEqualTo(100);
        assertThat(session.statistics().waiting()).isEqualTo(1);
        sockets.dispose();
        session.close().block(PATIENCE);
    }

    /** How many objects of this library's client there are, after a collection. */
    private static Map<String, Long> live() throws Exception {
        String histogram = (String) ManagementFactory.getPlatformMBeanServer()
                .invoke(
                        new ObjectName("com.sun.management:type=DiagnosticCommand"),
                        "gcClassHistogram",
                        new Object[] {new String[0]},
                        new String[] {String[].class.getName()});
        Map<String, Long> live = new TreeMap<>();
        histogram.lines().map(line -> line.trim().split("\\s+")).forEach(line -> {
            if (line.length >= 4 && line[3].matches("io\\.github\\.asyncio4j\\.(http|internal)\\..*")) {
                live.merge(line[3], Long.valueOf(line[1]), Long::sum);
            }
        });
        return live;
    }
}
