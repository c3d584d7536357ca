package io.github.asyncio4j.sync;

/**
 * What a primitive has seen, read in one instant. Trio's primitives have the same under the same name.
 *
 * @param waiting how many wait now
 * @param held how much is held now: permits of a semaphore, 0 or 1 for a lock; 0 where nothing can be held
 * @param granted how many requests were served so far, at once or after a wait
 * @param cancelled how many waits ended without being served so far: cancelled, timed out or refused
 * @param peak the most that was held at once; where nothing can be held, the most that waited at once
 */
public record SyncStatistics(int waiting, int held, long granted, long cancelled, int peak) {}
