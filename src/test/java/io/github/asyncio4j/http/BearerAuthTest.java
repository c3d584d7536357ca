package io.github.asyncio4j.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.asyncio4j.http.BearerAuth.Token;
import io.github.asyncio4j.testing.NoLeaks;
import io.github.asyncio4j.testing.RawOrigin;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.test.StepVerifier;
import reactor.test.scheduler.VirtualTimeScheduler;

@ExtendWith(NoLeaks.class)
@Timeout(value = 30, unit = TimeUnit.SECONDS)
class BearerAuthTest {

    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    private static final String REFUSED = "HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\nno";

    private final AtomicInteger asked = new AtomicInteger();
    private final List<Optional<String>> shown = new ArrayList<>();

    /** Gives t1, t2, t3. */
    private BearerAuth counting() {
        return BearerAuth.of(old -> {
            shown.add(old.map(Token::value));
            return Mono.just(Token.of("t" + asked.incrementAndGet()));
        });
    }

    /** Answers whoever has that token. */
    private static RawOrigin accepting(String token) {
        return RawOrigin.start(peer -> {
            while (peer.readRequest()) {
                peer.send(peer.lastRequest().contains("Authorization: Bearer " + token + "\r\n") ? OK : REFUSED);
            }
        });
    }

    private static Closing with(BearerAuth auth) {
        return new Closing(ClientSession.builder().middleware(auth).build());
    }

    private static Function<Optional<Token>, Mono<Token>> none() {
        return old -> Mono.error(new AssertionError("asked"));
    }

    @Test
    void refusedOneIsReplacedAndTheRequestSentOnceMore() {
        try (RawOrigin origin = accepting("t2");
                Closing closing = with(counting())) {
            ClientRequest post = closing.session.post(origin.url("/")).body("content");
            assertThat(post.text().block(PATIENCE)).isEqualTo("ok");
            assertThat(post.text().block(PATIENCE)).isEqualTo("ok");
            assertThat(origin.requests())
                    .hasSize(3)
                    .allSatisfy(request -> assertThat(request).endsWith("\r\n\r\ncontent"));
            assertThat(shown).containsExactly(Optional.empty(), Optional.of("t1"));
            assertThat(origin.accepted()).isOne();
        }
    }

    @Test
    void manyAtOnceAskOnce() {
        try (RawOrigin origin = accepting("t2");
                Closing closing = with(BearerAuth.of(old ->
                        Mono.delay(Duration.ofMillis(20)).map(tick -> Token.of("t" + asked.incrementAndGet()))))) {
            Mono<String> get = closing.session.get(origin.url("/")).text();
            assertThat(Flux.range(0, 200).flatMap(i -> get, 200).collectList().block(PATIENCE))
                    .hasSize(200)
                    .containsOnly("ok");
            assertThat(asked).hasValue(2);
        }
    }

    @Test
    void whoeverCancelsLeavesTheOthersAlone() {
        Sinks.One<Token> login = Sinks.one();
        AtomicInteger cancelled = new AtomicInteger();
        BearerAuth auth = BearerAuth.of(old -> {
            asked.incrementAndGet();
            return login.asMono().doOnCancel(cancelled::incrementAndGet);
        });
        try (RawOrigin origin = accepting("t1");
                Closing closing = with(auth)) {
            Mono<String> get = closing.session.get(origin.url("/")).text();
            Disposable first = get.subscribe();
            List<String> answers = new java.util.concurrent.CopyOnWriteArrayList<>();
            Mono<Void> both = Flux.merge(get, get).doOnNext(answers::add).then();
            Sinks.Empty<Void> done = Sinks.empty();
            both.subscribe(null, done::tryEmitError, done::tryEmitEmpty);
            first.dispose();
            assertThat(auth).hasToString("BearerAuth(asking)");
            login.tryEmitValue(Token.of("t1"));
            done.asMono().block(PATIENCE);
            assertThat(answers).containsExactly("ok", "ok");
            assertThat(asked).hasValue(1);
            assertThat(cancelled).hasValue(0);
            assertThat(auth).hasToString("BearerAuth(a token)");
        }
    }

    @Test
    void questionGoesOnWhenNobodyWaitsAnyMore() {
        Sinks.One<Token> login = Sinks.one();
        BearerAuth auth = BearerAuth.of(old -> {
            asked.incrementAndGet();
            return login.asMono();
        });
        assertThat(auth).hasToString("BearerAuth(no token)");
        auth.token().subscribe().dispose();
        login.tryEmitValue(Token.of("t1"));
        assertThat(auth.token().block(PATIENCE).value()).isEqualTo("t1");
        assertThat(asked).hasValue(1);
    }

