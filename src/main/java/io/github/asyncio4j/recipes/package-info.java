/** Programs made of the library, to use as they are or to read: a rate-limited fetcher and a news aggregator. */
@NullMarked
package io.github.asyncio4j.recipes;

import org.jspecify.annotations.NullMarked;
