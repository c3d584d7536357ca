package io.github.asyncio4j.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.asyncio4j.ratelimit.RateLimiter;
import io.github.asyncio4j.testing.NoLeaks;
import io.github.asyncio4j.testing.RawOrigin;
import io.github.asyncio4j.time.Timeouts;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import reactor.core.Disposable;
import reactor.core.Scannable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

/** The seat below redirects, cookies and digest. */
@ExtendWith(NoLeaks.class)
@Timeout(value = 30, unit = TimeUnit.SECONDS)
class NetworkMiddlewareTest {

    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    private static final String THERE =
            "HTTP/1.1 302 Found\r\nLocation: /there\r\nSet-Cookie: a=1\r\nContent-Length: 4\r\n\r\nmove";

    private static Closing with(Middleware... middlewares) {
        ClientSession.Builder builder =
                ClientSession.builder().limits(ConnectionLimits.defaults().withTotal(2));
        for (Middleware middleware : middlewares) {
            builder.networkMiddleware(middleware);
        }
        return new Closing(builder.build());
    }

    private static Middleware noting(List<String> notes, String name) {
        return (request, next) -> {
            notes.add(name + " " + request.method() + " " + path(request));
            return next.proceed(request).doOnNext(response -> notes.add(name + " " + response.status()));
        };
    }

    private static String path(ClientRequest request) {
        return request.url().replaceFirst("http://[^/]*", "");
    }

    /** Leads from / to /there. */
    private static RawOrigin redirecting() {
        return RawOrigin.start(peer -> {
            while (peer.readRequest()) {
                peer.send(peer.lastRequest().startsWith("GET / ") ? THERE : OK);
            }
        });
    }

    private static StoredResponse stored(ClientRequest request, int status, String body, String... header) {
        HeaderList headers = HeaderList.EMPTY;
        for (int i = 0; i < header.length; i += 2) {
            headers = headers.add(header[i], header[i + 1]);
        }
        Timings none = new Timings(Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO);
        return new StoredResponse(
                status,
                "",
                new RequestHeaders(headers),
                request.url(),
                List.of(),
                none,
                HeaderBlock.EMPTY,
                body.getBytes());
    }

    @Nested
    class WhatItSees {

        @Test
        void eachHopAndEachResponse() {
            List<String> notes = new CopyOnWriteArrayList<>();
            try (RawOrigin origin = redirecting();
                    Closing closing = with(noting(notes, "a"), noting(notes, "b"))) {
                List<String> way = closing.session
                        .get(origin.url("/"))
                        .middlewares(noting(notes, "outside"))
                        .use(response -> Mono.just(response.history().stream()
                                .map(hop -> hop.status() + "")
                                .toList()))
                        .block(PATIENCE);
                assertThat(way).containsExactly("302");
                assertThat(notes)
                        .containsExactly(
                                "outside GET /",
                                "a GET /",
                                "b GET /",
                                "b 302",
                                "a 302",
                                "a GET /there",
                                "b GET /there",
                                "b 200",
                                "a 200",
                                "outside 200");
            }
        }

        @Test
        void theRequestAsItGoesOut() {
            List<ClientRequest> seen = new CopyOnWriteArrayList<>();
            try (RawOrigin origin = redirecting()) {
                ClientSession session = ClientSession.builder()
                        .header("X-Session", "s")
                        .basicAuth("me", "pass")
                        .cookieJar(CookieJar.unsafe())
                        .networkMiddleware((request, next) -> {
                            seen.add(request);
                            return next.proceed(request);
                        })
                        .build();
                try (Closing closing = new Closing(session)) {
                    session.get(origin.url("/"))
                            .header("X-Own", "o")
                            .cookie("b", "2")
                            .text()
                            .block(PATIENCE);
                    session.post(origin.url("/there")).body("hello").text().block(PATIENCE);
                    session.post(origin.url("/there")).text().block(PATIENCE);
                    session.put(origin.url("/there"))
                            .header("Content-Type", "text/csv")
                            .header("Content-Length", "2")
                            .body(Flux.just(java.nio.ByteBuffer.wrap(new byte[2])))
                            .text()
                            .block(PATIENCE);
                }
                assertThat(seen).hasSize(5);
                for (int i = 0; i < seen.size(); i++) {
                    assertThat(fieldsOf(seen.get(i)))
                            .containsExactlyInAnyOrderElementsOf(
                                    sent(origin.requests().get(i)));
                }
                assertThat(seen.get(0).headers().first("cookie")).contains("b=2");
                assertThat(seen.get(1).headers().first("cookie")).contains("b=2; a=1");
                assertThat(seen.get(1).headers().first("authorization")).isPresent();
                assertThat(seen.get(2).headers().first("content-length")).contains("5");
                assertThat(seen.get(2).isReplayable()).isTrue();
            }
        }

