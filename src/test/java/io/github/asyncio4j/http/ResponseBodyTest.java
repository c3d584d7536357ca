package io.github.asyncio4j.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.asyncio4j.testing.NoLeaks;
import io.github.asyncio4j.testing.RawOrigin;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

/** Rows R01 to R33. */
@ExtendWith(NoLeaks.class)
@Timeout(value = 30, unit = TimeUnit.SECONDS)
class ResponseBodyTest {

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Closing closing = new Closing(ClientSession.create());
    private final ClientSession session = closing.session;

    @AfterEach
    void close() {
        closing.close();
    }

    private static String ok(String headers, String body) {
        return "HTTP/1.1 200 OK\r\n" + headers + "\r\n" + body;
    }

    private static String sized(String body) {
        return ok("Content-Length: " + body.length() + "\r\n", body);
    }

    private static String typed(String type, String body) {
        return ok("Content-Type: " + type + "\r\nContent-Length: " + body.length() + "\r\n", body);
    }

    private String text(String response) {
        try (RawOrigin origin = RawOrigin.answeringOnce(response)) {
            return session.get(origin.url("/")).text().block(PATIENCE);
        }
    }

    private Throwable failure(String response) {
        return failure(response, ClientRequest::text);
    }

    private Throwable failure(String response, java.util.function.Function<ClientRequest, Mono<?>> how) {
        try (RawOrigin origin = RawOrigin.answeringOnce(response)) {
            AtomicReference<Throwable> error = new AtomicReference<>();
            StepVerifier.create(how.apply(session.get(origin.url("/"))))
                    .expectErrorSatisfies(error::set)
                    .verify(PATIENCE);
            assertThat(session.statistics().inUse()).isZero();
            assertThat(session.statistics().idle()).isZero();
            return error.get();
        }
    }

    /** Sends two requests over one session and tells how many connections that took. */
    private int connections(RawOrigin origin, java.util.function.Function<ClientRequest, Mono<?>> how) {
        how.apply(session.get(origin.url("/1"))).block(PATIENCE);
        how.apply(session.get(origin.url("/2"))).block(PATIENCE);
        return origin.accepted();
    }

    @Nested
    class Framing {

        @Test
        void headHasNoBodyAndLeavesTheConnectionUsable() {
            try (RawOrigin origin =
                    RawOrigin.answering("HTTP/1.1 200 OK\r\nContent-Length: 10\r\nContent-Encoding: gzip\r\n\r\n")) {
                for (int i = 0; i < 2; i++) {
                    String seen = session.head(origin.url("/"))
                            .use(r -> r.text()
                                    .map(text -> "[" + text + "]"
                                            + r.headers()
                                                    .first("content-length")
                                                    .orElse("")))
                            .block(PATIENCE);
                    assertThat(seen).isEqualTo("[]10");
                }
                assertThat(origin.accepted()).isEqualTo(1);
            }
        }

        @ParameterizedTest
        @ValueSource(ints = {204, 304})
        void statusesWithoutABodyHaveNone(int status) {
            try (RawOrigin origin = RawOrigin.answering(
                    "HTTP/1.1 " + status + " X\r\nContent-Encoding: gzip\r\nContent-Length: 7\r\n\r\n")) {
                assertThat(connections(origin, ClientRequest::text)).isEqualTo(1);
            }
        }

        @ParameterizedTest
        @ValueSource(ints = {204, 304})
        void bodyWhereNoneMayBeSpoilsTheConnection(int status) {
            try (RawOrigin origin = RawOrigin.answering(
                    "HTTP/1.1 " + status + " X\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")) {
                assertThat(session.get(origin.url("/1")).text().block(PATIENCE)).isEmpty();
                assertThat(session.get(origin.url("/2")).text().block(PATIENCE)).isEmpty();
                assertThat(origin.accepted()).isEqualTo(2);
            }
        }

        @Test
        void resetContentWithBytesSpoilsTheConnection() {
            try (RawOrigin origin = RawOrigin.answering("HTTP/1.1 205 X\r\nContent-Length: 3\r\n\r\nabc")) {
                assertThat(session.get(origin.url("/1")).text().block(PATIENCE)).isEmpty();
                assertThat(session.get(origin.url("/2")).text().block(PATIENCE)).isEmpty();
                assertThat(origin.accepted()).isEqualTo(2);
            }
        }

        @Test
        void cutBodyTellsWhatCameAndWhatWasDue() {
            Throwable error = failure(ok("Content-Length: 100\r\n", "12345"));
            assertThat(error).isInstanceOfSatisfying(ClientPayloadException.class, e -> {
                assertThat(e.received()).isEqualTo(5);
                assertThat(e.expected()).isEqualTo(100);
                assertThat(e).hasMessageContaining("5 of 100");
            });
        }

