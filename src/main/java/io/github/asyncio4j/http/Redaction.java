package io.github.asyncio4j.http;

import io.github.asyncio4j.internal.Checks;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * What must not get into a file: credentials and cookies, headers and parameters by name, and whatever a function of the
 * user takes out. Names are compared without regard to case.
 */
final class Redaction {

    static final String MASK = "***";

    private static final Set<String> URLS = Set.of("location", "content-location", "referer", "refresh", "link");
    private static final Set<String> CREDENTIALS =
            Set.of("authorization", "proxy-authorization", "x-api-key", "authentication-info");

    private final Set<String> headers;
    private final Set<String> params;
    private final UnaryOperator<String> text;

    private Redaction(Set<String> headers, Set<String> params, UnaryOperator<String> text) {
        this.headers = headers;
        this.params = params;
        this.text = text;
    }

    static Redaction standard() {
        return new Redaction(Set.of(), Set.of(), text -> text);
    }

    Redaction headers(Iterable<String> names) {
        Set<String> more = new HashSet<>(headers);
        names.forEach(name -> more.add(HeaderList.checkName(name).toLowerCase(Locale.ROOT)));
        return new Redaction(more, params, text);
    }

    Redaction params(Iterable<String> names) {
        Set<String> more = new HashSet<>(params);
        names.forEach(name -> more.add(Checks.notNull(name, "name").toLowerCase(Locale.ROOT)));
        return new Redaction(headers, more, text);
    }

    Redaction text(UnaryOperator<String> function) {
        Checks.notNull(function, "function");
        return new Redaction(
                headers,
                params,
                all -> Checks.notNull(function.apply(text.apply(all)), "the text that redact gave back"));
    }

    String text(String value) {
        return text.apply(value);
    }

    /** The parameters of the query masked. */
    String url(String url) {
        int question = url.indexOf('?');
        String masked = question < 0 ? url : url.substring(0, question + 1) + form(url.substring(question + 1));
        return text.apply(masked);
    }

    /** Pairs as queries and forms have them, without the user's function. */
    String form(String pairs) {
        if (params.isEmpty()) {
            return pairs;
        }
        List<String> masked = new ArrayList<>();
        for (String pair : pairs.split("&", -1)) {
            int equals = pair.indexOf('=');
            masked.add(equals > 0 && isSecret(pair.substring(0, equals)) ? pair.substring(0, equals + 1) + MASK : pair);
        }
        return String.join("&", masked);
    }

    boolean isSecretParam(String name) {
        return params.contains(name.toLowerCase(Locale.ROOT));
    }

    private boolean isSecret(String encodedName) {
        try {
            return isSecretParam(URLDecoder.decode(encodedName, StandardCharsets.UTF_8));
        } catch (IllegalArgumentException e) {
            return isSecretParam(encodedName);
        }
    }

    /** Every name once, in order, with its values. */
    Map<String, List<String>> headers(Headers from) {
        Map<String, List<String>> all = new LinkedHashMap<>();
        for (String name : from.names()) {
            all.put(
                    name,
                    from.all(name).stream().map(value -> header(name, value)).toList());
        }
        return all;
    }

    private String header(String name, String value) {
        String lower = name.toLowerCase(Locale.ROOT);
        if (headers.contains(lower) || CREDENTIALS.contains(lower)) {
            return MASK;
        }
        return switch (lower) {
            case "cookie" -> text.apply(cookies(value));
            case "set-cookie" -> text.apply(setCookie(value));
            default -> URLS.contains(lower) ? url(value) : text.apply(value);
        };
    }

    // What a cookie is called and where it goes is kept: a replayed one is sent back as it would be.
    private static String setCookie(String value) {
        int end = UrlEncoding.indexOrEnd(value, ';', 0);
        return cookies(value.substring(0, end)) + value.substring(end);
    }

    private static String cookies(String pairs) {
        List<String> masked = new ArrayList<>();
        for (String pair : pairs.split(";")) {
            int equals = pair.indexOf('=');
            masked.add(equals < 0 ? MASK : pair.substring(0, equals + 1).trim() + MASK);
        }
        return String.join("; ", masked);
    }
}