        private List<String> fieldsOf(ClientRequest request) {
            return request.headers().names().stream()
                    .map(name -> name + ": " + request.headers().first(name).orElseThrow())
                    .toList();
        }

        private List<String> sent(String request) {
            String head = request.substring(0, request.indexOf("\r\n\r\n"));
            return Arrays.stream(head.split("\r\n")).skip(1).toList();
        }

        @Test
        void theChallengeAndTheAnswerToIt() {
            List<String> notes = new CopyOnWriteArrayList<>();
            try (RawOrigin origin = RawOrigin.start(peer -> {
                while (peer.readRequest()) {
                    peer.send(
                            peer.lastRequest().contains("Authorization: Digest")
                                    ? OK
                                    : "HTTP/1.1 401 No\r\nWWW-Authenticate: Digest realm=\"r\", nonce=\"n\","
                                            + " qop=\"auth\"\r\nContent-Length: 0\r\n\r\n");
                }
            })) {
                ClientSession session = ClientSession.builder()
                        .digestAuth("me", "pass")
                        .networkMiddleware((request, next) -> {
                            notes.add("signed: " + request.headers().contains("Authorization"));
                            return next.proceed(request).doOnNext(response -> notes.add("" + response.status()));
                        })
                        .build();
                try (Closing closing = new Closing(session)) {
                    assertThat(session.get(origin.url("/")).text().block(PATIENCE))
                            .isEqualTo("ok");
                }
                assertThat(notes).containsExactly("signed: false", "401", "signed: true", "200");
            }
        }

        @Test
        void theContextOfTheCaller() {
            AtomicReference<String> seen = new AtomicReference<>();
            Middleware looking = (request, next) -> Mono.deferContextual(context -> {
                seen.set(context.get("who"));
                return next.proceed(request);
            });
            try (RawOrigin origin = RawOrigin.answering(OK);
                    Closing closing = with(looking)) {
                closing.session
                        .get(origin.url("/"))
                        .text()
                        .contextWrite(context -> context.put("who", "me"))
                        .block(PATIENCE);
                assertThat(seen).hasValue("me");
            }
        }

        @Test
        void handshakesOfWebSockets() {
            List<String> notes = new CopyOnWriteArrayList<>();
            try (RawOrigin origin = FramePeer.echo();
                    Closing closing = with(noting(notes, "n"))) {
                String received = closing.session
                        .webSocket(origin.url("/chat"))
                        .use(socket ->
                                socket.send("hi").then(socket.receiveText().next()))
                        .block(PATIENCE);
                assertThat(received).isEqualTo("hi");
                assertThat(notes).containsExactly("n GET /chat", "n 101");
            }
        }
    }

    @Nested
    class WhatItChanges {

        @Test
        void headersAndQueryOfWhatGoesOut() {
            Middleware changing = (request, next) -> next.proceed(request.header("X-Signature", "s")
                    .withoutHeader("User-Agent")
                    .withoutHeader("Cookie")
                    .param("k", 1)
                    .encodedUrl());
            try (RawOrigin origin = RawOrigin.answering(OK);
                    Closing closing = with(changing)) {
                closing.session
                        .post("http://me:pass@127.0.0.1:" + origin.port() + "/?a=b#c")
                        .cookie("a", "1")
                        .body("hello")
                        .text()
                        .block(PATIENCE);
                assertThat(origin.requests().get(0))
                        .startsWith("POST /?a=b&k=1 ")
                        .contains(
                                "X-Signature: s\r\n", "Content-Length: 5\r\n", "Authorization: Basic bWU6cGFzcw==\r\n")
                        .doesNotContain("User-Agent", "Cookie")
                        .endsWith("hello");
            }
        }

