package io.github.asyncio4j.http;

import org.jspecify.annotations.Nullable;

/**
 * Scheme, host and port: what connections are pooled by, and what credentials belong to.
 *
 * @param host in ASCII and lower case; an IPv6 address without brackets
 */
record Origin(boolean secure, String host, int port) {

    static Origin parse(boolean secure, String hostAndPort) throws InvalidUrlException {
        int portAt;
        String host;
        if (hostAndPort.startsWith("[")) {
            int end = hostAndPort.indexOf(']');
            if (end < 0) {
                throw new InvalidUrlException("URL has an IPv6 host without its closing bracket");
            }
            host = Hosts.ipv6(hostAndPort.substring(1, end));
            portAt = end + 1;
            if (portAt < hostAndPort.length() && hostAndPort.charAt(portAt) != ':') {
                throw new InvalidUrlException("URL has something between host and port");
            }
        } else {
            portAt = UrlEncoding.indexOrEnd(hostAndPort, ':', 0);
            host = Hosts.name(hostAndPort.substring(0, portAt));
        }
        String port = portAt < hostAndPort.length() ? hostAndPort.substring(portAt + 1) : "";
        return new Origin(secure, host, port.isEmpty() ? defaultPort(secure) : number(port));
    }

    private static int defaultPort(boolean secure) {
        return secure ? 443 : 80;
    }

    private static int number(String text) throws InvalidUrlException {
        int port = 0;
        for (int i = 0; i < text.length() && port <= 65535; i++) {
            char c = text.charAt(i);
            port = c >= '0' && c <= '9' ? port * 10 + (c - '0') : 65536;
        }
        if (port < 1 || port > 65535) {
            throw new InvalidUrlException("URL has a port that is not between 1 and 65535");
        }
        return port;
    }

    /** The Host header: the port stands there when it is not the scheme's own; a zone never leaves this machine. */
    String hostHeader() {
        String name = host;
        if (host.indexOf(':') >= 0) {
            int zone = host.indexOf('%');
            name = "[" + (zone < 0 ? host : host.substring(0, zone)) + "]";
        }
        return port == defaultPort(secure) ? name : name + ":" + port;
    }

    // Those of a record are made at run time, which a first request would wait for.
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Origin origin
                && origin.port == port
                && origin.secure == secure
                && origin.host.equals(host);
    }

    @Override
    public int hashCode() {
        return host.hashCode() * 31 + port;
    }

    @Override
    public String toString() {
        return (secure ? "https://" : "http://") + hostHeader();
    }
}
