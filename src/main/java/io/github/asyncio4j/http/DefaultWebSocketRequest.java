package io.github.asyncio4j.http;

import io.github.asyncio4j.internal.Checks;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** A WebSocket to be opened. */
final class DefaultWebSocketRequest implements WebSocketRequest {

    private final ClientSession session;
    private final @Nullable Url url;
    private final @Nullable InvalidUrlException urlError;
    private final HeaderList headers;
    private final RequestOptions request;
    private final WebSocketOptions options;
    private final @Nullable Reconnect reconnect;

    DefaultWebSocketRequest(ClientSession session, String url) {
        this.session = session;
        this.headers = HeaderList.EMPTY;
        this.request = session.defaults().options();
        this.options = WebSocketOptions.DEFAULT;
        this.reconnect = null;
        Url parsed = null;
        InvalidUrlException error = null;
        try {
            parsed = session.resolve(asHttp(Checks.notNull(url, "url")));
        } catch (InvalidUrlException e) {
            error = e;
        }
        this.url = parsed;
        this.urlError = error;
    }

    private DefaultWebSocketRequest(
            DefaultWebSocketRequest from,
            HeaderList headers,
            RequestOptions request,
            WebSocketOptions options,
            @Nullable Reconnect reconnect) {
        this.session = from.session;
        this.url = from.url;
        this.urlError = from.urlError;
        this.headers = headers;
        this.request = request;
        this.options = options;
        this.reconnect = reconnect;
    }

    // The same with another scheme, down to the ports.
    private static String asHttp(String url) {
        return url.regionMatches(true, 0, "ws:", 0, 3) || url.regionMatches(true, 0, "wss:", 0, 4)
                ? "http" + url.substring(2)
                : url;
    }

    // ---------------------------------------------------------------- settings

    @Override
    public WebSocketRequest header(String name, String value) {
        HeaderList more = headers.set(WebSocketHandshake.checkName(name), value);
        return new DefaultWebSocketRequest(this, more, request, options, reconnect);
    }

    @Override
    public WebSocketRequest timeout(ClientTimeout timeout) {
        RequestOptions changed =
                request.withTimeout(Checks.notNull(timeout, "timeout").checked());
        return new DefaultWebSocketRequest(this, headers, changed, options, reconnect);
    }

    @Override
    public WebSocketRequest proxy(String url) {
        return proxies(Proxies.all(Proxy.parse(url)));
    }

    @Override
    public WebSocketRequest withoutProxy() {
        return proxies(Proxies.NONE);
    }

    private WebSocketRequest proxies(Proxies value) {
        return new DefaultWebSocketRequest(this, headers, request.withProxies(value), options, reconnect);
    }

    @Override
    public WebSocketRequest protocols(String... names) {
        for (String name : names) {
            if (!HeaderList.isToken(Checks.notNull(name, "names"))) {
                throw new IllegalArgumentException("protocol is not a token: \"" + HeaderList.visible(name) + "\"");
            }
        }
        return with(now -> now.withProtocols(List.of(names)));
    }

    @Override
    public WebSocketRequest maxMessageSize(int bytes) {
        Checks.atLeast(0, bytes, "maxMessageSize");
        return with(now -> now.withMaxMessageSize(bytes));
    }

    @Override
    public WebSocketRequest heartbeat(Duration period) {
        Checks.positive(period, "heartbeat");
        return with(now -> now.withHeartbeat(period));
    }

    @Override
    public WebSocketRequest closeTimeout(Duration limit) {
        Checks.notNegative(limit, "closeTimeout");
        return with(now -> now.withCloseTimeout(limit));
    }

    @Override
    public WebSocketRequest autoPing(boolean on) {
        return with(now -> now.withAutoPing(on));
    }

    @Override
    public WebSocketRequest compress(boolean on) {
        return with(now -> now.withCompress(on));
    }

    @Override
    public WebSocketRequest reconnect(Reconnect policy) {
        return new DefaultWebSocketRequest(this, headers, request, options, Checks.notNull(policy, "policy"));
    }

    private WebSocketRequest with(UnaryOperator<WebSocketOptions> change) {
        return new DefaultWebSocketRequest(this, headers, request, change.apply(options), reconnect);
    }

