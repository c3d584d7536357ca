/** What tests of several packages share. */
package io.github.asyncio4j.testing;
