package io.github.asyncio4j.http;

import org.jspecify.annotations.Nullable;

/**
 * What is sent after the head.
 *
 * @param contentType its type unless the request names one
 */
record RequestBody(byte[] bytes, @Nullable String contentType) {}
