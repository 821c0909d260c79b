package dev.coffer.evm.vectors;

import dev.coffer.evm.trie.Keccak;
import dev.coffer.evm.Block;
import dev.coffer.evm.Rejection;
import dev.coffer.evm.Transaction;
import dev.coffer.evm.TransactionOutcome;
import dev.coffer.evm.WorldState;
import dev.coffer.evm.opcode.Fork;
import dev.coffer.evm.opcode.Opcode;
import dev.coffer.evm.word.Word;
import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/// One case of a state test: a state, a block, one choice of a transaction, and the roots it should come to.
final class StateTestCase {
    private static final String BASE_FEE = "0x0a";                         // where a file from London on names none

    private final Map<String, Object> env;
    private final Map<String, Object> pre;
    private final StateTestTransaction transaction;
    private final Map<?, ?> expected;
    private final int data;
    private final int gas;
    private final int value;

    StateTestCase(Map<String, Object> env, Map<String, Object> pre, StateTestTransaction transaction, Map<?, ?> expected) {
        this.env = env;
        this.pre = pre;
        this.transaction = transaction;
        this.expected = expected;
        Map<?, ?> indexes = (Map<?, ?>) expected.get("indexes");
        data = index(indexes, "data");
        gas = index(indexes, "gas");
        value = index(indexes, "value");
    }

    private static int index(Map<?, ?> indexes, String name) {
        long index = Hex.number(indexes.get(name));
        if (index < 0 || index > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("index of " + name + " " + Long.toUnsignedString(index));
        }
        return (int) index;
    }

    String indexes() {
        return "d" + data + "g" + gas + "v" + value;
    }

    /// {@return the transaction as it is written and signed; null where the case has it not, or where it is not to be valid}
    byte[] signed() {
        return isInvalid() || !(expected.get("txbytes") instanceof String text) ? null : Hex.bytes(text);
    }

    Transaction transaction() {
        return transaction.at(data, gas, value);
    }

    private boolean isInvalid() {
        return expected.containsKey("expectException");
    }

    /// {@return whether it names a number that no transaction can be written with, and should}
    boolean isRefusedBeforeItIsOne() {
        if (!isInvalid()) {
            return false;
        }
        try {
            transaction();
            return false;
        } catch (IllegalArgumentException e) {
            return true;
        }
    }

    // --- before -----------------------------------------------------------------------------------------------------

    void setUp(WorldState state, Fork fork) {
        state.clear();
        VectorCase.accounts(state, pre);
        Block block = state.block();
        VectorCase.block(block, Opcode.COINBASE, env.get("currentCoinbase"));
        VectorCase.block(block, Opcode.NUMBER, env.get("currentNumber"));
        VectorCase.block(block, Opcode.TIMESTAMP, env.get("currentTimestamp"));
        VectorCase.block(block, Opcode.GASLIMIT, env.get("currentGasLimit"));
        boolean random = fork.atLeast(Fork.PARIS) && env.containsKey("currentRandom");
        VectorCase.block(block, Opcode.PREVRANDAO, env.getOrDefault(random ? "currentRandom" : "currentDifficulty", "0x0"));
        VectorCase.block(block, Opcode.BASEFEE, env.getOrDefault("currentBaseFee", BASE_FEE));
        VectorCase.block(block, Opcode.CHAINID, "0x1");
        VectorCase.block(block, Opcode.BLOBBASEFEE, "0x" + blobBaseFee(fork).toString(16));
        block.hashes(StateTestCase::blockHash);
        state.beginTransaction();
    }

    /// EIP-4844: about e to the power of the excess through a fraction, by its series.
    private BigInteger blobBaseFee(Fork fork) {
        BigInteger excess = new BigInteger(1, Hex.padded((String) env.getOrDefault("currentExcessBlobGas", "0x0")));
        BigInteger fraction = BigInteger.valueOf(fork.atLeast(Fork.PRAGUE) ? 5007716 : 3338477);
        BigInteger sum = BigInteger.ZERO;
        BigInteger term = fraction;
        for (int i = 1; term.signum() > 0; i++) {
            sum = sum.add(term);
            term = term.multiply(excess).divide(fraction.multiply(BigInteger.valueOf(i)));
        }
        return sum.divide(fraction);
    }

    /// What the suite says of the blocks before: the hash of the number in decimal.
    private static void blockHash(long number, long[] to, int r) {
        byte[] hash = Keccak.hash(Long.toUnsignedString(number).getBytes(StandardCharsets.US_ASCII));
        Word.load(MemorySegment.ofArray(hash), 0, to, r);
    }

    // --- after ------------------------------------------------------------------------------------------------------

    /// The author's reward for the block is nothing, but before Spurious Dragon it makes an account.
    void rewardNothing(WorldState state, Fork fork) {
        if (!fork.atLeast(Fork.SPURIOUS_DRAGON)) {
            long[] w = new long[2 * Word.LONGS];
            state.block(Opcode.COINBASE, w, 0);
            state.balance(w, 0, w, 4);
            state.setBalance(w, 0, w, 4);
        }
    }

    /// {@return the first difference, or null}
    String differs(TransactionOutcome outcome, String root, String logs) {
        boolean rejected = outcome.rejection() != Rejection.NONE;
        if (isInvalid() && !rejected) {
            return "expected to be invalid, " + expected.get("expectException") + ", was executed (" + outcome.status() + ")";
        }
        String difference = differs(root, logs);
        return difference == null ? null : difference + (rejected ? " (invalid: " + outcome.rejection() + ")" : " (" + outcome.status() + ")");
    }

    String differs(String root, String logs) {
        String difference = VectorCase.differs("state root", expected.get("hash"), root);
        return difference != null ? difference : VectorCase.differs("hash of the logs", expected.get("logs"), logs);
    }
}
