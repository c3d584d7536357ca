package io.github.asyncio4j.time;

import io.github.asyncio4j.internal.Checks;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.CoreSubscriber;
import reactor.core.Scannable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;

/** A Mono under a deadline. */
final class MonoTimeout<T> extends Mono<T> implements Scannable {

    private final TimeLimit limit;
    private final Function<? super TimeoutScope, ? extends Mono<? extends T>> body;

    private MonoTimeout(TimeLimit limit, Function<? super TimeoutScope, ? extends Mono<? extends T>> body) {
        this.limit = limit;
        this.body = body;
    }

    static <T> Mono<T> of(TimeLimit limit, Function<? super TimeoutScope, ? extends Mono<? extends T>> body) {
        return onAssembly(new MonoTimeout<>(limit, body));
    }

    @Override
    public void subscribe(CoreSubscriber<? super T> actual) {
        new Scope<T>(actual, limit).<Mono<? extends T>>run(scope -> Checks.callMono(body, scope, "body"));
    }

    @Override
    @SuppressWarnings("rawtypes")
    public @Nullable Object scanUnsafe(Attr key) {
        if (key == Attr.PARENT) {
            return limit.work();
        }
        return key == Attr.RUN_STYLE ? Attr.RunStyle.ASYNC : null;
    }

    @Override
    public String stepName() {
        return "timeout";
    }

    /** Holds the value until the cleanup that the work left behind is over. */
    private static final class Scope<T> extends DefaultTimeoutScope<T> {
        private @Nullable T value;

        Scope(CoreSubscriber<? super T> actual, TimeLimit limit) {
            super(actual, limit);
        }

        @Override
        public void onNext(T arrived) {
            if (value != null) {
                Operators.onNextDropped(arrived, currentContext());
                return;
            }
            value = arrived;
            if (end(End.COMPLETED)) {
                settle();
            } else {
                Operators.onDiscard(arrived, currentContext());
            }
        }

        @Override
        void deliver(@Nullable Throwable error, boolean completed) {
            if (error != null) {
                actual.onError(error);
                return;
            }
            T held = completed ? value : null;
            if (held != null) {
                actual.onNext(held);
            }
            actual.onComplete();
        }

        @Override
        void discardResult() {
            Operators.onDiscard(value, currentContext());
        }
    }
}
