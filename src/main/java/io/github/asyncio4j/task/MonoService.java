package io.github.asyncio4j.task;

import io.github.asyncio4j.internal.Checks;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.CoreSubscriber;
import reactor.core.Scannable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;

/** Starts a service in a group for each subscriber, and waits until it says that it is ready. */
final class MonoService<S> extends Mono<S> implements Scannable {

    private final DefaultTaskGroup<?> group;
    private final Function<? super Consumer<S>, ? extends Mono<?>> service;

    private MonoService(DefaultTaskGroup<?> group, Function<? super Consumer<S>, ? extends Mono<?>> service) {
        this.group = group;
        this.service = service;
    }

    static <S> Mono<S> create(DefaultTaskGroup<?> group, Function<? super Consumer<S>, ? extends Mono<?>> service) {
        return onAssembly(new MonoService<S>(group, service));
    }

    @Override
    public void subscribe(CoreSubscriber<? super S> actual) {
        new Starting<S>(group, actual).run(service);
    }

    @Override
    @SuppressWarnings("rawtypes")
    public @Nullable Object scanUnsafe(Attr key) {
        return key == Attr.RUN_STYLE ? Attr.RunStyle.SYNC : null;
    }

    /** Stands between the service and its group: until it is ready, its failure is the starter's affair. */
    private static final class Starting<S> implements TaskOwner {

        private enum Stage {
            STARTING,
            READY,
            ENDED
        }

        private final DefaultTaskGroup<?> group;
        private final Emission<S> starter;
        private final CoreSubscriber<? super S> actual;
        private final AtomicReference<Stage> stage = new AtomicReference<>(Stage.STARTING);
        private volatile @Nullable DefaultTask<?> task;
        private volatile boolean gone;

        Starting(DefaultTaskGroup<?> group, CoreSubscriber<? super S> actual) {
            this.group = group;
            this.actual = actual;
            this.starter = new Emission<>(actual, this::starterLeft);
        }

        void run(Function<? super Consumer<S>, ? extends Mono<?>> service) {
            actual.onSubscribe(starter);
            Consumer<S> started = this::started;
            Mono<?> work = Mono.defer(() -> Checks.callMono(service, started, "service of " + group.label()));
            try {
                task = group.create(null, work, this);
            } catch (IllegalStateException e) {
                starter.error(e);
            }
            if (gone) {
                starterLeft();
            }
        }

        private void started(@Nullable S value) {
            if (stage.compareAndSet(Stage.STARTING, Stage.READY)) {
                starter.emit(value);
                return;
            }
            if (stage.get() == Stage.READY) {
                throw new IllegalStateException("started was called twice by " + task);
            }
            if (value != null) {
                Operators.onDiscard(value, actual.currentContext());
            }
        }

        private void starterLeft() {
            gone = true;
            DefaultTask<?> running = task;
            if (running != null && stage.get() == Stage.STARTING) {
                running.cancel("start was cancelled");
            }
        }

        @Override
        public void failing(DefaultTask<?> failed, Throwable error) {
            if (stage.get() == Stage.READY) {
                group.failing(failed, error);
            }
        }

        @Override
        public void ended(DefaultTask<?> ended, List<Throwable> late) {
            if (!stage.compareAndSet(Stage.STARTING, Stage.ENDED)) {
                group.ended(ended, late);
                return;
            }
            Throwable failure = ended.failure;
            boolean told = starter.error(
                    failure != null
                            ? failure
                            : new IllegalStateException(ended + " ended without having called started"));
            if (!told && ended.state() == TaskState.FAILED && failure != null) {
                group.failing(ended, failure);
            }
            if (told) {
                group.release(ended);
            } else {
                group.ended(ended, late);
            }
        }

        @Override
        public void release(DefaultTask<?> ended) {
            group.release(ended);
        }

        @Override
        public Shelter shelter() {
            return group;
        }

        @Override
        public Duration cleanupLimit() {
            return group.cleanupLimit();
        }

        @Override
        public boolean nestsLedgers() {
            return true;
        }

        @Override
        public List<DefaultTask<?>> live() {
            return List.of();
        }

        @Override
        public @Nullable DefaultTask<?> parent() {
            return group.parent();
        }

        @Override
        public String label() {
            return group.label();
        }
    }
}
