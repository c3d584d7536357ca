package io.github.asyncio4j.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.asyncio4j.testing.NoLeaks;
import io.github.asyncio4j.testing.RawOrigin;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
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
}
