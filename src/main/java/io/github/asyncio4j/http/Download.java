package io.github.asyncio4j.http;

import io.github.asyncio4j.resource.AsyncResource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.Callable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * Writes a body to a file: to a temporary one beside it, which takes its place when all is there. Whoever looks at the
 * target sees all of the content or what was there before.
 */
final class Download {

    private final Path target;
    private final Path partial;

    private Download(Path target) {
        this.target = target;
        this.partial = target.resolveSibling(target.getFileName() + ".part");
    }

    static Mono<Path> save(Flux<ByteBuffer> content, Path target) {
        Download download = new Download(target);
        return AsyncResource.of(
                        blocking(download::open),
                        file -> blocking(() -> download.clearAway(file)).then())
                .named("download to " + target)
                .use(file -> content.concatMap(piece -> blocking(() -> write(file, piece)), 1)
                        .then(blocking(() -> download.complete(file))));
    }

    private static <T> Mono<T> blocking(Callable<T> work) {
        return Mono.fromCallable(work).subscribeOn(Schedulers.boundedElastic());
    }

    private FileChannel open() throws IOException {
        return FileChannel.open(
                partial, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE);
    }

    private static int write(FileChannel file, ByteBuffer piece) throws IOException {
        int length = piece.remaining();
        while (piece.hasRemaining()) {
            file.write(piece);
        }
        return length;
    }

    private Path complete(FileChannel file) throws IOException {
        file.close();
        Files.move(partial, target, StandardCopyOption.REPLACE_EXISTING);
        return target;
    }

    /** After {@link #complete} there is nothing left to clear. */
    private boolean clearAway(FileChannel file) throws IOException {
        file.close();
        return Files.deleteIfExists(partial);
    }
}
