package io.github.asyncio4j.http;

import io.github.asyncio4j.http.FluxMessages.Receiver;
import java.util.ArrayDeque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Messages that have arrived and those who want them. Everything but {@link #attach} and {@link #wanted} happens on the
 * event loop.
 */
final class WebSocketInbox {

    private static final int HIGH_WATER = 64 * 1024;
    // An empty message takes memory as well.
    private static final int OVERHEAD = 64;

    private final Consumer<Runnable> loop;
    private final Runnable readOn;
    private final ArrayDeque<Item> items = new ArrayDeque<>(1);
    private int held;
    private @Nullable Receiver receiver;
    private boolean complete;
    private volatile boolean endTold;
    private @Nullable Throwable failure;
    private boolean delivering;
    private boolean deliverAgain;

    private record Item(WebSocketMessage message, int size) {}

    /**
     * @param loop runs something on the event loop
     * @param readOn there may be room again
     */
    WebSocketInbox(Consumer<Runnable> loop, Runnable readOn) {
        this.loop = loop;
        this.readOn = readOn;
    }

    // ---------------------------------------------------------------- from any thread

    void attach(Receiver next) {
        loop.accept(() -> {
            if (receiver != null && !receiver.isCancelled()) {
                next.end(new IllegalStateException("receive() has a subscriber already; there can be one at a time"));
                return;
            }
            receiver = next;
            drive();
        });
    }

    void wanted() {
        loop.accept(this::drive);
    }

    private void drive() {
        deliver();
        readOn.run();
    }

    // ---------------------------------------------------------------- on the event loop

    boolean hasRoom() {
        return held < HIGH_WATER;
    }

    boolean isWaitedFor() {
        return receiver != null && receiver.wantsMore();
    }

    void add(WebSocketMessage message, int size) {
        int weight = (int) Math.min(Integer.MAX_VALUE / 2, (long) size + OVERHEAD);
        held += weight;
        items.add(new Item(message, weight));
    }

    /** Nothing more comes. The first reason counts. */
    void end(@Nullable Throwable error) {
        if (!complete) {
            complete = true;
            failure = error;
        }
    }

    /** Somebody who received was told that nothing more comes. */
    boolean isEndTold() {
        return endTold;
    }

    void deliver() {
        if (delivering) {
            deliverAgain = true;
            return;
        }
        delivering = true;
        do {
            deliverAgain = false;
            pass();
        } while (deliverAgain);
        delivering = false;
    }

    private void pass() {
        Receiver to;
        while ((to = receiver) != null) {
            if (to.isCancelled()) {
                receiver = null;
            } else if (items.isEmpty()) {
                if (complete) {
                    receiver = null;
                    endTold = true;
                    to.end(failure);
                }
                return;
            } else if (to.wantsMore()) {
                Item next = items.remove();
                held -= next.size();
                to.next(next.message());
            } else {
                return;
            }
        }
    }
}
