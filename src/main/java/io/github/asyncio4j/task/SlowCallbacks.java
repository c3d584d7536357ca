package io.github.asyncio4j.task;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.scheduler.Schedulers;
import reactor.util.context.ContextView;

/**
 * Which callback holds which non-blocking thread, and since when; a thread of its own looks at that from time to time.
 * Wall-clock time of the machine, also in tests on virtual time: it is the machine that is held.
 */
final class SlowCallbacks {

    private final Map<Thread, Callback> running = new ConcurrentHashMap<>();
    private final long limit;
    private final Consumer<? super String> report;
    private final Thread watchdog = new Thread(this::watch, "asyncio4j-debug");
    private volatile boolean stopped;

    SlowCallbacks(long limit, Consumer<? super String> report) {
        this.limit = limit;
        this.report = report;
    }

    /** Written by its own thread; the watchdog reads. */
    private static final class Callback {
        final long since = System.nanoTime();
        volatile @Nullable DefaultTask<?> task;
        boolean reported;
    }

    void start() {
        watchdog.setDaemon(true);
        watchdog.start();
    }

    void stop() {
        stopped = true;
        LockSupport.unpark(watchdog);
    }

    /** True when a callback begins here; false inside of another one, and on threads that may block. */
    boolean enter(@Nullable ContextView context) {
        if (stopped || !Schedulers.isInNonBlockingThread()) {
            return false;
        }
        Thread thread = Thread.currentThread();
        Callback callback = running.get(thread);
        boolean outermost = callback == null;
        if (callback == null) {
            callback = new Callback();
            running.put(thread, callback);
        }
        if (callback.task == null && context != null) {
            callback.task = DefaultTask.current(context);
        }
        return outermost;
    }

    void exit() {
        running.remove(Thread.currentThread());
    }

    Runnable timed(Runnable work) {
        return () -> {
            boolean outermost = enter(null);
            try {
                work.run();
            } finally {
                if (outermost) {
                    exit();
                }
            }
        };
    }

    private void watch() {
        while (!stopped) {
            LockSupport.parkNanos(Math.max(limit / 5, TimeUnit.MILLISECONDS.toNanos(1)));
            long now = System.nanoTime();
            running.forEach((thread, callback) -> look(thread, callback, now));
        }
    }

    private void look(Thread thread, Callback callback, long now) {
        long held = now - callback.since;
        if (held <= limit || callback.reported) {
            return;
        }
        StackTraceElement[] stack = thread.getStackTrace();
        if (running.get(thread) != callback) {
            return; // it has just gone on to something else
        }
        callback.reported = true;
        DefaultTask<?> task = callback.task;
        StringBuilder text = new StringBuilder(thread.getName())
                .append(" has been held for ")
                .append(TimeUnit.NANOSECONDS.toMillis(held))
                .append(" ms by ")
                .append(task == null ? "a callback outside of any task" : task)
                .append("; blocking or long work belongs on another thread");
        for (StackTraceElement frame : stack) {
            text.append("\nat ").append(frame);
        }
        report.accept(text.toString());
    }
}
