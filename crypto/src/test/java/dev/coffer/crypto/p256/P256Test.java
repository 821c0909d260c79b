package dev.coffer.crypto.p256;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.Agreement;
import dev.coffer.crypto.Memory;
import dev.coffer.crypto.WycheproofCases;
import dev.coffer.testkit.HeapBytes;
import dev.coffer.testkit.RawMemory;
import dev.coffer.testkit.Seeds;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.SplittableRandom;
import javax.crypto.KeyAgreement;
import org.bouncycastle.crypto.params.ECDomainParameters;
import org.bouncycastle.crypto.params.ECPrivateKeyParameters;
import org.bouncycastle.crypto.params.ECPublicKeyParameters;
import org.bouncycastle.crypto.signers.ECDSASigner;
import org.bouncycastle.crypto.signers.HMacDSAKCalculator;
import org.junit.jupiter.api.Test;

class P256Test {
    private static final int SIGN = (int) EcdsaP256.SIGN_WORKSPACE_BYTES;
    private static final int VERIFY = (int) EcdsaP256.VERIFY_WORKSPACE_BYTES;
    private static final int KEYS = (int) P256.WORKSPACE_BYTES;
    private static final BigInteger N =
            new BigInteger("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", 16);
    private static final ECDomainParameters CURVE =
            new ECDomainParameters(org.bouncycastle.crypto.ec.CustomNamedCurves.getByName("P-256"));
    private static final MemorySegment EMPTY = Memory.zeros(0);

    private final MemorySegment workspace = Memory.zeros(Math.max(Math.max(SIGN, VERIFY), KEYS));

    private static byte[] bytes32(BigInteger number) {
        byte[] raw = number.toByteArray();
        byte[] out = new byte[32];
        int from = Math.max(0, raw.length - 32);
        System.arraycopy(raw, from, out, 32 - (raw.length - from), raw.length - from);
        return out;
    }

    private static BigInteger scalar(SplittableRandom random) {
        byte[] b = new byte[40];
        random.nextBytes(b);
        return new BigInteger(1, b).mod(N.subtract(BigInteger.ONE)).add(BigInteger.ONE);
    }

    private byte[] publicKey(byte[] privateKey) {
        MemorySegment out = Memory.zeros(65);
        assertTrue(P256.publicKey(Memory.of(privateKey), 0, out, 0, workspace, 0));
        return Memory.bytes(out);
    }

    private byte[] sign(byte[] privateKey, byte[] message) {
        MemorySegment out = Memory.zeros(64);
        assertTrue(EcdsaP256.sign(Memory.of(privateKey), 0, Memory.of(message), 0, message.length, out, 0, workspace, 0));
        return Memory.bytes(out);
    }

    private boolean verify(byte[] publicKey, byte[] message, byte[] raw) {
        return EcdsaP256.verify(Memory.of(publicKey), 0, publicKey.length, Memory.of(message), 0, message.length,
                Memory.of(raw), 0, raw.length, workspace, 0);
    }

    @Test
    void rfc6979SectionA25Vectors() {
        byte[] x = HexFormat.of().parseHex("c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721");
        assertEquals("0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
                + "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299", HexFormat.of().formatHex(publicKey(x)));
        assertEquals("efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
                + "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8",
                HexFormat.of().formatHex(sign(x, "sample".getBytes(StandardCharsets.US_ASCII))));
        assertEquals("f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367"
                + "019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083",
                HexFormat.of().formatHex(sign(x, "test".getBytes(StandardCharsets.US_ASCII))));
    }

    @Test
    void wycheproofEcdsaDer() {
        WycheproofCases.run("ecdsa_secp256r1_sha256_test", 0, (group, test) -> {
            MemorySegment key = Memory.hex(group.getAsJsonObject("publicKey").get("uncompressed").getAsString());
            MemorySegment der = Memory.hex(test.get("sig").getAsString());
            MemorySegment message = Memory.hex(test.get("msg").getAsString());
            MemorySegment raw = Memory.zeros(64);
            boolean valid = EcdsaSignature.fromDer(der, 0, der.byteSize(), raw, 0)
                    && EcdsaP256.verify(key, 0, key.byteSize(), message, 0, message.byteSize(), raw, 0, 64, workspace, 0);
            assertEquals(test.get("result").getAsString().equals("valid"), valid);
            if (valid) {
                MemorySegment again = Memory.zeros(EcdsaSignature.DER_BYTES_MAX);
                int length = EcdsaSignature.toDer(raw, 0, again, 0);
                assertEquals(-1, again.asSlice(0, length).mismatch(der));
            }
            return true;
        });
    }

