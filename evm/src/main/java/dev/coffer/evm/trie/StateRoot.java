package dev.coffer.evm.trie;

import dev.coffer.evm.LogBuffer;
import dev.coffer.evm.WorldState;
import dev.coffer.evm.word.Word;
import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/// What a block's header says of a state and of logs (Yellow Paper, sections 4.1 and 4.4): the root of the trie of all accounts, the hash of the logs. Of a fork
/// ([dev.coffer.evm.WorldOrigin]) it knows only what was looked at, so its root is that of nothing. Stateless; for the thread of the state.
public final class StateRoot {
    private StateRoot() {}

    /// {@return the root of the secure trie of all accounts that exist: address to nonce, balance, root of storage, hash of code}
    public static byte[] of(WorldState state) {
        long[] w = new long[3 * Word.LONGS];
        Map<BigInteger, Map<byte[], byte[]>> storage = new HashMap<>();
        for (int i = 0; i < state.slots(); i++) {
            state.slot(i, w, 0);
            if (!Word.isZero(w, 8)) {
                storage.computeIfAbsent(Word.toBigInteger(w, 0), a -> new TreeMap<>(Arrays::compareUnsigned))
                        .put(bytes(w, 4, Word.BYTES), Rlp.number(Word.toBigInteger(w, 8)));
            }
        }
        Map<byte[], byte[]> accounts = new TreeMap<>(Arrays::compareUnsigned);
        for (int i = 0; i < state.accounts(); i++) {
            state.address(i, w, 0);
            if (state.exists(w, 0)) {
                accounts.put(bytes(w, 0, 20), account(state, w, storage.getOrDefault(Word.toBigInteger(w, 0), Map.of())));
            }
        }
        return Trie.secureRoot(accounts);
    }

    private static byte[] account(WorldState state, long[] w, Map<byte[], byte[]> slots) {
        state.balance(w, 0, w, 4);
        state.codeHash(w, 0, w, 8);
        return Rlp.list(Rlp.number(new BigInteger(Long.toUnsignedString(state.nonce(w, 0)))), Rlp.number(Word.toBigInteger(w, 4)),
                Rlp.bytes(Trie.secureRoot(slots)), Rlp.bytes(bytes(w, 8, Word.BYTES)));
    }

    /// {@return keccak256 of the list of [address, [topic ...], data]}
    public static byte[] ofLogs(LogBuffer logs) {
        long[] w = new long[Word.LONGS];
        byte[][] all = new byte[logs.count()][];
        for (int i = 0; i < all.length; i++) {
            byte[][] topics = new byte[logs.topics(i)][];
            for (int t = 0; t < topics.length; t++) {
                logs.topic(i, t, w, 0);
                topics[t] = Rlp.bytes(bytes(w, 0, Word.BYTES));
            }
            logs.address(i, w, 0);
            all[i] = Rlp.list(Rlp.bytes(bytes(w, 0, 20)), Rlp.list(topics), Rlp.bytes(logs.data(i)));
        }
        return Keccak.hash(Rlp.list(all));
    }

    /// The low `count` bytes of a word, big-endian.
    private static byte[] bytes(long[] s, int a, int count) {
        byte[] all = new byte[Word.BYTES];
        Word.store(s, a, MemorySegment.ofArray(all), 0);
        return Arrays.copyOfRange(all, all.length - count, all.length);
    }
}
