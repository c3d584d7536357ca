package io.github.asyncio4j.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.asyncio4j.testing.NoLeaks;
import io.github.asyncio4j.testing.RawOrigin;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

@ExtendWith(NoLeaks.class)
@Timeout(value = 20, unit = TimeUnit.SECONDS)
class PublicAddressesTest {

    private static final Duration PATIENCE = Duration.ofSeconds(5);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1.1.1.1",
                "8.8.8.8",
                "100.63.1.1",
                "100.128.0.1",
                "172.15.0.1",
                "172.32.0.1",
                "192.0.1.1",
                "198.17.0.1",
                "198.20.0.1",
                "203.0.112.1",
                "223.255.255.255",
                "2606:4700::1111",
                "64:ff9b::808:808",
                "2606:4700::5efe:8.8.8.8",
                "2002:808:808::1"
            })
    void publicOnes(String address) throws Exception {
        assertThat(PublicAddresses.contains(InetAddress.getByName(address))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0.0.0.0",
                "10.1.2.3",
                "127.0.0.1",
                "127.255.0.1",
                "100.64.0.1",
                "100.127.255.255",
                "169.254.169.254",
                "172.16.0.1",
                "172.31.255.255",
                "192.168.1.1",
                "192.0.0.1",
                "192.0.2.1",
                "192.88.99.1",
                "198.18.0.1",
                "198.19.255.1",
                "198.51.100.1",
                "203.0.113.9",
                "224.0.0.1",
                "255.255.255.255",
                "::1",
                "::",
                "fe80::1",
                "fc00::1",
                "fd12::1",
                "ff02::1",
                "::ffff:127.0.0.1",
                "::ffff:10.0.0.1",
                "64:ff9b::7f00:1",
                "2002:7f00:1::",
                "2001:db8::1",
                "2001::1",
                "2606:4700::5efe:10.0.0.1",
                "2606:4700::200:5efe:127.0.0.1",
                "::ffff:0:10.0.0.1",
                "::127.0.0.1",
                "64:ff9b::10.0.0.1",
                "64:ff9b:1::10.0.0.1",
                "2002:a00:1::1",
                "3fff::1"
            })
    void innerOnes(String address) throws Exception {
        assertThat(PublicAddresses.contains(InetAddress.getByName(address))).isFalse();
    }

    @Test
    void redirectToAnInnerAddressIsRefused() {
        String toInside = "HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/keys\r\nContent-Length: 0\r\n\r\n";
        // The proxy stands for a public site: the guard has nothing against its name.
        try (RawOrigin site = RawOrigin.answering(toInside);
                Closing closing = new Closing(ClientSession.builder()
                        .publicAddressesOnly(true)
                        .proxy(site.url(""))
                        .build())) {
            StepVerifier.create(closing.session.get("http://public.example/").text())
                    .expectErrorSatisfies(error -> assertThat(error)
                            .isInstanceOf(AddressNotAllowedException.class)
                            .hasMessageContaining("169.254.169.254"))
                    .verify(PATIENCE);
            assertThat(site.requests()).hasSize(1);
        }
    }

    @Test
    void guardLooksAtLiteralsAndNames() throws Exception {
        InetAddress inner = InetAddress.getLoopbackAddress();
        try (RawOrigin origin = RawOrigin.answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
                Closing closing = new Closing(ClientSession.builder()
                        .publicAddressesOnly(true)
                        .resolver(host -> Mono.just(List.of(inner)))
                        .build())) {
            for (String host : List.of(
                    "127.0.0.1",
                    "[::1]",
                    "[::ffff:127.0.0.1]",
                    "[64:ff9b::7f00:1]",
                    "[64:ff9b:1::7f00:1]",
                    "innocent.example")) {
                StepVerifier.create(closing.session
                                .get("http://" + host + ":" + origin.port() + "/")
                                .text())
                        .expectErrorSatisfies(e -> assertThat(e)
                                .isInstanceOf(AddressNotAllowedException.class)
                                .hasMessageContaining("publicAddressesOnly"))
                        .verify(PATIENCE);
            }
            // What some read as decimal and octal is no host at all, whatever the guard.
            for (String host : List.of("2130706433", "0177.0.0.1", "0x7f.1")) {
                StepVerifier.create(closing.session.get("http://" + host + "/").text())
                        .expectError(InvalidUrlException.class)
                        .verify(PATIENCE);
            }
            assertThat(origin.accepted()).isZero();
        }
    }

    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    private static Closing guarded(String... allowed) {
        return new Closing(ClientSession.builder()
                .publicAddressesOnly(true)
                .allowAddresses(allowed)
                .resolver(host -> Mono.just(List.of(InetAddress.getLoopbackAddress())))
                .build());
    }

    private static void assertRefused(Mono<?> request) {
        StepVerifier.create(request)
                .expectErrorSatisfies(e -> assertThat(e).isInstanceOf(AddressNotAllowedException.class))
                .verify(PATIENCE);
    }

    private static final InetAddress METADATA = Objects.requireNonNull(Addresses.literal("169.254.169.254"));

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.0/8", "127.0.0.1", "127.0.0.1/32", "0.0.0.0/0"})
    void networksThatAreNamedAreLetThrough(String allowed) {
        try (RawOrigin origin = RawOrigin.answering(OK);
                Closing closing = guarded(allowed)) {
            assertThat(closing.session.get(origin.url("/")).text().block(PATIENCE))
                    .isEqualTo("ok");
            assertThat(closing.session
                            .get("http://any.test:" + origin.port() + "/")
                            .text()
                            .block(PATIENCE))
                    .isEqualTo("ok");
            assertRefused(
                    closing.session.get("http://[::1]:" + origin.port() + "/").text());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.2", "126.0.0.0/8", "10.1.0.0/16", "::/0", "::1", "other.test", "test"})
    void othersAreNot(String allowed) {
        try (RawOrigin origin = RawOrigin.answering(OK);
                Closing closing = guarded(allowed)) {
            assertRefused(closing.session.get(origin.url("/")).text());
            assertRefused(closing.session
                    .get("http://inner.test:" + origin.port() + "/")
                    .text());
            assertThat(origin.accepted()).isZero();
        }
    }

    @Test
    void hostsThatAreNamedAreTrustedWithWhateverTheyStandFor() {
        try (RawOrigin origin = RawOrigin.answering(OK);
                Closing closing = guarded("Inner.test", "10.0.0.0/8")) {
            assertThat(closing.session
                            .get("http://inner.test:" + origin.port() + "/")
                            .text()
                            .block(PATIENCE))
                    .isEqualTo("ok");
            assertRefused(closing.session
                    .get("http://sub.inner.test:" + origin.port() + "/")
                    .text());
            assertRefused(closing.session.get(origin.url("/")).text());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "10.0.0.0/33", "10.0.0/8", "::/129", "x/8", "10.1", "http://h"})
    void whatIsNoneOfTheseIsRefused(String entry) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ClientSession.builder().allowAddresses(entry));
    }

    @Test
    void redirectToMetadataIsRefused() {
        for (String target : List.of(
                "http://169.254.169.254/latest/meta-data/",
                "http://[fd00:ec2::254]/latest/",
                "http://[::ffff:169.254.169.254]/",
                "http://[64:ff9b::a9fe:a9fe]/",
                "http://[2002:a9fe:a9fe::]/",
                "//metadata.test/")) {
            try (RawOrigin origin = RawOrigin.answering(
                            "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + target + "\r\n\r\n");
                    Closing closing = new Closing(ClientSession.builder()
                            .publicAddressesOnly(true)
                            .allowAddresses("127.0.0.1")
                            .resolver(host -> Mono.just(List.of(METADATA)))
                            .build())) {
                assertRefused(closing.session.get(origin.url("/")).text());
                assertThat(origin.requests()).hasSize(1);
            }
        }
    }

    @Test
    void nameThatChangesItsMindGainsNothing() throws Exception {
        InetAddress allowed = InetAddress.getByName("127.0.0.2");
        InetAddress inner = InetAddress.getByName("127.0.0.1");
        AtomicInteger lookups = new AtomicInteger();
        try (RawOrigin forbidden = RawOrigin.answering(OK);
                RawOrigin good = RawOrigin.on("127.0.0.2", forbidden.port(), OK);
                Closing closing = new Closing(ClientSession.builder()
                        .publicAddressesOnly(true)
                        .allowAddresses("127.0.0.2")
                        .limits(ConnectionLimits.defaults().withKeepAlive(Duration.ZERO))
                        .resolver(host -> Mono.fromSupplier(
                                () -> lookups.getAndIncrement() == 0 ? List.of(inner, allowed) : List.of(inner)))
                        .build())) {
            Mono<String> get = closing.session
                    .get("http://rebinding.test:" + forbidden.port() + "/")
                    .text();
            assertThat(get.block(PATIENCE)).isEqualTo("ok");
            // What was looked at is what was connected to: there is no second lookup in between.
            assertThat(lookups).hasValue(1);
            assertRefused(closing.session
                    .get("http://other.test:" + forbidden.port() + "/")
                    .text());
            assertThat(good.accepted()).isOne();
            assertThat(forbidden.accepted()).isZero();
        }
    }

    @Test
    void webSocketsAndProxiedRequestsAreLookedAtAsWell() {
        try (RawOrigin proxy = RawOrigin.answering(OK);
                Closing closing = guarded("10.0.0.0/8", "inner.test")) {
            assertRefused(closing.session.webSocket("ws://127.0.0.1/").use(socket -> Mono.empty()));
            assertRefused(closing.session
                    .get("http://192.168.0.1/")
                    .proxy(proxy.url(""))
                    .text());
            assertThat(closing.session
                            .get("http://10.0.0.1/")
                            .proxy(proxy.url(""))
                            .text()
                            .block(PATIENCE))
                    .isEqualTo("ok");
        }
    }
}
