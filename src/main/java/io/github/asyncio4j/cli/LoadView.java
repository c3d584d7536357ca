package io.github.asyncio4j.cli;

import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.stream.LongStream;

/** What is seen of a load run while it goes on, below the line that says how far it is. */
final class LoadView {

    /** From nothing to the most there was. */
    private static final String LEVELS = " .:-=+*#";

    private static final int SECONDS = 40;
    private static final List<Double> PERCENTILES = List.of(50.0, 90.0, 99.0);

    private final LoadRecorder recorder;

    LoadView(LoadRecorder recorder) {
        this.recorder = recorder;
    }

    /** The rest of that line, and further ones. */
    String text() {
        double seconds = Math.max(1e-3, recorder.nanos() / 1e9);
        long done = recorder.done();
        String rate = ", " + Units.count(Math.round(done / seconds)) + "/s";
        return done == 0 ? rate : rate + "\n" + rates((long) seconds) + latencies() + "  answers  " + answers();
    }

    /** One sign for each whole second. */
    private String rates(long seconds) {
        if (seconds == 0) {
            return "";
        }
        long[] counts = LongStream.range(Math.max(0, seconds - SECONDS), seconds)
                .map(recorder::responses)
                .toArray();
        return "  /s       [" + signs(counts) + "] " + Units.count(counts[counts.length - 1]) + "\n";
    }

    static String signs(long... counts) {
        long most = Math.max(1, LongStream.of(counts).max().orElse(0));
        StringBuilder signs = new StringBuilder();
        for (long count : counts) {
            // Little is not nothing.
            signs.append(LEVELS.charAt((int) ((count * (LEVELS.length() - 1) + most - 1) / most)));
        }
        return signs.toString();
    }

    private String latencies() {
        if (!recorder.hasResponses()) {
            return "";
        }
        StringJoiner all = new StringJoiner(", ", "  latency  ", "\n");
        for (double percentile : PERCENTILES) {
            all.add("p" + Units.exact(percentile) + " " + Units.duration(recorder.millis(percentile)));
        }
        return all.add("max " + Units.duration(recorder.millis(100))).toString();
    }

    private String answers() {
        StringJoiner all = new StringJoiner(", ");
        recorder.statuses().forEach((status, count) -> all.add(status + ": " + Units.count(count)));
        for (Map.Entry<String, Failures> failed : recorder.failures().entrySet()) {
            if (!failed.getKey().startsWith("status-")) {
                all.add(failed.getKey() + ": " + Units.count(failed.getValue().count()));
            }
        }
        return all.toString();
    }
}
