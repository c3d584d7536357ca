/**
 * Resources that are opened, used and closed, in reverse order and exactly once, whether the use ends with a value, an
 * error or a cancel. Closing is awaited, also after a cancel: Python's {@code async with} and {@code AsyncExitStack}.
 */
@NullMarked
package io.github.asyncio4j.resource;

import org.jspecify.annotations.NullMarked;
