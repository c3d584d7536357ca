package io.github.asyncio4j.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;

/** A session for one test. At its end no connection is in use, nobody waits, and closing it closes all. */
final class Closing implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(5);

    final ClientSession session;

    Closing(ClientSession session) {
        this.session = session;
    }

    @Override
    public void close() {
        awaitRest();
        SessionStatistics before = session.statistics();
        session.close().block(PATIENCE);
        assertThat(before.inUse())
                .as("connections in use at the end of the test")
                .isZero();
        assertThat(before.waiting()).as("waiting at the end of the test").isZero();
        assertThat(session.statistics()).isEqualTo(new SessionStatistics(0, 0, 0, before.created(), before.reused()));
    }

    /** Waits for what a cancel has set off: nobody is told when that is over. */
    void awaitRest() {
        long until = System.nanoTime() + PATIENCE.toNanos();
        while (session.statistics().inUse() > 0 && System.nanoTime() - until < 0) {
            Thread.yield();
        }
        assertThat(session.statistics().inUse()).isZero();
    }

    /** Time for the network; what is asserted afterwards must not depend on how much. */
    void pause(long millis) {
        java.util.concurrent.locks.LockSupport.parkNanos(millis * 1_000_000);
    }

    void await(java.util.concurrent.CountDownLatch latch) {
        try {
            assertThat(latch.await(5, java.util.concurrent.TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
