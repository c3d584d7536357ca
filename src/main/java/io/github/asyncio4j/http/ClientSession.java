package io.github.asyncio4j.http;

import io.github.asyncio4j.internal.Checks;
import io.github.asyncio4j.resource.AsyncResource;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.util.context.ContextView;

/**
 * An HTTP client that owns its connections and defaults: aiohttp's {@code ClientSession}. Make one for the whole
 * application, or for a piece of work with {@link #using}.
 *
 * <pre>{@code
 * Mono<String> page = ClientSession.using(session -> session.get("https://example.com/").text());
 * }</pre>
 *
 * <p>All methods may be called from any thread. Requests run on event loops that all sessions share; a request that finds
 * no free connection waits in line. After {@link #close} requests throw {@link IllegalStateException}; those that were
 * running or waiting fail with {@link SessionClosedException}.
 */
public final class ClientSession implements Disposable {

    private final Defaults defaults;
    private final Pool pool;
    private final Tls tls;
    private final OptionalLibraries libraries;
    private final Addresses addresses;
    private final @Nullable H2Connections h2;

    private ClientSession(Defaults defaults) {
        this.defaults = defaults;
        this.pool = new Pool(defaults.limits());
        this.tls = new Tls(defaults.sslContext(), defaults.certificateTrust());
        this.addresses = new Addresses(defaults.resolver(), System::nanoTime);
        this.h2 = defaults.http2() ? new H2Connections(this) : null;
        this.libraries =
                new OptionalLibraries(defaults.headers().get("Accept-Encoding") == null, cookieStore() != null);
    }

    /** A session with the defaults; to be closed. */
    public static ClientSession create() {
        return builder().build();
    }

    /** A session with settings of its own. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * {@code async with ClientSession() as session}: opens a session, runs {@code body} with it, closes it. Emits what
     * the body emits once all connections are closed, also when it fails; a cancel closes them as well, and the
     * surrounding scope waits for that.
     */
    public static <R> Mono<R> using(Function<? super ClientSession, ? extends Mono<? extends R>> body) {
        Checks.notNull(body, "body");
        return builder().using(body);
    }

    /**
     * Ends the event loops that all sessions share, and with them every connection; completes when they are over and
     * their threads end. It is for a class loader that is dropped, or a process that wants to exit at once: the threads
     * are daemons, but a JVM waits up to 300 ms for one that polls sockets. A request sent later starts new ones.
     */
    public static Mono<Void> stopThreads() {
        return Transport.stopShared();
    }

    /** A GET request. */
    public ClientRequest get(String url) {
        return request("GET", url);
    }

    /** A HEAD request. */
    public ClientRequest head(String url) {
        return request("HEAD", url);
    }

    /** An OPTIONS request. */
    public ClientRequest options(String url) {
        return request("OPTIONS", url);
    }

    /** A DELETE request. */
    public ClientRequest delete(String url) {
        return request("DELETE", url);
    }

    /** A POST request. */
    public ClientRequest post(String url) {
        return request("POST", url);
    }

    /** A PUT request. */
    public ClientRequest put(String url) {
        return request("PUT", url);
    }

    /** A PATCH request. */
    public ClientRequest patch(String url) {
        return request("PATCH", url);
    }

    /**
     * A request with any method.
     *
     * @param method a token; it is sent in upper case
     * @param url absolute, or relative to the builder's {@code baseUrl}
     * @throws IllegalArgumentException when the method is no token
     * @throws IllegalStateException when the session is closed
     */
    public ClientRequest request(String method, String url) {
        if (isClosed()) {
            throw new IllegalStateException("the session is closed");
        }
        return new DefaultClientRequest(this, method, url);
    }

    /**
     * A WebSocket.
     *
     * @param url ws, wss, http or https, or relative to the builder's {@code baseUrl}
     * @throws IllegalStateException when the session is closed
     */
    public WebSocketRequest webSocket(String url) {
        if (isClosed()) {
            throw new IllegalStateException("the session is closed");
        }
        return new DefaultWebSocketRequest(this, url);
    }

    /** The cookies that servers have set. */
    public CookieJar cookies() {
        return defaults.cookies();
    }

    /** What the connections are doing at this moment. */
    public SessionStatistics statistics() {
        return pool.statistics();
    }

    /**
     * Fails what runs and what waits, and closes all connections; completes when they are closed. Subscribing again is
     * harmless.
     */
    public Mono<Void> close() {
        return Mono.defer(pool::close);
    }