        @Test
        void packingAndProgressAddedThereWork() {
            List<Long> progress = new CopyOnWriteArrayList<>();
            try (RawOrigin origin = RawOrigin.start(peer -> {
                        String head = peer.readHead();
                        boolean packed = head.contains("Content-Encoding: gzip\r\n")
                                && head.contains("Transfer-Encoding: chunked\r\n")
                                && !head.contains("Content-Length");
                        peer.send("HTTP/1.1 " + (packed ? 200 : 400) + " X\r\nContent-Length: 0\r\n\r\n");
                        peer.awaitClose();
                    });
                    Closing closing = with((request, next) ->
                            next.proceed(request.compress(true).onUpload(progress::add)))) {
                assertThat(closing.session
                                .post(origin.url("/"))
                                .body("hello")
                                .status()
                                .block(PATIENCE))
                        .isEqualTo(200);
                assertThat(progress).isNotEmpty();
            }
        }

        @Test
        void aRequestOfItsOwnIsSentAsItIs(@org.junit.jupiter.api.io.TempDir java.nio.file.Path directory)
                throws Exception {
            java.nio.file.Path file = java.nio.file.Files.writeString(directory.resolve("a.txt"), "file");
            try (RawOrigin origin = RawOrigin.answering(OK);
                    Closing closing = with((request, next) -> next.proceed(((DefaultClientRequest) request)
                            .session()
                            .put(request.url() + "other")
                            .body(file)))) {
                assertThat(closing.session.get(origin.url("/")).text().block(PATIENCE))
                        .isEqualTo("ok");
                assertThat(origin.requests().get(0)).startsWith("PUT /other ").endsWith("file");
            }
        }

        @Test
        void oneThatCannotBeSentFails() {
            try (Closing closing = with((request, next) -> next.proceed(((DefaultClientRequest) request)
                    .session()
                    .get("http://a:b@h/")
                    .bearerAuth("x")))) {
                StepVerifier.create(closing.session.get("http://h/").text())
                        .expectError(InvalidUrlException.class)
                        .verify(PATIENCE);
            }
        }
    }

    @Nested
    class WhatItAnswers {

        @Test
        void redirectsAndCookiesOfItsResponsesCount() {
            List<String> cookies = new CopyOnWriteArrayList<>();
            Middleware answering = (request, next) -> {
                cookies.add(request.headers().first("cookie").orElse(""));
                return Mono.just(
                        path(request).equals("/")
                                ? stored(request, 302, "", "Location", "/there", "Set-Cookie", "a=1")
                                : stored(request, 200, "here"));
            };
            try (Closing closing = with(answering)) {
                String seen = closing.session
                        .get("http://h/")
                        .use(response -> response.text()
                                .map(text -> text
                                        + response.url()
                                        + response.history().size()))
                        .block(PATIENCE);
                assertThat(seen).isEqualTo("herehttp://h/there1");
                assertThat(cookies).containsExactly("", "a=1");
                assertThat(closing.session.statistics().created()).isZero();
            }
        }

        @Test
        void oneThatIsWrappedIsReadAndReleased() {
            try (RawOrigin origin = redirecting();
                    Closing closing =
                            with((request, next) -> next.proceed(request).map(ForeignResponse::new))) {
                String seen = closing.session
                        .get(origin.url("/"))
                        .use(response -> response.text().map(text -> text + response.history()))
                        .block(PATIENCE);
                assertThat(seen).startsWith("ok[").contains("302");
                assertThat(closing.session.get(origin.url("/")).status().block(PATIENCE))
                        .isEqualTo(200);
                assertThat(closing.session.statistics().created()).isOne();
            }
        }

        @Test
        void statusIsRaisedAboveIt() {
            try (Closing closing = with((request, next) -> Mono.just(stored(request, 500, "broken")))) {
                StepVerifier.create(closing.session
                                .get("http://h/")
                                .raiseForStatus(true)
                                .text())
                        .expectErrorSatisfies(e -> assertThat(e)
                                .isInstanceOfSatisfying(
                                        ClientResponseException.class,
                                        raised -> assertThat(raised.body()).isEqualTo("broken")))
                        .verify(PATIENCE);
            }
        }

