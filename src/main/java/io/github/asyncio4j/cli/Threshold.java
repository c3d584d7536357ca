package io.github.asyncio4j.cli;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.HdrHistogram.AbstractHistogram;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.TypeConversionException;

/**
 * What a run has to keep, such as {@code p99<50ms}, or {@code gather.p99<50ms} where there are several scenarios.
 *
 * @param text as the user wrote it
 * @param scenario the one it is about; null: all that were measured
 * @param metric what is measured: a percentile, {@code max}, {@code mean}, {@code rps} or {@code failed}
 * @param relation {@code <}, {@code <=}, {@code >} or {@code >=}
 * @param limit milliseconds, requests a second, failed requests, or their percentage
 * @param percent the limit is a share of all requests
 */
record Threshold(
        String text, @Nullable String scenario, String metric, String relation, double limit, boolean percent) {

    private static final Pattern FORM = Pattern.compile(
            "\\s*(?:([a-z-]+)\\.)?(p\\d+(?:\\.\\d+)?|max|mean|rps|failed)\\s*(<=|<|>=|>)\\s*(\\S+)\\s*");
    private static final String FAILED = "failed";
    private static final String RATE = "rps";
    private static final double MICROS_PER_MILLI = 1_000;

    /** @throws IllegalArgumentException with a sentence for the user */
    static Threshold parse(String text) {
        Matcher parts = FORM.matcher(text);
        if (!parts.matches()) {
            throw new IllegalArgumentException(
                    "--threshold wants p99<50ms, max<1s, mean<20ms, rps>1000 or failed<1%," + " but is '" + text + "'");
        }
        String metric = parts.group(2);
        String limit = parts.group(4);
        boolean percent = metric.equals(FAILED) && limit.endsWith("%");
        try {
            if (metric.startsWith("p")) {
                percentile(metric);
            }
            return new Threshold(
                    text.strip(), parts.group(1), metric, parts.group(3), limit(metric, limit, percent), percent);
        } catch (NumberFormatException | TypeConversionException e) {
            throw new IllegalArgumentException("--threshold '" + text + "': " + e.getMessage(), e);
        }
    }

    private static double limit(String metric, String limit, boolean percent) {
        if (metric.equals(RATE) || metric.equals(FAILED)) {
            String number = percent ? limit.substring(0, limit.length() - 1) : limit;
            if (!number.matches("\\d+(\\.\\d+)?")) {
                throw new NumberFormatException("'" + limit + "' is not a number");
            }
            return Double.parseDouble(number);
        }
        return Units.millis(new DurationConverter().convert(limit));
    }

    /** {@code p999} and {@code p99.9} are the same. */
    private static double percentile(String metric) {
        String digits = metric.substring(1);
        boolean written = digits.length() <= 2 || digits.contains(".") || digits.equals("100");
        double value = Double.parseDouble(written ? digits : digits.substring(0, 2) + "." + digits.substring(2));
        if (value > 100) {
            throw new NumberFormatException("there is no percentile " + digits);
        }
        return value;
    }

    /** Whether it is about failed requests, so that the user has said how many are too many. */
    boolean isOfFailures() {
        return metric.equals(FAILED);
    }

    boolean isAbout(String name) {
        return scenario == null || scenario.equals(name);
    }

    /** A run without a single response keeps no limit on latencies. */
    boolean isMetBy(Measured run) {
        double value = value(run);
        return switch (relation) {
            case "<" -> value < limit;
            case "<=" -> value <= limit;
            case ">" -> value > limit;
            default -> value >= limit;
        };
    }

    /** What was measured, for people. */
    String measured(Measured run) {
        double value = value(run);
        if (Double.isNaN(value)) {
            return "no response";
        }
        if (metric.equals(RATE) || metric.equals(FAILED)) {
            return Units.plain(value) + (percent ? " %" : "");
        }
        return Units.duration(Duration.ofNanos((long) (value * 1e6)));
    }

    private double value(Measured run) {
        if (metric.equals(RATE)) {
            return run.requestsPerSecond();
        }
        if (metric.equals(FAILED)) {
            return percent ? 100.0 * run.failed() / Math.max(1, run.requests()) : run.failed();
        }
        AbstractHistogram micros = run.latencies();
        if (micros.getTotalCount() == 0) {
            return Double.NaN;
        }
        return switch (metric) {
                    case "max" -> micros.getMaxValue();
                    case "mean" -> micros.getMean();
                    default -> micros.getValueAtPercentile(percentile(metric));
                }
                / MICROS_PER_MILLI;
    }
}
