package dev.coffer.crypto.ed25519;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.Memory;
import dev.coffer.crypto.WycheproofCases;
import dev.coffer.testkit.HeapBytes;
import dev.coffer.testkit.RawMemory;
import dev.coffer.testkit.Seeds;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.Signature;
import java.security.interfaces.EdECPublicKey;
import java.security.spec.EdECPoint;
import java.security.spec.EdECPrivateKeySpec;
import java.security.spec.EdECPublicKeySpec;
import java.security.spec.NamedParameterSpec;
import org.junit.jupiter.api.Test;

class Ed25519Test {
    private static final int SIGN = (int) Ed25519.SIGN_WORKSPACE_BYTES;
    private static final int VERIFY = (int) Ed25519.VERIFY_WORKSPACE_BYTES;

    private final MemorySegment workspace = Memory.zeros(Math.max(SIGN, VERIFY));

    private byte[] publicKey(byte[] seed) {
        MemorySegment out = Memory.zeros(32);
        Ed25519.publicKey(Memory.of(seed), 0, out, 0, workspace, 0);
        return Memory.bytes(out);
    }

    private byte[] sign(byte[] seed, byte[] message) {
        MemorySegment alone = Memory.zeros(64);
        MemorySegment withPublic = Memory.zeros(64);
        MemorySegment m = Memory.of(message);
        Ed25519.sign(Memory.of(seed), 0, m, 0, message.length, alone, 0, workspace, 0);
        Ed25519.sign(Memory.of(seed), 0, Memory.of(publicKey(seed)), 0, m, 0, message.length, withPublic, 0,
                workspace, 0);
        assertEquals(-1, alone.mismatch(withPublic));
        return Memory.bytes(alone);
    }

    private boolean verify(byte[] publicKey, byte[] message, byte[] signature) {
        return Ed25519.verify(Memory.of(publicKey), 0, Memory.of(message), 0, message.length, Memory.of(signature), 0,
                signature.length, workspace, 0);
    }

    private void rfc8032(String seed, String publicKey, String message, String signature) {
        byte[] m = java.util.HexFormat.of().parseHex(message);
        byte[] k = java.util.HexFormat.of().parseHex(seed);
        assertEquals(publicKey, Memory.hex(Memory.of(publicKey(k))));
        assertEquals(signature, Memory.hex(Memory.of(sign(k, m))));
        assertTrue(verify(publicKey(k), m, sign(k, m)));
    }

    @Test
    void rfc8032Section71Vectors() {
        rfc8032("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
                "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
                "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd2"
                        + "5bf5f0595bbe24655141438e7a100b");
        rfc8032("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
                "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
                "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c38"
                        + "7b2eaeb4302aeeb00d291612bb0c00");
        rfc8032("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
                "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
                "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a"
                        + "7c15e9716ed28dc027beceea1ec40a");
        rfc8032("833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
                "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
                "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd45"
                        + "4d4423643ce80e2a9ac94fa54ca49f",
                "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303d"
                        + "ca179c138ac17ad9bef1177331a704");
    }

    @Test
    void wycheproof() {
        WycheproofCases.run("ed25519_test", 0, (group, test) -> {
            MemorySegment publicKey = Memory.hex(group.getAsJsonObject("publicKey").get("pk").getAsString());
            MemorySegment message = Memory.hex(test.get("msg").getAsString());
            MemorySegment signature = Memory.hex(test.get("sig").getAsString());
            assertEquals(test.get("result").getAsString().equals("valid"), Ed25519.verify(publicKey, 0, message, 0,
                    message.byteSize(), signature, 0, signature.byteSize(), workspace, 0));
            return true;
        });
    }

    private static byte[] random(java.util.SplittableRandom random, int bytes) {
        byte[] b = new byte[bytes];
        random.nextBytes(b);
        return b;
    }

    @Test
    void agreesWithBouncyCastleOnEveryLengthAndRefusesEveryFlippedBit() {
        int[] length = {0};
        Seeds.forEach(1, 301, random -> {
            byte[] seed = random(random, 32);
            byte[] message = random(random, length[0]++);
            byte[] expectedKey = new byte[32];
            byte[] expected = new byte[64];
            org.bouncycastle.math.ec.rfc8032.Ed25519.generatePublicKey(seed, 0, expectedKey, 0);
            org.bouncycastle.math.ec.rfc8032.Ed25519.sign(seed, 0, message, 0, message.length, expected, 0);
            assertArrayEquals(expectedKey, publicKey(seed));
            assertArrayEquals(expected, sign(seed, message));
            assertTrue(verify(expectedKey, message, expected));
            int bit = random.nextInt(8 * (32 + 64 + message.length));
            byte[] target = bit < 256 ? expectedKey : bit < 768 ? expected : message;
            int of = bit < 256 ? bit : bit < 768 ? bit - 256 : bit - 768;
            target[of >> 3] ^= (byte) (1 << (of & 7));
            assertFalse(verify(expectedKey, message, expected), "bit " + bit);
            assertEquals(false, org.bouncycastle.math.ec.rfc8032.Ed25519.verify(expected, 0, expectedKey, 0, message, 0,
                    message.length));
        });
    }

