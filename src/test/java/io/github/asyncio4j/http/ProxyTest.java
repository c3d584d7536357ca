package io.github.asyncio4j.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.asyncio4j.testing.NoLeaks;
import io.github.asyncio4j.testing.RawOrigin;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

/** Rows X01 to X10. */
@ExtendWith(NoLeaks.class)
@Timeout(value = 30, unit = TimeUnit.SECONDS)
class ProxyTest {

    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    private static Closing through(String scheme, RawOrigin proxy) {
        return through(scheme, "", proxy);
    }

    private static Closing through(String scheme, String login, RawOrigin proxy) {
        return new Closing(ClientSession.builder()
                .proxy(scheme + "://" + login + "127.0.0.1:" + proxy.port())
                .resolver(host -> Mono.error(new AssertionError("looked up " + host)))
                .insecure()
                .build());
    }

    private static void relay(RawOrigin.Peer peer, Socket to) throws IOException {
        Thread back = new Thread(() -> {
            try (InputStream in = to.getInputStream()) {
                in.transferTo(new OutputStream() {
                    @Override
                    public void write(int b) throws IOException {
                        peer.send(new byte[] {(byte) b});
                    }

                    @Override
                    public void write(byte[] bytes, int from, int length) throws IOException {
                        peer.send(java.util.Arrays.copyOfRange(bytes, from, from + length));
                    }
                });
                peer.socket().close();
            } catch (IOException e) {
                // one of them has gone
            }
        });
        back.setDaemon(true);
        back.start();
        try (to) {
            for (int c = peer.read(); c >= 0; c = peer.read()) {
                to.getOutputStream().write(c);
            }
        }
    }

    private static RawOrigin tunnelTo(RawOrigin target) {
        return RawOrigin.start(tunnel(target));
    }

    /** Connects to {@code target} whatever the name is. */
    private static RawOrigin.Script tunnel(RawOrigin target) {
        return peer -> {
            peer.readRequest();
            Socket to = new Socket(InetAddress.getLoopbackAddress(), target.port());
            peer.send("HTTP/1.1 200 Connection established\r\nVia: test\r\n\r\n");
            relay(peer, to);
        };
    }

