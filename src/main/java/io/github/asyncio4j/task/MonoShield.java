package io.github.asyncio4j.task;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import reactor.core.CoreSubscriber;
import reactor.core.Scannable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/** Runs the source as a task of the nearest owner, and waits for it like anybody else would. */
final class MonoShield<T> extends Mono<T> implements Scannable {

    private final Mono<? extends T> work;

    private MonoShield(Mono<? extends T> work) {
        this.work = work;
    }

    static <T> Mono<T> create(Mono<? extends T> work) {
        return onAssembly(new MonoShield<T>(work));
    }

    @Override
    public void subscribe(CoreSubscriber<? super T> actual) {
        Context context = actual.currentContext();
        Shelter shelter = Shelter.nearest(context);
        if (shelter == null) {
            Operators.error(
                    actual,
                    new IllegalStateException("shield needs an owner that outlives its subscriber: run this inside"
                            + " TaskGroup.using(...), or as a task of a BackgroundTasks"));
            return;
        }
        Shielded<T> shielded = new Shielded<>();
        DefaultTask<T> task;
        try {
            task = shelter.adopt(shielded::within, context);
        } catch (RuntimeException e) {
            Operators.error(actual, e);
            return;
        }
        MonoTask.Waiting<T> waiting = new MonoTask.Waiting<>(task, MonoTask.View.RESULT, actual);
        shielded.subscriber = waiting;
        actual.onSubscribe(waiting);
        waiting.enter(context);
        if (waiting.isWaiting()) {
            task.start(work);
        } else {
            task.cancel("its subscriber left before it started");
        }
    }

    @Override
    @SuppressWarnings("rawtypes")
    public @Nullable Object scanUnsafe(Attr key) {
        if (key == Attr.PARENT) {
            return work;
        }
        return key == Attr.RUN_STYLE ? Attr.RunStyle.SYNC : null;
    }

    /** A failure is the subscriber's while he is there, and the owner's once he has left: told once. */
    private static final class Shielded<T> implements TaskOwner {

        private @Nullable TaskOwner owner;
        private MonoTask.@Nullable Waiting<T> subscriber;

        TaskOwner within(TaskOwner found) {
            owner = found;
            return this;
        }

        private TaskOwner owner() {
            TaskOwner found = owner;
            if (found == null) {
                throw new IllegalStateException("not adopted");
            }
            return found;
        }

        @Override
        public void failing(DefaultTask<?> task, Throwable error) {
            // Who is to hear of it is known when the task has ended.
        }

        @Override
        public void ended(DefaultTask<?> task, List<Throwable> late) {
            MonoTask.Waiting<T> waiting = subscriber;
            if (waiting != null && waiting.failureDelivered) {
                owner().release(task);
                return;
            }
            Throwable failure = task.failure;
            if (task.state() == TaskState.FAILED && failure != null) {
                owner().failing(task, failure);
            }
            owner().ended(task, late);
        }

        @Override
        public void release(DefaultTask<?> task) {
            owner().release(task);
        }

        @Override
        public @Nullable Shelter shelter() {
            return owner().shelter();
        }

        @Override
        public Duration cleanupLimit() {
            return owner().cleanupLimit();
        }

        @Override
        public boolean nestsLedgers() {
            return owner().nestsLedgers();
        }

        @Override
        public List<DefaultTask<?>> live() {
            return List.of();
        }

        @Override
        public @Nullable DefaultTask<?> parent() {
            return owner().parent();
        }

        @Override
        public String label() {
            return owner().label();
        }
    }
}
