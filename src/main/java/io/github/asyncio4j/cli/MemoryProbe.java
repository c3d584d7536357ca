package io.github.asyncio4j.cli;

import io.github.asyncio4j.task.Tasks;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * The process in which those of one kind that wait are measured: a second kind in the same one would find heap and stacks
 * already taken. Prints three numbers: how many were started, and by how many bytes heap and resident memory have grown.
 */
final class MemoryProbe {

    /** What waits. */
    enum Sleepers {
        TASKS {
            @Override
            int start(int count, List<String> servers) {
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
            int start(int count, List<String> servers) throws InterruptedException {
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
        },

        WEBSOCKETS {
            @Override
            int start(int count, List<String> servers) throws InterruptedException {
                return IdleWebSockets.open(count, servers);
            }

            @Override
            int servers(int count) {
                return (count + ON_ONE_PORT - 1) / ON_ONE_PORT;
            }
        };

        /** Starts that many and returns, when all wait, how many there are. */
        abstract int start(int count, List<String> servers) throws InterruptedException;

        /** How many servers, each with a port of its own, so many need. */
        int servers(int count) {
            return 0;
        }

        String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private static final Duration LONG = Duration.ofHours(1);
    private static final Duration LONGEST_RUN = Duration.ofMinutes(2);
    private static final int REHEARSAL = 10;
    // A client has 28,000 ports of its own towards each of a server's, where nobody has changed that.
    private static final int ON_ONE_PORT = 20_000;

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
        List<String> servers = List.of(args).subList(2, args.length);
        FileChannel status = status();
        kind.start(REHEARSAL, servers);
        heap(); // The first look loads what looks.
        long heap = heap();
        long resident = resident(status);
        int started = kind.start(Integer.parseInt(args[1]), servers);
        long residentMore = resident < 0 ? -1 : Math.max(0, resident(status) - resident);
        System.out.println(started + " " + Math.max(0, heap() - heap) + " " + residentMore);
        System.out.flush();
        Runtime.getRuntime().halt(0);
    }

    private static long heap() {
        MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
        memory.gc();
        return memory.getHeapMemoryUsage().getUsed();
    }

    /** Held open, for those that wait may take every descriptor there is; null where only Linux could tell. */
    private static @Nullable FileChannel status() throws IOException {
        Path status = Path.of("/proc/self/status");
        return Files.isReadable(status) ? FileChannel.open(status) : null;
    }

    /** Bytes that the process has from the system, -1 when unknown. */
    private static long resident(@Nullable FileChannel status) throws IOException {
        if (status == null) {
            return -1;
        }
        ByteBuffer content = ByteBuffer.allocate(16 * 1024);
        while (status.read(content, content.position()) > 0) {
            // Until all of it is here.
        }
        return StandardCharsets.UTF_8
                .decode(content.flip())
                .toString()
                .lines()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1_024)
                .findFirst()
                .orElse(-1);
    }

    /** Measures so many; the servers that they need run in this process. */
    static MemoryCommand.Row inItsOwnProcess(Sleepers kind, int count) throws IOException, InterruptedException {
        List<OriginServer> servers = new ArrayList<>();
        try {
            for (int i = 0; i < kind.servers(count); i++) {
                servers.add(OriginServer.start());
            }
            return measured(
                    kind, count, servers.stream().map(OriginServer::baseUrl).toList());
        } finally {
            servers.forEach(OriginServer::close);
        }
    }

    private static MemoryCommand.Row measured(Sleepers kind, int count, List<String> servers)
            throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command(kind, count, servers))
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
                    kind, count, Integer.parseInt(numbers[0]), Long.parseLong(numbers[1]), Long.parseLong(numbers[2]));
        } finally {
            process.destroyForcibly();
            removeHook(end);
        }
    }

    private static List<String> command(Sleepers kind, int count, List<String> servers) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                // Otherwise the heap in use is counted in the pieces that threads have reserved.
                "-XX:-UseTLAB",
                "-Xlog:disable",
                "-cp",
                System.getProperty("java.class.path")));
        if (!servers.isEmpty()) {
            // A session has an event loop for each processor; here one is to carry them all.
            command.add("-XX:ActiveProcessorCount=1");
        }
        command.addAll(List.of(MemoryProbe.class.getName(), kind.name(), Integer.toString(count)));
        command.addAll(servers);
        return command;
    }

    private static void removeHook(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException alreadyEnding) {
            // It runs now.
        }
    }
}