    @Test
    void wycheproofEcdsaRaw() {
        WycheproofCases.run("ecdsa_secp256r1_sha256_p1363_test", 0, (group, test) -> {
            MemorySegment key = Memory.hex(group.getAsJsonObject("publicKey").get("uncompressed").getAsString());
            MemorySegment raw = Memory.hex(test.get("sig").getAsString());
            MemorySegment message = Memory.hex(test.get("msg").getAsString());
            assertEquals(test.get("result").getAsString().equals("valid"), EcdsaP256.verify(key, 0, key.byteSize(),
                    message, 0, message.byteSize(), raw, 0, raw.byteSize(), workspace, 0));
            return true;
        });
    }

    @Test
    void compressedPointsAndTheirNegativesDecode() {
        Seeds.forEach(1, 100, random -> {
            byte[] key = publicKey(bytes32(scalar(random)));
            byte[] compressed = Arrays.copyOf(key, 33);
            compressed[0] = (byte) (2 + (key[64] & 1));
            MemorySegment out = Memory.zeros(65);
            assertTrue(P256.decompress(Memory.of(compressed), 0, 33, out, 0, workspace, 0));
            assertArrayEquals(key, Memory.bytes(out));
            compressed[0] ^= 1;
            assertTrue(P256.decompress(Memory.of(compressed), 0, 33, out, 0, workspace, 0));
            assertArrayEquals(CURVE.getCurve().decodePoint(compressed).getEncoded(false), Memory.bytes(out));
            compressed[1 + random.nextInt(32)] ^= (byte) (1 << random.nextInt(8));
            boolean isPoint = true;
            try {
                CURVE.getCurve().decodePoint(compressed);
            } catch (IllegalArgumentException e) {
                isPoint = false;
            }
            assertEquals(isPoint, P256.decompress(Memory.of(compressed), 0, 33, out, 0, workspace, 0));
        });
    }

    @Test
    void refusesWhatIsNoPoint() {
        byte[] key = publicKey(bytes32(BigInteger.TWO));
        MemorySegment out = Memory.hex("22".repeat(65));
        byte[] changed = key.clone();
        changed[64] ^= 1;
        byte[] hybrid = key.clone();
        hybrid[0] = (byte) (6 + (key[64] & 1));
        byte[] p = HexFormat.of().parseHex("04" + "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff"
                + "66485c780e2f83d72433bd5d84a06bb6541c2af31dae871728bf856a174f93f4");  // x = p, not reduced
        byte[][] bad = {changed, hybrid, p, {0}, {}, Arrays.copyOf(key, 64), Arrays.copyOf(key, 66), Arrays.copyOf(key, 33)};
        for (byte[] b : bad) {
            assertFalse(P256.decompress(Memory.of(b), 0, b.length, out, 0, workspace, 0));
            assertEquals(Agreement.NO_POINT, P256.agree(Memory.hex("11".repeat(32)), 0, Memory.of(b), 0, b.length, out, 0,
                    workspace, 0));
        }
        assertEquals("22".repeat(65), Memory.hex(out));
        byte[] zeroX = HexFormat.of().parseHex("04" + "00".repeat(32)
                + "66485c780e2f83d72433bd5d84a06bb6541c2af31dae871728bf856a174f93f4");  // y = sqrt(b)
        assertTrue(P256.decompress(Memory.of(zeroX), 0, 65, out, 0, workspace, 0));
    }

