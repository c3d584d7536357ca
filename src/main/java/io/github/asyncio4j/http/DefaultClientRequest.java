package io.github.asyncio4j.http;

import io.github.asyncio4j.internal.Checks;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongConsumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** A request under construction. Its fields change only while {@link #with} makes a new one. */
final class DefaultClientRequest implements ClientRequest {

    private final ClientSession session;
    private final String method;
    private final String given;
    private @Nullable Url url;
    private @Nullable InvalidUrlException urlError;
    private String query = "";
    private HeaderList headers = HeaderList.EMPTY;
    private RequestOptions options;
    private @Nullable RequestBody body;
    private boolean compressed;
    private @Nullable LongConsumer progress;
    private List<Middleware> middlewares;
    /** Whether it is on its way out, with all that is added there. */
    private final boolean complete;

    DefaultClientRequest(ClientSession session, String method, String url) {
        this.session = session;
        this.method = checkMethod(method);
        RequestOptions defaults = session.defaults().options();
        this.middlewares = session.defaults().middlewares();
        this.options = this.method.equals("HEAD") ? defaults.withFollowRedirects(false) : defaults;
        this.given = Checks.notNull(url, "url");
        this.complete = false;
        resolve(false);
    }

    /** What a network middleware sees of {@code outgoing}. */
    DefaultClientRequest(ClientSession session, Outgoing outgoing, RequestOptions options) {
        this.session = session;
        this.method = outgoing.method();
        this.given = outgoing.url().toString();
        this.url = outgoing.url();
        this.headers = outgoing.headers();
        this.options = options;
        this.body = outgoing.body();
        this.middlewares = List.of();
        this.complete = true;
    }

    private void resolve(boolean encoded) {
        try {
            url = session.resolve(given, encoded);
            urlError = null;
        } catch (InvalidUrlException e) {
            url = null;
            urlError = e;
        }
    }

    private DefaultClientRequest(DefaultClientRequest from) {
        session = from.session;
        method = from.method;
        given = from.given;
        url = from.url;
        urlError = from.urlError;
        query = from.query;
        headers = from.headers;
        options = from.options;
        body = from.body;
        compressed = from.compressed;
        progress = from.progress;
        middlewares = from.middlewares;
        complete = from.complete;
    }

    ClientSession session() {
        return session;
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
    public ClientRequest params(String encoded) {
        String pairs;
        try {
            pairs = UrlEncoding.encodeQuery(Checks.notNull(encoded, "query"));
        } catch (InvalidUrlException e) {
            throw new IllegalArgumentException("query cannot be sent: " + e.getMessage(), e);
        }
        return with(copy -> copy.query = Forms.join(query, pairs));
    }

    @Override
    public ClientRequest encodedUrl() {
        return complete ? this : with(copy -> copy.resolve(true));
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
    public ClientRequest withoutHeader(String name) {
        return with(copy -> copy.headers = headers.absent(name));
    }

    @Override
    public ClientRequest cookie(String name, String value) {
        String pair = HeaderList.checkCookie(name, value);
        String before = headers.get("Cookie");
        return header("Cookie", before == null ? pair : before + "; " + pair);
    }

    @Override
    public ClientRequest followRedirects(boolean follow) {
        return with(copy -> copy.options = options.withFollowRedirects(follow));
    }

    @Override
    public ClientRequest maxRedirects(int max) {
        Checks.atLeast(0, max, "maxRedirects");
        return with(copy -> copy.options = options.withMaxRedirects(max));
    }

    @Override
    public ClientRequest decompress(boolean on) {
        return with(copy -> copy.options = options.withDecompress(on));
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

    /** From {@code user:password}, the first colon in between. */
    static String basic(String login) {
        int colon = login.indexOf(':');
        return basic(login.substring(0, colon), login.substring(colon + 1));
    }

    @Override
    public ClientRequest bearerAuth(String token) {
        return header("Authorization", "Bearer " + Checks.notNull(token, "token"));
    }

    @Override
    public ClientRequest timeout(ClientTimeout value) {
        ClientTimeout checked = Checks.notNull(value, "timeout").checked();
        return with(copy -> copy.options = options.withTimeout(checked));
    }

    @Override
    public ClientRequest timeout(Duration total) {
        return timeout(ClientTimeout.total(Checks.positive(total, "total")));
    }

    @Override
    public ClientRequest proxy(String url) {
        return proxies(Proxies.all(Proxy.parse(url)));
    }

    @Override
    public ClientRequest proxy(String url, Map<String, String> more) {
        HeaderList forProxy = HeaderList.EMPTY;
        for (Map.Entry<String, String> field : more.entrySet()) {
            forProxy = forProxy.set(Proxy.checkName(field.getKey()), field.getValue());
        }
        return proxies(Proxies.all(Proxy.parse(url)).with(forProxy));
    }

    @Override
    public ClientRequest withoutProxy() {
        return proxies(Proxies.NONE);
    }

    private ClientRequest proxies(Proxies value) {
        return with(copy -> copy.options = options.withProxies(value));
    }

    @Override
    public ClientRequest middlewares(Middleware... replacing) {
        List<Middleware> all = List.of(replacing);
        return with(copy -> copy.middlewares = all);
    }

    @Override
    public ClientRequest raiseForStatus(boolean value) {
        return with(copy -> copy.options = options.withRaisedWhen(RequestOptions.notOk(value)));
    }

    @Override
    public ClientRequest raiseForStatus(Predicate<? super ClientResponse> when) {
        Predicate<? super ClientResponse> checked = Checks.notNull(when, "when");
        return with(copy -> copy.options = options.withRaisedWhen(checked));
    }

    @Override
    public ClientRequest compress(boolean on) {
        return with(copy -> copy.compressed = on);
    }

    @Override
    public ClientRequest onUpload(LongConsumer progress) {
        LongConsumer checked = Checks.notNull(progress, "progress");
        return with(copy -> copy.progress = checked);
    }

    @Override
    public ClientRequest maxBodySize(long bytes) {
        if (bytes < 0) {
            throw new IllegalArgumentException("maxBodySize must not be negative, but is " + bytes);
        }
        return with(copy -> copy.options = options.withMaxBodySize(bytes));
    }

    @Override
    public ClientRequest json(@Nullable Object value) {
        return body(RequestBody.of(Json.write(value), "application/json"));
    }

    @Override
    public ClientRequest form(Map<String, ?> fields) {
        if (fields.values().stream().anyMatch(Path.class::isInstance)) {
            return multipart(Forms.multipart(fields));
        }
        StringBuilder pairs = new StringBuilder();
        fields.forEach(
                (name, value) -> pairs.append(pairs.length() == 0 ? "" : "&").append(Forms.pairs(name, value)));
        byte[] bytes = pairs.toString().getBytes(StandardCharsets.US_ASCII);
        return body(RequestBody.of(bytes, "application/x-www-form-urlencoded"));
    }

    @Override
    public ClientRequest body(String text) {
        String declared = headers.get("Content-Type");
        byte[] bytes = Checks.notNull(text, "text").getBytes(Charsets.of(declared));
        return body(RequestBody.of(bytes, "text/plain; charset=utf-8"));
    }

    @Override
    public ClientRequest body(byte[] bytes) {
        return body(RequestBody.of(Checks.notNull(bytes, "bytes"), "application/octet-stream"));
    }

    @Override
    public ClientRequest multipart(MultipartForm form) {
        if (!(Checks.notNull(form, "form") instanceof DefaultMultipartForm ours)) {
            throw new IllegalArgumentException("form must come from MultipartForm.create(), but is " + form);
        }
        return body(ours.body());
    }

    @Override
    public ClientRequest body(Path file) {
        return body(RequestBody.of(Checks.notNull(file, "file")));
    }

    @Override
    public ClientRequest body(Publisher<? extends ByteBuffer> content) {
        return body(RequestBody.of(Checks.notNull(content, "content")));
    }

    @Override
    public ClientRequest body(Supplier<? extends Publisher<? extends ByteBuffer>> content) {
        return body(RequestBody.of(Checks.notNull(content, "content")));
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
        Json.prepare(type);
        return one(response -> response.json(type));
    }

    @Override
    public <T> Mono<T> json(TypeRef<T> type) {
        Checks.notNull(type, "type");
        Json.prepare(type.type());
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
    public Flux<ServerSentEvent> events() {
        return forEvents().many(OpenResponse::events);
    }

    @Override
    public Flux<ServerSentEvent> eventSource() {
        ClientTimeout limits = options.timeout();
        return EventSource.events(forEvents().with(copy -> copy.options = options.withTimeout(limits.withoutTotal())));
    }

    private DefaultClientRequest forEvents() {
        return headers.contains("Accept")
                ? this
                : with(copy -> copy.headers = headers.set("Accept", "text/event-stream"));
    }

    DefaultClientRequest withLastEventId(@Nullable String id) {
        String sent = EventSource.sendable(id);
        return sent == null ? this : with(copy -> copy.headers = headers.set("Last-Event-ID", sent));
    }

    @Override
    public Mono<Path> download(Path target) {
        Checks.notNull(target, "target");
        return one(response -> response.ok() ? Download.save(response.chunks(), target) : response.<Path>raised());
    }

    @Override
    public Mono<Path> download(Path target, DownloadOptions how) {
        return new ResumableDownload(this, Checks.notNull(target, "target"), Checks.notNull(how, "options")).save();
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

    private <R> Mono<R> one(Function<OpenResponse, Publisher<? extends R>> body) {
        return Use.one(exchange(), raising(body));
    }

    private <R> Flux<R> many(Function<OpenResponse, Publisher<? extends R>> body) {
        return Use.many(exchange(), raising(body));
    }

    private <R> Function<OpenResponse, Publisher<? extends R>> raising(
            Function<OpenResponse, Publisher<? extends R>> body) {
        Predicate<? super ClientResponse> raisedWhen = options.raisedWhen();
        return raisedWhen == null
                ? body
                : response -> raisedWhen.test(response) ? response.raised() : body.apply(response);
    }

    private Use.Source exchange() {
        if (session.isClosed()) {
            throw new IllegalStateException("the session is closed");
        }
        if (middlewares.isEmpty() && session.defaults().networkMiddlewares().isEmpty() || url == null) {
            return Use.Source.of(send());
        }
        Mono<ClientResponse> all = Chain.mono(middlewares, this, options.timeout());
        return new Use.Source(all, true, options.timeout().total());
    }

    /** Onto the network, past all middlewares. */
    Mono<OpenResponse> send() {
        try {
            return Call.mono(session, outgoing(), options);
        } catch (InvalidUrlException | IllegalArgumentException e) {
            return Mono.error(e);
        }
    }

    /** As it is to be sent. */
    Outgoing outgoing() throws InvalidUrlException {
        if (url == null) {
            throw Objects.requireNonNull(urlError);
        }
        HeaderList fields = fields(url);
        if (url.login != null && !complete) {
            if (headers.contains("Authorization")) {
                throw new InvalidUrlException("the URL has credentials, and there is an Authorization header as well");
            }
            fields = fields.set("Authorization", basic(url.login));
        }
        HeaderList framing = complete ? RequestWriter.withoutFraming(headers) : headers;
        RequestBody framed = Forms.framed(body, framing);
        if (compressed && framed != null) {
            framed = RequestBodies.compressed(framed, framing);
            fields = fields.set("Content-Encoding", "gzip");
        }
        if (progress != null && framed != null) {
            framed = RequestBodies.observed(framed, progress);
        }
        return new Outgoing(method, url.plusQuery(query), fields, framed, complete);
    }

    private HeaderList fields(Url to) {
        return complete ? headers : session.headersFor(to).overriddenBy(headers);
    }

    // ---------------------------------------------------------------- what middlewares see

    static DefaultClientRequest ours(ClientRequest request) {
        if (Checks.notNull(request, "request") instanceof DefaultClientRequest ours) {
            return ours;
        }
        throw new IllegalArgumentException("request must come from a ClientSession, but is " + request);
    }

    private Url target() {
        if (url == null) {
            throw new IllegalStateException("the URL cannot be used", urlError);
        }
        return url.plusQuery(query);
    }

    @Override
    public String method() {
        return method;
    }

    @Override
    public String url() {
        return target().toString();
    }

    @Override
    public Headers headers() {
        return new RequestHeaders(fields(target()));
    }

    @Override
    public boolean isReplayable() {
        return body == null || body.isReplayable();
    }

    @Override
    public Mono<byte[]> content() {
        RequestBody sent = body;
        if (sent == null) {
            return Mono.empty();
        }
        return sent.isReplayable()
                ? RequestBodies.collected(sent)
                : Mono.error(new IllegalStateException(describe() + ": its body can be read only once"));
    }

    Origin origin() {
        return target().origin;
    }

    @Nullable
    RequestBody body() {
        return body;
    }

    /** Whether it is on its way out. */
    boolean isComplete() {
        return complete;
    }

    /** A WebSocket's, whose response only the network can give. */
    boolean isUpgrade() {
        return headers.contains("Sec-WebSocket-Key");
    }

    /** With these bytes in place of the body, under the same type. */
    DefaultClientRequest withContent(byte[] content) {
        String type = body == null ? null : body.contentType();
        return with(copy -> copy.body = new RequestBody(content, null, content.length, null, type, true));
    }

    /** The credentials in the URL, if there are any. */
    @Nullable
    String login() {
        return target().login;
    }

    /** What will be added on its way out and tells one caller from another; empty when that is there already. */
    String unsentCredentials() {
        CookieStore jar = complete ? null : session.cookieStore();
        String cookies = jar == null ? null : jar.header(target());
        return (complete || target().login == null ? "" : target().login + "\n") + (cookies == null ? "" : cookies);
    }

    /** Where {@code reference} leads from here, or null when that is no URL. */
    @Nullable
    Url resolved(String reference) {
        try {
            return target().resolve(Latin1.asUtf8(reference));
        } catch (InvalidUrlException e) {
            return null;
        }
    }

    RequestOptions options() {
        return options;
    }

    String describe() {
        return method + " "
                + (url == null ? "(invalid URL)" : url.plusQuery(query).redacted());
    }

    @Override
    public String toString() {
        return method + " " + (url == null ? "(invalid URL)" : url.redacted()) + " " + headers;
    }
}
