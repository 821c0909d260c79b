package dev.coffer.evm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.testkit.Seeds;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// The cache beside a plain list of codes: whatever was written over what, each code that it says to hold has its bytes, its zeros behind, and exactly its own jump destinations, looked for or analysed.
class CodeCacheTest {
    private static final int BYTES = 4096;
    private static final int ENTRIES = 12;

    private CodeCache cache = new CodeCache(BYTES, ENTRIES);

    private record Held(int entry, long place, byte[] code, boolean named) {}

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

    private static long[] hash(long number) {
        return new long[] {number, 1, 2, 3};
    }

    private int named(long number, byte[] code) {
        int known = cache.find(hash(number), 0);
        int at = cache.room(code.length);
        if (at == CodeCache.FULL) {
            return CodeCache.FULL;
        }
        System.arraycopy(code, 0, cache.bytes, at, code.length);
        return cache.named(known, hash(number), 0);
    }

    private int unnamed(byte[] code) {
        System.arraycopy(code, 0, cache.bytes, cache.room(code.length), code.length);
        return cache.unnamed();
    }

    private Held held(int entry, byte[] code, boolean isNamed) {
        return new Held(entry, cache.place(entry), code, isNamed);
    }

    private boolean leads(int entry, int to) {
        int pc = cache.at(entry) + to;
        return (cache.jumps[pc >>> 6] >>> pc & 1) != 0 || !cache.isAnalysed(entry) && cache.leads(entry, to);
    }

    private void check(Held held) {
        int at = cache.at(held.entry);
        byte[] code = held.code;
        assertEquals(code.length, cache.length(held.entry));
        boolean[] valid = jumps(code);
        for (int i = 0; i < code.length; i++) {
            assertEquals(code[i], cache.bytes[at + i], "byte " + i);
        }
        for (int i = code.length - 1; i >= 0; i -= 1 + code.length / 16) {   // what is looked for last comes first
            assertEquals(valid[i], leads(held.entry, i), "jump " + i);
        }
        for (int i = code.length; i < code.length + 33; i++) {
            assertEquals(0, cache.bytes[at + i], "behind the code");
            assertEquals(0, cache.jumps[at + i >>> 6] >>> (at + i) & 1, "a jump behind the code");
            assertTrue(!cache.isAnalysed(held.entry) || cache.fused[at + i] == 0, "behind the form that is executed");
        }
    }

    @Test
    void whatItHoldsHasItsBytesAndJumpsWhateverCameOver() {
        Seeds.forEach(1, 4, this::comesAndGoes);
    }

    private void comesAndGoes(SplittableRandom random) {
        cache = new CodeCache(BYTES, ENTRIES);
        cache.patience(random.nextInt(4));
        Map<Long, byte[]> codes = new HashMap<>();
        Deque<Held> frames = new ArrayDeque<>();
        int gone = 0;
        int other = 0;
        int again = 0;
        int analysed = 0;
        for (int step = 0; step < 5_000; step++) {
            if (frames.size() < 30 && random.nextInt(100) < 55) {
                long number = 1 + random.nextInt(20);
                byte[] code = random.nextInt(4) == 0 ? code(random) : codes.computeIfAbsent(number, _ -> code(random));
                boolean isNamed = codes.get(number) == code;
                int known = isNamed ? cache.find(hash(number), 0) : CodeCache.FULL;
                boolean isThere = known != CodeCache.FULL && cache.holds(known);
                again += known != CodeCache.FULL && !isThere ? 1 : 0;
                frames.push(held(!isNamed ? unnamed(code) : isThere ? known : named(number, code), code, isNamed));
            } else if (!frames.isEmpty()) {
                Held ended = frames.pop();
                cache.release(ended.entry, ended.place);
                Held goesOn = frames.peek();
                if (goesOn != null && !cache.holds(goesOn.entry, goesOn.place)) {
                    gone++;
                    frames.pop();
                    long number = codes.entrySet().stream().filter(e -> e.getValue() == goesOn.code).mapToLong(Map.Entry::getKey).findAny().orElse(0);
                    other += goesOn.named ? 1 : 0;
                    int known = goesOn.named ? cache.find(hash(number), 0) : CodeCache.FULL;
                    boolean isThere = known != CodeCache.FULL && cache.holds(known);
                    frames.push(held(!goesOn.named ? unnamed(goesOn.code) : isThere ? known : named(number, goesOn.code), goesOn.code, goesOn.named));
                }
            }
            Held top = frames.peek();
            if (top != null) {
                assertTrue(cache.holds(top.entry, top.place), "what runs is there");
                assertTrue(!top.named || cache.find(hash(number(codes, top.code)), 0) == top.entry);
                check(top);
                analysed += cache.isAnalysed(top.entry) ? 1 : 0;
            }
            for (Held below : frames) {
                if (cache.holds(below.entry, below.place)) {
                    check(below);
                }
            }
        }
        assertTrue(gone > 100 && other > 50 && again > 50 && analysed > 100,
                gone + " gone, " + other + " of them named, " + again + " written again, " + analysed + " analysed");
    }

