package io.github.asyncio4j.thread;

/**
 * What a cancel does to code that is already running. Code that still waits for a thread never runs after a cancel, in
 * every mode.
 *
 * <pre>{@code
 * Mono<String> row = Threads.toThread(query, OnCancel.WAIT);
 * }</pre>
 *
 * <p>anyio's {@code abandon_on_cancel} is a choice of two of these; asyncio always abandons.
 */
public enum OnCancel {

    /**
     * Interrupts the thread. The surrounding scope waits until the code has ended; the interrupt never shows, neither as
     * an error nor on the thread when it is used again. For code that sleeps, waits or does interruptible I/O.
     */
    INTERRUPT,

    /** Lets the code run to its end; the surrounding scope waits for it. For code that must not be cut in two. */
    WAIT,

    /** Lets the code run to its end, and nobody waits for it: asyncio's way. For code that may hang. */
    ABANDON
}
