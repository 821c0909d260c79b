package dev.coffer.evm.vectors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.coffer.evm.trie.Trie;
import dev.coffer.evm.trie.Rlp;
import dev.coffer.evm.trie.Keccak;
import dev.coffer.testkit.Seeds;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Roots of tries: known ones, and of random maps beside a trie that grows key by key, as the Yellow Paper's appendix D and every client has it.
class TrieTest {
    private static Map<byte[], byte[]> map(String pairs) {
        Map<byte[], byte[]> map = new TreeMap<>(Arrays::compareUnsigned);
        for (String pair : pairs.isEmpty() ? new String[0] : pairs.split(" ")) {
            String[] sides = pair.split("=");
            map.put(sides[0].getBytes(StandardCharsets.UTF_8), sides[1].getBytes(StandardCharsets.UTF_8));
        }
        return map;
    }

    /// From the public `TrieTests`.
    @ParameterizedTest
    @CsvSource({
            "'', 56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421",
            "A=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa, d23786fb4a010da3ce639d66d5e904a11dbc02746d1ce25029e53290cabf28ab",
            "doe=reindeer dog=puppy dogglesworth=cat, 8aad789dff2f538bca5d8ea56e8abe10f4c7ba3a5dea95fea4cd6e7c3a1168d3",
            "do=verb horse=stallion doge=coin dog=puppy, 5991bb8c6514148a29db676a14ac506cd2cd5775ace63c30a4fe457715e9ac84",
            "foo=bar food=bass, 17beaa1648bafa633cda809c90c04af50fc8aed3cb40d16efbddee6fdf63c4c3",
            "be=e dog=puppy bed=d, 3f67c7a47520f79faa29255d2d3c084a7a6df0453116ed7232ff10277a8be68b",
            "test=test te=testy, 8452568af70d8d140f58d941338542f645fcca50094b20f3c3d8c3df49337928",
    })
    void knownRoots(String pairs, String root) {
        assertEquals(root, HexFormat.of().formatHex(Trie.root(map(pairs))));
    }

    @ParameterizedTest
    @CsvSource({
            "'', 56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421",
            "A=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa, e9e2935138352776cad724d31c9fa5266a5c593bb97726dd2a908fe6d53284df",
            "doe=reindeer dog=puppy dogglesworth=cat, d4cd937e4a4368d7931a9cf51686b7e10abb3dce38a39000fd7902a092b64585",
            "do=verb horse=stallion doge=coin dog=puppy, 29b235a58c3c25ab83010c327d5932bcf05324b7d6b1185e650798034783ca9d",
            "foo=bar food=bass, 1385f23a33021025d9e87cca5c66c00de06178807b96a9acc92b7d651ccde842",
            "be=e dog=puppy bed=d, 826a4f9f9054a3e980e54b20da992c24fa20467f1ca635115ef4917be66e746f",
    })
    void knownRootsOfHashedKeys(String pairs, String root) {
        assertEquals(root, HexFormat.of().formatHex(Trie.secureRoot(map(pairs))));
    }

    // --- a trie that grows -----------------------------------------------------------------------------------------

    /// A node: a path of nibbles, a value at its end or none, children or none. A leaf is a node without children, an extension one with a path and
    /// children and its branch in one.
    private static final class Node {
        byte[] path;
        byte[] value;
        final Node[] children = new Node[16];

        Node(byte[] path, byte[] value) {
            this.path = path;
            this.value = value;
        }

        void put(byte[] key, byte[] what) {
            int same = 0;
            while (same < path.length && same < key.length && path[same] == key[same]) {
                same++;
            }
            if (same < path.length) {                         // what was here moves one level down
                Node below = new Node(Arrays.copyOfRange(path, same + 1, path.length), value);
                System.arraycopy(children, 0, below.children, 0, 16);
                Arrays.fill(children, null);
                children[path[same]] = below;
                path = Arrays.copyOf(path, same);
                value = null;
            }
            if (same == key.length) {
                value = what;
            } else if (children[key[same]] == null) {
                children[key[same]] = new Node(Arrays.copyOfRange(key, same + 1, key.length), what);
            } else {
                children[key[same]].put(Arrays.copyOfRange(key, same + 1, key.length), what);
            }
        }

