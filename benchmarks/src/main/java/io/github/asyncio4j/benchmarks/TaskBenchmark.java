package io.github.asyncio4j.benchmarks;

import io.github.asyncio4j.task.Task;
import io.github.asyncio4j.task.TaskGroup;
import io.github.asyncio4j.task.Tasks;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * What one child of a group costs, with a group of a thousand, against a subscription that nobody owns and a future. {@code
 * -prof gc} shows the bytes.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
@OperationsPerInvocation(TaskBenchmark.CHILDREN)
public class TaskBenchmark {

    static final int CHILDREN = 1_000;

    /** A value that is there; one that was mapped; one for which the Context is looked at, which opens a ledger. */
    @Param({"just", "map", "context"})
    private String kind;

    private Mono<Integer> work;

    @Setup
    public void createWork() {
        Mono<Integer> just = Mono.just(1);
        work = switch (kind) {
            case "just" -> just;
            case "map" -> just.hide().map(value -> value + 1);
            case "context" -> Mono.deferContextual(context -> just);
            default -> throw new IllegalArgumentException(kind);
        };
    }

    @Benchmark
    public Object group() {
        return TaskGroup.using(group -> {
                    for (int i = 0; i < CHILDREN; i++) {
                        group.createTask(work);
                    }
                    return Mono.empty();
                })
                .block();
    }

    @Benchmark
    public Object groupWithAwait() {
        return TaskGroup.using(group -> {
                    List<Sinks.One<Integer>> sources = new ArrayList<>(CHILDREN);
                    for (int i = 0; i < CHILDREN; i++) {
                        Sinks.One<Integer> source = Sinks.one();
                        sources.add(source);
                        group.createTask(source.asMono().then(work)).await().subscribe();
                    }
                    sources.forEach(source -> source.tryEmitValue(1));
                    return Mono.empty();
                })
                .block();
    }

    @Benchmark
    public Object groupCancelled() {
        return TaskGroup.using(group -> {
                    for (int i = 0; i < CHILDREN; i++) {
                        group.createTask(Mono.never());
                    }
                    group.cancel("enough");
                    return Mono.empty();
                })
                .block();
    }

    @Benchmark
    public Task<Integer> create() {
        Task<Integer> last = null;
        for (int i = 0; i < CHILDREN; i++) {
            last = Tasks.create(work);
        }
        return last;
    }

    @Benchmark
    public Object subscribe() {
        Object last = null;
        for (int i = 0; i < CHILDREN; i++) {
            last = work.subscribe();
        }
        return last;
    }

    @Benchmark
    public Object completableFuture() {
        CompletableFuture<Integer> last = null;
        for (int i = 0; i < CHILDREN; i++) {
            last = new CompletableFuture<>();
            CompletableFuture<Integer> mapped = last.thenApply(value -> value + 1);
            last.complete(1);
            last = mapped;
        }
        return last;
    }
}
