package io.github.asyncio4j.http;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Scannable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;

/** The whole body in one array, as long as it is not larger than allowed. */
final class Collector implements BodySink, Subscription, Scannable {

    // A declared length is not trusted with more memory than this before the bytes have come.
    private static final int MAX_AT_ONCE = 1 << 20;
    private static final byte[] NOTHING = new byte[0];

    private final DefaultClientResponse response;
    private final CoreSubscriber<? super byte[]> actual;
    private final long limit;
    private final boolean cut;
    private byte[] content = NOTHING;
    private int size;
    private boolean requested;
    private volatile boolean cancelled;

    private Collector(DefaultClientResponse response, CoreSubscriber<? super byte[]> actual, long limit, boolean cut) {
        this.response = response;
        this.actual = actual;
        this.limit = limit;
        this.cut = cut;
    }

    /** All of it; an error if it is more than {@code limit}. */
    static Mono<byte[]> of(DefaultClientResponse response, long limit) {
        return new MonoCollect(response, limit, false);
    }

    /** Its beginning, {@code limit} bytes at most; the rest is not read. */
    static Mono<byte[]> start(DefaultClientResponse response, long limit) {
        return new MonoCollect(response, limit, true);
    }

    @Override
    public void request(long n) {
        if (Operators.validate(n) && !requested) {
            requested = true;
            if (!cut && response.isDeclaredLargerThan(limit)) {
                response.abort();
                actual.onError(response.tooLarge());
            } else {
                response.consume(this);
            }
        }
    }

    @Override
    public void cancel() {
        cancelled = true;
        response.abort();
    }

    @Override
    public boolean wantsMore() {
        return !cancelled;
    }

    @Override
    public void take(ByteBuf from, int length) throws ClientException {
        long needed = (long) size + length;
        if (needed > limit) {
            if (!cut) {
                throw response.tooLarge();
            }
            append(from, (int) limit - size);
            from.skipBytes((int) (needed - limit));
        } else {
            append(from, length);
        }
    }

    private void append(ByteBuf from, int length) {
        long needed = (long) size + length;
        if (needed > content.length) {
            content = Arrays.copyOf(content, capacity(needed));
        }
        from.readBytes(content, size, length);
        size += length;
    }

    private int capacity(long needed) {
        if (size == 0) {
            long declared = Math.min(Math.min(response.declaredLength(), limit), MAX_AT_ONCE);
            return (int) Math.max(needed, declared);
        }
        return (int) Math.min(Integer.MAX_VALUE - 8, Math.max(needed, content.length * 2L));
    }

    @Override
    public void pump() {
        if (cut && size == limit && !cancelled) {
            byte[] beginning = content;
            cancel();
            actual.onNext(beginning);
            actual.onComplete();
        }
    }

    @Override
    public void ended() {
        if (!cancelled) {
            byte[] whole = size == content.length ? content : Arrays.copyOf(content, size);
            response.keep(whole);
            actual.onNext(whole);
            actual.onComplete();
        }
    }

    @Override
    public void failed(Throwable error) {
        if (!cancelled) {
            actual.onError(error);
        }
    }

    @Override
    public @Nullable Object scanUnsafe(@SuppressWarnings("rawtypes") Attr key) {
        return key == Attr.ACTUAL ? actual : key == Attr.CANCELLED ? cancelled : null;
    }

    private static final class MonoCollect extends Mono<byte[]> {
        private final DefaultClientResponse response;
        private final long limit;
        private final boolean cut;

        MonoCollect(DefaultClientResponse response, long limit, boolean cut) {
            this.response = response;
            this.limit = limit;
            this.cut = cut;
        }

        @Override
        public void subscribe(CoreSubscriber<? super byte[]> actual) {
            byte[] kept = response.kept();
            if (kept != null) {
                Mono.just(kept).subscribe(actual);
            } else {
                actual.onSubscribe(new Collector(response, actual, limit, cut));
            }
        }
    }
}
