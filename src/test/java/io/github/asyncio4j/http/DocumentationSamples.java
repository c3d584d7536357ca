package io.github.asyncio4j.http;

import io.github.asyncio4j.ratelimit.RateLimiter;
import io.netty.channel.ChannelOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.util.function.Tuple2;

/** What the Javadoc of this package shows, for the compiler. {@code DocumentationTest} compares. */
@SuppressWarnings("unused")
final class DocumentationSamples {

    private DocumentationSamples() {}

    record User(String name) {}

    void clientRequest(ClientSession session) {
        // region clientRequest
        Mono<User> user = session.get("https://api.example.com/users")
                .param("id", 7)
                .timeout(Duration.ofSeconds(2))
                .json(User.class);
        // endregion
    }

    void downloadOptions(ClientSession session, String url, Path target, String expected) {
        // region downloadOptions
        Mono<Path> file = session.get(url)
                .download(target, DownloadOptions.create().resume().checksum("SHA-256", expected))
                .retry(3);
        // endregion
    }

    void clientSession() {
        // region clientSession
        Mono<String> page = ClientSession.using(
                session -> session.get("https://example.com/").text());
        // endregion
    }

    void multipartForm(ClientSession session) {
        // region multipartForm
        MultipartForm form = MultipartForm.create().field("title", "Holidays").file("photo", Path.of("beach.jpg"));
        Mono<Integer> status =
                session.post("https://example.com/upload").multipart(form).status();
        // endregion
    }

    void webSocket(ClientSession session) {
        // region webSocket
        Mono<String> echo = session.webSocket("wss://example.com/chat")
                .use(socket -> socket.send("hello").then(socket.receiveText().next()));
        // endregion
    }

    void webSocketRequest(ClientSession session) {
        // region webSocketRequest
        Flux<String> news = session.webSocket("wss://example.com/news")
                .heartbeat(Duration.ofSeconds(20))
                .useMany(WebSocket::receiveText);
        // endregion
    }

    void reconnect(ClientSession session) {
        // region reconnect
        Flux<String> prices = session.webSocket("wss://example.com/prices")
                .heartbeat(Duration.ofSeconds(20))
                .reconnect(Reconnect.backOff(Duration.ofMillis(500), Duration.ofSeconds(30)))
                .useMany(socket -> socket.send("subscribe").thenMany(socket.receiveText()));
        // endregion
    }

    void webSocketConversation(ClientSession session, Flux<String> questions) {
        // region webSocketConversation
        Flux<String> answers = session.webSocket("wss://example.com/chat")
                .protocols("chat.v2", "chat.v1")
                .heartbeat(Duration.ofSeconds(20))
                .useMany(socket -> questions.concatMap(question ->
                        socket.send(question).then(socket.receiveText().next())));
        // endregion
    }

    void middleware() {
        // region middleware
        Middleware tagged = (request, next) -> next.proceed(request.header("X-Request-Id", newId()));
        ClientSession session = ClientSession.builder().middleware(tagged).build();
        // endregion
    }

    private static void log(String url, long millis) {}

    private static String newId() {
        return "1";
    }

    void mockResponse(Flux<java.nio.ByteBuffer> pieces) {
        // region mockResponse
        MockResponse busy = MockResponse.of(503).header("Retry-After", "2").after(Duration.ofMillis(300));
        MockResponse slow = MockResponse.of(200).body(Flux.defer(() -> pieces.delayElements(Duration.ofSeconds(1))));
        // endregion
    }

    void mockTransport() {
        // region mockTransport
        MockTransport network = MockTransport.create()
                .on("GET", "http://api/users/1", MockResponse.json("{\"name\": \"Ada\"}"))
                .on("GET", "http://api/flaky", MockResponse.of(503), MockResponse.text("ok"))
                .otherwise(request -> Mono.just(MockResponse.of(404)));
        ClientSession session =
                ClientSession.builder().networkMiddleware(network).build();
        // endregion
    }

    record Grant(String accessToken, Duration expiresIn) {}

    void bearerAuth(String credentials) {
        // region bearerAuth
        BearerAuth auth = BearerAuth.of(
                old -> login(credentials).map(grant -> BearerAuth.Token.of(grant.accessToken(), grant.expiresIn())));
        ClientSession session = ClientSession.builder()
                .baseUrl("https://api.example.com/")
                .middleware(auth)
                .build();
        // endregion
    }

