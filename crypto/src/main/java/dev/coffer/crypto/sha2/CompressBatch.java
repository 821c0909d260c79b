package dev.coffer.crypto.sha2;

import dev.coffer.crypto.internal.kernel.Kernels;
import dev.coffer.crypto.internal.kernel.VectorKernels;
import dev.coffer.memory.layout.BigEndian;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/// Eight compressions of SHA-256 (FIPS 180-4, section 6.2.2) at a time, in vector lanes, for public data and for the fast profile. Rows are
/// interleaved: word i of lane j lies at `4 * (8 * i + j)` of them, as the number that it is, in the machine's byte order. Stateless,
/// thread-safe; 0 heap bytes once C2 has compiled it.
public final class CompressBatch {
    /// Compressions at a time.
    public static final int LANES = 8;
    /// Bytes of a row: a word of each lane.
    public static final int ROW_BYTES = LANES * Integer.BYTES;
    /// Offset of the chaining values, 8 rows, which stay.
    public static final int CHAIN = 0;
    /// Offset of the next chaining values, 8 rows.
    public static final int OUT = CHAIN + 8 * ROW_BYTES;
    /// Offset of the message schedules, 64 rows, the first 16 of which are the blocks and stay.
    public static final int SCHEDULE = OUT + 8 * ROW_BYTES;
    /// Bytes of all.
    public static final int BYTES = SCHEDULE + 64 * ROW_BYTES;

    private static final ValueLayout.OfInt WORD = ValueLayout.JAVA_INT_UNALIGNED;

    private CompressBatch() {}

    private static final class Choice {
        static final @Nullable VectorKernels VECTORS = Kernels.sha256(memory -> compressScalar(memory, 0));
    }

    /// {@return whether they run on vectors: the module is there and passed its self-test}
    public static boolean vectorsServe() {
        return Choice.VECTORS != null;
    }

    /// Compresses a block in each lane.
    ///
    /// @param lanes  writable memory of [#BYTES] bytes from `at`
    public static void compress(MemorySegment lanes, long at) {
        if (Choice.VECTORS != null) {
            Choice.VECTORS.sha256(lanes, at + CHAIN, at + SCHEDULE, at + OUT);
        } else {
            compressScalar(lanes, at);
        }
    }

    /// One lane after the other, which costs more than eight compressions in a row: what the vectors are tested against.
    private static void compressScalar(MemorySegment lanes, long at) {
        long chain = at + SCHEDULE + 16 * ROW_BYTES;  // where schedules would be
        long block = chain + Compress32.CHAIN_BYTES;
        for (int j = 0; j < LANES; j++) {
            long lane = at + (long) j * Integer.BYTES;
            for (int i = 0; i < 8; i++) {
                lanes.set(WORD, chain + 4L * i, lanes.get(WORD, lane + CHAIN + (long) i * ROW_BYTES));
            }
            for (int i = 0; i < 16; i++) {
                BigEndian.i32(lanes, block + 4L * i, lanes.get(WORD, lane + SCHEDULE + (long) i * ROW_BYTES));
            }
            Compress32.blocks(lanes, chain, lanes, block, 1, lanes, block);
            for (int i = 0; i < 8; i++) {
                lanes.set(WORD, lane + OUT + (long) i * ROW_BYTES, lanes.get(WORD, chain + 4L * i));
            }
        }
    }
}
