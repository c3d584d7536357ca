package io.github.asyncio4j.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.asyncio4j.testing.NoLeaks;
import io.github.asyncio4j.testing.RawOrigin;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.test.StepVerifier;

/** Row M10. */
@ExtendWith(NoLeaks.class)
@Timeout(value = 30, unit = TimeUnit.SECONDS)
class SingleFlightTest {

    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final String OK =
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 7\r\n\r\n{\"a\":1}";

    private final SingleFlight flight = SingleFlight.create();

    private Closing session() {
        return new Closing(ClientSession.builder().middleware(flight).build());
    }

    @Test
    void thousandEqualGetsMakeOneRequestAndOnesCancelHurtsNobody() {
        CountDownLatch go = new CountDownLatch(1);
        try (RawOrigin origin = RawOrigin.start(peer -> {
                    peer.readRequest();
                    if (go.await(5, TimeUnit.SECONDS)) {
                        peer.send(OK);
                    }
                    peer.awaitClose();
                });
                Closing closing = session()) {
            Disposable leader = closing.session.get(origin.url("/")).text().subscribe();
            List<Mono<String>> all = new ArrayList<>();
            for (int i = 0; i < 999; i++) {
                Sinks.One<String> result = Sinks.one();
                closing.session.get(origin.url("/")).text().subscribe(result::tryEmitValue, result::tryEmitError);
                all.add(result.asMono());
            }
            leader.dispose();
            go.countDown();
            assertThat(Flux.merge(all).collectList().block(PATIENCE))
                    .hasSize(999)
                    .containsOnly("{\"a\":1}");
            assertThat(origin.requests()).hasSize(1);
            assertThat(flight.size()).isZero();
            closing.awaitRest();
        }
    }

    @Test
    void lastCancelAbortsTheRequest() {
        CountDownLatch arrived = new CountDownLatch(1);
        try (RawOrigin origin = RawOrigin.start(peer -> {
                    peer.readRequest();
                    arrived.countDown();
                    peer.awaitClose();
                });
                Closing closing = session()) {
            Disposable one = closing.session.get(origin.url("/")).text().subscribe();
            Disposable two = closing.session.get(origin.url("/")).text().subscribe();
            closing.await(arrived);
            one.dispose();
            assertThat(closing.session.statistics().inUse()).isOne();
            two.dispose();
            closing.awaitRest();
            assertThat(flight.size()).isZero();
        }
    }

    @Test
    void errorIsSharedAndTheNextOneAsksAnew() {
        Answers answers = new Answers(n -> n == 1
                ? Mono.delay(Duration.ofMillis(1)).then(Mono.error(new ServerDisconnectedException("gone", null)))
                : Answers.status(200));
        Mono<Integer> request = answers.through(flight);
        StepVerifier.create(Flux.mergeDelayError(2, request, request))
                .expectError()
                .verify(PATIENCE);
        assertThat(answers.asked).isOne();
        assertThat(request.block(PATIENCE)).isEqualTo(200);
        assertThat(answers.asked).isEqualTo(2);
        assertThat(flight.size()).isZero();
    }

    @Test
    void whatDiffersIsSentApart() {
        Answers answers = new Answers(n -> Mono.never());
        ClientRequest get = answers.get();
        List<ClientRequest> different = List.of(
                get,
                get.bearerAuth("a"),
                get.bearerAuth("b"),
                get.param("x", 1),
                answers.session.head("http://h/"),
                answers.session.get("http://u:p@h/"),
                get.maxBodySize(1));
        different.forEach(request -> answers.through(flight, request).subscribe());
        assertThat(answers.asked).isEqualTo(different.size());
        for (ClientRequest apart :
                List.of(answers.session.post("http://h/"), get.header("Accept", "text/event-stream"), get.body("x"))) {
            answers.asked = 0;
            answers.through(flight, apart).subscribe();
            answers.through(flight, apart).subscribe();
            assertThat(answers.asked).isEqualTo(2);
        }
    }

    @Test
    void everybodyReadsHisOwnCopyInEveryWay() {
        try (RawOrigin origin = RawOrigin.answering(OK);
                Closing closing = session()) {
            ClientRequest get = closing.session.get(origin.url("/"));
            assertThat(get.json(new TypeRef<Map<String, Integer>>() {}).block(PATIENCE))
                    .isEqualTo(Map.of("a", 1));
            assertThat(get.bytes().block(PATIENCE)).hasSize(7);
            assertThat(get.lines().collectList().block(PATIENCE)).containsExactly("{\"a\":1}");
            assertThat(get.chunks().count().block(PATIENCE)).isOne();
            assertThat(get.events().count().block(PATIENCE)).isZero();
            assertThat(get.<Long>use(response -> response.chunks(2).count()).block(PATIENCE))
                    .isEqualTo(4);
            assertThat(get.status().block(PATIENCE)).isEqualTo(200);
            StepVerifier.create(get.json(Integer.class))
                    .expectError(ClientPayloadException.class)
                    .verify(PATIENCE);
        }
    }

    @Test
    void refusalIsRaisedWithItsBody() {
        try (RawOrigin origin = RawOrigin.answering("HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\nnope");
                Closing closing = session()) {
            ClientRequest get = closing.session.get(origin.url("/"));
            for (Mono<?> raised : List.of(
                    get.raiseForStatus(true).text(),
                    get.use(response -> response.raiseForStatus().text()))) {
                StepVerifier.create(raised)
                        .expectErrorSatisfies(e ->
                                assertThat(((ClientResponseException) e).body()).isEqualTo("nope"))
                        .verify(PATIENCE);
            }
            StepVerifier.create(get.json(Map.class))
                    .expectError(ContentTypeException.class)
                    .verify(PATIENCE);
        }
    }
}
