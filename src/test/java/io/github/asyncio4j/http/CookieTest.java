package io.github.asyncio4j.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.asyncio4j.testing.NoLeaks;
import io.github.asyncio4j.testing.RawOrigin;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Rows C01 to C16. */
@ExtendWith(NoLeaks.class)
@Timeout(value = 20, unit = TimeUnit.SECONDS)
class CookieTest {

    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final CookieStore jar = new CookieStore(false);

    private static Url url(String text) {
        try {
            return Url.parse(text);
        } catch (InvalidUrlException e) {
            throw new AssertionError(e);
        }
    }

    private void set(String url, String... fields) {
        StringBuilder head = new StringBuilder("HTTP/1.1 200 OK\r\n");
        for (String field : fields) {
            head.append("Set-Cookie: ").append(field).append("\r\n");
        }
        set(jar, url, head.append("\r\n").toString());
    }

    private static void set(CookieStore jar, String url, String head) {
        try {
            jar.receive(url(url), ResponseHead.parse(head.getBytes(StandardCharsets.ISO_8859_1)));
        } catch (InvalidResponseException e) {
            throw new AssertionError(e);
        }
    }

    private String sent(String url) {
        return String.valueOf(jar.header(url(url)));
    }

    @Test
    void withoutADomainACookieStaysWithItsHost() {
        set("http://example.com/", "a=1", "b=2; Domain=");
        assertThat(sent("http://example.com/")).isEqualTo("a=1; b=2");
        assertThat(sent("http://www.example.com/")).isEqualTo("null");
        assertThat(sent("http://notexample.com/")).isEqualTo("null");
    }

    @ParameterizedTest
    @ValueSource(strings = {"example.com", ".example.com", "EXAMPLE.com"})
    void withADomainItIsSentToSubdomains(String domain) {
        set("http://www.example.com/", "a=1; Domain=" + domain);
        assertThat(sent("http://example.com/")).isEqualTo("a=1");
        assertThat(sent("http://a.b.example.com/")).isEqualTo("a=1");
        assertThat(sent("http://badexample.com/")).isEqualTo("null");
        assertThat(jar.all()).containsExactly(new CookieJar.Cookie("a", "1", "example.com", "/"));
    }

    @ParameterizedTest
    @CsvSource({
        "example.com, other.com",
        "example.com, www.example.com",
        "a.co.uk, co.uk",
        "example.com, com",
        "me.github.io, github.io",
        "xample.com, example.com"
    })
    void foreignAndPublicDomainsAreRefused(String host, String domain) {
        set("http://" + host + "/", "a=1; Domain=" + domain);
        assertThat(jar.all()).isEmpty();
    }

    @Test
    void domainEqualToAPublicHostMeansThatHostOnly() {
        set("http://localhost/", "a=1; Domain=localhost");
        set("http://github.io/", "a=1; Domain=github.io");
        assertThat(sent("http://localhost/")).isEqualTo("a=1");
        assertThat(sent("http://x.localhost/")).isEqualTo("null");
        assertThat(sent("http://evil.github.io/")).isEqualTo("null");
    }

    @Test
    void domainWithATrailingDotIsIgnored() {
        set("http://example.com/", "a=1; Domain=example.com.");
        assertThat(sent("http://example.com/")).isEqualTo("a=1");
        assertThat(sent("http://www.example.com/")).isEqualTo("null");
    }

    @Test
    void pathsMatchBySegments() {
        set(
                "http://h.example/foo/bar",
                "default=1",
                "b=2; Path=/foo",
                "c=3; Path=/",
                "d=4; Path=relative",
                "e=5; Path=/x/");
        assertThat(sent("http://h.example/foo")).isEqualTo("default=1; b=2; d=4; c=3");
        assertThat(sent("http://h.example/foo/x")).isEqualTo("default=1; b=2; d=4; c=3");
        assertThat(sent("http://h.example/foobar")).isEqualTo("c=3");
        assertThat(sent("http://h.example/x")).isEqualTo("c=3");
        assertThat(sent("http://h.example/x/y")).isEqualTo("e=5; c=3");
        set("http://p.example/", "r=1");
        assertThat(jar.all()).extracting(CookieJar.Cookie::path).last().isEqualTo("/");
    }

    @Test
    void longestPathComesFirstThenTheOldest() {
        set("http://h.example/a/b/c", "one=1; Path=/a", "two=2; Path=/a/b", "three=3; Path=/a", "one=9; Path=/a");
        assertThat(sent("http://h.example/a/b/c")).isEqualTo("two=2; one=9; three=3");
    }

