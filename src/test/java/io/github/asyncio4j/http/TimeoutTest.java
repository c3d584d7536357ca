package io.github.asyncio4j.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.github.asyncio4j.http.ClientTimeoutException.Phase;
import io.github.asyncio4j.internal.Expiry;
import io.github.asyncio4j.testing.NoLeaks;
import io.github.asyncio4j.testing.RawOrigin;
import io.github.asyncio4j.time.DeadlineExceededException;
import io.github.asyncio4j.time.Timeouts;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.test.StepVerifier;

/** Rows T01 to T16. */
@ExtendWith(NoLeaks.class)
@Timeout(value = 30, unit = TimeUnit.SECONDS)
class TimeoutTest {

    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration SHORT = Duration.ofMillis(150);
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    private final Closing closing = new Closing(ClientSession.builder()
            .limits(ConnectionLimits.defaults().withTotal(1))
            .build());
    private final ClientSession session = closing.session;

    @AfterEach
    void close() {
        closing.close();
    }

    private void timesOut(Mono<?> request, Phase phase) {
        StepVerifier.create(request)
                .expectErrorSatisfies(e -> assertThat(e)
                        .isInstanceOfSatisfying(
                                ClientTimeoutException.class,
                                timeout -> assertThat(timeout.phase()).isEqualTo(phase))
                        .hasCauseInstanceOf(TimeoutException.class))
                .verify(PATIENCE);
        assertThat(session.statistics().inUse()).isZero();
        assertThat(session.statistics().idle()).isZero();
    }

    private void nextRequestWorks() {
        try (RawOrigin origin = RawOrigin.answering(OK)) {
            assertThat(session.get(origin.url("/")).text().block(PATIENCE)).isEqualTo("ok");
        }
    }

    // 192.0.2.0/24 is reserved for documentation: nobody answers there, though a router on the way may say so.
    @Test
    void connectingToABlackHoleTimesOut() throws Exception {
        try (FullBacklog hole = new FullBacklog()) {
            timesOut(
                    session.get(hole.url())
                            .timeout(ClientTimeout.none().withSockConnect(SHORT))
                            .text(),
                    Phase.CONNECT);
            timesOut(
                    session.get(hole.url())
                            .timeout(ClientTimeout.none().withConnect(SHORT))
                            .text(),
                    Phase.CONNECT);
            timesOut(session.get(hole.url()).timeout(SHORT).text(), Phase.TOTAL);
            nextRequestWorks();
        }
    }

    @Test
    void waitingForAFreeConnectionCountsAsConnecting() {
        try (RawOrigin origin = RawOrigin.start(RawOrigin.Peer::awaitClose)) {
            Disposable first = session.get(origin.url("/")).text().subscribe();
            StepVerifier.create(session.get(origin.url("/"))
                            .timeout(ClientTimeout.none().withConnect(SHORT))
                            .text())
                    .expectErrorSatisfies(e ->
                            assertThat(((ClientTimeoutException) e).phase()).isEqualTo(Phase.QUEUE))
                    .verify(PATIENCE);
            StepVerifier.create(session.get(origin.url("/")).timeout(SHORT).text())
                    .expectErrorSatisfies(e ->
                            assertThat(((ClientTimeoutException) e).phase()).isEqualTo(Phase.TOTAL))
                    .verify(PATIENCE);
            assertThat(session.statistics().waiting()).isZero();
            first.dispose();
            closing.awaitRest();
            nextRequestWorks();
        }
    }

    @Test
    void silenceBeforeAndInTheBodyTimesOut() {
        ClientTimeout sockRead = ClientTimeout.none().withSockRead(SHORT);
        try (RawOrigin origin = RawOrigin.start(RawOrigin.Peer::awaitClose)) {
            timesOut(session.get(origin.url("/")).timeout(sockRead).text(), Phase.HEADERS);
        }
        try (RawOrigin origin = RawOrigin.start(peer -> {
            peer.readRequest();
            peer.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab");
            peer.awaitClose();
        })) {
            ClientTimeout longer = ClientTimeout.none().withSockRead(Duration.ofSeconds(1));
            timesOut(session.get(origin.url("/")).timeout(longer).text(), Phase.BODY);
            nextRequestWorks();
        }
    }

