package io.github.asyncio4j.site;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class PerformancePageTest {

    private static final Path PAGE = Path.of("docs/performance.md");
    private static final Path BENCHMARKS = Path.of("benchmarks");

    @Test
    void saysWhatTheResultsSay() throws IOException {
        String page = Files.readString(PAGE);
        String updated = new PerformancePage(BENCHMARKS).updated(page);
        if (Boolean.getBoolean("updateDocumentation")) {
            Files.writeString(PAGE, updated);
            page = updated;
        }
        assertThat(page).as("benchmarks/page writes the tables of %s", PAGE).isEqualTo(updated);
    }

    @Test
    void showsAllResultsThatAreKept() throws IOException {
        List<String> markers;
        try (Stream<Path> files = Files.list(BENCHMARKS.resolve("results"))) {
            markers = files.map(file ->
                            "<!-- results: " + file.getFileName().toString().replace(".json", "") + " -->")
                    .toList();
        }
        assertThat(Files.readString(PAGE))
                .as("for each file of results: its marker, then <!-- end -->")
                .contains(markers);
    }

    @Test
    void makesARowForEachBenchmarkAndAColumnForEachChoiceOfParameters() throws IOException {
        String json =
                "{'date': '2026-01-02', 'machine': 'm', 'java': 'j', 'os': 'o', 'netty': 'n', 'options': '-f 1', 'results': ["
                        + "{'benchmark': 'gather', 'params': {'n': '1'}, 'score': 1.2345, 'error': 0.1, 'unit': 'ns/op', 'runs': 5, 'bytes': 24},"
                        + "{'benchmark': 'gather', 'params': {'n': '9'}, 'score': 1234.4, 'error': 12.34, 'unit': 'ns/op', 'runs': 5},"
                        + "{'benchmark': 'theirs', 'params': {'n': '9'}, 'score': 3, 'error': 0, 'unit': 'ns/op', 'runs': 5}]}";

        assertThat(PerformancePage.results(new ObjectMapper().readTree(json.replace('\'', '"'))))
                .isEqualTo("""
                        | ns/op | n = 1 | n = 9 |
                        | --- | ---: | ---: |
                        | **gather** | 1.23 ± 0.10, 24 B | 1,234 ± 12.3 |
                        | theirs |  | 3 ± 0 |

                        _2026-01-02; m; j; o; Netty n; `benchmarks/run -f 1`, 5 measurements each._
                        """);
    }
}
