/**
 * Queues between pipelines: whoever puts into a full one or takes from an empty one waits, without a thread. The twins
 * of asyncio's {@code Queue}, {@code LifoQueue} and {@code PriorityQueue}.
 */
@NullMarked
package io.github.asyncio4j.queue;

import org.jspecify.annotations.NullMarked;
