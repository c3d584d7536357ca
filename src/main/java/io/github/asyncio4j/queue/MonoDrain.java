package io.github.asyncio4j.queue;

import io.github.asyncio4j.internal.Checks;
import io.github.asyncio4j.internal.CleanupLedger;
import io.github.asyncio4j.internal.Failures;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Scannable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/** Workers that take and work until the queue is shut down and empty. */
final class MonoDrain<T> extends Mono<Void> implements Scannable {

    private final QueueState<T> queue;
    private final int workers;
    private final Function<? super T, ? extends Mono<?>> worker;

    private MonoDrain(QueueState<T> queue, int workers, Function<? super T, ? extends Mono<?>> worker) {
        this.queue = queue;
        this.workers = workers;
        this.worker = worker;
    }

    static <T> Mono<Void> assemble(QueueState<T> queue, int workers, Function<? super T, ? extends Mono<?>> worker) {
        return onAssembly(new MonoDrain<>(queue, workers, worker));
    }

    @Override
    public void subscribe(CoreSubscriber<? super Void> actual) {
        Pool<T> pool = new Pool<>(this, actual);
        actual.onSubscribe(pool);
        pool.start();
    }

    @Override
    @SuppressWarnings("rawtypes")
    public @Nullable Object scanUnsafe(Attr key) {
        return QueueScan.publisher(key);
    }

    /** The scope of one drain: ends when all workers have ended and the cleanup of the cancelled ones is over. */
    private static final class Pool<T> implements Subscription, Scannable {

        private static final int RUNNING = 0;
        private static final int FAILED = 1;
        private static final int CANCELLED = 2;
        private static final int ENDED = 3;

        private final MonoDrain<T> drain;
        private final CoreSubscriber<? super Void> actual;
        private final CleanupLedger ledger;
        private final Context inner;
        private final List<Worker<T>> workers;
        private final AtomicInteger state = new AtomicInteger();
        private final AtomicInteger active;
        private final List<Throwable> failures = new ArrayList<>(1);

        Pool(MonoDrain<T> drain, CoreSubscriber<? super Void> actual) {
            this.drain = drain;
            this.actual = actual;
            this.ledger = CleanupLedger.open(actual.currentContext(), "drain of " + drain.queue);
            this.inner = ledger.storeIn(actual.currentContext());
            this.active = new AtomicInteger(drain.workers);
            this.workers = new ArrayList<>(drain.workers);
            for (int i = 0; i < drain.workers; i++) {
                workers.add(new Worker<>(this));
            }
        }

        void start() {
            Flux<T> items = FluxTakeAll.forWorker(drain.queue);
            for (Worker<T> worker : workers) {
                items.subscribe(worker);
            }
        }

        boolean isRunning() {
            return state.get() == RUNNING;
        }

        Mono<?> work(T item) {
            return Checks.callMono(drain.worker, item, "worker of " + drain.queue);
        }

        void workerEnded() {
            if (active.decrementAndGet() == 0 && state.compareAndSet(RUNNING, ENDED)) {
                ledger.finish(this::signal);
            }
        }

        void fail(Throwable error) {
            if (!keep(error)) {
                Operators.onErrorDropped(error, actual.currentContext());
            } else if (state.compareAndSet(RUNNING, FAILED)) {
                workers.forEach(Worker::cancel);
                ledger.finish(this::signal);
            }
        }

        private boolean keep(Throwable error) {
            synchronized (failures) {
                return state.get() <= FAILED && failures.add(error);
            }
        }

        private void signal(List<Throwable> cleanup) {
            List<Throwable> failed;
            synchronized (failures) {
                state.set(ENDED);
                failed = List.copyOf(failures);
            }
            Throwable first = failed.isEmpty() ? null : failed.get(0);
            List<Throwable> others = failed.isEmpty() ? failed : failed.subList(1, failed.size());
            Throwable error = Failures.merge(first, others, cleanup, ledger, actual.currentContext());
            if (error == null) {
                actual.onComplete();
            } else {
                actual.onError(error);
            }
        }

        @Override
        public void request(long n) {
            Operators.validate(n);
        }