    /** True once {@link #close} has been subscribed to, or {@link #dispose} called. */
    public boolean isClosed() {
        return pool.isClosed();
    }

    /** {@link #close} without waiting for it. */
    @Override
    public void dispose() {
        pool.close();
    }

    @Override
    public boolean isDisposed() {
        return isClosed();
    }

    Defaults defaults() {
        return defaults;
    }

    Pool pool() {
        return pool;
    }

    Transport transport() {
        return Transport.shared().with(defaults.sockets());
    }

    @Nullable
    Channel connect(Path unixSocket, EventLoop loop, SocketRace.Result result) {
        return UnixSocket.connect(unixSocket, Transport.shared().isEpoll(), loop, defaults.sockets(), result);
    }

    /** Null unless HTTP/2 is on. */
    @Nullable
    H2Connections h2() {
        return h2;
    }

    Tls tls() {
        return tls;
    }

    Addresses addresses() {
        return addresses;
    }

    OptionalLibraries libraries() {
        return libraries;
    }

    /** The jar as a store, or null when nothing is kept. */
    @Nullable
    CookieStore cookieStore() {
        return defaults.cookies() instanceof CookieStore store ? store : null;
    }

    /** The session's own headers; what is secret goes to the origin of the base URL only, if there is one. */
    HeaderList headersFor(Url url) {
        Url base = defaults.baseUrl();
        boolean home = base == null || base.origin.equals(url.origin);
        return home ? defaults.headers() : Redirects.withoutSecrets(defaults.headers(), defaults.options());
    }

    Url resolve(String url) throws InvalidUrlException {
        return resolve(url, false);
    }

    /** @param encoded whether it goes out as it is */
    Url resolve(String url, boolean encoded) throws InvalidUrlException {
        Url base = defaults.baseUrl();
        return base == null ? Url.parse(url, encoded) : base.resolve(url, encoded);
    }

    @Override
    public String toString() {
        return "ClientSession(" + statistics() + (isClosed() ? ", closed)" : ")");
    }

    /** What requests start from. */
    record Defaults(
            @Nullable Url baseUrl,
            HeaderList headers,
            RequestOptions options,
            ConnectionLimits limits,
            CookieJar cookies,
            Resolver resolver,
            @Nullable SSLContext sslContext,
            @Nullable CertificateTrust certificateTrust,
            @Nullable AddressGuard guard,
            Sockets sockets,
            boolean http2,
            List<Middleware> middlewares,
            List<Middleware> networkMiddlewares,
            @Nullable DigestAuth digest,
            @Nullable Netrc netrc,
            List<Function<? super ContextView, ? extends RequestTrace>> traces) {}

    /**
     * Settings of a session.
     *
     * <pre>{@code
     * ClientSession session = ClientSession.builder()
     *         .baseUrl("https://api.example.com/v1/")
     *         .bearerAuth(token)
     *         .timeout(ClientTimeout.total(Duration.ofSeconds(10)))
     *         .build();
     * }</pre>
     *
     * <p>The keyword arguments of aiohttp's {@code ClientSession} and {@code TCPConnector}.
     */
    public static final class Builder {

        private @Nullable Url baseUrl;
        private HeaderList headers = HeaderList.EMPTY;
        private ClientTimeout timeout = ClientTimeout.defaults();
        private ConnectionLimits limits = ConnectionLimits.defaults();
        private @Nullable Predicate<? super ClientResponse> raisedWhen;
        private long maxBodySize = 10L * 1024 * 1024;
        private int maxInflateRatio = 100;
        private boolean allowSecureDowngrade;
        private Set<String> secretHeaders = Set.of();
        private CookieJar cookies = CookieJar.create();
        private Resolver resolver = Addresses::bySystem;
        private @Nullable SSLContext sslContext;
        private @Nullable CertificateTrust certificateTrust;
        private boolean publicAddressesOnly;
        private AddressGuard guard = AddressGuard.PUBLIC;
        private Sockets sockets = Sockets.PLAIN;
        private boolean http2;
        private final List<Middleware> middlewares = new ArrayList<>();
        private final List<Middleware> networkMiddlewares = new ArrayList<>();
        private Proxies proxies = Proxies.NONE;
        private HeaderList proxyHeaders = HeaderList.EMPTY;
        private @Nullable DigestAuth digest;
        private @Nullable Supplier<Netrc> netrc;
        private final List<Function<? super ContextView, ? extends RequestTrace>> traces = new ArrayList<>();

        private Builder() {}

