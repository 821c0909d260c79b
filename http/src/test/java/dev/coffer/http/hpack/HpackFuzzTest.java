package dev.coffer.http.hpack;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.coffer.http.hpack.Blocks.Decoder;
import dev.coffer.http.hpack.Blocks.Encoder;
import dev.coffer.http.hpack.Blocks.Field;
import dev.coffer.testkit.LongRun;
import dev.coffer.testkit.Seeds;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Random and mutated blocks: no exception, no byte beside its room, and the same whatever the split.
class HpackFuzzTest {
    private static final int BLOCK_BYTES_MAX = 96;
    private static final int ROOM = 64;
    private static final int GUARD = 16;

    /// Two decoders of small tables that hear the same, one of them in pieces.
    private static final class Pair {
        final HpackDecoder whole = new HpackDecoder(Arena.ofAuto().allocate(HpackDecoder.plan(128).totalBytes(), 64), 0, 128);
        final HpackDecoder split = new HpackDecoder(Arena.ofAuto().allocate(HpackDecoder.plan(128).totalBytes(), 64), 0, 128);
        final MemorySegment input = Arena.ofAuto().allocate(BLOCK_BYTES_MAX);
        final MemorySegment head = Arena.ofAuto().allocate(ROOM + GUARD);
        final MemorySegment other = Arena.ofAuto().allocate(ROOM + GUARD);

        void run(SplittableRandom random) {
            int length = random.nextInt(1, BLOCK_BYTES_MAX + 1);
            for (int i = 0; i < length; i++) {
                input.set(ValueLayout.JAVA_BYTE, i, octet(random));
            }
            whole.begin(head, 0, ROOM);
            split.begin(other, 0, ROOM);
            long a = decode(whole, length, Integer.MAX_VALUE);
            long b = decode(split, length, random.nextInt(1, 9));
            boolean ended = whole.end();
            if (a != b || ended != split.end() || head.mismatch(other) >= 0) {
                throw new AssertionError("split and whole differ: " + whole + ", " + split);
            }
            for (int i = 0; i < GUARD; i++) {
                if (head.get(ValueLayout.JAVA_BYTE, ROOM + i) != 0) {
                    throw new AssertionError("wrote beside its room");
                }
            }
            whole.table().checkInvariants();
            if (!ended) {
                whole.reset();
                split.reset();
            }
            head.fill((byte) 0);
            other.fill((byte) 0);
        }

        private static byte octet(SplittableRandom random) {
            return switch (random.nextInt(6)) {
                case 0 -> (byte) random.nextInt(0x80, 0xc4);     // indexed, some of the table's
                case 1 -> (byte) random.nextInt(0x40, 0x80);
                case 2 -> (byte) random.nextInt(0, 0x40);
                case 3 -> (byte) random.nextInt(0, 9);
                case 4 -> (byte) random.nextInt(0x80, 0x88);
                default -> (byte) random.nextInt(256);
            };
        }

        /// {@return a number of what came out}
        private long decode(HpackDecoder decoder, int length, int piece) {
            long hash = 0;
            for (int at = 0; at < length;) {
                int result = decoder.decode(input, at, Math.min(piece, length - at));
                at += decoder.taken();
                if (result == HpackDecoder.FAULT) {
                    return hash * 31 + 1;
                }
                if (result == HpackDecoder.FIELD) {
                    hash = hash * 31 + decoder.nameLength() * 1000L + decoder.valueLength() + (decoder.isSkipping() ? 7 : 0);
                }
            }
            return hash;
        }
    }

    @Test
    void amongAMillionBlocksNoneDoesHarm() {
        Pair pair = new Pair();
        SplittableRandom random = new SplittableRandom(7541);
        for (int i = 0; i < 1_000_000; i++) {
            long seed = random.nextLong();
            try {
                pair.run(new SplittableRandom(seed));
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("block " + i + " of seed " + seed, e);
            }
        }
    }

    @Test
    @Tag("long")
    void amongAHundredMillionBlocksNoneDoesHarm() {
        Pair pair = new Pair();
        LongRun.of("hpack", pair::run);
    }

    /// Lists of any shape come back, whatever sizes both sides' tables take on the way.
    @Test
    void listsComeBackThroughTablesThatChange() {
        Seeds.forEach(1, 200, random -> {
            int most = random.nextInt(0, 600);
            Encoder encoder = new Encoder(most);
            Decoder decoder = new Decoder(4096, 1 << 14);
            for (int block = 0; block < 60; block++) {
                if (random.nextInt(10) == 0) {
                    int bytes = random.nextInt(0, 700);
                    encoder.hpack.limit(bytes);
                    decoder.hpack.limit(bytes);
                }
                List<Field> fields = new ArrayList<>();
                for (int i = random.nextInt(8); i > 0; i--) {
                    fields.add(new Field(text(random, 12), text(random, random.nextInt(1, 200))));
                }
                assertEquals(fields, decoder.decode(encoder.encode(fields), random.nextInt(1, 50)));
                assertEquals(encoder.hpack.tableBytes(), decoder.hpack.tableBytes());
            }
        });
    }

    private static String text(SplittableRandom random, int most) {
        StringBuilder text = new StringBuilder();
        boolean any = random.nextInt(4) == 0;
        for (int i = random.nextInt(most + 1); i > 0; i--) {
            text.append((char) (any ? random.nextInt(256) : 'a' + random.nextInt(3)));
        }
        return text.toString();
    }
}
