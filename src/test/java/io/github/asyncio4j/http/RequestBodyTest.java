package io.github.asyncio4j.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.asyncio4j.testing.NoLeaks;
import io.github.asyncio4j.testing.RawOrigin;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;
import reactor.test.publisher.TestPublisher;

/** Rows Q01 to Q17. */
@ExtendWith(NoLeaks.class)
@Timeout(value = 30, unit = TimeUnit.SECONDS)
class RequestBodyTest {

    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

    private final Closing closing = new Closing(ClientSession.create());
    private final ClientSession session = closing.session;

    @AfterEach
    void close() {
        closing.close();
    }

    private static ByteBuffer piece(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String chunkedBody(RawOrigin.Peer peer) throws IOException {
        StringBuilder all = new StringBuilder();
        while (all.lastIndexOf("0\r\n\r\n") < 0 || all.lastIndexOf("0\r\n\r\n") != all.length() - 5) {
            int c = peer.read();
            if (c < 0) {
                return all + "<end>";
            }
            all.append((char) c);
        }
        return all.toString();
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "PUT", "PATCH"})
    void missingBodyIsAnnouncedWhereOneIsExpected(String method) {
        try (RawOrigin origin = RawOrigin.answering(OK)) {
            session.request(method, origin.url("/")).status().block(PATIENCE);
            assertThat(origin.requests().get(0))
                    .contains("Content-Length: 0\r\n")
                    .doesNotContain("Transfer-Encoding");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "HEAD", "DELETE", "OPTIONS"})
    void missingBodyIsNotMentionedElsewhere(String method) {
        try (RawOrigin origin = RawOrigin.answering(OK)) {
            session.request(method, origin.url("/")).status().block(PATIENCE);
            assertThat(origin.requests().get(0)).doesNotContain("Content-Length", "Transfer-Encoding");
        }
    }

    @Test
    void textIsUtf8UnlessItsTypeSaysOtherwise() {
        try (RawOrigin origin = RawOrigin.answering(OK)) {
            session.post(origin.url("/")).body("\u00e4").status().block(PATIENCE);
            assertThat(origin.requests().get(0))
                    .contains("Content-Type: text/plain; charset=utf-8\r\n", "Content-Length: 2\r\n")
                    .endsWith("\u00c3\u00a4");
            session.post(origin.url("/"))
                    .header("Content-Type", "text/x; charset=latin1")
                    .body("\u00e4")
                    .status()
                    .block(PATIENCE);
            assertThat(origin.requests().get(1))
                    .contains("Content-Type: text/x; charset=latin1\r\n", "Content-Length: 1\r\n")
                    .endsWith("\u00e4");
            session.post(origin.url("/")).body(new byte[] {1, 2}).status().block(PATIENCE);
            assertThat(origin.requests().get(2))
                    .contains("Content-Type: application/octet-stream\r\n")
                    .endsWith("\u0001\u0002");
        }
    }

