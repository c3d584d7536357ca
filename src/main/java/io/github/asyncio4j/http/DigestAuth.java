package io.github.asyncio4j.http;

import io.github.asyncio4j.internal.Checks;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Digest credentials of a session (RFC 7616). A challenge that was answered is remembered for its origin, so the next
 * request there is signed before it is asked to.
 */
final class DigestAuth {

    private final String user;
    private final String asSent;
    private final String password;
    // Guarded by itself.
    private final Map<Origin, Nonce> nonces = new HashMap<>();

    /** A challenge in use. */
    private static final class Nonce {
        private final Map<String, String> challenge;
        private final Algorithm algorithm;
        private final String quality;
        private int uses;

        Nonce(Map<String, String> challenge, Algorithm algorithm, String quality) {
            this.challenge = challenge;
            this.algorithm = algorithm;
            this.quality = quality;
        }

        String get(String name) {
            return challenge.getOrDefault(name, "");
        }
    }

    /** Strongest last. */
    private enum Algorithm {
        MD5("MD5"),
        SHA256("SHA-256"),
        SHA512("SHA-512/256");

        private final String inJava;

        Algorithm(String inJava) {
            this.inJava = inJava;
        }

        static @Nullable Algorithm of(String name) {
            return switch (name.toUpperCase(Locale.ROOT)) {
                case "", "MD5", "MD5-SESS" -> MD5;
                case "SHA-256", "SHA-256-SESS" -> SHA256;
                case "SHA-512-256", "SHA-512-256-SESS" -> SHA512;
                default -> null;
            };
        }

        String hash(byte[] content) {
            try {
                return HexFormat.of()
                        .formatHex(MessageDigest.getInstance(inJava).digest(content));
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("this JVM has no " + inJava, e);
            }
        }

        String hash(String text) {
            return hash(text.getBytes(StandardCharsets.UTF_8));
        }
    }

    DigestAuth(String user, String password) {
        this.user = Checks.notNull(user, "user");
        this.password = Checks.notNull(password, "password");
        this.asSent = HeaderList.checkValue(
                "Authorization", new String(user.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1));
        if (user.indexOf(':') >= 0) {
            throw new IllegalArgumentException("user must not contain a colon");
        }
    }

    /** {@code request} with credentials, if its origin has challenged us before. */
    Outgoing sign(Outgoing request) {
        String value = null;
        synchronized (nonces) {
            Nonce nonce = nonces.get(request.url().origin);
            if (nonce != null) {
                nonce.uses++;
                String seed =
                        HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
                value = credentials(nonce, request, nonce.uses, seed);
            }
        }
        return value == null ? request : request.withHeaders(request.headers().set("Authorization", value));
    }

    /** Reads the challenges of a 401; true when {@code request}, signed anew, may fare better. */
    boolean learn(Outgoing request, ResponseHead head) {
        Nonce best = null;
        for (Challenge challenge : Challenge.parse(head.headers.all("www-authenticate"))) {
            Nonce offered = challenge.scheme().equals("digest") ? usable(challenge.parameters(), request) : null;
            if (offered != null && (best == null || offered.algorithm.compareTo(best.algorithm) > 0)) {
                best = offered;
            }
        }
        synchronized (nonces) {
            if (best == null) {
                nonces.remove(request.url().origin);
            } else {
                nonces.put(request.url().origin, best);
            }
        }
        boolean wasSigned = request.headers().contains("Authorization");
        return best != null && (!wasSigned || best.get("stale").equalsIgnoreCase("true"));
    }

    private static @Nullable Nonce usable(Map<String, String> challenge, Outgoing request) {
        Algorithm algorithm = Algorithm.of(challenge.getOrDefault("algorithm", ""));
        if (algorithm == null || !challenge.containsKey("nonce") || !challenge.containsKey("realm")) {
            return null;
        }
        List<String> offered = Arrays.asList(
                challenge.getOrDefault("qop", "").toLowerCase(Locale.ROOT).split("[ ,]+"));
        if (!challenge.containsKey("qop")) {
            return new Nonce(challenge, algorithm, "");
        }
        boolean whole = request.body() == null || request.body().bytes() != null;
        String quality = offered.contains("auth") ? "auth" : offered.contains("auth-int") && whole ? "auth-int" : null;
        return quality == null ? null : new Nonce(challenge, algorithm, quality);
    }

    private @Nullable String credentials(Nonce nonce, Outgoing request, int use, String seed) {
        RequestBody body = request.body();
        byte[] content = body == null ? new byte[0] : body.bytes();
        if (nonce.quality.equals("auth-int") && content == null) {
            return null;
        }
        Algorithm with = nonce.algorithm;
        String realm = nonce.get("realm");
        String id = nonce.get("nonce");
        String count = String.format(Locale.ROOT, "%08x", use);
        String secret = with.hash(user + ":" + Latin1.asUtf8(realm) + ":" + password);
        if (nonce.get("algorithm").toLowerCase(Locale.ROOT).endsWith("-sess")) {
            secret = with.hash(secret + ":" + id + ":" + seed);
        }
        String what = request.method() + ":" + request.url().target();
        if (nonce.quality.equals("auth-int") && content != null) {
            what += ":" + with.hash(content);
        }
        String middle = nonce.quality.isEmpty() ? id : id + ":" + count + ":" + seed + ":" + nonce.quality;
        String response = with.hash(secret + ":" + middle + ":" + with.hash(what));
        boolean hidden = nonce.get("userhash").equalsIgnoreCase("true");
        StringBuilder out = new StringBuilder("Digest ");
        quoted(out, "username", hidden ? with.hash(user + ":" + Latin1.asUtf8(realm)) : asSent);
        quoted(out, "realm", realm);
        quoted(out, "nonce", id);
        quoted(out, "uri", request.url().target());
        quoted(out, "response", response);
        if (nonce.challenge.containsKey("opaque")) {
            quoted(out, "opaque", nonce.get("opaque"));
        }
        if (nonce.challenge.containsKey("algorithm")) {
            out.append("algorithm=").append(nonce.get("algorithm")).append(", ");
        }
        if (hidden) {
            out.append("userhash=true, ");
        }
        if (!nonce.quality.isEmpty()) {
            out.append("qop=")
                    .append(nonce.quality)
                    .append(", nc=")
                    .append(count)
                    .append(", ");
            quoted(out, "cnonce", seed);
        }
        return out.substring(0, out.length() - 2);
    }

    private static void quoted(StringBuilder out, String name, String value) {
        out.append(name).append("=\"");
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\');
            }
            out.append(c);
        }
        out.append("\", ");
    }
}
