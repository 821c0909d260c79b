package dev.coffer.c;

import static dev.coffer.c.Native.none;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What a caller does wrong is refused by its code, and nothing was written.
class RefusalsTest {
    private static final int KEM = 0x0101;  // ML-KEM-512
    private static final int DSA = 0x0203;  // ML-DSA-44
    private static final int SHA = 0x0301;

    private Native c;
    private MemorySegment ek;
    private MemorySegment dk;
    private MemorySegment ciphertext;
    private MemorySegment shared;
    private MemorySegment publicKey;
    private MemorySegment secretKey;
    private MemorySegment message;
    private MemorySegment context;
    private MemorySegment signature;
    private MemorySegment digest;

    @BeforeEach
    void open() {
        c = new Native();
        ek = c.bytes(800);
        dk = c.bytes(1632);
        ciphertext = c.bytes(768);
        shared = c.bytes(32);
        publicKey = c.bytes(1312);
        secretKey = c.bytes(2560);
        message = c.random(50, 1);
        context = c.random(255, 2);
        signature = c.bytes(2420);
        digest = c.bytes(32);
        assertEquals("OK", c.call("keygen", KEM, none(), ek, dk, none()));
        assertEquals("OK", c.call("encapsulate", KEM, ek, ciphertext, shared, none()));
        assertEquals("OK", c.call("keygen", DSA, none(), publicKey, secretKey, none()));
        assertEquals("OK", c.call("sign", DSA, 0, secretKey, message, context, signature, none()));
    }

    @AfterEach
    void close() {
        c.close();
    }

    /// A call with its ranges, of which one is exchanged at a time.
    private record Call(String name, List<Object> before, List<MemorySegment> ranges, List<String> outputs) {}

    private List<Call> calls() {
        MemorySegment seed = c.random(64, 3);
        return List.of(new Call("keygen", List.of(KEM), List.of(seed, ek, dk), List.of("no", "out", "out")),
                new Call("encapsulate", List.of(KEM), List.of(ek, ciphertext, shared), List.of("no", "out", "out")),
                new Call("decapsulate", List.of(KEM), List.of(dk, ciphertext, shared), List.of("no", "no", "out")),
                new Call("sign", List.of(DSA, 1), List.of(secretKey, message, context, signature), List.of("no", "any", "most", "out")),
                new Call("verify", List.of(DSA), List.of(publicKey, message, context, signature), List.of("no", "any", "most", "no")),
                new Call("hash", List.of(SHA), List.of(message, digest), List.of("any", "out")));
    }

    private String run(Call call, int changed, Object... by) {
        List<Object> arguments = new ArrayList<>(call.before());
        for (int i = 0; i < call.ranges().size(); i++) {
            if (i == changed) {
                arguments.addAll(List.of(by));
            } else {
                arguments.add(call.ranges().get(i));
            }
        }
        if (!call.name().equals("hash")) {
            arguments.add(none());
        }
        List<String> before = call.ranges().stream().map(Native::hex).toList();
        String answer = c.call(call.name(), arguments.toArray());
        if (!answer.equals("OK")) {
            assertEquals(before, call.ranges().stream().map(Native::hex).toList(), "nothing was written by " + call.name() + " that was refused");
        }
        return answer;
    }

    @Test
    void aLengthOneShortOrOneLongIsRefusedAtEachRangeOfEachCall() {
        int edges = 0;
        for (Call call : calls()) {
            assertEquals("OK", run(call, -1), call.name());
            for (int i = 0; i < call.ranges().size(); i++) {
                long at = call.ranges().get(i).address();
                long bytes = call.ranges().get(i).byteSize();
                String where = call.name() + " range " + i;
                switch (call.outputs().get(i)) {
                    case "any" -> assertEquals("LENGTH", run(call, i, at, -1L), where);
                    case "most" -> {
                        assertEquals("LENGTH", run(call, i, at, bytes + 1), where);
                        assertEquals("LENGTH", run(call, i, at, -1L), where);
                    }
                    default -> {
                        for (long other : new long[] {0, bytes - 1, bytes + 1, -1, Long.MIN_VALUE, bytes + (1L << 32)}) {
                            assertEquals("LENGTH", run(call, i, at, other), where + " " + other);
                            edges++;
                        }
                    }
                }
            }
        }
        assertTrue(edges > 60, "edges: " + edges);
    }

