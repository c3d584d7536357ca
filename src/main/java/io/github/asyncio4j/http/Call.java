package io.github.asyncio4j.http;

import io.github.asyncio4j.http.ClientTimeoutException.Phase;
import io.github.asyncio4j.internal.Expiry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.Scannable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/**
 * One request of a user: an {@link Exchange}, and another one for each redirect, within one deadline.
 *
 * <p>The response belongs to whoever receives it and has to be released, also when this is cancelled after it was
 * emitted: then it is closed here.
 */
final class Call implements Exchange.Owner, Subscription, Scannable {

    private static final AtomicReferenceFieldUpdater<Call, Disposable> CURRENT =
            AtomicReferenceFieldUpdater.newUpdater(Call.class, Disposable.class, "current");

    private static final Disposable NEW = () -> {};
    private static final Disposable PREPARING = () -> {};
    private static final Disposable CANCELLED = Disposables.disposed();

    // The scope whose deadline it is cancels this request and reports it; only if nobody does, the request itself gives
    // up.
    private static final long DEADLINE_GRACE = Duration.ofSeconds(1).toNanos();

    final ClientSession session;
    final RequestOptions options;
    private final Outgoing first;
    private final CoreSubscriber<? super OpenResponse> actual;
    private final Context context;
    private final long startedAt = System.nanoTime();
    private final long deadline;
    /** Null when nobody traces. */
    final @Nullable Traces traces;

    private volatile Disposable current = NEW;
    private @Nullable List<ClientResponse.Hop> history;
    /** Before it was signed. */
    private Outgoing asked;

    private int signed;

    private Call(
            ClientSession session,
            Outgoing first,
            RequestOptions options,
            CoreSubscriber<? super OpenResponse> actual) {
        this.session = session;
        this.first = first;
        this.asked = first;
        this.options = options;
        this.actual = actual;
        this.context = actual.currentContext();
        this.deadline = deadline(startedAt, options.timeout(), Expiry.from(context));
        this.traces = Traces.of(session.defaults().traces(), context);
    }

    static Mono<OpenResponse> mono(ClientSession session, Outgoing first, RequestOptions options) {
        return new MonoCall(session, first, options).assembled();
    }

    static long deadline(long now, ClientTimeout timeout, @Nullable Expiry expiry) {
        long budget =
                timeout.total().isPresent() ? Instants.nanos(timeout.total().get()) : Instants.FOREVER;
        if (expiry instanceof Budget total) {
            budget = Math.min(budget, total.own());
            expiry = total.outer();
        }
        if (expiry != null) {
            budget = Math.min(budget, Math.min(expiry.remainingNanos(), Instants.FOREVER) + DEADLINE_GRACE);
        }
        return now + Math.min(budget, Instants.FOREVER);
    }

    @Override
    public void request(long n) {
        if (!Operators.validate(n) || !CURRENT.compareAndSet(this, NEW, PREPARING)) {
            return;
        }
        if (traces != null) {
            traces.start(first);
        }
        if (Expiry.isExpired(context)) {
            failed(Expiry.exceeded(context, first.describe()));
            return;
        }
        Netrc netrc = session.defaults().netrc();
        if (netrc == null || netrc.isRead()) {
            begin(first);
            return;
        }
        Disposable.Swap preparing = Disposables.swap();
        if (advance(preparing)) {
            preparing.replace(netrc.prepared().subscribe(nothing -> {}, this::failed, () -> begin(first)));
        }
    }

    private void begin(Outgoing request) {
        RequestBody body = request.body();
        if (body == null || body.isPrepared()) {
            exchange(request);
            return;
        }
        Disposable.Swap preparing = Disposables.swap();
        if (advance(preparing)) {
            preparing.replace(body.prepared().subscribe(ready -> exchange(request.withBody(ready)), this::failed));
        }
    }

    private void exchange(Outgoing request) {
        asked = request;
        DigestAuth digest = digestFor(request);
        Outgoing signed = digest == null ? byFile(request) : digest.sign(request);
        List<Middleware> middlewares = session.defaults().networkMiddlewares();
        if (middlewares.isEmpty()) {
            Exchange next = new Exchange(this, this, signed, options, deadline);
            if (advance(next)) {
                next.start();
            }
        } else {
            Hop next = new Hop(this, signed);
            if (advance(next)) {
                next.start(middlewares);
            }
        }
    }

    private Outgoing byFile(Outgoing request) {
        Netrc netrc = session.defaults().netrc();
        return netrc == null ? request : netrc.sign(request, first);
    }

    private boolean advance(Disposable next) {
        Disposable before = current;
        return before != CANCELLED && CURRENT.compareAndSet(this, before, next);
    }

    @Override
    public void arrived(Exchange from, DefaultClientResponse response) {
        arrived(from.request, response, response.head());
    }

