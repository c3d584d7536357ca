package io.github.asyncio4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UnitsTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0         | 0 us",
                "0.25      | 250 us",
                "1         | 1 ms",
                "1.234     | 1.23 ms",
                "12.34     | 12.3 ms",
                "101.4     | 101 ms",
                "9999      | 9,999 ms",
                "10312     | 10.3 s",
                "119000    | 119 s",
                "600000    | 10 min"
            })
    void showsThreeDigitsAndAUnit(double millis, String expected) {
        assertThat(Units.duration(millis)).isEqualTo(expected);
    }

    @Test
    void keepsFractionsOfMilliseconds() {
        assertThat(Units.millis(Duration.ofNanos(1_234_567))).isEqualTo(1.234567);
    }

    @Test
    void groupsThousands() {
        assertThat(Units.count(1_234_567)).isEqualTo("1,234,567");
    }
}
