package io.github.asyncio4j.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.github.asyncio4j.testing.NoLeaks;
import io.github.asyncio4j.testing.RawOrigin;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

/** Rows H01 to H17. */
@ExtendWith(NoLeaks.class)
@Timeout(value = 20, unit = TimeUnit.SECONDS)
class HeaderTest {

    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

    private final Closing closing = new Closing(ClientSession.create());
    private final ClientSession session = closing.session;

    @AfterEach
    void close() {
        closing.close();
    }

    @Nested
    class Sent {

        @ParameterizedTest
        @ValueSource(strings = {"a\r\nX: y", "a\nb", "a\0b", "a\rb", "\u007f", "\u20ac"})
        void valuesThatWouldBreakTheLineAreRefusedWhereTheyAreGiven(String value) {
            ClientRequest request = session.get("http://h/");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> request.header("X", value))
                    .withMessageContaining("X");
            assertThatIllegalArgumentException().isThrownBy(() -> request.headers(Map.of("X", value)));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> ClientSession.builder().header("X", value));
            assertThatIllegalArgumentException().isThrownBy(() -> request.bearerAuth(value));
            assertThatIllegalArgumentException().isThrownBy(() -> request.cookie("a", value));
        }

        @ParameterizedTest
        @ValueSource(strings = {"", "a b", "a:", "ä", "a\r\nb", "a\0"})
        void namesThatAreNoTokensAreRefused(String name) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> session.get("http://h/").header(name, "v"));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> session.get("http://h/").withoutHeader(name));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> session.get("http://h/").cookie(name, "v"));
        }

        @Test
        void nullIsNamed() {
            assertThatNullPointerException()
                    .isThrownBy(() -> session.get("http://h/").header(null, "v"))
                    .withMessage("name");
            assertThatNullPointerException()
                    .isThrownBy(() -> session.get("http://h/").header("n", null))
                    .withMessage("value");
            assertThatNullPointerException().isThrownBy(() -> session.get(null)).withMessage("url");
        }

        @Test
        void latin1GoesOutAsItIs() {
            assertThat(sent(session.get("/"), request -> request.header("X", "é\tz")))
                    .contains("X: é\tz\r\n");
        }

        @Test
        void requestOverridesTheSessionsDefaultByName() {
            Closing own = new Closing(ClientSession.builder()
                    .header("X-A", "1")
                    .header("X-B", "2")
                    .header("Accept", "a/b")
                    .build());
            String head = sent(own.session.get("/"), request -> request.header("x-a", "3"));
            assertThat(head)
                    .contains("x-a: 3\r\n", "X-B: 2\r\n", "Accept: a/b\r\n")
                    .doesNotContain("X-A: 1", "Accept: */*");
            head = sent(
                    own.session.get("/"),
                    request -> request.withoutHeader("X-B").withoutHeader("user-agent"));
            assertThat(head).contains("X-A: 1").doesNotContainIgnoringCase("x-b", "user-agent");
            own.close();
        }

        @Test
        void contentLengthCannotBeSkipped() {
            assertThat(sent(session.post("/"), request -> request.body("abc").withoutHeader("Content-Length")))
                    .contains("Content-Length: 3\r\n");
        }

        @Test
        void ownHostIsRespectedOnTheWire() {
            String head = sent(session.get("/"), request -> request.header("Host", "elsewhere"));
            assertThat(head).contains("Host: elsewhere\r\n").doesNotContain("Host: 127");
        }

        @Test
        void lengthAndCodingTogetherAreRefused() {
            StepVerifier.create(session.post("http://h/")
                            .header("Content-Length", "1")
                            .header("Transfer-Encoding", "chunked")
                            .status())
                    .expectError(IllegalArgumentException.class)
                    .verify(PATIENCE);
            StepVerifier.create(session.post("http://h/")
                            .header("Content-Length", "x")
                            .status())
                    .expectError(IllegalArgumentException.class)
                    .verify(PATIENCE);
            StepVerifier.create(session.post("http://h/")
                            .header("Transfer-Encoding", "gzip")
                            .status())
                    .expectError(IllegalArgumentException.class)
                    .verify(PATIENCE);
            StepVerifier.create(session.post("http://h/")
                            .body("abc")
                            .header("Content-Length", "2")
                            .status())
                    .expectError(IllegalArgumentException.class)
                    .verify(PATIENCE);
        }

        @Test
        void methodsAreTokensInCapitals() {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> session.request("GET /x HTTP/1.1\r\nX:", "http://h/"));
            try (RawOrigin origin = RawOrigin.answering(OK)) {
                session.request("get", origin.url("/")).status().block(PATIENCE);
                session.request("PROPFIND", origin.url("/")).status().block(PATIENCE);
                session.options(origin.url("/")).status().block(PATIENCE);
                session.patch(origin.url("/")).status().block(PATIENCE);
                assertThat(origin.requests())
                        .extracting(r -> r.split(" ")[0])
                        .containsExactly("GET", "PROPFIND", "OPTIONS", "PATCH");
            }
        }

        @Test
        void emptyValueIsSentAndSecretsAreMasked() {
            assertThat(sent(session.get("/"), request -> request.header("X", "")))
                    .contains("\r\nX: \r\n");
            assertThat(session.get("http://h/?q=secret")
                            .bearerAuth("secret")
                            .cookie("a", "secret")
                            .withoutHeader("Accept"))
                    .hasToString("GET http://h/?… {Authorization: ***, Cookie: ***, Accept: (none)}");
        }

        private String sent(ClientRequest any, java.util.function.UnaryOperator<ClientRequest> change) {
            try (RawOrigin origin = RawOrigin.answering(OK)) {
                String method = any.toString().split(" ")[0];
                ClientSession of = ((DefaultClientRequest) any).session();
                change.apply(of.request(method, origin.url("/"))).status().block(PATIENCE);
                return origin.requests().get(0);
            }
        }
    }

    @Nested
    class Received {

        private Object received(String head, java.util.function.Function<ClientResponse, Object> look) {
            try (RawOrigin origin = RawOrigin.answering(head)) {
                return session.get(origin.url("/"))
                        .use(response -> Mono.just(look.apply(response)))
                        .block(PATIENCE);
            }
        }

        private void refused(String head, String reason) {
            try (RawOrigin origin = RawOrigin.answering(head)) {
                StepVerifier.create(session.get(origin.url("/")).text())
                        .expectErrorSatisfies(e -> assertThat(e)
                                .isInstanceOf(InvalidResponseException.class)
                                .hasMessageContaining(reason)
                                .hasMessageContaining("GET http://127.0.0.1"))
                        .verify(PATIENCE);
                assertThat(session.statistics().inUse()).isZero();
                long until = System.nanoTime() + PATIENCE.toNanos();
                while (session.statistics().idle() > 0 && System.nanoTime() - until < 0) {
                    Thread.onSpinWait(); // one to an origin before this one, whose end is on its way
                }
                assertThat(session.statistics().idle()).isZero();
            }
        }

        @Test
        void repeatedHeadersAreAllThere() {
            Headers headers = (Headers) received(
                    "HTTP/1.1 200 OK\r\nSet-Cookie: a=1, x\r\nset-cookie: b=2\r\nContent-Length: 0\r\nX-Empty:\r\n\r\n",
                    ClientResponse::headers);
            assertThat(headers.all("SET-COOKIE")).containsExactly("a=1, x", "b=2");
            assertThat(headers.first("Set-Cookie")).contains("a=1, x");
            assertThat(headers.first("x-empty")).contains("");
            assertThat(headers.first("none")).isEmpty();
            assertThat(headers.all("none")).isEmpty();
            assertThat(headers.contains("content-length")).isTrue();
            assertThat(headers.names()).containsExactly("Set-Cookie", "Content-Length", "X-Empty");
            assertThat(headers).hasToString("{Set-Cookie: ***, set-cookie: ***, Content-Length: 0, X-Empty: }");
        }

        @Test
        void oversizedHeadsAreRefused() {
            refused("HTTP/1.1 200 OK\r\nX: " + "a".repeat(9000) + "\r\n\r\n", "larger than allowed");
            refused(
                    "HTTP/1.1 200 OK\r\n" + ("X: " + "a".repeat(8000) + "\r\n").repeat(9) + "\r\n",
                    "larger than allowed");
            refused("HTTP/1.1 200 OK\r\n" + "X: a\r\n".repeat(129) + "\r\n", "more than 128");
            refused("HTTP/1.1 200 " + "a".repeat(9000), "larger than allowed");
        }

        @Test
        void manyHeadersWithinTheLimitAreTaken() {
            assertThat(received(
                            "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n" + "X: a\r\n".repeat(127) + "\r\n",
                            r -> r.headers().all("x").size()))
                    .isEqualTo(127);
        }

        @Test
        void reasonMayBeMissingOrOdd() {
            assertThat(received("HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", ClientResponse::reason))
                    .isEqualTo("");
            assertThat(received("HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n", ClientResponse::reason))
                    .isEqualTo("");
            assertThat(received("HTTP/1.1 299 N\u00f6 p: e\r\nContent-Length: 0\r\n\r\n", ClientResponse::reason))
                    .isEqualTo("N\u00f6 p: e");
            assertThat(received("HTTP/1.0 200 OK\nContent-Length: 0\n\n", ClientResponse::status))
                    .isEqualTo(200);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "garbage\r\n\r\n",
                    "HTTP/2.0 200 OK\r\n\r\n",
                    "HTTP/1.1 20x OK\r\n\r\n",
                    "HTTP/1.1 2000 OK\r\n\r\n",
                    "HTTP/1.1 099 OK\r\n\r\n",
                    "\r\nHTTP/1.1 200 OK\r\n\r\n",
                    "\u0001HTTP/1.1 200 OK\r\n\r\n",
                    "http/1.1 200 OK\r\n\r\n",
                    "HTTP/1.1  200 OK\r\n\r\n"
                })
        void anythingButAStatusLineIsRefused(String head) {
            refused(head, "status line");
        }

        @Test
        void foldedLinesAreUnfolded() {
            assertThat(received(
                            "HTTP/1.1 200 OK\r\nX: a\r\n  b\r\n\tc\r\nContent-Length: 0\r\n\r\n",
                            r -> r.headers().first("X").orElseThrow()))
                    .asString()
                    .matches("a +b +\tc");
            refused("HTTP/1.1 200 OK\r\n X: a\r\n\r\n", "before its first header");
        }

        @Test
        void namesAndValuesAreReadStrictly() {
            refused("HTTP/1.1 200 OK\r\nName : a\r\n\r\n", "name is not a token");
            refused("HTTP/1.1 200 OK\r\nNa me: a\r\n\r\n", "name is not a token");
            refused("HTTP/1.1 200 OK\r\n: a\r\n\r\n", "name is not a token");
            refused("HTTP/1.1 200 OK\r\nnothing\r\n\r\n", "name is not a token");
            refused("HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n", "control character");
            refused("HTTP/1.1 200 OK\r\nX: a\rb\r\n\r\n", "control character");
            refused("HTTP/1.1 200 O\rK\r\n\r\n", "control character");
        }

        @Test
        void ambiguousLengthsAreRefused() {
            refused("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", "Content-Length");
            refused("HTTP/1.1 200 OK\r\nContent-Length: 1, 2\r\n\r\nab", "Content-Length");
            refused("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nab", "Content-Length");
            refused("HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\nab", "Content-Length");
            refused("HTTP/1.1 200 OK\r\nContent-Length: \r\n\r\nab", "Content-Length");
            refused("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nab", "Content-Length");
            refused("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "both");
        }

        @Test
        void equalLengthsAreOne() {
            assertThat(received(
                            "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nContent-Length: 0, 0\r\n\r\n",
                            ClientResponse::status))
                    .isEqualTo(200);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "xchunked",
                    "chunked, chunked",
                    "gzip, chunked",
                    "chunked, gzip",
                    "identity",
                    "chunked\r\nTransfer-Encoding: chunked"
                })
        void otherTransferCodingsAreRefused(String coding) {
            refused("HTTP/1.1 200 OK\r\nTransfer-Encoding: " + coding + "\r\n\r\n0\r\n\r\n", "Transfer-Encoding");
        }

        @Test
        void chunksFromAnOldServerAreRefused() {
            refused("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "Transfer-Encoding");
        }
    }
}
