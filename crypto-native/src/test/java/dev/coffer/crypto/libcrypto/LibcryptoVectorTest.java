package dev.coffer.crypto.libcrypto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.coffer.crypto.Aead;
import dev.coffer.crypto.AeadKey;
import dev.coffer.testkit.Vectors;
import java.io.IOException;
import java.io.Reader;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Wycheproof's cases over libcrypto, as `AeadVectorTest` of crypto has them over the pure form: apart, in place, on and off the heap.
class LibcryptoVectorTest {
    private static final List<Aead> PURE = List.of(Aead.AES_128_GCM, Aead.AES_256_GCM, Aead.CHACHA20_POLY1305);
    private static Libcrypto libcrypto;

    @BeforeAll
    static void open() {
        libcrypto = Presence.open(LibcryptoConfig.defaults());
    }

    @AfterAll
    static void close() {
        if (libcrypto != null) {
            libcrypto.close();
        }
    }

    /// Counted are the cases of a form that is here; the others have another size of key or tag.
    @ParameterizedTest
    @CsvSource({"aes_gcm, AES, 104, 62", "chacha20_poly1305, ChaCha, 227, 9"})
    void wycheproof(String name, String algorithm, int run, int ofOtherNonces) throws IOException {
        String file = "wycheproof/" + name + "_test.json.gz";
        assumeTrue(Vectors.present(file), Vectors.absence(file));
        JsonObject root;
        try (Reader reader = Vectors.reader(file)) {
            root = JsonParser.parseReader(reader).getAsJsonObject();
        }
        int ran = 0;
        int refused = 0;
        for (JsonElement group : root.getAsJsonArray("testGroups")) {
            int keyBytes = group.getAsJsonObject().get("keySize").getAsInt() / Byte.SIZE;
            Aead pure = PURE.stream().filter(a -> a.name().startsWith(algorithm) && a.keyBytes() == keyBytes).findFirst().orElse(null);
            if (pure == null || group.getAsJsonObject().get("tagSize").getAsInt() != Byte.SIZE * Aead.TAG_BYTES) {
                continue;
            }
            assertNotSame(pure, libcrypto.aead(pure));
            for (JsonElement test : group.getAsJsonObject().getAsJsonArray("tests")) {
                try (Arena arena = Arena.ofConfined()) {
                    if (passes(libcrypto.aead(pure), test.getAsJsonObject(), arena)) {
                        ran++;
                    } else {
                        refused++;
                    }
                }
            }
        }
        assertEquals(run, ran, file);
        assertEquals(ofOtherNonces, refused, file);
    }

    /// {@return whether its nonce has our length; else it was seen to be refused}
    private static boolean passes(Aead aead, JsonObject test, Arena arena) {
        String id = aead + " tcId " + test.get("tcId");
        AeadKey key = AeadKey.in(aead, arena.allocate(AeadKey.plan("key", aead).totalBytes()));
        key.load(bytes(test, "key", arena), 0);
        MemorySegment nonce = bytes(test, "iv", arena);
        MemorySegment aad = bytes(test, "aad", arena);
        MemorySegment text = bytes(test, "msg", arena);
        MemorySegment ct = bytes(test, "ct", arena);
        MemorySegment sealed = arena.allocate(ct.byteSize() + Aead.TAG_BYTES);
        sealed.copyFrom(ct);
        sealed.asSlice(ct.byteSize()).copyFrom(bytes(test, "tag", arena));
        if (nonce.byteSize() != aead.nonceBytes()) {
            assertThrows(IllegalArgumentException.class, () -> key.open(nonce, aad, sealed, sealed), id);
            return false;
        }
        boolean valid = test.get("result").getAsString().equals("valid");
        MemorySegment expected = arena.allocate(sealed.byteSize());
        expected.copyFrom(valid ? text : sealed);
        MemorySegment untouched = arena.allocate(sealed.byteSize()).fill((byte) 0x5a);
        for (MemorySegment out : new MemorySegment[] {arena.allocate(sealed.byteSize()), MemorySegment.ofArray(new byte[(int) sealed.byteSize()])}) {
            out.fill((byte) 0x5a);
            assertEquals(valid, key.open(nonce, aad, sealed, out), id);
            assertEquals(-1, out.asSlice(0, ct.byteSize()).mismatch((valid ? text : untouched).asSlice(0, ct.byteSize())), id);
            out.copyFrom(sealed);
            assertEquals(valid, key.open(nonce, aad, out, out), id);
            assertEquals(-1, out.asSlice(0, ct.byteSize()).mismatch((valid ? text : sealed).asSlice(0, ct.byteSize())), id + " in place");
            if (valid) {
                key.seal(nonce, aad, text, out);
                assertEquals(-1, out.mismatch(sealed), id);
                out.copyFrom(text);
                key.seal(nonce, aad, out.asSlice(0, text.byteSize()), out);
                assertEquals(-1, out.mismatch(sealed), id + " in place");
            }
        }
        key.wipe();
        assertFalse(key.isLoaded());
        return true;
    }

    private static MemorySegment bytes(JsonObject test, String field, Arena arena) {
        byte[] bytes = HexFormat.of().parseHex(test.get(field).getAsString());
        return arena.allocate(bytes.length).copyFrom(MemorySegment.ofArray(bytes));
    }

    @Test
    void whatLibcryptoDoesNotHaveIsThePureForm() {
        assertTrue(libcrypto.aead(Aead.XCHACHA20_POLY1305) == Aead.XCHACHA20_POLY1305);
    }
}
