package io.github.asyncio4j.cli;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Locale;

/** Numbers as people read them: three digits that count, and a unit. */
final class Units {

    private static final double NANOS_PER_MILLI = 1e6;

    private Units() {}

    static double millis(Duration value) {
        return value.toNanos() / NANOS_PER_MILLI;
    }

    static String duration(Duration value) {
        return duration(millis(value));
    }

    static String duration(double millis) {
        if (millis < 0.9995) {
            return plain(millis * 1_000) + " us";
        }
        if (millis < 9_999.5) {
            return plain(millis) + " ms";
        }
        return millis < 119_950 ? plain(millis / 1_000) + " s" : plain(millis / 60_000) + " min";
    }

    /** 1,234 or 123 or 12.3 or 1.23, without zeros that say nothing. */
    static String plain(double value) {
        if (value == Math.rint(value) || value >= 99.95) {
            return String.format(Locale.ROOT, "%,.0f", value);
        }
        return String.format(Locale.ROOT, value >= 9.995 ? "%.1f" : "%.2f", value);
    }

    /** 50 or 99.9: all digits, and none that says nothing. */
    static String exact(double value) {
        return BigDecimal.valueOf(value).stripTrailingZeros().toPlainString();
    }

    static String bytes(long value) {
        if (value < 1_000) {
            return value + " B";
        }
        if (value < 1_000_000) {
            return plain(value / 1e3) + " kB";
        }
        return value < 1_000_000_000L ? plain(value / 1e6) + " MB" : plain(value / 1e9) + " GB";
    }

    static String count(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }
}