    @Test
    void secureCookiesStayOffPlainHttp() {
        set("https://h.example/", "s=1; Secure");
        assertThat(sent("http://h.example/")).isEqualTo("null");
        assertThat(sent("https://h.example/")).isEqualTo("s=1");
        set("http://h.example/", "s=2", "t=3; Secure", "s=2; Path=/login");
        assertThat(sent("https://h.example/login")).isEqualTo("s=1");
        set("http://localhost/", "l=1; Secure");
        assertThat(sent("http://localhost/")).isEqualTo("l=1");
        set("https://www.h.example/", "w=1; Secure; Domain=h.example; Path=/p");
        set("http://www.h.example/", "w=2; Path=/p/q");
        set("http://h.example/", "w=3; Path=/p");
        assertThat(sent("https://www.h.example/p/q")).isEqualTo("w=1");
    }

    @Test
    void prefixesArePromises() {
        set(
                "https://h.example/a/",
                "__Secure-a=1",
                "__Secure-b=2; Secure",
                "__Host-c=3; Secure",
                "__Host-d=4; Secure; Path=/; Domain=h.example",
                "__Host-e=5; Secure; Path=/",
                "__host-f=6; Path=/");
        set("http://h.example/", "__Secure-g=7; Secure");
        assertThat(jar.all()).extracting(CookieJar.Cookie::name).containsExactly("__Secure-b", "__Host-e");
    }

