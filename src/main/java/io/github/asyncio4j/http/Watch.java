package io.github.asyncio4j.http;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The one timer of a connection. It is set for the earliest of what may become due and, when it fires, its owner looks
 * what is; an instant that has passed by then without need costs nothing. On the event loop only.
 */
final class Watch {

    private final EventLoop loop;
    private final Runnable look;
    private @Nullable ScheduledFuture<?> timer;
    private long firesAt;
    private boolean silenceLimited;
    private long silenceUntil;

    Watch(EventLoop loop, Runnable look) {
        this.loop = loop;
        this.look = look;
    }

    /** Looks at {@code instant} of System.nanoTime at the latest. */
    void by(long instant) {
        if (timer != null && firesAt - instant <= 0) {
            return;
        }
        stop();
        firesAt = instant;
        long delay = Math.max(0, instant - System.nanoTime());
        if (delay < Instants.FOREVER / 2) {
            timer = loop.schedule(this::fired, delay, TimeUnit.NANOSECONDS);
        }
    }

    private void fired() {
        timer = null;
        look.run();
    }

    void stop() {
        ScheduledFuture<?> set = timer;
        if (set != null) {
            timer = null;
            set.cancel(false);
        }
    }

    // ---------------------------------------------------------------- a peer that does nothing

    /** The peer has to do something until {@code instant}. */
    void expectUntil(long instant) {
        silenceLimited = true;
        silenceUntil = instant;
        by(instant);
    }

    /** It did, or nothing is expected of it any more. */
    void expectNothing() {
        silenceLimited = false;
    }

    boolean isSilentTooLong(long now) {
        return silenceLimited && now - silenceUntil >= 0;
    }

    /** Looks again when {@code deadline} or the end of a silence is due. */
    void again(long deadline) {
        by(silenceLimited ? Instants.earlier(silenceUntil, deadline) : deadline);
    }
}
