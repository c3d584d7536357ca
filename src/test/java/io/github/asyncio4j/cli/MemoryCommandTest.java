package io.github.asyncio4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.management.UnixOperatingSystemMXBean;
import io.github.asyncio4j.testing.Recipe;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MemoryCommandTest {

    @Recipe(row = "43", value = "Ten thousand sleeping tasks and as many threads: `memory` prints what each costs.")
    @Test
    void measuresTasksThreadsAndWebSockets() throws Exception {
        Console console = Console.plain();
        assertThat(console.run("memory", "--count", "300", "--websockets", "200", "-o", "json"))
                .as(console.err())
                .isZero();

        JsonNode report = new ObjectMapper().readTree(console.out());
        assertThat(report.get("count").asInt()).isEqualTo(300);
        for (String kind : new String[] {"tasks", "threads"}) {
            assertThat(report.at("/" + kind + "/started").asInt()).isEqualTo(300);
            assertThat(report.at("/" + kind + "/heapBytesEach").asInt()).isBetween(50, 20_000);
        }
        assertThat(report.get("websocketCount").asInt()).isEqualTo(200);
        assertThat(report.at("/websockets/started").asInt()).isEqualTo(200);
        assertThat(report.at("/websockets/heapBytesEach").asInt()).isBetween(500, 10_240);
        JsonNode stacks = report.at("/threads/residentBytesEach");
        assertThat(stacks.isMissingNode() || stacks.asInt() > 4_096).isTrue();
    }

    /** Or as many as there are descriptors for: those of the servers are in this process. */
    @Tag("slow")
    @Test
    void twentyThousandIdleWebSocketsTakeLessThanTenKilobytesEach() throws Exception {
        long descriptors = ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
                ? unix.getMaxFileDescriptorCount() - unix.getOpenFileDescriptorCount()
                : 20_000;
        int count = (int) Math.min(20_000, descriptors - 500);
        Console console = Console.plain();
        assertThat(console.run("memory", "--count", "1", "--websockets", "" + count, "-o", "json"))
                .as(console.err())
                .isZero();

        JsonNode report = new ObjectMapper().readTree(console.out());
        assertThat(report.at("/websockets/started").asInt()).isEqualTo(count);
        assertThat(report.at("/websockets/heapBytesEach").asInt()).isBetween(500, 10_240);
    }

    @Test
    void isATableForPeople() {
        Console console = Console.plain();
        assertThat(console.run("memory", "--count", "50", "-w", "0"))
                .as(console.err())
                .isZero();

        assertThat(console.out())
                .contains("| tasks ", "| threads ", "heap each", "resident each")
                .doesNotContain("websockets");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--count 0     | --count must be from 1 to 1,000,000, but is 0",
                "--websockets -1 | --websockets must be from 0 to 1,000,000, but is -1",
                "--output yaml | --output must be text or json, but is"
            })
    void namesWhatIsWrongInOneLine(String option, String sentence) {
        Console console = Console.plain();
        assertThat(console.run(("memory " + option).split(" "))).isEqualTo(ExitCode.USAGE);
        assertThat(console.err()).contains(sentence).hasLineCount(1);
    }
}