    @Test
    void aPointerThatCanPointAtNothingIsRefusedAtEachRangeOfEachCall() {
        for (Call call : calls()) {
            for (int i = 0; i < call.ranges().size(); i++) {
                long bytes = call.ranges().get(i).byteSize();
                for (long at : new long[] {0, 1, 4095, -1, Long.MIN_VALUE, Long.MAX_VALUE, Foreign.END, Foreign.END - bytes + 1,
                        0xdeadbeefdeadbeefL}) {
                    assertEquals("POINTER", run(call, i, at, bytes), call.name() + " range " + i + " at " + Long.toHexString(at));
                }
            }
        }
    }

    @Test
    void anOutputThatOverlapsAnythingElseIsRefused() {
        int pairs = 0;
        for (Call call : calls()) {
            for (int i = 0; i < call.ranges().size(); i++) {
                for (int j = 0; j < call.ranges().size(); j++) {
                    if (i == j || !call.outputs().get(i).equals("out") || call.name().equals("hash")) {
                        continue;
                    }
                    long bytes = call.ranges().get(i).byteSize();
                    long other = call.ranges().get(j).address();
                    long otherBytes = call.ranges().get(j).byteSize();
                    String where = call.name() + " " + i + " over " + j;
                    assertEquals("OVERLAP", run(call, i, other, bytes), where);
                    assertEquals("OVERLAP", run(call, i, other + otherBytes - 1, bytes), where);
                    assertEquals("OVERLAP", run(call, i, other - bytes + 1, bytes), where);
                    pairs++;
                }
            }
        }
        assertEquals(4 + 4 + 2 + 3, pairs, "of keygen, encapsulate, decapsulate and sign");
        MemorySegment both = c.random(50, 9);
        assertEquals("OK", c.call("hash", SHA, both, both.asSlice(0, 32)), "a digest over what was hashed");
    }

    @Test
    void aWorkspaceIsRefusedThatIsShortOrOverlaps() {
        for (Call call : calls()) {
            if (call.name().equals("hash")) {
                continue;
            }
            MemorySegment sizes = c.arena.allocate(8L * KeyCalls.SIZES, 8);
            assertEquals("OK", c.call("describe", call.before().getFirst(), sizes));
            long needed = sizes.get(JAVA_LONG, 64);
            MemorySegment room = c.random(needed + 4096, 11);
            String before = Native.hex(room);
            List<Object> arguments = new ArrayList<>(call.before());
            arguments.addAll(call.ranges());
            arguments.add(null);
            for (Object[] wrong : new Object[][] {{room.asSlice(0, needed - 1), "LENGTH"}, {room.asSlice(0, 1), "LENGTH"}}) {
                arguments.set(arguments.size() - 1, wrong[0]);
                assertEquals(wrong[1], c.call(call.name(), arguments.toArray()), call.name());
            }
            List<Object> numbers = new ArrayList<>(arguments.subList(0, arguments.size() - 1));
            numbers.addAll(List.of(0L, needed));
            assertEquals("POINTER", c.call(call.name(), numbers.toArray()));
            numbers.set(numbers.size() - 2, room.address());
            for (long other : new long[] {0, -1, Long.MIN_VALUE}) {
                numbers.set(numbers.size() - 1, other);
                assertEquals("LENGTH", c.call(call.name(), numbers.toArray()), call.name() + " " + other);
            }
            for (MemorySegment range : call.ranges()) {
                numbers.set(numbers.size() - 1, needed);
                numbers.set(numbers.size() - 2, range.address() + range.byteSize() - 1);
                assertEquals("OVERLAP", c.call(call.name(), numbers.toArray()), call.name());
                numbers.set(numbers.size() - 2, range.address() - needed + 1);
                assertEquals("OVERLAP", c.call(call.name(), numbers.toArray()), call.name());
            }
            assertEquals(before, Native.hex(room));
            arguments.set(arguments.size() - 1, room.asSlice(1, needed));
            assertEquals("OK", c.call(call.name(), arguments.toArray()), "exactly enough, at an odd address");
        }
    }

