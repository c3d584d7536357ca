package io.github.asyncio4j.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.github.freva.asciitable.AsciiTable;
import com.github.freva.asciitable.Column;
import com.github.freva.asciitable.HorizontalAlign;
import io.github.asyncio4j.cli.MemoryProbe.Sleepers;
import java.io.IOException;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Shows what many things that wait cost in memory: tasks, threads, WebSockets. */
@Command(
        name = "memory",
        mixinStandardHelpOptions = true,
        versionProvider = CommandLineTool.Version.class,
        sortOptions = false,
        description =
                "Lets many tasks sleep, as many threads, and opens WebSockets on which nothing happens, each kind in a"
                        + " process of its own, and shows what one more costs: on the heap after a collection, and of"
                        + " the memory that the process has from the system.",
        footer = {
            "",
            "Examples:",
            "  fetch-benchmark memory",
            "  fetch-benchmark memory --count 2000 --output json",
            "  fetch-benchmark memory --websockets 20000",
            "",
            "Each WebSocket takes a file descriptor here and one in the process with the client: ulimit -n."
        })
final class MemoryCommand implements Callable<Integer> {

    /** What those of one kind take; bytes. */
    record Row(Sleepers kind, int asked, int started, long heap, long resident) {
        double heapEach() {
            return started == 0 ? 0 : (double) heap / started;
        }

        double residentEach() {
            return started == 0 ? 0 : (double) resident / started;
        }
    }

    private static final int MOST = 1_000_000;

    private final Terminal terminal;

    @Spec
    private @Nullable CommandSpec spec;

    @Option(
            names = {"-n", "--count"},
            paramLabel = "N",
            defaultValue = "10000",
            description = "How many tasks, and how many threads (default: ${DEFAULT-VALUE}).")
    private int count;

    @Option(
            names = {"-w", "--websockets"},
            paramLabel = "N",
            defaultValue = "2000",
            description = "How many idle WebSockets, on one event loop; 0 for none (default: ${DEFAULT-VALUE}).")
    private int websockets;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            defaultValue = "text",
            description = "text or json (default: ${DEFAULT-VALUE}).")
    private String output = "text";

    private volatile boolean interrupted;

    MemoryCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws Exception {
        if (count < 1 || count > MOST) {
            throw wrong("--count must be from 1 to " + Units.count(MOST) + ", but is " + count);
        }
        if (websockets < 0 || websockets > MOST) {
            throw wrong("--websockets must be from 0 to " + Units.count(MOST) + ", but is " + websockets);
        }
        if (!output.equals("text") && !output.equals("json")) {
            throw wrong("--output must be text or json, but is '" + output + "'");
        }
        return Interruption.callsDuring(() -> interrupted = true, this::measured);
    }

    private int measured() throws Exception {
        List<Row> rows = new ArrayList<>();
        for (Sleepers kind : Sleepers.values()) {
            int asked = kind == Sleepers.WEBSOCKETS ? websockets : count;
            if (asked > 0) {
                measure(kind, asked, rows);
            }
        }
        terminal.print(output.equals("json") ? json(rows) : text(rows));
        if (interrupted) {
            return ExitCode.INTERRUPTED;
        }
        return rows.stream().allMatch(row -> row.started() == row.asked()) ? ExitCode.OK : ExitCode.FAILED;
    }

    /** Ctrl-C ends the other process, which then has no answer; what was measured before is still shown. */
    private void measure(Sleepers kind, int asked, List<Row> rows) throws IOException, InterruptedException {
        if (interrupted) {
            return;
        }
        try {
            rows.add(MemoryProbe.inItsOwnProcess(kind, asked));
        } catch (IOException | IllegalStateException e) {
            if (!interrupted) {
                throw e;
            }
        }
    }

    private String text(List<Row> rows) {
        Column[] columns = {
            column("").dataAlign(HorizontalAlign.LEFT),
            column("waiting"),
            column("heap"),
            column("heap each"),
            column("resident"),
            column("resident each")
        };
        Object[][] cells = rows.stream()
                .map(row -> new Object[] {
                    row.kind().label(),
                    Units.count(row.started()),
                    Units.bytes(row.heap()),
                    Units.bytes(Math.round(row.heapEach())),
                    size(row.resident(), row.resident()),
                    size(row.resident(), row.residentEach())
                })
                .toArray(Object[][]::new);
        StringBuilder text = new StringBuilder("What was added by those that wait\n\n")
                .append(AsciiTable.builder()
                        .border(AsciiTable.BASIC_ASCII_NO_DATA_SEPARATORS)
                        .lineSeparator("\n")
                        .data(columns, cells)
                        .asString()
                        .stripTrailing())
                .append('\n');
        for (Row row : rows) {
            if (row.started() < row.asked()) {
                text.append("\nThe system gave only " + Units.count(row.started()) + " "
                        + row.kind().label() + ".\n");
            }
        }
        return text.toString();
    }

    private static Column column(String header) {
        return new Column().header(header).headerAlign(HorizontalAlign.RIGHT).dataAlign(HorizontalAlign.RIGHT);
    }

    private static String size(long known, double bytes) {
        return known < 0 ? "unknown" : Units.bytes(Math.round(bytes));
    }

    private String json(List<Row> rows) throws IOException {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
            json.useDefaultPrettyPrinter();
            json.writeStartObject();
            json.writeNumberField("count", count);
            json.writeNumberField("websocketCount", websockets);
            for (Row row : rows) {
                json.writeObjectFieldStart(row.kind().label());
                json.writeNumberField("started", row.started());
                json.writeNumberField("heapBytes", row.heap());
                json.writeNumberField("heapBytesEach", Math.round(row.heapEach()));
                if (row.resident() >= 0) {
                    json.writeNumberField("residentBytes", row.resident());
                    json.writeNumberField("residentBytesEach", Math.round(row.residentEach()));
                }
                json.writeEndObject();
            }
            json.writeEndObject();
        }
        return text.append('\n').toString();
    }

    private ParameterException wrong(String sentence) {
        if (spec == null) {
            throw new IllegalStateException("picocli has not filled in this command");
        }
        return new ParameterException(spec.commandLine(), sentence);
    }
}
