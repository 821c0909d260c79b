package dev.coffer.crypto.keccak;

import dev.coffer.crypto.internal.kernel.Kernels;
import dev.coffer.crypto.internal.kernel.VectorKernels;
import java.lang.foreign.MemorySegment;

/// Four permutations at a time over interleaved states of **public** data: lane i of state j lies at `8 * (4 * i + j)`,
/// little-endian. On vectors where they serve, else one after the other. Stateless, thread-safe; 0 heap bytes once C2
/// has compiled it.
public final class KeccakBatch {
    /// States that are permuted at a time.
    public static final int STATES = 4;
    /// Bytes of the interleaved states.
    public static final int STATES_BYTES = STATES * Keccak.STATE_BYTES;

    private KeccakBatch() {}

    private static final class Choice {
        static final VectorKernels VECTORS = Kernels.keccak(memory -> permuteScalar(memory, 0));
    }

    /// Permutes all four in place.
    ///
    /// @param states  writable memory of [#STATES_BYTES] bytes from `at`, public data only
    /// @throws IndexOutOfBoundsException  they do not lie in the segment (caller's fault)
    public static void permute(MemorySegment states, long at) {
        if (Choice.VECTORS != null) {
            Choice.VECTORS.permute(states, at);
        } else {
            permuteScalar(states, at);
        }
    }

    static void permuteScalar(MemorySegment states, long at) {
        for (int j = 0; j < STATES; j++) {
            Keccak.permute(states, at + (long) j * Long.BYTES, STATES * Long.BYTES);
        }
    }
}