    @Test
    void aNumberThatIsNoAlgorithmOrOneOfAnotherKindIsRefused() {
        MemorySegment sizes = c.arena.allocate(8L * KeyCalls.SIZES, 8);
        MemorySegment number = c.number();
        for (int none : new int[] {0, 1, 0x0100, 0x0107, 0x0200, 0x0214, 0x0300, 0x030b, 0x0400, -1, Integer.MIN_VALUE, Integer.MAX_VALUE,
                0x10101}) {
            assertEquals("ALGORITHM", c.call("describe", none, sizes));
            assertEquals("ALGORITHM", c.call("keygen", none, none(), ek, dk, none()));
            assertEquals("ALGORITHM", c.call("hash_open", none, number));
        }
        for (int other : new int[] {DSA, SHA}) {
            assertEquals("ALGORITHM", c.call("encapsulate", other, ek, ciphertext, shared, none()));
            assertEquals("ALGORITHM", c.call("decapsulate", other, dk, ciphertext, shared, none()));
        }
        for (int other : new int[] {KEM, SHA}) {
            assertEquals("ALGORITHM", c.call("sign", other, 0, secretKey, message, context, signature, none()));
            assertEquals("ALGORITHM", c.call("verify", other, publicKey, message, context, signature, none()));
        }
        assertEquals("ALGORITHM", c.call("keygen", SHA, none(), ek, dk, none()));
        for (int other : new int[] {KEM, DSA}) {
            assertEquals("ALGORITHM", c.call("hash", other, message, digest));
            assertEquals("ALGORITHM", c.call("hash_open", other, number));
        }
        assertEquals(0, Native.value(number));
        for (int variant : new int[] {2, -1, Integer.MIN_VALUE}) {
            assertEquals("VALUE", c.call("sign", DSA, variant, secretKey, message, context, signature, none()));
        }
    }

    @Test
    void anAnswerOf64BitsWantsItsAlignment() {
        MemorySegment room = c.arena.allocate(32, 8);
        c.call("evm_create", room.asSlice(0, 8));
        long memory = room.get(JAVA_LONG, 0);
        for (int off = 1; off < 8; off++) {
            long at = room.address() + 8 + off;
            assertEquals("ALIGNMENT", c.call("evm_create", at));
            assertEquals("ALIGNMENT", c.call("hash_open", SHA, at));
            assertEquals("ALIGNMENT", c.call("evm_size", memory, at));
            assertEquals("ALIGNMENT", c.call("evm_capacity", memory, at));
            assertEquals("ALIGNMENT", c.call("evm_expansion_cost", memory, 0, 32, at));
            assertEquals("ALIGNMENT", c.call("describe", SHA, at, 72));
        }
        for (long at : new long[] {0, 8, -8}) {
            assertEquals("POINTER", c.call("evm_create", at));
            assertEquals("POINTER", c.call("hash_open", SHA, at));
            assertEquals("POINTER", c.call("evm_size", memory, at));
            assertEquals("POINTER", c.call("evm_read_byte", memory, 0, at));
            assertEquals("POINTER", c.call("evm_read_word", memory, 0, at));
            assertEquals("POINTER", c.call("evm_write_word", memory, 0, at));
            assertEquals("POINTER", c.call("describe", SHA, at, 72));
        }
        assertEquals("LENGTH", c.call("describe", SHA, room.address(), 71));
        assertEquals("LENGTH", c.call("describe", SHA, room.address(), 73));
        for (int i = 8; i < 32; i++) {
            assertEquals(0, room.get(JAVA_BYTE, i));
        }
    }

