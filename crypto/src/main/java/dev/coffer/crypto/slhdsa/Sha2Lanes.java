package dev.coffer.crypto.slhdsa;

import dev.coffer.crypto.sha2.CompressBatch;
import dev.coffer.memory.layout.BigEndian;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Eight chains at a time, one compression of SHA-256 a step (FIPS 205, section 11.2). Blocks differ in the number of their chain and
/// in their value, which begins in the middle of word 5, behind the 22 bytes of an address. Stateless, thread-safe.
final class Sha2Lanes extends LaneChains {
    static final long BYTES = LINE_BYTES + CompressBatch.BYTES;

    private static final int ROW = CompressBatch.ROW_BYTES;
    private static final int CHAIN_WORD = 4;   // the lower half of a chain's number, and the upper one of HASH, which is 0
    private static final int VALUE_WORD = 5;   // the lower half of HASH, and two bytes of the value
    private static final long LOW_HALVES = 0x0000ffff_0000ffffL;
    private static final long HIGH_HALVES = ~LOW_HALVES;
    private static final long PADDING = 0x00008000_00008000L;
    private static final ValueLayout.OfInt WORD = ValueLayout.JAVA_INT_UNALIGNED;
    private static final ValueLayout.OfLong TWO = ValueLayout.JAVA_LONG_UNALIGNED;  // words of two lanes

    private final Sha2Functions sha2;

    Sha2Lanes(Sha2Functions functions) {
        super(functions);
        this.sha2 = functions;
    }

    @Override
    int count() {
        return CompressBatch.LANES;
    }

    @Override
    void secrets(MemorySegment w, long at, int first) {
        blocks(w, at, first, at + l.secretAdrs, at + l.skSeed);
        CompressBatch.compress(w, lanes(w, at));
    }

    @Override
    void begin(MemorySegment w, long at, int first) {
        blocks(w, at, first, at + l.adrs, at + l.pkSeed);  // the place of the value, which each step fills
    }

    private void blocks(MemorySegment w, long at, int first, long adrs, long in) {
        long lanes = lanes(w, at);
        sha2.fill(w, at, adrs, in);
        for (int i = 0; i < 8; i++) {
            broadcast(w, lanes + CompressBatch.CHAIN + (long) i * ROW, w.get(WORD, at + l.seeded32 + 4L * i));
        }
        for (int i = 0; i < 16; i++) {
            broadcast(w, lanes + CompressBatch.SCHEDULE + (long) i * ROW, BigEndian.i32(w, at + l.block + 4L * i));
        }
        for (int j = 0; j < CompressBatch.LANES; j++) {
            w.set(WORD, lanes + CompressBatch.SCHEDULE + CHAIN_WORD * ROW + 4L * j, first + j << Short.SIZE);
        }
    }

    private static void broadcast(MemorySegment w, long row, int word) {
        long two = word & 0xffffffffL | (long) word << Integer.SIZE;
        for (int i = 0; i < ROW; i += Long.BYTES) {
            w.set(TWO, row + i, two);
        }
    }

    /// Values move from the front of the chaining values to their place in the blocks, two bytes further.
    @Override
    void step(MemorySegment w, long at, int j) {
        long lanes = lanes(w, at);
        int rows = (n >> 2) * ROW;
        long hash = (long) j << Integer.SIZE + Short.SIZE | (long) j << Short.SIZE;
        for (int i = 0; i < ROW; i += Long.BYTES) {
            long from = lanes + CompressBatch.OUT + i;
            long to = lanes + CompressBatch.SCHEDULE + VALUE_WORD * ROW + i;
            long high = hash;
            for (int row = 0; row < rows; row += ROW) {
                long value = w.get(TWO, from + row);
                w.set(TWO, to + row, high | value >>> Short.SIZE & LOW_HALVES);
                high = value << Short.SIZE & HIGH_HALVES;
            }
            w.set(TWO, to + rows, high | PADDING);
        }
        CompressBatch.compress(w, lanes);
    }

    @Override
    void take(MemorySegment w, long at, int lane, MemorySegment out, long outAt) {
        long from = lanes(w, at) + CompressBatch.OUT + 4L * lane;
        for (int i = 0; i < n >> 2; i++) {
            BigEndian.i32(out, outAt + 4L * i, w.get(WORD, from + (long) i * ROW));
        }
    }

    @Override
    void put(MemorySegment in, long inAt, MemorySegment w, long at, int lane) {
        long to = lanes(w, at) + CompressBatch.OUT + 4L * lane;
        for (int i = 0; i < n >> 2; i++) {
            w.set(WORD, to + (long) i * ROW, BigEndian.i32(in, inAt + 4L * i));
        }
    }
}
