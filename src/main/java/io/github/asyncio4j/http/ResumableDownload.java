package io.github.asyncio4j.http;

import io.github.asyncio4j.resource.AsyncResource;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.concurrent.Callable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * A download that can go on where it was cut off (RFC 9110, section 14), and that can be checked.
 *
 * <pre>
 *   target.part       what has come      ─ complete and right ─► target
 *   target.part.tag   which content it is of: an ETag or a date for If-Range
 * </pre>
 */
final class ResumableDownload {

    private static final int PIECE = 64 * 1024;

    private final DefaultClientRequest request;
    private final DownloadOptions options;
    private final Path target;
    private final Path partial;
    private final Path tag;

    ResumableDownload(DefaultClientRequest request, Path target, DownloadOptions options) {
        this.request = request;
        this.options = options;
        this.target = target;
        this.partial = target.resolveSibling(target.getFileName() + ".part");
        this.tag = target.resolveSibling(target.getFileName() + ".part.tag");
    }

    Mono<Path> save() {
        return blocking(this::begun).flatMap(this::attempt);
    }

    private Mono<Path> attempt(Begun begun) {
        ClientRequest asking = request.header("Accept-Encoding", "identity");
        if (begun.size > 0) {
            asking = asking.header("Range", "bytes=" + begun.size + "-").header("If-Range", begun.tag);
        }
        return asking.use(response -> received(response, begun))
                .switchIfEmpty(Mono.defer(() -> attempt(Begun.NOTHING)));
    }

    /** Empty when it has to begin anew. */
    private Mono<Path> received(ClientResponse response, Begun begun) {
        if (begun.size > 0 && response.status() == 416) {
            return Mono.empty();
        }
        if (!response.ok()) {
            return Mono.fromRunnable(response::raiseForStatus);
        }
        boolean goesOn = response.status() == 206;
        if (goesOn && !startsAt(response, begun.size)) {
            return Mono.error(new InvalidResponseException(
                    "the response has another range than was asked for: " + header(response, "Content-Range")));
        }
        long from = goesOn ? begun.size : 0;
        return AsyncResource.of(
                        blocking(() -> open(from, response)),
                        file -> blocking(() -> leave(file)).then())
                .named("download to " + target)
                .use(file -> response.chunks()
                        .concatMapDelayError(piece -> blocking(() -> write(file, piece)), false, 1) // what came is kept
                        .then(blocking(() -> complete(file))));
    }

    private static boolean startsAt(ClientResponse response, long size) {
        return header(response, "Content-Range").matches("bytes " + size + "-.*");
    }

    private static String header(ClientResponse response, String name) {
        return response.headers().first(name).orElse("");
    }

    private static <T> Mono<T> blocking(Callable<T> work) {
        return Mono.fromCallable(work).subscribeOn(Schedulers.boundedElastic());
    }

    // ---------------------------------------------------------------- the file

    /** What an earlier attempt has left. Without a tag nobody knows what it is a part of. */
    private Begun begun() throws IOException {
        boolean usable = options.isResumable() && Files.exists(partial) && Files.exists(tag);
        return usable ? new Begun(Files.size(partial), Files.readString(tag)) : Begun.NOTHING;
    }

    private FileChannel open(long from, ClientResponse response) throws IOException {
        FileChannel file = FileChannel.open(partial, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        file.truncate(from);
        file.position(from);
        String strong = header(response, "ETag");
        String validator = strong.startsWith("\"") ? strong : header(response, "Last-Modified");
        if (options.isResumable() && !validator.isEmpty()) {
            Files.writeString(tag, validator);
        } else {
            Files.deleteIfExists(tag);
        }
        return file;
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
        String algorithm = options.algorithm();
        if (algorithm != null && !options.isExpected(digest(algorithm))) {
            long size = Files.size(partial);
            Files.delete(partial);
            throw new ClientPayloadException(
                    request + ": the content has another " + algorithm + " checksum than expected", size, -1);
        }
        Files.move(partial, target, StandardCopyOption.REPLACE_EXISTING);
        Files.deleteIfExists(tag);
        return target;
    }

    private byte[] digest(String algorithm) throws IOException {
        MessageDigest digest = DownloadOptions.newDigest(algorithm);
        try (InputStream in = Files.newInputStream(partial)) {
            byte[] piece = new byte[PIECE];
            int length;
            while ((length = in.read(piece)) >= 0) {
                digest.update(piece, 0, length);
            }
        }
        return digest.digest();
    }

    /** After {@link #complete} there is nothing left to clear; before, a part may be of use. */
    private boolean leave(FileChannel file) throws IOException {
        file.close();
        return !(options.isResumable() && Files.exists(tag)) && Files.deleteIfExists(partial);
    }

    private record Begun(long size, String tag) {
        static final Begun NOTHING = new Begun(0, "");
    }
}
