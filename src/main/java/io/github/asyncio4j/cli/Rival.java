package io.github.asyncio4j.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Clients of others that fetch the same URLs in the same run, where they are installed. */
enum Rival {
    WRK(false) {
        @Override
        List<String> command(RivalRace race) {
            return List.of(
                    "wrk",
                    "-t1",
                    "-c" + race.concurrency(),
                    "-d" + RivalRace.SECONDS + "s",
                    "--timeout",
                    race.timeout().toSeconds() + "s",
                    "-s",
                    script("wrk.lua"),
                    race.urls().get(0));
        }
    },

    HEY(false) {
        @Override
        List<String> command(RivalRace race) {
            int workers = Math.min(race.concurrency(), race.urls().size());
            // It rounds down to a multiple of its workers.
            return List.of(
                    "hey",
                    "-n",
                    Integer.toString(race.urls().size()),
                    "-c",
                    Integer.toString(workers),
                    "-t",
                    Long.toString(Math.max(1, race.timeout().toSeconds())),
                    "-o",
                    "csv",
                    race.urls().get(0));
        }
    },

    CURL(true) {
        @Override
        List<String> command(RivalRace race) {
            return List.of(
                    "curl",
                    "--silent",
                    "--parallel",
                    "--parallel-immediate",
                    "--parallel-max",
                    Integer.toString(Math.min(300, race.concurrency())),
                    "--max-time",
                    Long.toString(Math.max(1, race.timeout().toSeconds())),
                    "--write-out",
                    "%{http_code},%{time_total}\n",
                    "--config",
                    "-");
        }

        @Override
        String input(RivalRace race) {
            return race.urls().stream()
                    .map(url ->
                            "url = \"" + url.replace("\\", "\\\\").replace("\"", "\\\"") + "\"\noutput = /dev/null\n")
                    .collect(Collectors.joining());
        }
    },

    AIOHTTP(true) {
        @Override
        List<String> command(RivalRace race) {
            return List.of(
                    PYTHON,
                    script("aiohttp_race.py"),
                    Integer.toString(race.concurrency()),
                    Double.toString(race.timeout().toMillis() / 1_000.0));
        }

        @Override
        String input(RivalRace race) {
            return String.join("\n", race.urls());
        }

        @Override
        boolean isInstalled() {
            return RivalRace.succeeds(List.of(PYTHON, "-c", "import aiohttp"));
        }
    };

    private static final String PYTHON = "python3";

    private final boolean takesLists;

    Rival(boolean takesLists) {
        this.takesLists = takesLists;
    }

    abstract List<String> command(RivalRace race);

    /** What it reads from standard input. */
    String input(RivalRace race) {
        return "";
    }

    boolean isInstalled() {
        String path = Optional.ofNullable(System.getenv("PATH")).orElse("");
        return Stream.of(path.split(java.io.File.pathSeparator, -1))
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, label())));
    }

    /** Whether it fetches more than one URL in a run. */
    boolean takesLists() {
        return takesLists;
    }

    String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Optional<Rival> named(String label) {
        return Stream.of(values()).filter(rival -> rival.label().equals(label)).findFirst();
    }

    static String labels() {
        return Stream.of(values()).map(Rival::label).collect(Collectors.joining(", "));
    }

    /** A script from the class path, as a file that the other program can read. */
    private static String script(String name) {
        try (var source = Rival.class.getResourceAsStream(name)) {
            if (source == null) {
                throw new IllegalStateException(name + " is not on the class path");
            }
            Path file = Files.createTempFile("fetch-benchmark-", "-" + name);
            file.toFile().deleteOnExit();
            Files.write(file, source.readAllBytes());
            return file.toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
