package io.github.asyncio4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CommandLineToolTest {

    private final Console console = Console.plain();

    @Nested
    class WrongUsage {

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                value = {
                    "--requests 0         | --requests must be from 1 to 100,000,000, but is 0",
                    "--requests -5        | --requests must be from 1 to 100,000,000, but is -5",
                    "--requests ten       | Invalid value for option '--requests': 'ten' is not an int",
                    "--concurrency 0      | --concurrency must be from 1 to 100,000,000, but is 0",
                    "--connections 0      | --connections must be from 1 to 100,000,000, but is 0",
                    "--rounds 0           | --rounds must be from 1 to 100,000,000, but is 0",
                    "--timeout 0s         | --timeout must be more than zero",
                    "--delay 10x          | Invalid value for option '--delay': '10x' is not a duration such as 100ms",
                    "--output xml         | --output must be text or json, but is 'xml'",
                    "--only wishful       | --only knows sequential, gather, bounded, rate-limited, hedged, but not 'wishful'",
                    "--rate 0             | --rate must be more than zero and at most 100,000,000, but is 0",
                    "--rate NaN           | --rate must be more than zero",
                    "--hedge-after 0s     | --hedge-after must be more than zero",
                    "--urls missing.txt   | cannot read URLs from missing.txt: no such file",
                    "--nonsense           | Unknown option: '--nonsense'",
                    "--urls               | Missing required parameter for option '--urls' (FILE)",
                    "serve --port 70000   | --port must be from 0 to 65,535, but is 70000",
                    "serve here           | Unmatched argument at index 1: 'here'"
                })
        void isOneLineAndExitCodeTwo(String args, String complaint) {
            assertThat(console.run(args.split(" "))).isEqualTo(ExitCode.USAGE);

            assertThat(console.err()).startsWith("fetch-benchmark: ").contains(complaint);
            assertThat(console.err().lines()).hasSize(1);
            assertThat(console.out()).isEmpty();
        }

        @Test
        void namesTheHelpOfTheCommand() {
            console.run("serve", "--nonsense");

            assertThat(console.err()).endsWith("(see fetch-benchmark serve --help)\n");
        }
    }

    @Nested
    class Help {

        @ParameterizedTest
        @ValueSource(strings = {"--help", "-h", "compare --help", "serve --help"})
        void goesToStandardOutput(String args) {
            assertThat(console.run(args.split(" "))).isZero();

            assertThat(console.out()).startsWith("Usage: fetch-benchmark").doesNotContain("\u001b");
            assertThat(console.err()).isEmpty();
        }

        @Test
        void ofCompareExplainsEveryOption() {
            console.run("compare", "--help");

            assertThat(console.out())
                    .contains(
                            "--requests",
                            "--delay",
                            "--concurrency",
                            "--timeout",
                            "--output",
                            "--urls",
                            "--only",
                            "Examples:");
        }

        @Test
        void hasTheVersion() {
            assertThat(console.run("--version")).isZero();

            assertThat(console.out()).startsWith("fetch-benchmark ");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"--help", "compare --only gather --requests 1 --delay 0 --quiet"})
    void standardOutputThatCannotBeWrittenIsOneLineAndExitCodeOne(String args) {
        OutputStream full = new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("No space left on device");
            }
        };
        java.io.ByteArrayOutputStream err = new java.io.ByteArrayOutputStream();
        Terminal terminal = new Terminal(InputStream.nullInputStream(), full, new PrintStream(err), false);

        assertThat(CommandLineTool.run(terminal, args.split(" "))).isEqualTo(ExitCode.FAILED);

        assertThat(err.toString())
                .startsWith("fetch-benchmark: cannot write to standard output")
                .hasLineCount(1);
    }
}
