package io.github.asyncio4j.cli;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Prints the script with which a shell completes commands and options. */
@Command(
        name = "completion",
        mixinStandardHelpOptions = true,
        versionProvider = CommandLineTool.Version.class,
        description = "Prints a script for bash and zsh that completes commands, options and file names.",
        footer = {
            "",
            "Examples:",
            "  source <(fetch-benchmark completion)",
            "      in this shell; in ~/.bashrc or ~/.zshrc for all",
            "  fetch-benchmark completion > /etc/bash_completion.d/fetch-benchmark"
        })
final class CompletionCommand implements Callable<Integer> {

    private final Terminal terminal;

    @Spec
    private @Nullable CommandSpec spec;

    CompletionCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws Exception {
        if (spec == null) {
            throw new IllegalStateException("picocli has not filled in this command");
        }
        terminal.print(AutoComplete.bash("fetch-benchmark", spec.root().commandLine()));
        return ExitCode.OK;
    }
}