    @Test
    void aHandleThatIsNotHeldIsRefusedByEachCall() {
        MemorySegment number = c.number();
        c.call("hash_open", SHA, number);
        long hash = Native.value(number);
        c.call("evm_create", number);
        long memory = Native.value(number);
        c.call("evm_create", number);
        long closed = Native.value(number);
        c.call("evm_destroy", closed);
        c.call("hash_open", SHA, number);
        long closedHash = Native.value(number);
        c.call("hash_close", closedHash);
        Set<Long> wrong = new HashSet<>(Set.of(0L, 1L, -1L, Long.MIN_VALUE, Long.MAX_VALUE, 4095L, closed, closedHash, ~memory, ~hash));
        for (int bit = 0; bit < 64; bit++) {
            wrong.add(memory ^ 1L << bit);
            wrong.add(hash ^ 1L << bit);
        }
        wrong.add(memory + (1L << 16));
        wrong.add(memory - (1L << 16));
        wrong.remove(memory);
        wrong.remove(hash);
        MemorySegment room = c.bytes(32);
        for (long handle : wrong) {
            for (String name : new String[] {"evm_destroy", "evm_reset", "hash_close"}) {
                assertEquals("HANDLE", c.call(name, handle), name);
            }
        }
        wrong.add(hash);
        for (long handle : wrong) {
            assertEquals("HANDLE", c.call("evm_size", handle, number));
            assertEquals("HANDLE", c.call("evm_capacity", handle, number));
            assertEquals("HANDLE", c.call("evm_read", handle, 0, room));
            assertEquals("HANDLE", c.call("evm_read_byte", handle, 0, room.address()));
            assertEquals("HANDLE", c.call("evm_read_word", handle, 0, room.address()));
            assertEquals("HANDLE", c.call("evm_write", handle, 0, room));
            assertEquals("HANDLE", c.call("evm_write_byte", handle, 0, 1));
            assertEquals("HANDLE", c.call("evm_write_word", handle, 0, room.address()));
            assertEquals("HANDLE", c.call("evm_ensure", handle, 0, 1));
            assertEquals("HANDLE", c.call("evm_copy", handle, 0, 1, 1));
            assertEquals("HANDLE", c.call("evm_zero", handle, 0, 1));
            assertEquals("HANDLE", c.call("evm_expansion_cost", handle, 0, 1, number));
            assertEquals("HANDLE", c.call("evm_reset", handle));
        }
        wrong.remove(hash);
        wrong.add(memory);
        for (long handle : wrong) {
            assertEquals("HANDLE", c.call("hash_update", handle, message));
            assertEquals("HANDLE", c.call("hash_finish", handle, digest));
            assertEquals("HANDLE", c.call("hash_close", handle));
        }
        assertEquals("OK", c.call("evm_reset", memory), "the true ones go on");
        assertEquals("OK", c.call("hash_update", hash, message));
        assertEquals("LENGTH", c.call("hash_finish", hash, digest.asSlice(0, 31)));
        assertEquals("POINTER", c.call("hash_update", hash, 0L, 1L));
        assertEquals("OK", c.call("hash_finish", hash, digest));
        MemorySegment expected = c.bytes(32);
        c.call("hash", SHA, message, expected);
        assertEquals(Native.hex(expected), Native.hex(digest), "refusals changed nothing");
    }

