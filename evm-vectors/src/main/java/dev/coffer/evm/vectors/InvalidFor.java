package dev.coffer.evm.vectors;

import dev.coffer.evm.Rejection;
import dev.coffer.evm.Transaction;
import dev.coffer.evm.TransactionExecutor;
import dev.coffer.evm.WorldState;
import java.lang.foreign.MemorySegment;
import java.util.EnumSet;
import java.util.Set;

/// What makes a transaction invalid, where that is more than one thing: implementations look in an order of their own, so a test may name another than we find first.
/// Stateless.
final class InvalidFor {
    private InvalidFor() {}

    /// {@return the reasons that can be found: each of gas, fees and sender on its own, and what of its form is behind what is found first, as far as that can be put
    ///         right without making something else wrong}
    ///
    /// @param t      invalid; is changed
    /// @param state  that it is invalid in
    static Set<Rejection> of(Transaction t, long[] sender, WorldState state, TransactionExecutor executor) {
        Set<Rejection> all = EnumSet.noneOf(Rejection.class);
        Set<Rejection> mended = EnumSet.noneOf(Rejection.class);
        Rejection next;
        do {
            executor.reasons(t, all);
            next = executor.check(t);
        } while (mended.add(next) && putRight(next, t, sender, state));
        return all;
    }

    private static boolean putRight(Rejection wrong, Transaction t, long[] sender, WorldState state) {
        switch (wrong) {
            case NONCE_AT_END -> t.nonce(state.nonce(sender, 0));
            case INITCODE_TOO_LONG -> t.data(MemorySegment.NULL, 0, 0);
            case MAY_NOT_CREATE -> t.to(sender, 0);
            default -> {
                return false;
            }
        }
        return true;
    }
}
