package io.github.asyncio4j.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.asyncio4j.testing.NoLeaks;
import io.github.asyncio4j.testing.RawOrigin;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

/** Rows D01 to D28. */
@ExtendWith(NoLeaks.class)
@Timeout(value = 20, unit = TimeUnit.SECONDS)
class RedirectTest {

    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final String END = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nend";

    private final Closing closing = new Closing(ClientSession.builder()
            .cookieJar(CookieJar.unsafe())
            .secretHeaders("X-Key")
            .build());
    private final ClientSession session = closing.session;

    @AfterEach
    void close() {
        closing.close();
    }

    private static String to(int status, String location) {
        return "HTTP/1.1 " + status + " Moved\r\nLocation: " + location + "\r\nContent-Length: 4\r\n\r\nmove";
    }

    /** Answers {@code /start} with {@code first} and everything else with {@link #END}. */
    private static RawOrigin origin(String first) {
        return routed(path -> path.startsWith("/start") ? first : END);
    }

    private static RawOrigin routed(Function<String, String> answers) {
        return RawOrigin.start(peer -> {
            while (peer.readRequest()) {
                String last = peer.lastRequest();
                peer.send(answers.apply(last.split(" ")[1]));
            }
        });
    }

    private void fails(ClientRequest request, Class<? extends Throwable> type, String... messages) {
        StepVerifier.create(request.text())
                .expectErrorSatisfies(e -> assertThat(e).isInstanceOf(type).hasMessageContainingAll(messages))
                .verify(PATIENCE);
        assertThat(session.statistics().inUse()).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {301, 302, 303, 307, 308})
    void getIsFollowedWithGet(int status) {
        try (RawOrigin origin = origin(to(status, "/end?x#f"))) {
            String seen = session.get(origin.url("/start"))
                    .use(r -> r.text()
                            .map(text -> text
                                    + r.url()
                                    + r.history().size()
                                    + r.history().get(0).status()))
                    .block(PATIENCE);
            assertThat(seen).isEqualTo("end" + origin.url("/end?x") + "1" + status);
            assertThat(origin.requests().get(1)).startsWith("GET /end?x HTTP/1.1\r\n");
            assertThat(origin.accepted()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "POST, 301, GET, false",
        "POST, 302, GET, false",
        "POST, 303, GET, false",
        "PUT, 303, GET, false",
        "PUT, 301, PUT, true",
        "PATCH, 302, PATCH, true",
        "DELETE, 301, DELETE, true",
        "POST, 307, POST, true",
        "POST, 308, POST, true",
    })
    void methodAndBodyAreKeptOrDropped(String method, int status, String then, boolean body) {
        try (RawOrigin origin = origin(to(status, "/end"))) {
            session.request(method, origin.url("/start"))
                    .header("Content-Language", "en")
                    .body("text")
                    .text()
                    .block(PATIENCE);
            String second = origin.requests().get(1);
            assertThat(second).startsWith(then + " /end");
            if (body) {
                assertThat(second)
                        .contains("Content-Type: text/plain; charset=utf-8\r\n", "Content-Length: 4")
                        .endsWith("text");
            } else {
                assertThat(second)
                        .doesNotContain("Content-Type", "Content-Length", "Transfer-Encoding", "Content-Language");
            }
        }
    }

    @Test
    void headIsFollowedOnlyWhenAsked() {
        try (RawOrigin origin = routed(path -> path.equals("/start")
                ? "HTTP/1.1 303 See\r\nLocation: /end\r\nContent-Length: 4\r\n\r\n"
                : "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n")) {
            assertThat(session.head(origin.url("/start")).status().block(PATIENCE))
                    .isEqualTo(303);
            assertThat(session.head(origin.url("/start"))
                            .followRedirects(true)
                            .status()
                            .block(PATIENCE))
                    .isEqualTo(200);
            assertThat(origin.requests().get(2)).startsWith("HEAD /end");
        }
    }

    @Test
    void oneShotBodyIsNotSentTwice() {
        try (RawOrigin origin = origin(to(307, "/end"))) {
            Flux<ByteBuffer> once = Flux.just(ByteBuffer.wrap(new byte[] {'a'}));
            fails(
                    session.post(origin.url("/start"))
                            .header("Content-Length", "1")
                            .body(once),
                    BodyNotReplayableException.class,
                    "307");
            assertThat(origin.requests()).hasSize(1);
        }
    }

    @Test
    void suppliedAndFileBodiesAreReplayed(@TempDir Path directory) throws Exception {
        Path file = Files.writeString(directory.resolve("a.txt"), "from a file");
        try (RawOrigin origin = origin(to(308, "/end"))) {
            session.post(origin.url("/start")).body(file).text().block(PATIENCE);
            assertThat(origin.requests().get(1))
                    .contains("Content-Type: text/plain", "Content-Length: 11")
                    .endsWith("from a file");
            session.post(origin.url("/start"))
                    .header("Content-Length", "2")
                    .body(() -> Flux.just(StandardCharsets.US_ASCII.encode("h"), StandardCharsets.US_ASCII.encode("i")))
                    .text()
                    .block(PATIENCE);
            assertThat(origin.requests().get(3)).endsWith("hi");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {201, 300, 304, 305, 306})
    void otherStatusesAreNotFollowed(int status) {
        String head = "HTTP/1.1 " + status + " X\r\nLocation: /end\r\nContent-Length: 0\r\n\r\n";
        try (RawOrigin origin = origin(head)) {
            assertThat(session.get(origin.url("/start")).status().block(PATIENCE))
                    .isEqualTo(status);
        }
    }

    @Test
    void redirectWithoutATargetIsTheAnswer() {
        for (String header : List.of("", "Location:\r\n")) {
            try (RawOrigin origin = origin("HTTP/1.1 302 X\r\n" + header + "Content-Length: 0\r\n\r\n")) {
                assertThat(session.get(origin.url("/start")).status().block(PATIENCE))
                        .isEqualTo(302);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "b, /start/b",
        "/b, /b",
        "../b, /b",
        "?q=1, /start/a?q=1",
        "a b, /start/a%20b",
        "\u00c3\u00a4, /start/%C3%A4",
        "%41, /start/%41",
        "\u00e4, /start/%C3%A4"
    })
    void targetsAreSeenFromTheCurrentUrl(String location, String target) {
        try (RawOrigin origin = routed(path -> path.equals("/start/a") ? to(302, location) : END)) {
            session.get(origin.url("/start/a"))
                    .param("p", 1)
                    .followRedirects(false)
                    .text()
                    .block(PATIENCE);
            session.get(origin.url("/start/a")).text().block(PATIENCE);
            assertThat(origin.requests().get(2)).startsWith("GET " + target + " ");
        }
    }

    @Test
    void paramsAreNotAppliedAgain() {
        try (RawOrigin origin = origin(to(302, "/end"))) {
            session.get(origin.url("/start")).param("p", 1).text().block(PATIENCE);
            assertThat(origin.requests().get(1)).startsWith("GET /end HTTP");
        }
    }

    @Test
    void schemeRelativeAndAbsoluteTargets() {
        try (RawOrigin other = origin("")) {
            try (RawOrigin origin = routed(path ->
                    path.equals("/start") ? to(302, "//127.0.0.1:" + other.port() + "/x") : to(302, other.url("/y")))) {
                session.get(origin.url("/start")).text().block(PATIENCE);
                session.get(origin.url("/")).text().block(PATIENCE);
                assertThat(other.requests()).extracting(r -> r.split(" ")[1]).containsExactly("/x", "/y");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ftp://h/",
                "file:///etc/passwd",
                "javascript:alert(1)",
                "data:,x",
                "http://[bad",
                "http:///x",
                "http://h:0/"
            })
    void targetsThatCannotBeFollowedAreRefused(String location) {
        try (RawOrigin origin = origin(to(302, location))) {
            fails(session.get(origin.url("/start")), InvalidUrlException.class, "redirected");
            assertThat(session.statistics().idle()).isEqualTo(1);
        }
    }

    @Test
    void credentialsInTheTargetAreUsedForItsOrigin() {
        try (RawOrigin origin = RawOrigin.start(peer -> {
            while (peer.readRequest()) {
                peer.send(
                        peer.lastRequest().startsWith("GET /start")
                                ? to(
                                        302,
                                        "http://u:p@127.0.0.1:" + peer.socket().getLocalPort() + "/end")
                                : END);
            }
        })) {
            session.get(origin.url("/start")).bearerAuth("t").text().block(PATIENCE);
            assertThat(origin.requests().get(1))
                    .contains("Authorization: Basic dTpw\r\n")
                    .doesNotContain("Bearer");
        }
    }

    @Test
    void secretsStayWithTheirOriginAndAreNotRestored() {
        RawOrigin[] home = new RawOrigin[1];
        try (RawOrigin away = routed(path -> to(302, home[0].url("/end")));
                RawOrigin origin = routed(path -> path.equals("/start") ? to(302, away.url("/away")) : END)) {
            home[0] = origin;
            session.get(origin.url("/start"))
                    .header("Authorization", "Bearer s3cret")
                    .header("Proxy-Authorization", "s3cret")
                    .header("X-Key", "s3cret")
                    .header("Host", "s3cret")
                    .header("X-Plain", "v")
                    .cookie("c", "s3cret")
                    .text()
                    .block(PATIENCE);
            assertThat(origin.requests().get(0)).contains("Bearer s3cret", "c=s3cret");
            assertThat(away.requests().get(0))
                    .contains("X-Plain: v", "Host: 127.0.0.1:" + away.port())
                    .doesNotContain("s3cret");
            assertThat(origin.requests().get(1))
                    .startsWith("GET /end")
                    .contains("X-Plain: v")
                    .doesNotContain("s3cret");
        }
    }

    @Test
    void secretsStayOnARedirectWithinTheOrigin() {
        try (RawOrigin origin = origin(to(302, "/end"))) {
            session.get(origin.url("/start"))
                    .bearerAuth("t")
                    .cookie("c", "1")
                    .text()
                    .block(PATIENCE);
            assertThat(origin.requests().get(1)).contains("Authorization: Bearer t", "Cookie: c=1");
        }
    }

    @Test
    void cookiesOfARedirectAreSentWithTheNextRequest() {
        try (RawOrigin origin =
                origin("HTTP/1.1 302 X\r\nSet-Cookie: a=1\r\nLocation: /end\r\nContent-Length: 0\r\n\r\n")) {
            session.get(origin.url("/start")).text().block(PATIENCE);
            assertThat(origin.requests().get(1)).contains("Cookie: a=1\r\n");
        }
    }

    @Test
    void theTenthRedirectIsOneTooMany() {
        try (RawOrigin origin = routed(path -> to(302, path))) {
            StepVerifier.create(session.get(origin.url("/loop")).text())
                    .expectErrorSatisfies(e -> assertThat(((TooManyRedirectsException) e).history())
                            .hasSize(10))
                    .verify(PATIENCE);
            assertThat(origin.requests()).hasSize(10);
            fails(
                    session.get(origin.url("/loop")).maxRedirects(0),
                    TooManyRedirectsException.class,
                    "maxRedirects = 0");
            assertThat(session.get(origin.url("/loop"))
                            .followRedirects(false)
                            .status()
                            .block(PATIENCE))
                    .isEqualTo(302);
        }
    }

    @Test
    void totalTimeCoversAllHops() {
        try (RawOrigin origin = RawOrigin.start(peer -> {
            while (peer.readRequest()) {
                if (peer.lastRequest().startsWith("GET /hang")) {
                    peer.awaitClose();
                }
                peer.send(to(302, "/hang"));
            }
        })) {
            fails(
                    session.get(origin.url("/start")).timeout(Duration.ofMillis(150)),
                    ClientTimeoutException.class,
                    "/hang");
        }
    }

    @Test
    void longBodyOfARedirectIsNotRead() {
        String head = "HTTP/1.1 302 X\r\nLocation: /end\r\nContent-Length: 1000000\r\n\r\nabc";
        try (RawOrigin origin = origin(head)) {
            assertThat(session.get(origin.url("/start")).text().block(PATIENCE)).isEqualTo("end");
            assertThat(origin.accepted()).isEqualTo(2);
        }
    }

    @Test
    void neverSendsAReferer() {
        try (RawOrigin origin = origin(to(302, "/end"))) {
            session.get(origin.url("/start")).text().block(PATIENCE);
            assertThat(origin.requests().get(1)).doesNotContainIgnoringCase("referer");
        }
    }

    @Test
    void downgradeIsRefusedUnlessAllowed() throws Exception {
        Outgoing request =
                new Outgoing("GET", Url.parse("https://h/"), HeaderList.EMPTY.set("Authorization", "x"), null);
        RequestOptions options = new RequestOptions(
                ClientTimeout.none(), true, 10, false, java.util.Set.of(), null, 1, 1, true, Proxies.NONE);
        ResponseHead head = ResponseHead.parse(
                "HTTP/1.1 302 X\r\nLocation: http://h/x\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
        assertThat(org.assertj.core.api.Assertions.catchThrowable(
                        () -> Redirects.next(request, head, options, List.of())))
                .isInstanceOf(InvalidUrlException.class)
                .hasMessageContaining("https to http");
        Outgoing next = Redirects.next(
                request,
                head,
                new RequestOptions(
                        ClientTimeout.none(), true, 10, true, java.util.Set.of(), null, 1, 1, true, Proxies.NONE),
                List.of());
        assertThat(next.headers().contains("Authorization")).isFalse();
        ResponseHead up = ResponseHead.parse(
                "HTTP/1.1 302 X\r\nLocation: https://h/x\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
        Outgoing plain =
                new Outgoing("GET", Url.parse("http://h/#f"), HeaderList.EMPTY.set("Authorization", "x"), null);
        Outgoing upgraded = Redirects.next(plain, up, options, List.of());
        assertThat(upgraded.headers().contains("Authorization")).isFalse();
        assertThat(upgraded.url().fragment).isEqualTo("f");
        assertThat(Mono.just(upgraded.url().origin.secure()).block()).isTrue();
    }
}
