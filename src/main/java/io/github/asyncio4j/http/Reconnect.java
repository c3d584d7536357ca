package io.github.asyncio4j.http;

import io.github.asyncio4j.internal.Checks;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;
import java.util.function.IntPredicate;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.util.retry.Retry.RetrySignal;

/**
 * Opens a WebSocket again that was lost, and runs its body on the new one. For feeds that are to go on, not for
 * conversations whose state is gone with the connection. What Python's {@code websockets} does by
 * {@code async for websocket in connect(uri)}; aiohttp leaves it to the user.
 *
 * <pre>{@code
 * Flux<String> prices = session.webSocket("wss://example.com/prices")
 *         .heartbeat(Duration.ofSeconds(20))
 *         .reconnect(Reconnect.backOff(Duration.ofMillis(500), Duration.ofSeconds(30)))
 *         .useMany(socket -> socket.send("subscribe").thenMany(socket.receiveText()));
 * }</pre>
 *
 * <p>Lost means: not reached, too slow, refused with 408, 429 or 5xx, cut off, silent to the heartbeat, or closed by the
 * server with 1001, 1006, 1011, 1012, 1013 or 1014. Whatever else ends the body ends the subscription: its own completion or
 * error, a close with 1000 or a code of the application, a frame against the protocol, a certificate that is not accepted.
 *
 * <p>Before each attempt it waits a random time up to a limit that doubles each time (full jitter); after a connection
 * that lasted longer than the longest of these waits, the limit is the first one again. Waits are on
 * {@link Schedulers#parallel()}; cancelling ends the wait or closes the connection.
 */
public final class Reconnect {

    private static final Set<Integer> CODES =
            Set.of(1001, CloseFrame.ABNORMAL, CloseFrame.INTERNAL_ERROR, 1012, 1013, 1014);
    private static final Set<Integer> STATUSES = Set.of(408, 429);

    private final Duration first;
    private final Duration longest;
    private final int attempts;
    private final IntPredicate codes;
    private final DoubleSupplier random;

    private Reconnect(Duration first, Duration longest, int attempts, IntPredicate codes, DoubleSupplier random) {
        this.first = first;
        this.longest = longest;
        this.attempts = attempts;
        this.codes = codes;
        this.random = random;
    }

    /** Again and again, after waits that are limited by {@code first} to begin with, and by {@code longest} ever. */
    public static Reconnect backOff(Duration first, Duration longest) {
        Checks.positive(first, "first");
        Checks.positive(longest, "longest");
        return new Reconnect(
                first,
                longest,
                Integer.MAX_VALUE,
                CODES::contains,
                () -> ThreadLocalRandom.current().nextDouble());
    }

    /** Gives up, with the last error or code, when so many attempts in a row brought no connection that lasted. */
    public Reconnect attempts(int value) {
        return new Reconnect(first, longest, Checks.atLeast(1, value, "attempts"), codes, random);
    }

    /** After which close codes of the server to open it again, in place of those that are usual; 1006 is a cut. */
    public Reconnect closeCodes(IntPredicate value) {
        return new Reconnect(first, longest, attempts, Checks.notNull(value, "closeCodes"), random);
    }

    /** Numbers from 0 to 1 in place of random ones. */
    Reconnect random(DoubleSupplier numbers) {
        return new Reconnect(first, longest, attempts, codes, numbers);
    }

    /** The body ended well: an error if that was because the server closed, and if that is worth another attempt. */
    <R> Mono<R> afterBody(DefaultWebSocket socket) {
        return Mono.defer(() -> {
            WebSocketException end = socket.endedByPeer();
            return end != null && codes.test(end.closeCode()) ? Mono.error(new Gone(end)) : Mono.empty();
        });
    }

    /** What others than the WebSocket throw in its body is the body's own affair. */
    private boolean isLost(Throwable error) {
        return error instanceof Gone
                || error instanceof WebSocketException lost
                        && lost.closeCode() >= CloseFrame.NORMAL
                        && codes.test(lost.closeCode());
    }

    private static boolean isUnreached(Throwable error) {
        if (error instanceof WebSocketHandshakeException refused) {
            return refused.status() >= 500 || STATUSES.contains(refused.status());
        }
        return error instanceof ClientConnectException
                        && !(error instanceof ClientTlsException)
                        && !(error instanceof AddressNotAllowedException)
                || error instanceof ServerDisconnectedException
                || error instanceof ClientTimeoutException;
    }

    Run newRun() {
        return new Run();
    }

    /** What {@link #afterBody} ends an attempt with; the reason is what the user sees if it was the last. */
    private static final class Gone extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final WebSocketException reason;

        Gone(WebSocketException reason) {
            super(reason.getMessage(), reason, false, false);
            this.reason = reason;
        }
    }

    /** For one subscription. */
    final class Run extends reactor.util.retry.Retry {
        private final Scheduler clock = Schedulers.parallel();
        private int failures;
        private long openedAt;
        private boolean open;

        void opened() {
            open = true;
            openedAt = clock.now(TimeUnit.NANOSECONDS);
        }

        @Override
        public Flux<Long> generateCompanion(Flux<RetrySignal> signals) {
            return signals.map(RetrySignal::failure).concatMap(this::again, 0);
        }

        private Mono<Long> again(Throwable error) {
            boolean lasted = open && clock.now(TimeUnit.NANOSECONDS) - openedAt > Checks.nanos(longest);
            boolean worthAnother = open ? isLost(error) : isUnreached(error);
            open = false;
            failures = lasted ? 1 : failures + 1;
            if (failures > attempts || !worthAnother) {
                return Mono.error(error instanceof Gone gone ? gone.reason : error);
            }
            double limit = Math.min(longest.toNanos(), first.toNanos() * Math.pow(2, failures - 1.0));
            return Mono.delay(Duration.ofNanos((long) (limit * random.getAsDouble())), clock);
        }
    }

    @Override
    public String toString() {
        return "Reconnect(" + first + " to " + longest + ")";
    }
}
