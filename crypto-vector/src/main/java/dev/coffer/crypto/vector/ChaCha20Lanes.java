package dev.coffer.crypto.vector;

import dev.coffer.crypto.internal.kernel.VectorKernels;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/// ChaCha20 (RFC 8439, section 2.3) on vectors: each holds one row of the state for as many blocks as have room, and two
/// sets of them are worked on in turns. For the fast profile: its key passes through heap arrays until C2 has compiled
/// it. Stateless, thread-safe; ranges are checked by the callers.
final class ChaCha20Lanes {
    private static final VectorSpecies<Integer> SPECIES = IntVector.SPECIES_PREFERRED.length() > 16
            ? IntVector.SPECIES_512 : IntVector.SPECIES_PREFERRED;
    private static final int VECTOR_BYTES = SPECIES.vectorByteSize();
    private static final int BLOCKS = SPECIES.length() / 4;  // in one set
    private static final int BLOCK_BYTES = 64;
    private static final int STEP_BYTES = 2 * BLOCKS * BLOCK_BYTES;

    // Within each block, the row turned left by one, two and three words.
    private static final VectorShuffle<Integer> LEFT_1 = turn(1);
    private static final VectorShuffle<Integer> LEFT_2 = turn(2);
    private static final VectorShuffle<Integer> LEFT_3 = turn(3);
    private static final ValueLayout.OfInt WORD = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

    private ChaCha20Lanes() {}

    private static VectorShuffle<Integer> turn(int by) {
        return VectorShuffle.fromOp(SPECIES, i -> i & -4 | i + by & 3);
    }

    /// {@return whether a vector has room for at least two blocks' rows}
    static boolean wideEnough() {
        return BLOCKS >= 2;
    }

    /// Adds key stream to as many whole steps as the length holds.
    ///
    /// @param output   may be the input at the same offset
    /// @param scratch  a step of key stream, row by row, at most [VectorKernels#CHACHA20_SCRATCH_BYTES_MAX]; the caller wipes it
    /// @return bytes done, a multiple of 64, 0 to `length`
    static long xor(MemorySegment key, long keyAt, MemorySegment nonce, long nonceAt, int counter,
            MemorySegment input, long inputAt, long length, MemorySegment output, long outputAt, MemorySegment scratch,
            long scratchAt) {
        long done = 0;
        int block = counter;
        for (; length - done >= STEP_BYTES; done += STEP_BYTES, block += 2 * BLOCKS) {
            stream(key, keyAt, nonce, nonceAt, block, scratch, scratchAt);
            for (int b = 0; b < 2 * BLOCKS; b++) {
                long rows = scratchAt + (b / BLOCKS) * 4 * VECTOR_BYTES + (b % BLOCKS) * 16;
                long from = inputAt + done + (long) b * BLOCK_BYTES;
                long to = outputAt + done + (long) b * BLOCK_BYTES;
                for (int row = 0; row < 4; row++) {
                    long at = rows + (long) row * VECTOR_BYTES;
                    output.set(LONG, to + 16 * row, input.get(LONG, from + 16 * row) ^ scratch.get(LONG, at));
                    output.set(LONG, to + 16 * row + 8, input.get(LONG, from + 16 * row + 8) ^ scratch.get(LONG, at + 8));
                }
            }
        }
        return done;
    }

    private static void stream(MemorySegment key, long keyAt, MemorySegment nonce, long nonceAt, int counter,
            MemorySegment scratch, long at) {
        // Rows of one block, then of all: section 2.3 lays them out as constants, key, key, counter and nonce.
        scratch.set(WORD, at, 0x61707865);
        scratch.set(WORD, at + 4, 0x3320646e);
        scratch.set(WORD, at + 8, 0x79622d32);
        scratch.set(WORD, at + 12, 0x6b206574);
        scratch.set(WORD, at + VECTOR_BYTES * 3 + 4, nonce.get(WORD, nonceAt));
        scratch.set(WORD, at + VECTOR_BYTES * 3 + 8, nonce.get(WORD, nonceAt + 4));
        scratch.set(WORD, at + VECTOR_BYTES * 3 + 12, nonce.get(WORD, nonceAt + 8));
        for (int b = 0; b < BLOCKS; b++) {
            MemorySegment.copy(scratch, at, scratch, at + 16 * b, b == 0 ? 0 : 16);
            MemorySegment.copy(key, keyAt, scratch, at + VECTOR_BYTES + 16 * b, 16);
            MemorySegment.copy(key, keyAt + 16, scratch, at + VECTOR_BYTES * 2 + 16 * b, 16);
            MemorySegment.copy(scratch, at + VECTOR_BYTES * 3 + 4, scratch, at + VECTOR_BYTES * 3 + 16 * b + 4,
                    b == 0 ? 0 : 12);
            scratch.set(WORD, at + VECTOR_BYTES * 3 + 16 * b, counter + b);
            scratch.set(WORD, at + VECTOR_BYTES * 4 + 16 * b, BLOCKS);  // what the second set's counters have more
            scratch.set(WORD, at + VECTOR_BYTES * 4 + 16 * b + 4, 0);
            scratch.set(LONG, at + VECTOR_BYTES * 4 + 16 * b + 8, 0);
        }
        rounds(scratch, at);
    }

