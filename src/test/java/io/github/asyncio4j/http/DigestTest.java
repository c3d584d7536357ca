package io.github.asyncio4j.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.asyncio4j.testing.NoLeaks;
import io.github.asyncio4j.testing.RawOrigin;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Rows A03 to A05. The server computes for itself what it expects. */
@ExtendWith(NoLeaks.class)
@Timeout(value = 30, unit = TimeUnit.SECONDS)
class DigestTest {

    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    private static String hash(String algorithm, String text) throws Exception {
        MessageDigest digest = MessageDigest.getInstance(algorithm);
        return HexFormat.of().formatHex(digest.digest(text.getBytes(StandardCharsets.UTF_8)));
    }

    private static Map<String, String> credentials(String request) {
        String value = request.replaceAll("(?s).*\r\nAuthorization: ([^\r]*)\r\n.*", "$1");
        return value.equals(request)
                ? Map.of()
                : Challenge.parse(List.of(value)).get(0).parameters();
    }

    private static boolean isRight(String request, String inJava) throws Exception {
        Map<String, String> given = credentials(request);
        if (given.isEmpty()) {
            return false;
        }
        String[] line = request.split(" ", 3);
        String secret = hash(inJava, "mé:" + given.get("realm") + ":pass\"word");
        if (given.getOrDefault("algorithm", "").endsWith("-sess")) {
            secret = hash(inJava, secret + ":" + given.get("nonce") + ":" + given.get("cnonce"));
        }
        String what = line[0] + ":" + line[1];
        String middle = given.get("nonce");
        String qop = given.get("qop");
        if (qop != null) {
            middle += ":" + given.get("nc") + ":" + given.get("cnonce") + ":" + qop;
            if (qop.equals("auth-int")) {
                what += ":" + hash(inJava, request.substring(request.indexOf("\r\n\r\n") + 4));
            }
        }
        return given.get("uri").equals(line[1])
                && given.get("response").equals(hash(inJava, secret + ":" + middle + ":" + hash(inJava, what)));
    }

    private static RawOrigin origin(String challenge, String inJava) {
        return RawOrigin.start(peer -> {
            while (peer.readRequest()) {
                peer.send(
                        isRight(peer.lastRequest(), inJava)
                                ? OK
                                : "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: " + challenge
                                        + "\r\nContent-Length: 2\r\n\r\nno");
            }
        });
    }

