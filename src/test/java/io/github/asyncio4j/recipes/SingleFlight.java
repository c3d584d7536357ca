package io.github.asyncio4j.recipes;

import io.github.asyncio4j.task.BackgroundTasks;
import io.github.asyncio4j.task.Task;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;

/**
 * Loads a value once for all who ask at the same time, and keeps it for a while. A failure is told to those who wait and
 * not kept. When the last who waits has left, the load is cancelled.
 */
final class SingleFlight<K, V> {

    private final ConcurrentMap<K, Flight<V>> flights = new ConcurrentHashMap<>();
    private final BackgroundTasks owner;
    private final Duration keep;
    private final Function<K, Mono<V>> load;

    private static final class Flight<V> {
        final Sinks.One<Task<V>> task = Sinks.one();
        int waiting; // changed inside flights.compute only
        volatile long goodUntil = Long.MAX_VALUE;

        Flight<V> joined() {
            waiting++;
            return this;
        }
    }

    SingleFlight(BackgroundTasks owner, Duration keep, Function<K, Mono<V>> load) {
        this.owner = owner;
        this.keep = keep;
        this.load = load;
    }

    Mono<V> get(K key) {
        return Mono.defer(() -> {
            Flight<V> mine = new Flight<>();
            Flight<V> flight = flights.compute(
                    key, (k, known) -> (known != null && known.goodUntil > now() ? known : mine).joined());
            if (flight == mine) {
                start(key, mine);
            }
            return flight.task.asMono().flatMap(Task::await).doOnCancel(() -> left(key, flight));
        });
    }

    private void start(K key, Flight<V> flight) {
        try {
            Task<V> task = owner.createTask(Mono.defer(() -> load.apply(key)));
            task.onDone(ended -> landed(key, flight, ended));
            flight.task.tryEmitValue(task);
        } catch (RejectedExecutionException full) {
            flights.remove(key, flight);
            flight.task.tryEmitError(full);
        }
    }

    private void landed(K key, Flight<V> flight, Task<V> task) {
        flight.goodUntil = now() + keep.toMillis();
        if (!task.outcome().isSuccess()) {
            flights.remove(key, flight);
        }
    }

    private void left(K key, Flight<V> flight) {
        AtomicBoolean abandoned = new AtomicBoolean();
        flights.computeIfPresent(key, (k, current) -> {
            boolean last = current == flight && --flight.waiting == 0 && flight.goodUntil == Long.MAX_VALUE;
            abandoned.set(last);
            return last ? null : current;
        });
        // Nobody can join it any more: whoever comes now starts a flight of his own.
        if (abandoned.get()) {
            flight.task.asMono().subscribe(task -> task.cancel("nobody waits for " + key));
        }
    }

    int size() {
        return flights.size();
    }

    private static long now() {
        return Schedulers.parallel().now(TimeUnit.MILLISECONDS);
    }
}
