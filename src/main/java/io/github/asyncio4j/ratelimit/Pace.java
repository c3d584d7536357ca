package io.github.asyncio4j.ratelimit;

/** When starts are due. Instants are nanoseconds that never run backwards; every call is made under the limiter's lock. */
sealed interface Pace permits SlidingWindow, TokenBucket {

    /**
     * The instant at which the {@code position}-th start from now is due, 1 being the next one, if all those before it
     * are made as soon as they are due and none before {@code from}.
     */
    long due(long from, int position);

    /** A start happens at {@code now} that was due at {@code intended}, which is not later and seldom much earlier. */
    void started(long now, long intended);

    /** The start counted at {@code instant} did not happen. */
    void takeBack(long instant);

    /** True when nothing that is remembered matters any more at {@code now}. */
    boolean isFresh(long now);
}
