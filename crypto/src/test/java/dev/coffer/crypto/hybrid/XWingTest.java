package dev.coffer.crypto.hybrid;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.Memory;
import dev.coffer.memory.Entropy;
import dev.coffer.testkit.RawMemory;
import dev.coffer.testkit.SeededEntropy;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.Map;
import org.bouncycastle.crypto.AsymmetricCipherKeyPair;
import org.bouncycastle.crypto.SecretWithEncapsulation;
import org.bouncycastle.crypto.hpke.HPKE;
import org.bouncycastle.pqc.crypto.xwing.XWingKEMExtractor;
import org.bouncycastle.pqc.crypto.xwing.XWingKEMGenerator;
import org.bouncycastle.pqc.crypto.xwing.XWingPrivateKeyParameters;
import org.junit.jupiter.api.Test;

/// X-Wing beside its draft's vectors and Bouncy Castle, and what it does with keys and ciphertexts that are none.
class XWingTest {
    private static final XWing KEM = XWing.KEM;
    private final MemorySegment w = Memory.zeros(XWing.WORKSPACE_BYTES);
    private final MemorySegment ek = Memory.zeros(XWing.ENCAPSULATION_KEY_BYTES);
    private final MemorySegment dk = Memory.zeros(XWing.SEED_BYTES);
    private final MemorySegment ciphertext = Memory.zeros(XWing.CIPHERTEXT_BYTES);
    private final MemorySegment shared = Memory.zeros(XWing.SHARED_BYTES);
    private final MemorySegment opened = Memory.zeros(XWing.SHARED_BYTES);

    private void assertWiped() {
        assertEquals(0, RawMemory.nonZero(w), "workspace");
    }

    /// Gives a string away, piece by piece.
    private static final class Given implements Entropy {
        private final MemorySegment bytes;
        private long at;

        Given(String hex) {
            this.bytes = Memory.hex(hex);
        }

        @Override
        public void fill(MemorySegment target, long targetAt, long length) {
            MemorySegment.copy(bytes, at, target, targetAt, length);
            at += length;
        }
    }

    private static void assertEnds(String ends, MemorySegment whole) {
        String[] parts = ends.split(" ");
        String hex = Memory.hex(whole);
        assertEquals(ends, hex.substring(0, parts[0].length()) + " " + hex.substring(hex.length() - parts[1].length()));
    }

    @Test
    void agreesWithTheDraft() throws IOException {
        int cases = 0;
        try (InputStream in = XWingTest.class.getResourceAsStream("/vectors/hpke/x-wing.txt")) {
            for (String block : new String(in.readAllBytes(), StandardCharsets.US_ASCII).split("\n\n")) {
                Map<String, String> c = new HashMap<>();
                for (String line : block.strip().split("\n")) {
                    c.put(line.substring(0, line.indexOf(' ')), line.substring(line.indexOf(' ') + 1));
                }
                assertTrue(KEM.keyPair(Memory.hex(c.get("seed")), 0, ek, 0, dk, 0, w, 0));
                assertEnds(c.get("pk"), ek);
                assertEquals(c.get("seed"), Memory.hex(dk));
                assertTrue(KEM.encapsulate(new Given(c.get("eseed")), ek, 0, ciphertext, 0, shared, 0, w, 0));
                assertEnds(c.get("ct"), ciphertext);
                assertEquals(c.get("ss"), Memory.hex(shared));
                assertTrue(KEM.decapsulate(dk, 0, ciphertext, 0, opened, 0, w, 0));
                assertEquals(c.get("ss"), Memory.hex(opened));
                assertWiped();
                cases++;
            }
        }
        assertEquals(3, cases);
    }

    private void pair(long seed) {
        MemorySegment drawn = Memory.zeros(XWing.SEED_BYTES);
        new SeededEntropy(seed).fill(drawn, 0, XWing.SEED_BYTES);
        assertTrue(KEM.keyPair(drawn, 0, ek, 0, dk, 0, w, 0));
    }

    @Test
    void bouncyCastleOpensWhatWeCloseAndTheOtherWayRound() {
        HPKE peer = new HPKE(HPKE.mode_base, HPKE.kem_X_WING, HPKE.kdf_HKDF_SHA256, HPKE.aead_CHACHA20_POLY1305);
        for (int seed = 0; seed < 20; seed++) {
            pair(seed);
            AsymmetricCipherKeyPair theirs = peer.deserializePrivateKey(Memory.bytes(dk), Memory.bytes(ek));
            SecretWithEncapsulation secret = new XWingKEMGenerator(new SecureRandom()).generateEncapsulated(theirs.getPublic());
            assertTrue(KEM.decapsulate(dk, 0, Memory.of(secret.getEncapsulation()), 0, opened, 0, w, 0));
            assertArrayEquals(secret.getSecret(), Memory.bytes(opened));
            assertTrue(KEM.encapsulate(new SeededEntropy(seed), ek, 0, ciphertext, 0, shared, 0, w, 0));
            assertArrayEquals(Memory.bytes(shared),
                    new XWingKEMExtractor((XWingPrivateKeyParameters) theirs.getPrivate()).extractSecret(Memory.bytes(ciphertext)));
        }
    }

