/** What every package of the library may signal. */
@NullMarked
package io.github.asyncio4j;

import org.jspecify.annotations.NullMarked;
