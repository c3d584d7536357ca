package io.github.asyncio4j.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.asyncio4j.testing.NoLeaks;
import io.github.asyncio4j.testing.RawOrigin;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

@ExtendWith(NoLeaks.class)
@Timeout(value = 30, unit = TimeUnit.SECONDS)
class NetrcTest {

    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    @TempDir
    private Path directory;

    private Path write(String content) throws IOException {
        return Files.writeString(directory.resolve("netrc"), content);
    }

    private static ClientSession.Builder local() {
        return ClientSession.builder().resolver(host -> Mono.just(List.of(InetAddress.getLoopbackAddress())));
    }

    /** Credentials that go out to {@code host}, decoded; empty for none. */
    private String sentTo(String host, Path file) {
        try (RawOrigin origin = RawOrigin.answering(OK);
                Closing closing = new Closing(local().netrc(file).build())) {
            closing.session
                    .get("http://" + host + ":" + origin.port() + "/")
                    .text()
                    .block(PATIENCE);
            return credentials(origin.requests().get(0));
        }
    }

    private static String credentials(String request) {
        String marker = "Authorization: Basic ";
        int at = request.indexOf(marker);
        if (at < 0) {
            return "";
        }
        String encoded = request.substring(at + marker.length(), request.indexOf("\r\n", at));
        return new String(Base64.getDecoder().decode(encoded), StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @CsvSource({
        "a.test, alice:wonder land",
        "A.TEST, alice:wonder land",
        "b.test, bob:p#ss\"word",
        "c.test, carol:",
        "d.test, :only",
        "e.test, anyone:default",
        "f.test, fred:last",
        "127.0.0.1, local:host"
    })
    void entriesAreReadAsOthersDo(String host, String expected) throws Exception {
        Path file = write("""
                # a comment, with machine x login y password z
                machine a.test login "alice" password "wonder land"
                macdef init
                machine b.test
                cd /tmp

                machine b.test user bob
                    account none
                    password p#ss\\"word
                machine c.test login carol
                machine d.test password only
                #machine f.test
                machine f.test login fred password first
                machine f.test login fred password last
                machine 127.0.0.1 login local password host
                machine nothing.test
                default login anyone password default
                """);
        assertThat(sentTo(host, file)).isEqualTo(expected);
    }

    @Test
    void unknownHostGetsNothing() throws Exception {
        Path file = write("machine a.test login x password y\nmacdef last\nto the end");
        assertThat(sentTo("b.test", file)).isEmpty();
        assertThat(sentTo("sub.a.test", file)).isEmpty();
        assertThat(sentTo("a.test", file)).isEqualTo("x:y");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "machine",
                "machine a.test login",
                "login x",
                "machine a.test secret word",
                "machine a.test password \"s3cret",
                "machine a.test login a:b password s3cret"
            })
    void fileThatCannotBeReadIsNamedWithItsLineAndNothingElse(String content) throws Exception {
        Path file = write("# s3cret\n" + content);
        try (Closing closing = new Closing(local().netrc(file).build())) {
            StepVerifier.create(closing.session.get("http://a.test/").text())
                    .expectErrorSatisfies(e -> assertThat(e)
                            .isInstanceOf(IOException.class)
                            .hasMessageContaining(file + ", line 2: ")
                            .hasMessageNotContaining("s3cret"))
                    .verify(PATIENCE);
        }
    }

    @Test
    void namedFileHasToBeThere() {
        try (Closing closing =
                new Closing(local().netrc(directory.resolve("none")).build())) {
            StepVerifier.create(closing.session.get("http://a.test/").text())
                    .expectErrorSatisfies(
                            e -> assertThat(e).isInstanceOf(IOException.class).hasMessageContaining("none"))
                    .verify(PATIENCE);
        }
    }

    @Test
    void usersOwnIsFoundWhereItIsByCustomAndMayBeMissing() throws Exception {
        Outgoing request = new Outgoing("GET", Url.parse("http://a.test/"), HeaderList.EMPTY, null, false);
        assertThat(signed(Netrc.ofUser(Map.of(), directory.toString()), request))
                .isEmpty();
        Files.writeString(directory.resolve("_netrc"), "machine a.test login second password x");
        assertThat(signed(Netrc.ofUser(Map.of("NETRC", ""), directory.toString()), request))
                .isEqualTo("second:x");
        Files.writeString(directory.resolve(".netrc"), "machine a.test login first password x");
        assertThat(signed(Netrc.ofUser(Map.of(), directory.toString()), request))
                .isEqualTo("first:x");
        Path other = write("machine a.test login named password x");
        assertThat(signed(Netrc.ofUser(Map.of("NETRC", other.toString()), directory.toString()), request))
                .isEqualTo("named:x");
        assertThat(signed(Netrc.ofUser(Map.of("NETRC", "/none/such"), directory.toString()), request))
                .isEmpty();
        ClientSession.builder().netrc().build().dispose();
    }

    private static String signed(Netrc netrc, Outgoing request) {
        assertThat(netrc.sign(request, request)).isSameAs(request);
        netrc.prepared().block(PATIENCE);
        return credentials(netrc.sign(request, request).headers().fields().stream()
                .map(field -> field.getKey() + ": " + field.getValue() + "\r\n")
                .reduce("", String::concat));
    }

    @Test
    void otherCredentialsAreNotReplaced() throws Exception {
        Path file = write("default login from password file");
        try (RawOrigin origin = RawOrigin.answering(OK);
                Closing closing = new Closing(local().netrc(file).build())) {
            ClientRequest get = closing.session.get(origin.url("/"));
            get.bearerAuth("t").text().block(PATIENCE);
            get.withoutHeader("Authorization").text().block(PATIENCE);
            closing.session.get(origin.url("/").replace("//", "//me:x@")).text().block(PATIENCE);
            assertThat(origin.requests().get(0)).contains("Bearer t").doesNotContain("Basic");
            assertThat(origin.requests().get(1)).doesNotContain("Authorization");
            assertThat(credentials(origin.requests().get(2))).isEqualTo("me:x");
        }
        try (RawOrigin origin = RawOrigin.answering(OK);
                Closing closing =
                        new Closing(local().netrc(file).digestAuth("me", "x").build())) {
            closing.session.get(origin.url("/")).text().block(PATIENCE);
            assertThat(origin.requests().get(0)).doesNotContain("Authorization");
        }
    }

    @Test
    void hostOfARedirectGetsItsOwnAndNeverThoseOfTheFirstOrTheDefault() throws Exception {
        Path file = write("machine a.test login a password x\nmachine b.test login b password x\n"
                + "default login any password x");
        RawOrigin[] self = new RawOrigin[1];
        try (RawOrigin origin = RawOrigin.start(peer -> {
                    while (peer.readRequest()) {
                        String to = peer.lastRequest().startsWith("GET /1")
                                ? "b.test:" + self[0].port() + "/2"
                                : peer.lastRequest().startsWith("GET /2") ? "c.test:" + self[0].port() + "/3" : "";
                        peer.send(
                                to.isEmpty()
                                        ? OK
                                        : "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: http://" + to
                                                + "\r\n\r\n");
                    }
                });
                Closing closing = new Closing(local().netrc(file).build())) {
            self[0] = origin;
            closing.session.get("http://a.test:" + origin.port() + "/1").text().block(PATIENCE);
            assertThat(origin.requests()).extracting(NetrcTest::credentials).containsExactly("a:x", "b:x", "");
        }
    }

    @Test
    void whatIsForASecureHostIsNotSentInTheOpen() throws Exception {
        Netrc netrc = Netrc.of(write("machine a.test login a password x"));
        netrc.prepared().block(PATIENCE);
        Outgoing secure = new Outgoing("GET", Url.parse("https://a.test/"), HeaderList.EMPTY, null, false);
        Outgoing open = new Outgoing("GET", Url.parse("http://a.test/"), HeaderList.EMPTY, null, false);
        assertThat(netrc.sign(open, secure)).isSameAs(open);
        assertThat(netrc.sign(secure, open)).isNotSameAs(secure);
    }

    @Test
    void whoMayReadItIsLookedAt() throws Exception {
        Path file = write("");
        org.junit.jupiter.api.Assumptions.assumeTrue(
                Files.getFileStore(file).supportsFileAttributeView("posix"), "no POSIX permissions here");
        for (String open : List.of("rw-r--r--", "rw----r--", "rw-r-----")) {
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(open));
            assertThat(Netrc.isOpenToOthers(file)).isTrue();
        }
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        assertThat(Netrc.isOpenToOthers(file)).isFalse();
    }
}
