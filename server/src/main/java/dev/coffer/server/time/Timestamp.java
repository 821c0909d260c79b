package dev.coffer.server.time;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// A moment as RFC 3339 writes it, in UTC and to the second: `2026-11-25T22:40:07Z`. Stateless, thread-safe; 0 heap bytes.
public final class Timestamp {
    /// Bytes of one.
    public static final int BYTES = 4 + 1 + 2 + 1 + 2 + 1 + 8 + 1;
    private static final int DATE_BYTES = 4 + 1 + 2 + 1 + 2;
    private static final long DAY_SECONDS = 86_400;
    /// Years that four digits can say.
    private static final long SECONDS_MIN = -62_167_219_200L;
    private static final long SECONDS_MAX = 253_402_300_799L;
    // The Gregorian calendar repeats every 400 years; counted from 0000-03-01, so that the leap day is a year's last.
    private static final long ERA_DAYS = 146_097;
    private static final long EPOCH_DAY = 719_468;      // 1970-01-01

    private Timestamp() {}

    /// Writes a moment.
    ///
    /// @param target        room for [#BYTES] at `at`
    /// @param epochSeconds  since 1970; what lies outside of the years 0000 to 9999 is written as their first or last second
    public static void write(MemorySegment target, long at, long epochSeconds) {
        long seconds = Math.clamp(epochSeconds, SECONDS_MIN, SECONDS_MAX);
        date(target, at, seconds);
        put(target, at + DATE_BYTES, 'T');
        time(target, at + DATE_BYTES + 1, seconds);
        put(target, at + BYTES - 1, 'Z');
    }

    private static void date(MemorySegment target, long at, long seconds) {
        long day = Math.floorDiv(seconds, DAY_SECONDS) + EPOCH_DAY;
        long era = Math.floorDiv(day, ERA_DAYS);
        int ofEra = (int) (day - era * ERA_DAYS);
        int yearOfEra = (ofEra - ofEra / 1460 + ofEra / 36_524 - ofEra / 146_096) / 365;
        int ofYear = ofEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
        int month = (5 * ofYear + 2) / 153;  // from March; five months have 153 days
        int dayOfMonth = ofYear - (153 * month + 2) / 5 + 1;
        int civil = month < 10 ? month + 3 : month - 9;
        int year = (int) (yearOfEra + era * 400) + (civil <= 2 ? 1 : 0);
        two(target, at, year / 100);
        two(target, at + 2, year % 100);
        put(target, at + 4, '-');
        two(target, at + 5, civil);
        put(target, at + 7, '-');
        two(target, at + 8, dayOfMonth);
    }

    private static void time(MemorySegment target, long at, long seconds) {
        int ofDay = (int) Math.floorMod(seconds, DAY_SECONDS);
        two(target, at, ofDay / 3600);
        put(target, at + 2, ':');
        two(target, at + 3, ofDay / 60 % 60);
        put(target, at + 5, ':');
        two(target, at + 6, ofDay % 60);
    }

    private static void two(MemorySegment target, long at, int value) {
        put(target, at, '0' + value / 10);
        put(target, at + 1, '0' + value % 10);
    }

    private static void put(MemorySegment target, long at, int b) {
        target.set(ValueLayout.JAVA_BYTE, at, (byte) b);
    }
}
