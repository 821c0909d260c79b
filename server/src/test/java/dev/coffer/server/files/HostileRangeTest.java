package dev.coffer.server.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.testkit.LongRun;
import dev.coffer.testkit.Seeds;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// `Range` fields, good and spoiled, in memory of exactly their length, against files of any size, beside RFC 9110, section
/// 14.1.2, in numbers without bound.
class HostileRangeTest {
    private static final Pattern RANGE = Pattern.compile("bytes=([0-9]*)-([0-9]*)", Pattern.CASE_INSENSITIVE);
    private static final byte[] SPICE = "0123456789--==,, \tbytesBYTES+\0\u00ff".getBytes(StandardCharsets.ISO_8859_1);
    private static final int LENGTH_MAX = 64;

    private final MemorySegment[] places = new MemorySegment[LENGTH_MAX + 1];
    private final int[] answers = new int[3];

    HostileRangeTest() {
        for (int length = 0; length <= LENGTH_MAX; length++) {
            places[length] = Arena.ofAuto().allocate(length);
        }
    }

    private static String number(SplittableRandom random, long size) {
        return switch (random.nextInt(6)) {
            case 0 -> "";
            case 1 -> Long.toString(Math.max(0, size - 1 + random.nextInt(3)));
            case 2 -> Long.toString(random.nextLong() >>> random.nextInt(1, 64));
            case 3 -> "0".repeat(random.nextInt(4)) + random.nextInt(10);
            case 4 -> "922337203685477580" + random.nextInt(10) + (random.nextBoolean() ? "" : "0");
            default -> Long.toString(random.nextLong(size + 1));
        };
    }

    private void read(SplittableRandom random) {
        long size = random.nextInt(4) == 0 ? random.nextInt(3) : random.nextLong(Long.MAX_VALUE) >>> random.nextInt(63);
        byte[] text = ("bytes=" + number(random, size) + "-" + number(random, size)).getBytes(StandardCharsets.ISO_8859_1);
        int length = text.length;
        for (int changes = random.nextInt(6) - 3; changes > 0; changes--) {
            text[random.nextInt(length)] = SPICE[random.nextInt(SPICE.length)];
        }
        length = random.nextInt(8) == 0 ? random.nextInt(length + 1) : length;
        MemorySegment place = places[length];
        MemorySegment.copy(text, 0, place, ValueLayout.JAVA_BYTE, 0, length);
        long first = ByteRange.first(place, 0, length, size);
        Matcher range = RANGE.matcher(new String(text, 0, length, StandardCharsets.ISO_8859_1));
        long expected = range.matches() ? first(range.group(1), range.group(2), size) : ByteRange.IGNORED;
        assertEquals(expected, first);
        answers[(int) Math.min(0, first) + 2]++;
        if (first >= 0) {
            long last = ByteRange.last(place, 0, length, size);
            assertTrue(first <= last && last < size, first + " to " + last + " of " + size);
            boolean open = range.group(1).isEmpty() || range.group(2).isEmpty();
            assertEquals(open ? size - 1 : new BigInteger(range.group(2)).min(BigInteger.valueOf(size - 1)).longValue(), last);
        }
    }

    private static long first(String from, String to, long size) {
        BigInteger bytes = BigInteger.valueOf(size);
        if (from.isEmpty()) {
            if (to.isEmpty()) {
                return ByteRange.IGNORED;
            }
            BigInteger suffix = new BigInteger(to);
            if (suffix.signum() == 0) {
                return ByteRange.UNSATISFIABLE;
            }
            return size == 0 ? ByteRange.IGNORED : bytes.subtract(suffix).max(BigInteger.ZERO).longValue();
        }
        BigInteger first = new BigInteger(from);
        if (!to.isEmpty() && new BigInteger(to).compareTo(first) < 0) {
            return ByteRange.IGNORED;
        }
        return first.compareTo(bytes) >= 0 ? ByteRange.UNSATISFIABLE : first.longValue();
    }

    @Test
    void aRangeOrAReason() {
        Seeds.forEach(1, 100_000, this::read);
        for (int count : answers) {
            assertTrue(Long.getLong("coffer.seed") != null || count > 5_000, "each answer often: " + count);
        }
    }

    @Test
    @Tag("long")
    void rangesForLong() {
        LongRun.of("Range fields", this::read);
    }
}
