package dev.coffer.evm.vectors;

import dev.coffer.evm.Rejection;
import dev.coffer.evm.Transaction;
import dev.coffer.evm.TransactionExecutor;
import dev.coffer.evm.WorldState;
import dev.coffer.evm.opcode.Opcode;
import dev.coffer.evm.word.Word;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;

/// What makes a transaction invalid, where that is more than one thing: implementations look in an order of their own, so a test may name another than we find first.
/// Stateless.
final class InvalidFor {
    private InvalidFor() {}

    /// {@return the reasons that can be found by putting right what is found first, as far as that can be done without making something else wrong}
    ///
    /// @param t      invalid; is changed
    /// @param state  that it is invalid in; is changed
    static Set<Rejection> of(Transaction t, long[] sender, WorldState state, TransactionExecutor executor) {
        Set<Rejection> all = EnumSet.noneOf(Rejection.class);
        Rejection next = executor.check(t);
        while (next != Rejection.NONE && all.add(next) && putRight(next, t, sender, state)) {
            next = executor.check(t);
        }
        return all;
    }

    private static boolean putRight(Rejection wrong, Transaction t, long[] sender, WorldState state) {
        long[] w = new long[Word.LONGS];
        switch (wrong) {
            case NONCE_TOO_LOW, NONCE_TOO_HIGH, NONCE_AT_END -> t.nonce(state.nonce(sender, 0));
            case SENDER_HAS_CODE -> state.setCode(sender, 0, MemorySegment.ofArray(new byte[0]), 0, 0);
            case FEE_BELOW_BASE_FEE -> state.block().set(Opcode.BASEFEE, w, 0);
            case BLOB_FEE_BELOW_BASE_FEE -> state.block().set(Opcode.BLOBBASEFEE, w, 0);
            case MAY_NOT_CREATE -> t.to(sender, 0);
            case GAS_ABOVE_BLOCK -> {
                Arrays.fill(w, -1);
                state.block().set(Opcode.GASLIMIT, w, 0);
            }
            case BALANCE_TOO_LOW -> {
                Arrays.fill(w, -1);
                state.setBalance(sender, 0, w, 0);
            }
            default -> {
                return false;
            }
        }
        return true;
    }
}