        @Test
        void whatWasStreamedBeforeTheCutStaysDelivered() {
            try (RawOrigin origin = RawOrigin.answeringOnce(ok("Content-Length: 100\r\n", "12345"))) {
                StepVerifier.create(session.get(origin.url("/")).chunks().map(ByteBuffer::remaining))
                        .expectNext(5)
                        .expectError(ClientPayloadException.class)
                        .verify(PATIENCE);
            }
        }

        @Test
        void chunksWithoutAnEndAreACut() {
            assertThat(failure(ok("Transfer-Encoding: chunked\r\n", "3\r\nabc\r\n")))
                    .isInstanceOfSatisfying(
                            ClientPayloadException.class,
                            e -> assertThat(e.expected()).isEqualTo(-1));
            assertThat(failure(ok("Transfer-Encoding: chunked\r\n", "3\r\nabc\r\n0\r\n")))
                    .isInstanceOf(ClientPayloadException.class);
            assertThat(failure(ok("Transfer-Encoding: chunked\r\n", "3\r\nab")))
                    .isInstanceOf(ClientPayloadException.class);
        }

        @Test
        void bodyWithoutALengthEndsWithTheConnection() {
            assertThat(text(ok("Connection: close\r\n", "to the end"))).isEqualTo("to the end");
            assertThat(text(ok("", ""))).isEmpty();
        }

        @Test
        void resetInsteadOfAnEndIsAnError() {
            for (String header : List.of("", "Content-Length: 10\r\n", "Transfer-Encoding: chunked\r\n")) {
                try (RawOrigin origin = RawOrigin.start(peer -> {
                    peer.readRequest();
                    peer.send(ok(header, "4"));
                    Thread.sleep(50);
                    peer.reset();
                })) {
                    StepVerifier.create(session.get(origin.url("/")).text())
                            .expectErrorSatisfies(e -> assertThat(e).isInstanceOf(ClientPayloadException.class))
                            .verify(PATIENCE);
                }
            }
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "xyz\r\n",
                    "-1\r\nabc\r\n",
                    "8000000000000000\r\n",
                    "FFFFFFFFFFFFFFFFFF\r\n",
                    "\r\n",
                    "3;a=b\nabc\r\n",
                    "3;a\u0001b\r\nabc\r\n",
                    "3 3\r\nabc\r\n",
                    "3\r\nabcd\r\n",
                    "3\r\nabc\n\n",
                    " 3\r\nabc\r\n"
                })
        void badChunksAreRefused(String body) {
            assertThat(failure(ok("Transfer-Encoding: chunked\r\n", body + "0\r\n\r\n")))
                    .isInstanceOf(InvalidResponseException.class);
        }

        @Test
        void endlessChunkLineIsRefused() {
            assertThat(failure(ok("Transfer-Encoding: chunked\r\n", "3;" + "a".repeat(5000))))
                    .isInstanceOf(InvalidResponseException.class);
            assertThat(failure(ok("Transfer-Encoding: chunked\r\n", "0\r\n" + "X: a\r\n".repeat(200) + "\r\n")))
                    .isInstanceOf(InvalidResponseException.class);
            assertThat(failure(ok("Transfer-Encoding: chunked\r\n", "0\r\nX: " + "a".repeat(9000))))
                    .isInstanceOf(InvalidResponseException.class);
        }

        @Test
        void chunkExtensionsAndTrailersAreTaken() {
            assertThat(text(ok(
                            "Transfer-Encoding: chunked\r\n",
                            "3 ;a=\"b\"\r\nabc\r\nA \r\n0123456789\r\n000\r\nX: y\r\n\r\n")))
                    .isEqualTo("abc0123456789");
        }

        @Test
        void extraBytesSpoilTheConnection() {
            try (RawOrigin origin = RawOrigin.answering(sized("good") + sized("evil"))) {
                assertThat(session.get(origin.url("/1")).text().block(PATIENCE)).isEqualTo("good");
                assertThat(session.get(origin.url("/2")).text().block(PATIENCE)).isEqualTo("good");
                assertThat(origin.accepted()).isEqualTo(2);
            }
        }

        @Test
        void bytesOnAConnectionAtRestCloseIt() throws Exception {
            CountDownLatch closed = new CountDownLatch(1);
            try (RawOrigin origin = RawOrigin.start(peer -> {
                peer.readRequest();
                peer.send(sized("good"));
                if (peer.lastRequest().startsWith("GET /1")) {
                    Thread.sleep(50);
                    peer.send(sized("evil"));
                    peer.awaitClose();
                    closed.countDown();
                } else {
                    peer.awaitClose();
                }
            })) {
                assertThat(session.get(origin.url("/1")).text().block(PATIENCE)).isEqualTo("good");
                assertThat(closed.await(5, TimeUnit.SECONDS)).isTrue();
                assertThat(session.get(origin.url("/2")).text().block(PATIENCE)).isEqualTo("good");
                assertThat(origin.accepted()).isEqualTo(2);
            }
        }

