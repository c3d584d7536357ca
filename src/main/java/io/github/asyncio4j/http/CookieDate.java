package io.github.asyncio4j.http;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Dates as cookies have them (RFC 6265bis, section 5.1.1): the parts in any order, between delimiters of any kind. */
final class CookieDate {

    private static final String MONTHS = "janfebmaraprmayjunjulaugsepoctnovdec";

    private int day = -1;
    private int month = -1;
    private int year = -1;
    private @Nullable LocalTime time;

    private CookieDate() {}

    /** Seconds since 1970, or null when it is no date. */
    static @Nullable Long parse(String text) {
        CookieDate date = new CookieDate();
        int start = 0;
        for (int i = 0; i <= text.length(); i++) {
            if (i == text.length() || isDelimiter(text.charAt(i))) {
                if (i > start) {
                    date.take(text.substring(start, i).toLowerCase(Locale.ROOT));
                }
                start = i + 1;
            }
        }
        return date.seconds();
    }

    private static boolean isDelimiter(char c) {
        return c == '\t'
                || c >= ' ' && c <= '/'
                || c >= ';' && c <= '@'
                || c >= '[' && c <= '`'
                || c >= '{' && c <= '~';
    }

    private void take(String token) {
        int[] clock = time == null ? clock(token) : null;
        int number = number(token, 0);
        int digits = digits(token, 0);
        if (clock != null) {
            setTime(clock);
        } else if (day < 0 && digits >= 1 && digits <= 2) {
            day = number;
        } else if (month < 0 && token.length() >= 3 && isMonth(token.substring(0, 3))) {
            month = MONTHS.indexOf(token.substring(0, 3)) / 3 + 1;
        } else if (year == -1 && digits >= 2 && digits <= 4) {
            year = number >= 70 && number <= 99 ? number + 1900 : number <= 69 ? number + 2000 : number;
        }
    }

    private static int digits(String token, int from) {
        int end = from;
        while (end < token.length() && token.charAt(end) >= '0' && token.charAt(end) <= '9') {
            end++;
        }
        return end - from;
    }

    /** The number that begins there, -1 when there is none of at most four digits. */
    private static int number(String token, int from) {
        int digits = digits(token, from);
        return digits == 0 || digits > 4 ? -1 : Integer.parseInt(token.substring(from, from + digits));
    }

    /** Hours, minutes and seconds, each of one or two digits; null when it is no time of day. */
    private static int @Nullable [] clock(String token) {
        int[] parts = new int[3];
        int at = 0;
        for (int i = 0; i < 3; i++) {
            int digits = digits(token, at);
            boolean separated = i == 2 || at + digits < token.length() && token.charAt(at + digits) == ':';
            if (digits < 1 || digits > 2 || !separated) {
                return null;
            }
            parts[i] = number(token, at);
            at += digits + 1;
        }
        return parts;
    }

    private static boolean isMonth(String three) {
        int at = MONTHS.indexOf(three);
        return at >= 0 && at % 3 == 0;
    }

    private void setTime(int[] clock) {
        try {
            time = LocalTime.of(clock[0], clock[1], clock[2]);
        } catch (DateTimeException e) {
            year = -2; // 25:00:00 makes the whole date void
        }
    }

    private @Nullable Long seconds() {
        LocalTime of = time;
        if (of == null || year < 1601) {
            return null;
        }
        try {
            return LocalDate.of(year, month, day).toEpochSecond(of, ZoneOffset.UTC);
        } catch (DateTimeException e) {
            return null;
        }
    }
}
