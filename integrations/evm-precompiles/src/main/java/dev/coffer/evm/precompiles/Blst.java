package dev.coffer.evm.precompiles;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/// The functions of blst that are called, over one segment: places are offsets in it, from which the caller has made sure that all lies inside. They are bound at
/// first use; none of them where [#OBSTACLE] says why not.
///
/// **One shape.** Every function is called with six words and answers one: what it does not take lies in registers that it does not read. A seventh argument, the
/// segment itself, is read by nobody: while the call runs the VM keeps its memory from being closed. 0 heap bytes; stateless but for the segment.
final class Blst {
    private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG;
    private static final FunctionDescriptor SHAPE =
            FunctionDescriptor.of(WORD, WORD, WORD, WORD, WORD, WORD, WORD, ValueLayout.ADDRESS);
    private static final BlstLibrary LIBRARY = BlstLibrary.SYSTEM;

    private static final MethodHandle FP_FROM_BENDIAN = bind("blst_fp_from_bendian");
    private static final MethodHandle BENDIAN_FROM_FP = bind("blst_bendian_from_fp");
    private static final MethodHandle SCALAR_FROM_BENDIAN = bind("blst_scalar_from_be_bytes");
    private static final MethodHandle P1_ON_CURVE = bind("blst_p1_affine_on_curve");
    private static final MethodHandle P2_ON_CURVE = bind("blst_p2_affine_on_curve");
    private static final MethodHandle P1_IN_GROUP = bind("blst_p1_affine_in_g1");
    private static final MethodHandle P2_IN_GROUP = bind("blst_p2_affine_in_g2");
    private static final MethodHandle P1_FROM_AFFINE = bind("blst_p1_from_affine");
    private static final MethodHandle P2_FROM_AFFINE = bind("blst_p2_from_affine");
    private static final MethodHandle P1_TO_AFFINE = bind("blst_p1_to_affine");
    private static final MethodHandle P2_TO_AFFINE = bind("blst_p2_to_affine");
    private static final MethodHandle P1_IS_INF = bind("blst_p1_is_inf");
    private static final MethodHandle P2_IS_INF = bind("blst_p2_is_inf");
    private static final MethodHandle P1_ADD = bind("blst_p1_add_or_double");
    private static final MethodHandle P2_ADD = bind("blst_p2_add_or_double");
    private static final MethodHandle P1_ADD_AFFINE = bind("blst_p1_add_or_double_affine");
    private static final MethodHandle P2_ADD_AFFINE = bind("blst_p2_add_or_double_affine");
    private static final MethodHandle P1_NEGATE = bind("blst_p1_cneg");
    private static final MethodHandle P1_MULT = bind("blst_p1_mult");
    private static final MethodHandle P1S_MULT = bind("blst_p1s_mult_pippenger");
    private static final MethodHandle P2S_MULT = bind("blst_p2s_mult_pippenger");
    private static final MethodHandle P1S_SCRATCH = bind("blst_p1s_mult_pippenger_scratch_sizeof");
    private static final MethodHandle P2S_SCRATCH = bind("blst_p2s_mult_pippenger_scratch_sizeof");
    private static final MethodHandle MAP_TO_G1 = bind("blst_map_to_g1");
    private static final MethodHandle MAP_TO_G2 = bind("blst_map_to_g2");
    private static final MethodHandle P1_UNCOMPRESS = bind("blst_p1_uncompress");
    private static final MethodHandle P2_UNCOMPRESS = bind("blst_p2_uncompress");
    private static final MethodHandle MILLER_LOOP_N = bind("blst_miller_loop_n");
    private static final MethodHandle FP12_MUL = bind("blst_fp12_mul");
    private static final MethodHandle FINAL_EXP = bind("blst_final_exp");
    private static final MethodHandle FP12_IS_ONE = bind("blst_fp12_is_one");

    /// Why there is none of them, for messages; else empty.
    static final String OBSTACLE = LIBRARY.obstacle();
    /// Whose library it is, and for which system.
    static final String ORIGIN = LIBRARY.origin();

    private final MemorySegment memory;
    private final long base;

    /// @param memory  off the heap
    Blst(MemorySegment memory) {
        this.memory = memory;
        this.base = memory.address();
    }

    private static MethodHandle bind(String function) {
        return LIBRARY.bind(function, SHAPE);
    }

    private long call(MethodHandle function, long a, long b, long c, long d, long e, long f) {
        try {
            return (long) function.invokeExact(a, b, c, d, e, f, memory);
        } catch (RuntimeException | Error thrown) {
            throw thrown;
        } catch (Throwable thrown) {
            throw new AssertionError("a call of blst threw", thrown);
        }
    }

    private void call(MethodHandle function, long to, long a, long b) {
        call(function, base + to, base + a, base + b, 0, 0, 0);
    }

    /// {@return a `bool`: the lowest byte of a register whose rest is anything}
    private boolean is(MethodHandle function, long a) {
        return (call(function, base + a, 0, 0, 0, 0, 0) & 0xff) != 0;
    }

    // --- fields -----------------------------------------------------------------------------------------------------

