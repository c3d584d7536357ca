/**
 * Limits on starts per time that wait instead of blocking or refusing: exact sliding window, token bucket, evenly
 * spaced.
 */
@NullMarked
package io.github.asyncio4j.ratelimit;

import org.jspecify.annotations.NullMarked;
