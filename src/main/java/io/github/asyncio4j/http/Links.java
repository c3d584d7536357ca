package io.github.asyncio4j.http;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The {@code Link} header (RFC 8288, section 3): relation to absolute URL. What cannot be read is passed over. */
final class Links {

    private final String text;
    private final Url base;
    private final Map<String, String> links;
    private int at;

    private Links(String text, Url base, Map<String, String> links) {
        this.text = text;
        this.base = base;
        this.links = links;
    }

    static Map<String, String> of(List<String> fields, String base) {
        if (fields.isEmpty()) {
            return Map.of();
        }
        Map<String, String> links = new LinkedHashMap<>();
        try {
            Url from = Url.parse(base);
            for (String field : fields) {
                new Links(field, from, links).read();
            }
        } catch (InvalidUrlException e) {
            return Map.of();
        }
        return Collections.unmodifiableMap(links);
    }

    private void read() {
        while ((at = text.indexOf('<', at)) >= 0) {
            int end = text.indexOf('>', at);
            if (end < 0) {
                return;
            }
            String target = text.substring(at + 1, end);
            at = end + 1;
            parameters(target.strip());
        }
    }

    /** Up to the comma that ends this link. */
    private void parameters(String target) {
        boolean named = false;
        while (skipTo(";,") && text.charAt(at++) == ';') {
            int start = at;
            skipTo("=;,");
            String name = text.substring(start, at).strip().toLowerCase(Locale.ROOT);
            String value = at < text.length() && text.charAt(at) == '=' ? value() : "";
            if (name.equals("rel") && !named) {
                named = true;
                add(value, target);
            }
        }
    }

    private void add(String relations, String target) {
        String url;
        try {
            url = base.resolve(target).toString();
        } catch (InvalidUrlException e) {
            return;
        }
        for (String relation : relations.strip().toLowerCase(Locale.ROOT).split("\\s+", -1)) {
            if (!relation.isEmpty()) {
                links.putIfAbsent(relation, url);
            }
        }
    }

    private boolean skipTo(String ends) {
        while (at < text.length() && ends.indexOf(text.charAt(at)) < 0) {
            at++;
        }
        return at < text.length();
    }

    private String value() {
        at++;
        while (at < text.length() && text.charAt(at) == ' ') {
            at++;
        }
        if (at < text.length() && text.charAt(at) == '"') {
            return quoted();
        }
        int start = at;
        skipTo(";,");
        return text.substring(start, at).strip();
    }

    private String quoted() {
        StringBuilder value = new StringBuilder();
        for (at++; at < text.length() && text.charAt(at) != '"'; at++) {
            if (text.charAt(at) == '\\' && at + 1 < text.length()) {
                at++;
            }
            value.append(text.charAt(at));
        }
        at = Math.min(at + 1, text.length());
        return value.toString();
    }
}
