package io.github.asyncio4j.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** The commands, and what they have in common: one line for an error, and the exit code. */
@Command(
        name = "fetch-benchmark",
        mixinStandardHelpOptions = true,
        versionProvider = CommandLineTool.Version.class,
        synopsisSubcommandLabel = "[COMMAND]",
        description = "Measures what concurrent fetching gains over fetching one URL after the other.",
        footer = {
            "",
            "Examples:",
            "  fetch-benchmark load -z 10s -c 20 http://127.0.0.1:8080/",
            "      as much load as 20 connections make, for ten seconds",
            "  fetch-benchmark load -z 30s -q 500 --threshold 'p99<50ms' http://127.0.0.1:8080/",
            "      500 requests a second; exit code 3 if the limit is missed",
            "  fetch-benchmark serve --port 8080",
            "      something to try it on",
            "",
            "Without a command it compares, on a server of its own:",
            "  fetch-benchmark",
            "  fetch-benchmark https://example.org/a https://example.org/b",
            "  fetch-benchmark compare --help",
            "",
            "Exit codes: 0 all well, 1 a request failed or the report could not be written,",
            "2 wrong usage, 3 a threshold was missed, 130 interrupted."
        })
final class CommandLineTool {

    private static final Set<String> OWN_OPTIONS = Set.of("-h", "--help", "-V", "--version");

    /** What is about every command. */
    private static final Set<String> OF_ALL = Set.of("-h", "--help", "-V", "--version", "completion", "man");

    private static final String DEFAULT_COMMAND = "compare";

    private static final Map<String, Function<Terminal, Object>> COMMANDS = commands();

    private CommandLineTool() {}

    private static Map<String, Function<Terminal, Object>> commands() {
        Map<String, Function<Terminal, Object>> commands = new LinkedHashMap<>();
        commands.put(DEFAULT_COMMAND, CompareCommand::new);
        commands.put("load", LoadCommand::new);
        commands.put("news", NewsCommand::new);
        commands.put("memory", MemoryCommand::new);
        commands.put("serve", ServeCommand::new);
        commands.put("completion", CompletionCommand::new);
        commands.put("man", ManCommand::new);
        return commands;
    }

    /** Runs one command to its end and gives its exit code; never throws for what a user may do. */
    static int run(Terminal terminal, String... args) {
        PrintWriter help = new PrintWriter(terminal.out(), false, StandardCharsets.UTF_8);
        CommandLine line = new CommandLine(new CommandLineTool());
        String[] complete = withDefaultCommand(args);
        COMMANDS.forEach((name, command) -> {
            // Reading the annotations of a command takes tens of milliseconds; only help needs those of all.
            if (complete[0].equals(name) || OF_ALL.contains(complete[0])) {
                line.addSubcommand(command.apply(terminal));
            }
        });
        int code = line.setOut(help)
                .setParameterExceptionHandler((e, input) -> usage(terminal, e))
                .setExecutionExceptionHandler((e, command, input) -> failure(terminal, e))
                .execute(complete);
        return help.checkError() ? failure(terminal, new IOException("cannot write to standard output")) : code;
    }

    private static String[] withDefaultCommand(String[] args) {
        if (args.length > 0 && (OWN_OPTIONS.contains(args[0]) || COMMANDS.containsKey(args[0]))) {
            return args;
        }
        String[] compare = new String[args.length + 1];
        compare[0] = DEFAULT_COMMAND;
        System.arraycopy(args, 0, compare, 1, args.length);
        return compare;
    }

    private static int usage(Terminal terminal, ParameterException e) {
        CommandSpec command = e.getCommandLine().getCommandSpec();
        terminal.say("fetch-benchmark: " + firstLine(String.valueOf(e.getMessage())) + " (see "
                + command.qualifiedName() + " --help)");
        return ExitCode.USAGE;
    }

    private static int failure(Terminal terminal, Exception e) {
        terminal.say("fetch-benchmark: " + firstLine(e.getMessage() == null ? e.toString() : e.getMessage()));
        return ExitCode.FAILED;
    }

    private static String firstLine(String text) {
        return text.lines().findFirst().orElse("").strip();
    }

    /** Written into the manifest of the runnable jar by the build. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = CommandLineTool.class.getPackage().getImplementationVersion();
            return new String[] {"fetch-benchmark " + (version == null ? "(not packaged)" : version)};
        }
    }
}
