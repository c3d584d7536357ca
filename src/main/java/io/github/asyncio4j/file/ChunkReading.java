package io.github.asyncio4j.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/** A file as chunks, each in a buffer of its own. */
final class ChunkReading implements Reading<ByteBuffer> {

    static final int CHUNK = 64 * 1024;
    private static final int SMALL = 4 * 1024;

    private final FileChannel channel;
    private long read;

    private ChunkReading(FileChannel channel) {
        this.channel = channel;
    }

    static ChunkReading open(Path file) throws IOException {
        return new ChunkReading(FileChannel.open(file, StandardOpenOption.READ));
    }

    @Override
    public @Nullable ByteBuffer next() throws IOException {
        // The size is a hint: the file may grow, and in /proc it is always zero.
        long left = channel.size() - read;
        ByteBuffer chunk = ByteBuffer.allocate((int) Math.min(CHUNK, left > 0 ? left : SMALL));
        int length = channel.read(chunk);
        if (length < 0) {
            return null;
        }
        read += length;
        return chunk.flip();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
