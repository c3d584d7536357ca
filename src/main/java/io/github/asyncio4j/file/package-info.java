/** Files without blocking the caller: what {@code aiofiles} is for asyncio. */
@NullMarked
package io.github.asyncio4j.file;

import org.jspecify.annotations.NullMarked;
