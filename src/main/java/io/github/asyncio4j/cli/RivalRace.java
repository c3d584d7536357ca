package io.github.asyncio4j.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * One round of another program. All of them are made to print {@code status,seconds} for each response, with the status
 * 000 for one that failed, and perhaps a line {@code wall,seconds}; {@code wrk} counts instead, {@code status,seconds,n}.
 */
record RivalRace(List<String> urls, int concurrency, Duration timeout) {

    /** How long {@code wrk} runs, which knows no number of requests. */
    static final int SECONDS = 2;

    private static final long LONGEST_MICROS = TimeUnit.HOURS.toMicros(1);

    /** Runs {@code rival} once; a cancel kills it. Fails when it cannot be run, or prints nothing that is understood. */
    Mono<Round> round(Rival rival) {
        return Mono.<Round>create(sink -> {
                    try {
                        Process process = new ProcessBuilder(rival.command(this))
                                .redirectError(ProcessBuilder.Redirect.DISCARD)
                                .start();
                        sink.onDispose(process::destroy);
                        sink.success(read(rival, process));
                    } catch (IOException | RuntimeException e) {
                        sink.error(new IOException("cannot run " + rival.label() + ": " + e.getMessage(), e));
                    }
                })
                .subscribeOn(Schedulers.boundedElastic());
    }

    private Round read(Rival rival, Process process) throws IOException {
        long started = System.nanoTime();
        CompletableFuture<Void> fed = CompletableFuture.runAsync(() -> feed(process, rival.input(this)));
        Lines lines = new Lines();
        try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
            out.lines().forEach(lines::take);
        }
        fed.join();
        Round round = lines.round(Duration.ofNanos(System.nanoTime() - started));
        if (round.succeeded() + round.failed() == 0) {
            throw new IOException("it printed nothing that is understood here");
        }
        return round;
    }

    private static void feed(Process process, String input) {
        try (var to = process.outputWriter(StandardCharsets.UTF_8)) {
            to.write(input);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static boolean succeeds(List<String> command) {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** What another program has printed so far. */
    static final class Lines {
        private final Histogram micros = new Histogram(LONGEST_MICROS, 3);
        private final Map<String, Failures> failures = new TreeMap<>();
        private long succeeded;
        private double wallSeconds;

        void take(String line) {
            String[] fields = line.strip().split(",", -1);
            if (fields.length == 2 && fields[0].equals("wall")) {
                wallSeconds = Double.parseDouble(fields[1]);
            } else if (fields.length == 8 && fields[6].matches("\\d+")) { // hey's
                add(fields[6], Double.parseDouble(fields[0]), 1);
                wallSeconds = Math.max(wallSeconds, Double.parseDouble(fields[7]) + Double.parseDouble(fields[0]));
            } else if (fields.length >= 2 && fields[0].matches("\\d{3}")) {
                add(fields[0], Double.parseDouble(fields[1]), fields.length == 2 ? 1 : Long.parseLong(fields[2]));
            }
        }

        private void add(String status, double seconds, long count) {
            if (count == 0) {
                return;
            }
            if (status.compareTo("100") >= 0 && status.compareTo("400") < 0) {
                succeeded += count;
                micros.recordValueWithCount(Math.min(LONGEST_MICROS, Math.round(seconds * 1e6)), count);
            } else {
                String kind = status.equals("000") ? "failed" : "status-" + status;
                failures.merge(kind, new Failures(count, "as it says itself"), Failures::plus);
            }
        }

        Round round(Duration measured) {
            Duration wall = wallSeconds > 0 ? Duration.ofNanos(Math.round(wallSeconds * 1e9)) : measured;
            return new Round(wall, succeeded, failures, micros, 0);
        }
    }
}
