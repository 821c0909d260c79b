package dev.coffer.evm;

import dev.coffer.evm.opcode.Opcode;
import dev.coffer.evm.word.Word;

/// What the instructions of block and transaction answer. All zero at first. Mutable; for one thread.
public final class Block {
    private static final int ROWS = 12;

    private final long[] words = new long[Word.LONGS * ROWS];

    private static final int BLOBS_MAX = 32;

    static final long HEAP_BYTES = WorldStateConfig.heapBytes(8L * Word.LONGS * ROWS) + WorldStateConfig.heapBytes(8L * Word.LONGS * BLOBS_MAX);

    private final long[] blobs = new long[Word.LONGS * BLOBS_MAX];
    private int blobCount;
    private Hashes hashes = (number, to, r) -> Word.set(to, r, 0);

    /// Knows the hashes of the blocks before.
    @FunctionalInterface
    public interface Hashes {
        /// Writes the hash of a block, 0 where it is unknown. Asked only for the 256 blocks before the present one.
        void read(long number, long[] to, int r);
    }

    Block() {}

    /// Sets what answers BLOCKHASH; until then every hash is 0.
    public void hashes(Hashes source) {
        hashes = java.util.Objects.requireNonNull(source);
    }

    void readHash(long number, long[] to, int r) {
        hashes.read(number, to, r);
    }

    /// Sets the versioned hashes of the transaction's blobs, which answer BLOBHASH.
    ///
    /// @param s  a word each, from index 0 on
    /// @throws IllegalArgumentException  more than 32, or fewer than none (caller's fault)
    public void blobs(long[] s, int count) {
        if (count < 0 || count > BLOBS_MAX) {
            throw new IllegalArgumentException("block: " + count + " blobs (expected 0.." + BLOBS_MAX + ")");
        }
        System.arraycopy(s, 0, blobs, 0, Word.LONGS * count);
        blobCount = count;
    }

    void readBlob(long[] s, int index, long[] to, int r) {
        if (Word.isLong(s, index) && Long.compareUnsigned(s[index], blobCount) < 0) {
            Word.copy(blobs, Word.LONGS * (int) s[index], to, r);
        } else {
            Word.set(to, r, 0);
        }
    }

    /// Sets the answer of ORIGIN, GASPRICE, COINBASE, TIMESTAMP, NUMBER, PREVRANDAO, GASLIMIT, CHAINID, BASEFEE or
    /// BLOBBASEFEE.
    ///
    /// @throws IllegalArgumentException  another instruction (caller's fault)
    public void set(int opcode, long[] s, int a) {
        Word.copy(s, a, words, Word.LONGS * row(opcode));
    }

    void read(int opcode, long[] to, int r) {
        Word.copy(words, Word.LONGS * row(opcode), to, r);
    }

    private static int row(int opcode) {
        return switch (opcode) {
            case Opcode.ORIGIN -> 0;
            case Opcode.GASPRICE -> 1;
            case Opcode.COINBASE, Opcode.TIMESTAMP, Opcode.NUMBER, Opcode.PREVRANDAO, Opcode.GASLIMIT, Opcode.CHAINID ->
                2 + opcode - Opcode.COINBASE;
            case Opcode.BASEFEE -> 8;
            case Opcode.BLOBBASEFEE -> 9;
            default -> throw new IllegalArgumentException(Opcode.name(opcode) + ": not an instruction of block data");
        };
    }
}
