package dev.coffer.crypto.vector;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.coffer.crypto.Aead;
import dev.coffer.crypto.AeadKey;
import dev.coffer.testkit.HeapBytes;
import dev.coffer.testkit.RawMemory;
import dev.coffer.testkit.SeededEntropy;
import dev.coffer.testkit.Vectors;
import java.io.IOException;
import java.io.Reader;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;
import java.util.stream.IntStream;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The AEADs of the fast profile, on vectors where the self-test chose them: the same bytes as the strict form, the JDK and
/// Wycheproof at every length around a step of the lanes, nothing left in the workspace, nothing on the heap.
class FastAeadTest {
    private static final int GUARD = 5;

    private static Aead strict(boolean extended) {
        return extended ? Aead.XCHACHA20_POLY1305 : Aead.CHACHA20_POLY1305;
    }

    @Test
    void onlyChaCha20HasAFormOnVectors() {
        assertSame(Aead.AES_128_GCM, Aead.AES_128_GCM.fast());
        assertSame(Aead.AES_256_GCM, Aead.AES_256_GCM.fast());
        assertSame(Aead.CHACHA20_POLY1305.fast(), Aead.CHACHA20_POLY1305.fast(), "chosen once");
        boolean vectors = Aead.CHACHA20_POLY1305.fast() != Aead.CHACHA20_POLY1305;
        assertEquals(vectors, Aead.XCHACHA20_POLY1305.fast() != Aead.XCHACHA20_POLY1305, "one choice for both");
        System.out.println("the fast profile of ChaCha20 runs on " + (vectors ? "vectors" : "scalar code, as its self-test chose"));
    }

    /// Steps are 256, 512 or 1,024 bytes, as wide as the machine's vectors are.
    private static IntStream lengths() {
        return IntStream.concat(IntStream.of(0, 1, 15, 16, 17, 63, 64, 65), IntStream.of(256, 512, 1024, 1536, 2048, 4096)
                .flatMap(n -> IntStream.of(n - 64, n - 1, n, n + 1, n + 63, n + 64, n + 65)));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void sealsAndOpensAsTheStrictForm(boolean extended) throws Exception {
        Aead fast = strict(extended).fast();
        SeededEntropy entropy = new SeededEntropy(3);
        for (int length : lengths().toArray()) {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment key = arena.allocate(fast.keyBytes());
                MemorySegment nonce = arena.allocate(fast.nonceBytes());
                MemorySegment aad = arena.allocate(13);
                MemorySegment framed = arena.allocate(GUARD + length + Aead.TAG_BYTES + GUARD);
                for (MemorySegment filled : new MemorySegment[] {key, nonce, aad, framed}) {
                    entropy.fill(filled, 0, filled.byteSize());
                }
                byte[] before = framed.toArray(ValueLayout.JAVA_BYTE);
                MemorySegment expected = arena.allocate(length + Aead.TAG_BYTES);
                seal(strict(extended), key, nonce, aad, framed, GUARD, length, expected, 0);
                if (!extended) {
                    byte[] text = java.util.Arrays.copyOfRange(before, GUARD, GUARD + length);
                    assertArrayEquals(jdk(key, nonce, aad, text), expected.toArray(ValueLayout.JAVA_BYTE));
                }
                seal(fast, key, nonce, aad, framed, GUARD, length, framed, GUARD);
                assertEquals(-1, framed.asSlice(GUARD, length + Aead.TAG_BYTES).mismatch(expected), "sealed in place, " + length);
                assertTrue(open(fast, key, nonce, aad, framed, GUARD, expected.byteSize(), framed, GUARD), "opened, " + length);
                framed.asSlice(GUARD + length, Aead.TAG_BYTES).copyFrom(MemorySegment.ofArray(before).asSlice(GUARD + length,
                        Aead.TAG_BYTES));
                assertArrayEquals(before, framed.toArray(ValueLayout.JAVA_BYTE), "written outside its range, " + length);
                expected.set(ValueLayout.JAVA_BYTE, length, (byte) (expected.get(ValueLayout.JAVA_BYTE, length) ^ 1));
                assertFalse(open(fast, key, nonce, aad, expected, 0, expected.byteSize(), framed, GUARD), "forged, " + length);
                assertArrayEquals(before, framed.toArray(ValueLayout.JAVA_BYTE), "a forged text is shown");
            }
        }
    }

    @Test
    void wycheproofsCases() throws IOException {
        for (boolean extended : new boolean[] {false, true}) {
            String file = "wycheproof/" + (extended ? "x" : "") + "chacha20_poly1305_test.json.gz";
            assumeTrue(Vectors.present(file), Vectors.absence(file));
            Aead fast = strict(extended).fast();
            int cases = 0;
            JsonObject root;
            try (Reader reader = Vectors.reader(file)) {
                root = JsonParser.parseReader(reader).getAsJsonObject();
            }
            for (JsonElement group : root.getAsJsonArray("testGroups")) {
                for (JsonElement test : group.getAsJsonObject().getAsJsonArray("tests")) {
                    try (Arena arena = Arena.ofConfined()) {
                        wycheproof(fast, test.getAsJsonObject(), arena);
                        cases++;
                    }
                }
            }
            assertEquals(root.get("numberOfTests").getAsInt(), cases, file);
        }
    }

