package dev.coffer.crypto.internal.kernel;

import java.lang.foreign.MemorySegment;

/// What the module `dev.coffer.crypto.vector` provides: kernels on vectors, whose lanes may lie in heap arrays. Found by
/// [Kernels], which asks [#obstacle] first and then tests each before it serves. Thread-safe, as it is stateless; ranges
/// are checked by the callers.
public interface VectorKernels {
    /// Bytes of scratch that [#chaCha20] may use: two sets of four rows in vectors of 512 bits.
    int CHACHA20_SCRATCH_BYTES_MAX = 2 * 4 * 64;

    /// Bytes behind its states that [#permute] overwrites: other states, and five lanes of them.
    int KECCAK_SCRATCH_BYTES = 30 * 4 * Long.BYTES;

    /// The same of [#permuteWide].
    int KECCAK_WIDE_SCRATCH_BYTES = 30 * 8 * Long.BYTES;

    /// What is asked for, each by itself.
    enum Kernel {
        /// [#chaCha20].
        CHACHA20("ChaCha20"),
        /// [#permute].
        KECCAK("Keccak"),
        /// [#permuteWide].
        KECCAK_WIDE("Keccak of eight states"),
        /// [#sha256].
        SHA_256("SHA-256");

        private final String words;

        Kernel(String words) {
            this.words = words;
        }

        @Override
        public String toString() {
            return words;
        }
    }

    /// {@return why the kernel cannot run on this JVM and machine, in words, or null where it can}; its method is not
    /// called before this has answered null
    String obstacle(Kernel kernel);

    /// Adds key stream of ChaCha20 (RFC 8439, section 2.4) to as many whole steps as the length holds.
    ///
    /// @param counter  number of the first block
    /// @param output   may be the input at the same offset
    /// @param scratch  [#CHACHA20_SCRATCH_BYTES_MAX] bytes from `scratchAt`; the caller wipes it
    /// @return bytes done, a multiple of 64, 0 to `length`
    long chaCha20(MemorySegment key, long keyAt, MemorySegment nonce, long nonceAt, int counter, MemorySegment input,
            long inputAt, long length, MemorySegment output, long outputAt, MemorySegment scratch, long scratchAt);

    /// Permutes four interleaved states of Keccak-f[1600] (FIPS 202, section 3): lane i of state j lies at `8 * (4 * i + j)`, little-endian.
    ///
    /// @param states  public data, or secrets of who chose the fast profile
    /// @param from    800 bytes, which stay as they are unless this is `at`
    /// @param at      800 bytes that they become, and [#KECCAK_SCRATCH_BYTES] behind them
    void permute(MemorySegment states, long from, long at);

    /// The same of eight states: lane i of state j lies at `8 * (8 * i + j)`.
    ///
    /// @param states  public data, or secrets of who chose the fast profile
    /// @param from    1,600 bytes, which stay as they are unless this is `at`
    /// @param at      1,600 bytes that they become, and [#KECCAK_WIDE_SCRATCH_BYTES] behind them
    void permuteWide(MemorySegment states, long from, long at);

    /// Compresses one block of SHA-256 in each of eight lanes (FIPS 180-4, section 6.2.2): word i of lane j lies at `4 * (8 * i + j)`
    /// of a group of rows, in the machine's byte order.
    ///
    /// @param lanes     public data, or secrets of who chose the fast profile
    /// @param chain     offset of the chaining values: 8 rows
    /// @param schedule  offset of 64 rows, the first 16 of which are the blocks and stay
    /// @param out       offset of the next chaining values: 8 rows
    void sha256(MemorySegment lanes, long chain, long schedule, long out);
}