    // ---------------------------------------------------------------- opening

    @Override
    public <R> Mono<R> use(Function<? super WebSocket, ? extends Mono<? extends R>> body) {
        Checks.notNull(body, "body");
        Function<DefaultWebSocket, Mono<R>> checked =
                socket -> Mono.from(Checks.callMono(body, socket, "the body of use"));
        Reconnect policy = reconnect;
        if (policy == null) {
            return one(checked);
        }
        return Mono.defer(() -> {
            Reconnect.Run run = policy.newRun();
            return one(socket -> {
                        run.opened();
                        return checked.apply(socket).switchIfEmpty(policy.afterBody(socket));
                    })
                    .retryWhen(run);
        });
    }

    private <R> Mono<R> one(Function<DefaultWebSocket, Mono<R>> body) {
        return Mono.defer(() -> {
            WebSocketHandshake handshake = new WebSocketHandshake(options);
            return Use.one(
                    source(handshake),
                    answer -> opened(
                            answer, handshake, socket -> body.apply(socket).doOnError(error -> socket.bodyFailed())));
        });
    }

    @Override
    public <R> Flux<R> useMany(Function<? super WebSocket, ? extends Flux<? extends R>> body) {
        Checks.notNull(body, "body");
        Function<DefaultWebSocket, Flux<R>> checked = socket ->
                Flux.from(Checks.<WebSocket, Flux<? extends R>>call(body, socket, "the body of useMany", Flux::error));
        Reconnect policy = reconnect;
        if (policy == null) {
            return many(checked);
        }
        return Flux.defer(() -> {
            Reconnect.Run run = policy.newRun();
            return many(socket -> {
                        run.opened();
                        return checked.apply(socket).concatWith(policy.afterBody(socket));
                    })
                    .retryWhen(run);
        });
    }

    private <R> Flux<R> many(Function<DefaultWebSocket, Flux<R>> body) {
        return Flux.defer(() -> {
            WebSocketHandshake handshake = new WebSocketHandshake(options);
            return Use.many(
                    source(handshake),
                    answer -> opened(
                            answer, handshake, socket -> body.apply(socket).doOnError(error -> socket.bodyFailed())));
        });
    }

    private Use.Source source(WebSocketHandshake handshake) {
        Mono<OpenResponse> response = response(handshake);
        if (session.defaults().networkMiddlewares().isEmpty() || url == null) {
            return Use.Source.of(response);
        }
        ClientTimeout timeout = request.timeout();
        String what = "GET " + url.redacted();
        return new Use.Source(Chain.limited(response, timeout, what), true, timeout.total());
    }

    private Mono<OpenResponse> response(WebSocketHandshake handshake) {
        if (session.isClosed()) {
            return Mono.error(new IllegalStateException("the session is closed"));
        }
        if (url == null) {
            return Mono.error(Objects.requireNonNull(urlError));
        }
        HeaderList fields = session.headersFor(url).overriddenBy(headers);
        if (url.login != null) {
            if (headers.contains("Authorization")) {
                return Mono.error(new InvalidUrlException(
                        "the URL has credentials, and there is an Authorization header as well"));
            }
            fields = fields.set("Authorization", DefaultClientRequest.basic(url.login));
        }
        return Call.mono(session, new Outgoing("GET", url, handshake.addTo(fields), null), request);
    }

    private <R> Publisher<? extends R> opened(
            OpenResponse answer,
            WebSocketHandshake handshake,
            Function<DefaultWebSocket, Publisher<? extends R>> body) {
        if (!(answer instanceof DefaultClientResponse response)) {
            return Mono.error(new WebSocketHandshakeException(
                    answer.url() + ": no WebSocket, a middleware answered the handshake",
                    answer.status(),
                    answer.headers(),
                    ""));
        }
        try {
            return body.apply(response.upgraded(options, handshake.check(response.head())));
        } catch (WebSocketHandshake.Refused e) {
            return response.handshakeRefused(String.valueOf(e.getMessage()));
        }
    }

    @Override
    public String toString() {
        return "WebSocket " + (url == null ? "(invalid URL)" : url.redacted()) + " " + headers;
    }
}
