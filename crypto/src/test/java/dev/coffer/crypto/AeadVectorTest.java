package dev.coffer.crypto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Wycheproof's cases for the AEADs, in every form that we have of each; for those on vectors see the module crypto-vector.
class AeadVectorTest {
    @Test
    void chaCha20Poly1305() {
        VectorCases.run("wycheproof/chacha20_poly1305_test.json.gz",
                (group, test, arena) -> run(List.of(Aead.CHACHA20_POLY1305), group, test, arena));
    }

    @Test
    void xChaCha20Poly1305() {
        VectorCases.run("wycheproof/xchacha20_poly1305_test.json.gz",
                (group, test, arena) -> run(List.of(Aead.XCHACHA20_POLY1305), group, test, arena));
    }

    @Test
    void aesGcm() {
        VectorCases.run("wycheproof/aes_gcm_test.json.gz",
                (group, test, arena) -> run(List.of(Aead.AES_128_GCM, Aead.AES_256_GCM), group, test, arena));
    }

    private static VectorCases.Ran run(List<Aead> aeads, JsonObject group, JsonObject test, Arena arena) {
        Aead found = aeads.stream().filter(a -> a.keyBytes() == group.get("keySize").getAsInt() / 8).findFirst()
                .orElse(null);
        if (found == null || group.get("tagSize").getAsInt() != 8 * Aead.TAG_BYTES) {
            return VectorCases.Ran.UNSUPPORTED;
        }
        run(found, test, arena);
        if (found.name().startsWith("AES")) {
            run(Aead.accelerated(found.keyBytes()), test, arena);
        }
        boolean supported = group.get("ivSize").getAsInt() == 8 * found.nonceBytes();
        return supported ? VectorCases.Ran.PASSED : VectorCases.Ran.UNSUPPORTED;  // seen to be refused
    }

    /// Apart and in place. A nonce of another size must be refused, whatever the case says of it.
    private static void run(Aead aead, JsonObject test, Arena arena) {
        MemorySegment schedule = arena.allocate(aead.scheduleBytes());
        MemorySegment work = arena.allocate(aead.workspaceBytes());
        AeadKey key = new AeadKey(aead, work, 0).at(schedule, 0);
        key.load(VectorCases.bytes(test, "key", arena), 0);
        MemorySegment nonce = VectorCases.bytes(test, "iv", arena);
        MemorySegment aad = VectorCases.bytes(test, "aad", arena);
        MemorySegment text = VectorCases.bytes(test, "msg", arena);
        MemorySegment ct = VectorCases.bytes(test, "ct", arena);
        MemorySegment tag = VectorCases.bytes(test, "tag", arena);
        MemorySegment sealed = arena.allocate(ct.byteSize() + tag.byteSize());
        MemorySegment.copy(ct, 0, sealed, 0, ct.byteSize());
        MemorySegment.copy(tag, 0, sealed, ct.byteSize(), tag.byteSize());

        MemorySegment out = arena.allocate(text.byteSize() + Aead.TAG_BYTES).fill((byte) 0x5a);
        String untouched = VectorCases.hex(out);
        if (nonce.byteSize() != aead.nonceBytes()) {
            assertThrows(IllegalArgumentException.class, () -> key.seal(nonce, aad, text, out));
            assertThrows(IllegalArgumentException.class, () -> key.open(nonce, aad, sealed, out));
            assertEquals(untouched, VectorCases.hex(out));
            return;
        }
        boolean valid = test.get("result").getAsString().equals("valid");
        boolean opened = key.open(nonce, aad, sealed, out);
        assertEquals(valid, opened);
        if (!valid) {
            assertEquals(untouched, VectorCases.hex(out), "plaintext shown");
            String before = VectorCases.hex(sealed);
            assertFalse(key.open(nonce, aad, sealed, sealed));
            assertEquals(before, VectorCases.hex(sealed), "plaintext shown in place");
            return;
        }
        assertEquals(VectorCases.hex(text), VectorCases.hex(out.asSlice(0, text.byteSize())));
        key.seal(nonce, aad, text, out);
        assertEquals(VectorCases.hex(sealed), VectorCases.hex(out));
        assertTrue(key.open(nonce, aad, out, out), "in place");
        assertEquals(VectorCases.hex(text), VectorCases.hex(out.asSlice(0, text.byteSize())));
        key.seal(nonce, aad, out.asSlice(0, text.byteSize()), out);
        assertEquals(VectorCases.hex(sealed), VectorCases.hex(out), "in place");
    }
}
