package io.github.asyncio4j.http;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Set;
import java.util.TreeSet;

/**
 * Who asks, so that nobody is answered what somebody else was told. Secrets go into a digest: a key that is shown, or
 * found in a heap dump, gives none away.
 */
final class CacheCredentials {

    private CacheCredentials() {}

    static CacheEntry.Key key(DefaultClientRequest request) {
        StringBuilder secrets = new StringBuilder();
        Set<String> names = new TreeSet<>(request.options().secretHeaders());
        names.add("authorization");
        names.add("cookie");
        Headers headers = request.headers();
        for (String name : names) {
            for (String value : headers.all(name)) {
                secrets.append(name).append(": ").append(value).append('\n');
            }
        }
        secrets.append(request.unsentCredentials());
        String who = secrets.isEmpty() ? "" : digest(secrets.toString());
        // A body is stored as it is read: decoded or not.
        return new CacheEntry.Key(
                request.url(),
                request.isComplete() ? null : request.session(),
                who + (request.options().decompress() ? "" : " raw"));
    }

    private static String digest(String text) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
