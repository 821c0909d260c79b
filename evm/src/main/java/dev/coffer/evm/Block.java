package dev.coffer.evm;

import dev.coffer.evm.opcode.Opcode;
import dev.coffer.evm.word.Word;

/// What the instructions of block and transaction answer. All zero at first. Mutable; for one thread.
public final class Block {
    private static final int ROWS = 12;

    private final long[] words = new long[Word.LONGS * ROWS];

    Block() {}

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
