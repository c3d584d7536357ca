package io.github.asyncio4j.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.asyncio4j.testing.NoLeaks;
import io.github.asyncio4j.testing.RawOrigin;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import reactor.core.publisher.Flux;
import reactor.test.StepVerifier;

@ExtendWith(NoLeaks.class)
@Timeout(value = 20, unit = TimeUnit.SECONDS)
class FirstPathTest {

    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final String HELLO = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Type: text/plain\r\n\r\nhello";

    @Test
    void getGivesTextAndReusesItsConnection() {
        try (RawOrigin origin = RawOrigin.answering(HELLO)) {
            String text = ClientSession.using(session -> session.get(origin.url("/a?b=c"))
                            .text()
                            .flatMap(first ->
                                    session.get(origin.url("/2")).text().map(second -> first + second))
                            .doOnNext(both ->
                                    assertThat(session.statistics()).isEqualTo(new SessionStatistics(0, 1, 0, 1, 1))))
                    .block(PATIENCE);
            assertThat(text).isEqualTo("hellohello");
            assertThat(origin.requests().get(0)).startsWith("GET /a?b=c HTTP/1.1\r\nHost: 127.0.0.1:" + origin.port());
            assertThat(origin.accepted()).isEqualTo(1);
        }
    }

    @Test
    void postSendsJson() {
        try (RawOrigin origin = RawOrigin.answering(
                "HTTP/1.1 200 OK\r\nContent-Length: 7\r\nContent-Type: application/json\r\n\r\n{\"a\":1}")) {
            Map<?, ?> answer = ClientSession.using(session ->
                            session.post(origin.url("/")).json(Map.of("x", 1)).json(Map.class))
                    .block(PATIENCE);
            assertThat(answer).isEqualTo(Map.of("a", 1));
            assertThat(origin.requests().get(0))
                    .contains("Content-Type: application/json\r\nContent-Length: 7\r\n")
                    .endsWith("{\"x\":1}");
        }
    }

    @Test
    void chunkedBodyCutIntoTinyReads() {
        try (RawOrigin origin = RawOrigin.start(peer -> {
            peer.readRequest();
            for (char c :
                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n6\r\n world\r\n0\r\nA: b\r\n\r\n"
                            .toCharArray()) {
                peer.send(String.valueOf(c));
            }
            peer.awaitClose();
        })) {
            assertThat(ClientSession.using(s -> s.get(origin.url("/")).text()).block(PATIENCE))
                    .isEqualTo("hello world");
        }
    }

    @Test
    void refusedConnectionIsItsOwnFailure() {
        int port;
        try (RawOrigin origin = RawOrigin.answering(HELLO)) {
            port = origin.port();
        }
        StepVerifier.create(ClientSession.using(
                        s -> s.get("http://127.0.0.1:" + port + "/").text()))
                .expectErrorSatisfies(e -> assertThat(e)
                        .isInstanceOf(ClientConnectException.class)
                        .hasMessageEndingWith("(Connection refused)"))
                .verify(PATIENCE);
    }

    @Test
    void silentServerTimesOutAndTheConnectionIsClosed() {
        try (RawOrigin origin = RawOrigin.start(RawOrigin.Peer::awaitClose)) {
            StepVerifier.create(ClientSession.using(s -> s.get(origin.url("/"))
                            .timeout(Duration.ofMillis(100))
                            .text()))
                    .expectErrorSatisfies(e -> assertThat(((ClientTimeoutException) e).phase())
                            .isEqualTo(ClientTimeoutException.Phase.TOTAL))
                    .verify(PATIENCE);
        }
    }

    @Test
    void manyAtOnceKeepToTheLimit() {
        try (RawOrigin origin = RawOrigin.answering(HELLO)) {
            ClientSession session = ClientSession.builder()
                    .limits(ConnectionLimits.defaults().withTotal(4))
                    .build();
            List<String> all = Flux.range(0, 500)
                    .flatMap(i -> session.get(origin.url("/" + i)).text(), 500)
                    .collectList()
                    .block(PATIENCE);
            assertThat(all).hasSize(500).containsOnly("hello");
            assertThat(origin.accepted()).isEqualTo(4);
            assertThat(session.statistics()).isEqualTo(new SessionStatistics(0, 4, 0, 4, 496));
            session.close().block(PATIENCE);
        }
    }

    @Test
    void linesAndChunksAndStatus() {
        try (RawOrigin origin =
                RawOrigin.answering("HTTP/1.1 404 Not Found\r\nContent-Length: 9\r\n\r\na\nb\r\n\u00c3\u00a4\rd")) {
            ClientSession session = ClientSession.create();
            assertThat(session.get(origin.url("/")).lines().collectList().block(PATIENCE))
                    .containsExactly("a", "b", "\u00e4", "d");
            assertThat(session.get(origin.url("/")).status().block(PATIENCE)).isEqualTo(404);
            assertThat(session.get(origin.url("/"))
                            .chunks()
                            .map(java.nio.ByteBuffer::remaining)
                            .reduce(0, Integer::sum)
                            .block(PATIENCE))
                    .isEqualTo(9);
            StepVerifier.create(session.get(origin.url("/"))
                            .use(r -> r.raiseForStatus().text()))
                    .expectErrorSatisfies(e ->
                            assertThat(((ClientResponseException) e).body()).startsWith("a\nb"))
                    .verify(PATIENCE);
            assertThat(origin.accepted()).isEqualTo(1);
            session.close().block(PATIENCE);
        }
    }
}