    private static void rounds(MemorySegment scratch, long at) {
        ByteOrder order = ByteOrder.LITTLE_ENDIAN;
        IntVector a = IntVector.fromMemorySegment(SPECIES, scratch, at, order);
        IntVector b = IntVector.fromMemorySegment(SPECIES, scratch, at + VECTOR_BYTES, order);
        IntVector c = IntVector.fromMemorySegment(SPECIES, scratch, at + VECTOR_BYTES * 2, order);
        IntVector d = IntVector.fromMemorySegment(SPECIES, scratch, at + VECTOR_BYTES * 3, order);
        IntVector e = d.add(IntVector.fromMemorySegment(SPECIES, scratch, at + VECTOR_BYTES * 4, order));
        // @formatter:off
        IntVector a0 = a; IntVector b0 = b; IntVector c0 = c; IntVector d0 = d;
        IntVector a1 = a; IntVector b1 = b; IntVector c1 = c; IntVector d1 = e;
        for (int i = 0; i < 10; i++) {  // columns, then diagonals, which are columns after turning the rows
            a0 = a0.add(b0); d0 = d0.lanewise(VectorOperators.XOR, a0).lanewise(VectorOperators.ROL, 16);
            a1 = a1.add(b1); d1 = d1.lanewise(VectorOperators.XOR, a1).lanewise(VectorOperators.ROL, 16);
            c0 = c0.add(d0); b0 = b0.lanewise(VectorOperators.XOR, c0).lanewise(VectorOperators.ROL, 12);
            c1 = c1.add(d1); b1 = b1.lanewise(VectorOperators.XOR, c1).lanewise(VectorOperators.ROL, 12);
            a0 = a0.add(b0); d0 = d0.lanewise(VectorOperators.XOR, a0).lanewise(VectorOperators.ROL, 8);
            a1 = a1.add(b1); d1 = d1.lanewise(VectorOperators.XOR, a1).lanewise(VectorOperators.ROL, 8);
            c0 = c0.add(d0); b0 = b0.lanewise(VectorOperators.XOR, c0).lanewise(VectorOperators.ROL, 7);
            c1 = c1.add(d1); b1 = b1.lanewise(VectorOperators.XOR, c1).lanewise(VectorOperators.ROL, 7);
            b0 = b0.rearrange(LEFT_1); c0 = c0.rearrange(LEFT_2); d0 = d0.rearrange(LEFT_3);
            b1 = b1.rearrange(LEFT_1); c1 = c1.rearrange(LEFT_2); d1 = d1.rearrange(LEFT_3);
            a0 = a0.add(b0); d0 = d0.lanewise(VectorOperators.XOR, a0).lanewise(VectorOperators.ROL, 16);
            a1 = a1.add(b1); d1 = d1.lanewise(VectorOperators.XOR, a1).lanewise(VectorOperators.ROL, 16);
            c0 = c0.add(d0); b0 = b0.lanewise(VectorOperators.XOR, c0).lanewise(VectorOperators.ROL, 12);
            c1 = c1.add(d1); b1 = b1.lanewise(VectorOperators.XOR, c1).lanewise(VectorOperators.ROL, 12);
            a0 = a0.add(b0); d0 = d0.lanewise(VectorOperators.XOR, a0).lanewise(VectorOperators.ROL, 8);
            a1 = a1.add(b1); d1 = d1.lanewise(VectorOperators.XOR, a1).lanewise(VectorOperators.ROL, 8);
            c0 = c0.add(d0); b0 = b0.lanewise(VectorOperators.XOR, c0).lanewise(VectorOperators.ROL, 7);
            c1 = c1.add(d1); b1 = b1.lanewise(VectorOperators.XOR, c1).lanewise(VectorOperators.ROL, 7);
            b0 = b0.rearrange(LEFT_3); c0 = c0.rearrange(LEFT_2); d0 = d0.rearrange(LEFT_1);
            b1 = b1.rearrange(LEFT_3); c1 = c1.rearrange(LEFT_2); d1 = d1.rearrange(LEFT_1);
        }
        // @formatter:on
        a0.add(a).intoMemorySegment(scratch, at, order);
        b0.add(b).intoMemorySegment(scratch, at + VECTOR_BYTES, order);
        c0.add(c).intoMemorySegment(scratch, at + VECTOR_BYTES * 2, order);
        d0.add(d).intoMemorySegment(scratch, at + VECTOR_BYTES * 3, order);
        a1.add(a).intoMemorySegment(scratch, at + VECTOR_BYTES * 4, order);
        b1.add(b).intoMemorySegment(scratch, at + VECTOR_BYTES * 5, order);
        c1.add(c).intoMemorySegment(scratch, at + VECTOR_BYTES * 6, order);
        d1.add(e).intoMemorySegment(scratch, at + VECTOR_BYTES * 7, order);
    }
}
