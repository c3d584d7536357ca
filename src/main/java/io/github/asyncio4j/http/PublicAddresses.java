package io.github.asyncio4j.http;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Arrays;

/**
 * Which addresses belong to the public internet (the registries of RFC 6890). It looks at what is connected to, after the
 * lookup, so that a name which resolves to an inner address gains nothing.
 */
final class PublicAddresses {

    private PublicAddresses() {}

    static boolean contains(InetAddress address) {
        return address instanceof Inet4Address ? isPublic4(address.getAddress()) : isPublic6((Inet6Address) address);
    }

    private static boolean isPublic4(byte[] address) {
        int a = address[0] & 255;
        int b = address[1] & 255;
        int c = address[2] & 255;
        boolean reserved = a == 0
                || a == 10
                || a == 127
                || a >= 224
                || a == 100 && (b & 0xc0) == 64
                || a == 169 && b == 254
                || a == 172 && (b & 0xf0) == 16
                || a == 192 && b == 168
                || a == 192 && b == 0 && (c == 0 || c == 2)
                || a == 192 && b == 88 && c == 99
                || a == 198 && (b & 0xfe) == 18
                || a == 198 && b == 51 && c == 100
                || a == 203 && b == 0 && c == 113;
        return !reserved;
    }

    private static boolean isPublic6(Inet6Address address) {
        byte[] bytes = address.getAddress();
        int first = (bytes[0] & 255) << 8 | bytes[1] & 255;
        int second = (bytes[2] & 255) << 8 | bytes[3] & 255;
        if (startsWith(bytes, 0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0)) {
            return isPublic4(Arrays.copyOfRange(bytes, 12, 16)); // NAT64 leads to the IPv4 address inside
        }
        if (first == 0x2002) {
            return isPublic4(Arrays.copyOfRange(bytes, 2, 6)); // so does 6to4
        }
        if ((bytes[8] & 0xfd) == 0 && startsWith(Arrays.copyOfRange(bytes, 9, 12), 0, 0x5e, 0xfe)) {
            return isPublic4(Arrays.copyOfRange(bytes, 12, 16)); // and ISATAP
        }
        boolean global = (first & 0xe000) == 0x2000;
        boolean special = first == 0x2001 && (second < 0x200 || second == 0xdb8) || first == 0x3fff && second < 0x1000;
        return global && !special;
    }

    private static boolean startsWith(byte[] bytes, int... prefix) {
        for (int i = 0; i < prefix.length; i++) {
            if ((bytes[i] & 255) != prefix[i]) {
                return false;
            }
        }
        return true;
    }
}