    @Test
    void silenceOnAReusedConnectionTimesOut() {
        try (RawOrigin origin = RawOrigin.start(peer -> {
            peer.readRequest();
            peer.send(OK);
            peer.awaitClose();
        })) {
            session.get(origin.url("/")).text().block(PATIENCE);
            timesOut(
                    session.get(origin.url("/"))
                            .timeout(ClientTimeout.none().withSockRead(SHORT))
                            .text(),
                    Phase.HEADERS);
        }
    }

    @Test
    void dripWithinTheLimitPasses() {
        try (RawOrigin origin = RawOrigin.start(peer -> {
            peer.readRequest();
            for (char c : OK.toCharArray()) {
                peer.send(String.valueOf(c));
                Thread.sleep(20);
            }
            peer.awaitClose();
        })) {
            ClientTimeout timeout = ClientTimeout.none().withSockRead(Duration.ofSeconds(2));
            assertThat(session.get(origin.url("/")).timeout(timeout).text().block(PATIENCE))
                    .isEqualTo("ok");
        }
    }

    @Test
    void totalSurfacesInTheStream() {
        try (RawOrigin origin = RawOrigin.start(peer -> {
            peer.readRequest();
            peer.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab");
            peer.awaitClose();
        })) {
            StepVerifier.create(
                            session.get(origin.url("/")).timeout(SHORT).chunks().map(ByteBuffer::remaining))
                    .expectNext(2)
                    .expectErrorSatisfies(e ->
                            assertThat(((ClientTimeoutException) e).phase()).isEqualTo(Phase.TOTAL))
                    .verify(PATIENCE);
            nextRequestWorks();
        }
    }

