package io.github.asyncio4j.file;

/**
 * Where {@link AsyncFiles#tail(java.nio.file.Path, java.time.Duration, TailFrom)} begins in a file that is there.
 *
 * <p>As {@code tail -n +1 -F} and {@code tail -n 0 -F} do.
 *
 * <pre>{@code
 * Flux<String> all = AsyncFiles.tail(log, Duration.ofSeconds(1), TailFrom.START);
 * Flux<String> onlyNew = AsyncFiles.tail(log, Duration.ofSeconds(1), TailFrom.END);
 * }</pre>
 *
 * <p>With aiofiles, {@code await file.seek(0, os.SEEK_END)} or not.
 */
public enum TailFrom {

    /** With the first line. */
    START,

    /** With what is appended from the subscription on. A file that appears or is replaced later is read from its start. */
    END
}
