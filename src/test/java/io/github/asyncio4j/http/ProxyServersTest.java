package io.github.asyncio4j.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.asyncio4j.testing.ForeignServer;
import io.github.asyncio4j.testing.NoLeaks;
import io.github.asyncio4j.testing.RawOrigin;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

/** Proxies that others wrote: tinyproxy and microsocks. Where one is not installed its tests are left out. */
@ExtendWith(NoLeaks.class)
@Timeout(value = 30, unit = TimeUnit.SECONDS)
class ProxyServersTest {

    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    private static RawOrigin tls() throws Exception {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = ProxyServersTest.class.getResourceAsStream("/tls/localhost.p12")) {
            keys.load(in, "asyncio4j".toCharArray());
        }
        KeyManagerFactory own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        own.init(keys, "asyncio4j".toCharArray());
        SSLContext server = SSLContext.getInstance("TLS");
        server.init(own.getKeyManagers(), null, null);
        return RawOrigin.start(server.getServerSocketFactory(), peer -> {
            while (peer.readRequest()) {
                peer.send(OK);
            }
        });
    }

    /** What holds for any proxy that asks for a login. */
    abstract static class AnyProxy {

        ForeignServer server;

        abstract String scheme();

        abstract Class<? extends Throwable> refusal();

        @AfterEach
        void stop() {
            if (server != null) {
                server.close();
            }
        }

        Closing session(String login) {
            return new Closing(ClientSession.builder()
                    .proxy(scheme() + "://" + login + "127.0.0.1:" + server.port())
                    .insecure()
                    .build());
        }

        @Test
        void plainRequestsGetThrough() {
            try (RawOrigin origin = RawOrigin.answering(OK);
                    Closing closing = session("me:s3cret@")) {
                Mono<String> get = closing.session.get(origin.url("/a")).text();
                assertThat(get.repeat(2).collectList().block(PATIENCE)).containsExactly("ok", "ok", "ok");
                assertThat(origin.requests())
                        .allSatisfy(head ->
                                assertThat(head).startsWith("GET /a HTTP/1.").doesNotContain("Proxy-Authorization"));
            }
        }

        @Test
        void secureOnesGetThroughATunnelThatIsUsedAgain() throws Exception {
            try (RawOrigin origin = tls();
                    Closing closing = session("me:s3cret@")) {
                Mono<String> get = closing.session
                        .get("https://127.0.0.1:" + origin.port() + "/a")
                        .text();
                assertThat(get.repeat(2).collectList().block(PATIENCE)).containsExactly("ok", "ok", "ok");
                assertThat(closing.session.statistics().created()).isOne();
                assertThat(Flux.range(0, 20).flatMap(i -> get).count().block(PATIENCE))
                        .isEqualTo(20);
            }
        }

        @Test
        void webSocketsGetThrough() {
            try (RawOrigin origin = FramePeer.echo();
                    Closing closing = session("me:s3cret@")) {
                Mono<Long> echoes = closing.session
                        .webSocket(origin.url("/"))
                        .use(socket -> Flux.range(0, 10)
                                .concatMap(i -> socket.send("x".repeat(i * 1000))
                                        .then(socket.receiveText().next()))
                                .count());
                assertThat(echoes.block(PATIENCE)).isEqualTo(10);
            }
        }

        @Test
        void wrongLoginIsRefused() throws Exception {
            try (RawOrigin origin = tls();
                    Closing closing = session("me:wrong@")) {
                StepVerifier.create(closing.session
                                .get("https://127.0.0.1:" + origin.port() + "/")
                                .text())
                        .expectErrorSatisfies(
                                e -> assertThat(e).isInstanceOf(refusal()).hasMessageNotContaining("wrong"))
                        .verify(PATIENCE);
                assertThat(origin.accepted()).isZero();
            }
        }
    }

    @Nested
    class Tinyproxy extends AnyProxy {

        @org.junit.jupiter.api.BeforeEach
        void start(@TempDir Path directory) throws Exception {
            String program = ForeignServer.find("tinyproxy");
            int port = ForeignServer.freePort();
            Path config = Files.writeString(
                    directory.resolve("tinyproxy.conf"),
                    "Port " + port + "\nListen 127.0.0.1\nTimeout 30\nAllow 127.0.0.1\nBasicAuth me s3cret\n"
                            + "LogLevel Critical\nLogFile \"" + directory.resolve("log") + "\"\n");
            server = ForeignServer.on(port, program, "-d", "-c", config.toString());
        }

        @Override
        String scheme() {
            return "http";
        }

        @Override
        Class<? extends Throwable> refusal() {
            return ClientProxyException.class;
        }

        @Test
        void withoutALoginItsAnswerToAPlainRequestIs407() {
            try (RawOrigin origin = RawOrigin.answering(OK);
                    Closing closing = session("")) {
                assertThat(closing.session.get(origin.url("/")).status().block(PATIENCE))
                        .isEqualTo(407);
                StepVerifier.create(closing.session
                                .get("https://127.0.0.1:" + origin.port() + "/")
                                .text())
                        .expectErrorSatisfies(e -> assertThat(e)
                                .isInstanceOfSatisfying(
                                        ClientProxyException.class,
                                        refused -> assertThat(refused.status()).isEqualTo(407)))
                        .verify(PATIENCE);
            }
        }
    }

    @Nested
    class Microsocks extends AnyProxy {

        @org.junit.jupiter.api.BeforeEach
        void start() {
            String program = ForeignServer.find("microsocks");
            int port = ForeignServer.freePort();
            server = ForeignServer.on(port, program, "-i", "127.0.0.1", "-p", "" + port, "-u", "me", "-P", "s3cret");
        }

        @Override
        String scheme() {
            return "socks5";
        }

        @Override
        Class<? extends Throwable> refusal() {
            return ClientProxyException.class;
        }
    }
}
