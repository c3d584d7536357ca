package io.github.asyncio4j.testing;

import io.netty.util.LeakPresenceDetector;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails a test that leaves a network buffer behind. Buffers are counted, not sampled, by Netty's presence detector. What
 * has just been closed may still be on its way out, so the check is repeated for a moment.
 */
public final class NoLeaks implements AfterEachCallback {

    private static final long PATIENCE_NANOS = 2_000_000_000L;

    @Override
    public void afterEach(ExtensionContext context) {
        long until = System.nanoTime() + PATIENCE_NANOS;
        while (true) {
            try {
                LeakPresenceDetector.check();
                return;
            } catch (IllegalStateException e) {
                if (System.nanoTime() - until > 0) {
                    throw e;
                }
                Thread.onSpinWait();
                Thread.yield();
            }
        }
    }
}
