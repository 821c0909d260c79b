package dev.coffer.http;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Dates as HTTP writes them (RFC 9110, section 5.6.7): `Sun, 06 Nov 1994 08:49:37 GMT`, 29 bytes. Reads that form
/// alone; the two obsolete ones, which a recipient must accept, are read too. Stateless, thread-safe; 0 heap bytes.
public final class HttpDate {
    /// Bytes of a date as written: day-name 3, `, ` 2, date 11, SP 1, time 8, ` GMT` 4.
    public static final int BYTES = 3 + 2 + 11 + 1 + 8 + 4;
    /// From [#parse]: not a date.
    public static final long NONE = Long.MIN_VALUE;

    private static final Ascii DAYS = Ascii.of("MonTueWedThuFriSatSun");
    private static final Ascii MONTHS = Ascii.of("JanFebMarAprMayJunJulAugSepOctNovDec");
    private static final Ascii GMT = Ascii.of(" GMT");
    private static final Ascii DAY_END = Ascii.of("day, ");  // of a full day name, RFC 850 form
    private static final long DAY_SECONDS = 86_400;
    /// The first second of year 1: no earlier date can be written.
    public static final long EPOCH_SECONDS_MIN = epochDay(1, 1, 1) * DAY_SECONDS;
    /// The last second of year 9999: no later date can be written.
    public static final long EPOCH_SECONDS_MAX = epochDay(9999, 12, 31) * DAY_SECONDS + DAY_SECONDS - 1;

    private HttpDate() {}

    /// Writes [#BYTES] bytes at `at`.
    ///
    /// @param epochSeconds  seconds since 1970, years 1 to 9999
    /// @throws IllegalArgumentException  a year out of range (caller's fault); nothing is written
    public static void write(MemorySegment segment, long at, long epochSeconds) {
        if (epochSeconds < EPOCH_SECONDS_MIN || epochSeconds > EPOCH_SECONDS_MAX) {
            throw new IllegalArgumentException("date: " + epochSeconds + " s (expected years 1 to 9999)");
        }
        long day = Math.floorDiv(epochSeconds, DAY_SECONDS);
        int second = (int) Math.floorMod(epochSeconds, DAY_SECONDS);
        // civil date from days, eras of 400 years starting on 1 March (the calendar's own arithmetic)
        long shifted = day + 719_468;                         // days from 0000-03-01
        long era = Math.floorDiv(shifted, 146_097L);
        int ofEra = (int) (shifted - era * 146_097);
        int yearOfEra = (ofEra - ofEra / 1460 + ofEra / 36_524 - ofEra / 146_096) / 365;
        int ofYear = ofEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
        int march = (5 * ofYear + 2) / 153;                   // 0 is March
        int dayOfMonth = ofYear - (153 * march + 2) / 5 + 1;
        int month = march < 10 ? march + 3 : march - 9;
        long year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);

