package io.github.asyncio4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoadPageTest {

    private static final String HOSTILE = "<script>document.title='taken'</script><img src=x onerror=alert(1)>";

    @TempDir
    Path directory;

    private Path report(int code, String... args) throws Exception {
        Path file = directory.resolve("report.html");
        try (OriginServer origin = OriginServer.start()) {
            String[] all = new String[args.length + 4];
            all[0] = "load";
            all[1] = "--quiet";
            all[2] = "--report";
            all[3] = file.toString();
            for (int i = 0; i < args.length; i++) {
                all[i + 4] = args[i].replace("BASE", origin.baseUrl());
            }
            Console console = Console.plain();
            assertThat(console.run(all)).as(console.err()).isEqualTo(code);
            assertThat(console.out()).contains("requests");
        }
        return file;
    }

    @Test
    void hasTheNumbersOfTheRun() throws Exception {
        Document page = Jsoup.parse(Files.readString(report(1, "-n", "40", "BASE/json", "BASE/status/503")));

        assertThat(page.select(".tile").eachText().get(0)).startsWith("requests 40 in ");
        assertThat(page.select("#statuses tr").eachText()).containsExactly("200 20 50 %", "503 20 50 %");
        assertThat(page.select("#failures tr").eachText())
                .singleElement()
                .asString()
                .startsWith("status-503 20 http");
        assertThat(page.select("#phases th").eachText())
                .containsExactly("queue", "dns", "connect", "tls", "first byte", "body");
        assertThat(page.select("#conditions th").eachText()).contains("Method", "Load", "Timeout", "Java");
        assertThat(page.select("svg")).hasSize(3);
        assertThat(page.select("#timeline rect.refused")).isNotEmpty();
        assertThat(page.select("polyline")).hasSize(1);
        assertThat(page.select(".open-loop")).isEmpty();
    }

    @Test
    void showsBothLatenciesInOpenLoop() throws Exception {
        Document page = Jsoup.parse(Files.readString(report(0, "-n", "20", "-q", "400", "BASE/json")));

        assertThat(page.select("#percentiles th").eachText()).containsExactly("from plan", "from send");
        assertThat(page.select("polyline.uncorrected")).hasSize(1);
        assertThat(page.select(".open-loop")).hasSize(1);
    }

    @Test
    void needsNothingElse() throws Exception {
        String page = Files.readString(report(0, "-n", "5", "BASE/json"));

        assertThat(page).doesNotContain("<script", "<link", "<img", "src=", "url(", "@import", "href=");
        assertThat(page).contains("default-src 'none'");
    }

    @Test
    void ofARunWithoutResponsesHasTheFailuresAlone() throws Exception {
        Document page = Jsoup.parse(Files.readString(report(1, "-n", "3", "http://127.0.0.1:1/")));

        assertThat(page.select("svg")).hasSize(1);
        assertThat(page.select("#failures tr").eachText())
                .singleElement()
                .asString()
                .startsWith("connect 3 ");
    }

    @Test
    void thatCannotBeWrittenIsSaidAfterTheReport() {
        Console console = Console.plain();
        try (OriginServer origin = OriginServer.start()) {
            assertThat(console.run("load", "-n", "3", "--quiet", "--report", "/dev/full", origin.baseUrl() + "/json"))
                    .isEqualTo(ExitCode.FAILED);
        }
        assertThat(console.out()).contains("succeeded   3");
        assertThat(console.err())
                .startsWith("fetch-benchmark: cannot write the report to /dev/full: ")
                .hasLineCount(1);
    }

    @Nested
    class InABrowser {

        @Test
        void isHarmlessWhateverTheTargetIsCalled() throws Exception {
            Chromium chromium = Chromium.in(directory);
            Path file = report(0, "-n", "2", "BASE/json?" + HOSTILE);

            Document page = chromium.open(file.toUri().toString(), 2_000);

            assertThat(page.title()).startsWith("Load on http").contains("<script>");
            assertThat(page.select("script, img")).isEmpty();
        }

        @Test
        void isReadableInLightAndDarkAndOnPaper() throws Exception {
            Chromium chromium = Chromium.in(directory);
            String url = report(0, "-n", "50", "BASE/json").toUri().toString();

            BufferedImage light =
                    ImageIO.read(chromium.picture(url, 1_000, 1_600).toFile());
            BufferedImage dark =
                    ImageIO.read(chromium.picture(url, 1_000, 1_600, "--blink-settings=preferredColorScheme=0")
                            .toFile());
            byte[] paper = Files.readAllBytes(chromium.print(url));

            assertThat(brightness(light)).isGreaterThan(200);
            assertThat(brightness(dark)).isLessThan(60);
            assertThat(colours(light)).isGreaterThan(20);
            assertThat(new String(paper, 0, 5, StandardCharsets.US_ASCII)).isEqualTo("%PDF-");
        }

        private int brightness(BufferedImage picture) {
            Color corner = new Color(picture.getRGB(2, 2));
            return (corner.getRed() + corner.getGreen() + corner.getBlue()) / 3;
        }

        private long colours(BufferedImage picture) {
            return java.util.Arrays.stream(
                            picture.getRGB(0, 0, picture.getWidth(), picture.getHeight(), null, 0, picture.getWidth()))
                    .distinct()
                    .count();
        }
    }
}
