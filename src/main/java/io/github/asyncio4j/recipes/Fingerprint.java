package io.github.asyncio4j.recipes;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.text.Normalizer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** What stays of a title and a URL when all that differs between copies of one story is taken away. */
final class Fingerprint {

    private static final Set<String> TRACKING = Set.of(
            "fbclid", "gclid", "dclid", "msclkid", "yclid", "igshid", "mc_cid", "mc_eid", "ref", "ref_src", "source",
            "cmpid");

    private Fingerprint() {}

    static String of(String title, String url) {
        return sha256(title(title) + "\n" + url(url));
    }

    static String title(String title) {
        return Normalizer.normalize(title, Normalizer.Form.NFKC)
                .toLowerCase(Locale.ROOT)
                .replaceAll("\\s+", " ")
                .strip();
    }

    static String url(String url) {
        String text = url.strip().toLowerCase(Locale.ROOT);
        text = before(text, '#').replaceFirst("^https?://(www\\.)?", "");
        String place = before(text, '?')
                .replaceFirst("^([^/]*?):(80|443)(?=/|$)", "$1")
                .replaceFirst("/+$", "");
        String query = text.length() > before(text, '?').length()
                ? Arrays.stream(text.substring(text.indexOf('?') + 1).split("&"))
                        .filter(parameter -> !parameter.isEmpty() && !tracks(before(parameter, '=')))
                        .sorted()
                        .collect(Collectors.joining("&"))
                : "";
        return query.isEmpty() ? place : place + "?" + query;
    }

    private static boolean tracks(String parameter) {
        return parameter.startsWith("utm_") || TRACKING.contains(parameter);
    }

    private static String before(String text, char mark) {
        int at = text.indexOf(mark);
        return at < 0 ? text : text.substring(0, at);
    }

    private static String sha256(String text) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }
}
