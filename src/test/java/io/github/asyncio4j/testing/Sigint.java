package io.github.asyncio4j.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/** Ctrl-C, for tests that send it. */
public final class Sigint {

    private static final long IGNORED = 0x2;

    private Sigint() {}

    /** Skips the test where nothing can be sent: shells start background jobs with SIGINT ignored, and so it stays. */
    public static void assumeDelivered() {
        Assumptions.assumeFalse(
                isIgnored(), "SIGINT is ignored by this process, as by all background jobs of a script");
    }

    private static boolean isIgnored() {
        try {
            return Files.readAllLines(Path.of("/proc/self/status")).stream()
                    .filter(line -> line.startsWith("SigIgn:"))
                    .mapToLong(line -> Long.parseUnsignedLong(line.substring(7).strip(), 16))
                    .anyMatch(mask -> (mask & IGNORED) != 0);
        } catch (IOException noLinux) {
            return false;
        }
    }
}
