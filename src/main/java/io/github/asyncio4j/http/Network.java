package io.github.asyncio4j.http;

import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * Addresses that begin alike, such as {@code 10.0.0.0/8}. Of our own, as it decides what is let through: an address of one
 * family is never in a network of the other.
 */
record Network(InetAddress first, int bits) {

    /** From {@code address/length}, or null when it is none. */
    static @Nullable Network parse(String text) {
        int slash = text.indexOf('/');
        InetAddress first = slash < 0 ? null : Addresses.literal(text.substring(0, slash));
        String length = text.substring(slash + 1);
        return first == null || !length.matches("\\d{1,3}") || Integer.parseInt(length) > first.getAddress().length * 8
                ? null
                : new Network(first, Integer.parseInt(length));
    }

    /** That address alone. */
    static Network of(InetAddress only) {
        return new Network(only, only.getAddress().length * 8);
    }

    boolean contains(InetAddress address) {
        byte[] bytes = address.getAddress();
        byte[] prefix = first.getAddress();
        if (bytes.length != prefix.length) {
            return false;
        }
        for (int i = 0; i < bits; i++) {
            int mask = 0x80 >> (i & 7);
            if (((bytes[i >> 3] ^ prefix[i >> 3]) & mask) != 0) {
                return false;
            }
        }
        return true;
    }
}
