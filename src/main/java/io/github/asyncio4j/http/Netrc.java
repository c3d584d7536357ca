package io.github.asyncio4j.http;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.util.Logger;
import reactor.util.Loggers;

/**
 * The file that ftp, curl and Python's requests keep logins in. It is read once, before the first request of a session,
 * and tells credentials for hosts, whatever their scheme and port.
 */
final class Netrc {

    private static final Logger LOG = Loggers.getLogger(Netrc.class);

    private final List<Path> candidates;
    private final boolean required;
    private volatile @Nullable Map<String, String> logins;

    private static final String DEFAULT = "";

    private Netrc(List<Path> candidates, boolean required) {
        this.candidates = candidates;
        this.required = required;
    }

    /** That file, which has to be there. */
    static Netrc of(Path file) {
        return new Netrc(List.of(file), true);
    }

    /** Where it is by custom; nobody has to have one. */
    static Netrc ofUser(Map<String, String> environment, String home) {
        String named = environment.get("NETRC");
        return named != null && !named.isEmpty()
                ? new Netrc(List.of(Path.of(named)), false)
                : new Netrc(List.of(Path.of(home, ".netrc"), Path.of(home, "_netrc")), false);
    }

    boolean isRead() {
        return logins != null;
    }

    /** Completes when it is read, which is no work for an event loop. */
    Mono<Void> prepared() {
        return Mono.<Void>fromCallable(() -> {
                    logins = read();
                    return null;
                })
                .subscribeOn(Schedulers.boundedElastic());
    }

    /**
     * Credentials for the host of {@code request}, if it has none.
     *
     * @param first the request that was asked for: what is there for all hosts is not for those that it is redirected to
     */
    Outgoing sign(Outgoing request, Outgoing first) {
        Origin to = request.url().origin;
        Origin from = first.url().origin;
        boolean isNamed = to.host().equals(from.host());
        boolean isLessSecure = from.secure() && !to.secure();
        String login = isLessSecure ? null : login(to.host(), isNamed);
        return login == null || request.headers().contains("Authorization")
                ? request
                : request.withHeaders(request.headers().set("Authorization", DefaultClientRequest.basic(login)));
    }

    private @Nullable String login(String host, boolean orDefault) {
        Map<String, String> known = logins;
        if (known == null) {
            return null;
        }
        String own = known.get(host);
        return own == null && orDefault ? known.get(DEFAULT) : own;
    }

    private Map<String, String> read() throws IOException {
        for (Path file : candidates) {
            try {
                Map<String, String> found = new Parser(file, Files.readString(file, StandardCharsets.UTF_8)).parse();
                if (isOpenToOthers(file)) {
                    LOG.warn("{} holds passwords, and others than its owner may read it", file);
                }
                return found;
            } catch (NoSuchFileException e) {
                if (required) {
                    throw e;
                }
            }
        }
        return Map.of();
    }

    static boolean isOpenToOthers(Path file) throws IOException {
        if (!Files.getFileStore(file).supportsFileAttributeView("posix")) {
            return false;
        }
        Set<PosixFilePermission> allowed = Files.getPosixFilePermissions(file);
        return allowed.contains(PosixFilePermission.GROUP_READ) || allowed.contains(PosixFilePermission.OTHERS_READ);
    }

    /** Words with white space between them; one in quotes, or with backslashes, may have any character. */
    private static final class Parser {
        private final Path file;
        private final String text;
        private final Map<String, String> logins = new HashMap<>();
        private int at;

        private @Nullable String host;
        private String login = "";
        private String password = "";

        Parser(Path file, String text) {
            this.file = file;
            this.text = text;
        }

        Map<String, String> parse() throws IOException {
            while (skipSpace()) {
                if (text.charAt(at) == '#') {
                    skipLine();
                    continue;
                }
                switch (word()) {
                    case "machine" -> begin(value().toLowerCase(Locale.ROOT));
                    case "default" -> begin(DEFAULT);
                    case "login", "user" -> login = inEntry(value());
                    case "password" -> password = inEntry(value());
                    case "account" -> inEntry(value());
                    case "macdef" -> skipMacro();
                    default -> throw error("a word that is none of this file's");
                }
            }
            end();
            return Map.copyOf(logins);
        }

        private void begin(String name) throws IOException {
            end();
            host = name;
            login = "";
            password = "";
        }

        private void end() throws IOException {
            String of = host;
            if (of != null && !(login + password).isEmpty()) {
                if (login.indexOf(':') >= 0) {
                    throw error("a login with a colon");
                }
                logins.put(of, login + ":" + password);
            }
        }

        private String inEntry(String value) throws IOException {
            if (host == null) {
                throw error("something before the first machine");
            }
            return value;
        }

        private boolean skipSpace() {
            while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
                at++;
            }
            return at < text.length();
        }

        private void skipLine() {
            at = UrlEncoding.indexOrEnd(text, '\n', at);
        }

        /** Up to an empty line. */
        private void skipMacro() throws IOException {
            value();
            skipLine();
            do {
                at = Math.min(at + 1, text.length());
                int start = at;
                skipLine();
                if (text.substring(start, at).isBlank()) {
                    return;
                }
            } while (at < text.length());
        }

        private String value() throws IOException {
            if (!skipSpace()) {
                throw error("a word without its value");
            }
            return word();
        }

        private String word() throws IOException {
            boolean quoted = text.charAt(at) == '"';
            StringBuilder word = new StringBuilder();
            for (at += quoted ? 1 : 0; at < text.length(); at++) {
                char c = text.charAt(at);
                if (quoted ? c == '"' : Character.isWhitespace(c)) {
                    at++;
                    return word.toString();
                }
                if (c == '\\' && at + 1 < text.length()) {
                    c = text.charAt(++at);
                }
                word.append(c);
            }
            if (quoted) {
                throw error("a quotation mark without its second");
            }
            return word.toString();
        }

        /** Without the word itself, which may be a password. */
        private IOException error(String what) {
            long line = text.substring(0, Math.min(at, text.length())).lines().count();
            return new IOException(file + ", line " + line + ": " + what);
        }
    }
}
