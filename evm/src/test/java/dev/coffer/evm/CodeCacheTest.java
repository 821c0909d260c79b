package dev.coffer.evm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.testkit.Seeds;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// The cache beside a plain list of codes: whatever was added, released and moved together, each code that is held has
/// its bytes, its zeros behind, and exactly its own jump destinations.
class CodeCacheTest {
    private static final int BYTES = 4096;
    private static final int ENTRIES = 12;

    private CodeCache cache = new CodeCache(BYTES, ENTRIES);
    private final Map<Integer, byte[]> held = new HashMap<>();   // by entry
    private final Map<Integer, Integer> pins = new HashMap<>();
    private final Map<Long, byte[]> known = new HashMap<>();     // all hashed code ever added, by its hash

    /// Yellow Paper, section 9.4.3, word for word.
    private static boolean[] jumps(byte[] code) {
        boolean[] valid = new boolean[code.length];
        for (int i = 0; i < code.length;) {
            int opcode = code[i] & 0xff;
            valid[i] = opcode == 0x5b;
            i += opcode >= 0x60 && opcode <= 0x7f ? opcode - 0x60 + 2 : 1;
        }
        return valid;
    }

    private void check() {
        held.forEach((entry, code) -> {
            int at = cache.at(entry);
            assertEquals(code.length, cache.length(entry));
            boolean[] valid = jumps(code);
            for (int i = 0; i < code.length; i++) {
                assertEquals(code[i], cache.bytes[at + i], "byte " + i);
                assertEquals(valid[i], (cache.jumps[at + i >>> 6] >>> (at + i) & 1) != 0, "jump " + i);
            }
            for (int i = code.length; i < code.length + 33; i++) {
                assertEquals(0, cache.bytes[at + i], "behind the code");
                assertEquals(0, cache.jumps[at + i >>> 6] >>> (at + i) & 1, "a jump behind the code");
            }
        });
    }

    private int add(long hash, byte[] code) {
        int entry = cache.add(code.length);
        if (entry != CodeCache.FULL) {
            System.arraycopy(code, 0, cache.bytes, cache.at(entry), code.length);
            cache.analyse(entry);
            if (hash != 0) {
                cache.keep(entry, new long[] {hash, 1, 2, 3}, 0);
            }
            held.put(entry, code);
            pins.put(entry, 1);
            if (hash != 0) {
                known.put(hash, code);
            }
        }
        return entry;
    }

    private void release(int entry) {
        cache.release(entry);
        if (pins.merge(entry, -1, Integer::sum) == 0) {
            held.remove(entry);
            pins.remove(entry);
        }
    }

    @Test
    void everyCodeInUseKeepsItsBytesAndJumpsWhateverMoves() {
        Seeds.forEach(1, 4, this::moves);
    }

    private void moves(SplittableRandom random) {
        cache = new CodeCache(BYTES, ENTRIES);
        held.clear();
        pins.clear();
        known.clear();
        int moved = 0;
        int full = 0;
        long hash = 0;
        for (int step = 0; step < 5_000; step++) {
            List<Integer> entries = new ArrayList<>(held.keySet());
            switch (random.nextInt(4)) {
                case 0, 1 -> {
                    byte[] code = new byte[random.nextInt(3) == 0 ? random.nextInt(1200) : random.nextInt(80)];
                    for (int i = 0; i < code.length; i++) {
                        code[i] = (byte) (random.nextInt(3) == 0 ? 0x5b : random.nextInt(8) == 0 ? random.nextInt(0x5f, 0x81)
                                : random.nextInt(256));
                    }
                    Map<Integer, Integer> before = new HashMap<>();
                    held.keySet().forEach(entry -> before.put(entry, cache.at(entry)));
                    if (add(random.nextBoolean() ? ++hash : 0, code) == CodeCache.FULL) {
                        full++;
                    }
                    for (int entry : before.keySet()) {
                        moved += before.get(entry) != cache.at(entry) ? 1 : 0;
                    }
                }
                case 2 -> {
                    if (!entries.isEmpty()) {
                        release(entries.get(random.nextInt(entries.size())));
                    }
                }
                default -> {
                    if (hash > 0) {
                        long wanted = 1 + random.nextLong(hash);
                        int entry = cache.find(new long[] {wanted, 1, 2, 3}, 0);
                        if (entry != CodeCache.FULL) {
                            held.put(entry, known.get(wanted));
                            pins.merge(entry, 1, Integer::sum);
                        }
                    }
                }
            }
            check();
        }
        assertTrue(moved > 20 && full > 20, moved + " moved, " + full + " refused");
    }

    @Test
    void onlyCodeInUseFillsItForGood() {
        assertEquals(CodeCache.FULL, add(1, new byte[BYTES - 32]), "no room for the zeros behind");
        int whole = add(2, new byte[BYTES - 33]);
        assertNotEquals(CodeCache.FULL, whole);
        assertEquals(CodeCache.FULL, add(3, new byte[0]));
        release(whole);
        assertNotEquals(CodeCache.FULL, add(4, new byte[10]));
        assertEquals(CodeCache.FULL, cache.find(new long[] {2, 1, 2, 3}, 0), "made room for it");
    }

    @Test
    void asManyCodesAsEntriesAndNotOneMore() {
        for (int i = 1; i <= ENTRIES; i++) {
            assertNotEquals(CodeCache.FULL, add(i, new byte[] {0x5b}));
        }
        assertEquals(CodeCache.FULL, add(99, new byte[] {0x5b}));
        release(cache.find(new long[] {5, 1, 2, 3}, 0));
        assertEquals(CodeCache.FULL, add(99, new byte[] {0x5b}), "found once more is pinned once more");
        cache.releaseAll();
        held.clear();
        assertNotEquals(CodeCache.FULL, add(99, new byte[] {0x5b}));
    }

    @Test
    void hashesThatDifferInOneWordAreOthers() {
        add(7, new byte[] {1});
        for (int i = 0; i < 4; i++) {
            long[] other = {7, 1, 2, 3};
            other[i]++;
            assertEquals(CodeCache.FULL, cache.find(other, 0));
        }
        assertNotEquals(CodeCache.FULL, cache.find(new long[] {7, 1, 2, 3}, 0));
    }
}