    private static long number(Map<Long, byte[]> codes, byte[] code) {
        return codes.entrySet().stream().filter(e -> e.getValue() == code).findAny().orElseThrow().getKey();
    }

    private static byte[] code(SplittableRandom random) {
        byte[] code = new byte[random.nextInt(3) == 0 ? random.nextInt(1200) : random.nextInt(80)];
        for (int i = 0; i < code.length; i++) {
            code[i] = (byte) (random.nextInt(3) == 0 ? 0x5b : random.nextInt(8) == 0 ? random.nextInt(0x5f, 0x81) : random.nextInt(256));
        }
        return code;
    }

    @Test
    void theLongestCodeIsAllOfItButTheZeros() {
        assertEquals(CodeCache.FULL, named(1, new byte[BYTES - 32]), "no room for the zeros behind");
        int whole = named(2, new byte[BYTES - 33]);
        assertTrue(whole != CodeCache.FULL && cache.holds(whole));
        int empty = named(3, new byte[0]);
        assertTrue(cache.holds(empty));
        assertFalse(cache.holds(whole), "written over");
        assertEquals(whole, cache.find(hash(2), 0), "its entry stays");
    }

    /// Codes that fill the array to its last byte are all there; one more comes over the first, and no other.
    @Test
    void theLastBytesOfTheArrayAreUsed() {
        cache = new CodeCache(512, ENTRIES);
        int[] entries = new int[8];
        for (int round = 0; round < 3; round++) {
            for (int i = 0; i < 8; i++) {
                entries[i] = named(i + 1, new byte[] {0x5b, (byte) round});
                assertTrue(cache.holds(entries[i]));
            }
            for (int i = 0; i < 8; i++) {
                assertTrue(cache.holds(entries[i]), "code " + i);
                check(held(entries[i], new byte[] {0x5b, (byte) round}, true));
            }
        }
        named(9, new byte[] {1});
        for (int i = 0; i < 8; i++) {
            assertEquals(i != 0, cache.holds(entries[i]), "code " + i);
        }
    }

    /// A host that gives a hash to two codes of other lengths: marks of the one are not the other's.
    @Test
    void marksAreOfACodeOfThatLength() {
        byte[] pushes = new byte[1000];
        Arrays.fill(pushes, (byte) 0x7f);
        pushes[999] = 0x5b;
        int entry = named(1, pushes);
        cache.leads(entry, 999);
        byte[] other = new byte[999];
        Arrays.fill(other, (byte) 0x5b);
        assertEquals(entry, named(1, other));
        cache.patience(1000);                        // all of it by marks
        for (int to = 0; to < other.length; to++) {
            assertTrue(cache.leads(entry, to), "jump " + to);
        }
    }