    private static RawOrigin tls(RawOrigin.Script script) throws Exception {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = ProxyTest.class.getResourceAsStream("/tls/localhost.p12")) {
            keys.load(in, "asyncio4j".toCharArray());
        }
        KeyManagerFactory own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        own.init(keys, "asyncio4j".toCharArray());
        SSLContext server = SSLContext.getInstance("TLS");
        server.init(own.getKeyManagers(), null, null);
        return RawOrigin.start(server.getServerSocketFactory(), script);
    }

    @Nested
    class ByHttps {

        @Test
        void aPlainRequestIsHandedOverInsideTls() throws Exception {
            try (RawOrigin proxy = tls(peer -> {
                        while (peer.readRequest()) {
                            peer.send(OK);
                        }
                    });
                    Closing closing = through("https", "me:secret@", proxy)) {
                Mono<String> get =
                        closing.session.get("http://example.test:8080/a?b=c").text();
                assertThat(get.then(get).block(PATIENCE)).isEqualTo("ok");
                assertThat(proxy.accepted()).isEqualTo(1);
                assertThat(proxy.requests())
                        .hasSize(2)
                        .allSatisfy(request -> assertThat(request)
                                .startsWith("GET http://example.test:8080/a?b=c HTTP/1.1\r\n")
                                .contains("Proxy-Authorization: Basic bWU6c2VjcmV0\r\n"));
            }
        }

        @Test
        void aSecureRequestGoesThroughATunnelInsideTls() throws Exception {
            String body = "x".repeat(300_000);
            try (RawOrigin origin = tls(peer -> {
                        while (peer.readRequest()) {
                            peer.send("HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
                        }
                    });
                    RawOrigin proxy = tls(tunnel(origin));
                    Closing closing = through("https", proxy)) {
                Mono<String> get = closing.session.get("https://example.test/a").text();
                assertThat(get.then(get).block(PATIENCE)).isEqualTo(body);
                assertThat(proxy.accepted()).isEqualTo(1);
                assertThat(proxy.requests())
                        .singleElement()
                        .asString()
                        .startsWith("CONNECT example.test:443 HTTP/1.1\r\n");
                assertThat(origin.requests()).hasSize(2);
            }
        }

        @Test
        void thatIsNotWhoItShouldBeGetsNoRequest() throws Exception {
            try (RawOrigin proxy = tls(RawOrigin.Peer::readRequest);
                    Closing closing = new Closing(ClientSession.builder()
                            .proxy("https://me:secret@127.0.0.1:" + proxy.port())
                            .build())) {
                StepVerifier.create(closing.session.get("http://example.test/").text())
                        .expectErrorSatisfies(e -> assertThat(e)
                                .isInstanceOf(ClientTlsException.class)
                                .hasMessageStartingWith(
                                        "GET http://example.test/: TLS handshake with the proxy https://127.0.0.1:"
                                                + proxy.port() + " failed: ")
                                .hasMessageNotContaining("secret"))
                        .verify(PATIENCE);
                assertThat(proxy.requests()).isEmpty();
            }
        }

        @Test
        void thatSpeaksNoTlsIsAnError() {
            try (RawOrigin proxy = RawOrigin.start(peer -> peer.send("HTTP/1.1 400 Bad Request\r\n\r\n"));
                    Closing closing = through("https", proxy)) {
                StepVerifier.create(closing.session.get("http://example.test/").text())
                        .expectErrorSatisfies(e -> assertThat(e)
                                .isInstanceOf(ClientTlsException.class)
                                .hasMessageContaining("with the proxy https://127.0.0.1:" + proxy.port()))
                        .verify(PATIENCE);
            }
        }

        @Test
        void thatNeverEndsItsHandshakeIsATimeout() {
            try (RawOrigin proxy = RawOrigin.start(RawOrigin.Peer::awaitClose);
                    Closing closing = through("https", proxy)) {
                StepVerifier.create(closing.session
                                .get("http://example.test/")
                                .timeout(Duration.ofMillis(200))
                                .text())
                        .expectError(ClientTimeoutException.class)
                        .verify(PATIENCE);
                proxy.awaitOpen(0);
            }
        }
    }

    @Nested
    class ByHttp {

        @Test
        void aPlainRequestIsHandedOverWithItsWholeUrl() {
            try (RawOrigin proxy = RawOrigin.answering(OK);
                    Closing closing = through("http", "me:secret@", proxy)) {
                Mono<String> get = closing.session
                        .get("http://example.test:8080/a?b=c#d")
                        .bearerAuth("token")
                        .text();
                assertThat(get.then(get).block(PATIENCE)).isEqualTo("ok");
                assertThat(proxy.accepted()).isEqualTo(1);
                assertThat(proxy.requests())
                        .hasSize(2)
                        .allSatisfy(request -> assertThat(request)
                                .startsWith("GET http://example.test:8080/a?b=c HTTP/1.1\r\n")
                                .contains("Host: example.test:8080\r\n", "Authorization: Bearer token\r\n")
                                .contains("Proxy-Authorization: Basic bWU6c2VjcmV0\r\n"));
            }
        }

        @Test
        void aSecureRequestGoesThroughATunnelThatSeesNothingOfIt() throws Exception {
            try (RawOrigin origin = tls(peer -> {
                        while (peer.readRequest()) {
                            peer.send(OK);
                        }
                    });
                    RawOrigin proxy = tunnelTo(origin);
                    Closing closing = through("http", "me:secret@", proxy)) {
                Mono<String> get = closing.session
                        .get("https://example.test/a")
                        .bearerAuth("token")
                        .text();
                assertThat(get.then(get).block(PATIENCE)).isEqualTo("ok");
                assertThat(proxy.requests()).hasSize(1);
                assertThat(proxy.requests().get(0))
                        .startsWith("CONNECT example.test:443 HTTP/1.1\r\nHost: example.test:443\r\n")
                        .contains("Proxy-Authorization: Basic bWU6c2VjcmV0\r\n")
                        .doesNotContain("token");
                assertThat(origin.requests())
                        .hasSize(2)
                        .allSatisfy(request -> assertThat(request)
                                .startsWith("GET /a HTTP/1.1\r\n")
                                .doesNotContain("Proxy-Authorization"));
            }
        }

        @Test
        void aWebSocketGoesThroughATunnelThoughAForwardedConnectionRests() {
            try (RawOrigin origin = FramePeer.echo();
                    RawOrigin proxy = RawOrigin.start(peer -> {
                        while (peer.readRequest()) {
                            if (peer.lastRequest().startsWith("CONNECT")) {
                                Socket to = new Socket(InetAddress.getLoopbackAddress(), origin.port());
                                peer.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
                                relay(peer, to);
                            } else {
                                peer.send(OK);
                            }
                        }
                    });
                    Closing closing = through("http", proxy)) {
                assertThat(closing.session.get("http://example.test/").text().block(PATIENCE))
                        .isEqualTo("ok");
                assertThat(closing.session
                                .webSocket("ws://example.test/")
                                .use(socket -> socket.send("x")
                                        .then(socket.receiveText().next()))
                                .block(PATIENCE))
                        .isEqualTo("x");
                assertThat(proxy.requests().get(1)).startsWith("CONNECT example.test:80 HTTP/1.1\r\n");
            }
        }

        @ParameterizedTest
        @CsvSource({
            "'HTTP/1.1 407 Proxy Authentication Required\r\nX-Why: a\r\nContent-Length: 3\r\n\r\nbad', 407, it answered 407 Proxy",
            "'HTTP/1.1 502 Bad Gateway\r\nX-Why: a\r\n\r\n', 502, it answered 502 Bad Gateway",
            "'HTTP/1.1 200 OK\r\nX-Why: a\r\nContent-Length: 3\r\n\r\nbad', 200, with a body",
            "'HTTP/1.1 200 OK\r\nX-Why: a\r\nTransfer-Encoding: chunked\r\n\r\n', 200, with a body",
            "'HTTP/1.1 200 OK\r\n\r\nx', 0, more than its answer",
            "'nonsense\r\n\r\n', 0, does not begin with an HTTP/1.1 status line",
            "'', 0, it closed the connection"
        })
        void anAnswerThatIsNoTunnelIsAnErrorOfItsOwn(String answer, int status, String why) {
            try (RawOrigin proxy = RawOrigin.answeringOnce(answer);
                    Closing closing = through("http", "me:secret@", proxy)) {
                StepVerifier.create(closing.session.get("https://example.test/").text())
                        .expectErrorSatisfies(e -> assertThat(e)
                                .isInstanceOfSatisfying(ClientProxyException.class, refused -> {
                                    assertThat(refused.status()).isEqualTo(status);
                                    assertThat(refused.host()).isEqualTo("127.0.0.1");
                                    assertThat(refused.port()).isEqualTo(proxy.port());
                                    assertThat(refused.headers().contains("X-Why"))
                                            .isEqualTo(status != 0);
                                })
                                .hasMessageContaining("no way through the proxy http://127.0.0.1:" + proxy.port())
                                .hasMessageContaining(why)
                                .hasMessageNotContaining("secret"))
                        .verify(PATIENCE);
                assertThat(closing.session.statistics().inUse()).isZero();
                proxy.awaitOpen(0);
            }
        }

        @Test
        void informationalAnswersAreSkipped() {
            try (RawOrigin proxy = RawOrigin.answeringOnce("HTTP/1.1 102 Wait\r\n\r\nHTTP/1.1 403 No\n\n");
                    Closing closing = through("http", proxy)) {
                StepVerifier.create(closing.session.get("https://example.test/").text())
                        .expectErrorSatisfies(e -> assertThat(e).hasMessageContaining("it answered 403 No"))
                        .verify(PATIENCE);
            }
        }

        @Test
        void aProxyThatIsNotThereIsNamed() {
            RawOrigin gone = RawOrigin.answering(OK);
            gone.close();
            try (Closing closing = through("http", gone)) {
                StepVerifier.create(closing.session.get("http://example.test/").text())
                        .expectErrorSatisfies(e -> assertThat(e)
                                .isInstanceOf(ClientConnectException.class)
                                .hasMessageContaining("cannot connect to the proxy 127.0.0.1:" + gone.port()))
                        .verify(PATIENCE);
            }
        }

        @Test
        void aSilentProxyCostsTheTimeForConnecting() {
            try (RawOrigin proxy = RawOrigin.start(RawOrigin.Peer::awaitClose);
                    Closing closing = through("socks5", proxy)) {
                StepVerifier.create(closing.session
                                .get("http://example.test/")
                                .timeout(ClientTimeout.none().withSockConnect(Duration.ofMillis(200)))
                                .text())
                        .expectErrorSatisfies(e -> assertThat(e)
                                .isInstanceOfSatisfying(
                                        ClientTimeoutException.class,
                                        late -> assertThat(late.phase())
                                                .isEqualTo(ClientTimeoutException.Phase.CONNECT)))
                        .verify(PATIENCE);
            }
        }

        @Test
        void theGuardStillSeesAddressesInUrls() {
            try (RawOrigin proxy = RawOrigin.answering(OK);
                    Closing closing = new Closing(ClientSession.builder()
                            .proxy(proxy.url(""))
                            .publicAddressesOnly(true)
                            .build())) {
                StepVerifier.create(
                                closing.session.get("http://169.254.169.254/").text())
                        .expectErrorSatisfies(e -> assertThat(e).hasMessageContaining("no public address"))
                        .verify(PATIENCE);
                assertThat(closing.session.get("http://example.test/").text().block(PATIENCE))
                        .isEqualTo("ok");
            }
        }
    }

    @Nested
    class ForOneRequest {

        @Test
        void itIsInPlaceOfTheSessions() {
            try (RawOrigin one = RawOrigin.answering(OK);
                    RawOrigin other = RawOrigin.answering(OK);
                    RawOrigin origin = RawOrigin.answering(OK);
                    Closing closing = new Closing(
                            ClientSession.builder().proxy(one.url("")).build())) {
                ClientRequest get = closing.session.get(origin.url("/a"));
                get.text().block(PATIENCE);
                get.proxy(other.url("")).text().block(PATIENCE);
                get.withoutProxy().text().block(PATIENCE);
                get.proxy(other.url("")).withoutProxy().text().block(PATIENCE);
                assertThat(one.requests()).hasSize(1);
                assertThat(other.requests()).hasSize(1);
                assertThat(origin.requests())
                        .hasSize(2)
                        .allSatisfy(head -> assertThat(head).startsWith("GET /a HTTP/1.1"));
                assertThat(closing.session.statistics().created()).isEqualTo(3);
            }
        }

        @Test
        void connectionsOfOneLoginAreNothingForAnother() throws Exception {
            try (RawOrigin origin = tls(peer -> {
                        while (peer.readRequest()) {
                            peer.send(OK);
                        }
                    });
                    RawOrigin proxy = tunnelTo(origin);
                    Closing closing =
                            new Closing(ClientSession.builder().insecure().build())) {
                ClientRequest get = closing.session.get("https://example.test/");
                for (String login : java.util.List.of("me:a@", "me:a@", "me:b@", "")) {
                    get.proxy("http://" + login + "127.0.0.1:" + proxy.port())
                            .text()
                            .block(PATIENCE);
                }
                get.proxy(proxy.url(""), Map.of("X-Tenant", "t")).text().block(PATIENCE);
                get.proxy(proxy.url(""), Map.of("X-Tenant", "t")).text().block(PATIENCE);
                get.proxy(proxy.url(""), Map.of("X-Tenant", "u")).text().block(PATIENCE);
                assertThat(proxy.requests()).hasSize(5);
                assertThat(origin.requests()).hasSize(7);
                assertThat(closing.session.statistics().idle()).isEqualTo(5);
            }
        }

        @Test
        void headersForTheProxyStayWithIt() throws Exception {
            try (RawOrigin origin = tls(peer -> {
                        while (peer.readRequest()) {
                            peer.send(OK);
                        }
                    });
                    RawOrigin proxy = tunnelTo(origin);
                    Closing closing = new Closing(ClientSession.builder()
                            .proxyHeader("User-Agent", "mine")
                            .proxyHeader("X-Tenant", "t")
                            .proxy(proxy.url(""))
                            .insecure()
                            .build())) {
                closing.session.get("https://example.test/").text().block(PATIENCE);
                assertThat(proxy.requests().get(0))
                        .contains("X-Tenant: t\r\n", "User-Agent: mine\r\n")
                        .doesNotContain("asyncio4j");
                assertThat(origin.requests().get(0)).doesNotContain("X-Tenant").contains("User-Agent: asyncio4j");
            }
        }

        @Test
        void aPlainRequestCarriesNoneOfThem() {
            try (RawOrigin proxy = RawOrigin.answering(OK);
                    Closing closing = new Closing(ClientSession.create())) {
                closing.session
                        .get("http://example.test/")
                        .proxy(proxy.url(""), Map.of("X-Tenant", "t"))
                        .text()
                        .block(PATIENCE);
                assertThat(proxy.requests().get(0)).doesNotContain("X-Tenant");
            }
        }

        @Test
        void aWebSocketHasOneToo() {
            try (RawOrigin origin = FramePeer.echo();
                    RawOrigin proxy = tunnelTo(origin);
                    Closing closing = new Closing(
                            ClientSession.builder().proxy("http://nobody.test").build())) {
                WebSocketRequest socket = closing.session.webSocket("ws://example.test/");
                Mono<String> echo = socket.proxy(proxy.url(""))
                        .use(open -> open.send("x").then(open.receiveText().next()));
                assertThat(echo.block(PATIENCE)).isEqualTo("x");
                assertThat(proxy.requests().get(0)).startsWith("CONNECT example.test:80");
                Mono<String> straight = closing.session
                        .webSocket(origin.url("/"))
                        .withoutProxy()
                        .use(open -> open.send("y").then(open.receiveText().next()));
                assertThat(straight.block(PATIENCE)).isEqualTo("y");
                assertThat(proxy.requests()).hasSize(1);
            }
        }

        @Test
        void whatCannotBeSentIsRefusedAtOnce() {
            try (Closing closing = new Closing(ClientSession.create())) {
                ClientRequest get = closing.session.get("http://example.test/");
                assertThatIllegalArgumentException().isThrownBy(() -> get.proxy("ftp://proxy.test"));
                for (Map<String, String> bad : java.util.List.of(
                        Map.of("X", "a\r\nY: b"),
                        Map.of("X Y", "a"),
                        Map.of("Content-Length", "1"),
                        Map.of("host", "x"))) {
                    assertThatIllegalArgumentException().isThrownBy(() -> get.proxy("http://proxy.test", bad));
                }
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> ClientSession.builder().proxyHeader("Transfer-Encoding", "chunked"));
            }
        }

        @Test
        void equalOnesAreEqual() {
            Proxies one = Proxies.all(Proxy.parse("http://proxy.test"));
            assertThat(one)
                    .isEqualTo(Proxies.all(Proxy.parse("http://proxy.test")))
                    .hasSameHashCodeAs(Proxies.all(Proxy.parse("http://proxy.test")))
                    .isNotEqualTo(Proxies.NONE)
                    .isNotEqualTo(Proxies.all(Proxy.parse("http://me:x@proxy.test")))
                    .isNotEqualTo("x");
            Origin origin = new Origin(true, "h", 443);
            Route route = new Route(origin, Proxy.parse("http://me:x@proxy.test"));
            assertThat(route)
                    .hasToString("https://h by way of http://proxy.test:80")
                    .isNotEqualTo(new Route(origin, null))
                    .isNotEqualTo("x");
        }
    }

    @Nested
    class BySocks {

        private String login = "";
        private String target = "";

        /** A SOCKS5 server that answers the request itself. */
        private RawOrigin server(int method, int reply) {
            return RawOrigin.start(peer -> {
                peer.read();
                peer.readNBytes(peer.read());
                peer.send(new byte[] {5, (byte) method});
                if (method == 2) {
                    peer.read();
                    login = new String(peer.readNBytes(peer.read()), StandardCharsets.UTF_8);
                    login += ":" + new String(peer.readNBytes(peer.read()), StandardCharsets.UTF_8);
                    peer.send(new byte[] {1, (byte) (login.equals("me:secret") ? 0 : 1)});
                }
                byte[] head = peer.readNBytes(4);
                byte[] host = peer.readNBytes(head[3] == 3 ? peer.read() : head[3] == 1 ? 4 : 16);
                target = head[3] == 3
                        ? new String(host, StandardCharsets.US_ASCII)
                        : InetAddress.getByAddress(host).getHostAddress();
                target += ":" + (peer.read() << 8 | peer.read());
                peer.send(new byte[] {5, (byte) reply, 0, 3, 1, 'x', 0, 80});
                while (peer.readRequest()) {
                    peer.send(OK);
                }
            });
        }

        @ParameterizedTest
        @ValueSource(strings = {"example.test", "93.184.215.14", "[2001:db8:0:0:0:0:0:1]"})
        void theProxyIsGivenTheName(String host) {
            try (RawOrigin proxy = server(0, 0);
                    Closing closing = through("socks5", proxy)) {
                assertThat(closing.session
                                .get("http://" + host + ":81/a")
                                .text()
                                .block(PATIENCE))
                        .isEqualTo("ok");
                assertThat(target).isEqualTo(host.replaceAll("[\\[\\]]", "") + ":81");
                assertThat(proxy.requests().get(0))
                        .startsWith("GET /a HTTP/1.1\r\nHost: " + (host.startsWith("[") ? "" : host));
            }
        }

        @Test
        void credentialsAreForTheProxy() {
            try (RawOrigin proxy = server(2, 0);
                    Closing closing = through("socks5h", "me:secret@", proxy)) {
                assertThat(closing.session.get("http://example.test/").text().block(PATIENCE))
                        .isEqualTo("ok");
                assertThat(login).isEqualTo("me:secret");
                assertThat(proxy.requests().get(0)).doesNotContain("uthorization");
            }
        }

        @ParameterizedTest
        @CsvSource({
            "2, 0, me:wrong@, did not accept user and password",
            "2, 0, '', another kind of login",
            "255, 0, me:secret@, another kind of login",
            "0, 5, '', connection refused",
            "0, 4, '', host unreachable",
            "0, 99, '', failure 99"
        })
        void refusalsSayWhy(int method, int reply, String credentials, String why) {
            try (RawOrigin proxy = server(method, reply);
                    Closing closing = through("socks5", credentials, proxy)) {
                StepVerifier.create(closing.session.get("http://example.test/").text())
                        .expectErrorSatisfies(e -> assertThat(e)
                                .isInstanceOfSatisfying(
                                        ClientProxyException.class,
                                        refused -> assertThat(refused.status()).isZero())
                                .hasMessageContaining(why))
                        .verify(PATIENCE);
            }
        }

        @Test
        void aServerOfAnotherKindIsNoProxy() {
            try (RawOrigin proxy = RawOrigin.start(peer -> peer.send("HTTP/1.1 400 Bad\r\n\r\n"));
                    Closing closing = through("socks5", proxy)) {
                StepVerifier.create(closing.session.get("http://example.test/").text())
                        .expectErrorSatisfies(e -> assertThat(e).hasMessageContaining("does not speak SOCKS5"))
                        .verify(PATIENCE);
            }
        }

        @Test
        void credentialsThatDoNotFitAreRefused() {
            try (RawOrigin proxy = server(2, 0);
                    Closing closing = through("socks5", "a".repeat(256) + ":b@", proxy)) {
                StepVerifier.create(closing.session.get("http://example.test/").text())
                        .expectErrorSatisfies(e -> assertThat(e).hasMessageContaining("longer than 255 bytes"))
                        .verify(PATIENCE);
            }
        }
    }

    @Nested
    class Settings {

        @ParameterizedTest
        @ValueSource(strings = {"proxy.test:3128", "ftp://proxy.test", "http://", "http://a b/", "http://h\r\nX: y/"})
        void thatAreNoProxyAreRefused(String url) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> ClientSession.builder().proxy(url))
                    .withMessageContaining("proxy");
        }

        @Test
        void showNoCredentials() {
            assertThat(Proxy.parse("socks5://me:secret@proxy.test")).hasToString("socks5://proxy.test:1080");
            assertThat(Proxy.parse("http://me:secret@proxy.test/")).hasToString("http://proxy.test:80");
            assertThat(Proxy.parse("https://me:secret@proxy.test")).hasToString("https://proxy.test:443");
            assertThat(Proxy.parse("HTTPS://proxy.test:80").port()).isEqualTo(80);
            assertThat(Proxy.parse("socks5://proxy.test:80").port()).isEqualTo(80);
        }

        private Proxy towards(String url, Map<String, String> environment) throws InvalidUrlException {
            return Proxies.of(environment).towards(Url.parse(url).origin);
        }

        @Test
        void ofTheEnvironmentAreReadAsOthersDo() throws Exception {
            Map<String, String> environment = Map.of(
                    "HTTP_PROXY", "a.test:1", "https_proxy", "http://b.test:2", "HTTPS_PROXY", "http://c.test:3");
            assertThat(towards("http://x.test/", environment)).hasToString("http://a.test:1");
            assertThat(towards("https://x.test/", environment)).hasToString("http://b.test:2");
            assertThat(towards("http://x.test/", Map.of("all_proxy", "socks5://d.test", "http_proxy", " ")))
                    .hasToString("socks5://d.test:1080");
            assertThat(towards("http://x.test/", Map.of("HTTP_PROXY", "a.test", "REQUEST_METHOD", "GET")))
                    .isNull();
            assertThat(towards("http://x.test/", Map.of())).isNull();
        }

        @ParameterizedTest
        @CsvSource({
            "http://example.test/, example.test, true",
            "http://example.test/, .example.test, true",
            "http://www.example.test/, example.test, true",
            "http://www.example.test/, .example.test, true",
            "http://www.example.test/, *.example.test, true",
            "http://notexample.test/, example.test, false",
            "http://example.test/, 'other.test, EXAMPLE.test', true",
            "http://example.test:81/, example.test:81, true",
            "http://example.test/, example.test:81, false",
            "http://10.1.2.3/, 10.0.0.0/8, true",
            "http://11.1.2.3/, 10.0.0.0/8, false",
            "http://10.1.2.3/, 10.1.2.3, true",
            "http://10.1.2.3/, 2.3, false",
            "http://[2001:db8::1]/, 2001:db8::/32, true",
            "http://[2001:db9::1]/, 2001:db8::/32, false",
            "http://[2001:db8::1]:8080/, [2001:db8:0:0:0:0:0:1]:8080, true",
            "http://10.1.2.3/, 2001:db8::/32, false",
            "http://example.test/, 10.0.0.0/8, false",
            "http://10.1.2.3/, 10.0.0.0/33, false",
            "http://10.1.2.3/, x/8, false",
            "http://example.test/, *, true",
            "http://localhost/, '', true",
            "http://127.0.0.2/, '', true",
            "http://[::1]/, '', true",
            "http://example.test/, '', false"
        })
        void ofNoProxyLeadPastIt(String url, String list, boolean past) throws Exception {
            Proxy proxy = towards(url, Map.of("http_proxy", "http://a.test:1", "no_proxy", list));
            assertThat(proxy == null).isEqualTo(past);
        }

        @Test
        void ofTheEnvironmentCountOnlyWhereAsked() {
            try (RawOrigin proxy = RawOrigin.answering(OK);
                    Closing closing = new Closing(ClientSession.builder()
                            .proxyFrom(Map.of("http_proxy", proxy.url("")))
                            .build())) {
                assertThat(closing.session.get("http://example.test/").text().block(PATIENCE))
                        .isEqualTo("ok");
            }
            ClientSession.builder().proxyFromEnvironment().build().dispose();
        }
    }
}