    @Test
    void oneThatRunsOutIsReplacedBefore() {
        VirtualTimeScheduler clock = VirtualTimeScheduler.getOrSet();
        try {
            BearerAuth auth =
                    BearerAuth.of(old -> Mono.just(Token.of("t" + asked.incrementAndGet(), Duration.ofSeconds(100))));
            List<String> sent = new ArrayList<>();
            Middleware.Next next = request -> {
                sent.add(request.headers().first("Authorization").orElse(""));
                return Answers.status(200);
            };
            ClientSession session = ClientSession.create();
            Mono<ClientResponse> request = auth.handle(session.get("http://h/"), next);
            request.block(PATIENCE);
            clock.advanceTimeBy(Duration.ofSeconds(89));
            request.block(PATIENCE);
            clock.advanceTimeBy(Duration.ofSeconds(1));
            request.block(PATIENCE);
            assertThat(sent).containsExactly("Bearer t1", "Bearer t1", "Bearer t2");
            asked.set(0);
            BearerAuth hours =
                    BearerAuth.of(old -> Mono.just(Token.of("t" + asked.incrementAndGet(), Duration.ofHours(1))));
            hours.token().block(PATIENCE);
            clock.advanceTimeBy(Duration.ofSeconds(3569));
            assertThat(hours.token().block(PATIENCE).value()).isEqualTo("t1");
            clock.advanceTimeBy(Duration.ofSeconds(1));
            assertThat(hours.token().block(PATIENCE).value()).isEqualTo("t2");
            session.dispose();
        } finally {
            VirtualTimeScheduler.reset();
        }
    }

    @Test
    void secondRefusalIsTheAnswer() {
        try (RawOrigin origin = accepting("never");
                Closing closing = with(counting())) {
            assertThat(closing.session.get(origin.url("/")).status().block(PATIENCE))
                    .isEqualTo(401);
            assertThat(origin.requests()).hasSize(2);
            assertThat(asked).hasValue(2);
        }
    }

    @Test
    void bodyThatCannotBeSentAgainGetsTheRefusalAndTheNextOneANewToken() {
        try (RawOrigin origin = accepting("t2");
                Closing closing = with(counting())) {
            ClientRequest post = closing.session.post(origin.url("/"));
            assertThat(post.header("Content-Length", "1")
                            .body(Flux.just(ByteBuffer.wrap(new byte[] {'x'})))
                            .status()
                            .block(PATIENCE))
                    .isEqualTo(401);
            assertThat(post.text().block(PATIENCE)).isEqualTo("ok");
            assertThat(origin.requests()).hasSize(2);
        }
    }

    @Test
    void tokenStaysWithItsOrigin() {
        try (RawOrigin foreign = RawOrigin.answering(REFUSED);
                RawOrigin home = RawOrigin.answering(
                        "HTTP/1.1 302 Found\r\nLocation: " + foreign.url("/there") + "\r\nContent-Length: 0\r\n\r\n");
                Closing closing = new Closing(ClientSession.builder()
                        .baseUrl(home.url("/"))
                        .middleware(counting())
                        .build())) {
            assertThat(closing.session.get("x").status().block(PATIENCE)).isEqualTo(401);
            assertThat(home.requests()).hasSize(1);
            assertThat(home.requests().get(0)).contains("Bearer t1");
            assertThat(closing.session.get(foreign.url("/")).status().block(PATIENCE))
                    .isEqualTo(401);
            assertThat(foreign.requests())
                    .hasSize(2)
                    .allSatisfy(request -> assertThat(request).doesNotContain("Authorization"));
            assertThat(asked).hasValue(1);
        }
    }

    @Test
    void requestsWithOtherCredentialsAreLeftAlone() {
        try (RawOrigin origin = RawOrigin.answering(REFUSED);
                Closing closing = with(BearerAuth.of(none()))) {
            for (ClientRequest request : List.of(
                    closing.session.get(origin.url("/")).basicAuth("me", "x"),
                    closing.session.get(origin.url("/").replace("//", "//me:x@")))) {
                assertThat(request.status().block(PATIENCE)).isEqualTo(401);
            }
        }
    }

