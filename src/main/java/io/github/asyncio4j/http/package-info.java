/**
 * An HTTP client in the shape of aiohttp's: a session that owns its connections, immutable requests, and responses that
 * are released whatever happens.
 *
 * <p>One request on its way, one small class for each step:
 *
 * <pre>
 *   ClientRequest ─► MonoUse ─► Exchange ─► Pool ─► Connector ─► Connection
 *   what to send     owns the   one request  a slot   DNS, TCP,    a socket on its event loop;
 *                    response   on its way            TLS          Outlet out, Intake in
 * </pre>
 *
 * <p>Everything about a connection happens on its event loop, reads follow the demand of whoever consumes the body, and
 * no buffer of the network ever leaves it.
 */
@NullMarked
package io.github.asyncio4j.http;

import org.jspecify.annotations.NullMarked;