        @Override
        public void cancel() {
            List<Throwable> unheard;
            int before = state.getAndUpdate(now -> now == ENDED ? ENDED : CANCELLED);
            if (before == RUNNING) {
                workers.forEach(Worker::cancel);
            }
            ledger.abandon(actual.currentContext());
            if (before == FAILED) {
                synchronized (failures) {
                    unheard = List.copyOf(failures);
                }
                unheard.forEach(error -> Operators.onErrorDropped(error, actual.currentContext()));
            }
        }

        @Override
        @SuppressWarnings("rawtypes")
        public @Nullable Object scanUnsafe(Attr key) {
            if (key == Attr.ACTUAL) {
                return actual;
            }
            if (key == Attr.CANCELLED) {
                return state.get() == CANCELLED;
            }
            if (key == Attr.TERMINATED) {
                return state.get() == ENDED;
            }
            return QueueScan.publisher(key);
        }
    }

    /** Asks for one item, works on it, and asks for the next: thereby the queue counts it as done. */
    private static final class Worker<T> implements CoreSubscriber<T>, Scannable {

        @SuppressWarnings("rawtypes")
        private static final AtomicReferenceFieldUpdater<Worker, @Nullable Subscription> QUEUE =
                AtomicReferenceFieldUpdater.newUpdater(Worker.class, Subscription.class, "queue");

        private final Pool<T> pool;
        private volatile @Nullable Subscription queue;
        private volatile @Nullable Job job;

        Worker(Pool<T> pool) {
            this.pool = pool;
        }

        @Override
        public Context currentContext() {
            return pool.inner;
        }

        @Override
        public void onSubscribe(Subscription s) {
            if (Operators.setOnce(QUEUE, this, s)) {
                s.request(1);
            }
        }

        @Override
        public void onNext(T item) {
            Mono<?> work = pool.work(item);
            Job next = new Job(this);
            job = next;
            if (pool.isRunning()) {
                work.subscribe(next);
            }
        }

        void jobDone() {
            Subscription items = queue;
            if (items != null) {
                items.request(1);
            }
        }

        @Override
        public void onError(Throwable error) {
            pool.fail(error);
        }

        @Override
        public void onComplete() {
            pool.workerEnded();
        }

        void cancel() {
            Job running = job;
            if (running != null) {
                running.cancel();
            }
            Operators.terminate(QUEUE, this);
        }

        @Override
        @SuppressWarnings("rawtypes")
        public @Nullable Object scanUnsafe(Attr key) {
            return key == Attr.PARENT ? queue : key == Attr.ACTUAL ? pool : QueueScan.publisher(key);
        }
    }

    /** The work on one item. */
    private static final class Job implements CoreSubscriber<Object>, Scannable {

        private static final AtomicReferenceFieldUpdater<Job, @Nullable Subscription> WORK =
                AtomicReferenceFieldUpdater.newUpdater(Job.class, Subscription.class, "work");

        private final Worker<?> worker;
        private volatile @Nullable Subscription work;

        Job(Worker<?> worker) {
            this.worker = worker;
        }

        @Override
        public Context currentContext() {
            return worker.currentContext();
        }

        @Override
        public void onSubscribe(Subscription s) {
            if (Operators.setOnce(WORK, this, s)) {
                s.request(Long.MAX_VALUE);
            }
        }

        @Override
        public void onNext(Object ignored) {
            Operators.onDiscard(ignored, currentContext());
        }

        // Work that has ended is not to be cancelled any more.
        @Override
        public void onError(Throwable error) {
            work = Operators.cancelledSubscription();
            worker.pool.fail(error);
        }

        @Override
        public void onComplete() {
            work = Operators.cancelledSubscription();
            worker.jobDone();
        }

        void cancel() {
            Operators.terminate(WORK, this);
        }

        @Override
        @SuppressWarnings("rawtypes")
        public @Nullable Object scanUnsafe(Attr key) {
            return key == Attr.PARENT ? work : key == Attr.ACTUAL ? worker : QueueScan.publisher(key);
        }
    }
}
