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
        for (String token : text.split("[\\x09\\x20-\\x2f\\x3b-\\x40\\x5b-\\x60\\x7b-\\x7e]+")) {
            date.take(token.toLowerCase(Locale.ROOT));
        }
        return date.seconds();
    }

    private void take(String token) {
        if (time == null && token.matches("\\d{1,2}:\\d{1,2}:\\d{1,2}\\D?.*")) {
            takeTime(token.replaceFirst("(:\\d+:\\d+).*", "$1").split(":"));
        } else if (day < 0 && token.matches("\\d{1,2}(\\D.*)?")) {
            day = Integer.parseInt(token.replaceFirst("\\D.*", ""));
        } else if (month < 0 && token.length() >= 3 && isMonth(token.substring(0, 3))) {
            month = MONTHS.indexOf(token.substring(0, 3)) / 3 + 1;
        } else if (year < 0 && token.matches("\\d{2,4}(\\D.*)?")) {
            int number = Integer.parseInt(token.replaceFirst("\\D.*", ""));
            year = number >= 70 && number <= 99 ? number + 1900 : number <= 69 ? number + 2000 : number;
        }
    }

    private static boolean isMonth(String three) {
        int at = MONTHS.indexOf(three);
        return at >= 0 && at % 3 == 0;
    }

    private void takeTime(String[] parts) {
        try {
            time = LocalTime.of(Integer.parseInt(parts[0]), Integer.parseInt(parts[1]), Integer.parseInt(parts[2]));
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
