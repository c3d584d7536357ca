package io.github.asyncio4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class DurationConverterTest {

    @ParameterizedTest
    @CsvSource({
        "100ms, PT0.1S",
        "2s, PT2S",
        "1m, PT1M",
        "1min, PT1M",
        "1.5s, PT1.5S",
        "250us, PT0.00025S",
        "2h, PT2H",
        "0, PT0S",
        "0s, PT0S"
    })
    void readsNumberAndUnit(String text, Duration expected) {
        assertThat(new DurationConverter().convert(text)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "100", "ms", "-1s", "10x", "1s2", "NaN", "infinity", "1e400s", "999999h", "1 s", "1S"})
    void refusesAnythingElseByShowingExamples(String text) {
        assertThatThrownBy(() -> new DurationConverter().convert(text))
                .isInstanceOf(TypeConversionException.class)
                .hasMessage("'" + text + "' is not a duration such as 100ms, 2s or 1m");
    }
}
