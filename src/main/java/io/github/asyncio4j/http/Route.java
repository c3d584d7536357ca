package io.github.asyncio4j.http;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Where a connection leads and by which way, which is what makes two of them the same: what a proxy has opened for one
 * login is nothing for another.
 *
 * @param proxy on the way, or null
 */
record Route(Origin origin, @Nullable Proxy proxy) {

    // Those of a record are made at run time, which a first request would wait for.
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Route route && route.origin.equals(origin) && Objects.equals(route.proxy, proxy);
    }

    @Override
    public int hashCode() {
        return proxy == null ? origin.hashCode() : origin.hashCode() * 31 + proxy.hashCode();
    }

    @Override
    public String toString() {
        return proxy == null ? origin.toString() : origin + " by way of " + proxy;
    }
}
