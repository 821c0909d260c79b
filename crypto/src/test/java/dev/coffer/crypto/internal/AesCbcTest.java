package dev.coffer.crypto.internal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.coffer.crypto.Memory;
import dev.coffer.testkit.RawMemory;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// AES backwards, against FIPS 197 and the JDK's.
class AesCbcTest {
    private static byte[] decrypt(byte[] key, byte[] iv, byte[] text) {
        MemorySegment work = Memory.zeros(AesCbc.WORKSPACE_BYTES + 1);
        MemorySegment in = Memory.of(text);
        AesCbc.decrypt(work, 1, Memory.of(key), 0, key.length, Memory.of(iv), 0, in, 0, text.length);
        assertEquals(0, RawMemory.nonZero(work), "something is left");
        return Memory.bytes(in);
    }

    /// Appendix C.1 and C.3.
    @Test
    void theStandardsExamplesComeOut() {
        String plain = "00112233445566778899aabbccddeeff";
        byte[] zero = new byte[16];
        byte[] key = Memory.bytes(Memory.hex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"));
        assertEquals(plain, Memory.hex(Memory.of(
                decrypt(java.util.Arrays.copyOf(key, 16), zero, Memory.bytes(Memory.hex("69c4e0d86a7b0430d8cdb78070b4c55a"))))));
        assertEquals(plain, Memory.hex(Memory.of(decrypt(key, zero, Memory.bytes(Memory.hex("8ea2b7ca516745bfeafc49904b496089"))))));
    }

    @ParameterizedTest
    @ValueSource(ints = {16, 32})
    void whatTheJdkEncryptedComesBack(int keyBytes) throws Exception {
        SplittableRandom random = new SplittableRandom(keyBytes);
        for (int blocks = 0; blocks < 40; blocks++) {
            byte[] key = bytes(random, keyBytes);
            byte[] iv = bytes(random, 16);
            byte[] plain = bytes(random, 16 * blocks);
            Cipher cipher = Cipher.getInstance("AES/CBC/NoPadding");
            cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"), new IvParameterSpec(iv));
            assertArrayEquals(plain, decrypt(key, iv, cipher.doFinal(plain)), blocks + " blocks");
        }
    }

    private static byte[] bytes(SplittableRandom random, int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }
}