    void bearerToken(Grant grant) {
        // region bearerToken
        BearerAuth.Token token = BearerAuth.Token.of(grant.accessToken(), grant.expiresIn());
        // endregion
    }

    private static Mono<Grant> login(String credentials) {
        return Mono.empty();
    }

    void unixSocket() {
        // region unixSocket
        Mono<String> version = ClientSession.builder()
                .unixSocket(Path.of("/var/run/docker.sock"))
                .using(session -> session.get("http://docker/version").text());
        // endregion
    }

    void configure() {
        // region configure
        ClientSession session = ClientSession.builder()
                .configure(channel -> channel.config().setOption(ChannelOption.SO_KEEPALIVE, true))
                .build();
        // endregion
    }

    void cassette() {
        // region cassette
        Cassette cassette = Cassette.builder(Path.of("src/test/cassettes/users.json"))
                .redactParams("api_key")
                .build();
        ClientSession session =
                ClientSession.builder().networkMiddleware(cassette).build();
        // endregion
    }

    void cassetteMode(Path file) {
        // region cassetteMode
        Cassette strict = Cassette.builder(file).mode(Cassette.Mode.STRICT).build();
        // endregion
    }

    void cassetteBuilder(Path file, String password) {
        // region cassetteBuilder
        Cassette cassette = Cassette.builder(file)
                .matchBody(true)
                .redactHeaders("X-Session")
                .redact(text -> text.replace(password, "password"))
                .build();
        // endregion
    }

    void harBuilder() {
        // region harBuilder
        Har har = Har.builder().maxBodySize(0).maxEntries(100).build();
        // endregion
    }

    void har() {
        // region har
        Har har = Har.create();
        Mono<Void> work = ClientSession.builder()
                .networkMiddleware(har)
                .using(session -> session.get("https://example.com/").text())
                .then(har.save(Path.of("session.har")));
        // endregion
    }

    void httpCache() {
        // region httpCache
        HttpCache cache = HttpCache.create();
        ClientSession session = ClientSession.builder().networkMiddleware(cache).build();
        // endregion
    }

    void httpCacheBuilder() {
        // region httpCacheBuilder
        HttpCache cache = HttpCache.builder()
                .maxBytes(256L << 20)
                .staleIfError(Duration.ofHours(1))
                .build();
        // endregion
    }

    void httpCacheStatistics(HttpCache cache) {
        // region httpCacheStatistics
        HttpCache.Statistics seen = cache.statistics();
        double share = (double) seen.hits() / (seen.hits() + seen.revalidated() + seen.misses());
        // endregion
    }

    void robotsTxt() {
        // region robotsTxt
        ClientSession session = ClientSession.builder()
                .header("User-Agent", "examplebot/1.0 (+https://example.com/bot)")
                .networkMiddleware(RobotsTxt.of("examplebot"))
                .build();
        // endregion
    }

    void adaptiveConcurrency() {
        // region adaptiveConcurrency
        Middleware adaptive = AdaptiveConcurrency.create();
        // endregion
    }

    void adaptiveConcurrencyBuilder() {
        // region adaptiveConcurrencyBuilder
        AdaptiveConcurrency adaptive =
                AdaptiveConcurrency.builder().initial(4).max(50).build();
        // endregion
    }

    void adaptiveConcurrencyStatistics(AdaptiveConcurrency adaptive) {
        // region adaptiveConcurrencyStatistics
        int limit = adaptive.statistics().get("https://api.example.com").limit();
        // endregion
    }

    void retry() {
        // region retry
        ClientSession session = ClientSession.builder()
                .middleware(Retry.builder().attempts(4).build())
                .build();
        // endregion
    }

    void hedge() {
        // region hedge
        Middleware hedge = Hedge.after(Duration.ofMillis(300));
        // endregion
    }

    void circuitBreaker() {
        // region circuitBreaker
        Middleware breaker = CircuitBreaker.of(5, Duration.ofSeconds(30));
        // endregion
    }

    void hostRateLimit() {
        // region hostRateLimit
        Middleware polite = HostRateLimit.of(() -> RateLimiter.slidingWindow(10, Duration.ofSeconds(1)));
        // endregion
    }

    void singleFlight() {
        // region singleFlight
        ClientSession session =
                ClientSession.builder().middleware(SingleFlight.create()).build();
        // endregion
    }

