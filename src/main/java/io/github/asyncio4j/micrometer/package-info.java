/**
 * Observations of requests and meters of sessions, primitives, queues and limiters, for programs that have Micrometer.
 * No other package knows this one: without Micrometer on the class path all the others work as they do.
 */
@NullMarked
package io.github.asyncio4j.micrometer;

import org.jspecify.annotations.NullMarked;
