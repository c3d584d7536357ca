/**
 * asyncio's coordination primitives for Reactor: semaphore, lock, locks per key, event, condition and barrier. All of
 * them wait without a thread, first come first served, and keep their balance under cancels and time limits.
 */
@NullMarked
package io.github.asyncio4j.sync;

import org.jspecify.annotations.NullMarked;
