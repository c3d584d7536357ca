package io.github.asyncio4j.cli;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Files that the user asked for: refused before anything is measured, and never failing without a sentence. */
final class OutputFile {

    private OutputFile() {}

    /** @throws IllegalArgumentException with a sentence for the user */
    static void check(Path file, String what) {
        Path directory = file.toAbsolutePath().getParent();
        boolean writable = Files.exists(file)
                ? Files.isWritable(file) && !Files.isDirectory(file)
                : directory != null && Files.isDirectory(directory) && Files.isWritable(directory);
        if (!writable) {
            throw new IllegalArgumentException("cannot write " + what + " to " + file);
        }
    }

    /** @throws IOException with a sentence for the user */
    static void write(Path file, String what, String text) throws IOException {
        try {
            Files.writeString(file, text);
        } catch (FileSystemException e) {
            String reason = e.getReason() == null ? e.getClass().getSimpleName() : e.getReason();
            throw new IOException("cannot write " + what + " to " + file + ": " + reason, e);
        } catch (IOException e) {
            throw new IOException("cannot write " + what + " to " + file + ": " + e.getMessage(), e);
        }
    }
}
