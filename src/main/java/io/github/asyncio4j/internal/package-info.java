/**
 * The machinery that every waiting primitive and every scope shares. Not API: names and shapes may change in any
 * release.
 *
 * <ul>
 *   <li>{@link io.github.asyncio4j.internal.WaiterQueue} and {@link io.github.asyncio4j.internal.Waiter}: who waits, in
 *       which order, and who gets what is granted;
 *   <li>{@link io.github.asyncio4j.internal.Trampoline}: waking without growing the stack;
 *   <li>{@link io.github.asyncio4j.internal.CleanupLedger}: cancellation that is awaited;
 *   <li>{@link io.github.asyncio4j.internal.Checks}: arguments and user functions.
 * </ul>
 */
@NullMarked
package io.github.asyncio4j.internal;

import org.jspecify.annotations.NullMarked;
