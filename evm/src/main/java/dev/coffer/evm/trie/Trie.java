package dev.coffer.evm.trie;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/// The root of a Merkle Patricia trie (Yellow Paper, appendix D), of a whole map at once. Sorted keys that share their first nibbles lie side by side, so a node
/// is a range of them: no node is ever kept, and nothing is inserted. Stateless, thread-safe.
public final class Trie {
    private static final int NIBBLES = 16;
    private static final int LEAF = 2;               // appendix C: flags of a path
    private static final int ODD = 1;
    private static final int HASH_BYTES = 32;        // a node that is shorter stands in its parent itself

    private final byte[][] keys;                     // as nibbles, sorted
    private final byte[][] values;

    private Trie(Map<byte[], byte[]> sorted) {
        keys = sorted.keySet().stream().map(Trie::nibbles).toArray(byte[][]::new);
        values = sorted.values().toArray(byte[][]::new);
    }

    /// {@return the root of a trie of these keys and values; a value without a byte is one, and who means that there is none leaves it out}
    public static byte[] root(Map<byte[], byte[]> entries) {
        TreeMap<byte[], byte[]> sorted = new TreeMap<>(Arrays::compareUnsigned);
        sorted.putAll(entries);
        Trie trie = new Trie(sorted);
        return Keccak.hash(trie.keys.length == 0 ? Rlp.bytes(new byte[0]) : trie.node(0, trie.keys.length, 0));
    }

    /// {@return the same of hashed keys: a secure trie}
    public static byte[] secureRoot(Map<byte[], byte[]> entries) {
        TreeMap<byte[], byte[]> hashed = new TreeMap<>(Arrays::compareUnsigned);
        entries.forEach((key, value) -> hashed.put(Keccak.hash(key), value));
        return root(hashed);
    }

    private static byte[] nibbles(byte[] key) {
        byte[] nibbles = new byte[2 * key.length];
        for (int i = 0; i < key.length; i++) {
            nibbles[2 * i] = (byte) (key[i] >>> 4 & 15);
            nibbles[2 * i + 1] = (byte) (key[i] & 15);
        }
        return nibbles;
    }

    /// The node of the keys `from` to `to`, which agree in their first `depth` nibbles.
    private byte[] node(int from, int to, int depth) {
        byte[] first = keys[from];
        if (to - from == 1) {
            return Rlp.list(Rlp.bytes(path(first, depth, first.length, LEAF)), Rlp.bytes(values[from]));
        }
        int shared = Arrays.mismatch(first, keys[to - 1]);
        int agree = shared < 0 ? first.length : Math.min(shared, first.length);
        if (agree > depth) {
            return Rlp.list(Rlp.bytes(path(first, depth, agree, 0)), reference(node(from, to, agree)));
        }
        byte[][] branch = new byte[NIBBLES + 1][];
        int at = from;
        branch[NIBBLES] = Rlp.bytes(first.length == depth ? values[at++] : new byte[0]);
        for (int nibble = 0; nibble < NIBBLES; nibble++) {
            int start = at;
            while (at < to && keys[at][depth] == nibble) {
                at++;
            }
            branch[nibble] = start == at ? Rlp.bytes(new byte[0]) : reference(node(start, at, depth + 1));
        }
        return Rlp.list(branch);
    }

    private static byte[] reference(byte[] node) {
        return node.length < HASH_BYTES ? node : Rlp.bytes(Keccak.hash(node));
    }

    /// Nibbles as bytes, with a first one that says whether they are odd in number and end at a leaf (appendix C).
    private static byte[] path(byte[] key, int from, int to, int flags) {
        int count = to - from;
        byte[] path = new byte[1 + count / 2];
        int at = from;
        path[0] = (byte) (flags << 4);
        if (count % 2 != 0) {
            path[0] = (byte) ((flags | ODD) << 4 | key[at++]);
        }
        for (int i = 1; i < path.length; i++, at += 2) {
            path[i] = (byte) (key[at] << 4 | key[at + 1]);
        }
        return path;
    }
}
