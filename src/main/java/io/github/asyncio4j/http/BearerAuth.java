package io.github.asyncio4j.http;

import io.github.asyncio4j.internal.Checks;
import io.github.asyncio4j.internal.CleanupLedger;
import io.github.asyncio4j.internal.Expiry;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.util.context.Context;

/**
 * Sends a Bearer token that runs out, and gets the next one: before it has run out if it is known when, and after a 401
 * otherwise. For a token that stays the same {@link ClientSession.Builder#bearerAuth} is enough.
 *
 * <pre>{@code
 * BearerAuth auth = BearerAuth.of(old -> login(credentials)
 *         .map(grant -> BearerAuth.Token.of(grant.accessToken(), grant.expiresIn())));
 * ClientSession session = ClientSession.builder()
 *         .baseUrl("https://api.example.com/")
 *         .middleware(auth)
 *         .build();
 * }</pre>
 *
 * <p>However many requests need one, it is asked for once. Whoever cancels meanwhile leaves the others alone: the question
 * goes on to its end, even when nobody waits any more, as many servers void the old token with the new one. It runs within
 * no scope and under no deadline but its own, 30 seconds unless something is said. What fails is the error of those who
 * wait, and the next request asks anew.
 *
 * <p>The token goes to the origin of the session's {@code baseUrl}, or without one to the origin that a request names, and
 * not to where a redirect leads from there; a request with other credentials is left alone. One that was refused with 401 is
 * sent once more with a new token, if its body can be sent again. Requests that the function itself makes are sent without
 * a token, so it may use the same session. WebSockets take theirs from {@link #token}.
 *
 * <p>Its place is around the request. May be used from any thread. aiohttp's documentation has such a middleware to copy.
 */
public final class BearerAuth implements Middleware {

    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final Function<? super Optional<Token>, ? extends Mono<Token>> refresh;
    private final Duration limit;

    // Guarded by this.
    private @Nullable Token current;
    private @Nullable Mono<Token> refreshing;

    private BearerAuth(Function<? super Optional<Token>, ? extends Mono<Token>> refresh, Duration limit) {
        this.refresh = Checks.notNull(refresh, "refresh");
        this.limit = Checks.positive(limit, "limit");
    }

    /**
     * Tokens by a function.
     *
     * @param refresh gives a token; it is shown the one before, which is empty the first time
     */
    public static BearerAuth of(Function<? super Optional<Token>, ? extends Mono<Token>> refresh) {
        return of(refresh, LIMIT);
    }

    /**
     * Tokens by a function.
     *
     * @param refresh as in {@link #of(Function)}
     * @param limit how long it may take; a {@link TimeoutException} then
     */
    public static BearerAuth of(Function<? super Optional<Token>, ? extends Mono<Token>> refresh, Duration limit) {
        return new BearerAuth(refresh, limit);
    }

    /** A token to be sent now; asked for if there is none. */
    public Mono<Token> token() {
        return Mono.defer(this::valid);
    }

    @Override
    public Mono<ClientResponse> handle(ClientRequest request, Next next) {
        DefaultClientRequest ours = DefaultClientRequest.ours(request);
        return Mono.deferContextual(context -> context.hasKey(this) || !isFor(ours)
                ? next.proceed(request)
                : valid().flatMap(token -> send(ours, token, next)
                        .flatMap(response ->
                                isRefused(ours, response) ? again(ours, token, response, next) : Mono.just(response))));
    }

    private static Mono<ClientResponse> send(ClientRequest request, Token token, Next next) {
        return next.proceed(request.bearerAuth(token.value));
    }

    private static boolean isFor(DefaultClientRequest request) {
        Url base = request.session().defaults().baseUrl();
        if (base == null && request.isComplete()) {
            throw new IllegalStateException("BearerAuth as a network middleware needs a baseUrl to know its origin by");
        }
        return (base == null || base.origin.equals(request.origin()))
                && request.login() == null
                && !request.headers().contains("Authorization");
    }

