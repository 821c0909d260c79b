package dev.coffer.evm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.coffer.evm.word.Word;
import java.math.BigInteger;
import org.junit.jupiter.api.Test;

class WorldStateTest {
    private final WorldState state = new WorldState(WorldStateConfig.defaults());
    private final long[] from = Word.of(BigInteger.ONE);
    private final long[] to = Word.of(BigInteger.TWO);
    private final long[] one = Word.of(BigInteger.ONE);

    private BigInteger balance(long[] address) {
        long[] balance = new long[Word.LONGS];
        state.balance(address, 0, balance, 0);
        return Word.toBigInteger(balance, 0);
    }

    private void pay() {
        state.transfer(from, 0, to, 0, one, 0);
    }

    @Test
    void aSnapshotThatCanNotBeGoneBackToIsRefusedAndChangesNothing() {
        state.account(from, 0, Word.of(BigInteger.TEN), 0, 0);
        state.account(to, 0, Word.of(BigInteger.ZERO), 0, 0);
        state.beginTransaction();
        pay();
        int first = state.snapshot();
        pay();
        int second = state.snapshot();
        pay();
        for (int wrong : new int[] {-1, Integer.MIN_VALUE, second + 1000, Integer.MAX_VALUE}) {
            assertThrows(IllegalArgumentException.class, () -> state.revert(wrong));
            assertEquals(BigInteger.valueOf(3), balance(to));
        }
        state.revert(second);
        assertEquals(BigInteger.TWO, balance(to));
        state.revert(first);
        assertEquals(BigInteger.ONE, balance(to));
        assertThrows(IllegalArgumentException.class, () -> state.revert(second), "reverted past");
        state.beginTransaction();
        assertThrows(IllegalArgumentException.class, () -> state.revert(first), "of the transaction before");
        assertEquals(BigInteger.ONE, balance(to));
        state.revert(state.snapshot());
        assertEquals(BigInteger.valueOf(9), balance(from));
    }

    @Test
    void balanceAndNonceAreSetApartAndGoBackTogether() {
        state.account(from, 0, Word.of(BigInteger.TEN), 0, 3);
        state.beginTransaction();
        int before = state.snapshot();
        state.setNonce(from, 0, 7);
        assertEquals(7, state.nonce(from, 0));
        assertEquals(BigInteger.TEN, balance(from));
        state.setBalance(from, 0, one, 0);
        assertEquals(7, state.nonce(from, 0));
        assertEquals(BigInteger.ONE, balance(from));
        state.setNonce(to, 0, -1);
        assertEquals(-1, state.nonce(to, 0));
        assertEquals(true, state.exists(to, 0));
        state.revert(before);
        assertEquals(3, state.nonce(from, 0));
        assertEquals(BigInteger.TEN, balance(from));
        assertEquals(false, state.exists(to, 0));
        WorldState full = new WorldState(WorldStateConfig.defaults().withUndosMax(1));
        full.beginTransaction();
        assertEquals(false, full.setNonce(from, 0, 1));
        assertEquals(0, full.nonce(from, 0));
    }
}
