package io.github.asyncio4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;

/** A real browser without a window. A test that asks for it is skipped where there is none. */
final class Chromium {

    private static final long SECONDS = 60;

    private final Path binary;
    private final Path directory;

    private Chromium(Path binary, Path directory) {
        this.binary = binary;
        this.directory = directory;
    }

    /** @param directory for its profile and what it writes */
    static Chromium in(Path directory) {
        Path binary = Stream.of("chromium", "chromium-browser", "google-chrome")
                .flatMap(name -> Stream.of("/usr/bin/", "/usr/local/bin/").map(parent -> Path.of(parent + name)))
                .filter(Files::isExecutable)
                .findFirst()
                .orElse(null);
        assumeTrue(binary != null, "there is no Chromium here: apt-get install chromium");
        return new Chromium(binary, directory);
    }

    /**
     * What a page is when its scripts have run and its connections are closed.
     *
     * @param budget milliseconds of the page's own clock, which stands still while it waits for the network
     */
    Document open(String url, int budget) throws IOException, InterruptedException {
        return Jsoup.parse(run("--virtual-time-budget=" + budget, "--dump-dom", url));
    }

    /** A picture of the page. */
    Path picture(String url, int width, int height, String... options) throws IOException, InterruptedException {
        Path picture = directory.resolve("picture.png");
        List<String> all = new ArrayList<>(List.of(options));
        all.add("--hide-scrollbars");
        all.add("--window-size=" + width + "," + height);
        all.add("--screenshot=" + picture);
        all.add(url);
        run(all.toArray(String[]::new));
        return picture;
    }

    /** The page as it is printed. */
    Path print(String url) throws IOException, InterruptedException {
        Path printed = directory.resolve("page.pdf");
        run("--print-to-pdf=" + printed, "--no-pdf-header-footer", url);
        return printed;
    }

    private String run(String... args) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                binary.toString(),
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--user-data-dir=" + Files.createTempDirectory(directory, "profile")));
        command.addAll(List.of(args));
        Path output = directory.resolve("output");
        Process process = new ProcessBuilder(command)
                .redirectOutput(output.toFile())
                .redirectError(directory.resolve("errors").toFile())
                .start();
        try {
            assertThat(process.waitFor(SECONDS, TimeUnit.SECONDS))
                    .as("Chromium ends")
                    .isTrue();
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
        return Files.readString(output, StandardCharsets.UTF_8);
    }
}
