package io.github.asyncio4j.http;

import io.netty.util.NetUtil;
import java.net.IDN;
import java.util.Locale;

/** What may stand for a host. */
final class Hosts {

    private Hosts() {}

    static String name(String text) throws InvalidUrlException {
        String host = text;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= 128) {
                host = toAscii(text);
                break;
            }
        }
        host = host.toLowerCase(Locale.ROOT);
        checkLabels(host);
        if (endsInNumber(host) && !isIpv4(host)) {
            throw new InvalidUrlException("URL has a host that is an IPv4 address in a doubtful form: " + host);
        }
        return host;
    }

    private static String toAscii(String text) throws InvalidUrlException {
        try {
            return IDN.toASCII(text);
        } catch (IllegalArgumentException e) {
            throw new InvalidUrlException("URL has a host that is no internationalized domain name");
        }
    }

    private static void checkLabels(String host) throws InvalidUrlException {
        int length = host.endsWith(".") ? host.length() - 1 : host.length();
        if (length == 0) {
            throw new InvalidUrlException("URL has no host");
        }
        int label = 0;
        for (int i = 0; i < length; i++) {
            char c = host.charAt(i);
            if (c == '.') {
                checkLabel(label);
                label = 0;
            } else if (UrlEncoding.isPlain(c, "-_")) {
                label++;
            } else {
                throw new InvalidUrlException(
                        "URL has a character in its host that may not be there: U+" + String.format("%04X", (int) c));
            }
        }
        checkLabel(label);
        if (length > 253) {
            throw new InvalidUrlException("URL has a host of more than 253 characters");
        }
    }

    private static void checkLabel(int length) throws InvalidUrlException {
        if (length == 0 || length > 63) {
            throw new InvalidUrlException("URL has a host with a label of " + length + " characters");
        }
    }

    // What old resolvers would take for a number: 127.1, 0x7f.1, 017700000001, 2130706433.
    private static boolean endsInNumber(String host) {
        String trimmed = host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
        String last = trimmed.substring(trimmed.lastIndexOf('.') + 1);
        return last.startsWith("0x") || last.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    static boolean isIpv4(String host) {
        int parts = 0;
        int value = -1;
        for (int i = 0; i <= host.length(); i++) {
            char c = i == host.length() ? '.' : host.charAt(i);
            if (c == '.') {
                if (value < 0 || ++parts > 4) {
                    return false;
                }
                value = -1;
            } else if (c < '0' || c > '9' || value == 0) {
                return false;
            } else {
                value = Math.max(value, 0) * 10 + (c - '0');
                if (value > 255) {
                    return false;
                }
            }
        }
        return parts == 4;
    }

    static String ipv6(String text) throws InvalidUrlException {
        int zone = text.indexOf('%');
        String address = zone < 0 ? text : text.substring(0, zone);
        if (!NetUtil.isValidIpV6Address(address)) {
            throw new InvalidUrlException("URL has brackets around something that is no IPv6 address");
        }
        String lower = address.toLowerCase(Locale.ROOT);
        if (zone < 0) {
            return lower;
        }
        String name = text.substring(text.startsWith("%25", zone) ? zone + 3 : zone + 1);
        if (name.isEmpty() || !name.chars().allMatch(c -> UrlEncoding.isPlain((char) c, "-._~"))) {
            throw new InvalidUrlException("URL has an IPv6 zone that is no name");
        }
        return lower + "%" + name;
    }
}