        @Test
        void informationalResponsesAreSkippedUpToALimit() {
            assertThat(text("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: x\r\n\r\n" + sized("end")))
                    .isEqualTo("end");
            assertThat(failure("HTTP/1.1 102 X\r\n\r\n".repeat(9) + sized("end")))
                    .isInstanceOf(InvalidResponseException.class);
            assertThat(failure("HTTP/1.1 101 X\r\n\r\n")).isInstanceOf(InvalidResponseException.class);
        }

        @Test
        void closeAndOldServersAreNotReused() {
            for (String response : List.of(
                    ok("Connection: close\r\nContent-Length: 1\r\n", "a"),
                    ok("Connection: foo, Close\r\nContent-Length: 1\r\n", "a"),
                    "HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\na")) {
                try (RawOrigin origin = RawOrigin.answering(response)) {
                    assertThat(connections(origin, ClientRequest::text)).isEqualTo(2);
                }
            }
            try (RawOrigin origin =
                    RawOrigin.answering("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\na")) {
                assertThat(connections(origin, ClientRequest::text)).isEqualTo(1);
            }
        }
    }

    @Nested
    class Codings {

        private final String plain = "all work and no play ".repeat(500);

        private byte[] gzip(byte[] bytes) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
                gzip.write(bytes);
            } catch (IOException e) {
                throw new AssertionError(e);
            }
            return out.toByteArray();
        }

        private byte[] deflate(byte[] bytes, boolean raw) {
            Deflater deflater = new Deflater(9, raw);
            deflater.setInput(bytes);
            deflater.finish();
            byte[] out = new byte[bytes.length + 100];
            int length = deflater.deflate(out);
            deflater.end();
            return java.util.Arrays.copyOf(out, length);
        }

        private byte[] bytes() {
            return plain.getBytes(StandardCharsets.ISO_8859_1);
        }

        private String encoded(String coding, byte[] body) {
            return ok(
                    "Content-Encoding: " + coding + "\r\nContent-Length: " + body.length + "\r\n",
                    new String(body, StandardCharsets.ISO_8859_1));
        }

        private byte[] join(byte[]... parts) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            for (byte[] part : parts) {
                out.writeBytes(part);
            }
            return out.toByteArray();
        }

        @Test
        void gzipIsUndone() {
            assertThat(text(encoded("gzip", gzip(bytes())))).isEqualTo(plain);
            assertThat(text(encoded("X-GZip", gzip(bytes())))).isEqualTo(plain);
        }

        @Test
        void allMembersAreRead() {
            assertThat(text(encoded("gzip", join(gzip(bytes()), gzip(bytes()), gzip(new byte[0]), new byte[7]))))
                    .isEqualTo(plain + plain);
        }

        @Test
        void optionalPartsOfTheHeaderAreSkipped() {
            byte[] simple = gzip(bytes());
            byte[] header = {
                0x1f, (byte) 0x8b, 8, 2 | 4 | 8 | 16, 0, 0, 0, 0, 0, 0, 3, 0, 'x', 'y', 'z', 'n', 0, 'c', 'c', 0, 1, 2
            };
            byte[] rest = java.util.Arrays.copyOfRange(simple, 10, simple.length);
            assertThat(text(encoded("gzip", join(header, rest)))).isEqualTo(plain);
        }

        @Test
        void brokenGzipIsAnError() {
            byte[] whole = gzip(bytes());
            byte[] wrongSum = whole.clone();
            wrongSum[whole.length - 6] ^= 1;
            byte[] wrongSize = whole.clone();
            wrongSize[whole.length - 1] ^= 1;
            for (byte[] broken : List.of(
                    java.util.Arrays.copyOf(whole, whole.length - 4),
                    java.util.Arrays.copyOf(whole, 5),
                    java.util.Arrays.copyOf(whole, whole.length / 2),
                    wrongSum,
                    wrongSize,
                    join(whole, "garbage".getBytes(StandardCharsets.US_ASCII)),
                    join(whole, new byte[] {0, 0, 1}),
                    "plain".getBytes(StandardCharsets.US_ASCII))) {
                assertThat(failureOf(encoded("gzip", broken))).isInstanceOf(ClientPayloadException.class);
            }
        }

        private Throwable failureOf(String response) {
            try (RawOrigin origin = RawOrigin.answeringOnce(response)) {
                return session.get(origin.url("/"))
                        .text()
                        .materialize()
                        .block(PATIENCE)
                        .getThrowable();
            }
        }

        @Test
        void bothKindsOfDeflateAreUndone() {
            assertThat(text(encoded("deflate", deflate(bytes(), false)))).isEqualTo(plain);
            assertThat(text(encoded("deflate", deflate(bytes(), true)))).isEqualTo(plain);
            byte[] whole = deflate(bytes(), false);
            assertThat(failureOf(encoded("deflate", java.util.Arrays.copyOf(whole, whole.length - 8))))
                    .isInstanceOf(ClientPayloadException.class);
            assertThat(failureOf(encoded("deflate", new byte[] {1}))).isInstanceOf(ClientPayloadException.class);
            assertThat(failureOf(encoded("deflate", new byte[] {7, 7, 7, 7})))
                    .isInstanceOf(ClientPayloadException.class);
        }

        @Test
        void emptyBodyIsFine() {
            assertThat(text(encoded("gzip", new byte[0]))).isEmpty();
            assertThat(text(ok("Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n")))
                    .isEmpty();
            assertThat(text(ok("Content-Encoding: deflate\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n")))
                    .isEmpty();
        }

        @Test
        void stackedCodingsAreUndoneFromTheRight() {
            assertThat(text(encoded("gzip, deflate", deflate(gzip(bytes()), false))))
                    .isEqualTo(plain);
            assertThat(text(encoded("identity", bytes()))).isEqualTo(plain);
            assertThat(text(ok(
                            "Content-Encoding: gzip\r\nContent-Encoding: gzip\r\nConnection: close\r\n",
                            new String(gzip(gzip(bytes())), StandardCharsets.ISO_8859_1))))
                    .isEqualTo(plain);
            assertThat(failureOf(encoded("gzip, gzip, gzip, gzip, gzip, gzip", gzip(bytes()))))
                    .isInstanceOf(InvalidResponseException.class);
        }

        @Test
        void unknownCodingIsNamed() {
            assertThat(failureOf(encoded("compress", bytes())))
                    .isInstanceOf(InvalidResponseException.class)
                    .hasMessageContaining("compress");
        }

        @Test
        void decodingCanBeTurnedOff() {
            byte[] zipped = gzip(bytes());
            try (RawOrigin origin = RawOrigin.answering(encoded("gzip", zipped))) {
                assertThat(session.get(origin.url("/"))
                                .decompress(false)
                                .bytes()
                                .block(PATIENCE))
                        .isEqualTo(zipped);
                assertThat(origin.requests().get(0)).doesNotContain("Accept-Encoding");
                String header = session.get(origin.url("/"))
                        .use(r -> r.text()
                                .map(text -> r.headers()
                                                .first("content-encoding")
                                                .orElse("")
                                        + r.headers().first("Content-Length").orElse("")))
                        .block(PATIENCE);
                assertThat(header).isEqualTo("gzip" + zipped.length);
                assertThat(origin.requests().get(1)).contains("Accept-Encoding: gzip, deflate, br, zstd\r\n");
            }
        }

        @Test
        void bombIsStoppedByTheLimitOfTheBody() {
            byte[] bomb = gzip(new byte[64 << 20]);
            Closing patient =
                    new Closing(ClientSession.builder().maxInflateRatio(100_000).build());
            try (RawOrigin origin = RawOrigin.answering(encoded("gzip", bomb))) {
                StepVerifier.create(patient.session.get(origin.url("/")).text())
                        .expectErrorSatisfies(e ->
                                assertThat(((BodyTooLargeException) e).limit()).isEqualTo(10 << 20))
                        .verify(PATIENCE);
                AtomicLong largest = new AtomicLong();
                long total = patient.session
                        .get(origin.url("/"))
                        .chunks()
                        .map(ByteBuffer::remaining)
                        .doOnNext(size -> largest.accumulateAndGet(size, Math::max))
                        .reduce(0L, Long::sum)
                        .block(PATIENCE);
                assertThat(total).isEqualTo(64 << 20);
                assertThat(largest).hasValueLessThanOrEqualTo(64 << 10);
            }
            patient.close();
        }

        @Test
        void bombIsStoppedByItsRatio() {
            byte[] bomb = gzip(new byte[64 << 20]);
            try (RawOrigin origin = RawOrigin.answering(encoded("gzip", bomb))) {
                StepVerifier.create(session.get(origin.url("/"))
                                .chunks()
                                .map(ByteBuffer::remaining)
                                .reduce(0, Integer::sum))
                        .expectErrorSatisfies(e -> assertThat(e)
                                .isInstanceOf(BodyTooLargeException.class)
                                .hasMessageContaining("maxInflateRatio"))
                        .verify(PATIENCE);
            }
        }

        @Test
        void decodedStreamFollowsDemand() {
            byte[] zipped = gzip(new byte[900_000]);
            try (RawOrigin origin = RawOrigin.answering(encoded("gzip", zipped))) {
                AtomicLong total = new AtomicLong();
                StepVerifier.create(
                                session.get(origin.url("/"))
                                        .chunks()
                                        .doOnNext(b -> total.addAndGet(b.remaining()))
                                        .then(),
                                1)
                        .expectComplete()
                        .verify(PATIENCE);
                assertThat(total).hasValue(900_000);
                StepVerifier.create(session.get(origin.url("/")).chunks(), 0)
                        .thenRequest(1)
                        .expectNextCount(1)
                        .thenRequest(2)
                        .expectNextCount(2)
                        .thenCancel()
                        .verify(PATIENCE);
            }
        }
    }

    @Nested
    class Limits {

        @Test
        void declaredSizeOverTheLimitFailsBeforeReading() {
            Throwable error = failure(
                    ok("Content-Length: 11\r\n", ""),
                    request -> request.maxBodySize(10).text());
            assertThat(error)
                    .isInstanceOf(BodyTooLargeException.class)
                    .hasMessageContaining("10 bytes")
                    .hasMessageContaining("maxBodySize");
        }

        @Test
        void undeclaredSizeFailsOneByteOver() {
            assertThat(failure(
                            ok("Connection: close\r\n", "12345678901"),
                            request -> request.maxBodySize(10).text()))
                    .isInstanceOf(BodyTooLargeException.class);
            try (RawOrigin origin = RawOrigin.answeringOnce(ok("Connection: close\r\n", "1234567890"))) {
                assertThat(session.get(origin.url("/")).maxBodySize(10).text().block(PATIENCE))
                        .hasSize(10);
            }
        }

        @Test
        void streamsHaveNoLimit() {
            try (RawOrigin origin = RawOrigin.answering(sized("x".repeat(100_000)))) {
                Integer total = session.get(origin.url("/"))
                        .maxBodySize(10)
                        .chunks()
                        .map(ByteBuffer::remaining)
                        .reduce(0, Integer::sum)
                        .block(PATIENCE);
                assertThat(total).isEqualTo(100_000);
            }
        }

        @Test
        void hugeDeclaredLengthTakesNoMemory() {
            assertThat(failure(
                            ok("Content-Length: 9000000000000000000\r\n", "a"),
                            request -> request.maxBodySize(Long.MAX_VALUE).text()))
                    .isInstanceOf(ClientPayloadException.class);
        }
    }

    @Nested
    class Reading {

        @ParameterizedTest
        @CsvSource({
            "text/plain, 'h\u00c3\u00a4', h\u00e4",
            "text/plain; charset=utf-8, 'h\u00c3\u00a4', h\u00e4",
            "text/plain; Charset=\"ISO-8859-1\", 'h\u00e4', h\u00e4",
            "text/plain; x=y; charset=latin1, 'h\u00e4', h\u00e4",
            "text/plain; charset=nonsense, 'h\u00c3\u00a4', h\u00e4",
            "text/plain, '\u00ef\u00bb\u00bfh', h",
            "text/plain; charset=utf-16, '\u00fe\u00ff\u0000h', h",
            "text/plain, '\u00ff\u00feh\u0000', h",
            "text/plain, 'a\u00ffb', a\ufffdb",
        })
        void charsetIsThatOfTheHeader(String type, String body, String expected) {
            assertThat(text(typed(type, body))).isEqualTo(expected);
        }

        @Test
        void contentIsKeptForLaterReaders() {
            try (RawOrigin origin = RawOrigin.answering(typed("application/json", "{\"a\":1}"))) {
                String all = session.get(origin.url("/"))
                        .use(r -> r.text()
                                .flatMap(text -> r.json(Map.class)
                                        .flatMap(json -> r.bytes().map(bytes -> text + json + bytes.length))))
                        .block(PATIENCE);
                assertThat(all).isEqualTo("{\"a\":1}{a=1}7");
                StepVerifier.create(session.get(origin.url("/"))
                                .useMany(r -> r.text().thenMany(r.chunks())))
                        .expectErrorSatisfies(e -> assertThat(e)
                                .isInstanceOf(IllegalStateException.class)
                                .hasMessageContaining("read already"))
                        .verify(PATIENCE);
                StepVerifier.create(
                                session.get(origin.url("/")).use(r -> r.chunks().then(r.text())))
                        .expectError(IllegalStateException.class)
                        .verify(PATIENCE);
            }
        }

        @Test
        void jsonChecksTheType() {
            for (String type :
                    List.of("application/json", "application/problem+json; charset=utf-8", "APPLICATION/JSON")) {
                try (RawOrigin origin = RawOrigin.answering(typed(type, "[1,2]"))) {
                    assertThat(session.get(origin.url("/"))
                                    .json(new TypeRef<List<Integer>>() {})
                                    .block(PATIENCE))
                            .containsExactly(1, 2);
                }
            }
            try (RawOrigin origin = RawOrigin.answering(typed("text/html", "[1]"))) {
                StepVerifier.create(session.get(origin.url("/")).json(List.class))
                        .expectErrorSatisfies(e -> {
                            assertThat(e)
                                    .isInstanceOf(ContentTypeException.class)
                                    .hasMessageContaining("text/html");
                            assertThat(((ContentTypeException) e).body()).isEqualTo("[1]");
                            assertThat(((ContentTypeException) e).status()).isEqualTo(200);
                        })
                        .verify(PATIENCE);
            }
        }

        @Test
        void jsonOfNothingIsEmptyAndBadJsonIsAnError() {
            try (RawOrigin origin = RawOrigin.answering(typed("application/json", ""))) {
                StepVerifier.create(session.get(origin.url("/")).json(Map.class))
                        .expectComplete()
                        .verify(PATIENCE);
            }
            try (RawOrigin origin = RawOrigin.answering(typed("application/json", "null"))) {
                StepVerifier.create(session.get(origin.url("/")).json(Map.class))
                        .expectComplete()
                        .verify(PATIENCE);
            }
            try (RawOrigin origin = RawOrigin.answering(typed("application/json", "{\"secret\":"))) {
                StepVerifier.create(session.get(origin.url("/")).json(Map.class))
                        .expectErrorSatisfies(e -> assertThat(e)
                                .isInstanceOf(ClientPayloadException.class)
                                .hasMessageNotContaining("secret"))
                        .verify(PATIENCE);
            }
        }

        @Test
        void linesAndCharactersMayBeSpreadOverPieces() {
            String body = "\u00ef\u00bb\u00bf\u00c3\u00a4\r\nb\rc\n\n\u00f0\u009f\u0098\u0080 last";
            try (RawOrigin origin = RawOrigin.start(peer -> {
                peer.readRequest();
                peer.send(ok("Content-Length: " + body.length() + "\r\n", ""));
                for (char c : body.toCharArray()) {
                    peer.send(String.valueOf(c));
                    Thread.sleep(2);
                }
                peer.awaitClose();
            })) {
                StepVerifier.create(session.get(origin.url("/")).lines())
                        .expectNext("\u00e4", "b", "c", "", "\ud83d\ude00 last")
                        .expectComplete()
                        .verify(PATIENCE);
            }
        }

        @Test
        void piecesOfOneSize() {
            String body = "x".repeat(100_001);
            try (RawOrigin origin = RawOrigin.answering(sized(body))) {
                List<Integer> sizes = session.get(origin.url("/"))
                        .useMany(r -> r.chunks(1000).map(ByteBuffer::remaining))
                        .collectList()
                        .block(PATIENCE);
                assertThat(sizes).hasSize(101).last().isEqualTo(1);
                assertThat(sizes.subList(0, 100)).containsOnly(1000);
                assertThat(session.get(origin.url("/"))
                                .useMany(r -> r.chunks(100_001).map(ByteBuffer::remaining))
                                .collectList()
                                .block(PATIENCE))
                        .containsExactly(100_001);
                StepVerifier.create(session.get(origin.url("/")).useMany(r -> r.chunks(0)))
                        .expectError(IllegalArgumentException.class)
                        .verify(PATIENCE);
            }
        }

        @Test
        void trailersAreThereAfterTheBody() {
            String response = ok(
                    "Transfer-Encoding: chunked\r\n",
                    "2\r\nab\r\n0\r\nDigest: x\r\nSet-Cookie: a=b\r\nContent-Length: 9\r\n\r\n");
            try (RawOrigin origin = RawOrigin.answering(response)) {
                Headers trailers = session.get(origin.url("/"))
                        .use(r -> {
                            assertThat(r.trailers().names()).isEmpty();
                            return r.text().map(text -> r.trailers());
                        })
                        .block(PATIENCE);
                assertThat(trailers.names()).containsExactly("Digest");
                assertThat(trailers.first("digest")).contains("x");
            }
        }

        @Test
        void endlessLineIsRefused() {
            assertThat(failure(
                            sized("a".repeat(130 << 10)),
                            request -> request.lines().then()))
                    .isInstanceOf(InvalidResponseException.class);
        }

        @Test
        void eventsOfAStream() {
            String body =
                    ": hello\n\ndata: one\n\nevent: add\r\nid: 7\r\ndata:two\r\ndata: lines\r\nretry: 1500\r\n\r\nid\ndata\n\nunknown: x\nretry: soon\nevent: nothing\n\ndata: cut";
            try (RawOrigin origin = RawOrigin.answeringOnce(typed("text/event-stream", body))) {
                StepVerifier.create(session.get(origin.url("/")).events())
                        .expectNext(new ServerSentEvent(
                                "message", "one", java.util.Optional.empty(), java.util.Optional.empty()))
                        .expectNext(new ServerSentEvent(
                                "add",
                                "two\nlines",
                                java.util.Optional.of("7"),
                                java.util.Optional.of(Duration.ofMillis(1500))))
                        .expectNext(new ServerSentEvent(
                                "message", "", java.util.Optional.of(""), java.util.Optional.empty()))
                        .expectComplete()
                        .verify(PATIENCE);
                assertThat(origin.requests().get(0)).contains("Accept: text/event-stream\r\n");
            }
        }

        @Test
        void slowConsumerStopsTheServer() throws Exception {
            AtomicLong sent = new AtomicLong();
            CountDownLatch finished = new CountDownLatch(1);
            int total = 64 << 20;
            try (RawOrigin origin = RawOrigin.start(peer -> {
                peer.readRequest();
                peer.send(ok("Content-Length: " + total + "\r\n", ""));
                byte[] piece = new byte[64 << 10];
                while (sent.get() < total) {
                    peer.send(piece);
                    sent.addAndGet(piece.length);
                }
                finished.countDown();
            })) {
                AtomicLong received = new AtomicLong();
                ClientRequest request = session.get(origin.url("/"))
                        .timeout(ClientTimeout.none().withSockRead(Duration.ofMillis(200)));
                StepVerifier.create(
                                request.chunks()
                                        .doOnNext(b -> received.addAndGet(b.remaining()))
                                        .map(b -> 0),
                                1)
                        .expectNextCount(1)
                        .then(() -> {
                            long before;
                            do {
                                before = sent.get();
                                closing.pause(300);
                            } while (sent.get() != before);
                            assertThat(before).isLessThan(total);
                        })
                        .thenRequest(Long.MAX_VALUE)
                        .thenConsumeWhile(any -> true)
                        .expectComplete()
                        .verify(PATIENCE);
                assertThat(received).hasValue(total);
                assertThat(finished.await(5, TimeUnit.SECONDS)).isTrue();
            }
        }
    }

    @Nested
    class Statuses {

        private final String teapot =
                "HTTP/1.1 418 I'm a teapot\r\nX: y\r\nContent-Length: 3000\r\n\r\n" + "t".repeat(3000);

        @Test
        void badStatusIsAnErrorWhenAsked() {
            try (RawOrigin origin = RawOrigin.answering(teapot)) {
                assertThat(session.get(origin.url("/")).text().block(PATIENCE)).hasSize(3000);
                for (Mono<?> raised : List.of(
                        session.get(origin.url("/")).raiseForStatus(true).text(),
                        session.get(origin.url("/")).raiseForStatus(true).status(),
                        session.get(origin.url("/")).use(r -> r.raiseForStatus().text()),
                        session.get(origin.url("/")).use(r -> Mono.just(r).map(ClientResponse::raiseForStatus)))) {
                    StepVerifier.create(raised)
                            .expectErrorSatisfies(e -> assertThat(e)
                                    .isInstanceOfSatisfying(ClientResponseException.class, bad -> {
                                        assertThat(bad.status()).isEqualTo(418);
                                        assertThat(bad.headers().first("x")).contains("y");
                                        assertThat(bad.body()).isEqualTo("t".repeat(2048));
                                        assertThat(bad)
                                                .hasMessageContaining("418 I'm a teapot")
                                                .hasMessageContaining("GET http://");
                                    }))
                            .verify(PATIENCE);
                    assertThat(session.statistics().inUse()).isZero();
                }
                StepVerifier.create(
                                session.get(origin.url("/")).use(r -> r.text().map(t -> r.raiseForStatus())))
                        .expectErrorSatisfies(e ->
                                assertThat(((ClientResponseException) e).body()).hasSize(2048))
                        .verify(PATIENCE);
            }
        }

        @Test
        void below400IsFine() {
            try (RawOrigin origin = RawOrigin.answering("HTTP/1.1 399 X\r\nContent-Length: 0\r\n\r\n")) {
                assertThat(session.get(origin.url("/"))
                                .raiseForStatus(true)
                                .status()
                                .block(PATIENCE))
                        .isEqualTo(399);
                assertThat(session.get(origin.url("/"))
                                .use(r -> Mono.just(r.raiseForStatus().ok()))
                                .block(PATIENCE))
                        .isTrue();
            }
        }

        @Test
        void requestOverridesTheSession() {
            Closing strict =
                    new Closing(ClientSession.builder().raiseForStatus(true).build());
            try (RawOrigin origin = RawOrigin.answering(teapot)) {
                StepVerifier.create(strict.session.get(origin.url("/")).text())
                        .expectError(ClientResponseException.class)
                        .verify(PATIENCE);
                assertThat(strict.session
                                .get(origin.url("/"))
                                .raiseForStatus(false)
                                .status()
                                .block(PATIENCE))
                        .isEqualTo(418);
            }
            strict.close();
        }

        @Test
        void shortErrorPageLeavesTheConnectionUsable() {
            try (RawOrigin origin = RawOrigin.answering("HTTP/1.1 500 X\r\nContent-Length: 4\r\n\r\noops")) {
                for (int i = 0; i < 2; i++) {
                    StepVerifier.create(session.get(origin.url("/"))
                                    .raiseForStatus(true)
                                    .text())
                            .expectErrorSatisfies(e -> assertThat(((ClientResponseException) e).body())
                                    .isEqualTo("oops"))
                            .verify(PATIENCE);
                }
                assertThat(origin.accepted()).isEqualTo(1);
            }
        }
    }

    @Nested
    class Releasing {

        private final String large = ok("Content-Length: 10000000\r\n", "start");

        @Test
        void cancelInTheBodyClosesTheConnection() {
            try (RawOrigin origin = RawOrigin.start(peer -> {
                peer.readRequest();
                peer.send(large);
                peer.awaitClose();
            })) {
                StepVerifier.create(session.get(origin.url("/")).chunks())
                        .expectNextCount(1)
                        .thenCancel()
                        .verify(PATIENCE);
                closing.awaitRest();
                assertThat(session.statistics().idle()).isZero();
                session.get(origin.url("/")).chunks().next().block(PATIENCE);
                closing.awaitRest();
                origin.awaitOpen(0);
            }
        }

        @Test
        void unreadResponsesLoseNothing() {
            try (RawOrigin small = RawOrigin.answering(sized("small"));
                    RawOrigin big = RawOrigin.answering(sized("x".repeat(200_000)))) {
                Flux.range(0, 1000)
                        .flatMap(i -> session.get(small.url("/")).status(), 20)
                        .blockLast(PATIENCE);
                assertThat(small.accepted()).isLessThanOrEqualTo(20);
                Flux.range(0, 200)
                        .flatMap(i -> session.get(big.url("/")).status(), 20)
                        .blockLast(PATIENCE);
                assertThat(session.statistics().inUse()).isZero();
            }
        }

        @Test
        void responseThatEscapesTellsSo() {
            try (RawOrigin origin = RawOrigin.start(peer -> {
                peer.readRequest();
                peer.send(large);
                peer.awaitClose();
            })) {
                ClientResponse escaped = session.get(origin.url("/"))
                        .<ClientResponse>use(Mono::just)
                        .block(PATIENCE);
                StepVerifier.create(escaped.text())
                        .expectErrorSatisfies(e -> assertThat(e)
                                .isInstanceOf(IllegalStateException.class)
                                .hasMessageContaining("released"))
                        .verify(PATIENCE);
                assertThat(escaped.status()).isEqualTo(200);
                escaped.release().block(PATIENCE);
            }
        }

        @Test
        void functionThatThrowsReleasesAndKeepsItsError() {
            try (RawOrigin origin = RawOrigin.answering(sized("abc"))) {
                IllegalArgumentException mine = new IllegalArgumentException("mine");
                StepVerifier.create(session.get(origin.url("/")).use(r -> {
                            throw mine;
                        }))
                        .expectErrorSatisfies(e -> assertThat(e).isSameAs(mine))
                        .verify(PATIENCE);
                StepVerifier.create(
                                session.get(origin.url("/")).use(r -> r.text().flatMap(t -> Mono.error(mine))))
                        .expectErrorSatisfies(e -> assertThat(e).isSameAs(mine))
                        .verify(PATIENCE);
                StepVerifier.create(session.get(origin.url("/")).use(r -> null))
                        .expectErrorSatisfies(e -> assertThat(e)
                                .isInstanceOf(NullPointerException.class)
                                .hasMessageContaining("use"))
                        .verify(PATIENCE);
                StepVerifier.create(session.get(origin.url("/")).useMany(r -> null))
                        .expectErrorSatisfies(e -> assertThat(e)
                                .isInstanceOf(NullPointerException.class)
                                .hasMessageContaining("useMany"))
                        .verify(PATIENCE);
                assertThat(origin.accepted()).isEqualTo(1);
            }
        }

        @Test
        void releaseByHandGivesTheConnectionBackAtOnce() {
            Closing one = new Closing(ClientSession.builder()
                    .limits(ConnectionLimits.defaults().withTotal(1))
                    .build());
            try (RawOrigin origin = RawOrigin.answering(sized("abc"))) {
                String text = one.session
                        .get(origin.url("/"))
                        .use(r -> r.release()
                                .then(r.release())
                                .then(one.session.get(origin.url("/")).text()))
                        .block(PATIENCE);
                assertThat(text).isEqualTo("abc");
                assertThat(origin.accepted()).isEqualTo(1);
            }
            one.close();
        }

        @Test
        void slowRestIsNotWaitedFor() {
            try (RawOrigin origin = RawOrigin.start(peer -> {
                peer.readRequest();
                peer.send(ok("Content-Length: 10\r\n", "start"));
                peer.awaitClose();
            })) {
                assertThat(session.get(origin.url("/")).status().block(PATIENCE))
                        .isEqualTo(200);
                assertThat(session.statistics().idle()).isZero();
            }
        }

        @Test
        void timingsAreThere() {
            try (RawOrigin origin = RawOrigin.answering(sized("abc"))) {
                List<Timings> seen = new ArrayList<>();
                for (int i = 0; i < 2; i++) {
                    seen.add(session.get(origin.url("/"))
                            .use(r -> r.text().map(t -> r.timings()))
                            .block(PATIENCE));
                }
                assertThat(seen.get(0).connect()).isPositive();
                assertThat(seen.get(1).connect()).isZero();
                assertThat(seen.get(1).headers()).isPositive();
                assertThat(seen.get(1).total())
                        .isGreaterThanOrEqualTo(seen.get(1).headers());
            }
        }

        @Test
        void disposedRequestIsSilent() {
            try (RawOrigin origin = RawOrigin.start(peer -> {
                peer.readRequest();
                peer.awaitClose();
            })) {
                Disposable running = session.get(origin.url("/")).text().subscribe();
                origin.awaitRequests(1); // before that, the connection is unused and goes to rest
                running.dispose();
                origin.awaitOpen(0);
                closing.awaitRest();
            }
        }
    }
}