    @Test
    void edgeScalarsAgreeWithBouncyCastle() {
        BigInteger[] scalars = {BigInteger.ONE, BigInteger.TWO, BigInteger.valueOf(3), BigInteger.valueOf(15),
                BigInteger.valueOf(16), BigInteger.valueOf(17), BigInteger.valueOf(31), BigInteger.valueOf(32),
                BigInteger.valueOf(33), N.subtract(BigInteger.ONE), N.subtract(BigInteger.TWO),
                N.subtract(BigInteger.valueOf(16)), N.subtract(BigInteger.valueOf(17)), N.shiftRight(1),
                N.shiftRight(1).add(BigInteger.ONE), BigInteger.ONE.shiftLeft(255), BigInteger.ONE.shiftLeft(255).subtract(BigInteger.ONE),
                new BigInteger("10".repeat(32), 16), new BigInteger("84210".repeat(12), 16)};
        byte[] peer = publicKey(bytes32(BigInteger.valueOf(7)));
        for (BigInteger k : scalars) {
            byte[] expected = CURVE.getG().multiply(k).getEncoded(false);
            assertArrayEquals(expected, publicKey(bytes32(k)), k.toString(16));
            MemorySegment shared = Memory.zeros(32);
            assertEquals(Agreement.AGREED,
                    P256.agree(Memory.of(bytes32(k)), 0, Memory.of(peer), 0, 65, shared, 0, workspace, 0));
            assertArrayEquals(bytes32(CURVE.getG().multiply(k.multiply(BigInteger.valueOf(7)).mod(N)).normalize()
                    .getAffineXCoord().toBigInteger()), Memory.bytes(shared), k.toString(16));
        }
    }

    @Test
    void refusesPrivateKeysOutOfRange() {
        MemorySegment out = Memory.hex("22".repeat(65));
        MemorySegment peer = Memory.of(publicKey(bytes32(BigInteger.ONE)));
        BigInteger[] bad = {BigInteger.ZERO, N, N.add(BigInteger.ONE), BigInteger.ONE.shiftLeft(256).subtract(BigInteger.ONE)};
        for (BigInteger k : bad) {
            MemorySegment key = Memory.of(bytes32(k));
            assertFalse(P256.publicKey(key, 0, out, 0, workspace, 0));
            assertFalse(EcdsaP256.sign(key, 0, peer, 0, 65, out, 0, workspace, 0));
            assertEquals(Agreement.BAD_PRIVATE_KEY, P256.agree(key, 0, peer, 0, 65, out, 0, workspace, 0));
        }
        assertEquals("22".repeat(65), Memory.hex(out));
    }

    @Test
    void entropyBecomesAKeyOrIsRefused() {
        MemorySegment key = Memory.zeros(32);
        BigInteger[] good = {BigInteger.ZERO, BigInteger.TEN, N.subtract(BigInteger.TWO)};
        for (BigInteger c : good) {
            assertTrue(P256.privateKey(Memory.of(bytes32(c)), 0, key, 0, workspace, 0));
            assertEquals(c.add(BigInteger.ONE), new BigInteger(1, Memory.bytes(key)));
        }
        key.fill((byte) 9);
        BigInteger[] bad = {N.subtract(BigInteger.ONE), N, BigInteger.ONE.shiftLeft(256).subtract(BigInteger.ONE)};
        for (BigInteger c : bad) {
            assertFalse(P256.privateKey(Memory.of(bytes32(c)), 0, key, 0, workspace, 0));
        }
        assertEquals("09".repeat(32), Memory.hex(key));
    }

    @Test
    void agreesWithBouncyCastleOnEveryLengthAndRefusesEveryFlippedBit() {
        int[] length = {0};
        Seeds.forEach(1, 301, random -> {
            BigInteger d = scalar(random);
            byte[] message = new byte[length[0]++];
            random.nextBytes(message);
            byte[] digest;
            try {
                digest = java.security.MessageDigest.getInstance("SHA-256").digest(message);
            } catch (GeneralSecurityException e) {
                throw new AssertionError(e);
            }
            ECDSASigner bouncy = new ECDSASigner(new HMacDSAKCalculator(new org.bouncycastle.crypto.digests.SHA256Digest()));
            bouncy.init(true, new ECPrivateKeyParameters(d, CURVE));
            BigInteger[] rs = bouncy.generateSignature(digest);
            byte[] raw = sign(bytes32(d), message);
            assertArrayEquals(bytes32(rs[0]), Arrays.copyOf(raw, 32));
            assertArrayEquals(bytes32(rs[1]), Arrays.copyOfRange(raw, 32, 64));
            byte[] key = publicKey(bytes32(d));
            assertTrue(verify(key, message, raw));
            byte[] compressed = Arrays.copyOf(key, 33);
            compressed[0] = (byte) (2 + (key[64] & 1));
            assertTrue(verify(compressed, message, raw));
            int bit = random.nextInt(8 * (65 + 64 + message.length));
            byte[] target = bit < 520 ? key : bit < 520 + 512 ? raw : message;
            int of = bit < 520 ? bit : bit < 520 + 512 ? bit - 520 : bit - 520 - 512;
            target[of >> 3] ^= (byte) (1 << (of & 7));
            assertFalse(verify(key, message, raw), "bit " + bit);
        });
    }