        /**
         * What relative URLs are seen from (RFC 3986): with {@code http://h/api/}, {@code v1} is {@code http://h/api/v1}
         * and {@code /v1} is {@code http://h/v1}.
         *
         * @throws IllegalArgumentException when it is not absolute, its path does not end in a slash, or it has a query
         *     or a fragment
         */
        public Builder baseUrl(String url) {
            Url parsed;
            try {
                parsed = Url.parse(Checks.notNull(url, "url"));
            } catch (InvalidUrlException e) {
                throw new IllegalArgumentException("baseUrl cannot be used: " + e.getMessage(), e);
            }
            if (!parsed.path.endsWith("/") || parsed.query != null || parsed.fragment != null) {
                throw new IllegalArgumentException(
                        "baseUrl must end in a slash, without query and fragment, but is " + parsed.redacted());
            }
            baseUrl = parsed;
            return this;
        }

        /** A header for every request that does not set it itself. */
        public Builder header(String name, String value) {
            headers = headers.set(name, value);
            return this;
        }

        /** Basic credentials for every request. */
        public Builder basicAuth(String user, String password) {
            return header("Authorization", DefaultClientRequest.basic(user, password));
        }

        /** A Bearer token for every request. */
        public Builder bearerAuth(String token) {
            return header("Authorization", "Bearer " + Checks.notNull(token, "token"));
        }

        /**
         * Digest credentials (RFC 7616; MD5, SHA-256, SHA-512-256), for the origin of the base URL, or without one for the
         * origin that a request names; never for one that a redirect leads to. A request without other credentials is
         * answered for once it was challenged, if its body can be sent again.
         */
        public Builder digestAuth(String user, String password) {
            digest = new DigestAuth(user, password);
            return this;
        }

        /**
         * Basic credentials from the file of logins that curl, ftp and Python's requests use: {@code $NETRC}, or {@code .netrc}
         * in the user's home, if it is there. They are for requests without other credentials, by host, also for a host that
         * a redirect leads to; the {@code default} entry is only for the host that a request names. The file is read once,
         * before the first request; a warning is logged if others may read it. aiohttp's {@code trust_env} does this as
         * well.
         */
        public Builder netrc() {
            netrc = () -> Netrc.ofUser(System.getenv(), System.getProperty("user.home", ""));
            return this;
        }

        /** The same with a file that has to be there; without it, requests fail with {@link java.io.IOException}. */
        public Builder netrc(Path file) {
            Checks.notNull(file, "file");
            netrc = () -> Netrc.of(file);
            return this;
        }

        /** The timeout of requests that set none; {@link ClientTimeout#defaults()} if nothing is said. */
        public Builder timeout(ClientTimeout value) {
            timeout = Checks.notNull(value, "timeout").checked();
            return this;
        }

        /** Limits of the connections; {@link ConnectionLimits#defaults()} if nothing is said. */
        public Builder limits(ConnectionLimits value) {
            limits = Checks.notNull(value, "limits");
            return this;
        }

        /** Makes a status of 400 and above an error for all requests. */
        public Builder raiseForStatus(boolean raise) {
            raisedWhen = RequestOptions.notOk(raise);
            return this;
        }

        /** Makes those responses an error for all requests that the predicate holds for. */
        public Builder raiseForStatus(Predicate<? super ClientResponse> when) {
            raisedWhen = Checks.notNull(when, "when");
            return this;
        }

        /** How many bytes {@code text}, {@code bytes} and {@code json} accept; 10 MiB if nothing is said. */
        public Builder maxBodySize(long bytes) {
            if (bytes < 0) {
                throw new IllegalArgumentException("maxBodySize must not be negative, but is " + bytes);
            }
            maxBodySize = bytes;
            return this;
        }

        /**
         * How many bytes one byte of a compressed body may become, once it has become more than a mebibyte; 100 if nothing
         * is said.
         */
        public Builder maxInflateRatio(int ratio) {
            maxInflateRatio = Checks.atLeast(1, ratio, "ratio");
            return this;
        }

        /** A cookie for every request, under the rules of a secret header. */
        public Builder cookie(String name, String value) {
            String pair = HeaderList.checkCookie(name, value);
            String before = headers.get("Cookie");
            return header("Cookie", before == null ? pair : before + "; " + pair);
        }

        /** Where cookies are kept; a jar of its own if nothing is said. */
        public Builder cookieJar(CookieJar jar) {
            cookies = Checks.notNull(jar, "jar");
            return this;
        }

