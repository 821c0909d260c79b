package dev.coffer.evm.precompiles;

import dev.coffer.crypto.Hash;
import dev.coffer.evm.Precompiles;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.layout.Align;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.HexFormat;

/// Precompiles 10 to 17 (EIP-4844, EIP-2537) on blst, in memory that is planned once. Each input is checked here, its length, the zeros before an element, that it
/// is below p, and copied: the library sees nothing but that memory, and in it only what was checked. Sums of multiples are made of [#BATCH] points at a time, products
/// of pairings of [#PAIRS], so no input needs more. 0 heap bytes; one thread at a time.
///
/// Of the calling thread's stack the library takes less than 128 KiB.
final class BlstCurve implements CurvePrecompiles {
    /// Points whose multiples are summed in one call.
    static final int BATCH = 512;
    /// Pairs whose Miller loops are one, the most that blst takes at once itself.
    static final int PAIRS = 16;

    private static final int FP = 48;
    private static final int PAD = 16;
    private static final int ELEMENT = PAD + FP;                           // as it comes
    private static final int SCALAR = 32;
    private static final int WORD = 32;
    private static final int FP12 = 12 * FP;
    private static final int AFFINE_MAX = 4 * FP;                          // x and y over the quadratic field
    private static final int JACOBIAN_MAX = 6 * FP;
    private static final int COMPRESSED1 = FP;
    /// Of a sum: 64 buckets of four coordinates over the quadratic field, as blst takes for [#BATCH] points; asked when opened.
    private static final long SCRATCH_BYTES = 64 * 8 * FP;

    // The memory, by offset.
    private static final long RAW = 0;                                     // what came, or goes
    private static final long U = RAW + 2 * Align.CACHE_LINE_BYTES;        // elements to map
    private static final long FACTOR = U + AFFINE_MAX;                     // a number
    private static final long AFFINE = FACTOR + Align.CACHE_LINE_BYTES;    // two points
    private static final long SUM = AFFINE + 2 * AFFINE_MAX;
    private static final long TERM = SUM + JACOBIAN_MAX;
    private static final long PRODUCT = TERM + JACOBIAN_MAX;
    private static final long LOOP = PRODUCT + FP12;
    private static final long BASE1 = LOOP + FP12;                         // generator of G1
    private static final long BASE2 = BASE1 + JACOBIAN_MAX;                // of G2
    private static final long TAU = BASE2 + AFFINE_MAX;                    // the setup's second point of G2
    private static final long STATE = TAU + AFFINE_MAX;                    // of a hash
    private static final long LISTS = Align.up(STATE + Hash.STATE_BYTES_MAX, Align.CACHE_LINE_BYTES);
    private static final long POINTERS = LISTS;                            // to points, or to the lefts of pairs
    private static final long OTHERS = POINTERS + (BATCH + 1) * Long.BYTES;  // to numbers, or to the rights
    private static final long SCALARS = OTHERS + (BATCH + 1) * Long.BYTES;
    private static final long POINTS = Align.up(SCALARS + BATCH * SCALAR, Align.CACHE_LINE_BYTES);
    private static final long RIGHTS = POINTS + PAIRS * AFFINE_MAX;        // of pairs: the lefts lie in the points
    private static final long SCRATCH = POINTS + (long) BATCH * AFFINE_MAX;
    /// Bytes of all of it.
    static final long BYTES = SCRATCH + SCRATCH_BYTES;

    private static final int NONE = 0;                                     // what may come where a point should
    private static final int INFINITE = 1;
    private static final int POINT = 2;

    private static final ValueLayout.OfLong U64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfLong POINTER = ValueLayout.JAVA_LONG;
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    /// p, and the order of the groups, the most significant long first.
    private static final long[] P =
            {0x1a0111ea397fe69aL, 0x4b1ba7b6434bacd7L, 0x64774b84f38512bfL, 0x6730d2a0f6b0f624L, 0x1eabfffeb153ffffL, 0xb9feffffffffaaabL};
    private static final long[] ORDER = {0x73eda753299d7d48L, 0x3339d80809a1d805L, 0x53bda402fffe5bfeL, 0xffffffff00000001L};
    private static final String GENERATOR1 = "97f1d3a73197d7942695638c4fa9ac0fc3688c4f9774b905a14e3a3f171bac586c55e83ff97a1aeffb3af00adb22c6bb";
    private static final String GENERATOR2 = "93e02b6052719f607dacd3a088274f65596bd0d09920b61ab5da61bbdc7f5049334cf11213945d57e5ac7d055d042b7e"
            + "024aa2b2f08f0a91260805272dc51051c6e47ad4fa403b02b4510b647ae3d1770bac0326a805bbefd48056c8c121bdb8";
    private static final int BLOB_ELEMENTS = 4096;
    private static final int KZG_BYTES = 3 * WORD + 2 * COMPRESSED1;
    private static final int KZG_VERSION = 1;

