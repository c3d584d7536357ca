package io.github.asyncio4j.cli;

import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Settings of the network library that suit a tool which starts, runs for seconds and ends. They are read once, when its
 * classes load, so they are set before anything else happens; what the user set with {@code -D} stays.
 */
final class NettyDefaults {

    /** Together a third of the processor time of a short run: classes, a native library and events that it never needs. */
    private static final Map<String, String> QUICK_START = Map.of(
            "io.netty.jfr.enabled", "false",
            "io.netty.leakDetectionLevel", "disabled",
            "io.netty.allocator.type", "pooled");

    // Netty logs through java.util.logging here; a level lasts as long as somebody holds the logger.
    private static final Logger NETTY = Logger.getLogger("io.netty");

    private NettyDefaults() {}

    /** What went wrong is in the report; the log would be noise above it. */
    static void set() {
        NETTY.setLevel(Level.OFF);
        QUICK_START.forEach(NettyDefaults::unlessSet);
    }

    /** The native transport has to be unpacked and loaded, which a short run does not earn back. */
    static void avoidNativeTransport() {
        unlessSet("io.netty.transport.noNative", "true");
    }

    private static void unlessSet(String property, String value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }
}
