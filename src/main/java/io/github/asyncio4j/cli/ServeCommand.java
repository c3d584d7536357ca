package io.github.asyncio4j.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The built-in server by itself, for trying out any client. */
@Command(
        name = "serve",
        mixinStandardHelpOptions = true,
        versionProvider = CommandLineTool.Version.class,
        sortOptions = false,
        description = "Runs the built-in server until Ctrl-C; GET / lists what it answers.",
        footer = {"", "Examples:", "  fetch-benchmark serve --port 8080", "  curl http://127.0.0.1:8080/delay/250"})
final class ServeCommand implements Callable<Integer> {

    private static final int MOST_PORT = 65_535;

    private final Terminal terminal;

    @Spec
    private @Nullable CommandSpec spec;

    @Option(
            names = {"-p", "--port"},
            paramLabel = "PORT",
            defaultValue = "8080",
            description = "Where to listen; 0 takes any free port (default: ${DEFAULT-VALUE}).")
    private int port;

    @Option(
            names = "--host",
            paramLabel = "ADDRESS",
            defaultValue = "127.0.0.1",
            description = "The address to listen on (default: ${DEFAULT-VALUE}).")
    private String host = "";

    ServeCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws Exception {
        if (port < 0 || port > MOST_PORT) {
            throw wrong("--port must be from 0 to 65,535, but is " + port);
        }
        try (OriginServer origin = start()) {
            return Interruption.callsDuring(origin::stop, () -> {
                terminal.print("listening on " + origin.baseUrl() + "\n");
                origin.awaitClose();
                return ExitCode.INTERRUPTED;
            });
        }
    }

    private OriginServer start() throws IOException {
        try {
            return OriginServer.start(host, port, Runtime.getRuntime().availableProcessors());
        } catch (RuntimeException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new IOException("cannot listen on " + host + ":" + port + ": " + cause.getMessage(), e);
        }
    }

    private ParameterException wrong(String sentence) {
        if (spec == null) {
            throw new IllegalStateException("picocli has not filled in this command");
        }
        return new ParameterException(spec.commandLine(), sentence);
    }
}
