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
import java.util.Locale;
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
        Map<?, ?> indexes = expected.get("indexes") == null ? Map.of() : (Map<?, ?>) expected.get("indexes");
        data = index(indexes, "data");
        gas = index(indexes, "gas");
        value = index(indexes, "value");
    }

    private static int index(Map<?, ?> indexes, String name) {
        long index = indexes.get(name) == null ? 0 : Hex.number(indexes.get(name));
        if (index < 0 || index > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("index of " + name + " " + Long.toUnsignedString(index));
        }
        return (int) index;
    }

    String indexes() {
        return "d" + data + "g" + gas + "v" + value;
    }

    /// {@return the transaction as it is written and signed; null where the case has it not}
    byte[] signed() {
        return expected.get("txbytes") instanceof String text && !text.isEmpty() && !text.equals("0x") ? Hex.bytes(text) : null;
    }

    Transaction transaction() {
        return transaction.at(data, gas, value);
    }

    /// Writes who sends it.
    void sender(long[] w) {
        transaction.sender(w);
    }

    /// {@return whether it is to be refused}
    boolean isInvalid() {
        Object exception = expected.get("expectException");
        return exception != null && !exception.equals("");
    }

    /// {@return why it is to be refused; null where it is not}
    ExpectedReason reason() {
        return isInvalid() ? ExpectedReason.of(String.valueOf(expected.get("expectException"))) : null;
    }

    /// {@return what it names that no transaction can be written with, where it is to be refused; null for nothing}
    String noTransaction() {
        if (!isInvalid()) {
            return null;
        }
        try {
            transaction();
            return null;
        } catch (IllegalArgumentException e) {
            return e.getMessage();
        }
    }

    // --- before -----------------------------------------------------------------------------------------------------

    void setUp(WorldState state, StateTestRules rules) {
        state.clear();
        VectorCase.accounts(state, pre);
        Block block = state.block();
        VectorCase.block(block, Opcode.COINBASE, env.get("currentCoinbase"));
        VectorCase.block(block, Opcode.NUMBER, env.get("currentNumber"));
        VectorCase.block(block, Opcode.TIMESTAMP, env.get("currentTimestamp"));
        VectorCase.block(block, Opcode.GASLIMIT, env.get("currentGasLimit"));
        boolean random = rules.fork().atLeast(Fork.PARIS) && env.get("currentRandom") != null;
        VectorCase.block(block, Opcode.PREVRANDAO, says(random ? "currentRandom" : "currentDifficulty", "0x0"));
        VectorCase.block(block, Opcode.BASEFEE, says("currentBaseFee", BASE_FEE));
        VectorCase.block(block, Opcode.CHAINID, "0x" + rules.chain().toString(16));
        VectorCase.block(block, Opcode.BLOBBASEFEE, "0x" + rules.blobs().fee(excess(rules)).toString(16));
        block.hashes(StateTestCase::blockHash);
        state.beginTransaction();
    }

    /// As the file says; or by the block before, where it says that.
    private BigInteger excess(StateTestRules rules) {
        if (env.get("currentExcessBlobGas") == null && env.get("parentExcessBlobGas") != null) {
            return rules.blobs().excess(rules.fork(), Hex.quantity(env.get("parentExcessBlobGas")), Hex.quantity(says("parentBlobGasUsed", "0x0")),
                    Hex.quantity(says("parentBaseFee", "0x0")));
        }
        return Hex.quantity(says("currentExcessBlobGas", "0x0"));
    }

    private Object says(String name, Object unless) {
        Object value = env.get(name);
        return value == null ? unless : value;
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
        String difference = VectorCase.differs("state root", hash("hash"), root);
        return difference != null ? difference : VectorCase.differs("hash of the logs", hash("logs"), logs);
    }

    /// {@return a hash that is expected, as we write them}
    private String hash(String name) {
        if (!(expected.get(name) instanceof String text)) {
            throw new IllegalArgumentException("no \"" + name + "\" to come to");
        }
        String digits = text.toLowerCase(Locale.ROOT);
        return digits.startsWith("0x") ? digits : "0x" + digits;
    }
}
