package dev.coffer.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.coffer.testkit.LongRun;
import dev.coffer.testkit.Seeds;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Dates of the three forms, spoiled octet by octet, in memory of exactly their length: a date or none, beside another reading
/// of the same grammar.
class HostileDateTest {
    private static final DateTimeFormatter[] FORMS = {form("EEE, dd MMM yyyy HH:mm:ss 'GMT'"), form("EEEE, dd-MMM-yy HH:mm:ss 'GMT'"),
            form("EEE MMM ppd HH:mm:ss yyyy")};
    private static final byte[] SPICE = " ,:-0123456789GMTSunMonJanFebDecday\0\t\u00ff".getBytes(StandardCharsets.ISO_8859_1);
    private static final String MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec";
    private static final String DAYS = "MonTueWedThuFriSatSun";
    private static final int LENGTH_MAX = 40;

    private final MemorySegment[] places = new MemorySegment[LENGTH_MAX + 1];
    private final byte[] text = new byte[LENGTH_MAX];
    private int dates;

    HostileDateTest() {
        for (int length = 0; length <= LENGTH_MAX; length++) {
            places[length] = Arena.ofAuto().allocate(length);
        }
    }

    private static DateTimeFormatter form(String pattern) {
        return DateTimeFormatter.ofPattern(pattern, Locale.US);
    }

    private void read(SplittableRandom random) {
        int form = random.nextInt(3);
        long seconds = random.nextLong(HttpDate.EPOCH_SECONDS_MIN, HttpDate.EPOCH_SECONDS_MAX + 1);
        byte[] good = FORMS[form].format(LocalDateTime.ofEpochSecond(seconds, 0, ZoneOffset.UTC)).getBytes(StandardCharsets.ISO_8859_1);
        int length = good.length;
        System.arraycopy(good, 0, text, 0, length);
        for (int changes = random.nextInt(3); changes > 0; changes--) {
            switch (random.nextInt(6)) {
                case 0 -> length = random.nextInt(length + 1);
                case 1 -> text[Math.min(length++, LENGTH_MAX - 1)] = SPICE[random.nextInt(SPICE.length)];
                case 2 -> text[random.nextInt(LENGTH_MAX)] = (byte) random.nextInt();
                case 3 -> text[random.nextInt(LENGTH_MAX)]++;
                default -> text[random.nextInt(LENGTH_MAX)] = SPICE[random.nextInt(SPICE.length)];
            }
        }
        length = Math.min(length, LENGTH_MAX);
        int thisYear = 1950 + random.nextInt(200);
        MemorySegment.copy(text, 0, places[length], ValueLayout.JAVA_BYTE, 0, length);
        long expected = model(new String(text, 0, length, StandardCharsets.ISO_8859_1), thisYear);
        dates += expected == HttpDate.NONE ? 0 : 1;
        assertEquals(expected, HttpDate.parse(places[length], 0, length, thisYear));
    }

    /// The grammar of RFC 9110, section 5.6.7, read from a string; a name of a day is three letters and whatever makes its length.
    private static long model(String s, int thisYear) {
        if (s.length() < 3 || DAYS.indexOf(s.substring(0, 3)) < 0 || DAYS.indexOf(s.substring(0, 3)) % 3 != 0) {
            return HttpDate.NONE;
        }
        if (s.length() == 29 && s.charAt(3) == ',') {
            return shaped(s, "___, 00 ___ 0000 00:00:00 GMT") ? moment(digits(s, 12, 4), s.substring(8, 11), digits(s, 5, 2), s, 17)
                    : HttpDate.NONE;
        }
        if (s.length() == 24) {
            return shaped(s, "___ ___  0 00:00:00 0000") || shaped(s, "___ ___ 00 00:00:00 0000")
                    ? moment(digits(s, 20, 4), s.substring(4, 7), digits(s, s.charAt(8) == ' ' ? 9 : 8, s.charAt(8) == ' ' ? 1 : 2), s, 11)
                    : HttpDate.NONE;
        }
        int name = s.length() - 24;
        if (name < 6 || name > 9 || !shaped(s, "_".repeat(name - 3) + "day, 00-___-00 00:00:00 GMT")) {
            return HttpDate.NONE;
        }
        int rest = name + 2;
        int year = thisYear / 100 * 100 + digits(s, rest + 7, 2);
        return moment(year > thisYear + 50 ? year - 100 : year, s.substring(rest + 3, rest + 6), digits(s, rest, 2), s, rest + 10);
    }

    /// {@return whether it has a digit at each 0, anything at each _, and else what the shape has}
    private static boolean shaped(String s, String shape) {
        for (int i = 0; i < shape.length(); i++) {
            char c = s.charAt(i);
            boolean fits = switch (shape.charAt(i)) {
                case '_' -> true;
                case '0' -> c >= '0' && c <= '9';
                default -> c == shape.charAt(i);
            };
            if (!fits) {
                return false;
            }
        }
        return true;
    }

    private static int digits(String s, int at, int count) {
        return Integer.parseInt(s, at, at + count, 10);
    }

    private static long moment(int year, String monthName, int day, String s, int time) {
        int month = MONTHS.indexOf(monthName);
        int hour = digits(s, time, 2);
        int minute = digits(s, time + 3, 2);
        int second = digits(s, time + 6, 2);
        if (month < 0 || month % 3 != 0 || year < 1 || hour > 23 || minute > 59 || second > 60) {
            return HttpDate.NONE;
        }
        month = month / 3 + 1;
        if (day < 1 || day > java.time.YearMonth.of(year, month).lengthOfMonth()) {
            return HttpDate.NONE;
        }
        return LocalDateTime.of(year, month, day, hour, minute, Math.min(second, 59)).toEpochSecond(ZoneOffset.UTC);
    }

    @Test
    void aDateOrNone() {
        Seeds.forEach(1, 100_000, this::read);
        assertEquals(true, Long.getLong("coffer.seed") != null || dates > 30_000 && dates < 70_000, dates + " dates");
    }

    @Test
    @Tag("long")
    void datesForLong() {
        LongRun.of("HTTP dates", this::read);
    }
}
