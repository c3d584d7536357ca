package io.github.asyncio4j.task;

import io.github.asyncio4j.internal.Checks;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Disposable;
import reactor.core.Scannable;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.util.context.Context;

/** Waits for some of several tasks and leaves them all alone. */
final class MonoWaitUntil<T> extends Mono<WaitResult<T>> implements Scannable {

    private final ReturnWhen when;
    private final List<Task<T>> tasks;
    private final @Nullable Duration timeout;

    private MonoWaitUntil(ReturnWhen when, List<Task<T>> tasks, @Nullable Duration timeout) {
        this.when = when;
        this.tasks = tasks;
        this.timeout = timeout;
    }

    static <T> Mono<WaitResult<T>> create(ReturnWhen when, List<Task<T>> tasks, @Nullable Duration timeout) {
        return onAssembly(new MonoWaitUntil<>(when, tasks, timeout));
    }

    @Override
    public void subscribe(CoreSubscriber<? super WaitResult<T>> actual) {
        new Waiting<>(this, actual).run();
    }

    @Override
    @SuppressWarnings("rawtypes")
    public @Nullable Object scanUnsafe(Attr key) {
        return key == Attr.RUN_STYLE ? Attr.RunStyle.SYNC : null;
    }

    /** One subscriber's wait: the first reason to return ends it, and every wait that it consists of. */
    private static final class Waiting<T> {

        private final MonoWaitUntil<T> spec;
        private final CoreSubscriber<? super WaitResult<T>> actual;
        private final Emission<WaitResult<T>> downstream;
        private final List<Member<T>> members;
        private final AtomicInteger unfinished;
        private final AtomicBoolean over = new AtomicBoolean();
        private volatile @Nullable Disposable timer;

        Waiting(MonoWaitUntil<T> spec, CoreSubscriber<? super WaitResult<T>> actual) {
            this.spec = spec;
            this.actual = actual;
            this.downstream = new Emission<>(actual, this::leave);
            this.members = new ArrayList<>(spec.tasks.size());
            this.unfinished = new AtomicInteger(spec.tasks.size());
        }

        void run() {
            for (int i = 0; i < spec.tasks.size(); i++) {
                members.add(new Member<>(this));
            }
            actual.onSubscribe(downstream);
            for (int i = 0; i < spec.tasks.size() && !over.get(); i++) {
                spec.tasks.get(i).settled().subscribe(members.get(i));
            }
            arm(spec.timeout);
        }

        private void arm(@Nullable Duration timeout) {
            if (timeout == null || over.get()) {
                return;
            }
            if (timeout.isZero()) {
                finish();
                return;
            }
            Disposable armed =
                    Schedulers.parallel().schedule(this::finish, Checks.nanos(timeout), TimeUnit.NANOSECONDS);
            timer = armed;
            if (over.get()) {
                armed.dispose();
            }
        }

        void ended(Outcome<T> outcome) {
            boolean last = unfinished.decrementAndGet() == 0;
            boolean enough = switch (spec.when) {
                case FIRST_COMPLETED -> true;
                case FIRST_EXCEPTION -> outcome.isFailure() && !outcome.isCancelled();
                case ALL_COMPLETED -> false;
            };
            if (last || enough) {
                finish();
            }
        }

        void failed(Throwable error) {
            if (leave()) {
                downstream.error(error);
            }
        }

        private void finish() {
            if (!leave()) {
                return;
            }
            List<Task<T>> done = new ArrayList<>();
            List<Task<T>> pending = new ArrayList<>();
            for (Task<T> task : spec.tasks) {
                (task.isDone() ? done : pending).add(task);
            }
            downstream.emit(new WaitResult<>(done, pending));
        }

        private boolean leave() {
            if (!over.compareAndSet(false, true)) {
                return false;
            }
            Disposable armed = timer;
            if (armed != null) {
                armed.dispose();
            }
            members.forEach(Member::dispose);
            return true;
        }
    }

    /** The wait for one task. */
    private static final class Member<T> extends BaseSubscriber<Outcome<T>> {
        private final Waiting<T> all;

        Member(Waiting<T> all) {
            this.all = all;
        }

        @Override
        public Context currentContext() {
            return all.actual.currentContext();
        }

        @Override
        protected void hookOnSubscribe(Subscription subscription) {
            subscription.request(1);
        }

        @Override
        protected void hookOnNext(Outcome<T> outcome) {
            all.ended(outcome);
        }

        @Override
        protected void hookOnError(Throwable error) {
            all.failed(error);
        }
    }
}
