/**
 * Blocking and CPU-bound code next to pipelines: on threads where it may block, with the Context restored, and with a
 * cancel that knows when the code has really ended. asyncio's {@code to_thread} and {@code run_in_executor}.
 */
@NullMarked
package io.github.asyncio4j.thread;

import org.jspecify.annotations.NullMarked;