    @Test
    void jsonIsWrittenNowAndOnlyOneBodyIsAllowed() {
        try (RawOrigin origin = RawOrigin.answering(OK)) {
            session.post(origin.url("/")).json(Map.of("a", 1)).status().block(PATIENCE);
            session.post(origin.url("/"))
                    .json((Object) null)
                    .header("Content-Type", "a/b")
                    .status()
                    .block(PATIENCE);
            assertThat(origin.requests().get(0))
                    .contains("Content-Type: application/json\r\n")
                    .endsWith("{\"a\":1}");
            assertThat(origin.requests().get(1))
                    .contains("Content-Type: a/b\r\n")
                    .endsWith("null");
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> session.post("http://h/").json(1).body("x"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> session.post("http://h/").json(new Object()));
    }

    @Test
    void formsAreEncodedAsBrowsersDo(@TempDir Path directory) throws Exception {
        Path file = Files.writeString(directory.resolve("a.txt"), "content");
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("a b", "c&d");
        fields.put("e", 1);
        try (RawOrigin origin = RawOrigin.answering(OK)) {
            session.post(origin.url("/")).form(fields).status().block(PATIENCE);
            assertThat(origin.requests().get(0))
                    .contains("Content-Type: application/x-www-form-urlencoded\r\n")
                    .endsWith("a+b=c%26d&e=1");
            fields.put("f", file);
            session.post(origin.url("/")).form(fields).status().block(PATIENCE);
            assertThat(origin.requests().get(1))
                    .contains(
                            "Content-Type: multipart/form-data; boundary=",
                            "name=\"a b\"\r\n\r\nc&d\r\n",
                            "name=\"f\"; filename=\"a.txt\"\r\nContent-Type: text/plain\r\n\r\ncontent\r\n");
        }
    }

    @Test
    void multipartHasAKnownLengthAndSafeNames(@TempDir Path directory) throws Exception {
        Path file = Files.write(directory.resolve("b.bin"), new byte[200_000]);
        MultipartForm form = MultipartForm.create()
                .field("t\"x", "\u00e4")
                .file("f", "na\u00efve \"q\".png", "image/png", new byte[] {1})
                .file("g", file);
        try (RawOrigin origin = RawOrigin.answering(OK)) {
            for (int i = 0; i < 2; i++) {
                session.post(origin.url("/")).multipart(form).status().block(PATIENCE);
                String request = new String(
                        origin.requests().get(i).getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
                Matcher boundary = Pattern.compile("boundary=(\\S+)").matcher(request);
                assertThat(boundary.find()).isTrue();
                assertThat(request)
                        .contains(
                                "name=\"t%22x\"\r\n\r\n\u00e4\r\n--" + boundary.group(1),
                                "filename=\"na\u00efve %22q%22.png\"\r\nContent-Type: image/png\r\n\r\n\u0001\r\n",
                                "filename=\"b.bin\"\r\nContent-Type: application/octet-stream")
                        .endsWith("\0\r\n--" + boundary.group(1) + "--\r\n")
                        .doesNotContain("chunked");
            }
        }
        for (String bad : new String[] {"a\r\nb", "a\nb", "a\0"}) {
            assertThatIllegalArgumentException().isThrownBy(() -> form.field(bad, "v"));
            assertThatIllegalArgumentException().isThrownBy(() -> form.file("n", bad, "a/b", new byte[0]));
            assertThatIllegalArgumentException().isThrownBy(() -> form.file("n", "f", bad, new byte[0]));
        }
    }

    @Test
    void fileThatIsMissingIsAnErrorBeforeAnythingIsSent(@TempDir Path directory) {
        try (RawOrigin origin = RawOrigin.answering(OK)) {
            StepVerifier.create(session.put(origin.url("/"))
                            .body(directory.resolve("none"))
                            .status())
                    .expectError(NoSuchFileException.class)
                    .verify(PATIENCE);
            assertThat(origin.accepted()).isZero();
        }
    }

    @Test
    void publisherIsSentInChunks() {
        try (RawOrigin origin = RawOrigin.start(peer -> {
            while (peer.readRequest()) {
                String body = chunkedBody(peer);
                peer.send("HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
            }
        })) {
            Flux<ByteBuffer> content =
                    Flux.just("hello", "", "a somewhat longer one").map(RequestBodyTest::piece);
            assertThat(session.post(origin.url("/")).body(content).text().block(PATIENCE))
                    .isEqualTo("5\r\nhello\r\n15\r\na somewhat longer one\r\n0\r\n\r\n");
            assertThat(session.post(origin.url("/"))
                            .body(content.publishOn(Schedulers.parallel()))
                            .text()
                            .block(PATIENCE))
                    .startsWith("5\r\nhello");
            assertThat(session.post(origin.url("/"))
                            .body(Flux.<ByteBuffer>empty())
                            .text()
                            .block(PATIENCE))
                    .isEqualTo("0\r\n\r\n");
            assertThat(session.delete(origin.url("/")).body(content).text().block(PATIENCE))
                    .startsWith("5\r\nhello");
            assertThat(session.post(origin.url("/"))
                            .header("Transfer-Encoding", "chunked")
                            .body(() -> content)
                            .text()
                            .block(PATIENCE))
                    .startsWith("5\r\nhello");
            ClientRequest chunked = session.post(origin.url("/")).header("Transfer-Encoding", "chunked");
            assertThat(chunked.body("hello").text().block(PATIENCE)).isEqualTo("5\r\nhello\r\n0\r\n\r\n");
            assertThat(chunked.body("").text().block(PATIENCE)).isEqualTo("0\r\n\r\n");
            assertThat(chunked.json("x").header("Expect", "100-continue").text().block(PATIENCE))
                    .isEqualTo("3\r\n\"x\"\r\n0\r\n\r\n");
            assertThat(origin.accepted()).isEqualTo(1);
        }
    }

    @Test
    void declaredLengthIsAPromise() {
        try (RawOrigin origin = RawOrigin.start(peer -> {
            while (peer.readRequest()) {
                peer.send(OK);
            }
        })) {
            ClientRequest post = session.post(origin.url("/")).header("Content-Length", "5");
            assertThat(post.body(Flux.just(piece("he"), piece("llo"))).status().block(PATIENCE))
                    .isEqualTo(200);
            assertThat(origin.requests().get(0))
                    .contains("Content-Length: 5\r\n")
                    .endsWith("hello");
        }
        try (RawOrigin origin = RawOrigin.start(RawOrigin.Peer::awaitClose)) {
            ClientRequest post = session.post(origin.url("/")).header("Content-Length", "5");
            StepVerifier.create(
                            post.body(Flux.just(piece("hello"), piece("evil"))).status())
                    .expectErrorSatisfies(e ->
                            assertThat(e).isInstanceOf(ClientException.class).hasMessageContaining("more than 5"))
                    .verify(PATIENCE);
            StepVerifier.create(post.body(Flux.just(piece("he"))).status())
                    .expectErrorSatisfies(e ->
                            assertThat(e).isInstanceOf(ClientException.class).hasMessageContaining("only 2"))
                    .verify(PATIENCE);
            assertThat(session.statistics().inUse()).isZero();
            origin.awaitOpen(0);
        }
    }

    @Test
    void errorOfThePublisherIsTheErrorOfTheRequest() {
        try (RawOrigin origin = RawOrigin.start(RawOrigin.Peer::awaitClose)) {
            IOException mine = new IOException("mine");
            StepVerifier.create(session.post(origin.url("/"))
                            .body(Flux.just(piece("a")).concatWith(Mono.error(mine)))
                            .status())
                    .expectErrorSatisfies(e -> assertThat(e).isSameAs(mine))
                    .verify(PATIENCE);
            StepVerifier.create(session.post(origin.url("/"))
                            .body(() -> {
                                throw new IllegalStateException("supplier");
                            })
                            .status())
                    .expectErrorSatisfies(e -> assertThat(e).hasMessage("supplier"))
                    .verify(PATIENCE);
            assertThat(session.statistics().inUse()).isZero();
            origin.awaitOpen(0);
        }
    }

    @Test
    void serverThatDoesNotReadSlowsThePublisherDown() {
        AtomicLong produced = new AtomicLong();
        try (RawOrigin origin = RawOrigin.start(peer -> {
            peer.readRequest();
            Thread.sleep(60_000);
        })) {
            Flux<ByteBuffer> endless = Flux.generate(sink -> {
                produced.addAndGet(65536);
                sink.next(ByteBuffer.allocate(65536));
            });
            StepVerifier.create(session.post(origin.url("/")).body(endless).status())
                    .then(() -> {
                        long before;
                        do {
                            before = produced.get();
                            closing.pause(300);
                        } while (produced.get() != before);
                        assertThat(before).isLessThan(64 << 20);
                    })
                    .thenCancel()
                    .verify(PATIENCE);
            closing.awaitRest();
        }
    }

    @Test
    void bodyWaitsForTheServersWord() {
        try (RawOrigin origin = RawOrigin.start(peer -> {
            peer.readHead();
            peer.send("HTTP/1.1 100 Continue\r\n\r\n");
            String body = new String(peer.readNBytes(4), StandardCharsets.US_ASCII);
            peer.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n" + body);
            peer.awaitClose();
        })) {
            assertThat(session.post(origin.url("/"))
                            .header("Expect", "100-continue")
                            .body("data")
                            .text()
                            .block(PATIENCE))
                    .isEqualTo("data");
        }
    }

    @Test
    void refusedBodyIsNotSent() {
        AtomicInteger extra = new AtomicInteger();
        try (RawOrigin origin = RawOrigin.start(peer -> {
            peer.readHead();
            peer.send("HTTP/1.1 417 No\r\nContent-Length: 2\r\n\r\nno");
            extra.set(peer.read());
        })) {
            TestPublisher<ByteBuffer> content = TestPublisher.create();
            assertThat(session.post(origin.url("/"))
                            .header("Expect", "100-continue")
                            .body(content)
                            .status()
                            .block(PATIENCE))
                    .isEqualTo(417);
            content.assertWasNotSubscribed();
            assertThat(session.statistics().idle()).isZero();
            origin.awaitOpen(0);
            assertThat(extra).hasValue(-1);
        }
    }

    @Test
    void bodyIsSentWhenTheServerSaysNothing() {
        try (RawOrigin origin = RawOrigin.start(peer -> {
            peer.readRequest();
            peer.send(OK);
            peer.awaitClose();
        })) {
            assertThat(session.post(origin.url("/"))
                            .header("Expect", "100-continue")
                            .body("data")
                            .status()
                            .block(PATIENCE))
                    .isEqualTo(200);
            assertThat(origin.requests().get(0)).endsWith("data");
        }
    }

    @Test
    void earlyRefusalIsDeliveredAndTheUploadCancelled() {
        try (RawOrigin origin = RawOrigin.start(peer -> {
            peer.readHead();
            peer.send("HTTP/1.1 413 Too Large\r\nContent-Length: 4\r\n\r\nmore");
            peer.awaitClose();
        })) {
            TestPublisher<ByteBuffer> content = TestPublisher.create();
            StepVerifier.create(session.post(origin.url("/"))
                            .body(content)
                            .use(r -> r.text().map(t -> r.status() + t)))
                    .then(() -> content.next(piece("a")))
                    .expectNext("413more")
                    .expectComplete()
                    .verify(PATIENCE);
            content.assertWasCancelled();
            assertThat(session.statistics().idle()).isZero();
        }
    }

    @Test
    void answerThatComesWhileSendingIsStreamedBothWays() {
        try (RawOrigin origin = RawOrigin.start(peer -> {
            peer.readHead();
            peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
            for (int i = 0; i < 2; i++) {
                byte[] chunk = peer.readNBytes(6);
                peer.send(chunk);
            }
            peer.send("0\r\n\r\n");
            peer.awaitClose();
        })) {
            Sinks.Many<ByteBuffer> content = Sinks.many().unicast().onBackpressureBuffer();
            AtomicInteger cancelled = new AtomicInteger();
            Flux<ByteBuffer> body = content.asFlux().doOnCancel(cancelled::incrementAndGet);
            StepVerifier.create(session.post(origin.url("/"))
                            .body(body)
                            .chunks()
                            .map(b -> StandardCharsets.US_ASCII.decode(b).toString()))
                    .then(() -> content.tryEmitNext(piece("a")).orThrow())
                    .expectNext("a")
                    .then(() -> content.tryEmitNext(piece("b")).orThrow())
                    .expectNext("b")
                    .expectComplete()
                    .verify(PATIENCE);
            assertThat(cancelled).hasValue(1);
        }
    }

    @Test
    void cancelStopsTheUpload() {
        CountDownLatch arrived = new CountDownLatch(1);
        try (RawOrigin origin = RawOrigin.start(peer -> {
            peer.readHead();
            peer.readNBytes(6);
            arrived.countDown();
            peer.awaitClose();
        })) {
            AtomicInteger cancelled = new AtomicInteger();
            Flux<ByteBuffer> body =
                    Flux.just(piece("a")).concatWith(Mono.never()).doOnCancel(cancelled::incrementAndGet);
            StepVerifier.create(session.post(origin.url("/")).body(body).status())
                    .then(() -> closing.await(arrived))
                    .thenCancel()
                    .verify(PATIENCE);
            closing.awaitRest();
            assertThat(cancelled).hasValue(1);
            origin.awaitOpen(0);
        }
    }

    @Test
    void eachSubscriptionSendsAnew() {
        try (RawOrigin origin = RawOrigin.answering(OK)) {
            Mono<Integer> post = session.post(origin.url("/"))
                    .header("Content-Length", "1")
                    .body(Flux.defer(() -> Flux.just(piece("x"))))
                    .status();
            post.repeat(2).blockLast(PATIENCE);
            assertThat(origin.requests()).hasSize(3).allMatch(request -> request.endsWith("x"));
        }
    }

    @Test
    void downloadReplacesItsTargetWhenComplete(@TempDir Path directory) throws Exception {
        Path target = Files.writeString(directory.resolve("out"), "old");
        String body = "x".repeat(300_000);
        try (RawOrigin origin = RawOrigin.answering("HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n" + body)) {
            assertThat(session.get(origin.url("/")).download(target).block(PATIENCE))
                    .isEqualTo(target);
            assertThat(Files.readString(target)).isEqualTo(body);
            assertThat(directory.toFile().list()).containsExactly("out");
        }
    }

    @Test
    void failedDownloadLeavesTheTargetAsItWas(@TempDir Path directory) throws Exception {
        Path target = Files.writeString(directory.resolve("out"), "old");
        try (RawOrigin origin = RawOrigin.answeringOnce("HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\nabc")) {
            StepVerifier.create(session.get(origin.url("/")).download(target))
                    .expectError(ClientPayloadException.class)
                    .verify(PATIENCE);
        }
        try (RawOrigin origin = RawOrigin.answering("HTTP/1.1 404 X\r\nContent-Length: 3\r\n\r\nabc")) {
            StepVerifier.create(session.get(origin.url("/")).download(target))
                    .expectError(ClientResponseException.class)
                    .verify(PATIENCE);
        }
        assertThat(Files.readString(target)).isEqualTo("old");
        assertThat(directory.toFile().list()).containsExactly("out");
    }

    @Test
    void cancelledDownloadLeavesNothing(@TempDir Path directory) {
        Path target = directory.resolve("out");
        try (RawOrigin origin = RawOrigin.start(peer -> {
            peer.readRequest();
            peer.send("HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\nabc");
            peer.awaitClose();
        })) {
            io.github.asyncio4j.time.Timeouts.moveOnAfter(
                            Duration.ofMillis(300), session.get(origin.url("/")).download(target))
                    .block(PATIENCE);
            assertThat(directory.toFile().list()).isEmpty();
            assertThat(session.statistics().inUse()).isZero();
        }
    }
}