    @Test
    void nothingIsWrittenOverTheTableOrTheLockedMemory() {
        long table = CTable.address();
        assertEquals("OVERLAP", c.call("hash", SHA, message.address(), 50, table + 8, 32));
        assertEquals("OVERLAP", c.call("evm_create", table));
        assertEquals("OVERLAP", c.call("wipe", table, 8));
        assertEquals("OVERLAP", c.call("keygen", KEM, 0L, 0L, table - 799, 800, dk.address(), 1632, 0L, 0L));
        long locked = CTable.held().hashStates.address();
        assertEquals("OVERLAP", c.call("wipe", locked, 8));
        assertEquals("OVERLAP", c.call("hash", SHA, message.address(), 50, locked, 32));
        assertEquals("OVERLAP", c.call("encapsulate", KEM, ek.address(), 800, ciphertext.address(), 768, shared.address(), 32, locked - 8, 1 << 20));
        long work = CTable.held().workspace(0).address();
        assertEquals("OVERLAP", c.call("wipe", work + CTableConfig.WORKSPACE_BYTES, 8));
        assertEquals("OVERLAP", c.call("evm_create", work));
        assertEquals(CTable.VERSION, c.table.get(JAVA_LONG, 8));
    }

    @Test
    void aClosedTableAnswersThatItIsClosed() {
        MemorySegment number = c.number();
        c.call("evm_create", number);
        long memory = Native.value(number);
        assertEquals("OK", c.call("close"));
        assertEquals("OK", c.call("close"), "twice is harmless");
        for (Call call : calls()) {
            assertEquals("CLOSED", run(call, -1), call.name());
        }
        assertEquals("CLOSED", c.call("describe", SHA, number));
        assertEquals("CLOSED", c.call("evm_create", number));
        assertEquals("CLOSED", c.call("evm_destroy", memory));
        assertEquals("CLOSED", c.call("hash_open", SHA, number));
        assertEquals("CLOSED", c.call("hash_close", memory));
        assertEquals("OK", c.call("wipe", dk));
        assertEquals("00".repeat(1632), Native.hex(dk));
        long before = c.table.address();
        assertEquals(before, CTable.open(CTableConfig.defaults()).address(), "another life of the same table");
        assertThrows(IllegalStateException.class, () -> CTable.open(CTableConfig.defaults()));
        assertEquals("HANDLE", c.call("evm_reset", memory));
        assertEquals("OK", run(calls().getFirst(), -1));
    }

