package dev.coffer.evm;

import static dev.coffer.evm.WorldAccounts.CHANGED;
import static dev.coffer.evm.WorldAccounts.CREATED;
import static dev.coffer.evm.WorldAccounts.DESTROYED;
import static dev.coffer.evm.WorldAccounts.EXISTS;

import dev.coffer.evm.word.Word;

/// Balances of a [WorldState] that move from one account to another, by a call or by SELFDESTRUCT.
final class WorldPayments {
    private static final int WORD = Word.LONGS;

    private final WorldAccounts accounts;
    private final WorldJournal journal;
    private final long[] moved = new long[2 * WORD];   // value, then the balance that it changes
    private final long[] burnt = new long[WORD];       // the balance that SELFDESTRUCT moves

    WorldPayments(WorldAccounts accounts, WorldJournal journal) {
        this.accounts = accounts;
        this.journal = journal;
    }

    /// {@return false for want of room}
    ///
    /// @param payer  negative where it has none, as `payee`
    boolean transfer(int payer, int payee, long[] v, int value) {
        if (payer < 0 || payee < 0 || !journal.room(accounts.isAsTold(payer) ? 4 : 3)) {
            return false;
        }
        if (accounts.isAsTold(payer)) {
            journal.flags(payer);
            accounts.flags[payer] |= CHANGED;
        }
        journal.flags(payee);
        accounts.flags[payee] |= EXISTS | CHANGED;
        journal.balance(payer);
        Word.copy(v, value, moved, 0);
        Word.copy(accounts.balances, WORD * payer, moved, WORD);
        Word.subtract(moved, WORD, 0, WORD);
        Word.copy(moved, WORD, accounts.balances, WORD * payer);
        journal.balance(payee);
        Word.copy(accounts.balances, WORD * payee, moved, WORD);
        Word.add(moved, WORD, 0, WORD);
        Word.copy(moved, WORD, accounts.balances, WORD * payee);
        return true;
    }

    /// {@return as [Host#selfDestruct]}
    ///
    /// @param account  negative where it has no room, as `heir`
    int selfDestruct(int account, int heir, boolean onlyCreated) {
        if (account < 0 || heir < 0 || !journal.room(accounts.isAsTold(account) ? 5 : 4)) {
            return Host.FULL;
        }
        boolean goes = !onlyCreated || accounts.has(account, CREATED);
        boolean first = !accounts.has(account, DESTROYED);
        if (account != heir) {
            Word.copy(accounts.balances, WORD * account, burnt, 0);
            if (!Word.isZero(burnt, 0)) {
                transfer(account, heir, burnt, 0);
            }
        } else if (goes) {
            journal.balance(account);
            Word.set(accounts.balances, WORD * account, 0);
        }
        if (goes && first) {
            journal.flags(account);
            accounts.flags[account] |= DESTROYED;
        }
        return first ? Host.COLD : Host.WARM;
    }
}