    void middlewares() {
        // region middlewares
        ClientSession session = ClientSession.builder()
                .middleware(SingleFlight.create())
                .middleware(Retry.create())
                .middleware(CircuitBreaker.of(5, Duration.ofSeconds(30)))
                .middleware(HostRateLimit.of(() -> RateLimiter.slidingWindow(10, Duration.ofSeconds(1))))
                .build();
        // endregion
    }

    void networkMiddlewares() {
        // region networkMiddlewares
        ClientSession session = ClientSession.builder()
                .middleware(Retry.create())
                .networkMiddleware(HostRateLimit.of(() -> RateLimiter.slidingWindow(10, Duration.ofSeconds(1))))
                .build();
        // endregion
    }

    void clientResponseHop(ClientSession session, String url) {
        // region clientResponseHop
        Mono<List<String>> way = session.get(url)
                .use(response -> Mono.just(
                        response.history().stream().map(ClientResponse.Hop::url).toList()));
        // endregion
    }

    void clientSessionBuilder(String token) {
        // region clientSessionBuilder
        ClientSession session = ClientSession.builder()
                .baseUrl("https://api.example.com/v1/")
                .bearerAuth(token)
                .timeout(ClientTimeout.total(Duration.ofSeconds(10)))
                .build();
        // endregion
    }

    void clientTimeoutExceptionPhase(ClientSession session, String url, String mirror) {
        // region clientTimeoutExceptionPhase
        Mono<String> page = session.get(url)
                .text()
                .onErrorResume(ClientTimeoutException.class, late -> switch (late.phase()) {
                    case QUEUE, DNS, CONNECT -> session.get(mirror).text();
                    default -> Mono.error(late);
                });
        // endregion
    }

    void cookieJarCookie(ClientSession session) {
        // region cookieJarCookie
        Predicate<CookieJar.Cookie> ours = cookie -> cookie.domain().endsWith("example.com");
        session.cookies().clear(ours);
        // endregion
    }

    void headers(ClientSession session, String url) {
        // region headers
        Mono<Optional<String>> etag =
                session.get(url).use(response -> Mono.just(response.headers().first("ETag")));
        // endregion
    }

    void middlewareNext() {
        // region middlewareNext
        Middleware timed = (request, next) -> next.proceed(request)
                .elapsed()
                .doOnNext(answer -> log(request.url(), answer.getT1()))
                .map(Tuple2::getT2);
        // endregion
    }

    void retryBuilder() {
        // region retryBuilder
        Retry patient = Retry.builder()
                .attempts(6)
                .backOff(Duration.ofMillis(200), Duration.ofSeconds(20))
                .build();
        // endregion
    }

    void serverSentEvent(ClientSession session, String url) {
        // region serverSentEvent
        Flux<String> prices = session.get(url)
                .events()
                .filter(event -> event.event().equals("price"))
                .map(ServerSentEvent::data);
        // endregion
    }

    void webSocketMessage(ClientSession session, String url) {
        // region webSocketMessage
        Flux<String> texts = session.webSocket(url)
                .useMany(socket ->
                        socket.receive().ofType(WebSocketMessage.Text.class).map(WebSocketMessage.Text::text));
        // endregion
    }

    void timings(ClientSession session, String url) {
        // region timings
        Mono<Duration> toFirstByte = session.get(url).use(response -> {
            Timings timings = response.timings();
            return Mono.just(timings.connect().plus(timings.headers()));
        });
        // endregion
    }

    void connectTimings(ClientSession session, String url) {
        // region connectTimings
        Mono<Duration> handshake = session.get(url)
                .use(response -> Mono.just(response.connectTimings().tls()));
        // endregion
    }

    static final class Lookups {
        void record(long nanos) {}
    }

    static final Lookups lookups = new Lookups();

    // region requestTrace
    final class SlowLookups implements RequestTrace {
        private long since;

        public void onDnsResolveStart(String host) {
            since = System.nanoTime();
        }

        public void onDnsResolveEnd(@Nullable Throwable failure) {
            lookups.record(System.nanoTime() - since);
        }
    }
    // endregion

    void trace() {
        // region requestTraceSession
        ClientSession session =
                ClientSession.builder().trace(context -> new SlowLookups()).build();
        // endregion
    }
}
