package io.github.asyncio4j.task;

import org.jspecify.annotations.Nullable;

/** Debug mode. */
public final class Debug {

    private static volatile boolean on = Boolean.getBoolean("asyncio4j.debug");

    private Debug() {}

    static @Nullable String creationSite() {
        return on ? "" : null;
    }
}
