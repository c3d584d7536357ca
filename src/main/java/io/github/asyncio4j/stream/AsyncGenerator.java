package io.github.asyncio4j.stream;

import io.github.asyncio4j.internal.Checks;
import java.util.function.Function;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * A stream written as a sequence of steps: the body runs until it emits, pauses until that value's successor is asked
 * for, and goes on. Nothing is made ahead and nothing is buffered. {@code Flux.generate} does for steps that need no
 * waiting; {@code Flux.create} is for sources that cannot be held back.
 *
 * <pre>{@code
 * Flux<Integer> countdown = AsyncGenerator.generate(out -> Flux.just(3, 2, 1)
 *         .concatMap(n -> out.emit(n).then(Tasks.sleep(Duration.ofSeconds(1))), 0)
 *         .then());
 * }</pre>
 *
 * <p><b>Threads.</b> Values arrive on the thread that subscribes to {@link Yielder#emit}; the body goes on on the thread
 * that asked for the next value. A chain of any length of synchronous emits needs the stack of one.
 *
 * <p><b>Cancellation.</b> Cancelling the stream cancels the body wherever it pauses; the scope around waits for the
 * cleanup of what the body held.
 *
 * <p>Python's {@code async def} with {@code yield}, and Kotlin's {@code flow}; here leaving early always closes the
 * generator, at once.
 */
public final class AsyncGenerator {

    private AsyncGenerator() {}

    /**
     * A cold stream of what {@code body} emits. The first request calls {@code body} and subscribes to what it returns;
     * the stream completes when that completes, and fails when it fails. As the body pauses after each value until the
     * next is asked for, it takes one request more than there are values to see the end.
     *
     * <p>Cancelling cancels the body. Error signals are those of the body, and what {@code body} throws; a
     * NullPointerException when it returns null.
     *
     * @param body called once for each subscriber; the Context of the subscriber is that of the Mono it returns
     */
    public static <T> Flux<T> generate(Function<? super Yielder<T>, ? extends Mono<Void>> body) {
        return FluxGenerate.assemble(Checks.notNull(body, "body"));
    }

    /**
     * Where the body puts its values, one after the other.
     *
     * <pre>{@code
     * Flux<Integer> both = AsyncGenerator.generate(
     *         yielder -> yielder.emit(1).then(yielder.emitAll(Flux.range(2, 3))));
     * }</pre>
     *
     * <p>Python's {@code yield}, and the {@code async for} around it that stands for {@code yield from} there.
     *
     * @param <T> the values
     */
    public interface Yielder<T> {

        /**
         * Emits {@code value} when subscribed to, and completes when downstream has asked for the next one. Each
         * subscription emits once more.
         *
         * <p>It fails with IllegalStateException while another emit is still waiting and after the body has ended, and
         * with CancellationException after the stream was cancelled; the value then goes to the discard hook.
         */
        Mono<Void> emit(T value);

        /** Emits all of {@code values}, asking for each one when downstream wants it; Python's {@code yield from}. */
        default Mono<Void> emitAll(Publisher<? extends T> values) {
            return Flux.from(Checks.notNull(values, "values"))
                    .<Void>concatMap(this::emit, 0)
                    .then();
        }
    }
}
