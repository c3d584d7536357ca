package io.github.asyncio4j.benchmarks;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
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

/**
 * The JDK's structured join, a virtual thread for each piece of work, beside {@link GatherBenchmark}'s hopping sources. It
 * is a preview of JDK 25, so it is called by handles, and built on 25 only. To compare, run both classes there in one
 * run.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 2, jvmArgsAppend = "--enable-preview")
public class StructuredTaskScopeBenchmark {

    @Param({"10", "1000"})
    private int sources;

    private MethodHandle open;
    private MethodHandle fork;
    private MethodHandle join;
    private MethodHandle get;

    @Setup
    public void findScope() throws ReflectiveOperationException {
        Class<?> scope = Class.forName("java.util.concurrent.StructuredTaskScope");
        Class<?> subtask = Class.forName("java.util.concurrent.StructuredTaskScope$Subtask");
        MethodHandles.Lookup lookup = MethodHandles.lookup();
        open = lookup.findStatic(scope, "open", MethodType.methodType(scope))
                .asType(MethodType.methodType(AutoCloseable.class));
        fork = lookup.findVirtual(scope, "fork", MethodType.methodType(subtask, Callable.class))
                .asType(MethodType.methodType(Object.class, AutoCloseable.class, Callable.class));
        join = lookup.findVirtual(scope, "join", MethodType.methodType(Object.class))
                .asType(MethodType.methodType(Object.class, AutoCloseable.class));
        get = lookup.findVirtual(subtask, "get", MethodType.methodType(Object.class))
                .asType(MethodType.methodType(Object.class, Object.class));
    }

    @Benchmark
    public List<Object> structuredTaskScope() throws Throwable {
        List<Object> results = new ArrayList<>(sources);
        try (AutoCloseable scope = (AutoCloseable) open.invokeExact()) {
            for (int i = 0; i < sources; i++) {
                Integer value = i;
                results.add((Object) fork.invokeExact(scope, (Callable<?>) () -> value));
            }
            Object joined = (Object) join.invokeExact(scope);
            assert joined == null;
            for (int i = 0; i < sources; i++) {
                results.set(i, (Object) get.invokeExact(results.get(i)));
            }
        }
        return results;
    }
}