        byte[] written() {
            if (Arrays.stream(children).allMatch(child -> child == null)) {
                return Rlp.list(Rlp.bytes(prefixed(32)), Rlp.bytes(value));
            }
            byte[][] branch = new byte[17][];
            for (int i = 0; i < 16; i++) {
                branch[i] = children[i] == null ? new byte[] {(byte) 0x80} : reference(children[i].written());
            }
            branch[16] = Rlp.bytes(value == null ? new byte[0] : value);
            byte[] node = Rlp.list(branch);
            return path.length == 0 ? node : Rlp.list(Rlp.bytes(prefixed(0)), reference(node));
        }

        private static byte[] reference(byte[] node) {
            return node.length < 32 ? node : Rlp.bytes(Keccak.hash(node));
        }

        private byte[] prefixed(int flag) {
            StringBuilder digits = new StringBuilder(path.length % 2 == 0 ? HexFormat.of().toHexDigits((byte) flag)
                    : HexFormat.of().toHexDigits((byte) (flag + 16)).substring(0, 1));
            for (byte nibble : path) {
                digits.append(Character.forDigit(nibble, 16));
            }
            return HexFormat.of().parseHex(digits);
        }
    }

    private static byte[] grown(Map<byte[], byte[]> entries, long seed) {
        List<byte[]> keys = new ArrayList<>(entries.keySet());
        Collections.shuffle(keys, new Random(seed));
        Node root = null;
        for (byte[] key : keys) {
            byte[] nibbles = new byte[2 * key.length];
            for (int i = 0; i < nibbles.length; i++) {
                nibbles[i] = (byte) (key[i / 2] >>> (i % 2 == 0 ? 4 : 0) & 15);
            }
            if (root == null) {
                root = new Node(nibbles, entries.get(key));
            } else {
                root.put(nibbles, entries.get(key));
            }
        }
        return Keccak.hash(root == null ? new byte[] {(byte) 0x80} : root.written());
    }

    private static Map<byte[], byte[]> entries(SplittableRandom random) {
        Map<byte[], byte[]> entries = new TreeMap<>(Arrays::compareUnsigned);
        int keyBytes = random.nextInt(4);                     // 0: of all lengths
        int alphabet = random.nextBoolean() ? 256 : 3;
        for (int i = random.nextInt(40); i > 0; i--) {
            byte[] key = new byte[keyBytes == 0 ? random.nextInt(5) : keyBytes];
            for (int k = 0; k < key.length; k++) {
                key[k] = (byte) random.nextInt(alphabet);
            }
            byte[] value = new byte[1 + random.nextInt(random.nextBoolean() ? 3 : 40)];
            random.nextBytes(value);
            entries.put(key, value);
        }
        return entries;
    }

    @Test
    void rootsOfRandomMapsAreThoseOfATrieThatGrows() {
        Seeds.forEach(1, 2_000, random -> {
            Map<byte[], byte[]> entries = entries(random);
            assertEquals(HexFormat.of().formatHex(grown(entries, random.nextLong())), HexFormat.of().formatHex(Trie.root(entries)));
        });
    }

    @Test
    void oneBitOfAKeyOrAValueChangesTheRoot() {
        byte[] root = Trie.root(map("do=verb horse=stallion doge=coin dog=puppy"));
        assertFalse(Arrays.equals(root, Trie.root(map("dn=verb horse=stallion doge=coin dog=puppy"))));
        assertFalse(Arrays.equals(root, Trie.root(map("do=verc horse=stallion doge=coin dog=puppy"))));
        assertFalse(Arrays.equals(root, Trie.root(map("horse=stallion doge=coin dog=puppy"))));
    }
}
