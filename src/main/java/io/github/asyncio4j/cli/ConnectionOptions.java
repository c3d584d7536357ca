package io.github.asyncio4j.cli;

import io.github.asyncio4j.http.ClientSession;
import io.github.asyncio4j.http.ClientTimeout;
import io.github.asyncio4j.http.ConnectionLimits;
import io.github.asyncio4j.http.CookieJar;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say how a load run reaches the server. */
final class ConnectionOptions {

    @Option(names = "--disable-keepalive", description = "A new connection for each request.")
    private boolean disableKeepAlive;

    @Option(names = "--disable-compression", description = "Do not ask for compressed bodies.")
    private boolean disableCompression;

    @Option(
            names = {"-x", "--proxy"},
            paramLabel = "URL",
            description = "http://, https:// or socks5:// and HOST:PORT, with USER:PASSWORD@ where it wants them.")
    private @Nullable String proxy;

    @Option(
            names = "--connect-to",
            paramLabel = "HOST:PORT:HOST:PORT",
            description = "Connect to the second where a URL names the first; may be given often.")
    private List<String> redirections = List.of();

    @Option(
            names = "--unix-socket",
            paramLabel = "FILE",
            description = "Connect to this socket instead of the hosts that the URLs name.")
    private @Nullable Path unixSocket;

    @Option(
            names = "--http2",
            description = "HTTP/2 for https, where the server speaks it; -c requests share a connection.")
    private boolean http2;

    @Option(
            names = "--connect-timeout",
            paramLabel = "TIME",
            converter = DurationConverter.class,
            description = "For connecting alone (default: --timeout).")
    private @Nullable Duration connectTimeout;

    @Option(names = "--insecure", description = "Accept any certificate.")
    private boolean insecure;

    @Option(names = "--cacert", paramLabel = "FILE", description = "Trust these certificates (PEM) and no others.")
    private @Nullable Path authorities;

    @Option(
            names = "--cert",
            paramLabel = "FILE",
            description = "The client's own certificate: PEM, with its chain, or PKCS#12 (.p12, .pfx).")
    private @Nullable Path certificate;

    @Option(names = "--key", paramLabel = "FILE", description = "Its key, PEM (PKCS#8, not encrypted).")
    private @Nullable Path key;

    @Option(names = "--cert-password", paramLabel = "TEXT", description = "Of the PKCS#12 file (default: none).")
    private String password = "";

    /** @throws IllegalArgumentException with a sentence for the user */
    ClientSession.Builder applied(ClientSession.Builder builder, int connections, Duration timeout) {
        ConnectionLimits limits = ConnectionLimits.defaults().withTotal(connections);
        ClientTimeout times = ClientTimeout.total(timeout);
        builder.cookieJar(CookieJar.disabled())
                // Said rather than found out: looking for the other codings' libraries takes time at the start.
                .header("Accept-Encoding", disableCompression ? "identity" : "gzip, deflate")
                .timeout(connectTimeout == null ? times : times.withConnect(connectTimeout))
                .limits(disableKeepAlive ? limits.withKeepAlive(Duration.ZERO) : limits);
        if (proxy != null) {
            builder.proxy(proxy);
        }
        if (!redirections.isEmpty()) {
            builder.resolver(ConnectTo.parse(redirections));
        }
        if (unixSocket != null) {
            if (proxy != null) {
                throw new IllegalArgumentException("--unix-socket does not go with --proxy");
            }
            builder.unixSocket(unixSocket);
        }
        return secured(builder.http2(http2));
    }

    private ClientSession.Builder secured(ClientSession.Builder builder) {
        if (key != null && certificate == null) {
            throw new IllegalArgumentException("--key goes with --cert");
        }
        if (insecure && (authorities != null || certificate != null)) {
            throw new IllegalArgumentException("--insecure does not go with --cacert and --cert");
        }
        if (insecure) {
            return builder.insecure();
        }
        return authorities == null && certificate == null
                ? builder
                : builder.sslContext(TlsFiles.context(authorities, certificate, key, password.toCharArray()));
    }

    /** For people. */
    String describe() {
        String kept = disableKeepAlive ? "a new one for each request" : "kept alive";
        return kept + (http2 ? ", HTTP/2" : "") + (unixSocket == null ? "" : ", to " + unixSocket);
    }
}