    @Test
    void maxAgeWinsOverExpires() {
        set(
                "http://h.example/",
                "a=1; Max-Age=100; Expires=Thu, 01 Jan 1970 00:00:01 GMT",
                "b=2; Max-Age=0",
                "c=3; Max-Age=-5",
                "d=4; Max-Age=soon",
                "e=5; Expires=Thu, 01 Jan 1970 00:00:01 GMT",
                "f=6; Max-Age=99999999999999999999",
                "g=7; Max-Age=-99999999999999999999",
                "h=8; Expires=never");
        assertThat(sent("http://h.example/")).isEqualTo("a=1; d=4; f=6; h=8");
        set("http://h.example/", "a=1; Max-Age=0");
        assertThat(sent("http://h.example/")).isEqualTo("d=4; f=6; h=8");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Sun, 06 Nov 2094 08:49:37 GMT",
                "Sunday, 06-Nov-94 08:49:37 GMT",
                "Sun Nov  6 08:49:37 2094",
                "6 november 2094 8:49:37",
                "08:49:37 6-Nov-2094",
                "06 Nov 2094 08:49:37 +0100"
            })
    void datesAreReadInAllTheirForms(String text) {
        Long seconds = CookieDate.parse(text);
        int year = text.contains("94") && !text.contains("2094") ? 1994 : 2094;
        assertThat(Instant.ofEpochSecond(seconds)).isEqualTo(Instant.parse(year + "-11-06T08:49:37Z"));
    }

    @Test
    void twoDigitYearsHaveACentury() {
        assertThat(Instant.ofEpochSecond(CookieDate.parse("01 Jan 69 00:00:00")))
                .isEqualTo("2069-01-01T00:00:00Z");
        assertThat(Instant.ofEpochSecond(CookieDate.parse("01 Jan 70 00:00:00")))
                .isEqualTo("1970-01-01T00:00:00Z");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "never",
                "06 Nov 2094",
                "08:49:37",
                "32 Nov 2094 08:49:37",
                "30 Feb 2094 08:49:37",
                "06 Nov 2094 25:00:00",
                "06 Nov 1600 08:49:37",
                "06 Nev 2094 08:49:37"
            })
    void whatIsNoDateIsIgnored(String text) {
        assertThat(CookieDate.parse(text)).isNull();
    }

    @Test
    void sameNameUnderAnotherPathOrDomainIsAnotherCookie() {
        set("http://www.h.example/", "a=1", "a=2; Path=/x", "a=3; Domain=h.example", "a=4");
        assertThat(sent("http://www.h.example/x")).isEqualTo("a=2; a=4; a=3");
        assertThat(jar.all()).hasSize(3);
    }

    @Test
    void valuesAreKeptAsTheyAre() {
        set(
                "http://h.example/",
                "q=\"v w\"",
                "j={\"a\":1, \"b\":2}",
                "=nameless",
                "valueless",
                "e=",
                "x = y ",
                "=",
                ";",
                "");
        assertThat(sent("http://h.example/")).isEqualTo("q=\"v w\"; j={\"a\":1, \"b\":2}; valueless; e=; x=y");
    }

    @Test
    void controlCharactersDropTheCookie() {
        assertThat(StoredCookie.parse("a=b\u0001", url("http://h.example/"), 0, false))
                .isNull();
        assertThat(StoredCookie.parse("a=b; Path=/\u007f", url("http://h.example/"), 0, false))
                .isNull();
        assertThat(StoredCookie.parse("a=b\tc", url("http://h.example/"), 0, false))
                .isNotNull();
    }

    @Test
    void addressesGetNoCookiesUnlessTheJarIsUnsafe() {
        set("http://127.0.0.1/", "a=1");
        set("http://[::1]/", "a=1");
        assertThat(jar.all()).isEmpty();
        CookieStore unsafe = (CookieStore) CookieJar.unsafe();
        String head =
                "HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2; Domain=127.0.0.1\r\nSet-Cookie: c=3; Domain=0.0.1\r\n\r\n";
        set(unsafe, "http://127.0.0.1/", head);
        assertThat(unsafe.header(url("http://127.0.0.1/"))).isEqualTo("a=1; b=2");
        assertThat(unsafe.header(url("http://1.127.0.0.1.example/"))).isNull();
    }

    @Test
    void sizesAndNumbersAreBounded() {
        set("http://h.example/", "a=" + "x".repeat(4096), "b=" + "x".repeat(4095), "c=1; Path=/" + "p".repeat(1024));
        assertThat(jar.all()).extracting(CookieJar.Cookie::name).containsExactly("b", "c");
        assertThat(jar.all()).extracting(CookieJar.Cookie::path).containsExactly("/", "/");
        jar.clear();
        for (int i = 0; i < 200; i++) {
            set("http://h.example/", "n" + i + "=1");
        }
        assertThat(jar.all())
                .hasSize(180)
                .first()
                .extracting(CookieJar.Cookie::name)
                .isEqualTo("n20");
        for (int i = 0; i < 3000; i++) {
            set("http://h" + i + ".example/", "a=1");
        }
        assertThat(jar.all()).hasSize(3000);
    }

    @Test
    void jarsShowNoValues() {
        set("http://h.example/", "a=secret");
        assertThat(jar).hasToString("CookieJar(1)");
        assertThat(jar.all().toString()).doesNotContain("secret");
        assertThat(StoredCookie.parse("a=secret", url("http://h.example/"), 0, false)
                        .toString())
                .doesNotContain("secret");
    }

    @Test
    void requestCookiesJoinTheJarsAndAreNotStored() {
        Closing closing = new Closing(
                ClientSession.builder().cookieJar(CookieJar.unsafe()).build());
        ClientSession session = closing.session;
        try (RawOrigin origin =
                RawOrigin.answering("HTTP/1.1 401 X\r\nSet-Cookie: jar=1\r\nContent-Length: 0\r\n\r\n")) {
            session.get(origin.url("/")).status().block(PATIENCE);
            session.get(origin.url("/"))
                    .cookie("a", "1")
                    .cookie("b", "2")
                    .status()
                    .block(PATIENCE);
            session.get(origin.url("/")).status().block(PATIENCE);
            List<String> cookies = origin.requests().stream()
                    .map(request -> request.lines()
                            .filter(line -> line.startsWith("Cookie"))
                            .toList()
                            .toString())
                    .toList();
            assertThat(cookies).containsExactly("[]", "[Cookie: a=1; b=2; jar=1]", "[Cookie: jar=1]");
            assertThat(session.cookies().all())
                    .extracting(CookieJar.Cookie::name)
                    .containsExactly("jar");
        }
        closing.close();
    }

    @Test
    void jarsAreNotSharedAndMayBeDisabled() {
        Closing one = new Closing(ClientSession.create());
        Closing none = new Closing(
                ClientSession.builder().cookieJar(CookieJar.disabled()).build());
        assertThat(one.session.cookies()).isNotSameAs(CookieJar.create());
        try (RawOrigin origin =
                RawOrigin.answering("HTTP/1.1 200 X\r\nSet-Cookie: jar=1\r\nContent-Length: 0\r\n\r\n")) {
            none.session.get(origin.url("/")).status().block(PATIENCE);
            none.session.get(origin.url("/")).status().block(PATIENCE);
            assertThat(origin.requests()).noneMatch(request -> request.contains("Cookie"));
            assertThat(none.session.cookies().all()).isEmpty();
            none.session.cookies().clear();
        }
        one.close();
        none.close();
    }
}
