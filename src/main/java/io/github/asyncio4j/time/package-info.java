/**
 * Deadlines: one budget for a whole flow, inherited through the Context by everything below, and scopes that end after
 * the cleanup of what they cut off. asyncio's {@code timeout}, {@code timeout_at} and {@code wait_for}; Trio's {@code
 * move_on_after}.
 */
@NullMarked
package io.github.asyncio4j.time;

import org.jspecify.annotations.NullMarked;