    private final MemorySegment memory;
    private final Blst blst;

    /// @param memory  [#BYTES] off the heap, zeros
    /// @throws IllegalStateException  this library would take more scratch than is planned, or does not have the generators (machine's fault)
    BlstCurve(MemorySegment memory) {
        this.memory = memory;
        this.blst = new Blst(memory);
        long scratch = Math.max(blst.scratchBytes(false, BATCH), blst.scratchBytes(true, BATCH));
        if (scratch > SCRATCH_BYTES) {
            throw new IllegalStateException("blst: " + scratch + " bytes of scratch for " + BATCH + " points (expected at most " + SCRATCH_BYTES + ")");
        }
        boolean is = constant(false, GENERATOR1, AFFINE) && constant(true, GENERATOR2, BASE2) && constant(true, Kzg.TAU_COMPRESSED, TAU);
        if (!is) {
            throw new IllegalStateException("blst: does not take the generators for points");
        }
        blst.fromAffine(false, BASE1, AFFINE);
    }

    /// {@return what it takes}
    static MemoryPlan plan() {
        return MemoryPlan.block("blst", BYTES, 1, "what " + BATCH + " points, or " + PAIRS + " pairs, are computed in");
    }

    private boolean constant(boolean two, String compressed, long to) {
        byte[] bytes = HexFormat.of().parseHex(compressed);
        MemorySegment.copy(bytes, 0, memory, BYTE, RAW, bytes.length);
        return blst.uncompress(two, to, RAW) && blst.isInGroup(two, to);
    }

    @Override
    public long run(int number, MemorySegment input, long at, long length, MemorySegment output, long outputAt) {
        return switch (number) {
            case 10 -> evaluate(input, at, length, output, outputAt);
            case 11 -> add(false, input, at, length, output, outputAt);
            case 12 -> multiply(false, input, at, length, output, outputAt);
            case 13 -> add(true, input, at, length, output, outputAt);
            case 14 -> multiply(true, input, at, length, output, outputAt);
            case 15 -> pairing(input, at, length, output, outputAt);
            case 16 -> map(false, input, at, length, output, outputAt);
            case 17 -> map(true, input, at, length, output, outputAt);
            default -> throw new IllegalArgumentException("precompile " + number + " (expected 10..17)");
        };
    }

    // --- what comes and goes ----------------------------------------------------------------------------------------

    private static boolean isBelow(MemorySegment in, long at, long[] bound) {
        for (int i = 0; i < bound.length; i++) {
            long word = in.get(U64, at + Long.BYTES * i);
            if (word != bound[i]) {
                return Long.compareUnsigned(word, bound[i]) < 0;
            }
        }
        return false;
    }

    private static boolean isZero(MemorySegment in, long at, long bytes) {
        long any = 0;
        for (long i = 0; i < bytes; i += Long.BYTES) {
            any |= in.get(U64, at + i);
        }
        return any == 0;
    }

    private void take(MemorySegment in, long at, int bytes) {
        MemorySegment.copy(in, at, memory, RAW, bytes);
    }

    /// Takes elements, one after the other.
    ///
    /// @return whether each is below p
    private boolean elements(MemorySegment in, long at, int count, long to) {
        for (int i = 0; i < count; i++) {
            long from = at + (long) ELEMENT * i;
            if (!isZero(in, from, PAD) || !isBelow(in, from + PAD, P)) {
                return false;
            }
            take(in, from + PAD, FP);
            blst.element(to + FP * i, RAW);
        }
        return true;
    }

    private static int coordinates(boolean two) {
        return two ? 4 : 2;                                                // elements of a point
    }

    private static long pointBytes(boolean two) {
        return (long) ELEMENT * coordinates(two);
    }