        @Test
        void headersThatCannotBeAreRefused() {
            Headers split = new Headers() {
                @Override
                public java.util.Optional<String> first(String name) {
                    return java.util.Optional.empty();
                }

                @Override
                public List<String> all(String name) {
                    return List.of("a\r\nLocation: /");
                }

                @Override
                public boolean contains(String name) {
                    return true;
                }

                @Override
                public List<String> names() {
                    return List.of("X");
                }
            };
            Middleware splitting = (request, next) -> Mono.just(new StoredResponse(
                    200,
                    "",
                    split,
                    "http://h/",
                    List.of(),
                    new Timings(Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO),
                    split,
                    new byte[0]));
            try (Closing closing = with(splitting)) {
                StepVerifier.create(closing.session.get("http://h/").text())
                        .expectError(InvalidResponseException.class)
                        .verify(PATIENCE);
            }
        }

        @Test
        void itCannotAnswerAHandshake() {
            try (Closing closing = with((request, next) -> Mono.just(stored(request, 403, "no")))) {
                StepVerifier.create(closing.session.webSocket("ws://h/").use(socket -> Mono.empty()))
                        .expectErrorSatisfies(e -> assertThat(e)
                                .isInstanceOfSatisfying(
                                        WebSocketHandshakeException.class,
                                        refused -> assertThat(refused.status()).isEqualTo(403)))
                        .verify(PATIENCE);
            }
        }

        @Test
        void nothingAndWhatIsThrownFailTheRequest() {
            AtomicReference<Middleware> middleware = new AtomicReference<>();
            try (Closing closing = with((request, next) -> middleware.get().handle(request, next))) {
                Mono<String> text = closing.session.get("http://h/").text();
                middleware.set((request, next) -> null);
                StepVerifier.create(text)
                        .expectErrorSatisfies(e -> assertThat(e).hasMessageContaining("a middleware"))
                        .verify(PATIENCE);
                middleware.set((request, next) -> Mono.empty());
                StepVerifier.create(text)
                        .expectErrorMessage("a middleware completed without a response")
                        .verify(PATIENCE);
                middleware.set((request, next) -> {
                    throw new IllegalStateException("thrown");
                });
                StepVerifier.create(text).expectErrorMessage("thrown").verify(PATIENCE);
                middleware.set((request, next) -> Mono.error(new ServerDisconnectedException("gone", null)));
                StepVerifier.create(text)
                        .expectError(ServerDisconnectedException.class)
                        .verify(PATIENCE);
            }
        }
    }

    @Nested
    class WhatItHolds {

        @Test
        void droppedResponsesAreReleasedAtTheEnd() {
            try (RawOrigin origin = redirecting();
                    Closing closing =
                            with((request, next) -> next.proceed(request).then(next.proceed(request)))) {
                Mono<String> text = closing.session.get(origin.url("/there")).text();
                assertThat(text.block(PATIENCE)).isEqualTo("ok");
                assertThat(closing.session.statistics().inUse()).isZero();
                assertThat(closing.session.statistics().idle()).isEqualTo(2);
            }
        }

        @Test
        void repeatedRequestsOfRetryUseOneConnection() {
            AtomicInteger count = new AtomicInteger();
            Middleware retry = (request, next) -> next.proceed(request)
                    .flatMap(response -> response.status() == 503
                            ? response.release().then(next.proceed(request))
                            : Mono.just(response));
            try (RawOrigin origin = RawOrigin.start(peer -> {
                        while (peer.readRequest()) {
                            peer.send(
                                    count.incrementAndGet() % 2 == 1
                                            ? "HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy"
                                            : OK);
                        }
                    });
                    Closing closing = with(retry)) {
                assertThat(closing.session.get(origin.url("/")).text().block(PATIENCE))
                        .isEqualTo("ok");
                assertThat(closing.session.statistics().created()).isOne();
            }
        }

