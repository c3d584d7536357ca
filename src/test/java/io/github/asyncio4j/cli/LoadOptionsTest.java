package io.github.asyncio4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Base64;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.Http2SslContextSpec;
import reactor.netty.http.HttpProtocol;
import reactor.netty.http.server.HttpServer;
import reactor.netty.tcp.SslProvider;

/** Bodies, values to fill in, ramps, and ways to the server. */
class LoadOptionsTest {

    private final Console console = Console.plain();
    private final Queue<String> seen = new ConcurrentLinkedQueue<>();
    private DisposableServer server;

    @TempDir
    Path folder;

    private HttpServer origin() {
        return HttpServer.create()
                .host("127.0.0.1")
                .port(0)
                .handle((request, response) -> request.receive()
                        .aggregate()
                        .asString()
                        .defaultIfEmpty("")
                        .flatMap(body -> {
                            seen.add(request.method() + " " + request.uri() + " "
                                    + request.requestHeaders().get("Host", "") + " "
                                    + request.requestHeaders().get("Content-Type", "") + " "
                                    + request.requestHeaders().get("X-Test", "") + " " + body);
                            return Mono.from(
                                    response.sendString(Mono.just("ok")).then());
                        }));
    }

    @BeforeEach
    void start() {
        server = origin().bindNow();
    }

    @AfterEach
    void stop() {
        server.disposeNow();
    }

    private String url(String path) {
        return "http://127.0.0.1:" + server.port() + path;
    }

    private JsonNode load(String... args) throws IOException {
        return load(0, args);
    }

    private JsonNode load(int code, String... args) throws IOException {
        String[] all = new String[args.length + 4];
        all[0] = "load";
        System.arraycopy(args, 0, all, 1, args.length);
        all[args.length + 1] = "--output";
        all[args.length + 2] = "json";
        all[args.length + 3] = "--quiet";
        assertThat(console.run(all)).as(console.err() + console.out()).isEqualTo(code);
        return new ObjectMapper().readTree(console.out());
    }