    private static boolean isRefused(DefaultClientRequest request, ClientResponse response) {
        // Its URL is ours, or a middleware's invention: then nobody knows whose refusal it is.
        try {
            return response.status() == 401 && Url.parse(response.url()).origin.equals(request.origin());
        } catch (InvalidUrlException e) {
            return false;
        }
    }

    private Mono<ClientResponse> again(
            DefaultClientRequest request, Token refused, ClientResponse response, Next next) {
        if (!request.isReplayable()) {
            forget(refused);
            return Mono.just(response);
        }
        return response.release().then(Mono.defer(() -> after(refused))).flatMap(fresh -> send(request, fresh, next));
    }

    // ---------------------------------------------------------------- the token

    private synchronized Mono<Token> valid() {
        Token known = current;
        return known == null || known.isStale() ? refreshed() : Mono.just(known);
    }

    /** Another one than that, which somebody may have got already. */
    private synchronized Mono<Token> after(Token refused) {
        forget(refused);
        return valid();
    }

    private synchronized void forget(Token refused) {
        if (current == refused) {
            refused.spoil();
        }
    }

    private Mono<Token> refreshed() {
        Mono<Token> running = refreshing;
        if (running == null) {
            Optional<Token> old = Optional.ofNullable(current);
            running = Mono.defer(() -> Mono.<Token>from(Checks.callMono(refresh, old, "the refresh of BearerAuth")))
                    .timeout(limit, Mono.error(() -> new TimeoutException("no token within " + limit)))
                    .switchIfEmpty(
                            Mono.error(() -> new IllegalStateException("the refresh of BearerAuth gave no token")))
                    .doOnNext(this::arrived)
                    .doOnError(error -> arrived(null))
                    .contextWrite(this::alone)
                    .cache();
            refreshing = running;
        }
        return running;
    }

    private synchronized void arrived(@Nullable Token token) {
        refreshing = null;
        current = token == null ? current : token;
    }

    /** It belongs to everybody, so no scope of anybody may end it or wait for it. */
    private Context alone(Context context) {
        return CleanupLedger.removeFrom(Expiry.removeFrom(context))
                .delete(OpenResponses.class)
                .put(this, true);
    }

    /**
     * A token, and how long it is good for.
     *
     * <pre>{@code
     * BearerAuth.Token token = BearerAuth.Token.of(grant.accessToken(), grant.expiresIn());
     * }</pre>
     *
     * <p>What {@code access_token} and {@code expires_in} are to Python's requests-oauthlib.
     */
    public static final class Token {

        private static final Duration MOST_AHEAD = Duration.ofSeconds(30);

        private final String value;
        // On the clock of Reactor, in milliseconds.
        private final long staleAt;
        private volatile boolean spoilt;

        private Token(String value, long staleAt) {
            this.value = HeaderList.checkValue("Authorization", Checks.notNull(value, "value"));
            this.staleAt = staleAt;
        }

        /** A token that is good until a server refuses it. */
        public static Token of(String value) {
            return new Token(value, Long.MAX_VALUE);
        }

        /**
         * A token that is replaced when nine tenths of its time have passed, or 30 seconds before its end if that is later.
         */
        public static Token of(String value, Duration validFor) {
            Checks.notNegative(validFor, "validFor");
            Duration tenth = validFor.dividedBy(10);
            Duration ahead = tenth.compareTo(MOST_AHEAD) < 0 ? tenth : MOST_AHEAD;
            return new Token(value, now() + Checks.nanos(validFor.minus(ahead)) / 1_000_000);
        }

        /** What goes into the header. */
        public String value() {
            return value;
        }

        private boolean isStale() {
            return spoilt || staleAt != Long.MAX_VALUE && now() >= staleAt;
        }

        private void spoil() {
            spoilt = true;
        }

        private static long now() {
            return Schedulers.parallel().now(TimeUnit.MILLISECONDS);
        }

        @Override
        public String toString() {
            return "Token(***)";
        }
    }

    @Override
    public synchronized String toString() {
        return "BearerAuth(" + (refreshing != null ? "asking" : current == null ? "no token" : "a token") + ")";
    }
}