        /**
         * Names of headers that are secrets, besides the credentials and cookies that are known to be: they stay with
         * their origin, in redirects and when there is a base URL.
         */
        public Builder secretHeaders(String... names) {
            Set<String> lower = new HashSet<>();
            for (String name : names) {
                lower.add(HeaderList.checkName(name).toLowerCase(Locale.ROOT));
            }
            secretHeaders = Set.copyOf(lower);
            return this;
        }

        /** Whether a redirect may lead from https to http; refused if nothing is said. */
        public Builder allowSecureDowngrade(boolean allow) {
            allowSecureDowngrade = allow;
            return this;
        }

        /** Looks hosts up; the operating system does if nothing is said. */
        public Builder resolver(Resolver value) {
            resolver = Checks.notNull(value, "resolver");
            return this;
        }

        /**
         * Whom to trust and which certificate to show, instead of the JVM's default. That the certificate is the host's is
         * checked in any case.
         */
        public Builder sslContext(SSLContext context) {
            sslContext = Checks.notNull(context, "context");
            return this;
        }

        /**
         * Trusts servers that show one of these certificates and no others, whoever signed them, for any host: for a
         * server that signed its own. Anything else is a {@link ClientTlsException} that tells the fingerprint seen.
         * aiohttp's {@code ssl=Fingerprint(…)}.
         *
         * @param sha256 of the whole certificate, 64 hexadecimal digits with or without colons, as {@code openssl x509
         *     -fingerprint -sha256} prints them; at least one, and the next one too while certificates change
         * @throws IllegalArgumentException when it is none, and from {@link #build} when there is an {@link #sslContext}
         *     as well
         */
        public Builder certificateFingerprint(String... sha256) {
            certificateTrust = CertificateTrust.pinned(sha256);
            return this;
        }

        /**
         * Refuses to connect to addresses that are not on the public internet (loopback, private, link-local and the
         * like), also when a name or a redirect leads there: for URLs that strangers give.
         */
        public Builder publicAddressesOnly(boolean on) {
            publicAddressesOnly = on;
            return this;
        }

        /**
         * Whether HTTP/2 is offered to servers with TLS; those that do not choose it are spoken to in HTTP/1.1, as are all
         * without TLS. Requests to one origin share one connection then, and limits count requests. No twin in aiohttp;
         * httpx's {@code http2=True}.
         */
        public Builder http2(boolean on) {
            http2 = on;
            return this;
        }

        /**
         * Lets {@link #publicAddressesOnly} pass what is named here as well.
         *
         * @param hostsOrNetworks host names, which are trusted with whatever they resolve to, addresses, or networks such as
         *     {@code 10.1.0.0/16}
         * @throws IllegalArgumentException when one is none of these
         */
        public Builder allowAddresses(String... hostsOrNetworks) {
            guard = guard.allowing(hostsOrNetworks);
            return this;
        }

        /**
         * Connects to this file instead of hosts and ports: a Unix socket, such as Docker's. URLs are as ever, and their host is
         * what the server is told; nothing is looked up. What goes through a proxy does not come here, and {@link
         * #publicAddressesOnly} has nothing to say. aiohttp's {@code UnixConnector}.
         *
         * <pre>{@code
         * Mono<String> version = ClientSession.builder()
         *         .unixSocket(Path.of("/var/run/docker.sock"))
         *         .using(session -> session.get("http://docker/version").text());
         * }</pre>
         */
        public Builder unixSocket(Path file) {
            sockets = sockets.withUnix(Checks.notNull(file, "file"));
            return this;
        }

        /** The address that connections come from, on machines that have several. aiohttp's {@code local_addr}. */
        public Builder localAddress(InetAddress address) {
            sockets = sockets.withLocalAddress(Checks.notNull(address, "address"));
            return this;
        }

        /**
         * The way to the network library below: {@code configuration} is given each new channel of Netty before it is connected,
         * on its event loop, for options such as {@code SO_KEEPALIVE} or {@code TCP_USER_TIMEOUT}. What the library itself
         * sets afterwards (reading on demand, no delay, its own timeouts) is not to be changed; handlers are not to be
         * added. What it throws fails the request. Netty's API may change with its version.
         *
         * <pre>{@code
         * ClientSession session = ClientSession.builder()
         *         .configure(channel -> channel.config().setOption(ChannelOption.SO_KEEPALIVE, true))
         *         .build();
         * }</pre>
         *
         * <p>aiohttp's {@code socket_factory}.
         */
        public Builder configure(Consumer<? super Channel> configuration) {
            sockets = sockets.withConfiguration(Checks.notNull(configuration, "configuration")::accept);
            return this;
        }

