package io.github.asyncio4j.http;

import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Pings a peer that is silent, and gives it up when it stays so. While nothing is read, because nobody wants what comes,
 * silence proves nothing. On the event loop only.
 */
final class Heartbeat {

    private final Connection connection;
    private final DefaultWebSocket socket;
    private final long period;
    private long heardAt;
    private boolean asked;
    private @Nullable ScheduledFuture<?> timer;

    Heartbeat(Connection connection, DefaultWebSocket socket, Duration period) {
        this.connection = connection;
        this.socket = socket;
        this.period = Instants.nanos(period);
    }

    void start() {
        if (!socket.isClosing()) {
            heard();
            lookIn(period);
        }
    }

    void heard() {
        heardAt = System.nanoTime();
        asked = false;
    }

    void stop() {
        if (timer != null) {
            timer.cancel(false);
        }
    }

    private void lookIn(long nanos) {
        timer = connection.schedule(this::look, nanos);
    }

    private void look() {
        long silent = System.nanoTime() - heardAt;
        if (!socket.wantsMore()) {
            heard();
            lookIn(period);
        } else if (silent < period) {
            lookIn(period - silent);
        } else if (!asked) {
            asked = true;
            socket.sendPing();
            lookIn(Math.max(1, period / 2));
        } else {
            socket.unanswered();
        }
    }
}
