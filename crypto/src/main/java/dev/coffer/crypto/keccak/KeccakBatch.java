package dev.coffer.crypto.keccak;

import dev.coffer.crypto.internal.kernel.Kernels;
import dev.coffer.crypto.internal.kernel.VectorKernels;
import dev.coffer.crypto.internal.kernel.VectorKernels.Kernel;
import dev.coffer.memory.layout.LittleEndian;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// Four permutations at a time, or eight, over interleaved states of **public** data, or of secrets where the caller chose the fast profile: lane i of state j lies at `8 * (4 * i + j)`,
/// little-endian, and at `8 * (8 * i + j)` where there are eight. On vectors where they serve, else one after the other. Stateless, thread-safe; 0 heap bytes once C2
/// has compiled it.
public final class KeccakBatch {
    /// States that are permuted at a time.
    public static final int STATES = 4;
    /// Bytes of the interleaved states.
    public static final int STATES_BYTES = STATES * Keccak.STATE_BYTES;
    /// Bytes of the states, and of scratch behind them for vectors; what lies there says as much as they do.
    public static final int BYTES = STATES_BYTES + VectorKernels.KECCAK_SCRATCH_BYTES;

    /// States that [#permuteWide] permutes at a time.
    public static final int WIDE_STATES = 8;
    /// Bytes of these, interleaved.
    public static final int WIDE_STATES_BYTES = WIDE_STATES * Keccak.STATE_BYTES;
    /// Bytes of these, and of scratch behind them.
    public static final int WIDE_BYTES = WIDE_STATES_BYTES + VectorKernels.KECCAK_WIDE_SCRATCH_BYTES;

    /// Bytes from a lane of a state to its next one.
    public static final int LANE_STRIDE = STATES * Long.BYTES;
    /// Lanes of a block of SHAKE128: 168 bytes.
    public static final int SHAKE128_LANES = 168 / Long.BYTES;

    private KeccakBatch() {}

    private static final class Choice {
        static final @Nullable VectorKernels VECTORS = Kernels.keccak(memory -> permuteScalar(memory, 0, STATES));
    }

    private static final class WideChoice {
        static final @Nullable VectorKernels VECTORS = Kernels.keccakWide(memory -> permuteScalar(memory, 0, WIDE_STATES));
    }

    /// {@return whether eight are permuted on vectors, of 512 bits}; where they are not [#vectorsServe] may say that four are
    public static boolean wideVectorsServe() {
        return WideChoice.VECTORS != null;
    }

    /// {@return whether they are permuted on vectors: the module is there and passed its self-test; for who wishes for that, and is told by
    /// the log where it is not so}
    public static boolean vectorsServe() {
        if (Choice.VECTORS == null) {
            Absence.isTold();
        }
        return Choice.VECTORS != null;
    }

    /// Told once.
    private static final class Absence {
        private static final boolean TOLD = Kernels.tellWhereAbsent(Kernel.KECCAK);

        static boolean isTold() {
            return TOLD;
        }
    }

    /// Permutes all four in place.
    ///
    /// @param states  writable memory of [#BYTES] from `at`, public data only, save in the fast profile
    /// @throws IndexOutOfBoundsException  they do not lie in the segment (caller's fault)
    public static void permute(MemorySegment states, long at) {
        permute(states, at, at);
    }

    /// Permutes all four to another place, which keeps what they are made of for the next ones.
    ///
    /// @param from  [#STATES_BYTES] that stay; apart from `at`, or there
    /// @param at    [#BYTES], public data only, save in the fast profile
    /// @throws IndexOutOfBoundsException  they do not lie in the segment (caller's fault)
    public static void permute(MemorySegment states, long from, long at) {
        if (Choice.VECTORS != null) {
            Choice.VECTORS.permute(states, from, at);
            return;
        }
        if (from != at) {
            MemorySegment.copy(states, from, states, at, STATES_BYTES);
        }
        permuteScalar(states, at, STATES);
    }

    /// Permutes eight to another place.
    ///
    /// @param from  [#WIDE_STATES_BYTES] that stay; apart from `at`, or there
    /// @param at    [#WIDE_BYTES], public data only, save in the fast profile
    /// @throws IndexOutOfBoundsException  they do not lie in the segment (caller's fault)
    public static void permuteWide(MemorySegment states, long from, long at) {
        if (WideChoice.VECTORS != null) {
            WideChoice.VECTORS.permuteWide(states, from, at);
            return;
        }
        if (from != at) {
            MemorySegment.copy(states, from, states, at, WIDE_STATES_BYTES);
        }
        permuteScalar(states, at, WIDE_STATES);
    }

    /// Absorbs a seed and two bytes into one of four fresh states and pads, as SHAKE128 does (FIPS 202, section 6.2): the
    /// first [#permuteFirst] gives its first block of [#SHAKE128_LANES] lanes. Both are public.
    ///
    /// @param states   zeros before the first of the four
    /// @param state    0 to 3
    /// @param seed     32 bytes from `seedAt`
    /// @param indices  the two bytes, the first one low
    public static void absorbShake128(MemorySegment states, long at, int state, MemorySegment seed, long seedAt, int indices) {
        long lane = at + (long) state * Long.BYTES;
        for (int i = 0; i < 4; i++) {
            LittleEndian.i64(states, lane + (long) i * LANE_STRIDE, LittleEndian.i64(seed, seedAt + 8L * i));
        }
        LittleEndian.i64(states, lane + 4L * LANE_STRIDE, indices | 0b11111L << 16);  // the suffix, the padding's first bit
        LittleEndian.i64(states, lane + (SHAKE128_LANES - 1L) * LANE_STRIDE, 0x80L << 56);  // and its last
    }

    /// Permutes the first `count` states at least; one alone costs one scalar permutation.
    ///
    /// @param count  1 to 4
    public static void permuteFirst(MemorySegment states, long at, int count) {
        if (count == 1) {
            Keccak.permute(states, at, LANE_STRIDE);
        } else {
            permute(states, at);
        }
    }

    static void permuteScalar(MemorySegment states, long at, int count) {
        for (int j = 0; j < count; j++) {
            Keccak.permute(states, at + (long) j * Long.BYTES, count * Long.BYTES);
        }
    }
}
