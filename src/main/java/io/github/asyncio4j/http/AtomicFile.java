package io.github.asyncio4j.http;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;

/** A file that is replaced as a whole, and that only its owner may read. Blocks. */
final class AtomicFile {

    private AtomicFile() {}

    /** Whoever looks sees all of {@code content} or what was there before. */
    static void write(Path file, byte[] content) throws IOException {
        Path target = file.toAbsolutePath();
        Path fresh = Files.createTempFile(target.getParent(), target.getFileName() + ".", ".new", ownerOnly());
        try {
            Files.write(fresh, content);
            Files.move(fresh, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(fresh);
        }
    }

    private static FileAttribute<?>[] ownerOnly() {
        boolean posix = FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
        return posix
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                }
                : new FileAttribute<?>[0];
    }
}
