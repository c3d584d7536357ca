package io.github.asyncio4j.file;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.asyncio4j.internal.CleanupLedger;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.Scannable;
import reactor.core.Scannable.Attr;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Hooks;
import reactor.core.publisher.Operators;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;
import reactor.test.publisher.TestPublisher;
import reactor.util.context.Context;

/** What the flows of files signal when little goes as planned; all on one thread. */
class FileSignalsTest {

    private static final Duration LIMIT = Duration.ofSeconds(10);

    @TempDir
    Path directory;

    private final Inline threads = new Inline();
    private Schedulers.Snapshot before;

    @BeforeEach
    void allOnThisThread() {
        before = Schedulers.setFactoryWithSnapshot(new Schedulers.Factory() {
            @Override
            public Scheduler newBoundedElastic(int cap, int queued, ThreadFactory factory, int ttl) {
                return threads;
            }

            @Override
            public Scheduler newParallel(int parallelism, ThreadFactory factory) {
                return threads;
            }
        });
    }

    @AfterEach
    void asBefore() {
        Schedulers.resetFrom(before);
    }

    /** Runs what it is given at once, until it refuses. */
    private static final class Inline implements Scheduler {
        private boolean refusing;

        @Override
        public Disposable schedule(Runnable task) {
            if (refusing) {
                throw new RejectedExecutionException("no threads");
            }
            task.run();
            return Disposables.disposed();
        }

        @Override
        public Disposable schedule(Runnable task, long delay, TimeUnit unit) {
            if (refusing) {
                throw new RejectedExecutionException("no clock");
            }
            return Disposables.single();
        }

        @Override
        public Worker createWorker() {
            throw new UnsupportedOperationException();
        }
    }

    /** Keeps its subscription and what it is told, and asks when it is told to. */
    private static final class Consumer<T> implements CoreSubscriber<T>, Scannable {
        private final List<Object> signals = new ArrayList<>();
        private final Context context;
        private Subscription subscription = Operators.emptySubscription();

        Consumer(Publisher<T> source, Context context) {
            this.context = context;
            source.subscribe(this);
        }

        Consumer(Publisher<T> source) {
            this(source, Context.empty());
        }

        private Object scanSubscription(Attr<?> key) {
            return Scannable.from(subscription).scan(key);
        }

        @Override
        public Context currentContext() {
            return context;
        }

        @Override
        public void onSubscribe(Subscription s) {
            subscription = s;
        }

        @Override
        public void onNext(T item) {
            signals.add(item);
        }

        @Override
        public void onError(Throwable error) {
            signals.add(error);
        }

        @Override
        public void onComplete() {
            signals.add("done");
        }

        @Override
        @SuppressWarnings("rawtypes")
        public Object scanUnsafe(Attr key) {
            return null;
        }
    }

    @Test
    void reactorsToolsSeeAReader() throws IOException {
        Path file = Files.writeString(directory.resolve("file"), "a\nb\n");
        Flux<String> lines = AsyncFiles.lines(file);
        assertThat(Scannable.from(lines).scan(Attr.NAME)).isEqualTo("lines of " + file);
        Consumer<String> consumer = new Consumer<>(lines);
        consumer.subscription.request(-1);
        consumer.subscription.request(1);
        assertThat(consumer.signals).containsExactly("a");
        assertThat(consumer.scanSubscription(Attr.ACTUAL)).isSameAs(consumer);
        assertThat(consumer.scanSubscription(Attr.NAME)).isEqualTo("lines of " + file);
        assertThat(consumer.scanSubscription(Attr.REQUESTED_FROM_DOWNSTREAM)).isEqualTo(1L);
        assertThat(consumer.scanSubscription(Attr.RUN_ON)).isNotNull();
        assertThat(consumer.scanSubscription(Attr.RUN_STYLE)).isEqualTo(Attr.RunStyle.ASYNC);
        assertThat(consumer.scanSubscription(Attr.TERMINATED)).isEqualTo(false);
        assertThat(consumer.scanSubscription(Attr.CANCELLED)).isEqualTo(false);
        consumer.subscription.cancel();
        assertThat(consumer.scanSubscription(Attr.CANCELLED)).isEqualTo(true);
        consumer.subscription.request(1);
        assertThat(consumer.signals).containsExactly("a");
    }

    @Test
    void reactorsToolsSeeAWriter() {
        Path file = directory.resolve("file");
        TestPublisher<ByteBuffer> content = TestPublisher.create();
        Consumer<Long> consumer = new Consumer<>(AsyncFiles.write(file, content));
        consumer.subscription.request(0);
        consumer.subscription.request(1);
        consumer.subscription.request(1);
        content.assertSubscribers(1);
        assertThat(consumer.scanSubscription(Attr.ACTUAL)).isSameAs(consumer);
        assertThat(consumer.scanSubscription(Attr.PARENT)).isNotNull();
        assertThat(consumer.scanSubscription(Attr.CANCELLED)).isEqualTo(false);
        assertThat(consumer.scanSubscription(Attr.RUN_ON)).isNotNull();
        assertThat(consumer.scanSubscription(Attr.RUN_STYLE)).isEqualTo(Attr.RunStyle.ASYNC);
        content.next(ByteBuffer.wrap(new byte[3])).complete();
        assertThat(consumer.scanSubscription(Attr.TERMINATED)).isEqualTo(true);
        assertThat(consumer.signals).containsExactly(3L, "done");
        assertThat(Scannable.from(AsyncFiles.write(file, content)).scan(Attr.NAME))
                .isEqualTo("write to " + file);
    }

