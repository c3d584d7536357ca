package io.github.asyncio4j.cli;

/**
 * The main class of the fetch benchmark: {@code java -jar fetch-benchmark.jar [compare|load|news|memory|serve|completion|man] …}, see {@code --help}.
 *
 * <p>Exit codes: 0 all well, 1 a request failed or the report could not be written, 2 wrong usage, 3 a threshold
 * was missed, 130 interrupted.
 */
public final class FetchBenchmark {

    private FetchBenchmark() {}

    /** Runs one command and ends the process with its exit code. */
    public static void main(String[] args) {
        NettyDefaults.set();
        if (args.length == 0 || !args[0].equals("load")) {
            NettyDefaults.avoidNativeTransport();
        }
        System.exit(exitCode(args));
    }

    private static int exitCode(String[] args) {
        try {
            return CommandLineTool.run(Terminal.ofProcess(), args);
        } catch (NoClassDefFoundError missing) {
            // Only a user who added the library alone gets here: what the tool needs is optional there.
            System.err.println(
                    "fetch-benchmark: " + String.valueOf(missing.getMessage()).replace('/', '.')
                            + " is missing; run target/fetch-benchmark.jar, or add info.picocli:picocli,"
                            + " org.hdrhistogram:HdrHistogram, com.github.freva:ascii-table and"
                            + " com.fasterxml.jackson.core:jackson-databind to the class path");
            return ExitCode.FAILED;
        }
    }
}
