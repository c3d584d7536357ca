package io.github.asyncio4j.cli;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Prints the manual page. */
@Command(
        name = "man",
        mixinStandardHelpOptions = true,
        versionProvider = CommandLineTool.Version.class,
        description = "Prints the manual page, all commands in one, as man reads it.",
        footer = {
            "",
            "Examples:",
            "  fetch-benchmark man | man -l -",
            "  fetch-benchmark man > /usr/local/share/man/man1/fetch-benchmark.1"
        })
final class ManCommand implements Callable<Integer> {

    private final Terminal terminal;

    @Spec
    private @Nullable CommandSpec spec;

    ManCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws Exception {
        if (spec == null) {
            throw new IllegalStateException("picocli has not filled in this command");
        }
        terminal.print(ManPage.of(spec.root().commandLine()));
        return ExitCode.OK;
    }
}
