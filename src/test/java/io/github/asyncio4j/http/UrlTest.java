package io.github.asyncio4j.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.asyncio4j.testing.NoLeaks;
import io.github.asyncio4j.testing.RawOrigin;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.test.StepVerifier;

/** Rows U01 to U28. */
@ExtendWith(NoLeaks.class)
@Timeout(value = 20, unit = TimeUnit.SECONDS)
class UrlTest {

    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private static Url url(String text) {
        try {
            return Url.parse(text);
        } catch (InvalidUrlException e) {
            throw new AssertionError(e);
        }
    }

    private static void assertInvalid(String text) {
        assertThatThrownBy(() -> Url.parse(text)).as(text).isInstanceOf(InvalidUrlException.class);
    }

    @Nested
    class Reading {

        @Test
        void missingPathIsTheRoot() {
            assertThat(url("http://h").target()).isEqualTo("/");
            assertThat(url("http://h")).hasToString("http://h/");
        }

        @Test
        void queryWithoutPathGetsTheRootBeforeIt() {
            assertThat(url("http://h?q=1").target()).isEqualTo("/?q=1");
        }

        @ParameterizedTest
        @ValueSource(strings = {"http://h#frag", "http://h/#frag"})
        void fragmentIsKeptApart(String text) {
            assertThat(url(text).target()).isEqualTo("/");
            assertThat(url(text).origin.host()).isEqualTo("h");
            assertThat(url(text).fragment).isEqualTo("frag");
            assertThat(url(text).toString()).doesNotContain("frag");
        }

        @Test
        void credentialsAreDecodedAndKeptOutOfEverythingElse() {
            Url url = url("http://us%20er:p%40+ss@h/");
            assertThat(url.login).isEqualTo("us er:p@+ss");
            assertThat(url.origin.hostHeader()).isEqualTo("h");
            assertThat(url.toString()).isEqualTo("http://h/");
            assertThat(url("http://:p@h/").login).isEqualTo(":p");
            assertThat(url("http://u@h/").login).isEqualTo("u:");
            assertInvalid("http://%zz@h/");
        }

        @ParameterizedTest
        @CsvSource({
            "http://h/a b, /a%20b",
            "http://h/a|b{c}, /a%7Cb%7Bc%7D",
            "http://h/ä?ö=ü, /%C3%A4?%C3%B6=%C3%BC",
            "http://h/%41%zz%, /%41%25zz%25",
            "http://h/😀, /%F0%9F%98%80",
            "http://h/a\\b, /a%5Cb",
            "http://h/?a=b c&d=é, /?a=b%20c&d=%C3%A9",
            "http://h/a;b=c:d@e!$&'()*+~, /a;b=c:d@e!$&'()*+~",
        })
        void whatCannotBeSentIsEncodedOnce(String text, String target) {
            assertThat(url(text).target()).isEqualTo(target);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "http://h/\r\nX: y",
                    "http://h/\0",
                    "http://h/\t",
                    "http://h\n/",
                    "http://h/\u007f",
                    "http://h/\ud800"
                })
        void controlCharactersAndHalfCharactersAreRefused(String text) {
            assertInvalid(text);
        }

        @Test
        void internationalNamesGoOutInAscii() {
            assertThat(url("http://bücher.example/").origin.hostHeader()).isEqualTo("xn--bcher-kva.example");
            assertThat(url("http://EXAMPLE.com/").origin.host()).isEqualTo("example.com");
            assertThat(url("http://my_host/").origin.host()).isEqualTo("my_host");
            assertThat(url("http://example.com./").origin.host()).isEqualTo("example.com.");
        }

        @Test
        void namesThatAreNoneAreRefused() {
            assertInvalid("http://" + "a".repeat(64) + ".example/");
            assertInvalid("http://a..b/");
            assertInvalid("http://ü" + "a".repeat(80) + "/");
            assertInvalid("http:///path");
            assertInvalid("http://./");
            assertInvalid("http://a%41b/");
            assertInvalid("http://a b/");
            assertInvalid("http://" + "a.".repeat(130) + "b/");
        }

