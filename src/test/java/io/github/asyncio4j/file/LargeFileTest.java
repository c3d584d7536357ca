package io.github.asyncio4j.file;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file forty times as large as the heap, in a process of its own, so that the heap is what decides. */
class LargeFileTest {

    private static final long GIB = 1L << 30;

    @TempDir
    Path directory;

    @Test
    @Tag("slow")
    void aGibibyteStreamsThroughASmallHeap() throws Exception {
        assertThat(run("24m", GIB)).isEqualTo("read " + GIB + " copied " + GIB + " lines " + GIB / 64);
    }

    @Test
    void aFileLargerThanTheHeapStreamsThroughIt() throws Exception {
        assertThat(run("16m", 32L << 20)).isEqualTo("read 33554432 copied 33554432 lines 524288");
    }

    private String run(String heap, long size) throws IOException, InterruptedException {
        Path sparse = directory.resolve("sparse");
        try (RandomAccessFile file = new RandomAccessFile(sparse.toFile(), "rw")) {
            file.setLength(size);
        }
        Path output = directory.resolve("output");
        Process process = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx" + heap,
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        Main.class.getName(),
                        sparse.toString(),
                        directory.resolve("lines").toString()))
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
        return Files.readString(output).trim();
    }

    static final class Main {

        private Main() {}

        public static void main(String... paths) {
            Path sparse = Path.of(paths[0]);
            Path lines = Path.of(paths[1]);
            Duration limit = Duration.ofMinutes(4);
            Long read = AsyncFiles.read(sparse)
                    .map(chunk -> (long) chunk.remaining())
                    .reduce(0L, Long::sum)
                    .block(limit);
            byte[] text = ("x".repeat(63) + "\n").repeat(1024).getBytes(java.nio.charset.StandardCharsets.UTF_8);
            Long copied = AsyncFiles.write(
                            lines,
                            AsyncFiles.read(sparse).map(chunk -> java.nio.ByteBuffer.wrap(text, 0, chunk.remaining())))
                    .block(limit);
            Long counted = AsyncFiles.lines(lines).count().block(limit);
            System.out.println("read " + read + " copied " + copied + " lines " + counted);
            System.exit(0);
        }
    }
}