    @Test
    void functionMayAskThroughTheSameSession() {
        try (RawOrigin origin = RawOrigin.start(peer -> {
            while (peer.readRequest()) {
                String request = peer.lastRequest();
                peer.send(
                        request.startsWith("POST /login")
                                ? "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nt1"
                                : request.contains("Bearer t1") ? OK : REFUSED);
            }
        })) {
            ClientSession[] session = new ClientSession[1];
            BearerAuth auth = BearerAuth.of(
                    old -> session[0].post(origin.url("/login")).text().map(Token::of));
            try (Closing closing = with(auth)) {
                session[0] = closing.session;
                Disposable first = closing.session.get(origin.url("/")).text().subscribe();
                Mono<String> second = closing.session.get(origin.url("/")).text();
                first.dispose();
                assertThat(second.block(PATIENCE)).isEqualTo("ok");
                assertThat(origin.requests())
                        .filteredOn(head -> head.startsWith("POST"))
                        .hasSize(1);
            }
        }
    }

    @Test
    void failuresAreForThoseWhoWaitAndTheNextOneAsksAnew() {
        List<Function<Optional<Token>, Mono<Token>>> bad = List.of(
                old -> Mono.error(new IllegalStateException("no login")),
                old -> {
                    throw new IllegalArgumentException("thrown");
                },
                old -> null,
                old -> Mono.empty());
        List<Class<? extends Throwable>> errors = List.of(
                IllegalStateException.class,
                IllegalArgumentException.class,
                NullPointerException.class,
                IllegalStateException.class);
        AtomicInteger at = new AtomicInteger();
        BearerAuth auth = BearerAuth.of(
                old -> at.get() < bad.size() ? bad.get(at.getAndIncrement()).apply(old) : Mono.just(Token.of("t1")));
        try (RawOrigin origin = accepting("t1");
                Closing closing = with(auth)) {
            Mono<String> get = closing.session.get(origin.url("/")).text();
            for (Class<? extends Throwable> error : errors) {
                StepVerifier.create(get).expectError(error).verify(PATIENCE);
            }
            assertThat(get.block(PATIENCE)).isEqualTo("ok");
            assertThat(origin.requests()).hasSize(1);
        }
    }

    @Test
    void questionHasALimitOfItsOwn() {
        StepVerifier.withVirtualTime(() -> BearerAuth.of(old -> Mono.never()).token())
                .expectSubscription()
                .expectNoEvent(Duration.ofSeconds(30).minusNanos(1))
                .thenAwait(Duration.ofNanos(1))
                .expectErrorSatisfies(
                        e -> assertThat(e).isInstanceOf(TimeoutException.class).hasMessageContaining("PT30S"))
                .verify(PATIENCE);
        assertThatIllegalArgumentException().isThrownBy(() -> BearerAuth.of(none(), Duration.ZERO));
    }

    @Test
    void inTheSeatOfTheNetworkItNeedsToKnowItsOrigin() {
        try (RawOrigin origin = accepting("t2")) {
            try (Closing closing = new Closing(
                    ClientSession.builder().networkMiddleware(counting()).build())) {
                StepVerifier.create(closing.session.get(origin.url("/")).text())
                        .expectErrorSatisfies(e -> assertThat(e).hasMessageContaining("baseUrl"))
                        .verify(PATIENCE);
            }
            try (Closing closing = new Closing(ClientSession.builder()
                    .baseUrl(origin.url("/"))
                    .networkMiddleware(counting())
                    .build())) {
                assertThat(closing.session.get("x").text().block(PATIENCE)).isEqualTo("ok");
            }
        }
    }

    @Test
    void responseOfUnknownOriginIsNoRefusal() {
        Answers answers = new Answers(n -> Mono.just(new StoredResponse(
                401,
                "",
                HeaderBlock.EMPTY,
                "nowhere",
                List.of(),
                new Timings(Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO),
                HeaderBlock.EMPTY,
                new byte[0])));
        assertThat(answers.through(counting()).block(PATIENCE)).isEqualTo(401);
        assertThat(answers.asked).isOne();
        answers.session.dispose();
    }

    @Test
    void tokensShowNothingAndHoldNothingThatCannotBeSent() {
        assertThat(Token.of("s3cret")).hasToString("Token(***)");
        assertThat(Token.of("s3cret", Duration.ofDays(100_000)).value()).isEqualTo("s3cret");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Token.of("a\r\nb"))
                .withMessageNotContaining("a\r");
        assertThatIllegalArgumentException().isThrownBy(() -> Token.of("a", Duration.ofSeconds(-1)));
    }
}
