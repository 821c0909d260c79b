package dev.coffer.crypto.kdf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.coffer.crypto.Memory;
import dev.coffer.testkit.RawMemory;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.SplittableRandom;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.junit.jupiter.api.Test;

/// PBKDF2 against a published answer and the JDK's.
class Pbkdf2Test {
    private static final Map<Pbkdf2, String> OF_THE_JDK = Map.of(Pbkdf2.HMAC_SHA_256, "PBKDF2WithHmacSHA256", Pbkdf2.HMAC_SHA_384, "PBKDF2WithHmacSHA384",
            Pbkdf2.HMAC_SHA_512, "PBKDF2WithHmacSHA512");

    private static byte[] derive(Pbkdf2 function, String passphrase, byte[] salt, int iterations, int length) {
        MemorySegment work = Memory.zeros(function.workspaceBytes() + 3);
        MemorySegment phrase = Memory.of(passphrase.getBytes(StandardCharsets.UTF_8));
        MemorySegment output = Memory.zeros(length + 2);
        function.derive(work, 3, phrase, 0, phrase.byteSize(), Memory.of(salt), 0, salt.length, iterations, output, 1, length);
        assertEquals(0, RawMemory.nonZero(work), "something is left");
        byte[] all = Memory.bytes(output);
        assertEquals(0, all[0] | all[length + 1], "written past its room");
        return java.util.Arrays.copyOfRange(all, 1, length + 1);
    }

    /// RFC 7914, section 11.
    @Test
    void theRfcsAnswersComeOut() {
        byte[] salt = "salt".getBytes(StandardCharsets.US_ASCII);
        assertEquals("55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783",
                Memory.hex(Memory.of(derive(Pbkdf2.HMAC_SHA_256, "passwd", salt, 1, 64))));
    }

    @Test
    void everyFunctionAgreesWithTheJdk() throws Exception {
        SplittableRandom random = new SplittableRandom(20);
        for (Map.Entry<Pbkdf2, String> each : OF_THE_JDK.entrySet()) {
            int tag = each.getKey().mac().tagBytes();
            for (int length : new int[] {1, tag - 1, tag, tag + 1, 2 * tag, 3 * tag + 5}) {
                byte[] salt = new byte[1 + random.nextInt(200)];
                random.nextBytes(salt);
                String phrase = "p".repeat(1 + random.nextInt(200)) + "\u00e4";
                int iterations = 1 + random.nextInt(5);
                byte[] expected = SecretKeyFactory.getInstance(each.getValue())
                        .generateSecret(new PBEKeySpec(phrase.toCharArray(), salt, iterations, 8 * length)).getEncoded();
                assertArrayEquals(expected, derive(each.getKey(), phrase, salt, iterations, length), each.getValue() + " of " + length);
            }
        }
    }

    @Test
    void anIterationIsTheLeast() {
        MemorySegment memory = Memory.zeros(4096);
        assertThrows(IllegalArgumentException.class, () -> Pbkdf2.HMAC_SHA_256.derive(memory, 0, memory, 2000, 1, memory, 2100, 1, 0, memory, 2200, 32));
        Pbkdf2.HMAC_SHA_256.derive(memory, 0, memory, 2000, 1, memory, 2100, 1, 1, memory, 2200, 32);
        assertThrows(IllegalArgumentException.class, () -> Pbkdf2.HMAC_SHA_256.derive(memory, 0, memory, 2000, 1, memory, 2100, 1, 1, memory, 2069, 32),
                "output on the salt");
    }

    @Test
    void stepsAllocateNothing() {
        MemorySegment memory = Memory.zeros(4096);
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long allocated = 0;
        for (int pass = 0; pass < 2; pass++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            Pbkdf2.HMAC_SHA_512.derive(memory, 0, memory, 3000, 9, memory, 3100, 16, 500, memory, 3200, 100);
            allocated = threads.getCurrentThreadAllocatedBytes() - before;
        }
        assertEquals(0, allocated, "heap bytes in the second pass");
    }
}