    @Test
    void agreesWithTheJdkBothWays() {
        Seeds.forEach(1, 30, random -> {
            byte[] seed = random(random, 32);
            byte[] message = random(random, random.nextInt(200));
            try {
                KeyFactory factory = KeyFactory.getInstance("Ed25519");
                Signature jdk = Signature.getInstance("Ed25519");
                jdk.initSign(factory.generatePrivate(new EdECPrivateKeySpec(NamedParameterSpec.ED25519, seed)));
                jdk.update(message);
                byte[] signature = jdk.sign();
                assertArrayEquals(signature, sign(seed, message));
                byte[] own = publicKey(seed);
                byte[] y = new byte[32];
                for (int i = 0; i < 32; i++) {
                    y[31 - i] = i == 31 ? (byte) (own[31] & 0x7f) : own[i];
                }
                EdECPublicKey key = (EdECPublicKey) factory.generatePublic(new EdECPublicKeySpec(
                        NamedParameterSpec.ED25519, new EdECPoint(own[31] < 0, new BigInteger(1, y))));
                jdk.initVerify(key);
                jdk.update(message);
                assertTrue(jdk.verify(sign(seed, message)));
            } catch (GeneralSecurityException e) {
                throw new AssertionError(e);
            }
        });
    }

    @Test
    void refusesNonCanonicalAndImpossiblePoints() {
        byte[] seed = new byte[32];
        byte[] signature = sign(seed, new byte[0]);
        String[] keys = {
                "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",  // y = p
                "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",  // y = p + 1
                "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                "0100000000000000000000000000000000000000000000000000000000000080",  // x = 0 with its sign bit set
                "0200000000000000000000000000000000000000000000000000000000000000",  // no x
        };
        for (String key : keys) {
            assertFalse(verify(java.util.HexFormat.of().parseHex(key), new byte[0], signature), key);
        }
    }

    @Test
    void smallOrderKeyVerifiesWhatItsEquationSays() {
        // A is the neutral element, so [S]B = R for every message: cofactorless verification accepts S = 0, R = 1.
        byte[] neutral = new byte[32];
        neutral[0] = 1;
        byte[] signature = new byte[64];
        signature[0] = 1;
        assertTrue(verify(neutral, new byte[] {1, 2, 3}, signature));
        assertTrue(org.bouncycastle.math.ec.rfc8032.Ed25519.verify(signature, 0, publicKey(new byte[32]), 0,
                new byte[0], 0, 0) == verify(publicKey(new byte[32]), new byte[0], signature));
        signature[31] = (byte) 0x80;  // the same point, encoded another way
        assertFalse(verify(neutral, new byte[] {1, 2, 3}, signature));
    }

    @Test
    void workspaceIsZeroAfterEveryExit() {
        byte[] seed = new byte[32];
        byte[] signature = sign(seed, seed);
        byte[] key = publicKey(seed);
        Runnable[] uses = {() -> publicKey(seed), () -> sign(seed, seed), () -> verify(key, seed, signature),
                () -> verify(new byte[] {2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
                        0, 0, 0, 0}, seed, signature)};
        for (int i = 0; i < uses.length; i++) {
            workspace.fill((byte) 0x77);
            uses[i].run();
            assertEquals(0, RawMemory.nonZero(workspace, 0, i < 2 ? SIGN : VERIFY), "use " + i);
        }
        assertTrue(SIGN <= 32 << 10 && VERIFY <= 16 << 10);
        System.out.println("workspace Ed25519: sign " + SIGN + " B, verify " + VERIFY + " B");
    }

    @Test
    void refusesRangesOutsideTheirSegmentsBeforeWriting() {
        MemorySegment key = Memory.zeros(32);
        MemorySegment out = Memory.hex("22".repeat(64));
        MemorySegment small = Memory.zeros(SIGN - 1);
        assertThrows(IndexOutOfBoundsException.class, () -> Ed25519.publicKey(key, 1, out, 0, workspace, 0));
        assertThrows(IndexOutOfBoundsException.class, () -> Ed25519.sign(key, 0, key, 0, 33, out, 0, workspace, 0));
        assertThrows(IndexOutOfBoundsException.class, () -> Ed25519.sign(key, 0, key, 0, 32, out, 1, workspace, 0));
        assertThrows(IndexOutOfBoundsException.class, () -> Ed25519.sign(key, 0, key, 0, 32, out, 0, small, 0));
        assertThrows(IndexOutOfBoundsException.class,
                () -> Ed25519.verify(key, 0, key, 0, -1, out, 0, 64, workspace, 0));
        assertThrows(IndexOutOfBoundsException.class,
                () -> Ed25519.verify(key, 0, key, 0, 1, out, 0, 65, workspace, 0));
        assertEquals("22".repeat(64), Memory.hex(out));
    }

    @Test
    void allocatesNoHeapBytes() {
        MemorySegment seed = Memory.hex("11".repeat(32));
        MemorySegment key = Memory.zeros(32);
        MemorySegment signature = Memory.zeros(64);
        int[] valid = {0};
        assertEquals(0, HeapBytes.of(300, () -> {
            Ed25519.publicKey(seed, 0, key, 0, workspace, 0);
            Ed25519.sign(seed, 0, key, 0, seed, 0, 32, signature, 0, workspace, 0);
            valid[0] += Ed25519.verify(key, 0, seed, 0, 32, signature, 0, 64, workspace, 0) ? 1 : 0;
        }));
        assertEquals(301, valid[0]);
        signature.set(ValueLayout.JAVA_BYTE, 32, (byte) ~signature.get(ValueLayout.JAVA_BYTE, 32));
        assertFalse(Ed25519.verify(key, 0, seed, 0, 32, signature, 0, 64, workspace, 0));
    }
}