    /// Code that is longer than what may be deployed has longer parts, and no marks in another's place.
    @Test
    void longCodeHasAsManyMarks() {
        for (int length : new int[] {24_576, 24_577, 24_700, 49_152, 49_153, 100_000}) {
            cache = new CodeCache(1 << 18, ENTRIES);
            cache.patience(1000);
            byte[] pushes = new byte[length];
            Arrays.fill(pushes, (byte) 0x7f);
            int last = (length - 1) / 33 * 33;
            pushes[last] = 0x5b;
            int entry = named(1, pushes);
            int next = named(2, new byte[] {0x5b});
            assertEquals(entry + 1, next);
            assertTrue(cache.leads(next, 0));
            assertTrue(cache.leads(entry, last), "length " + length);
            assertTrue(cache.leads(next, 0), "behind length " + length);
        }
    }

    @Test
    void asManyCodesAsEntriesAndAnyOfThemGoesForOneMore() {
        for (int i = 1; i <= ENTRIES; i++) {
            assertNotEquals(CodeCache.FULL, named(i, new byte[] {0x5b}));
        }
        for (int more = ENTRIES + 1; more < 500; more++) {
            named(more, new byte[] {0x5b});
            int found = 0;
            for (int i = 1; i <= more; i++) {
                found += cache.find(hash(i), 0) != CodeCache.FULL ? 1 : 0;
            }
            assertEquals(ENTRIES, found);
            assertNotEquals(CodeCache.FULL, cache.find(hash(more), 0));
        }
    }

    @Test
    void initcodeGivesItsEntryAndItsRoomBack() {
        int kept = named(1, new byte[100]);
        for (int i = 0; i < 1000; i++) {
            int initcode = unnamed(new byte[2000]);
            assertNotEquals(kept, initcode);
            cache.release(initcode, cache.place(initcode));
            assertFalse(cache.holds(initcode));
        }
        assertTrue(cache.holds(kept), "nothing has come over it");
        cache.release(kept, cache.place(kept));
        assertTrue(cache.holds(kept), "what has a name stays");
    }

    /// Whose entry another's initcode has taken gives nothing back.
    @Test
    void anEndedFrameLeavesAnothersEntryAlone() {
        int first = unnamed(new byte[10]);
        long place = cache.place(first);
        int taken;
        do {
            taken = unnamed(new byte[10]);
        } while (taken != first);
        cache.release(first, place);
        assertTrue(cache.holds(taken));
    }

    /// A destination is looked for from the mark of its part on, however often; once twice its bytes have been looked at, all of the code is analysed.
    @Test
    void jumpsLookAtLittleAndTheWholeComesLast() {
        cache = new CodeCache(1 << 16, ENTRIES);
        byte[] code = new byte[24_576];
        for (int i = 0; i < code.length; i += 2) {
            code[i] = 0x60;
        }
        code[24_574] = 0x5b;
        int entry = named(1, code);
        assertTrue(cache.leads(entry, 24_574));
        assertEquals(24_574, cache.examined());
        long part = 1L << CodeCache.PART_BITS_MIN;
        int jumps = 1;
        for (; !cache.isAnalysed(entry); jumps++) {
            long before = cache.examined();
            assertTrue(cache.leads(entry, 24_574));
            assertEquals(part - 2 + (cache.isAnalysed(entry) ? code.length : 0), cache.examined() - before);
        }
        assertEquals(Math.ceilDiv(2 * code.length, part - 2 + CodeCache.LOOK_BYTES), jumps);
        // Written anew it is not analysed, but its marks are known.
        named(2, new byte[1 << 15]);
        named(3, new byte[1 << 15]);
        assertFalse(cache.holds(entry));
        assertEquals(entry, named(1, code));
        assertFalse(cache.isAnalysed(entry));
        long before = cache.examined();
        assertTrue(cache.leads(entry, 24_574));
        assertEquals(part - 2, cache.examined() - before);
    }

    @Test
    void hashesThatDifferInOneWordAreOthers() {
        named(7, new byte[] {1});
        for (int i = 0; i < 4; i++) {
            long[] other = hash(7);
            other[i]++;
            assertEquals(CodeCache.FULL, cache.find(other, 0));
        }
        assertNotEquals(CodeCache.FULL, cache.find(hash(7), 0));
    }
}
