package dev.coffer.crypto.x25519;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.coffer.crypto.Agreement;
import dev.coffer.crypto.Memory;
import dev.coffer.crypto.WycheproofCases;
import dev.coffer.memory.ConstantTime;
import dev.coffer.testkit.HeapBytes;
import dev.coffer.testkit.RawMemory;
import dev.coffer.testkit.Seeds;
import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.interfaces.XECPublicKey;
import java.security.spec.NamedParameterSpec;
import java.security.spec.XECPrivateKeySpec;
import java.security.spec.XECPublicKeySpec;
import java.util.SplittableRandom;
import javax.crypto.KeyAgreement;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class X25519Test {
    private final MemorySegment workspace = Memory.zeros(X25519.WORKSPACE_BYTES);

    private MemorySegment publicKey(MemorySegment privateKey) {
        MemorySegment out = Memory.zeros(X25519.PUBLIC_KEY_BYTES);
        X25519.publicKey(privateKey, 0, out, 0, workspace, 0);
        return out;
    }

    private MemorySegment agree(MemorySegment privateKey, MemorySegment peer) {
        MemorySegment out = Memory.zeros(X25519.SHARED_BYTES);
        assertEquals(Agreement.AGREED, X25519.agree(privateKey, 0, peer, 0, out, 0, workspace, 0));
        return out;
    }

    @Test
    void rfc7748Section52Vectors() {
        assertEquals("c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552", Memory.hex(agree(
                Memory.hex("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4"),
                Memory.hex("e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c"))));
        assertEquals("95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957", Memory.hex(agree(
                Memory.hex("4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d"),
                Memory.hex("e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493"))));
    }

    @Test
    void rfc7748Section61Vectors() {
        MemorySegment alice = Memory.hex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
        MemorySegment bob = Memory.hex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");
        String shared = "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742";
        assertEquals("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a", Memory.hex(publicKey(alice)));
        assertEquals("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f", Memory.hex(publicKey(bob)));
        assertEquals(shared, Memory.hex(agree(alice, publicKey(bob))));
        assertEquals(shared, Memory.hex(agree(bob, publicKey(alice))));
    }

    private String iterate(int times) {
        MemorySegment k = Memory.zeros(32);
        k.set(java.lang.foreign.ValueLayout.JAVA_BYTE, 0, (byte) 9);
        MemorySegment u = Memory.of(Memory.bytes(k));
        MemorySegment next = Memory.zeros(32);
        for (int i = 0; i < times; i++) {
            assertEquals(Agreement.AGREED, X25519.agree(k, 0, u, 0, next, 0, workspace, 0));
            u.copyFrom(k);
            k.copyFrom(next);
        }
        return Memory.hex(k);
    }

    @Test
    void rfc7748Section52IteratedOnceAndAThousandTimes() {
        assertEquals("422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079", iterate(1));
        assertEquals("684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51", iterate(1000));
    }

    @Test
    @Tag("long")
    void rfc7748Section52IteratedAMillionTimes() {
        assertEquals("7c3911e0ab2586fd864497297e575e6f3bc601c0883c30df5f4dd2d24f665424", iterate(1_000_000));
    }

    @Test
    void wycheproof() {
        WycheproofCases.run("x25519_test", 0, (group, test) -> {
            MemorySegment k = Memory.hex(test.get("private").getAsString());
            MemorySegment peer = Memory.hex(test.get("public").getAsString());
            MemorySegment shared = Memory.hex("5a".repeat(32));
            boolean zero = test.get("flags").toString().contains("ZeroSharedSecret");
            Agreement outcome = X25519.agree(k, 0, peer, 0, shared, 0, workspace, 0);
            assertEquals(zero ? Agreement.LOW_ORDER : Agreement.AGREED, outcome);
            assertEquals(zero ? "5a".repeat(32) : test.get("shared").getAsString(), Memory.hex(shared));
            return true;
        });
    }

    private static byte[] random(SplittableRandom random, int bytes) {
        byte[] b = new byte[bytes];
        random.nextBytes(b);
        return b;
    }

    @Test
    void agreesWithBouncyCastleAndTheJdkOnRandomInputs() {
        Seeds.forEach(1, 200, random -> {
            byte[] k = random(random, 32);
            byte[] u = random(random, 32);
            byte[] expected = new byte[32];
            org.bouncycastle.math.ec.rfc7748.X25519.scalarMult(k, 0, u, 0, expected, 0);
            assertArrayEquals(expected, Memory.bytes(agree(Memory.of(k), Memory.of(u))));
            byte[] expectedPublic = new byte[32];
            org.bouncycastle.math.ec.rfc7748.X25519.scalarMultBase(k, 0, expectedPublic, 0);
            byte[] own = Memory.bytes(publicKey(Memory.of(k)));
            assertArrayEquals(expectedPublic, own);
            try {
                KeyFactory factory = KeyFactory.getInstance("X25519");
                PrivateKey jdkKey = factory.generatePrivate(new XECPrivateKeySpec(NamedParameterSpec.X25519, k));
                byte[] reversed = new byte[32];
                for (int i = 0; i < 32; i++) {
                    reversed[i] = i == 0 ? (byte) (u[31] & 0x7f) : u[31 - i];
                }
                PublicKey jdkPeer = factory.generatePublic(
                        new XECPublicKeySpec(NamedParameterSpec.X25519, new BigInteger(1, reversed)));
                assertEquals("X25519", ((NamedParameterSpec) ((XECPublicKey) jdkPeer).getParams()).getName());
                KeyAgreement jdk = KeyAgreement.getInstance("X25519");
                jdk.init(jdkKey);
                jdk.doPhase(jdkPeer, true);
                assertArrayEquals(jdk.generateSecret(), expected);
            } catch (java.security.GeneralSecurityException e) {
                throw new AssertionError(e);
            }
        });
    }

    @Test
    void workspaceIsZeroAfterEveryExitAndOutputUntouchedOnRefusal() {
        MemorySegment k = Memory.hex("11".repeat(32));
        workspace.fill((byte) 0x77);
        publicKey(k);
        assertEquals(0, RawMemory.nonZero(workspace, 0, (int) X25519.WORKSPACE_BYTES));
        workspace.fill((byte) 0x77);
        agree(k, Memory.hex("09" + "00".repeat(31)));
        assertEquals(0, RawMemory.nonZero(workspace, 0, (int) X25519.WORKSPACE_BYTES));
        workspace.fill((byte) 0x77);
        MemorySegment out = Memory.hex("22".repeat(32));
        assertEquals(Agreement.LOW_ORDER, X25519.agree(k, 0, Memory.zeros(32), 0, out, 0, workspace, 0));
        assertEquals(0, RawMemory.nonZero(workspace, 0, (int) X25519.WORKSPACE_BYTES));
        assertEquals("22".repeat(32), Memory.hex(out));
    }

    @Test
    void refusesRangesOutsideTheirSegmentsBeforeWriting() {
        MemorySegment k = Memory.hex("11".repeat(32));
        MemorySegment shortKey = Memory.zeros(31);
        MemorySegment out = Memory.hex("22".repeat(32));
        MemorySegment small = Memory.zeros(X25519.WORKSPACE_BYTES - 1);
        assertThrows(IndexOutOfBoundsException.class, () -> X25519.publicKey(shortKey, 0, out, 0, workspace, 0));
        assertThrows(IndexOutOfBoundsException.class, () -> X25519.publicKey(k, 0, out, 0, small, 0));
        assertThrows(IndexOutOfBoundsException.class, () -> X25519.agree(k, 1, k, 0, out, 0, workspace, 0));
        assertThrows(IndexOutOfBoundsException.class, () -> X25519.agree(k, 0, k, -1, out, 0, workspace, 0));
        assertThrows(IndexOutOfBoundsException.class, () -> X25519.agree(k, 0, k, 0, out, 1, workspace, 0));
        assertEquals("22".repeat(32), Memory.hex(out));
    }

    @Test
    void allocatesNoHeapBytes() {
        MemorySegment k = Memory.hex("11".repeat(32));
        MemorySegment peer = publicKey(Memory.hex("33".repeat(32)));
        MemorySegment out = Memory.zeros(32);
        assertEquals(0, HeapBytes.of(300, () -> {
            X25519.publicKey(k, 0, out, 0, workspace, 0);
            X25519.agree(k, 0, peer, 0, out, 0, workspace, 0);
        }));
        assertEquals(false, ConstantTime.isZero(out, 0, 32));
    }
}
