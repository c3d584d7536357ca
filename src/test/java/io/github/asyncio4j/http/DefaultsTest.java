package io.github.asyncio4j.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.asyncio4j.testing.NoLeaks;
import io.github.asyncio4j.testing.RawOrigin;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import reactor.test.StepVerifier;

/** The bounds that hold without being asked for. */
@ExtendWith(NoLeaks.class)
@Timeout(value = 20, unit = TimeUnit.SECONDS)
class DefaultsTest {

    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final long TEN_MEBIBYTES = 10L * 1024 * 1024;

    @Test
    void aRequestMayTakeFiveMinutes() {
        assertThat(ClientTimeout.defaults().total()).hasValue(Duration.ofMinutes(5));
    }

    @Test
    void aCollectedBodyMayHaveTenMebibytes() {
        try (RawOrigin origin =
                        RawOrigin.answering("HTTP/1.1 200 OK\r\nContent-Length: " + (TEN_MEBIBYTES + 1) + "\r\n\r\n");
                Closing closing = new Closing(ClientSession.create())) {
            StepVerifier.create(closing.session.get(origin.url("/")).bytes())
                    .expectErrorSatisfies(error -> assertThat(error)
                            .isInstanceOfSatisfying(
                                    BodyTooLargeException.class,
                                    tooLarge -> assertThat(tooLarge.limit()).isEqualTo(TEN_MEBIBYTES)))
                    .verify(PATIENCE);
        }
    }
}
