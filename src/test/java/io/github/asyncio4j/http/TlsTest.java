package io.github.asyncio4j.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.asyncio4j.testing.NoLeaks;
import io.github.asyncio4j.testing.RawOrigin;
import java.io.InputStream;
import java.net.InetAddress;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

/** The certificate is for {@code localhost} and {@code trusted.test}; every name resolves to this machine. */
@ExtendWith(NoLeaks.class)
@Timeout(value = 30, unit = TimeUnit.SECONDS)
class TlsTest {

    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    private static SSLContext server;
    private static String fingerprint;
    private static SSLContext trusting;

    @BeforeAll
    static void readKeys() throws Exception {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = TlsTest.class.getResourceAsStream("/tls/localhost.p12")) {
            keys.load(in, "asyncio4j".toCharArray());
        }
        KeyManagerFactory own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        own.init(keys, "asyncio4j".toCharArray());
        server = SSLContext.getInstance("TLS");
        server.init(own.getKeyManagers(), null, null);
        fingerprint = HexFormat.ofDelimiter(":")
                .withUpperCase()
                .formatHex(MessageDigest.getInstance("SHA-256")
                        .digest(keys.getCertificate("localhost").getEncoded()));
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("origin", keys.getCertificate("localhost"));
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        trusting = SSLContext.getInstance("TLS");
        trusting.init(null, trust.getTrustManagers(), null);
    }

    private static RawOrigin origin() {
        return RawOrigin.start(server.getServerSocketFactory(), peer -> {
            while (peer.readRequest()) {
                peer.send(OK);
            }
        });
    }

    private static ClientSession.Builder builder() {
        return ClientSession.builder().resolver(host -> Mono.just(List.of(InetAddress.getLoopbackAddress())));
    }

    @Test
    void trustedCertificateOfTheRightHostIsAccepted() {
        try (RawOrigin origin = origin();
                Closing closing = new Closing(builder().sslContext(trusting).build())) {
            for (String host : List.of("localhost", "trusted.test")) {
                Mono<String> get = closing.session
                        .get("https://" + host + ":" + origin.port() + "/")
                        .text();
                assertThat(get.repeat(2).collectList().block(PATIENCE)).containsExactly("ok", "ok", "ok");
            }
            assertThat(origin.accepted()).isEqualTo(2);
            Flux.range(0, 30)
                    .flatMap(
                            i -> closing.session
                                    .get("https://localhost:" + origin.port() + "/")
                                    .text(),
                            10)
                    .blockLast(PATIENCE);
        }
    }

    @Test
    void untrustedCertificateIsRefused() {
        try (RawOrigin origin = origin();
                Closing closing = new Closing(builder().build())) {
            refused(closing.session, "https://localhost:" + origin.port() + "/");
        }
    }

    @Test
    void whatTheErrorTellsIsNotLoggedAsWell() {
        Logger netty = Logger.getLogger("io.netty");
        List<LogRecord> logged = new CopyOnWriteArrayList<>();
        Handler recording = new Handler() {
            @Override
            public void publish(LogRecord entry) {
                logged.add(entry);
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        netty.addHandler(recording);
        try (RawOrigin origin = origin();
                Closing closing = new Closing(builder().build())) {
            refused(closing.session, "https://localhost:" + origin.port() + "/");
            origin.awaitOpen(0);
            assertThat(logged).isEmpty();
        } finally {
            netty.removeHandler(recording);
        }
    }

    @Test
    void certificateOfAnotherHostIsRefused() {
        try (RawOrigin origin = origin();
                Closing closing = new Closing(builder().sslContext(trusting).build())) {
            refused(closing.session, "https://other.test:" + origin.port() + "/");
            refused(closing.session, "https://127.0.0.1:" + origin.port() + "/");
        }
    }

    // CVE-2026-50010: a plain trust manager must not switch the check of the name off.
    @Test
    void trustManagerCannotSwitchTheNameCheckOff() throws Exception {
        SSLContext careless = SSLContext.getInstance("TLS");
        careless.init(null, new TrustManager[] {new TrustsAnybody()}, null);
        try (RawOrigin origin = origin();
                Closing closing = new Closing(builder().sslContext(careless).build())) {
            refused(closing.session, "https://other.test:" + origin.port() + "/");
        }
    }

    @Test
    void insecureAcceptsAnything() {
        try (RawOrigin origin = origin();
                Closing closing = new Closing(builder().insecure().build())) {
            assertThat(closing.session
                            .get("https://other.test:" + origin.port() + "/")
                            .text()
                            .block(PATIENCE))
                    .isEqualTo("ok");
        }
    }

    @Test
    void certificateOfAKnownFingerprintIsTrustedForAnyHost() {
        String other = "00".repeat(32);
        try (RawOrigin origin = origin();
                Closing closing = new Closing(
                        builder().certificateFingerprint(other, fingerprint).build())) {
            for (String host : List.of("localhost", "other.test")) {
                assertThat(closing.session
                                .get("https://" + host + ":" + origin.port() + "/")
                                .text()
                                .block(PATIENCE))
                        .isEqualTo("ok");
            }
        }
    }

    @Test
    void certificateOfAnotherFingerprintIsRefusedAndTold() {
        String other = "00".repeat(32);
        try (RawOrigin origin = origin();
                Closing closing =
                        new Closing(builder().certificateFingerprint(other).build())) {
            StepVerifier.create(closing.session
                            .get("https://localhost:" + origin.port() + "/")
                            .text())
                    .expectErrorSatisfies(e -> assertThat(e)
                            .isInstanceOf(ClientTlsException.class)
                            .hasMessageContaining(fingerprint.replace(":", "").toLowerCase(Locale.ROOT))
                            .hasMessageContaining(other))
                    .verify(PATIENCE);
        }
    }

    @Test
    void whatIsNoFingerprintIsRefusedAtOnce() {
        ClientSession.Builder builder = ClientSession.builder();
        for (String wrong : List.of("", "ab", "zz".repeat(32), "00".repeat(20))) {
            assertThatThrownBy(() -> builder.certificateFingerprint(wrong))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("a fingerprint must be a SHA-256 in 64 hexadecimal digits, but is '" + wrong + "'");
        }
        assertThatThrownBy(builder::certificateFingerprint)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("fingerprints must not be empty");
        assertThatThrownBy(() -> builder.certificateFingerprint(fingerprint)
                        .sslContext(trusting)
                        .build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("certificateFingerprint and sslContext exclude each other");
    }

    @Test
    void cancelInTheHandshakeClosesTheSocket() {
        try (RawOrigin origin = RawOrigin.start(RawOrigin.Peer::awaitClose);
                Closing closing = new Closing(builder().sslContext(trusting).build())) {
            var running = closing.session
                    .get("https://localhost:" + origin.port() + "/")
                    .text()
                    .subscribe();
            origin.awaitOpen(1);
            running.dispose();
            origin.awaitOpen(0);
        }
    }

    private static void refused(ClientSession session, String url) {
        StepVerifier.create(session.get(url).text())
                .expectErrorSatisfies(e -> assertThat(e).isInstanceOfSatisfying(ClientTlsException.class, tls -> {
                    assertThat(tls.host()).isIn("localhost", "other.test", "127.0.0.1");
                    assertThat(tls.port()).isPositive();
                }))
                .verify(PATIENCE);
        assertThat(session.statistics().inUse()).isZero();
    }

    private static final class TrustsAnybody implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
