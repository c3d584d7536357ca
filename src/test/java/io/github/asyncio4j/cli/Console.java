package io.github.asyncio4j.cli;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** Runs the tool inside this process and keeps what it wrote. */
final class Console {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final boolean interactive;
    private String input = "";

    private Console(boolean interactive) {
        this.interactive = interactive;
    }

    static Console plain() {
        return new Console(false);
    }

    static Console interactive() {
        return new Console(true);
    }

    Console input(String text) {
        input = text;
        return this;
    }

    Terminal terminal() {
        return new Terminal(
                new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)),
                out,
                new PrintStream(err, true, StandardCharsets.UTF_8),
                interactive);
    }

    int run(String... args) {
        return CommandLineTool.run(terminal(), args);
    }

    String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    String err() {
        return err.toString(StandardCharsets.UTF_8);
    }
}
