package io.github.asyncio4j.benchmarks;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.LongAdder;
import kotlin.ResultKt;
import kotlin.Unit;
import kotlin.coroutines.Continuation;
import kotlin.coroutines.CoroutineContext;
import kotlin.coroutines.intrinsics.IntrinsicsKt;
import kotlin.coroutines.jvm.internal.ContinuationImpl;
import kotlinx.coroutines.ExecutorsKt;
import kotlinx.coroutines.channels.BufferOverflow;
import kotlinx.coroutines.channels.Channel;
import kotlinx.coroutines.channels.ChannelKt;
import kotlinx.coroutines.channels.ClosedReceiveChannelException;

/** What Kotlin's compiler makes of a loop around {@code send} and one around {@code receive}. */
final class KotlinChannel {

    private final Channel<Integer> channel;
    private final CoroutineContext context;

    KotlinChannel(int capacity, Executor threads) {
        this.channel = ChannelKt.Channel(capacity, BufferOverflow.SUSPEND, null);
        this.context = ExecutorsKt.from(threads);
    }

    void close() {
        channel.close(null);
    }

    /** Sends so many items; counts down when they are sent. */
    void produce(int items, CountDownLatch done) {
        start(new Sending(channel, items, new End(context, done)));
    }

    /** Counts what it receives until the channel is closed. */
    void consume(LongAdder count, CountDownLatch done) {
        start(new Receiving(channel, count, new End(context, done)));
    }

    private static void start(Continuation<Object> loop) {
        IntrinsicsKt.intercepted(loop).resumeWith(Unit.INSTANCE);
    }

    private static final class Sending extends ContinuationImpl {
        private final transient Channel<Integer> channel;
        private int left;

        Sending(Channel<Integer> channel, int items, Continuation<Object> completion) {
            super(completion);
            this.channel = channel;
            this.left = items;
        }

        @Override
        protected Object invokeSuspend(Object result) {
            ResultKt.throwOnFailure(result);
            while (left > 0) {
                left--;
                if (channel.send(left, unit()) == IntrinsicsKt.getCOROUTINE_SUSPENDED()) {
                    return IntrinsicsKt.getCOROUTINE_SUSPENDED();
                }
            }
            return Unit.INSTANCE;
        }

        @SuppressWarnings({"unchecked", "rawtypes"})
        private Continuation<Unit> unit() {
            return (Continuation) this;
        }
    }

    private static final class Receiving extends ContinuationImpl {
        private final transient Channel<Integer> channel;
        private final transient LongAdder count;

        Receiving(Channel<Integer> channel, LongAdder count, Continuation<Object> completion) {
            super(completion);
            this.channel = channel;
            this.count = count;
        }

        @Override
        @SuppressWarnings({"unchecked", "rawtypes"})
        protected Object invokeSuspend(Object result) {
            ResultKt.throwOnFailure(result);
            Object received = result;
            while (true) {
                if (received instanceof Integer) {
                    count.increment();
                }
                received = channel.receive((Continuation) this);
                if (received == IntrinsicsKt.getCOROUTINE_SUSPENDED()) {
                    return received;
                }
            }
        }
    }

    private record End(CoroutineContext context, CountDownLatch done) implements Continuation<Object> {
        @Override
        public CoroutineContext getContext() {
            return context;
        }

        @Override
        public void resumeWith(Object result) {
            try {
                ResultKt.throwOnFailure(result);
            } catch (ClosedReceiveChannelException e) {
                // how a receiver learns of the end
            }
            done.countDown();
        }
    }
}
