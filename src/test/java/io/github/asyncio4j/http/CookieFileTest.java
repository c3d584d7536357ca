package io.github.asyncio4j.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.test.StepVerifier;

/** Row C13, and the public suffixes of row C02. */
class CookieFileTest {

    private static final Duration PATIENCE = Duration.ofSeconds(5);

    @TempDir
    private Path directory;

    private final CookieStore jar = new CookieStore(false);

    @BeforeAll
    static void findLibraries() {
        new OptionalLibraries(true, true).prepared().block(PATIENCE);
    }

    private static Url url(String text) throws InvalidUrlException {
        return Url.parse(text);
    }

    private void set(String url, String field) throws Exception {
        byte[] head = ("HTTP/1.1 200 OK\r\nSet-Cookie: " + field + "\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1);
        jar.receive(url(url), ResponseHead.parse(head));
    }

    private CookieStore reloaded() {
        Path file = directory.resolve("cookies.txt");
        jar.save(file).block(PATIENCE);
        CookieStore other = new CookieStore(false);
        other.load(file).block(PATIENCE);
        return other;
    }

    @Test
    void savedCookiesGoWhereTheyWent() throws Exception {
        set("https://example.com/", "host=1; Path=/; HttpOnly");
        set("https://example.com/a/b", "wide=\"2\t3\"; Domain=example.com; Secure; Max-Age=1000");
        set("https://example.com/", "=bare");
        CookieStore other = reloaded();
        for (String to : List.of(
                "https://example.com/a/b",
                "https://www.example.com/a/",
                "http://example.com/a",
                "http://example.com/")) {
            assertThat(other.header(url(to))).as(to).isEqualTo(jar.header(url(to)));
        }
        assertThat(other.header(url("https://www.example.com/a/"))).isEqualTo("wide=\"2\t3\"");
        assertThat(other.header(url("http://www.example.com/a/"))).isNull();
        assertThat(Files.readString(directory.resolve("cookies.txt"), StandardCharsets.ISO_8859_1))
                .contains("#HttpOnly_example.com\tFALSE\t/\tFALSE\t0\thost\t1\n");
    }

    @Test
    void fileIsForItsOwnerAloneAndAppearsAtOnce() throws Exception {
        Path file = directory.resolve("cookies.txt");
        Files.writeString(file, "old");
        set("http://example.com/", "a=1");
        jar.save(file).block(PATIENCE);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files).containsExactly(file);
        }
    }

    @Test
    void loadingReplacesWhatIsThere() throws Exception {
        set("http://example.com/", "a=1");
        Path file = directory.resolve("cookies.txt");
        jar.save(file).block(PATIENCE);
        set("http://example.com/", "b=2");
        jar.load(file).block(PATIENCE);
        assertThat(jar.header(url("http://example.com/"))).isEqualTo("a=1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "nonsense",
                "example.com\tFALSE\t/\tFALSE\tsoon\ta\tb",
                "example.com\tMAYBE\t/\tFALSE\t0\ta\tb",
                "example.com\tFALSE\tx\tFALSE\t0\ta\tb",
                "EXAMPLE.com\tFALSE\t/\tFALSE\t0\ta\tb",
                "exam ple.com\tFALSE\t/\tFALSE\t0\ta\tb",
                "example.com\tFALSE\t/\tFALSE\t0\t\t",
                "example.com\tFALSE\t/\tFALSE\t0\ta\tb\u0001"
            })
    void lineThatIsNoCookieIsNamedAndNothingChanges(String line) throws Exception {
        set("http://example.com/", "a=1");
        Path file = directory.resolve("cookies.txt");
        Files.writeString(file, "# a title\n\nexample.com\tFALSE\t/\tFALSE\t0\tz\ty\n" + line + "\n");
        StepVerifier.create(jar.load(file))
                .expectErrorSatisfies(
                        e -> assertThat(e).isInstanceOf(IOException.class).hasMessageContaining("line 4"))
                .verify(PATIENCE);
        assertThat(jar.header(url("http://example.com/"))).isEqualTo("a=1");
    }

    @Test
    void expiredOnesAreNeitherSavedNorLoaded() throws Exception {
        Path file = directory.resolve("cookies.txt");
        Files.writeString(
                file,
                "example.com\tFALSE\t/\tFALSE\t1000\told\tb\n[::1]\tFALSE\t/\tFALSE\t0\ta\tb\n"
                        .replace("[::1]", "::1"));
        jar.load(file).block(PATIENCE);
        assertThat(jar.all()).extracting(CookieJar.Cookie::domain).containsExactly("::1");
    }

    @Test
    void missingFileAndAJarThatKeepsNothingAreErrors() {
        StepVerifier.create(jar.load(directory.resolve("none")))
                .expectError(NoSuchFileException.class)
                .verify(PATIENCE);
        StepVerifier.create(CookieJar.disabled().load(directory.resolve("none")))
                .expectError(IllegalStateException.class)
                .verify(PATIENCE);
        StepVerifier.create(CookieJar.disabled().save(directory.resolve("none")))
                .expectError(IllegalStateException.class)
                .verify(PATIENCE);
    }

    @Test
    void someCanBeForgotten() throws Exception {
        set("http://example.com/", "a=1");
        set("http://example.org/", "b=1");
        jar.clear(cookie -> cookie.domain().equals("example.com"));
        assertThat(jar.all()).extracting(CookieJar.Cookie::name).containsExactly("b");
        CookieJar.disabled().clear(cookie -> true);
        assertThat(CookieJar.disabled().all()).isEmpty();
    }

    @Test
    void namelessCookieCannotPretendToKeepAPromise() throws Exception {
        set("https://example.com/", "=__Host-a=b; Path=/; Secure");
        set("https://example.com/", "__Secure-a; Secure");
        assertThat(jar.all()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "x.kobe.jp, a.x.kobe.jp",
        "s3.dualstack.eu-west-1.amazonaws.com, b.s3.dualstack.eu-west-1.amazonaws.com",
        "co.uk, a.co.uk",
        "github.io, a.github.io"
    })
    void publicSuffixOfTheListIsRefused(String suffix, String host) throws Exception {
        set("http://" + host + "/", "a=1; Domain=" + suffix);
        assertThat(jar.all()).isEmpty();
        set("http://" + host + "/", "a=1; Domain=" + host);
        assertThat(jar.all()).hasSize(1);
    }
}