        @Test
        void ipv6AddressesStandInBrackets() {
            assertThat(url("http://[::1]:8080/").origin.hostHeader()).isEqualTo("[::1]:8080");
            assertThat(url("http://[FE80::1%25eth0]/").origin.host()).isEqualTo("fe80::1%eth0");
            assertThat(url("http://[fe80::1%eth0]/").origin.hostHeader()).isEqualTo("[fe80::1]");
            assertInvalid("http://[::1/");
            assertInvalid("http://[nonsense]/");
            assertInvalid("http://[::1]x/");
            assertInvalid("http://[::1%25]/");
            assertInvalid("http://[::1%25a/b]/");
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "http://h:0/",
                    "http://h:65536/",
                    "http://h:abc/",
                    "http://h:99999999999/",
                    "http://h:-1/",
                    "http://h: 80/"
                })
        void portsOutOfRangeAreRefused(String text) {
            assertInvalid(text);
        }

        @Test
        void smallestAndEmptyPortsWork() {
            assertThat(url("http://h:9/").origin.port()).isEqualTo(9);
            assertThat(url("http://h:/").origin.port()).isEqualTo(80);
            assertThat(url("https://h/").origin.port()).isEqualTo(443);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "127.1",
                    "0x7f.1",
                    "017700000001",
                    "2130706433",
                    "1.2.3.4.5",
                    "256.1.1.1",
                    "01.2.3.4",
                    "1.2.3.",
                    "0x7f000001"
                })
        void doubtfulAddressesAreRefused(String host) {
            assertInvalid("http://" + host + "/");
        }

        @Test
        void plainAddressesAreTaken() {
            assertThat(url("http://127.0.0.1/").origin.host()).isEqualTo("127.0.0.1");
            assertThat(url("http://0.0.0.0/").origin.host()).isEqualTo("0.0.0.0");
            assertThat(url("http://1e100.net/").origin.host()).isEqualTo("1e100.net");
        }

        @ParameterizedTest
        @ValueSource(strings = {"http://a\\@b/", "http://a@b@c/", "http://a\\b"})
        void authoritiesThatParsersDisagreeAboutAreRefused(String text) {
            assertInvalid(text);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "ftp://h/",
                    "file:///etc/passwd",
                    "javascript:alert(1)",
                    "//h/",
                    "h/path",
                    "",
                    ":",
                    "http:h",
                    "http:/h",
                    "1http://h"
                })
        void onlyHttpAndHttpsAreTaken(String text) {
            assertInvalid(text);
        }

        @Test
        void schemeMayBeInCapitals() {
            assertThat(url("HTTP://h/").origin.secure()).isFalse();
            assertThat(url("HttpS://h/").origin.secure()).isTrue();
        }

        @ParameterizedTest
        @CsvSource({
            "/a/../b/./c, /b/c",
            "/../../a, /a",
            "/a/.., /",
            "/a/., /a/",
            "/a/b/../, /a/",
            "/a/.b/..c, /a/.b/..c",
            "/a//../b, /a/b",
        })
        void dotSegmentsAreRemoved(String path, String target) {
            assertThat(url("http://h" + path).target()).isEqualTo(target);
        }

        @ParameterizedTest
        @CsvSource({"http://h:80/, h", "http://h:443/, h:443", "https://h:80/, h:80", "https://h:443/, h"})
        void defaultPortIsLeftOutOfTheHostHeader(String text, String host) {
            assertThat(url(text).origin.hostHeader()).isEqualTo(host);
        }

        @Test
        void veryLongUrlsAreRefused() {
            assertInvalid("http://h/" + "a".repeat(64 * 1024));
        }

        @Test
        void messagesShowNoPasswordAndNoQueryValues() {
            assertThatThrownBy(() -> Url.parse("me:secret@host/path"))
                    .isInstanceOf(InvalidUrlException.class)
                    .hasMessageNotContaining("secret");
            assertThat(url("http://u:secret@h/p?token=secret").redacted()).isEqualTo("http://h/p?…");
        }
    }

    @Nested
    class Resolving {

        @ParameterizedTest
        @CsvSource({
            "v1/x, http://h/api/v1/x",
            "/v1, http://h/v1",
            "../y, http://h/y",
            "?q, http://h/api/?q",
            "http://other/z, http://other/z",
            "//other/z, http://other/z",
            "#f, http://h/api/",
            "./, http://h/api/",
            "a b, http://h/api/a%20b",
        })
        void referencesAreSeenFromTheBase(String reference, String expected) throws Exception {
            assertThat(url("http://h/api/").resolve(reference)).hasToString(expected);
        }

        @Test
        void emptyReferenceKeepsTheQuery() throws Exception {
            assertThat(url("http://h/a?b").resolve("")).hasToString("http://h/a?b");
            assertThat(url("http://h/a?b").resolve("#c").fragment).isEqualTo("c");
            assertThat(url("http://h/a?b").resolve("?c#d").target()).isEqualTo("/a?c");
        }

        @Test
        void baseMustEndInASlashAndHaveNoQuery() {
            for (String base : List.of("http://h/api", "http://h/?q", "http://h/#f", "h", "ftp://h/")) {
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> ClientSession.builder().baseUrl(base))
                        .withMessageContaining("baseUrl");
            }
        }
    }

    @Nested
    class Requests {

        private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

        private String requestLine(RawOrigin origin, ClientRequest request) {
            request.status().block(PATIENCE);
            String last = origin.requests().get(origin.requests().size() - 1);
            return last.substring(0, last.indexOf(" HTTP/1.1"));
        }

        @Test
        void paramsAreAppendedInOrder() {
            try (RawOrigin origin = RawOrigin.answering(OK);
                    Closing closing = new Closing(ClientSession.create())) {
                Map<String, Object> params = new LinkedHashMap<>();
                params.put("a", 1);
                params.put("b", List.of(2, 3));
                ClientRequest request = closing.session.get(origin.url("/?z=0")).params(params);
                assertThat(requestLine(origin, request)).isEqualTo("GET /?z=0&a=1&b=2&b=3");
                assertThat(requestLine(
                                origin, closing.session.get(origin.url("/")).param("a+&=#", " 😀/é")))
                        .isEqualTo("GET /?a%2B%26%3D%23=+%F0%9F%98%80%2F%C3%A9");
                assertThat(requestLine(
                                origin, closing.session.get(origin.url("/?")).params(Map.of())))
                        .isEqualTo("GET /?");
                assertThat(requestLine(
                                origin, closing.session.get(origin.url("/?")).param("e", List.of())))
                        .isEqualTo("GET /?");
            }
        }

        @Test
        void doubtfulParamsAreRefusedWhereTheyAreGiven() {
            try (Closing closing = new Closing(ClientSession.create())) {
                ClientRequest request = closing.session.get("http://h/");
                assertThatNullPointerException()
                        .isThrownBy(() -> request.param("key", null))
                        .withMessageContaining("key");
                for (Object odd : List.of(true, Double.NaN, Float.POSITIVE_INFINITY)) {
                    assertThatIllegalArgumentException()
                            .isThrownBy(() -> request.param("key", odd))
                            .withMessageContaining("key");
                }
            }
        }

        @Test
        void credentialsInTheUrlBecomeAHeader() {
            try (RawOrigin origin = RawOrigin.answering(OK);
                    Closing closing = new Closing(ClientSession.create())) {
                String url = origin.url("/").replace("http://", "http://Aladdin:open%20sesame@");
                closing.session
                        .get(url)
                        .use(r -> reactor.core.publisher.Mono.just(r.url()))
                        .as(StepVerifier::create)
                        .expectNext(origin.url("/"))
                        .expectComplete()
                        .verify(PATIENCE);
                assertThat(origin.requests().get(0)).contains("Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n");
                StepVerifier.create(closing.session.get(url).bearerAuth("x").text())
                        .expectErrorSatisfies(e -> assertThat(e).isInstanceOf(InvalidUrlException.class))
                        .verify(PATIENCE);
                assertThat(origin.requests()).hasSize(1);
            }
        }

        @Test
        void badUrlIsAnErrorOfTheSubscriptionAndNothingIsSent() {
            try (Closing closing = new Closing(ClientSession.create())) {
                StepVerifier.create(closing.session
                                .get("http://h:0/?password=secret")
                                .text())
                        .expectErrorSatisfies(e -> assertThat(e)
                                .isInstanceOf(InvalidUrlException.class)
                                .hasMessageNotContaining("secret"))
                        .verify(PATIENCE);
                assertThat(closing.session.get("nonsense")).hasToString("GET (invalid URL) {}");
            }
        }

        @Test
        void baseUrlTakesRelativeOnesAndKeepsItsSecretsToItself() {
            try (RawOrigin home = RawOrigin.answering(OK);
                    RawOrigin other = RawOrigin.answering(OK);
                    Closing closing = new Closing(ClientSession.builder()
                            .baseUrl(home.url("/api/"))
                            .basicAuth("u", "p")
                            .cookie("s", "1")
                            .header("X-Key", "k")
                            .header("X-Plain", "v")
                            .secretHeaders("x-key")
                            .build())) {
                assertThat(requestLine(home, closing.session.get("v1/x"))).isEqualTo("GET /api/v1/x");
                assertThat(home.requests().get(0))
                        .contains("Authorization: Basic", "Cookie: s=1", "X-Key: k", "X-Plain: v");
                assertThat(requestLine(other, closing.session.get(other.url("/y"))))
                        .isEqualTo("GET /y");
                assertThat(other.requests().get(0))
                        .contains("X-Plain: v")
                        .doesNotContain("Authorization", "Cookie", "X-Key");
            }
        }
    }
}
