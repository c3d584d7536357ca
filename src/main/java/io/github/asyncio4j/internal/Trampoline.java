package io.github.asyncio4j.internal;

import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import reactor.core.Exceptions;

/**
 * Runs wake-ups one after the other instead of one inside the other, so that a chain of any length needs the stack of
 * one (asyncio's {@code call_soon} gives the same property).
 *
 * <p>Work handed in while the same thread is already running wake-ups is put behind them and runs when the current one
 * has returned; otherwise it runs at once, on the caller's thread. Threads never wait for each other here. A wake-up
 * must therefore not block for the result of another one that its own thread is to run, as in asyncio's loop.
 *
 * <p>A lane exists only while its thread is draining, so nothing is left on a thread afterwards. A map rather than a
 * ThreadLocal keeps it that way for pooled and virtual threads alike.
 */
public final class Trampoline {

    private static final ConcurrentHashMap<Thread, Lane> LANES = new ConcurrentHashMap<>();

    private Trampoline() {}

    /** A piece of work that can stand in a chain without a node of its own. */
    public abstract static class Link implements Runnable {
        @Nullable
        Link next;
    }

    /** Runs {@code work} now, or behind what this thread is already running. */
    public static void execute(Runnable work) {
        execute(new Link() {
            @Override
            public void run() {
                work.run();
            }
        });
    }

    /** The same for a whole chain, in order. */
    static void execute(Link chain) {
        Thread thread = Thread.currentThread();
        Lane lane = LANES.get(thread);
        if (lane != null) {
            lane.append(chain);
            return;
        }
        lane = new Lane();
        LANES.put(thread, lane);
        lane.append(chain);
        try {
            lane.drain();
        } finally {
            LANES.remove(thread);
        }
    }

    /** How many threads are running wake-ups right now; zero when the system is at rest. */
    static int active() {
        return LANES.size();
    }

    /** Touched by one thread only. */
    private static final class Lane {
        private @Nullable Link head;
        private @Nullable Link tail;

        void append(Link chain) {
            if (tail == null) {
                head = chain;
            } else {
                tail.next = chain;
            }
            Link last = chain;
            while (last.next != null) {
                last = last.next;
            }
            tail = last;
        }

        // One link that throws (a fatal error) must not strand those behind it.
        void drain() {
            Throwable thrown = null;
            while (head != null) {
                Link link = head;
                head = link.next;
                if (head == null) {
                    tail = null;
                }
                link.next = null;
                try {
                    link.run();
                } catch (Throwable t) {
                    if (thrown == null) {
                        thrown = t;
                    } else if (thrown != t) {
                        thrown.addSuppressed(t);
                    }
                }
            }
            if (thrown instanceof RuntimeException e) {
                throw e;
            }
            if (thrown instanceof Error e) {
                throw e;
            }
            if (thrown != null) {
                throw Exceptions.propagate(thrown);
            }
        }
    }
}
