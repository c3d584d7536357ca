package io.github.asyncio4j.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/**
 * The lines of a file that grows, shrinks and is replaced. It keeps the file open, so that one which was renamed or
 * deleted is read to its end before the one that took its name, and so that its identity cannot be given to that one.
 */
final class TailReading implements Reading<String> {

    private final Path file;
    private final LineSplitter splitter;
    private final ByteBuffer buffer = ByteBuffer.allocate(ChunkReading.CHUNK);
    private boolean skipToEnd;
    private @Nullable FileChannel channel;
    private @Nullable Object identity;
    private long position;

    TailReading(Path file, TailFrom from) {
        this.file = file;
        this.splitter = new LineSplitter(file);
        this.skipToEnd = from == TailFrom.END;
    }

    @Override
    public @Nullable String next() throws IOException {
        for (String line = splitter.next(); ; line = splitter.next()) {
            if (line != null) {
                return line;
            }
            FileChannel open = channel == null ? open() : channel;
            if (open == null) {
                return null;
            }
            if (readMore(open)) {
                continue;
            }
            if (open.size() < position) {
                splitter.forget();
                position = 0;
                continue;
            }
            if (!isReplaced()) {
                return null;
            }
            if (readMore(open)) {
                continue; // written just before it was replaced
            }
            close();
            String last = splitter.end();
            if (last != null) {
                return last;
            }
        }
    }

    private boolean readMore(FileChannel open) throws IOException {
        int length = open.read(buffer.clear(), position);
        if (length <= 0) {
            return false;
        }
        position += length;
        splitter.feed(buffer.flip());
        return true;
    }

    private @Nullable FileChannel open() throws IOException {
        Object before = identify();
        boolean skip = skipToEnd;
        skipToEnd = false;
        if (before == null) {
            return null;
        }
        FileChannel opened;
        try {
            opened = FileChannel.open(file, StandardOpenOption.READ);
        } catch (NoSuchFileException e) {
            return null;
        }
        channel = opened;
        if (!before.equals(identify())) {
            close(); // replaced meanwhile: which of the two it is shows at the next try
            return null;
        }
        identity = before;
        position = skip ? opened.size() : 0;
        return opened;
    }

    private boolean isReplaced() throws IOException {
        Object now = identify();
        return now != null && !now.equals(identity);
    }

    /** What stays the same while it is the same file, whatever its name; null if there is none by this name. */
    private @Nullable Object identify() throws IOException {
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            Object key = attributes.fileKey();
            return key == null ? attributes.creationTime() : key;
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    @Override
    public void close() throws IOException {
        FileChannel open = channel;
        channel = null;
        if (open != null) {
            open.close();
        }
    }
}
