package io.github.asyncio4j.http;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The {@code cookies.txt} that Netscape began with and curl, wget and Python's {@code MozillaCookieJar} read and write: a
 * line for each cookie with domain, whether subdomains get it, path, secure, expiry, name and value, a tab between them.
 */
final class CookieFile {

    private static final String TITLE = "# Netscape HTTP Cookie File";
    private static final String HTTP_ONLY = "#HttpOnly_";
    private static final int FIELDS = 7;

    private CookieFile() {}

    /** Replaces the file at once; only its owner may read it. */
    static void write(List<StoredCookie> cookies, Path file) throws IOException {
        StringBuilder text = new StringBuilder(TITLE).append('\n');
        for (StoredCookie cookie : cookies) {
            if (cookie.name().indexOf('\t') < 0 && cookie.path().indexOf('\t') < 0) {
                text.append(line(cookie)).append('\n');
            }
        }
        AtomicFile.write(file, text.toString().getBytes(StandardCharsets.ISO_8859_1));
    }

    private static String line(StoredCookie cookie) {
        String domain = cookie.hostOnly() ? cookie.domain() : "." + cookie.domain();
        long expires = cookie.expires() == Long.MAX_VALUE ? 0 : cookie.expires();
        return (cookie.httpOnly() ? HTTP_ONLY : "")
                + domain
                + '\t'
                + flag(!cookie.hostOnly())
                + '\t'
                + cookie.path()
                + '\t'
                + flag(cookie.secure())
                + '\t'
                + expires
                + '\t'
                + cookie.name()
                + '\t'
                + cookie.value();
    }

    private static String flag(boolean value) {
        return value ? "TRUE" : "FALSE";
    }

    /** @param now the instant at which they are taken to be set, in seconds since 1970 */
    static List<StoredCookie> read(Path file, long now) throws IOException {
        List<StoredCookie> cookies = new ArrayList<>();
        int number = 0;
        for (String line : Files.readAllLines(file, StandardCharsets.ISO_8859_1)) {
            number++;
            if (!line.isBlank() && (!line.startsWith("#") || line.startsWith(HTTP_ONLY))) {
                StoredCookie cookie = parse(line, now);
                if (cookie == null) {
                    throw new IOException(file + ", line " + number + ": no cookie");
                }
                cookies.add(cookie);
            }
        }
        return cookies;
    }

    private static @Nullable StoredCookie parse(String line, long now) {
        boolean httpOnly = line.startsWith(HTTP_ONLY);
        String[] fields = line.substring(httpOnly ? HTTP_ONLY.length() : 0).split("\t", FIELDS);
        String domain = fields[0].startsWith(".") ? fields[0].substring(1) : fields[0];
        boolean whole = fields.length == FIELDS
                && isFlag(fields[1])
                && fields[2].startsWith("/")
                && isFlag(fields[3])
                && fields[4].matches("\\d{1,18}")
                && isHost(domain)
                && !(fields[5] + fields[6]).isEmpty()
                && StoredCookie.isHarmless(fields[5] + fields[6] + fields[2]);
        if (!whole) {
            return null;
        }
        long expires = Long.parseLong(fields[4]);
        return new StoredCookie(
                fields[5],
                fields[6],
                domain,
                fields[2],
                fields[1].equals("FALSE"),
                fields[3].equals("TRUE"),
                httpOnly,
                expires == 0 ? Long.MAX_VALUE : expires,
                now);
    }

    private static boolean isFlag(String field) {
        return field.equals("TRUE") || field.equals("FALSE");
    }

    private static boolean isHost(String domain) {
        try {
            return domain.equals(domain.indexOf(':') < 0 ? Hosts.name(domain) : Hosts.ipv6(domain));
        } catch (InvalidUrlException e) {
            return false;
        }
    }
}
