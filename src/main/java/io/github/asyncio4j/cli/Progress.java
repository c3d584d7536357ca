package io.github.asyncio4j.cli;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Shows on standard error how far the run is: a view that moves on a terminal, plain lines elsewhere. */
final class Progress implements AutoCloseable {

    private static final int WIDTH = 24;
    private static final Duration FRAME = Duration.ofMillis(100);
    private static final Duration PLAIN_TICK = Duration.ofSeconds(1);
    private static final long NANOS_BETWEEN_PLAIN_LINES = Duration.ofSeconds(5).toNanos();
    private static final String CLEAR_TO_EDGE = "\u001b[K";
    private static final String CLEAR_BELOW = "\u001b[J";

    /** No cursor, and a line that is too long is cut at the edge, however wide the terminal is just then. */
    private static final String TAKE = "\u001b[?25l\u001b[?7l";

    private static final String GIVE_BACK = "\u001b[?7h\u001b[?25h";

    private final Terminal terminal;
    private final Thread ticker;
    private volatile boolean closed;

    // Guarded by this object's monitor, as are all writes to the terminal.
    private @Nullable LongSupplier current;
    private String name = "";
    private Supplier<String> detail = () -> "";
    private long total;
    private long started;
    private long shown;
    private boolean taken;
    private int linesBelow;

    private Progress(Terminal terminal) {
        this.terminal = terminal;
        this.ticker = new Thread(this::tick, "progress");
        ticker.setDaemon(true);
    }

    static Progress on(Terminal terminal, boolean quiet) {
        Progress progress = new Progress(terminal);
        progress.closed = quiet;
        if (!quiet) {
            progress.ticker.start();
        }
        return progress;
    }

    /** @param total zero when not known */
    synchronized void begin(String name, long total, LongSupplier done) {
        begin(name, total, done, () -> "");
    }

    /** @param detail what else is known, for a terminal: the rest of the line, and further ones */
    synchronized void begin(String name, long total, LongSupplier done, Supplier<String> detail) {
        this.detail = detail;
        this.name = name;
        this.total = total;
        this.current = done;
        this.started = System.nanoTime();
        this.shown = started;
        if (terminal.interactive() && !closed) {
            take();
            show();
        }
    }

    synchronized void end(long requests, long failures, Duration wall) {
        current = null;
        if (closed) {
            return;
        }
        if (terminal.interactive()) {
            giveBack();
        } else {
            String failed = failures == 0 ? "" : ", " + Units.count(failures) + " failed";
            terminal.say(name + ": " + Units.count(requests) + " requests in " + Units.duration(wall) + failed);
        }
    }

    private void take() {
        if (!taken) {
            taken = true;
            terminal.atExit(this::giveBack);
            write(TAKE);
        }
    }

    /** Also when the process ends without a summary. */
    private synchronized void giveBack() {
        if (taken) {
            taken = false;
            current = null;
            write(top() + CLEAR_BELOW + GIVE_BACK);
            linesBelow = 0;
        }
    }

    private void tick() {
        Duration pause = terminal.interactive() ? FRAME : PLAIN_TICK;
        while (!closed) {
            LockSupport.parkNanos(pause.toNanos());
            synchronized (this) {
                show();
            }
        }
    }

    private void show() {
        if (closed || current == null) {
            return;
        }
        long now = System.nanoTime();
        if (!terminal.interactive() && now - shown < NANOS_BETWEEN_PLAIN_LINES) {
            return;
        }
        shown = now;
        long done = current.getAsLong();
        Duration elapsed = Duration.ofNanos(now - started);
        String of = total == 0 ? " requests" : " of " + Units.count(total);
        String numbers = Units.count(done) + of + ", " + Units.duration(elapsed);
        if (terminal.interactive()) {
            draw(name + " " + bar(done) + numbers + detail.get());
        } else {
            terminal.say(name + ": " + numbers);
        }
    }

    // In one piece, over what is there and without clearing it first: nothing flickers.
    private void draw(String view) {
        String frame = top() + view.replace("\n", CLEAR_TO_EDGE + "\r\n") + CLEAR_BELOW;
        linesBelow = (int) view.chars().filter(c -> c == '\n').count();
        write(frame);
    }

    private String top() {
        return linesBelow == 0 ? "\r" : "\r\u001b[" + linesBelow + "A";
    }

    private String bar(long done) {
        if (total == 0) {
            return "";
        }
        int filled = (int) (WIDTH * done / total);
        return "[" + "#".repeat(filled) + "-".repeat(WIDTH - filled) + "] ";
    }

    private void write(String text) {
        terminal.err().print(text);
        terminal.err().flush();
    }

    @Override
    public synchronized void close() {
        giveBack();
        closed = true;
        LockSupport.unpark(ticker);
        terminal.atExit(null);
    }
}