    @Test
    void withoutThreadsThereIsAnError() throws IOException {
        Path file = Files.writeString(directory.resolve("file"), "a\n");
        threads.refusing = true;
        StepVerifier.create(AsyncFiles.lines(file))
                .expectError(RejectedExecutionException.class)
                .verify(LIMIT);
        StepVerifier.create(AsyncFiles.writeString(file, "b"))
                .expectError(RejectedExecutionException.class)
                .verify(LIMIT);
        assertThat(file).hasContent("a\n");
    }

    /** The threads go away while the file is open: it is closed all the same. */
    @Test
    void whenTheThreadsGoTheFileIsClosed() throws IOException {
        Path file = Files.writeString(directory.resolve("file"), "a\nb\n");
        CleanupLedger ledger = CleanupLedger.open(Context.empty(), "test");
        Consumer<String> consumer = new Consumer<>(AsyncFiles.lines(file), ledger.storeIn(Context.empty()));
        consumer.subscription.request(1);
        assertThat(ledger.isEmpty()).isFalse();
        threads.refusing = true;
        consumer.subscription.cancel();
        assertThat(ledger.isEmpty()).isTrue();
    }

    @Test
    void tailWithoutAClockIsAnError() throws IOException {
        Path file = Files.writeString(directory.resolve("file"), "a\n");
        Consumer<String> consumer =
                new Consumer<>(AsyncFiles.tail(file, Duration.ofSeconds(1)).doOnNext(line -> threads.refusing = true));
        consumer.subscription.request(2);
        assertThat(consumer.signals).hasSize(2).last().isInstanceOf(RejectedExecutionException.class);
    }

    @Test
    void contentThatFailsAfterTheCancelIsDroppedNotLost() {
        TestPublisher<ByteBuffer> content =
                TestPublisher.createNoncompliant(TestPublisher.Violation.CLEANUP_ON_TERMINATE);
        List<Throwable> dropped = new ArrayList<>();
        Consumer<Long> consumer = new Consumer<>(AsyncFiles.write(directory.resolve("file"), content));
        consumer.subscription.request(1);
        Hooks.onErrorDropped(dropped::add);
        try {
            consumer.subscription.cancel();
            content.error(new IllegalStateException("late"));
            content.next(ByteBuffer.allocate(1));
        } finally {
            Hooks.resetOnErrorDropped();
        }
        assertThat(dropped).singleElement().hasToString("java.lang.IllegalStateException: late");
        assertThat(consumer.signals).isEmpty();
    }

    @Test
    void contentWithoutASubscriptionDoesNoHarm() {
        AtomicBoolean subscribed = new AtomicBoolean();
        Consumer<Long> consumer = new Consumer<>(AsyncFiles.write(directory.resolve("file"), subscriber -> {
            subscribed.set(true);
            subscriber.onSubscribe(Operators.emptySubscription());
        }));
        consumer.subscription.request(1);
        assertThat(subscribed).isTrue();
        consumer.subscription.cancel();
        assertThat(consumer.signals).isEmpty();
    }

    /** Cleanup that fails after a cancel has only the ledger to tell, or the drop hook. */
    @Test
    void aReadThatFailsWhileItIsCancelledIsNotSignalled() throws IOException {
        Path file = Files.writeString(directory.resolve("file"), "a\n");
        List<Throwable> failures = new ArrayList<>();
        CleanupLedger ledger = CleanupLedger.open(Context.empty(), "test");
        List<Object> signals = new ArrayList<>();
        new CoreSubscriber<String>() {
            private Subscription subscription = Operators.emptySubscription();

            void start() {
                AsyncFiles.lines(file).subscribe(this);
            }

            @Override
            public Context currentContext() {
                return ledger.storeIn(Context.empty());
            }

            @Override
            public void onSubscribe(Subscription s) {
                subscription = s;
                s.request(5);
            }

            @Override
            public void onNext(String line) {
                subscription.cancel();
                throw new IllegalStateException("consumer");
            }

            @Override
            public void onError(Throwable error) {
                signals.add(error);
            }

            @Override
            public void onComplete() {
                signals.add("done");
            }
        }.start();
        ledger.finish(failures::addAll);
        assertThat(signals).isEmpty();
        assertThat(failures).singleElement().hasToString("java.lang.IllegalStateException: consumer");
    }
}
