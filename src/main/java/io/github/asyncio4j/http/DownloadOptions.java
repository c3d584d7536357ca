package io.github.asyncio4j.http;

import io.github.asyncio4j.internal.Checks;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * How {@link ClientRequest#download(java.nio.file.Path, DownloadOptions)} writes a file.
 *
 * <pre>{@code
 * Mono<Path> file = session.get(url)
 *         .download(target, DownloadOptions.create().resume().checksum("SHA-256", expected))
 *         .retry(3);
 * }</pre>
 *
 * <p>Immutable. There is nothing like it in aiohttp.
 */
public final class DownloadOptions {

    private static final DownloadOptions PLAIN = new DownloadOptions(false, null, new byte[0]);

    private final boolean resume;
    private final @Nullable String algorithm;
    private final byte[] digest;

    private DownloadOptions(boolean resume, @Nullable String algorithm, byte[] digest) {
        this.resume = resume;
        this.algorithm = algorithm;
        this.digest = digest;
    }

    /** Nothing special. */
    public static DownloadOptions create() {
        return PLAIN;
    }

    /**
     * Keeps what has come when the download fails or is cancelled, in {@code <target>.part}, and lets the next one go on
     * there: if the server says that the content is still the same (Range and If-Range), else it begins anew.
     */
    public DownloadOptions resume() {
        return new DownloadOptions(true, algorithm, digest);
    }

    /**
     * Compares the content with a checksum before it becomes the target; another one is a {@link ClientPayloadException},
     * and what has come is deleted.
     *
     * @param name of an algorithm of {@link MessageDigest}, as {@code SHA-256}
     * @param hex the expected digest in hexadecimal digits
     * @throws IllegalArgumentException when there is no such algorithm, or the digest is not one of it
     */
    public DownloadOptions checksum(String name, String hex) {
        byte[] expected = HexFormat.of().parseHex(Checks.notNull(hex, "hex").toLowerCase(java.util.Locale.ROOT));
        int length = newDigest(Checks.notNull(name, "name")).getDigestLength();
        if (expected.length != length) {
            throw new IllegalArgumentException(
                    "a digest of " + name + " has " + length + " bytes, but hex has " + expected.length);
        }
        return new DownloadOptions(resume, name, expected);
    }

    boolean isResumable() {
        return resume;
    }

    @Nullable
    String algorithm() {
        return algorithm;
    }

    boolean isExpected(byte[] actual) {
        return MessageDigest.isEqual(digest, actual);
    }

    static MessageDigest newDigest(String algorithm) {
        try {
            return MessageDigest.getInstance(algorithm);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalArgumentException("no such checksum: " + algorithm, e);
        }
    }

    @Override
    public String toString() {
        return "DownloadOptions(" + (resume ? "resume, " : "") + (algorithm == null ? "no checksum" : algorithm) + ")";
    }
}