        @Test
        void aCancelClosesWhatRunsAndTheScopeWaitsForIt() {
            try (RawOrigin origin = RawOrigin.start(peer -> {
                        peer.readRequest();
                        peer.awaitClose();
                    });
                    Closing closing = with((request, next) -> next.proceed(request))) {
                StepVerifier.create(Timeouts.timeout(
                                closing.session.get(origin.url("/")).text(), Duration.ofMillis(100), "mine"))
                        .expectErrorSatisfies(e ->
                                assertThat(closing.session.statistics().inUse()).isZero())
                        .verify(PATIENCE);
                origin.awaitOpen(0);
            }
        }

        @Test
        void aCancelWhileTheMiddlewareKeepsTheResponseClosesIt() {
            CountDownLatch arrived = new CountDownLatch(1);
            Middleware holding = (request, next) ->
                    next.proceed(request).doOnNext(r -> arrived.countDown()).then(Mono.never());
            try (RawOrigin origin = RawOrigin.answering(OK);
                    Closing closing = with(holding)) {
                Disposable running = closing.session.get(origin.url("/")).text().subscribe();
                closing.await(arrived);
                running.dispose();
                closing.awaitRest();
            }
        }

        @Test
        void aCancelWhileTheBodyIsReadClosesIt() {
            CountDownLatch arrived = new CountDownLatch(1);
            try (RawOrigin origin = RawOrigin.start(peer -> {
                        peer.readRequest();
                        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no");
                        peer.awaitClose();
                    });
                    Closing closing = with((request, next) -> next.proceed(request))) {
                Disposable running = closing.session
                        .get(origin.url("/"))
                        .chunks()
                        .doOnNext(piece -> arrived.countDown())
                        .subscribe();
                closing.await(arrived);
                running.dispose();
                origin.awaitOpen(0);
            }
        }

        @Test
        void aLateAnswerIsGivenBack() {
            AtomicReference<reactor.core.publisher.MonoSink<ClientResponse>> sink = new AtomicReference<>();
            Middleware late = (request, next) -> Mono.create(sink::set);
            try (Closing closing = with(late)) {
                Disposable running = closing.session.get("http://h/").text().subscribe();
                running.dispose();
                sink.get().success(stored(closing.session.get("http://h/"), 200, ""));
            }
        }
    }

    @Nested
    class Time {

        @Test
        void aTimeoutSetThereIsForOneAttempt() {
            AtomicInteger attempts = new AtomicInteger();
            Middleware again = (request, next) -> next.proceed(request.timeout(Duration.ofMillis(50)))
                    .onErrorResume(ClientTimeoutException.class, e -> next.proceed(request));
            try (RawOrigin origin = RawOrigin.start(peer -> {
                        while (peer.readRequest()) {
                            if (attempts.incrementAndGet() > 1) {
                                peer.send(OK);
                            }
                        }
                    });
                    Closing closing = with(again)) {
                assertThat(closing.session.get(origin.url("/")).text().block(PATIENCE))
                        .isEqualTo("ok");
            }
        }

        @Test
        void theTotalOfTheRequestSpansAllOfIt() {
            AtomicReference<Middleware> middleware = new AtomicReference<>((request, next) -> Mono.never());
            try (RawOrigin origin = RawOrigin.start(RawOrigin.Peer::awaitClose);
                    Closing closing = with((request, next) -> middleware.get().handle(request, next))) {
                Duration total = Duration.ofMillis(50);
                Mono<String> text =
                        closing.session.get(origin.url("/")).timeout(total).text();
                StepVerifier.create(text)
                        .expectError(ClientTimeoutException.class)
                        .verify(PATIENCE);
                StepVerifier.create(closing.session
                                .webSocket(origin.url("/"))
                                .timeout(ClientTimeout.total(total))
                                .use(socket -> Mono.empty()))
                        .expectError(ClientTimeoutException.class)
                        .verify(PATIENCE);
                middleware.set((request, next) -> next.proceed(request.timeout(ClientTimeout.none())));
                StepVerifier.create(text)
                        .expectError(ClientTimeoutException.class)
                        .verify(PATIENCE);
            }
        }