    private static void wycheproof(Aead fast, JsonObject test, Arena arena) {
        MemorySegment key = bytes(test, "key", arena);
        MemorySegment nonce = bytes(test, "iv", arena);
        MemorySegment aad = bytes(test, "aad", arena);
        MemorySegment text = bytes(test, "msg", arena);
        MemorySegment ct = bytes(test, "ct", arena);
        MemorySegment sealed = arena.allocate(ct.byteSize() + Aead.TAG_BYTES);
        sealed.copyFrom(ct);
        sealed.asSlice(ct.byteSize()).copyFrom(bytes(test, "tag", arena));
        MemorySegment out = arena.allocate(sealed.byteSize());
        String id = "tcId " + test.get("tcId");
        if (nonce.byteSize() != fast.nonceBytes()) {
            AeadKey loaded = AeadKey.in(fast, arena.allocate(AeadKey.plan("key", fast).totalBytes()));
            loaded.load(key, 0);
            assertThrows(IllegalArgumentException.class, () -> loaded.open(nonce, aad, sealed, out), id);
            return;
        }
        boolean valid = test.get("result").getAsString().equals("valid");
        assertEquals(valid, open(fast, key, nonce, aad, sealed, 0, sealed.byteSize(), out, 0), id);
        assertEquals(-1, out.asSlice(0, ct.byteSize()).mismatch(valid ? text : arena.allocate(ct.byteSize())), id);
        if (valid) {
            seal(fast, key, nonce, aad, text, 0, text.byteSize(), out, 0);
            assertEquals(-1, out.mismatch(sealed), id);
        }
    }

    private static MemorySegment bytes(JsonObject test, String field, Arena arena) {
        byte[] bytes = HexFormat.of().parseHex(test.get(field).getAsString());
        return arena.allocate(bytes.length).copyFrom(MemorySegment.ofArray(bytes));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void takesNoHeapBytesOnceItWasChosen(boolean extended) {
        Aead fast = strict(extended).fast();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(3000);
            MemorySegment schedule = arena.allocate(fast.scheduleBytes());
            MemorySegment work = arena.allocate(fast.workspaceBytes());
            AeadKey key = new AeadKey(fast, work, 0).at(schedule, 0);
            key.load(memory, 0);
            assertEquals(0, HeapBytes.least(20, 8, () -> {
                for (int i = 0; i < 500; i++) {
                    key.seal(memory, 2900, memory, 2990, 10, memory, 0, 4 * i, memory, 0);
                    if (!key.open(memory, 2900, memory, 2990, 10, memory, 0,
                            4 * i + Aead.TAG_BYTES, memory, 0)) {
                        throw new AssertionError(i);
                    }
                }
            }));
        }
    }

    /// Both with a key schedule and a workspace of their own, which must be zero afterwards.
    private static void seal(Aead aead, MemorySegment key, MemorySegment nonce, MemorySegment aad, MemorySegment text, long at,
            long length, MemorySegment out, long to) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment schedule = arena.allocate(aead.scheduleBytes());
            MemorySegment work = arena.allocate(aead.workspaceBytes());
            AeadKey loaded = new AeadKey(aead, work, 0).at(schedule, 0);
            loaded.load(key, 0);
            loaded.seal(nonce, 0, aad, 0, aad.byteSize(), text, at, length, out, to);
            assertEquals(0, RawMemory.nonZero(work), "workspace not wiped");
        }
    }

    private static boolean open(Aead aead, MemorySegment key, MemorySegment nonce, MemorySegment aad, MemorySegment sealed,
            long at, long length, MemorySegment out, long to) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment schedule = arena.allocate(aead.scheduleBytes());
            MemorySegment work = arena.allocate(aead.workspaceBytes());
            AeadKey loaded = new AeadKey(aead, work, 0).at(schedule, 0);
            loaded.load(key, 0);
            boolean opened = loaded.open(nonce, 0, aad, 0, aad.byteSize(), sealed, at, length, out, to);
            assertEquals(0, RawMemory.nonZero(work), "workspace not wiped");
            return opened;
        }
    }

    private static byte[] jdk(MemorySegment key, MemorySegment nonce, MemorySegment aad, byte[] text) throws Exception {
        Cipher cipher = Cipher.getInstance("ChaCha20-Poly1305");
        cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key.toArray(ValueLayout.JAVA_BYTE), "ChaCha20"),
                new IvParameterSpec(nonce.toArray(ValueLayout.JAVA_BYTE)));
        cipher.updateAAD(aad.toArray(ValueLayout.JAVA_BYTE));
        return cipher.doFinal(text);
    }
}