    @Test
    void aChangedBitAnywhereGivesAnotherSecret() {
        pair(1);
        assertTrue(KEM.encapsulate(new SeededEntropy(2), ek, 0, ciphertext, 0, shared, 0, w, 0));
        for (int at = 0; at < XWing.CIPHERTEXT_BYTES; at += 37) {
            byte kept = ciphertext.get(ValueLayout.JAVA_BYTE, at);
            ciphertext.set(ValueLayout.JAVA_BYTE, at, (byte) (kept ^ 1));
            assertTrue(KEM.decapsulate(dk, 0, ciphertext, 0, opened, 0, w, 0));
            assertNotEquals(Memory.hex(shared), Memory.hex(opened), "byte " + at);
            ciphertext.set(ValueLayout.JAVA_BYTE, at, kept);
        }
        // The highest bit of u is ignored by X25519, but not by the combiner.
        ciphertext.set(ValueLayout.JAVA_BYTE, XWing.CIPHERTEXT_BYTES - 1L,
                (byte) (ciphertext.get(ValueLayout.JAVA_BYTE, XWing.CIPHERTEXT_BYTES - 1L) ^ 0x80));
        assertTrue(KEM.decapsulate(dk, 0, ciphertext, 0, opened, 0, w, 0));
        assertNotEquals(Memory.hex(shared), Memory.hex(opened));
    }

    @Test
    void keysAndCiphertextsThatAreNoneAreRefusedAndNothingIsWritten() {
        pair(3);
        assertTrue(KEM.encapsulate(new SeededEntropy(2), ek, 0, ciphertext, 0, shared, 0, w, 0));
        MemorySegment lowOrder = Memory.of(Memory.bytes(ciphertext));
        lowOrder.asSlice(1088).fill((byte) 0);
        opened.fill((byte) 9);
        assertFalse(KEM.decapsulate(dk, 0, lowOrder, 0, opened, 0, w, 0));
        assertEquals("09".repeat(32), Memory.hex(opened));
        assertWiped();
        MemorySegment lowKey = Memory.of(Memory.bytes(ek));
        lowKey.asSlice(1184).fill((byte) 0);
        MemorySegment aboveQ = Memory.of(Memory.bytes(ek));
        aboveQ.set(ValueLayout.JAVA_BYTE, 0, (byte) 0xff);
        aboveQ.set(ValueLayout.JAVA_BYTE, 1, (byte) 0xff);
        for (MemorySegment none : new MemorySegment[] {lowKey, aboveQ}) {
            ciphertext.fill((byte) 9);
            opened.fill((byte) 9);
            assertFalse(KEM.encapsulate(new SeededEntropy(2), none, 0, ciphertext, 0, opened, 0, w, 0));
            assertEquals("09".repeat(1120), Memory.hex(ciphertext));
            assertEquals("09".repeat(32), Memory.hex(opened));
            assertWiped();
        }
    }

    @Test
    void rangesThatOverlapAreRefused() {
        pair(4);
        MemorySegment all = Memory.zeros(2 * XWing.WORKSPACE_BYTES);
        long work = XWing.WORKSPACE_BYTES;
        assertThrows(IllegalArgumentException.class,
                () -> KEM.encapsulate(new SeededEntropy(1), ek, 0, all, work - 1119, opened, 0, all, work));
        assertTrue(KEM.encapsulate(new SeededEntropy(1), ek, 0, all, work - 1120, opened, 0, all, work));
        assertThrows(IllegalArgumentException.class,
                () -> KEM.encapsulate(new SeededEntropy(1), ek, 0, ciphertext, 0, all, work - 31, all, work));
        assertThrows(IllegalArgumentException.class, () -> KEM.decapsulate(dk, 0, ciphertext, 0, all, work - 31, all, work));
        assertThrows(IllegalArgumentException.class, () -> KEM.keyPair(dk, 0, ek, 0, ek, 1184, w, 0));
        assertThrows(IllegalArgumentException.class,
                () -> KEM.decapsulate(MemorySegment.ofArray(new byte[32]), 0, ciphertext, 0, opened, 0, w, 0));
        assertThrows(IndexOutOfBoundsException.class, () -> KEM.decapsulate(dk, 0, ciphertext, 1, opened, 0, w, 0));
    }

    @Test
    void aSourceThatFailsLeavesNothing() {
        pair(5);
        for (int failing = 0; failing < 2; failing++) {
            int[] draws = {failing};
            Entropy entropy = (target, at, length) -> {
                if (draws[0]-- == 0) {
                    throw new IllegalStateException("no bytes");
                }
                new SeededEntropy(1).fill(target, at, length);
            };
            assertThrows(IllegalStateException.class, () -> KEM.encapsulate(entropy, ek, 0, ciphertext, 0, shared, 0, w, 0));
            assertEquals("00".repeat(1120), Memory.hex(ciphertext));
            assertEquals("00".repeat(32), Memory.hex(shared));
            assertWiped();
        }
    }

    @Test
    void thePlanIsTheWorkspace() {
        assertEquals(XWing.WORKSPACE_BYTES, XWing.plan().totalBytes());
        assertEquals(8_838, XWing.WORKSPACE_BYTES);
    }
}