    /// Takes a point, x and y, whatever its order.
    private int point(boolean two, MemorySegment in, long at, long to) {
        if (isZero(in, at, pointBytes(two))) {
            return INFINITE;
        }
        return elements(in, at, coordinates(two), to) && blst.isOnCurve(two, to) ? POINT : NONE;
    }

    /// As [#point], of the group.
    private int member(boolean two, MemorySegment in, long at, long to) {
        int is = point(two, in, at, to);
        return is == POINT && !blst.isInGroup(two, to) ? NONE : is;
    }

    /// Writes the point at [#SUM].
    ///
    /// @return bytes of output
    private long leave(boolean two, MemorySegment out, long at) {
        int count = coordinates(two);
        boolean infinite = blst.isInfinite(two, SUM);
        if (!infinite) {
            blst.toAffine(two, AFFINE, SUM);
        }
        for (int i = 0; i < count; i++) {
            long to = at + (long) ELEMENT * i;
            zero(out, to, infinite ? ELEMENT : PAD);
            if (!infinite) {
                blst.bytes(RAW, AFFINE + FP * i);
                MemorySegment.copy(memory, RAW, out, to + PAD, FP);
            }
        }
        return pointBytes(two);
    }

    private static void zero(MemorySegment out, long at, long bytes) {
        for (long i = 0; i < bytes; i += Long.BYTES) {
            out.set(U64, at + i, 0);
        }
    }

    /// Makes the point at [#SUM] the infinite one, whose z is 0.
    private void begin() {
        zero(memory, SUM, JACOBIAN_MAX);
    }

    // --- precompiles ------------------------------------------------------------------------------------------------

    private long add(boolean two, MemorySegment in, long at, long length, MemorySegment out, long outAt) {
        long bytes = pointBytes(two);
        if (length != 2 * bytes) {
            return Precompiles.FAILED;
        }
        int first = point(two, in, at, AFFINE);
        int second = first == NONE ? NONE : point(two, in, at + bytes, AFFINE + AFFINE_MAX);
        if (second == NONE) {
            return Precompiles.FAILED;
        }
        begin();
        if (first == POINT) {
            blst.fromAffine(two, SUM, AFFINE);
        }
        if (second == POINT) {
            blst.addAffine(two, SUM, SUM, AFFINE + AFFINE_MAX);
        }
        return leave(two, out, outAt);
    }

    private long multiply(boolean two, MemorySegment in, long at, long length, MemorySegment out, long outAt) {
        long bytes = pointBytes(two);
        long pair = bytes + SCALAR;
        if (length == 0 || length % pair != 0) {
            return Precompiles.FAILED;
        }
        int size = FP * coordinates(two);
        int held = 0;
        begin();
        for (long from = at; from < at + length; from += pair) {
            long to = POINTS + (long) size * held;
            int is = member(two, in, from, to);
            if (is == NONE) {
                return Precompiles.FAILED;
            }
            if (is == POINT) {
                take(in, from + bytes, SCALAR);
                long scalar = SCALARS + (long) SCALAR * held;
                blst.scalar(scalar, RAW);
                point(POINTERS, held, to);
                point(OTHERS, held, scalar);
                held++;
            }
            if (held == BATCH) {
                sum(two, held);
                held = 0;
            }
        }
        sum(two, held);
        return leave(two, out, outAt);
    }

    private void point(long list, int index, long place) {
        memory.set(POINTER, list + (long) Long.BYTES * index, blst.address(place));
    }

    /// Adds the multiples that are held.
    private void sum(boolean two, int held) {
        if (held > 0) {
            blst.sum(two, TERM, POINTERS, held, OTHERS, SCRATCH);
            blst.add(two, SUM, SUM, TERM);
        }
    }

    private long map(boolean two, MemorySegment in, long at, long length, MemorySegment out, long outAt) {
        int elements = two ? 2 : 1;
        if (length != (long) ELEMENT * elements || !elements(in, at, elements, U)) {
            return Precompiles.FAILED;
        }
        blst.map(two, SUM, U);
        return leave(two, out, outAt);
    }

