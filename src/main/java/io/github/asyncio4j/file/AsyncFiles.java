package io.github.asyncio4j.file;

import io.github.asyncio4j.internal.Checks;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.reactivestreams.Publisher;
import reactor.core.Exceptions;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Reads and writes files without blocking the caller. {@code Files.lines} and {@code Files.readString} do where a thread
 * may wait.
 *
 * <pre>{@code
 * Mono<Long> errors = AsyncFiles.lines(log).filter(line -> line.contains("ERROR")).count();
 * Flux<String> live = AsyncFiles.tail(log, Duration.ofMillis(200));
 * }</pre>
 *
 * <p><b>Text</b> is UTF-8, strictly: what is malformed is a {@link java.nio.charset.MalformedInputException}, as with
 * {@code Files.readString}, and names the line. Lines end with {@code \n}, {@code \r\n} or a lone {@code \r}; the last
 * needs no end. A byte order mark is part of the text.
 *
 * <p><b>Threads.</b> All file access is on {@code Schedulers.boundedElastic()}, and signals come on its threads. A file is
 * read when there is demand, at most 64 KiB ahead, so one of any size takes no more memory than a small one. Between two
 * requests no thread is held.
 *
 * <p><b>Cancellation.</b> Ends a read or write after the chunk under way, and closes the file; no thread is interrupted. A
 * surrounding scope waits for the closing. At a normal end the file is closed before the end is signalled.
 *
 * <p>The twin of Python's {@code aiofiles}.
 */
public final class AsyncFiles {

    private static final Set<OpenOption> REPLACE =
            Set.of(StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE);

    private AsyncFiles() {}

    /**
     * The lines of {@code file}, without their ends, one for each that is asked for.
     *
     * <p>Fails with {@link java.nio.file.NoSuchFileException} and other IOExceptions of the file system, and at the first
     * line that is not UTF-8.
     */
    public static Flux<String> lines(Path file) {
        return FluxFile.assemble("lines of " + Checks.notNull(file, "file"), () -> LineReading.open(file), null);
    }

    /** The whole text. Fails like {@link #lines}, and when it is too long for a String. */
    public static Mono<String> readString(Path file) {
        return read(file)
                .collect(ByteArrayOutputStream::new, (bytes, chunk) -> append(bytes, chunk, file))
                .map(bytes -> decode(bytes, file));
    }

    private static void append(ByteArrayOutputStream bytes, ByteBuffer chunk, Path file) {
        if (chunk.remaining() > Integer.MAX_VALUE - 16 - bytes.size()) {
            throw Exceptions.propagate(new IOException(file + " is too long for a String"));
        }
        bytes.write(chunk.array(), chunk.arrayOffset() + chunk.position(), chunk.remaining());
    }

    private static String decode(ByteArrayOutputStream bytes, Path file) {
        try {
            return Utf8.decode(bytes.toByteArray(), 0, bytes.size(), file);
        } catch (IOException e) {
            throw Exceptions.propagate(e);
        }
    }

    /**
     * The bytes of {@code file} in chunks of at most 64 KiB, one for each that is asked for. Each is a heap buffer that
     * belongs to the receiver.
     *
     * <p>Fails with {@link java.nio.file.NoSuchFileException} and other IOExceptions of the file system.
     */
    public static Flux<ByteBuffer> read(Path file) {
        return FluxFile.assemble("read of " + Checks.notNull(file, "file"), () -> ChunkReading.open(file), null);
    }

    /**
     * Writes {@code content} to {@code file} and emits how many bytes that were, when the file is closed. The file is
     * opened at the first request, then {@code content} is subscribed to and asked for one buffer after the other; the
     * buffers' positions stay as they are.
     *
     * <p>Fails with the IOExceptions of the file system, then {@code content} is cancelled or was never subscribed to; and
     * with the error of {@code content}. After a failure or a cancel the file holds what was written by then: write to a
     * temporary file and move it where that matters.
     *
     * @param options by default {@code CREATE}, {@code TRUNCATE_EXISTING}; {@code WRITE} is understood
     * @throws IllegalArgumentException for {@code READ}, and for {@code APPEND} with {@code TRUNCATE_EXISTING}
     */
    public static Mono<Long> write(Path file, Publisher<? extends ByteBuffer> content, OpenOption... options) {
        Checks.notNull(file, "file");
        Checks.notNull(content, "content");
        return MonoWrite.assemble(file, () -> content, forWriting(options));
    }

    /**
     * Writes {@code text} to {@code file}; completes when the file is closed. Fails with the IOExceptions of the file
     * system, and with {@link java.nio.charset.CharacterCodingException} when {@code text} has half a surrogate pair; then
     * the file was not opened.
     *
     * @param options as for {@link #write}
     */
    public static Mono<Void> writeString(Path file, String text, OpenOption... options) {
        Checks.notNull(file, "file");
        Checks.notNull(text, "text");
        return MonoWrite.assemble(file, () -> Flux.just(Utf8.encode(text)), forWriting(options))
                .then();
    }

    private static Set<OpenOption> forWriting(OpenOption... options) {
        if (Checks.notNull(options, "options").length == 0) {
            return REPLACE;
        }
        Set<OpenOption> all = new LinkedHashSet<>(List.of(options));
        if (all.contains(StandardOpenOption.READ)) {
            throw new IllegalArgumentException("options must not contain READ, but are " + all);
        }
        if (all.contains(StandardOpenOption.APPEND) && all.contains(StandardOpenOption.TRUNCATE_EXISTING)) {
            throw new IllegalArgumentException("options must not both APPEND and TRUNCATE_EXISTING, but are " + all);
        }
        all.add(StandardOpenOption.WRITE);
        return Collections.unmodifiableSet(all);
    }

    /**
     * The lines of {@code file} from its start, and then those that are appended, until cancelled.
     *
     * @see #tail(Path, Duration, TailFrom)
     */
    public static Flux<String> tail(Path file, Duration poll) {
        return tail(file, poll, TailFrom.START);
    }

    /**
     * The lines of {@code file} and of whatever takes its place, until cancelled; looks for more every {@code poll} while
     * there is demand.
     *
     * <p>A line is emitted when its end is there. A file that does not exist is waited for. One that was renamed or deleted
     * is read to its end, then the one that has its name from its start; the last line of the old one needs no end. One
     * that became shorter is read again from its start. What is truncated and grows beyond its former size within one
     * {@code poll} is not noticed.
     *
     * <p>Never completes. Fails with the IOExceptions of the file system, but for a file that does not exist, and at the
     * first line that is not UTF-8.
     *
     * @param poll positive, on the clock of {@code Schedulers.parallel()}
     */
    public static Flux<String> tail(Path file, Duration poll, TailFrom from) {
        Checks.notNull(file, "file");
        Checks.notNull(from, "from");
        return FluxFile.assemble("tail of " + file, () -> new TailReading(file, from), Checks.positive(poll, "poll"));
    }
}