    /** The head of an answer to {@code sent} is here; follows it if it says so. */
    void arrived(Outgoing sent, OpenResponse response, ResponseHead head) {
        Outgoing next;
        try {
            CookieStore jar = session.cookieStore();
            if (jar != null) {
                jar.receive(sent.url(), head);
            }
            next = isWorthSigning(sent, head) ? asked : Redirects.next(asked, head, options, hops());
        } catch (ClientException e) {
            response.release(() -> failed(e));
            return;
        }
        if (current == CANCELLED) {
            response.abort();
        } else if (next == null) {
            if (traces != null) {
                traceAnswer(traces, head);
            }
            arrivedLast(response.arrivedAfter(hops()));
        } else {
            if (next != asked) {
                hop(new ClientResponse.Hop(head.status, sent.url().toString(), head.headers));
                if (traces != null) {
                    traces.redirected(head.status, next.url());
                }
            }
            Outgoing following = next;
            response.release(() -> begin(following));
        }
    }

    private void traceAnswer(Traces told, ResponseHead head) {
        if (head.status == 101) {
            told.upgraded();
        } else {
            told.answered(head.status);
        }
    }

    private void arrivedLast(OpenResponse response) {
        OpenResponses open = OpenResponses.from(context);
        if (open == null || open.add(response)) {
            actual.onNext(response);
            actual.onComplete();
        } else {
            response.abort();
        }
    }

    /** Digest credentials belong to the origin that was asked for in the first place. */
    private @Nullable DigestAuth digestFor(Outgoing request) {
        DigestAuth digest = session.defaults().digest();
        Url base = session.defaults().baseUrl();
        Origin home = base == null ? first.url().origin : base.origin;
        boolean applies = digest != null
                && request.url().origin.equals(home)
                && !request.headers().contains("Authorization");
        return applies ? digest : null;
    }

    private boolean isWorthSigning(Outgoing sent, ResponseHead head) {
        DigestAuth digest = head.status == 401 ? digestFor(asked) : null;
        return digest != null && asked.isReplayable() && ++signed <= 2 && digest.learn(sent, head);
    }

    private void hop(ClientResponse.Hop followed) {
        List<ClientResponse.Hop> known = history;
        if (known == null) {
            known = new ArrayList<>(2);
            history = known;
        }
        known.add(followed);
    }

    private List<ClientResponse.Hop> hops() {
        return history == null ? List.of() : history;
    }

    @Override
    public void failed(Throwable error) {
        if (CURRENT.getAndSet(this, CANCELLED) != CANCELLED) {
            if (traces != null) {
                traces.failed(error);
            }
            actual.onError(error);
        }
    }

    @Override
    public void cancel() {
        Disposable before = CURRENT.getAndSet(this, CANCELLED);
        if (traces != null && before != CANCELLED) {
            traces.cancelled();
        }
        before.dispose();
    }

    @Override
    public Context context() {
        return context;
    }

    long startedAt() {
        return startedAt;
    }

    /** Instant of System.nanoTime by which all must be over. */
    long deadline() {
        return deadline;
    }

    boolean isCancelled() {
        return current == CANCELLED;
    }

    ClientTimeoutException timeout(Outgoing request, Phase phase) {
        long millis = (System.nanoTime() - startedAt) / 1_000_000;
        String doing = switch (phase) {
            case QUEUE -> "waiting for a free connection";
            case DNS -> "looking up the host";
            case CONNECT -> "connecting";
            case TLS -> "in the TLS handshake";
            case WRITE -> "sending the request";
            case HEADERS -> "waiting for the response";
            case BODY -> "reading the body";
            case TOTAL -> "its total time was used up";
        };
        return new ClientTimeoutException(request.describe() + ": timed out after " + millis + " ms, " + doing, phase);
    }

    @Override
    public @Nullable Object scanUnsafe(@SuppressWarnings("rawtypes") Attr key) {
        if (key == Attr.ACTUAL) {
            return actual;
        }
        if (key == Attr.CANCELLED) {
            return isCancelled();
        }
        return key == Attr.RUN_STYLE ? Attr.RunStyle.ASYNC : null;
    }

    @Override
    public String toString() {
        return first.describe();
    }

    private static final class MonoCall extends Mono<OpenResponse> implements Scannable {
        private final ClientSession session;
        private final Outgoing first;
        private final RequestOptions options;

        MonoCall(ClientSession session, Outgoing first, RequestOptions options) {
            this.session = session;
            this.first = first;
            this.options = options;
        }

        Mono<OpenResponse> assembled() {
            return onAssembly(this);
        }

        @Override
        public void subscribe(CoreSubscriber<? super OpenResponse> actual) {
            actual.onSubscribe(new Call(session, first, options, actual));
        }

        @Override
        public @Nullable Object scanUnsafe(@SuppressWarnings("rawtypes") Attr key) {
            return key == Attr.NAME ? first.describe() : key == Attr.RUN_STYLE ? Attr.RunStyle.ASYNC : null;
        }
    }
}
