package io.github.asyncio4j.cli;

import io.github.asyncio4j.task.Tasks;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import reactor.core.publisher.Mono;

/**
 * The process in which sleepers of one kind are measured: a second kind in the same one would find heap and stacks
 * already taken. Prints three numbers: how many were started, and by how many bytes heap and resident memory have grown.
 */
final class MemoryProbe {

    /** What sleeps. */
    enum Sleepers {
        TASKS {
            @Override
            int start(int count) throws InterruptedException {
                AtomicInteger started = new AtomicInteger();
                Mono<Void> sleeper = Mono.defer(() -> {
                    started.incrementAndGet();
                    return Tasks.sleep(LONG);
                });
                Tasks.join(Collections.nCopies(count, sleeper)).subscribe();
                return started.get();
            }
        },

        THREADS {
            @Override
            int start(int count) throws InterruptedException {
                CountDownLatch asleep = new CountDownLatch(count);
                for (int i = 0; i < count; i++) {
                    Thread thread = new Thread(() -> sleep(asleep), "sleeper-" + i);
                    thread.setDaemon(true);
                    try {
                        thread.start();
                    } catch (OutOfMemoryError none) {
                        return i;
                    }
                }
                asleep.await();
                return count;
            }
        };

        /** Starts that many and returns, when all are asleep, how many there are. */
        abstract int start(int count) throws InterruptedException;

        String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private static final Duration LONG = Duration.ofHours(1);
    private static final Duration LONGEST_RUN = Duration.ofMinutes(2);
    private static final int REHEARSAL = 10;

    private MemoryProbe() {}

    private static void sleep(CountDownLatch asleep) {
        asleep.countDown();
        try {
            // As long as a task sleeps: nothing ever counts this down.
            new CountDownLatch(1).await(LONG.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    public static void main(String[] args) throws Exception {
        Sleepers kind = Sleepers.valueOf(args[0]);
        kind.start(REHEARSAL);
        heap(); // The first look loads what looks.
        long heap = heap();
        long resident = resident();
        int started = kind.start(Integer.parseInt(args[1]));
        long residentMore = resident < 0 ? -1 : Math.max(0, resident() - resident);
        System.out.println(started + " " + Math.max(0, heap() - heap) + " " + residentMore);
        System.out.flush();
        Runtime.getRuntime().halt(0);
    }

    private static long heap() {
        MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
        memory.gc();
        return memory.getHeapMemoryUsage().getUsed();
    }

    /** Bytes that the process has from the system, -1 where only Linux could tell. */
    private static long resident() throws IOException {
        Path status = Path.of("/proc/self/status");
        if (!Files.isReadable(status)) {
            return -1;
        }
        return Files.readAllLines(status, StandardCharsets.UTF_8).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1_024)
                .findFirst()
                .orElse(-1);
    }

    static MemoryCommand.Row inItsOwnProcess(Sleepers kind, int count) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        // Otherwise the heap in use is counted in the pieces that threads have reserved.
                        "-XX:-UseTLAB",
                        "-Xlog:disable",
                        "-cp",
                        System.getProperty("java.class.path"),
                        MemoryProbe.class.getName(),
                        kind.name(),
                        Integer.toString(count)))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        Thread end = new Thread(process::destroyForcibly, "end-of-probe");
        Runtime.getRuntime().addShutdownHook(end);
        try (var output = process.inputReader(StandardCharsets.UTF_8)) {
            String line = output.readLine();
            if (line == null || !process.waitFor(LONGEST_RUN.toSeconds(), TimeUnit.SECONDS)) {
                throw new IOException(
                        "the process with " + Units.count(count) + " " + kind.label() + " gave no answer");
            }
            String[] numbers = line.split(" ");
            return new MemoryCommand.Row(
                    kind, Integer.parseInt(numbers[0]), Long.parseLong(numbers[1]), Long.parseLong(numbers[2]));
        } finally {
            process.destroyForcibly();
            removeHook(end);
        }
    }

    private static void removeHook(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException alreadyEnding) {
            // It runs now.
        }
    }
}
