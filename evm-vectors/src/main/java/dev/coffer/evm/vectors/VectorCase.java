package dev.coffer.evm.vectors;

import dev.coffer.evm.trie.Keccak;
import dev.coffer.evm.Block;
import dev.coffer.evm.LogBuffer;
import dev.coffer.evm.Outcome;
import dev.coffer.evm.WorldState;
import dev.coffer.evm.opcode.Opcode;
import dev.coffer.evm.word.Word;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.TreeMap;

/// One fixture case: how it starts, and, once it has run, what it should have come to.
abstract sealed class VectorCase permits CallCase, FrontierCase {
    final Map<String, String> members;   // as text, until something is asked for
    final long[] w = new long[3 * Word.LONGS];

    VectorCase(Map<String, String> members) {
        this.members = members;
    }

    /// Sets the state up and runs.
    abstract Outcome execute(VectorRunner runner);

    /// {@return the first difference, or null}
    abstract String compare(VectorRunner runner, Outcome outcome);

    final String run(VectorRunner runner) {
        return compare(runner, execute(runner));
    }

    @SuppressWarnings("unchecked")  // JSON objects are maps
    final Map<String, Object> object(String name) {
        return (Map<String, Object>) Json.parse(text(name));
    }

    final String string(String name) {
        return (String) Json.parse(text(name));
    }

    private String text(String name) {
        String text = members.get(name);
        if (text == null) {
            throw new IllegalArgumentException("no member \"" + name + "\"");
        }
        return text;
    }

    /// Sets up the accounts of `pre`. What one does not say is 0 or empty.
    @SuppressWarnings("unchecked")  // JSON objects are maps
    static void accounts(WorldState state, Map<String, Object> pre) {
        long[] w = new long[3 * Word.LONGS];
        pre.forEach((address, value) -> {
            Map<String, Object> account = (Map<String, Object>) value;
            Hex.word(address, w, 0);
            Hex.quantity(said(account.get("balance")), w, 4);
            boolean room = state.account(w, 0, w, 4, Hex.number(said(account.get("nonce"))));
            byte[] code = account.get("code") == null ? new byte[0] : Hex.bytes((String) account.get("code"));
            if (code.length > 0) {
                room &= state.setCode(w, 0, MemorySegment.ofArray(code), 0, code.length);
            }
            Map<String, Object> storage = account.get("storage") == null ? Map.of() : (Map<String, Object>) account.get("storage");
            for (Map.Entry<String, Object> slot : storage.entrySet()) {
                Hex.word(slot.getKey(), w, 4);
                Hex.word((String) slot.getValue(), w, 8);
                room &= state.store(w, 0, w, 4, w, 8);
            }
            if (!room) {
                throw new IllegalStateException("no room for account " + address + " in " + state);
            }
        });
    }

    private static Object said(Object value) {
        return value == null ? 0L : value;
    }

    static void block(Block block, int opcode, Object value) {
        long[] w = new long[Word.LONGS];
        if (opcode == Opcode.COINBASE || opcode == Opcode.ORIGIN) {
            Hex.word((String) value, w, 0);                                // an address, with or without 0x
        } else {
            Hex.quantity(value, w, 0);
        }
        block.set(opcode, w, 0);
    }

    /// {@return every slot that is not zero, as `address key` to value}
    static Map<String, String> storage(WorldState state) {
        Map<String, String> all = new TreeMap<>();
        long[] w = new long[3 * Word.LONGS];
        for (int i = 0; i < state.slots(); i++) {
            state.slot(i, w, 0);
            if (!Word.isZero(w, 8)) {
                all.put(Hex.address(w, 0) + " " + Hex.word(w, 4), Hex.word(w, 8));
            }
        }
        return all;
    }

    /// {@return the same of a JSON object: address to (key to value)}
    @SuppressWarnings("unchecked")  // JSON objects are maps
    static Map<String, String> storage(Map<String, Object> expected, boolean inAccounts) {
        Map<String, String> all = new TreeMap<>();
        long[] w = new long[3 * Word.LONGS];
        expected.forEach((address, value) -> {
            Object slots = inAccounts ? ((Map<String, Object>) value).get("storage") : value;
            Hex.word(address, w, 0);
            ((Map<String, Object>) slots).forEach((key, v) -> {
                Hex.word(key, w, 4);
                Hex.word((String) v, w, 8);
                if (!Word.isZero(w, 8)) {
                    all.put(Hex.address(w, 0) + " " + Hex.word(w, 4), Hex.word(w, 8));
                }
            });
        });
        return all;
    }

    /// {@return keccak256 as text}
    static String keccak(byte[] bytes) {
        return Hex.text(Keccak.hash(bytes));
    }

    static String logAddress(LogBuffer logs, int index) {
        long[] w = new long[Word.LONGS];
        logs.address(index, w, 0);
        return Hex.address(w, 0);
    }

    static String logTopic(LogBuffer logs, int index, int topic) {
        long[] w = new long[Word.LONGS];
        logs.topic(index, topic, w, 0);
        return Hex.word(w, 0);
    }

    static String differs(String what, Object expected, Object was) {
        return expected.equals(was) ? null : what + ": expected " + expected + ", was " + was;
    }

    /// {@return the first that is not null, with how the run ended; null where all are}
    static String first(String[] differences, Object status) {
        for (String difference : differences) {
            if (difference != null) {
                return difference + " (" + status + ")";
            }
        }
        return null;
    }
}