    private long pairing(MemorySegment in, long at, long length, MemorySegment out, long outAt) {
        long left = pointBytes(false);
        long pair = left + pointBytes(true);
        if (length == 0 || length % pair != 0) {
            return Precompiles.FAILED;
        }
        int held = 0;
        boolean any = false;
        for (long from = at; from < at + length; from += pair) {
            long p = POINTS + (long) AFFINE_MAX * held;
            long q = RIGHTS + (long) AFFINE_MAX * held;
            int first = member(false, in, from, p);
            int second = first == NONE ? NONE : member(true, in, from + left, q);
            if (second == NONE) {
                return Precompiles.FAILED;
            }
            if (first == POINT && second == POINT) {
                hold(held++, p, q);
            }
            if (held == PAIRS) {
                any = loop(held, any);
                held = 0;
            }
        }
        any = loop(held, any);
        zero(out, outAt, WORD);
        out.set(BYTE, outAt + WORD - 1, (byte) (isOne(any) ? 1 : 0));
        return WORD;
    }

    private void hold(int index, long p, long q) {
        point(POINTERS, index, p);
        point(OTHERS, index, q);
    }

    /// Multiplies the product by the Miller loops of the pairs that are held.
    ///
    /// @param any  whether there is a product
    /// @return whether there is one now
    private boolean loop(int held, boolean any) {
        if (held == 0) {
            return any;
        }
        blst.miller(any ? LOOP : PRODUCT, OTHERS, POINTERS, held);
        if (any) {
            blst.multiply12(PRODUCT, PRODUCT, LOOP);
        }
        return true;
    }

    private boolean isOne(boolean any) {
        if (!any) {
            return true;
        }
        blst.finalExponentiation(PRODUCT, PRODUCT);
        return blst.isOne(PRODUCT);
    }

    // --- point evaluation -------------------------------------------------------------------------------------------

    /// Whether e(c - y G1 + z proof, G2) e(-proof, tau G2) is one.
    private long evaluate(MemorySegment in, long at, long length, MemorySegment out, long outAt) {
        long z = at + WORD;
        long y = z + WORD;
        if (length != KZG_BYTES || !isHash(in, at, y + WORD) || !isBelow(in, z, ORDER) || !isBelow(in, y, ORDER)) {
            return Precompiles.FAILED;
        }
        long p = POINTS + AFFINE_MAX;                                      // of the second pair
        int commitment = compressed(in, y + WORD, POINTS);
        int proof = commitment == NONE ? NONE : compressed(in, y + WORD + COMPRESSED1, p);
        if (proof == NONE) {
            return Precompiles.FAILED;
        }
        factor(in, y);
        blst.multiplyG1(SUM, BASE1, FACTOR);
        blst.negateG1(SUM);
        if (commitment == POINT) {
            blst.addAffine(false, SUM, SUM, POINTS);
        }
        int held = 0;
        if (proof == POINT) {
            blst.fromAffine(false, TERM, p);
            factor(in, z);
            blst.multiplyG1(AFFINE, TERM, FACTOR);
            blst.add(false, SUM, SUM, AFFINE);
            blst.negateG1(TERM);
            blst.toAffine(false, p, TERM);
            hold(held++, p, TAU);
        }
        if (!blst.isInfinite(false, SUM)) {
            blst.toAffine(false, POINTS, SUM);
            hold(held++, POINTS, BASE2);
        }
        if (!isOne(loop(held, false))) {
            return Precompiles.FAILED;
        }
        zero(out, outAt, WORD);
        out.set(U64, outAt + WORD - Long.BYTES, BLOB_ELEMENTS);
        for (int i = 0; i < ORDER.length; i++) {
            out.set(U64, outAt + WORD + (long) Long.BYTES * i, ORDER[i]);
        }
        return 2 * WORD;
    }

    private void factor(MemorySegment in, long at) {
        take(in, at, SCALAR);
        blst.scalar(FACTOR, RAW);
    }

    /// {@return whether a hash is that of a commitment, with its version}
    private boolean isHash(MemorySegment in, long at, long commitment) {
        Hash.SHA_256.hash(memory, STATE, in, commitment, COMPRESSED1, memory, RAW);
        memory.set(BYTE, RAW, (byte) KZG_VERSION);
        long differs = 0;
        for (int i = 0; i < WORD; i += Long.BYTES) {
            differs |= in.get(U64, at + i) ^ memory.get(U64, RAW + i);
        }
        return differs == 0;
    }

    private int compressed(MemorySegment in, long at, long to) {
        take(in, at, COMPRESSED1);
        if (!blst.uncompress(false, to, RAW)) {
            return NONE;
        }
        if (isZero(memory, to, 2 * FP)) {
            return INFINITE;
        }
        return blst.isInGroup(false, to) ? POINT : NONE;
    }
}