    @Test
    void whenAllPlacesAreTakenOneMoreIsRefusedAndOneGivenBackServes() {
        MemorySegment number = c.number();
        List<Long> held = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            assertEquals("OK", c.call("hash_open", SHA, number));
            held.add(Native.value(number));
        }
        assertEquals(16, new HashSet<>(held).size());
        number.set(JAVA_LONG, 0, 77);
        assertEquals("FULL", c.call("hash_open", SHA, number));
        assertEquals(77, Native.value(number));
        assertEquals("OK", c.call("hash_close", held.get(7)));
        assertEquals("OK", c.call("hash_open", SHA, number));
        CMemory memory = CTable.held();
        for (int i = 0; i < 4; i++) {
            assertTrue(memory.workspaces.claim() >= 0);
        }
        for (Call call : calls()) {
            assertEquals("FULL", run(call, -1), call.name());
        }
        memory.workspaces.end(2, true);
        for (Call call : calls()) {
            assertEquals("OK", run(call, -1), call.name());
        }
        for (int i = 0; i < 4; i++) {
            if (i != 2) {
                memory.workspaces.end(i, true);
            }
        }
    }

    @Test
    void anEmptyBufferMayPointAnywhere() {
        MemorySegment number = c.number();
        MemorySegment expected = c.bytes(32);
        MemorySegment empty = c.bytes(2420);
        assertEquals("OK", c.call("hash", SHA, none(), expected));
        assertEquals("OK", c.call("sign", DSA, 1, secretKey, none(), none(), empty, none()));
        for (long at : new long[] {1, -1, Long.MIN_VALUE, Long.MAX_VALUE, Foreign.END, message.address()}) {
            assertEquals("OK", c.call("hash", SHA, at, 0L, digest.address(), 32L));
            assertEquals(Native.hex(expected), Native.hex(digest));
            assertEquals("OK", c.call("hash_open", SHA, number));
            assertEquals("OK", c.call("hash_update", Native.value(number), at, 0L));
            assertEquals("OK", c.call("hash_finish", Native.value(number), digest));
            assertEquals(Native.hex(expected), Native.hex(digest));
            assertEquals("OK", c.call("sign", DSA, 1, secretKey, at, 0L, at, 0L, signature, none()));
            assertEquals(Native.hex(empty), Native.hex(signature));
            assertEquals("OK", c.call("verify", DSA, publicKey, at, 0L, at, 0L, signature, none()));
            assertEquals("OK", c.call("wipe", at, 0L));
        }
    }

    @Test
    void noHandleIsGivenOutTwice() {
        MemorySegment number = c.number();
        Set<Long> seen = new HashSet<>();
        for (int i = 0; i < 2000; i++) {
            assertEquals("OK", c.call("hash_open", SHA, number));
            assertTrue(seen.add(Native.value(number)) && Native.value(number) > 0);
            assertEquals("OK", c.call("hash_close", Native.value(number)));
            assertEquals("OK", c.call("evm_create", number));
            assertTrue(seen.add(Native.value(number)) && Native.value(number) > 0);
            assertEquals("OK", c.call("evm_destroy", Native.value(number)));
        }
    }

    /// Whatever bytes come in, of the right lengths: an answer, never a fault of ours, and no half of an output.
    @Test
    void bytesThatAreNothingAreDoneOrInvalidAndLeaveNoHalfOutput() {
        SplittableRandom random = new SplittableRandom(4);
        int invalid = 0;
        for (int n : IntStream.concat(KeyCallsTest.kems(), KeyCallsTest.quick()).toArray()) {
            MemorySegment sizes = c.arena.allocate(8L * KeyCalls.SIZES, 8);
            assertEquals("OK", c.call("describe", n, sizes));
            long[] size = sizes.toArray(JAVA_LONG);
            for (int round = 0; round < 20; round++) {
                int fill = random.nextInt(4);  // random, zeros, ones, or random with a header that may be right
                MemorySegment publicKey = junk(size[1], fill, random);
                MemorySegment privateKey = junk(size[2], fill, random);
                List<MemorySegment> outputs = new ArrayList<>();
                List<String> answers = new ArrayList<>();
                if (size[3] != 0) {
                    outputs.add(filled(size[4]));
                    answers.add(c.call("decapsulate", n, privateKey, junk(size[3], fill, random), outputs.getLast(), none()));
                    outputs.add(filled(size[3]));
                    answers.add(c.call("encapsulate", n, publicKey, outputs.getLast(), filled(size[4]), none()));
                } else {
                    answers.add(c.call("verify", n, publicKey, message, none(), junk(size[5], fill, random), none()));
                    outputs.add(filled(0));
                    if (Algorithms.signature(n).name().startsWith("SLH") && round > 0) {
                        continue;  // any bytes are a key of it, and signing takes long
                    }
                    outputs.add(filled(size[5]));
                    answers.add(c.call("sign", n, 0, privateKey, message, none(), outputs.getLast(), none()));
                }
                for (int i = 0; i < answers.size(); i++) {
                    String output = Native.hex(outputs.get(i));
                    assertTrue(Set.of("OK", "INVALID").contains(answers.get(i)), n + " was answered " + answers.get(i));
                    if (answers.get(i).equals("INVALID")) {
                        invalid++;
                        assertTrue(output.matches("(77)*|(00)*"), n + " wrote half an output");
                    }
                }
            }
        }
        assertTrue(invalid > 200, "invalid: " + invalid);
    }

    private MemorySegment junk(long bytes, int fill, SplittableRandom random) {
        MemorySegment made = fill % 3 == 0 ? c.random(bytes, random.nextLong()) : c.bytes(bytes);
        if (fill == 2) {
            made.fill((byte) -1);
        } else if (fill == 3) {
            made.set(JAVA_BYTE, 0, (byte) (random.nextBoolean() ? 4 : 0x50 + random.nextInt(16)));
        }
        return made;
    }

    private MemorySegment filled(long bytes) {
        MemorySegment made = c.bytes(bytes);
        made.fill((byte) 0x77);
        return made;
    }
}
