package io.github.asyncio4j.http;

import io.github.asyncio4j.internal.Checks;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** A request under construction. Its fields change only while {@link #with} makes a new one. */
final class DefaultClientRequest implements ClientRequest {

    private final ClientSession session;
    private final String method;
    private final @Nullable Url url;
    private final @Nullable InvalidUrlException urlError;
    private String query = "";
    private HeaderList headers;
    private ClientTimeout timeout;
    private boolean raise;
    private long maxBodySize;
    private @Nullable RequestBody body;

    DefaultClientRequest(ClientSession session, String method, String url, HeaderList headers) {
        this.session = session;
        this.method = checkMethod(method);
        this.headers = headers;
        this.timeout = session.defaults().timeout();
        this.raise = session.defaults().raiseForStatus();
        this.maxBodySize = session.defaults().maxBodySize();
        Url parsed = null;
        InvalidUrlException error = null;
        try {
            parsed = session.resolve(Checks.notNull(url, "url"));
        } catch (InvalidUrlException e) {
            error = e;
        }
        this.url = parsed;
        this.urlError = error;
    }

    private DefaultClientRequest(DefaultClientRequest from) {
        session = from.session;
        method = from.method;
        url = from.url;
        urlError = from.urlError;
        query = from.query;
        headers = from.headers;
        timeout = from.timeout;
        raise = from.raise;
        maxBodySize = from.maxBodySize;
        body = from.body;
    }

    private DefaultClientRequest with(Consumer<DefaultClientRequest> change) {
        DefaultClientRequest copy = new DefaultClientRequest(this);
        change.accept(copy);
        return copy;
    }

    private static String checkMethod(String method) {
        if (!HeaderList.isToken(Checks.notNull(method, "method"))) {
            throw new IllegalArgumentException("method is not a token: \"" + HeaderList.visible(method) + "\"");
        }
        return method.toUpperCase(Locale.ROOT);
    }

    // ---------------------------------------------------------------- what to send

    @Override
    public ClientRequest param(String name, Object value) {
        String pairs = Forms.pairs(Checks.notNull(name, "name"), value);
        return with(copy -> copy.query = Forms.join(query, pairs));
    }

    @Override
    public ClientRequest params(Map<String, ?> params) {
        return with(copy ->
                params.forEach((name, value) -> copy.query = Forms.join(copy.query, Forms.pairs(name, value))));
    }

    @Override
    public ClientRequest header(String name, String value) {
        return with(copy -> copy.headers = headers.set(name, value));
    }

    @Override
    public ClientRequest headers(Map<String, String> more) {
        return with(copy -> more.forEach((name, value) -> copy.headers = copy.headers.set(name, value)));
    }

    @Override
    public ClientRequest basicAuth(String user, String password) {
        return header("Authorization", basic(user, password));
    }

    static String basic(String user, String password) {
        if (Checks.notNull(user, "user").indexOf(':') >= 0) {
            throw new IllegalArgumentException("user must not contain a colon");
        }
        byte[] pair = (user + ":" + Checks.notNull(password, "password")).getBytes(StandardCharsets.UTF_8);
        return "Basic " + Base64.getEncoder().encodeToString(pair);
    }

    @Override
    public ClientRequest bearerAuth(String token) {
        return header("Authorization", "Bearer " + Checks.notNull(token, "token"));
    }

    @Override
    public ClientRequest timeout(ClientTimeout value) {
        ClientTimeout checked = Checks.notNull(value, "timeout").checked();
        return with(copy -> copy.timeout = checked);
    }

    @Override
    public ClientRequest timeout(Duration total) {
        return timeout(ClientTimeout.total(Checks.positive(total, "total")));
    }

    @Override
    public ClientRequest raiseForStatus(boolean value) {
        return with(copy -> copy.raise = value);
    }

    @Override
    public ClientRequest maxBodySize(long bytes) {
        if (bytes < 0) {
            throw new IllegalArgumentException("maxBodySize must not be negative, but is " + bytes);
        }
        return with(copy -> copy.maxBodySize = bytes);
    }

    @Override
    public ClientRequest json(Object value) {
        return body(new RequestBody(Json.write(value), "application/json"));
    }

    @Override
    public ClientRequest form(Map<String, ?> fields) {
        StringBuilder pairs = new StringBuilder();
        fields.forEach(
                (name, value) -> pairs.append(pairs.length() == 0 ? "" : "&").append(Forms.pairs(name, value)));
        byte[] bytes = pairs.toString().getBytes(StandardCharsets.US_ASCII);
        return body(new RequestBody(bytes, "application/x-www-form-urlencoded"));
    }

    @Override
    public ClientRequest body(String text) {
        String declared = headers.get("Content-Type");
        byte[] bytes = Checks.notNull(text, "text").getBytes(Charsets.of(declared));
        return body(new RequestBody(bytes, "text/plain; charset=utf-8"));
    }

    @Override
    public ClientRequest body(byte[] bytes) {
        return body(new RequestBody(Checks.notNull(bytes, "bytes"), "application/octet-stream"));
    }

    private ClientRequest body(RequestBody content) {
        if (body != null) {
            throw new IllegalArgumentException("the request has a body already");
        }
        return with(copy -> copy.body = content);
    }

    // ---------------------------------------------------------------- sending

    @Override
    public Mono<Integer> status() {
        return one(response -> Mono.just(response.status()));
    }

    @Override
    public Mono<String> text() {
        return one(ClientResponse::text);
    }

    @Override
    public Mono<byte[]> bytes() {
        return one(ClientResponse::bytes);
    }

    @Override
    public <T> Mono<T> json(Class<T> type) {
        Checks.notNull(type, "type");
        return one(response -> response.json(type));
    }

    @Override
    public <T> Mono<T> json(TypeRef<T> type) {
        Checks.notNull(type, "type");
        return one(response -> response.json(type));
    }

    @Override
    public Flux<ByteBuffer> chunks() {
        return many(ClientResponse::chunks);
    }

    @Override
    public Flux<String> lines() {
        return many(ClientResponse::lines);
    }

    @Override
    public <R> Mono<R> use(Function<? super ClientResponse, ? extends Mono<? extends R>> body) {
        Checks.notNull(body, "body");
        return one(response ->
                Mono.<R>from(Checks.callMono(body, response, "the body of use")).onErrorResume(response::withBody));
    }

    @Override
    public <R> Flux<R> useMany(Function<? super ClientResponse, ? extends Flux<? extends R>> body) {
        Checks.notNull(body, "body");
        return many(response -> Flux.<R>from(Checks.<ClientResponse, Flux<? extends R>>call(
                        body, response, "the body of useMany", Flux::error))
                .onErrorResume(response::withBody));
    }

    private <R> Mono<R> one(Function<DefaultClientResponse, Publisher<? extends R>> body) {
        return Use.one(exchange(), raising(body));
    }

    private <R> Flux<R> many(Function<DefaultClientResponse, Publisher<? extends R>> body) {
        return Use.many(exchange(), raising(body));
    }

    private <R> Function<DefaultClientResponse, Publisher<? extends R>> raising(
            Function<DefaultClientResponse, Publisher<? extends R>> body) {
        return raise ? response -> response.ok() ? body.apply(response) : response.raised() : body;
    }

    private Mono<DefaultClientResponse> exchange() {
        if (session.isClosed()) {
            throw new IllegalStateException("the session is closed");
        }
        if (url == null) {
            return Mono.error(Objects.requireNonNull(urlError));
        }
        Url target = url.plusQuery(query);
        HeaderList fields = headers;
        if (url.login != null) {
            if (headers.contains("Authorization")) {
                return Mono.error(
                        new InvalidUrlException("the URL has credentials, and there is an Authorization header"));
            }
            int colon = url.login.indexOf(':');
            fields = fields.set("Authorization", basic(url.login.substring(0, colon), url.login.substring(colon + 1)));
        }
        return MonoExchange.of(session, new Outgoing(method, target, fields, body, timeout, maxBodySize));
    }

    @Override
    public String toString() {
        return method + " " + (url == null ? "(invalid URL)" : url.redacted()) + " " + headers;
    }
}