    /// Writes an element, 48 bytes, from as many big-endian ones below p.
    void element(long to, long bytes) {
        call(FP_FROM_BENDIAN, to, bytes, 0);
    }

    /// Writes 48 bytes.
    void bytes(long to, long element) {
        call(BENDIAN_FROM_FP, to, element, 0);
    }

    /// Writes a number, 32 bytes, from as many big-endian ones, modulo the order of the groups.
    void scalar(long to, long bytes) {
        call(SCALAR_FROM_BENDIAN, base + to, base + bytes, 32, 0, 0, 0);
    }

    // --- points: of the group of order r over the prime field, or over the quadratic one ----------------------------

    boolean isOnCurve(boolean two, long affine) {
        return two ? is(P2_ON_CURVE, affine) : is(P1_ON_CURVE, affine);
    }

    /// {@return whether a point of the curve is in the group}
    boolean isInGroup(boolean two, long affine) {
        return two ? is(P2_IN_GROUP, affine) : is(P1_IN_GROUP, affine);
    }

    boolean isInfinite(boolean two, long point) {
        return two ? is(P2_IS_INF, point) : is(P1_IS_INF, point);
    }

    void fromAffine(boolean two, long to, long affine) {
        if (two) {
            call(P2_FROM_AFFINE, to, affine, 0);
        } else {
            call(P1_FROM_AFFINE, to, affine, 0);
        }
    }

    void toAffine(boolean two, long to, long point) {
        if (two) {
            call(P2_TO_AFFINE, to, point, 0);
        } else {
            call(P1_TO_AFFINE, to, point, 0);
        }
    }

    /// Writes the sum of two points, whatever they are.
    void add(boolean two, long to, long point, long other) {
        if (two) {
            call(P2_ADD, to, point, other);
        } else {
            call(P1_ADD, to, point, other);
        }
    }

    /// Writes the sum of a point and one that is not infinite.
    void addAffine(boolean two, long to, long point, long affine) {
        if (two) {
            call(P2_ADD_AFFINE, to, point, affine);
        } else {
            call(P1_ADD_AFFINE, to, point, affine);
        }
    }

    void negateG1(long point) {
        call(P1_NEGATE, base + point, 1, 0, 0, 0, 0);
    }

    /// Writes a multiple by a number of 255 bits.
    void multiplyG1(long to, long point, long scalar) {
        call(P1_MULT, base + to, base + point, base + scalar, SCALAR_BITS, 0, 0);
    }

    /// Writes the sum of multiples: `pointers` and `scalars` are lists of as many addresses ([#address]), of points of the group that are not infinite and of
    /// numbers below its order.
    void sum(boolean two, long to, long pointers, long count, long scalars, long scratch) {
        call(two, base + to, base + pointers, count, base + scalars, base + scratch);
    }

    private void call(boolean two, long to, long points, long count, long scalars, long scratch) {
        if (two) {
            call(P2S_MULT, to, points, count, scalars, SCALAR_BITS, scratch);
        } else {
            call(P1S_MULT, to, points, count, scalars, SCALAR_BITS, scratch);
        }
    }

    /// {@return bytes of scratch that a sum of so many takes}
    long scratchBytes(boolean two, long count) {
        return two ? call(P2S_SCRATCH, count, 0, 0, 0, 0, 0) : call(P1S_SCRATCH, count, 0, 0, 0, 0, 0);
    }

    /// Writes the point of the group that an element is mapped to (RFC 9380, sections 8.8.1 and 8.8.2, without the hash).
    void map(boolean two, long to, long element) {
        if (two) {
            call(MAP_TO_G2, base + to, base + element, 0, 0, 0, 0);
        } else {
            call(MAP_TO_G1, base + to, base + element, 0, 0, 0, 0);
        }
    }

    /// Writes a point, x and y, from 48 or 96 compressed bytes; zeros for the infinite one.
    ///
    /// @return whether it is one of the curve, written as it should be
    boolean uncompress(boolean two, long affine, long bytes) {
        long answer = two ? call(P2_UNCOMPRESS, base + affine, base + bytes, 0, 0, 0, 0) : call(P1_UNCOMPRESS, base + affine, base + bytes, 0, 0, 0, 0);
        return (int) answer == 0;                                          // BLST_SUCCESS of an enum
    }

    // --- pairings ---------------------------------------------------------------------------------------------------

    /// Writes a product of Miller loops, of pairs none of whose points is infinite: `rights` and `lefts` are lists of addresses.
    void miller(long to, long rights, long lefts, long count) {
        call(MILLER_LOOP_N, base + to, base + rights, base + lefts, count, 0, 0);
    }

    void multiply12(long to, long a, long b) {
        call(FP12_MUL, to, a, b);
    }

    void finalExponentiation(long to, long a) {
        call(FINAL_EXP, to, a, 0);
    }

    boolean isOne(long a) {
        return is(FP12_IS_ONE, a);
    }

    /// {@return what a list of addresses has for a place}
    long address(long place) {
        return base + place;
    }

    private static final long SCALAR_BITS = 255;
}