        /** Adds code around every request, inside of what was added before. */
        public Builder middleware(Middleware middleware) {
            middlewares.add(Checks.notNull(middleware, "middleware"));
            return this;
        }

        /**
         * Adds code around each single request on its way to the network, inside of what was added before: below
         * redirects, cookies, digest and {@code raiseForStatus}. It runs anew for each redirect and for each answer to a
         * challenge, sees the request with all its headers, those of the session, its cookies and credentials included,
         * and each response as it comes, redirects and 401 as well. OkHttp's network interceptors.
         *
         * <pre>{@code
         * ClientSession session = ClientSession.builder()
         *         .middleware(Retry.create())
         *         .networkMiddleware(HostRateLimit.of(() -> RateLimiter.slidingWindow(10, Duration.ofSeconds(1))))
         *         .build();
         * }</pre>
         *
         * <p>A timeout that it sets is for what it sends; WebSocket handshakes go through as well.
         */
        public Builder networkMiddleware(Middleware middleware) {
            networkMiddlewares.add(Checks.notNull(middleware, "middleware"));
            return this;
        }

        /**
         * Tells what happens to each request to an object that {@code trace} makes for it, from the Reactor Context of who
         * subscribes. Several may be given. aiohttp's {@code trace_configs}.
         */
        public Builder trace(Function<? super ContextView, ? extends RequestTrace> trace) {
            traces.add(Checks.notNull(trace, "trace"));
            return this;
        }

        /**
         * Connects through a proxy: {@code http://host:3128} (CONNECT for https and WebSockets, the request itself for http)
         * or {@code socks5://host:1080}; {@code https://host} is the first with TLS on the way to the proxy, whose certificate
         * is checked as an origin's is. Credentials in the URL are for the proxy. The proxy looks names up, so {@link
         * #publicAddressesOnly} sees addresses only where the URL of a request has one.
         *
         * @throws IllegalArgumentException when it is no such URL
         */
        public Builder proxy(String url) {
            proxies = Proxies.all(Proxy.parse(url));
            return this;
        }

        /**
         * Takes proxies from the environment as curl does, {@code http_proxy}, {@code https_proxy}, {@code all_proxy} and
         * {@code no_proxy} (names with their subdomains, {@code host:port}, networks such as {@code 10.0.0.0/8}, {@code *}).
         * This machine itself is never reached through a proxy. aiohttp's {@code trust_env}.
         */
        public Builder proxyFromEnvironment() {
            return proxyFrom(System.getenv());
        }

        Builder proxyFrom(Map<String, String> environment) {
            proxies = Proxies.of(environment);
            return this;
        }

        /**
         * A header for the session's proxies alone: it goes out with CONNECT, so with https and WebSockets, and no origin
         * sees it. aiohttp's {@code proxy_headers}.
         *
         * @throws IllegalArgumentException when it cannot be sent, or belongs to the framing of the request
         */
        public Builder proxyHeader(String name, String value) {
            proxyHeaders = proxyHeaders.set(Proxy.checkName(name), value);
            return this;
        }

        /** Accepts any certificate for any host. For tests: whoever is on the way can read and change everything. */
        public Builder insecure() {
            certificateTrust = CertificateTrust.ANY;
            return this;
        }

        /** {@link ClientSession#using} with these settings. */
        public <R> Mono<R> using(Function<? super ClientSession, ? extends Mono<? extends R>> body) {
            Checks.notNull(body, "body");
            return AsyncResource.of(Mono.fromSupplier(this::build), ClientSession::close)
                    .use(body);
        }

        /** The session. To be closed. */
        public ClientSession build() {
            if (sslContext != null && certificateTrust != null && certificateTrust != CertificateTrust.ANY) {
                throw new IllegalArgumentException("certificateFingerprint and sslContext exclude each other");
            }
            RequestOptions options = new RequestOptions(
                    timeout,
                    true,
                    10,
                    allowSecureDowngrade,
                    secretHeaders,
                    raisedWhen,
                    maxBodySize,
                    maxInflateRatio,
                    true,
                    proxies.with(proxyHeaders));
            return new ClientSession(new Defaults(
                    baseUrl,
                    headers,
                    options,
                    limits,
                    cookies,
                    resolver,
                    sslContext,
                    certificateTrust,
                    publicAddressesOnly ? guard : null,
                    sockets,
                    http2,
                    List.copyOf(middlewares),
                    List.copyOf(networkMiddlewares),
                    digest,
                    netrc == null ? null : netrc.get(),
                    List.copyOf(traces)));
        }
    }
}
