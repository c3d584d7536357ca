package io.github.asyncio4j.resource;

import io.github.asyncio4j.internal.Checks;
import io.github.asyncio4j.internal.CleanupLedger;
import io.github.asyncio4j.internal.Failures;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.util.context.Context;

/**
 * Resources and cleanups that pile up while a body runs, and are undone in reverse when it ends: for a number that is
 * known only at run time, or opened under a condition. Python's {@code contextlib.AsyncExitStack}. For two or three known
 * resources {@link AsyncResource#flatMap} reads better.
 *
 * <pre>{@code
 * Mono<Report> report = AsyncExitStack.using(stack -> Flux.fromIterable(shards)
 *         .concatMap(shard -> stack.enter(connectionTo(shard)))
 *         .collectList()
 *         .flatMap(connections -> query(connections)));
 * }</pre>
 *
 * <p>All that was entered is undone exactly once, last in first out, on value, error and cancel, one after the other;
 * each sees the {@link Exit}, and those that come later see the failures of those before. A failure stops none of them.
 * Undoing is awaited as with {@link AsyncResource}, and the result is held back until it is over. A stack belongs to one
 * subscription; its methods may be called from any thread.
 */
public final class AsyncExitStack {

    private static final AsyncResource<AsyncExitStack> STACK = AsyncResource.of(
                    Mono.deferContextual(around -> Mono.just(new AsyncExitStack(Context.of(around)))),
                    AsyncExitStack::unwind)
            .named("exit stack");

    private final Deque<Function<? super Exit, ? extends Mono<Void>>> cleanups = new ArrayDeque<>();
    private final Context around;
    private boolean closed;

    private AsyncExitStack(Context around) {
        this.around = around;
    }

    /**
     * Runs the body with a stack of its own, then undoes what it entered. Emits what the body emits, held back until all is
     * undone.
     *
     * @return fails with the body's error, else with the first failure of the cleanup; the others are suppressed on it
     */
    public static <R> Mono<R> using(Function<? super AsyncExitStack, ? extends Mono<? extends R>> body) {
        return STACK.use(Checks.notNull(body, "body"));
    }

    /**
     * Opens a resource, which from then on is closed by the stack. Emits what was opened. A cancel while it opens closes
     * it when it opens late.
     *
     * @return fails with the error of the opening, or with {@link IllegalStateException} when the stack is closed
     */
    public <T> Mono<T> enter(AsyncResource<? extends T> resource) {
        Checks.notNull(resource, "resource");
        if (resource instanceof DefaultAsyncResource<? extends T> own) {
            return enterOne(own);
        }
        if (resource instanceof NestedResource<?, ? extends T> nested) {
            return enterNested(nested);
        }
        return enterOne(ForeignResource.adapt(resource, around)).flatMap(opened -> Mono.justOrEmpty(opened.value()));
    }

    private <T> Mono<T> enterOne(DefaultAsyncResource<? extends T> resource) {
        return MonoEnter.of(this, resource);
    }

    private <T, U> Mono<U> enterNested(NestedResource<T, ? extends U> nested) {
        return enter(nested.outer()).flatMap(opened -> enter(nested.inner(opened)));
    }

    /**
     * Has {@code cleanup} subscribed when the stack is undone.
     *
     * @throws IllegalStateException when the stack is closed
     */
    public void defer(Mono<Void> cleanup) {
        Checks.notNull(cleanup, "cleanup");
        defer(exit -> cleanup);
    }

    /**
     * The same for a cleanup that depends on how the body, or a later cleanup, ended.
     *
     * @throws IllegalStateException when the stack is closed
     */
    public void defer(Function<? super Exit, ? extends Mono<Void>> cleanup) {
        Checks.notNull(cleanup, "cleanup");
        if (!push(exit -> Checks.<Exit, Mono<Void>>call(cleanup, exit, "cleanup", Mono::error))) {
            throw closedError();
        }
    }

    static IllegalStateException closedError() {
        return new IllegalStateException("this exit stack is closed; it belongs to one use of its body");
    }

    synchronized boolean isClosed() {
        return closed;
    }

    /** False once the last cleanup has been taken off. */
    synchronized boolean push(Function<? super Exit, ? extends Mono<Void>> cleanup) {
        if (!closed) {
            cleanups.push(cleanup);
        }
        return !closed;
    }

    private synchronized @Nullable Function<? super Exit, ? extends Mono<Void>> pop() {
        closed = cleanups.isEmpty();
        return cleanups.poll();
    }

    private Mono<Void> unwind(Exit exit) {
        return Mono.deferContextual(context -> {
            Unwinding unwinding = new Unwinding((DefaultExit) exit);
            return Flux.<Function<? super Exit, ? extends Mono<Void>>>generate(sink -> {
                        var next = pop();
                        if (next == null) {
                            sink.complete();
                        } else {
                            sink.next(next);
                        }
                    })
                    .concatMap(unwinding::run, 0)
                    .then(Mono.defer(() -> unwinding.result(CleanupLedger.open(context, this), Context.of(context))));
        });
    }

    @Override
    public synchronized String toString() {
        return closed ? "exit stack (closed)" : "exit stack of " + cleanups.size();
    }

    /** What those who are undone later are told. Cleanups run one after the other. */
    private static final class Unwinding {
        private final List<Throwable> failures = new ArrayList<>(0);
        private DefaultExit exit;

        Unwinding(DefaultExit exit) {
            this.exit = exit;
        }

        Mono<Void> run(Function<? super Exit, ? extends Mono<Void>> cleanup) {
            return Mono.defer(() -> cleanup.apply(exit)).onErrorResume(error -> {
                failures.add(error);
                exit = exit.andThen(error);
                return Mono.empty();
            });
        }

        Mono<Void> result(CleanupLedger scope, Context context) {
            Throwable error = Failures.merge(null, List.of(), failures, scope, context);
            scope.finish(nothing -> {});
            return error == null ? Mono.empty() : Mono.error(error);
        }
    }
}