    @Test
    void nonsenseIsRefusedWhereItIsGiven() {
        assertThatIllegalArgumentException().isThrownBy(() -> ClientTimeout.total(Duration.ZERO));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ClientTimeout.none().withSockRead(Duration.ofMillis(-1)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ClientTimeout.none().withConnect(Duration.ZERO));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ClientTimeout.none().withSockConnect(Duration.ZERO));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> session.get("http://h/").timeout(Duration.ZERO));
        for (ClientTimeout timeout : List.of(
                ClientTimeout.total(SHORT).withConnect(PATIENCE),
                ClientTimeout.total(SHORT).withSockConnect(PATIENCE),
                ClientTimeout.total(SHORT).withSockRead(PATIENCE))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> session.get("http://h/").timeout(timeout))
                    .withMessageContaining("total");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> ClientSession.builder().timeout(timeout));
        }
        assertThat(ClientTimeout.strict().checked().sockRead()).contains(Duration.ofSeconds(10));
        assertThat(ClientTimeout.total(Duration.ofSeconds(Long.MAX_VALUE)).total())
                .isPresent();
    }

    @Test
    void enormousTimeoutsAreFine() {
        try (RawOrigin origin = RawOrigin.answering(OK)) {
            Duration enormous = Duration.ofSeconds(Long.MAX_VALUE);
            ClientTimeout timeout = new ClientTimeout(
                    java.util.Optional.of(enormous),
                    java.util.Optional.of(enormous),
                    java.util.Optional.of(enormous),
                    java.util.Optional.of(enormous));
            assertThat(session.get(origin.url("/")).timeout(timeout).text().block(PATIENCE))
                    .isEqualTo("ok");
        }
    }

    @Test
    void timeoutOfTheRequestReplacesTheSessionsAsAWhole() {
        Closing strict = new Closing(ClientSession.builder()
                .timeout(ClientTimeout.none().withSockRead(SHORT))
                .build());
        try (RawOrigin origin = RawOrigin.start(peer -> {
            peer.readRequest();
            Thread.sleep(400);
            peer.send(OK);
        })) {
            StepVerifier.create(strict.session.get(origin.url("/")).text())
                    .expectError(ClientTimeoutException.class)
                    .verify(PATIENCE);
            assertThat(strict.session
                            .get(origin.url("/"))
                            .timeout(PATIENCE)
                            .text()
                            .block(PATIENCE))
                    .isEqualTo("ok");
        }
        strict.close();
    }

    @Test
    void timerOfOneRequestDoesNotHitTheNext() {
        AtomicInteger count = new AtomicInteger();
        try (RawOrigin origin = RawOrigin.start(peer -> {
            while (peer.readRequest()) {
                if (count.incrementAndGet() == 2) {
                    Thread.sleep(1300);
                }
                peer.send(OK);
            }
        })) {
            ClientTimeout first = new ClientTimeout(
                    java.util.Optional.of(Duration.ofMillis(1000)),
                    java.util.Optional.empty(),
                    java.util.Optional.empty(),
                    java.util.Optional.of(Duration.ofMillis(1000)));
            assertThat(session.get(origin.url("/")).timeout(first).text().block(PATIENCE))
                    .isEqualTo("ok");
            assertThat(session.get(origin.url("/")).text().block(PATIENCE)).isEqualTo("ok");
            closing.pause(300);
            assertThat(session.statistics().idle()).isEqualTo(1);
            assertThat(origin.accepted()).isEqualTo(1);
        }
    }

    @Test
    void uploadMayTakeLongerThanAPauseInReading() {
        try (RawOrigin origin = RawOrigin.answering(OK)) {
            Flux<ByteBuffer> slow =
                    Flux.just(1, 2, 3, 4).delayElements(Duration.ofMillis(100)).map(i -> ByteBuffer.wrap(new byte[1]));
            ClientRequest post = session.post(origin.url("/"))
                    .header("Content-Length", "4")
                    .timeout(ClientTimeout.none().withSockRead(Duration.ofMillis(200)));
            assertThat(post.body(slow).text().block(PATIENCE)).isEqualTo("ok");
        }
        try (RawOrigin origin = RawOrigin.start(RawOrigin.Peer::awaitClose)) {
            ClientRequest post =
                    session.post(origin.url("/")).timeout(ClientTimeout.none().withSockRead(SHORT));
            timesOut(post.body(Flux.just(ByteBuffer.allocate(1))).text(), Phase.HEADERS);
        }
    }

    @Test
    void serverThatTakesNothingTimesOutWhileWriting() {
        try (RawOrigin origin = RawOrigin.start(peer -> Thread.sleep(60_000))) {
            ClientRequest post =
                    session.post(origin.url("/")).timeout(ClientTimeout.none().withSockRead(SHORT));
            timesOut(
                    post.body(Flux.range(0, 1000).map(i -> ByteBuffer.allocate(1 << 20)))
                            .text(),
                    Phase.WRITE);
        }
    }

    @Test
    void handshakeThatStallsTimesOut() {
        try (RawOrigin origin = RawOrigin.start(RawOrigin.Peer::awaitClose)) {
            String url = origin.url("/").replace("http:", "https:");
            session.libraries().prepared().then(session.tls().prepared()).block(PATIENCE); // which takes time, too
            timesOut(
                    session.get(url)
                            .timeout(ClientTimeout.none().withSockConnect(Duration.ofMillis(1500)))
                            .text(),
                    Phase.TLS);
        }
    }

    @Test
    void lookupThatStallsTimesOut() {
        Closing stalled = new Closing(
                ClientSession.builder().resolver(host -> Mono.never()).build());
        StepVerifier.create(stalled.session
                        .get("http://h/")
                        .timeout(ClientTimeout.none().withSockConnect(SHORT))
                        .text())
                .expectErrorSatisfies(
                        e -> assertThat(((ClientTimeoutException) e).phase()).isEqualTo(Phase.DNS))
                .verify(PATIENCE);
        stalled.close();
    }

    @Test
    void cancelledWaiterLosesNothing() {
        CountDownLatch go = new CountDownLatch(1);
        try (RawOrigin origin = RawOrigin.start(peer -> {
            while (peer.readRequest()) {
                go.await();
                peer.send(OK);
            }
        })) {
            Sinks.One<String> first = Sinks.one();
            session.get(origin.url("/1")).text().subscribe(first::tryEmitValue);
            Disposable second = session.get(origin.url("/2")).text().subscribe();
            Sinks.One<String> third = Sinks.one();
            session.get(origin.url("/3")).text().subscribe(third::tryEmitValue);
            assertThat(session.statistics().waiting()).isEqualTo(2);
            second.dispose();
            assertThat(session.statistics().waiting()).isEqualTo(1);
            go.countDown();
            assertThat(first.asMono().block(PATIENCE)).isEqualTo("ok");
            assertThat(third.asMono().block(PATIENCE)).isEqualTo("ok");
            assertThat(origin.requests()).hasSize(2);
        }
    }

    @Test
    void cancelWhileConnectingClosesTheSocket() throws Exception {
        try (FullBacklog hole = new FullBacklog()) {
            Disposable running = session.get(hole.url()).text().subscribe();
            assertThat(session.statistics().inUse()).isEqualTo(1);
            running.dispose();
            closing.awaitRest();
            nextRequestWorks();
        }
    }

    @Test
    void shorterDeadlineOfTheContextWinsAndItsScopeReportsIt() {
        try (RawOrigin origin = RawOrigin.start(RawOrigin.Peer::awaitClose)) {
            StepVerifier.create(Timeouts.timeout(session.get(origin.url("/")).text(), SHORT, "mine"))
                    .expectErrorSatisfies(e -> assertThat(e)
                            .isInstanceOfSatisfying(
                                    DeadlineExceededException.class,
                                    d -> assertThat(d.operation()).isEqualTo("mine")))
                    .verify(PATIENCE);
            // The scope has waited for the connection to be closed.
            assertThat(session.statistics().inUse()).isZero();
            Expiry soon = () -> 50_000_000; // of no scope: the request gives up by itself, a second late
            timesOut(session.get(origin.url("/")).text().contextWrite(soon::storeIn), Phase.TOTAL);
        }
    }

    @Test
    void expiredDeadlineMeansNoIo() {
        try (RawOrigin origin = RawOrigin.answering(OK)) {
            Expiry expired = () -> 0;
            StepVerifier.create(session.get(origin.url("/")).text().contextWrite(expired::storeIn))
                    .expectErrorSatisfies(e -> assertThat(e)
                            .isExactlyInstanceOf(java.util.concurrent.TimeoutException.class)
                            .hasMessageContaining("GET " + origin.url("/")))
                    .verify(PATIENCE);
            assertThat(origin.accepted()).isZero();
        }
    }

    @Test
    void closingTheSessionAwaitsWhatIsJustConnecting() {
        try (RawOrigin origin = RawOrigin.start(RawOrigin.Peer::awaitClose)) {
            for (int i = 0; i < 300; i++) {
                ClientSession own = ClientSession.create();
                own.get(origin.url("/")).text().subscribe(any -> {}, error -> {});
                own.close().block(PATIENCE);
                assertThat(own.statistics().inUse()).as("round %d", i).isZero();
            }
            origin.awaitOpen(0);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void closingTheSessionFailsWhatRunsAndWhatWaits(boolean dispose) {
        ClientSession own = ClientSession.builder()
                .limits(ConnectionLimits.defaults().withTotal(1))
                .build();
        try (RawOrigin origin = RawOrigin.start(RawOrigin.Peer::awaitClose)) {
            Mono<String> running = own.get(origin.url("/")).text().cache();
            Mono<String> waiting = own.get(origin.url("/")).text().cache();
            running.subscribe(any -> {}, error -> {});
            waiting.subscribe(any -> {}, error -> {});
            origin.awaitOpen(1);
            if (dispose) {
                own.dispose();
            } else {
                own.close().block(PATIENCE);
                assertThat(own.statistics().inUse()).isZero();
            }
            StepVerifier.create(running)
                    .expectError(SessionClosedException.class)
                    .verify(PATIENCE);
            StepVerifier.create(waiting)
                    .expectError(SessionClosedException.class)
                    .verify(PATIENCE);
            own.close().block(PATIENCE);
            origin.awaitOpen(0);
            assertThat(own.isClosed()).isTrue();
            assertThat(own.isDisposed()).isTrue();
            assertThatIllegalStateException().isThrownBy(() -> own.get(origin.url("/")));
            assertThat(own.toString()).contains("closed");
        }
    }

    @Test
    void requestThatIsSubscribedAfterTheCloseFails() {
        ClientSession own = ClientSession.create();
        try (RawOrigin origin = RawOrigin.answering(OK)) {
            Mono<String> late = own.get(origin.url("/")).text();
            own.close().block(PATIENCE);
            StepVerifier.create(late).expectError(SessionClosedException.class).verify(PATIENCE);
        }
    }

    @Test
    void closingWhileConnectingFailsTheRequest() throws Exception {
        ClientSession own = ClientSession.create();
        try (FullBacklog hole = new FullBacklog()) {
            Sinks.Empty<Void> failed = Sinks.empty();
            own.get(hole.url()).text().subscribe(any -> {}, failed::tryEmitError);
            own.close().block(PATIENCE);
            StepVerifier.create(failed.asMono())
                    .expectError(SessionClosedException.class)
                    .verify(PATIENCE);
        }
        assertThat(InetAddress.getLoopbackAddress()).isNotNull();
    }
}
