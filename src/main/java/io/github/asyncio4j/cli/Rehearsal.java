package io.github.asyncio4j.cli;

import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;

/**
 * What the build runs to make the class data archive: a short run of each command, so that the archive has the classes
 * that real runs need. See {@code bin/fetch-benchmark}.
 */
final class Rehearsal {

    private Rehearsal() {}

    public static void main(String[] args) {
        NettyDefaults.set();
        NettyDefaults.avoidNativeTransport();
        run("--help");
        run("compare", "--help");
        run("compare", "--requests", "20", "--delay", "1ms", "--rounds", "1");
        run("compare", "--requests", "20", "--delay", "1ms", "--only", "gather", "--rounds", "1", "--output", "json");
        try (OriginServer origin = OriginServer.start()) {
            run("load", "-n", "50", origin.baseUrl() + "/json");
            run("load", "-n", "50", "--output", "json", origin.baseUrl() + "/json", origin.baseUrl() + "/status/404");
        }
        System.exit(0);
    }

    private static void run(String... args) {
        OutputStream nowhere = OutputStream.nullOutputStream();
        CommandLineTool.run(
                new Terminal(InputStream.nullInputStream(), nowhere, new PrintStream(nowhere), false), args);
    }
}
