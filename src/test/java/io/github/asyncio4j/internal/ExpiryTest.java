package io.github.asyncio4j.internal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import reactor.util.context.Context;

class ExpiryTest {

    private static Context left(long nanos) {
        Expiry expiry = () -> nanos;
        return expiry.storeIn(Context.empty());
    }

    @Test
    void withoutADeadlineNothingExpires() {
        assertThat(Expiry.from(Context.empty())).isNull();
        assertThat(Expiry.isExpired(Context.empty())).isFalse();
    }

    @Test
    void whatHasTimeLeftIsNotExpired() {
        assertThat(Expiry.isExpired(left(1))).isFalse();
    }

    @Test
    void atTheInstantItselfItIs() {
        assertThat(Expiry.isExpired(left(0))).isTrue();
        assertThat(Expiry.isExpired(left(-1))).isTrue();
    }
}
