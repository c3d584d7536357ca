package io.github.asyncio4j.http;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * One challenge of a WWW-Authenticate header (RFC 9110, section 11.6.1). Several may stand in one header, separated by the
 * same commas as their parameters.
 *
 * @param scheme in lower case
 * @param parameters by names in lower case
 */
record Challenge(String scheme, Map<String, String> parameters) {

    static List<Challenge> parse(List<String> values) {
        List<Challenge> found = new ArrayList<>();
        for (String value : values) {
            new Reader(value, found).read();
        }
        return found;
    }

    private static final class Reader {
        private final String text;
        private final List<Challenge> found;
        private int at;

        Reader(String text, List<Challenge> found) {
            this.text = text;
            this.found = found;
        }

        void read() {
            Map<String, String> current = new HashMap<>();
            while (skip(" \t,") < text.length()) {
                String word = token();
                if (word.isEmpty()) {
                    return; // no list of challenges: what was understood so far counts
                }
                skip(" \t");
                if (at < text.length() && text.charAt(at) == '=') {
                    at++;
                    skip(" \t");
                    current.putIfAbsent(word.toLowerCase(Locale.ROOT), value());
                } else {
                    current = new HashMap<>();
                    found.add(new Challenge(word.toLowerCase(Locale.ROOT), current));
                }
            }
        }

        private int skip(String characters) {
            while (at < text.length() && characters.indexOf(text.charAt(at)) >= 0) {
                at++;
            }
            return at;
        }

        private String token() {
            int start = at;
            while (at < text.length() && HeaderList.isTokenChar(text.charAt(at))) {
                at++;
            }
            return text.substring(start, at);
        }

        private String value() {
            if (at == text.length() || text.charAt(at) != '"') {
                return token();
            }
            StringBuilder unquoted = new StringBuilder();
            for (at++; at < text.length() && text.charAt(at) != '"'; at++) {
                if (text.charAt(at) == '\\' && at + 1 < text.length()) {
                    at++;
                }
                unquoted.append(text.charAt(at));
            }
            at++;
            return unquoted.toString();
        }
    }
}