    @Test
    void extraEntropyChangesTheSignatureAsRfc6979Section36Says() {
        Seeds.forEach(1, 20, random -> {
            BigInteger d = scalar(random);
            byte[] digest = new byte[32];
            random.nextBytes(digest);
            byte[] extra = new byte[random.nextInt(1, 65)];
            random.nextBytes(extra);
            MemorySegment raw = Memory.zeros(64);
            assertTrue(EcdsaP256.signDigest(Memory.of(bytes32(d)), 0, Memory.of(digest), 0, Memory.of(extra), 0, extra.length,
                    raw, 0, workspace, 0));
            // Bouncy Castle knows no extra input for ECDSA; section 3.2 with it, written out.
            BigInteger k = nonce(d, digest, extra);
            BigInteger r = CURVE.getG().multiply(k).normalize().getAffineXCoord().toBigInteger().mod(N);
            BigInteger s = k.modInverse(N).multiply(new BigInteger(1, digest).add(r.multiply(d))).mod(N);
            assertEquals(HexFormat.of().formatHex(bytes32(r)) + HexFormat.of().formatHex(bytes32(s)), Memory.hex(raw));
            assertTrue(EcdsaP256.verifyDigest(Memory.of(publicKey(bytes32(d))), 0, 65, Memory.of(digest), 0, raw, 0, 64,
                    workspace, 0));
        });
        MemorySegment raw = Memory.zeros(64);
        assertThrows(IllegalArgumentException.class, () -> EcdsaP256.signDigest(raw, 0, raw, 0, Memory.zeros(65), 0, 65, raw,
                0, workspace, 0));
    }

    private static BigInteger nonce(BigInteger d, byte[] digest, byte[] extra) {
        byte[] v = new byte[32];
        Arrays.fill(v, (byte) 1);
        byte[] k = new byte[32];
        byte[] h = bytes32(new BigInteger(1, digest).mod(N));
        for (byte separator = 0; separator < 2; separator++) {
            k = hmac(k, v, new byte[] {separator}, bytes32(d), h, extra);
            v = hmac(k, v);
        }
        return new BigInteger(1, hmac(k, v));
    }