        @Test
        void withoutATimeoutThereIsNone() {
            try (RawOrigin origin = RawOrigin.answering(OK);
                    Closing closing = with((request, next) -> next.proceed(request))) {
                assertThat(closing.session
                                .get(origin.url("/"))
                                .timeout(ClientTimeout.none())
                                .text()
                                .block(PATIENCE))
                        .isEqualTo("ok");
            }
        }
    }

    @Nested
    class OursAreAtHomeThere {

        @Test
        void aRateLimitCountsEachHop() {
            List<String> starts = new CopyOnWriteArrayList<>();
            RateLimiter limiter = RateLimiter.slidingWindow(3, Duration.ofMinutes(1));
            try (RawOrigin origin = redirecting();
                    Closing closing = with(HostRateLimit.of(() -> limiter), noting(starts, "n"))) {
                closing.session.get(origin.url("/")).text().block(PATIENCE);
                closing.session.get(origin.url("/there")).text().block(PATIENCE);
                Mono<String> waiting = closing.session
                        .get(origin.url("/there"))
                        .timeout(Duration.ofMillis(100))
                        .text();
                StepVerifier.create(waiting)
                        .expectError(ClientTimeoutException.class)
                        .verify(PATIENCE);
                assertThat(origin.requests()).hasSize(3);
            }
        }

        @Test
        void retryRepeatsOneHopOnly() {
            List<String> notes = new CopyOnWriteArrayList<>();
            AtomicInteger there = new AtomicInteger();
            try (RawOrigin origin = RawOrigin.start(peer -> {
                        while (peer.readRequest()) {
                            boolean first = peer.lastRequest().startsWith("GET / ");
                            peer.send(
                                    first
                                            ? THERE
                                            : there.incrementAndGet() == 1
                                                    ? "HTTP/1.1 503 Busy\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n"
                                                    : OK);
                        }
                    });
                    Closing closing = with(Retry.create(), noting(notes, "n"))) {
                assertThat(closing.session.get(origin.url("/")).text().block(PATIENCE))
                        .isEqualTo("ok");
                assertThat(notes).containsExactly("n GET /", "n 302", "n GET /there", "n 503", "n GET /there", "n 200");
            }
        }

        @Test
        void singleFlightSharesAHop() {
            AtomicInteger sent = new AtomicInteger();
            CountDownLatch both = new CountDownLatch(2);
            Middleware counting = (request, next) -> {
                sent.incrementAndGet();
                return next.proceed(request);
            };
            try (RawOrigin origin = RawOrigin.start(peer -> {
                        peer.readRequest();
                        both.await();
                        peer.send(OK);
                        peer.awaitClose();
                    });
                    Closing closing = with(
                            (request, next) -> next.proceed(request).doOnSubscribe(joined -> both.countDown()),
                            SingleFlight.create(),
                            counting)) {
                Mono<String> text = closing.session.get(origin.url("/")).text();
                assertThat(Flux.merge(text, text).collectList().block(PATIENCE)).containsExactly("ok", "ok");
                assertThat(sent).hasValue(1);
            }
        }
    }

    @Test
    void attemptsAreScannable() {
        AtomicReference<Scannable> attempt = new AtomicReference<>();
        try (RawOrigin origin = RawOrigin.answering(OK);
                Closing closing = with((request, next) -> {
                    Mono<ClientResponse> sent = next.proceed(request);
                    assertThat(Scannable.from(sent).name()).isEqualTo("GET " + request.url());
                    assertThat(Scannable.from(sent).scan(Scannable.Attr.RUN_STYLE))
                            .isEqualTo(Scannable.Attr.RunStyle.ASYNC);
                    return sent.doOnSubscribe(subscription -> attempt.set(Scannable.from(subscription)));
                })) {
            closing.session.get(origin.url("/")).text().block(PATIENCE);
            Scannable seen = attempt.get();
            assertThat(seen.scan(Scannable.Attr.CANCELLED)).isFalse();
            assertThat(seen.scan(Scannable.Attr.ACTUAL)).isNotNull();
            assertThat(seen.scan(Scannable.Attr.RUN_STYLE)).isEqualTo(Scannable.Attr.RunStyle.ASYNC);
            assertThat(seen.scan(Scannable.Attr.PREFETCH)).isNotNull();
        }
    }
}
