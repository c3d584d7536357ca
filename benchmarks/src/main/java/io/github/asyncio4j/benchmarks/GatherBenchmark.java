package io.github.asyncio4j.benchmarks;

import io.github.asyncio4j.task.Tasks;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * What joining costs when the sources have their values at once: {@code gather}'s scope and order against Reactor's own
 * ways, which promise less.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class GatherBenchmark {

    @Param({"10", "1000"})
    private int sources;

    private List<Mono<Integer>> all;

    @Setup
    public void createSources() {
        all = IntStream.range(0, sources).mapToObj(Mono::just).toList();
    }

    @Benchmark
    public List<Integer> gather() {
        return Tasks.gather(all).block();
    }

    @Benchmark
    public List<Object> zip() {
        return Mono.zip(all, Arrays::asList).block();
    }

    @Benchmark
    public List<Integer> flatMap() {
        return Flux.fromIterable(all)
                .flatMap(source -> source, sources)
                .collectList()
                .block();
    }
}
