package dev.coffer.http.qpack;

import dev.coffer.testkit.LongRun;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Random and mutated instructions and sections: no exception, no byte beside its room, and the same whatever the split.
class QpackFuzzTest {
    private static final int TABLE = 160;
    private static final int BYTES_MAX = 64;
    private static final int ROOM = 64;
    private static final int GUARD = 16;

    /// Two connections that hear the same, one of them in pieces, and an encoder that hears noise.
    private static final class Pair {
        final QpackDecoder whole = decoder();
        final QpackDecoder split = decoder();
        final QpackEncoder encoder = new QpackEncoder(Arena.ofAuto().allocate(QpackEncoder.plan(TABLE).totalBytes(), 64), 0, TABLE, true);
        final SectionDecoder one = new SectionDecoder();
        final SectionDecoder other = new SectionDecoder();
        final MemorySegment input = Arena.ofAuto().allocate(BYTES_MAX);
        final MemorySegment output = Arena.ofAuto().allocate(1024);
        final MemorySegment head = Arena.ofAuto().allocate(ROOM + GUARD);
        final MemorySegment second = Arena.ofAuto().allocate(ROOM + GUARD);
        int turn;

        private static QpackDecoder decoder() {
            return new QpackDecoder(Arena.ofAuto().allocate(QpackDecoder.plan(TABLE).totalBytes(), 64), 0, TABLE, 1);
        }

        void run(SplittableRandom random) {
            int length = random.nextInt(1, BYTES_MAX + 1);
            for (int i = 0; i < length; i++) {
                input.set(ValueLayout.JAVA_BYTE, i, octet(random));
            }
            switch (random.nextInt(4)) {
                case 0 -> instructions(random, length);
                case 1 -> acknowledgements(length);
                default -> section(random, length);
            }
        }

        private void instructions(SplittableRandom random, int length) {
            if (whole.tableBytes() == 0) {
                input.set(ValueLayout.JAVA_BYTE, 0, (byte) 0x3f);    // a capacity first, of up to 160
                input.set(ValueLayout.JAVA_BYTE, 1, (byte) random.nextInt(0x40, 0x80));
            }
            int result = whole.feed(input, 0, length);
            int piece = random.nextInt(1, 9);
            int same = QpackDecoder.TAKEN;
            for (int at = 0; at < length && same == QpackDecoder.TAKEN; at += piece) {
                same = split.feed(input, at, Math.min(piece, length - at));
            }
            check(result == same);
            whole.table.checkInvariants();
            if (result == QpackDecoder.FAULT || ++turn % 64 == 0) {
                whole.reset();
                split.reset();
            }
            check(whole.write(output, 0, 64) == split.write(output, 64, 64));
        }

        private void acknowledgements(int length) {
            encoder.settings(TABLE, 2);
            encoder.begin(turn % 8, output, 0);
            encoder.field(input, 0, length / 3, length / 3, length / 3);
            encoder.field(input, 0, 3 * length / 4, 0, 0);
            long end = encoder.end();
            check(end <= output.byteSize() && encoder.sectionAt() >= 0);
            encoder.table().checkInvariants();
            encoder.write(output, 0, output.byteSize());
            if (encoder.feed(input, 0, 1 + length % 2) == QpackEncoder.FAULT) {
                encoder.reset();
            }
        }

        private void section(SplittableRandom random, int length) {
            if (random.nextInt(4) > 0) {
                input.set(ValueLayout.JAVA_BYTE, 0, (byte) (whole.table.inserted() == 0 ? 0 : whole.table.inserted() % 10 + 1));
                input.set(ValueLayout.JAVA_BYTE, 1, (byte) random.nextInt(2));
            }
            one.begin(whole, turn, head, 0, ROOM);
            other.begin(split, turn, second, 0, ROOM);
            long a = decode(one, length, Integer.MAX_VALUE);
            long b = decode(other, length, random.nextInt(1, 9));
            boolean ended = one.end();
            if (a != b || ended != other.end() || head.mismatch(second) >= 0) {
                throw new AssertionError("split and whole differ: " + one + ", " + other + ", " + whole + ", " + split);
            }
            for (int i = 0; i < GUARD; i++) {
                check(head.get(ValueLayout.JAVA_BYTE, ROOM + i) == 0);
            }
            check(whole.blocked() == 0 && split.blocked() == 0);
            head.fill((byte) 0);
            second.fill((byte) 0);
            one.reset();
            other.reset();
        }

        private static void check(boolean good) {
            if (!good) {
                throw new AssertionError("split and whole differ, or more was written than there is room");
            }
        }

        private static byte octet(SplittableRandom random) {
            return switch (random.nextInt(6)) {
                case 0 -> (byte) random.nextInt(0xc0, 0x100);     // static entries
                case 1 -> (byte) random.nextInt(0x80, 0x84);
                case 2 -> (byte) random.nextInt(0x20, 0x2c);      // literals
                case 3 -> (byte) random.nextInt(0, 9);
                case 4 -> (byte) random.nextInt(0x40, 0x60);
                default -> (byte) random.nextInt(256);
            };
        }

        /// {@return a number of what came out}
        private long decode(SectionDecoder decoder, int length, int piece) {
            long hash = 0;
            for (int at = 0; at < length;) {
                int result = decoder.decode(input, at, Math.min(piece, length - at));
                at += decoder.taken();
                if (result == SectionDecoder.FAULT || result == SectionDecoder.BLOCKED) {
                    return hash * 31 + result;
                }
                if (result == SectionDecoder.FIELD) {
                    hash = hash * 31 + decoder.nameLength() * 1000L + decoder.valueLength() + (decoder.isSkipping() ? 7 : 0);
                }
            }
            return hash;
        }
    }

    @Test
    void amongAMillionInputsNoneDoesHarm() {
        Pair pair = new Pair();
        SplittableRandom random = new SplittableRandom(9204);
        for (int i = 0; i < 1_000_000; i++) {
            long seed = random.nextLong();
            try {
                pair.run(new SplittableRandom(seed));
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("input " + i + " of seed " + seed, e);
            }
        }
    }

    @Test
    @Tag("long")
    void amongAHundredMillionInputsNoneDoesHarm() {
        Pair pair = new Pair();
        LongRun.of("qpack", pair::run);
    }
}