    private static Closing session() {
        return new Closing(
                ClientSession.builder().digestAuth("mé", "pass\"word").build());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Digest realm=\"r\", nonce=\"n1\"|MD5",
                "Digest realm=\"a \\\"quoted\\\" r\", nonce=\"n1\", qop=\"auth\", algorithm=MD5, opaque=\"o\"|MD5",
                "Digest realm=\"r\", nonce=\"n1\", qop=\"auth,auth-int\", algorithm=SHA-256|SHA-256",
                "Digest realm=\"r\", nonce=\"n1\", qop=auth-int, algorithm=SHA-256|SHA-256",
                "Digest realm=\"r\", nonce=\"n1\", qop=\"auth\", algorithm=MD5-sess|MD5",
                "Digest realm=\"r\", nonce=\"n1\", qop=\"auth\", algorithm=SHA-512-256|SHA-512/256",
                "Basic realm=\"b\", Digest realm=\"r\", nonce=\"n1\", algorithm=MD5, Digest realm=\"r\", nonce=\"n2\", qop=\"auth\", algorithm=SHA-256|SHA-256"
            })
    void aChallengeIsAnsweredAndTheNextRequestIsSignedBefore(String challenge, String inJava) {
        try (RawOrigin origin = origin(challenge, inJava);
                Closing closing = session()) {
            Mono<String> post = closing.session
                    .post(origin.url("/a b?c=d e"))
                    .body("content")
                    .text();
            assertThat(post.then(post).block(PATIENCE)).isEqualTo("ok");
            assertThat(origin.requests()).hasSize(3);
            assertThat(credentials(origin.requests().get(0))).isEmpty();
            if (challenge.contains("qop")) {
                assertThat(credentials(origin.requests().get(1))).containsEntry("nc", "00000001");
                assertThat(credentials(origin.requests().get(2))).containsEntry("nc", "00000002");
            }
        }
    }

    @Test
    void theNameIsHashedWhereTheServerWantsIt() throws Exception {
        try (RawOrigin origin = origin("Digest realm=\"r\", nonce=\"n\", qop=\"auth\", userhash=true", "MD5");
                Closing closing = session()) {
            assertThat(closing.session.get(origin.url("/")).text().block(PATIENCE))
                    .isEqualTo("ok");
            assertThat(credentials(origin.requests().get(1)))
                    .containsEntry("username", hash("MD5", "mé:r"))
                    .containsEntry("userhash", "true");
        }
    }

    @Test
    void wrongCredentialsAreTriedOnce() {
        try (RawOrigin origin = origin("Digest realm=\"r\", nonce=\"n\", qop=\"auth\"", "MD5");
                Closing closing =
                        new Closing(ClientSession.builder().digestAuth("a", "b").build())) {
            assertThat(closing.session.get(origin.url("/")).status().block(PATIENCE))
                    .isEqualTo(401);
            assertThat(origin.requests()).hasSize(2);
        }
    }

    @Test
    void aStaleNonceIsReplaced() {
        String[] answers = {
            "HTTP/1.1 401 a\r\nWWW-Authenticate: Digest realm=\"r\", nonce=\"one\"\r\nContent-Length: 0\r\n\r\n",
            OK,
            "HTTP/1.1 401 a\r\nWWW-Authenticate: Digest realm=\"r\", nonce=\"two\", stale=TRUE\r\nContent-Length: 0\r\n\r\n",
            OK
        };
        try (RawOrigin origin = RawOrigin.start(peer -> {
                    for (String answer : answers) {
                        peer.readRequest();
                        peer.send(answer);
                    }
                });
                Closing closing = session()) {
            Mono<String> get = closing.session.get(origin.url("/")).text();
            assertThat(get.then(get).block(PATIENCE)).isEqualTo("ok");
            assertThat(origin.requests().stream()
                            .map(request -> credentials(request).get("nonce")))
                    .containsExactly(null, "one", "one", "two");
        }
    }

    @Test
    void aServerThatFindsEveryNonceStaleIsLeftAlone() {
        try (RawOrigin origin =
                        RawOrigin.answering("HTTP/1.1 401 a\r\nWWW-Authenticate: Digest realm=\"r\", nonce=\"n\", "
                                + "stale=true\r\nContent-Length: 0\r\n\r\n");
                Closing closing = session()) {
            assertThat(closing.session.get(origin.url("/")).status().block(PATIENCE))
                    .isEqualTo(401);
            assertThat(origin.requests()).hasSize(3);
        }
    }

    @Test
    void anotherOriginGetsNothing() {
        try (RawOrigin other = origin("Digest realm=\"r\", nonce=\"n\"", "MD5");
                RawOrigin origin = RawOrigin.answering(
                        "HTTP/1.1 302 Found\r\nLocation: " + other.url("/") + "\r\nContent-Length: 0\r\n\r\n");
                Closing closing = session()) {
            assertThat(closing.session.get(origin.url("/")).status().block(PATIENCE))
                    .isEqualTo(401);
            assertThat(other.requests()).hasSize(1);
        }
        try (RawOrigin other = origin("Digest realm=\"r\", nonce=\"n\"", "MD5");
                Closing closing = new Closing(ClientSession.builder()
                        .baseUrl("http://home.test/")
                        .digestAuth("a", "b")
                        .build())) {
            assertThat(closing.session.get(other.url("/")).status().block(PATIENCE))
                    .isEqualTo(401);
            assertThat(other.requests()).hasSize(1);
        }
    }

    @Test
    void aBodyThatCanBeReadOnceIsNotSentAgain() {
        try (RawOrigin origin = RawOrigin.answering(
                        "HTTP/1.1 401 a\r\nWWW-Authenticate: Digest realm=\"r\", nonce=\"n\"\r\nContent-Length: 0\r\n\r\n");
                Closing closing = session()) {
            assertThat(closing.session
                            .post(origin.url("/"))
                            .header("Content-Length", "1")
                            .body(Flux.just(ByteBuffer.wrap(new byte[1])))
                            .status()
                            .block(PATIENCE))
                    .isEqualTo(401);
            assertThat(origin.requests()).hasSize(1);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Digest realm=\"r\", nonce=\"n\", algorithm=ROT13",
                "Digest realm=\"r\", nonce=\"n\", qop=\"other\"",
                "Digest realm=\"r\"",
                "Basic realm=\"r\"",
                "\"nonsense\""
            })
    void whatCannotBeAnsweredIsTheResponse(String challenge) {
        try (RawOrigin origin = origin(challenge, "MD5");
                Closing closing = session()) {
            assertThat(closing.session.get(origin.url("/")).text().block(PATIENCE))
                    .isEqualTo("no");
            assertThat(origin.requests()).hasSize(1);
        }
    }

    @Test
    void aRequestsOwnCredentialsWin() {
        try (RawOrigin origin = origin("Digest realm=\"r\", nonce=\"n\"", "MD5");
                Closing closing = session()) {
            assertThat(closing.session
                            .get(origin.url("/"))
                            .bearerAuth("t")
                            .status()
                            .block(PATIENCE))
                    .isEqualTo(401);
            assertThat(origin.requests()).hasSize(1);
        }
    }

    @Test
    void aUserThatCannotBeSentIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ClientSession.builder().digestAuth("a:b", "c"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ClientSession.builder().digestAuth("a\r\nb", "c"));
    }
}