        int weekday = (int) Math.floorMod(day + 3, 7L);       // 1970-01-01 was a Thursday
        three(segment, at, DAYS, weekday);
        put(segment, at + 3, ',');
        put(segment, at + 4, ' ');
        two(segment, at + 5, dayOfMonth);
        put(segment, at + 7, ' ');
        three(segment, at + 8, MONTHS, month - 1);
        put(segment, at + 11, ' ');
        two(segment, at + 12, (int) year / 100);
        two(segment, at + 14, (int) year % 100);
        put(segment, at + 16, ' ');
        two(segment, at + 17, second / 3600);
        put(segment, at + 19, ':');
        two(segment, at + 20, second / 60 % 60);
        put(segment, at + 22, ':');
        two(segment, at + 23, second % 60);
        GMT.write(segment, at + 25);
    }

    /// Reads a date in any of the three forms.
    ///
    /// @param thisYear  for the two-digit years of the RFC 850 form: more than 50 years ahead means the past
    /// @return seconds since 1970, or [#NONE]
    public static long parse(MemorySegment segment, long at, int length, int thisYear) {
        if (length == BYTES && is(segment, at + 3, ',')) {    // Sun, 06 Nov 1994 08:49:37 GMT
            return is(segment, at + 4, ' ') && is(segment, at + 7, ' ') && is(segment, at + 11, ' ')
                    && is(segment, at + 16, ' ') && GMT.matches(segment, at + 25, 4)
                    && index(segment, at, DAYS) >= 0
                            ? seconds(number(segment, at + 12, 4), index(segment, at + 8, MONTHS), number(segment, at + 5, 2),
                                    time(segment, at + 17))
                            : NONE;
        }
        if (length == 24 && is(segment, at + 3, ' ')) {       // Sun Nov  6 08:49:37 1994
            int day = is(segment, at + 8, ' ') ? number(segment, at + 9, 1) : number(segment, at + 8, 2);
            return is(segment, at + 7, ' ') && is(segment, at + 10, ' ') && is(segment, at + 19, ' ')
                    && index(segment, at, DAYS) >= 0
                            ? seconds(number(segment, at + 20, 4), index(segment, at + 4, MONTHS), day,
                                    time(segment, at + 11))
                            : NONE;
        }
        for (int name = 6; name <= 9; name++) {               // Sunday, 06-Nov-94 08:49:37 GMT
            long rest = at + name + 2;
            if (length == name + 24 && DAY_END.matches(segment, at + name - 3, 5)) {
                int year = number(segment, rest + 7, 2);
                int full = year < 0 ? -1 : thisYear - thisYear % 100 + year;
                full = full > thisYear + 50 ? full - 100 : full;
                return is(segment, rest + 2, '-') && is(segment, rest + 6, '-') && is(segment, rest + 9, ' ')
                        && GMT.matches(segment, rest + 18, 4) && index(segment, at, DAYS) >= 0
                                ? seconds(full, index(segment, rest + 3, MONTHS), number(segment, rest, 2),
                                        time(segment, rest + 10))
                                : NONE;
            }
        }
        return NONE;
    }

    private static long seconds(int year, int month, int day, int time) {
        if (year < 1 || month < 0 || day < 1 || time < 0) {
            return NONE;
        }
        boolean leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        int days = month == 1 ? (leap ? 29 : 28) : month == 3 || month == 5 || month == 8 || month == 10 ? 30 : 31;
        return day > days ? NONE : epochDay(year, month + 1, day) * DAY_SECONDS + time;
    }

    private static long epochDay(int year, int month, int day) {
        long y = month <= 2 ? year - 1 : year;
        long era = Math.floorDiv(y, 400L);
        long yearOfEra = y - era * 400;
        long ofYear = (153L * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + ofYear - 719_468;
    }

    /// {@return seconds of the day of `hh:mm:ss`, a leap second counted as the last one, or -1}
    private static int time(MemorySegment segment, long at) {
        int hour = number(segment, at, 2);
        int minute = number(segment, at + 3, 2);
        int second = number(segment, at + 6, 2);
        boolean good = is(segment, at + 2, ':') && is(segment, at + 5, ':') && hour >= 0 && hour < 24 && minute >= 0
                && minute < 60 && second >= 0 && second <= 60;
        return good ? hour * 3600 + minute * 60 + Math.min(second, 59) : -1;
    }

    private static int number(MemorySegment segment, long at, int digits) {
        int value = 0;
        for (int i = 0; i < digits; i++) {
            int digit = segment.get(ValueLayout.JAVA_BYTE, at + i) - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            value = value * 10 + digit;
        }
        return value;
    }

    private static int index(MemorySegment segment, long at, Ascii names) {
        for (int i = 0; i < names.length(); i += 3) {
            if (is(segment, at, names.at(i)) && is(segment, at + 1, names.at(i + 1))
                    && is(segment, at + 2, names.at(i + 2))) {
                return i / 3;
            }
        }
        return -1;
    }

    private static boolean is(MemorySegment segment, long at, int b) {
        return segment.get(ValueLayout.JAVA_BYTE, at) == b;
    }

    private static void three(MemorySegment segment, long at, Ascii names, int index) {
        for (int i = 0; i < 3; i++) {
            put(segment, at + i, names.at(index * 3 + i));
        }
    }

    private static void two(MemorySegment segment, long at, int value) {
        put(segment, at, '0' + value / 10);
        put(segment, at + 1, '0' + value % 10);
    }

    private static void put(MemorySegment segment, long at, int b) {
        segment.set(ValueLayout.JAVA_BYTE, at, (byte) b);
    }
}
