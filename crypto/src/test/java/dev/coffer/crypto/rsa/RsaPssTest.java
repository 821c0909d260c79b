package dev.coffer.crypto.rsa;

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
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.security.Signature;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.SplittableRandom;
import org.bouncycastle.asn1.pkcs.RSAPrivateKey;
import org.bouncycastle.crypto.Digest;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.digests.SHA384Digest;
import org.bouncycastle.crypto.digests.SHA512Digest;
import org.bouncycastle.crypto.engines.RSAEngine;
import org.bouncycastle.crypto.params.RSAKeyParameters;
import org.bouncycastle.crypto.signers.PSSSigner;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The encoding beside Bouncy Castle's with the same salt and beside the JDK's verifier; faults of a key, of the machine and of callers.
class RsaPssTest {
    private final MemorySegment work = Memory.zeros(RsaPss.WORKSPACE_BYTES);
    private final MemorySegment signature = Memory.zeros(RsaKey.MODULUS_BYTES_MAX);

    private static Digest digest(RsaPss pss) {
        return switch (pss) {
            case SHA_256 -> new SHA256Digest();
            case SHA_384 -> new SHA384Digest();
            case SHA_512 -> new SHA512Digest();
        };
    }

    private byte[] signed(RsaPss pss, RsaKey key, Entropy entropy, byte[] message) {
        MemorySegment text = Memory.of(message);
        assertTrue(pss.sign(entropy, key, text, 0, message.length, signature, 0, work, 0));
        assertEquals(0, RawMemory.nonZero(work), "left in the workspace");
        return signature.asSlice(0, key.modulusBytes()).toArray(ValueLayout.JAVA_BYTE);
    }

    /// Of 2,049 bits the encoding is one byte shorter than the modulus.
    @ParameterizedTest
    @ValueSource(strings = {"2048", "2049", "3072", "4096", "exponent3"})
    void aSignatureIsBouncyCastlesWithTheSameSalt(String name) throws Exception {
        PlainRsaKey key = PlainRsaKey.of(name);
        SplittableRandom random = new SplittableRandom(7);
        for (RsaPss pss : RsaPss.values()) {
            byte[] salt = new byte[pss.hash().digestBytes()];
            random.nextBytes(salt);
            byte[] message = new byte[random.nextInt(300)];
            random.nextBytes(message);
            PSSSigner theirs = new PSSSigner(new RSAEngine(), digest(pss), digest(pss), salt);
            RSAPrivateKey numbers = key.numbers();
            theirs.init(true, new RSAKeyParameters(true, numbers.getModulus(), numbers.getPrivateExponent()));
            theirs.update(message, 0, message.length);
            byte[] ours = signed(pss, key, (segment, at, length) -> MemorySegment.copy(salt, 0, segment, ValueLayout.JAVA_BYTE, at, (int) length), message);
            assertArrayEquals(theirs.generateSignature(), ours, name + " " + pss);
            assertTrue(verifies(pss, key, message, ours));
        }
    }

    private static boolean verifies(RsaPss pss, PlainRsaKey key, byte[] message, byte[] signed) throws Exception {
        String hash = "SHA-" + pss.hash().digestBytes() * 8;
        Signature verifying = Signature.getInstance("RSASSA-PSS");
        verifying.setParameter(new PSSParameterSpec(hash, "MGF1", new MGF1ParameterSpec(hash), pss.hash().digestBytes(), 1));
        verifying.initVerify(key.jdk());
        verifying.update(message);
        return verifying.verify(signed);
    }

    @Test
    void eachSignatureHasASaltOfItsOwn() throws Exception {
        PlainRsaKey key = PlainRsaKey.of("2048");
        byte[] message = {1, 2, 3};
        byte[] one = signed(RsaPss.SHA_256, key, Entropy.SYSTEM, message);
        byte[] other = signed(RsaPss.SHA_256, key, Entropy.SYSTEM, message);
        assertNotEquals(Memory.hex(Memory.of(one)), Memory.hex(Memory.of(other)));
        assertTrue(verifies(RsaPss.SHA_256, key, message, one) && verifies(RsaPss.SHA_256, key, message, other));
        assertFalse(verifies(RsaPss.SHA_256, key, new byte[] {1, 2, 4}, other));
    }

    /// A wrong bit anywhere, as a fault of the machine makes it: nothing is given out.
    @Test
    void whatDoesNotVerifyIsNotGivenOut() {
        PlainRsaKey key = PlainRsaKey.of("2048");
        MemorySegment message = Memory.zeros(10);
        for (int bit : new int[] {0, 1, 7, 1000, 2040}) {
            key.fault(bit);
            signature.fill((byte) 0x5a);
            assertFalse(RsaPss.SHA_256.sign(new SeededEntropy(bit), key, message, 0, 10, signature, 0, work, 0), "bit " + bit);
            assertTrue(signature.asSlice(0, 256).mismatch(Memory.zeros(256).fill((byte) 0x5a)) == -1, "something was given out");
            assertEquals(0, RawMemory.nonZero(work), "left in the workspace");
        }
        key.fault(-1);
        assertTrue(RsaPss.SHA_256.sign(new SeededEntropy(1), key, message, 0, 10, signature, 0, work, 0));
        key.close();
        assertFalse(RsaPss.SHA_256.sign(new SeededEntropy(1), key, message, 0, 10, signature, 0, work, 0));
    }

    @Test
    void misuseWritesNothing() {
        PlainRsaKey key = PlainRsaKey.of("2048");
        MemorySegment message = Memory.zeros(10);
        RsaPss pss = RsaPss.SHA_256;
        Entropy random = new SeededEntropy(1);
        MemorySegment exact = signature.asSlice(0, 256);
        assertTrue(pss.sign(random, key, message, 0, 10, exact, 0, work, 0));
        exact.fill((byte) 0);
        assertThrows(IndexOutOfBoundsException.class, () -> pss.sign(random, key, message, 1, 10, exact, 0, work, 0));
        assertThrows(IndexOutOfBoundsException.class, () -> pss.sign(random, key, message, 0, 10, exact, 1, work, 0));
        assertThrows(IndexOutOfBoundsException.class, () -> pss.sign(random, key, message, 0, 10, exact, 0, work, 1));
        assertThrows(IllegalArgumentException.class, () -> pss.sign(random, key, message, 0, 10, exact.asReadOnly(), 0, work, 0));
        assertThrows(IllegalArgumentException.class, () -> pss.sign(random, key, work, 0, 10, exact, 0, work, 0));
        assertThrows(IllegalArgumentException.class, () -> pss.sign(random, key, message, 0, 10, work, 0, work, 0));
        assertThrows(IllegalArgumentException.class,
                () -> pss.sign(random, key, message, 0, 10, exact, 0, MemorySegment.ofArray(new byte[(int) RsaPss.WORKSPACE_BYTES]), 0));
        assertThrows(IllegalStateException.class, () -> pss.sign((segment, at, length) -> {}, key, message, 0, 10, exact, 0, work, 0));
        assertEquals(0, RawMemory.nonZero(exact, 0, 256));
    }
}