    private String written(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text).toString();
    }

    @Nested
    class Bodies {

        @Test
        void ofAFormHaveAPartForEachField() throws IOException {
            String file = written("note.txt", "from a file");

            load("-n", "1", "-F", "user=u{n}", "--form", "note=@" + file, url("/"));

            assertThat(seen.remove())
                    .startsWith("POST / ")
                    .contains(
                            "multipart/form-data; boundary=",
                            "name=\"user\"",
                            "u0",
                            "filename=\"note.txt\"",
                            "text/plain",
                            "from a file");
        }

        @Test
        void ofFieldsInOneLineAreEncoded() throws IOException {
            load("-n", "1", "--data-urlencode", "a=1 & 2", "--data-urlencode", "é={n}", url("/"));

            assertThat(seen.remove())
                    .contains("application/x-www-form-urlencoded")
                    .endsWith(" a=1+%26+2&%C3%A9=0");
        }

        @Test
        void areFilledInFromATable() throws IOException {
            String table =
                    written("users.csv", "\uFEFFname, city\r\n\"Ann \"\"A\"\"\",\"Rome,\nIT\"\r\n\r\nBob,Oslo\n");

            load(
                    "-n",
                    "3",
                    "-c",
                    "1",
                    "--data-csv",
                    table,
                    "-d",
                    "{name}/{city}/{other}/{n}",
                    "-H",
                    "X-Test: {name}!",
                    url("/{n}"));

            assertThat(seen)
                    .extracting(line -> line.replaceFirst("127[^ ]* +", ""))
                    .containsExactly(
                            "POST /0 application/octet-stream Ann \"A\"! Ann \"A\"/Rome,\nIT/{other}/0",
                            "POST /1 application/octet-stream Bob! Bob/Oslo/{other}/1",
                            "POST /2 application/octet-stream Ann \"A\"! Ann \"A\"/Rome,\nIT/{other}/2");
        }

        @Test
        void withBracesOfTheirOwnStayAsTheyAre() {
            assertThat(new Template("{\"a\": {\"b\": {n}}} {").filledIn(7, java.util.Map.of()))
                    .isEqualTo("{\"a\": {\"b\": 7}} {");
        }
    }

    @Nested
    class Ramps {

        @Test
        void ofARateSpendTwiceTheTimeOnTheirRequests() {
            LoadSettings settings = new LoadSettings(1, 1_000, Duration.ZERO, 100, Duration.ofSeconds(4));

            assertThat(settings.plannedNanos(0)).isZero();
            assertThat(settings.plannedNanos(50)).isEqualTo(2_000_000_000L);
            assertThat(settings.plannedNanos(200)).isEqualTo(4_000_000_000L);
            assertThat(settings.plannedNanos(300)).isEqualTo(5_000_000_000L);
            assertThat(settings.describe()).contains("growing to that in 4,000 ms");
        }

        @Test
        void ofConnectionsLetThemJoinInTurn() {
            LoadSettings settings = new LoadSettings(4, 1_000, Duration.ZERO, 0, Duration.ofSeconds(8));

            assertThat(settings.joining(0)).isZero();
            assertThat(settings.joining(3)).isEqualTo(Duration.ofSeconds(6));
        }

        @Test
        void thatAreLongerThanTheRunDoNotHoldItUp() throws IOException {
            JsonNode report = load("-n", "20", "-c", "2", "--ramp", "1h", url("/"));

            assertThat(report.get("succeeded").asInt()).isEqualTo(20);
            assertThat(report.get("wallMillis").asDouble()).isLessThan(60_000);
        }

        @Test
        void areForOpenLoopsToo() throws IOException {
            JsonNode report = load("-n", "20", "-q", "1000", "--ramp", "20ms", url("/"));

            assertThat(report.get("succeeded").asInt()).isEqualTo(20);
        }
    }

    @Nested
    class WaysToTheServer {

        @Test
        void connectToAnotherHostAndPort() throws IOException {
            load("-n", "1", "--connect-to", "shop.example:80:127.0.0.1:" + server.port(), "http://Shop.example/a");

            assertThat(seen.remove()).startsWith("GET /a shop.example ");
        }

        @Test
        void goThroughAProxy() throws IOException {
            load("-n", "1", "-x", "http://127.0.0.1:" + server.port(), "http://shop.example/a");

            assertThat(seen.remove()).contains(" shop.example ");
        }

        @Test
        void giveUpConnectingInTime() throws IOException {
            JsonNode report = load(
                    1,
                    "-n",
                    "1",
                    "--connect-timeout",
                    "50ms",
                    "--connect-to",
                    "a.example:80:192.0.2.1:80",
                    "http://a.example/");

            assertThat(report.get("failed").asInt()).isEqualTo(1);
        }

        @Test
        void askForNoCompression() throws IOException {
            load("-n", "1", "--disable-compression", "--disable-keepalive", url("/"));

            assertThat(seen).hasSize(1);
        }
    }

    @Test
    void goesToAUnixSocketWhateverTheUrlNames() throws Exception {
        assumeTrue(Epoll.isAvailable(), "the server of this test needs epoll");
        Path socket = folder.resolve("socket");
        server.disposeNow();
        server = HttpServer.create()
                .bindAddress(() -> new DomainSocketAddress(socket.toFile()))
                .handle((request, response) -> {
                    seen.add(request.requestHeaders().get("Host"));
                    return response.sendString(Mono.just("ok"));
                })
                .bindNow();

        load("-n", "3", "--unix-socket", socket.toString(), "http://docker/version");

        assertThat(seen).containsExactly("docker", "docker", "docker");
    }

    @Nested
    class Tls {

        private KeyStore keys;
        private char[] password;

        @BeforeEach
        void secure() throws Exception {
            server.disposeNow();
            password = "asyncio4j".toCharArray();
            keys = KeyStore.getInstance("PKCS12");
            try (InputStream file = LoadOptionsTest.class.getResourceAsStream("/tls/localhost.p12")) {
                keys.load(file, password);
            }
        }

        private String pem(String kind, byte[] bytes) {
            return "-----BEGIN " + kind + "-----\n"
                    + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes) + "\n-----END " + kind
                    + "-----\n";
        }

        private String certificate() throws Exception {
            return pem("CERTIFICATE", keys.getCertificate("localhost").getEncoded());
        }

        private String key() throws Exception {
            return pem("PRIVATE KEY", keys.getKey("localhost", password).getEncoded());
        }

        private void serve(boolean wantsCertificate) throws Exception {
            Path certificate = Path.of(written("server.pem", certificate()));
            Path key = Path.of(written("server.key", key()));
            SslContextBuilder context = SslContextBuilder.forServer(certificate.toFile(), key.toFile());
            if (wantsCertificate) {
                context.trustManager(certificate.toFile()).clientAuth(ClientAuth.REQUIRE);
            }
            SslContext built = context.build();
            server = origin().secure(secure -> secure.sslContext(built)).bindNow();
        }

        private String secureUrl() {
            return "https://localhost:" + server.port() + "/";
        }

        private String[] connectTo(String... args) {
            String[] all = java.util.Arrays.copyOf(args, args.length + 3);
            all[args.length] = "--connect-to";
            all[args.length + 1] = "localhost:" + server.port() + ":127.0.0.1:" + server.port();
            all[args.length + 2] = secureUrl();
            return all;
        }

        @Test
        void speaksHttp2WhereTheServerDoes() throws Exception {
            Http2SslContextSpec context = Http2SslContextSpec.forServer(
                    Path.of(written("server.pem", certificate())).toFile(),
                    Path.of(written("server.key", key())).toFile());
            Queue<String> protocols = new ConcurrentLinkedQueue<>();
            server = HttpServer.create()
                    .host("127.0.0.1")
                    .port(0)
                    .protocol(HttpProtocol.H2, HttpProtocol.HTTP11)
                    .secure(secure -> secure.sslContext((SslProvider.GenericSslContextSpec<?>) context))
                    .handle((request, response) -> {
                        protocols.add(request.protocol());
                        return response.sendString(Mono.just("ok"));
                    })
                    .bindNow();

            JsonNode report = load(connectTo("-n", "5", "-c", "5", "--http2", "--insecure"));

            assertThat(protocols).hasSize(5).containsOnly("HTTP/2.0");
            assertThat(report.at("/phaseMillis/tls/p50").asDouble())
                    .as("one of five connects")
                    .isZero();
            assertThat(report.at("/phaseMillis/tls/p99").asDouble()).isPositive();
            assertThat(report.at("/phaseMillis/connect/p99").asDouble()).isPositive();
        }

        @Test
        void trustsTheAuthoritiesThatWereNamed() throws Exception {
            serve(false);

            assertThat(load(1, connectTo("-n", "1")).at("/failures/tls").asInt())
                    .isEqualTo(1);
        }

        @Test
        void acceptsACertificateOfTheAuthorityThatWasNamed() throws Exception {
            serve(false);
            String authority = written("ca.pem", "# a comment\n" + certificate());

            assertThat(load(connectTo("-n", "1", "--cacert", authority))
                            .get("succeeded")
                            .asInt())
                    .isEqualTo(1);
        }

        @Test
        void showsACertificateOfItsOwn() throws Exception {
            serve(true);
            String authority = written("ca.pem", certificate());
            String both = written("both.pem", key() + certificate());

            load(connectTo("-n", "1", "--cacert", authority, "--cert", both));

            assertThat(seen).hasSize(1);
        }

        @Test
        void showsOneFromAStoreOfKeys() throws Exception {
            serve(true);
            String authority = written("ca.pem", certificate());
            Path store = folder.resolve("client.p12");
            try (OutputStream out = Files.newOutputStream(store)) {
                keys.store(out, password);
            }

            load(connectTo(
                    "-n", "1", "--cacert", authority, "--cert", store.toString(), "--cert-password", "asyncio4j"));

            assertThat(seen).hasSize(1);
        }

        @Test
        void saysInOneLineWhatIsWrongWithAFile() throws Exception {
            String nothing = written("nothing.pem", "nothing");
            String certificate = written("certificate.pem", certificate());
            String odd = written("odd.key", pem("PRIVATE KEY", "x".getBytes(StandardCharsets.UTF_8)));
            server = origin().bindNow();

            assertThat(console.run("load", "--cacert", nothing, "http://a")).isEqualTo(ExitCode.USAGE);
            assertThat(console.run("load", "--cacert", "/missing", "http://a")).isEqualTo(ExitCode.USAGE);
            assertThat(console.run("load", "--cert", certificate, "http://a")).isEqualTo(ExitCode.USAGE);
            assertThat(console.run("load", "--cert", certificate, "--key", odd, "http://a"))
                    .isEqualTo(ExitCode.USAGE);
            assertThat(console.err())
                    .contains(
                            "there is no certificate in",
                            "cannot read /missing: no such file",
                            "there is no PKCS#8 key in",
                            "is none of [RSA, EC, EdDSA]")
                    .hasLineCount(4);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "load -F x http://a                       | --form wants NAME=VALUE or NAME=@FILE, but is 'x'",
                "load -F x=@/missing http://a             | cannot read a part of the form from /missing",
                "load --data-urlencode x http://a         | --data-urlencode wants NAME=VALUE, but is 'x'",
                "load -F a=b -d x http://a                | a body comes from --data or from --form, not from both",
                "load --data-csv /missing http://a        | cannot read data from /missing: no such file",
                "load --data-csv pom.xml http://a         | values for 1 columns",
                "load --data-csv /dev/null http://a       | wants a line of column names and a line of values",
                "load --connect-to a:b http://a           | --connect-to wants HOST:PORT:HOST:PORT, but is 'a:b'",
                "load --connect-to a:80:b:0 http://a      | there is no port 0",
                "load -x ftp://a http://a                 | proxy",
                "load --key k http://a                    | --key goes with --cert",
                "load --unix-socket s -x http://b http://a | --unix-socket does not go with --proxy",
                "load --insecure --cacert c http://a      | --insecure does not go with --cacert and --cert",
                "load --ramp soon http://a                | 'soon' is not a duration"
            })
    void wrongUsageIsOneLineAndExitCodeTwo(String args, String complaint) {
        assertThat(console.run(args.split(" +"))).isEqualTo(ExitCode.USAGE);

        assertThat(console.err())
                .startsWith("fetch-benchmark: ")
                .contains(complaint)
                .hasLineCount(1);
    }
}
