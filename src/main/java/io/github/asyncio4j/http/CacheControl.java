package io.github.asyncio4j.http;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** The directives of a request or a response: RFC 9111, section 5.2. Of one that is there twice the first counts. */
final class CacheControl {

    /** As good as for ever, and still small enough to be added to. */
    private static final long LONGEST = Integer.MAX_VALUE;

    private final Map<String, String> directives = new HashMap<>();

    private CacheControl() {}

    static CacheControl of(Headers headers) {
        CacheControl control = new CacheControl();
        for (String value : headers.all("Cache-Control")) {
            control.read(value);
        }
        if (control.directives.isEmpty()
                && headers.first("Pragma").orElse("").toLowerCase(Locale.ROOT).contains("no-cache")) {
            control.directives.put("no-cache", "");
        }
        return control;
    }

    // A comma inside of quotes does not end a directive: no-cache="set-cookie, x".
    private void read(String value) {
        boolean quoted = false;
        int start = 0;
        for (int i = 0; i <= value.length(); i++) {
            if (i == value.length() || value.charAt(i) == ',' && !quoted) {
                put(value.substring(start, i));
                start = i + 1;
            } else if (value.charAt(i) == '"') {
                quoted = !quoted;
            }
        }
    }

    private void put(String directive) {
        int equals = UrlEncoding.indexOrEnd(directive, '=', 0);
        String name = directive.substring(0, equals).trim().toLowerCase(Locale.ROOT);
        String argument = equals < directive.length() ? directive.substring(equals + 1) : "";
        if (!name.isEmpty()) {
            directives.putIfAbsent(name, argument.replace("\"", "").trim());
        }
    }

    boolean has(String name) {
        return directives.containsKey(name);
    }

    /** Milliseconds; what cannot be read is none. */
    long millis(String name, long otherwise) {
        String argument = directives.get(name);
        if (argument == null) {
            return otherwise;
        }
        if (!argument.matches("\\d+")) {
            return 0;
        }
        return 1000 * (argument.length() > 9 ? LONGEST : Long.parseLong(argument));
    }

    /** How much staleness a request puts up with; without a number, any. */
    long maxStaleMillis() {
        return "".equals(directives.get("max-stale")) ? 1000 * LONGEST : millis("max-stale", 0);
    }
}