    private static byte[] hmac(byte[] key, byte[]... parts) {
        try {
            javax.crypto.Mac mac = javax.crypto.Mac.getInstance("HmacSHA256");
            mac.init(new javax.crypto.spec.SecretKeySpec(key, "HmacSHA256"));
            for (byte[] part : parts) {
                mac.update(part);
            }
            return mac.doFinal();
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void agreesWithTheJdkBothWays() {
        Seeds.forEach(1, 30, random -> {
            try {
                KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
                generator.initialize(256);
                KeyPair pair = generator.generateKeyPair();
                byte[] d = bytes32(((ECPrivateKey) pair.getPrivate()).getS());
                byte[] key = publicKey(d);
                ECPublicKey theirs = (ECPublicKey) pair.getPublic();
                assertArrayEquals(bytes32(theirs.getW().getAffineX()), Arrays.copyOfRange(key, 1, 33));
                assertArrayEquals(bytes32(theirs.getW().getAffineY()), Arrays.copyOfRange(key, 33, 65));
                byte[] message = new byte[random.nextInt(200)];
                random.nextBytes(message);
                Signature jdk = Signature.getInstance("SHA256withECDSAinP1363Format");
                jdk.initSign(pair.getPrivate());
                jdk.update(message);
                assertTrue(verify(key, message, jdk.sign()));
                jdk.initVerify(theirs);
                jdk.update(message);
                assertTrue(jdk.verify(sign(d, message)));
                KeyPair other = generator.generateKeyPair();
                KeyAgreement agreement = KeyAgreement.getInstance("ECDH");
                agreement.init(other.getPrivate());
                agreement.doPhase(theirs, true);
                MemorySegment shared = Memory.zeros(32);
                byte[] otherKey = publicKey(bytes32(((ECPrivateKey) other.getPrivate()).getS()));
                P256.agree(Memory.of(d), 0, Memory.of(otherKey), 0, 65, shared, 0, workspace, 0);
                assertArrayEquals(agreement.generateSecret(), Memory.bytes(shared));
            } catch (GeneralSecurityException e) {
                throw new AssertionError(e);
            }
        });
    }

    @Test
    void workspaceIsZeroAfterEveryExit() {
        byte[] d = bytes32(BigInteger.TEN);
        byte[] key = publicKey(d);
        byte[] raw = sign(d, d);
        MemorySegment out = Memory.zeros(65);
        Runnable[] uses = {() -> publicKey(d), () -> P256.publicKey(Memory.zeros(32), 0, out, 0, workspace, 0),
                () -> P256.agree(Memory.of(d), 0, Memory.of(key), 0, 65, out, 0, workspace, 0),
                () -> P256.agree(Memory.of(d), 0, Memory.of(raw), 0, 64, out, 0, workspace, 0),
                () -> P256.privateKey(Memory.of(d), 0, out, 0, workspace, 0), () -> sign(d, d),
                () -> EcdsaP256.sign(Memory.zeros(32), 0, out, 0, 1, out, 0, workspace, 0),
                () -> verify(key, d, raw), () -> verify(key, key, raw), () -> verify(d, key, raw)};
        int[] sizes = {KEYS, KEYS, KEYS, KEYS, KEYS, SIGN, SIGN, VERIFY, VERIFY, VERIFY};
        for (int i = 0; i < uses.length; i++) {
            workspace.fill((byte) 0x77);
            uses[i].run();
            assertEquals(0, RawMemory.nonZero(workspace, 0, sizes[i]), "use " + i);
        }
        assertTrue(KEYS <= 16 << 10 && SIGN <= 32 << 10 && VERIFY <= 16 << 10);
        System.out.println("workspace P-256: keys and ECDH " + KEYS + " B, sign " + SIGN + " B, verify " + VERIFY + " B");
    }

    @Test
    void allocatesNoHeapBytes() {
        MemorySegment d = Memory.hex("11".repeat(32));
        MemorySegment key = Memory.zeros(65);
        MemorySegment raw = Memory.zeros(64);
        MemorySegment der = Memory.zeros(EcdsaSignature.DER_BYTES_MAX);
        int[] good = {0};
        assertEquals(0, HeapBytes.of(300, () -> {
            P256.publicKey(d, 0, key, 0, workspace, 0);
            EcdsaP256.sign(d, 0, d, 0, 32, raw, 0, workspace, 0);
            int length = EcdsaSignature.toDer(raw, 0, der, 0);
            good[0] += EcdsaSignature.fromDer(der, 0, length, raw, 0) ? 1 : 0;
            good[0] += EcdsaP256.verify(key, 0, 65, d, 0, 32, raw, 0, 64, workspace, 0) ? 1 : 0;
            good[0] += P256.agree(d, 0, key, 0, 65, raw, 0, workspace, 0) == Agreement.AGREED ? 1 : 0;
        }));
        assertEquals(3 * 301, good[0]);
        assertEquals(EMPTY.byteSize(), 0);
        assertFalse(raw.get(ValueLayout.JAVA_LONG_UNALIGNED, 0) == 0);
    }

    @Test
    void keysOfWhoeverSignsWithTheWrongOneDoNotVerify() {
        Seeds.forEach(1, 10, random -> {
            BigInteger d = scalar(random);
            byte[] raw = sign(bytes32(d), new byte[] {1});
            ECDSASigner bouncy = new ECDSASigner();
            bouncy.init(false, new ECPublicKeyParameters(CURVE.getG().multiply(d), CURVE));
            assertFalse(verify(publicKey(bytes32(scalar(random))), new byte[] {1}, raw));
            // n - s signs too: no rule for low s.
            byte[] other = raw.clone();
            byte[] s = bytes32(N.subtract(new BigInteger(1, Arrays.copyOfRange(raw, 32, 64))));
            System.arraycopy(s, 0, other, 32, 32);
            assertTrue(verify(publicKey(bytes32(d)), new byte[] {1}, other));
        });
    }
}
