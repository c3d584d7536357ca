/** Streams that are made one element at a time, when somebody asks: asyncio's {@code async for}, seen by the producer. */
@NullMarked
package io.github.asyncio4j.stream;

import org.jspecify.annotations.NullMarked;
