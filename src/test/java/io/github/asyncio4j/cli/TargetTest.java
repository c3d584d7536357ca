package io.github.asyncio4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TargetTest {

    private static final InputStream NOTHING = InputStream.nullInputStream();

    @TempDir
    Path directory;

    @Nested
    class Lists {

        @Test
        void skipEmptyLinesAndComments() throws IOException {
            Path file = Files.writeString(
                    directory.resolve("urls.txt"),
                    "# a list\n\nhttp://a/x#part\r\n  http://b/ with space  \n#http://c\n");

            Target target = Target.read(List.of(), List.of(file.toString()), NOTHING);

            assertThat(target.urls()).containsExactly("http://a/x#part", "http://b/ with space");
            assertThat(target.description()).isEqualTo("2 URLs from " + file);
        }

        @Test
        void mayBeginWithAByteOrderMark() throws IOException {
            Path file = Files.writeString(directory.resolve("urls.txt"), "\uFEFFhttp://a\n");

            assertThat(Target.read(List.of(), List.of(file.toString()), NOTHING).urls())
                    .containsExactly("http://a");
        }

        @Test
        void comeFromStandardInputForADash() throws IOException {
            InputStream input = new ByteArrayInputStream("http://b\nhttp://c".getBytes(StandardCharsets.UTF_8));

            Target target = Target.read(List.of("http://a", "-"), List.of(), input);

            assertThat(target.urls()).containsExactly("http://a", "http://b", "http://c");
            assertThat(target.description()).isEqualTo("3 URLs from standard input");
        }

        @Test
        void thatCannotBeReadAreNamedWithTheReason() throws IOException {
            Path binary = Files.write(directory.resolve("binary"), new byte[] {(byte) 0xff, (byte) 0xfe, 0});
            Path empty = Files.writeString(directory.resolve("empty"), "# nothing\n");

            assertThatThrownBy(() -> Target.read(List.of(), List.of("missing.txt"), NOTHING))
                    .hasMessage("cannot read URLs from missing.txt: no such file");
            assertThatThrownBy(() -> Target.read(List.of(), List.of(directory.toString()), NOTHING))
                    .hasMessage("cannot read URLs from " + directory + ": Is a directory");
            assertThatThrownBy(() -> Target.read(List.of(), List.of(binary.toString()), NOTHING))
                    .hasMessage("cannot read URLs from " + binary + ": it is not UTF-8 text");
            assertThatThrownBy(() -> Target.read(List.of(), List.of(empty.toString()), NOTHING))
                    .hasMessage("there are no URLs in " + empty);
            assertThatThrownBy(() -> Target.read(List.of("-"), List.of(), NOTHING))
                    .hasMessage("there are no URLs in standard input");
        }
    }

    @Test
    void oneUrlDescribesItself() throws IOException {
        assertThat(Target.read(List.of("http://a"), List.of(), NOTHING).description())
                .isEqualTo("http://a");
    }

    @Test
    void repeatsItsUrlsInOrderUntilThereAreEnough() throws IOException {
        Target target = Target.read(List.of("http://a", "http://b"), List.of(), NOTHING);

        assertThat(target.repeated(5).urls())
                .containsExactly("http://a", "http://b", "http://a", "http://b", "http://a");
        assertThat(target.repeated(1).urls()).containsExactly("http://a");
    }
}
