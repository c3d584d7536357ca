package io.github.asyncio4j.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/** A file as lines, read through one buffer. */
final class LineReading implements Reading<String> {

    private final FileChannel channel;
    private final LineSplitter splitter;
    private final ByteBuffer buffer = ByteBuffer.allocate(ChunkReading.CHUNK);

    private LineReading(FileChannel channel, LineSplitter splitter) {
        this.channel = channel;
        this.splitter = splitter;
    }

    static LineReading open(Path file) throws IOException {
        return new LineReading(FileChannel.open(file, StandardOpenOption.READ), new LineSplitter(file));
    }

    @Override
    public @Nullable String next() throws IOException {
        String line = splitter.next();
        while (line == null) {
            if (channel.read(buffer.clear()) < 0) {
                return splitter.end();
            }
            splitter.feed(buffer.flip());
            line = splitter.next();
        }
        return line;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
