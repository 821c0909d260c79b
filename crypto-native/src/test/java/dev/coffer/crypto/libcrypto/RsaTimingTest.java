package dev.coffer.crypto.libcrypto;

import static dev.coffer.testkit.TimeStatistics.SUSPECT;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.key.EncodedRsaKey;
import dev.coffer.crypto.rsa.RsaKey;
import dev.coffer.memory.Entropy;
import dev.coffer.testkit.TimeStatistics;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.security.KeyPairGenerator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// What signing takes for one number and for random ones, and a planted leak: a signature by another number's bits. See [TimeStatistics].
@Tag("long")
class RsaTimingTest {
    private static final int BYTES = 256;
    private static final int MEASUREMENTS = 10_000;

    private final MemorySegment memory = Arena.ofAuto().allocate(2L * BYTES);
    private int sink;

    /// The top bytes are zero, so that every number is below the modulus.
    private void prepare(int kind) {
        memory.fill((byte) 0);
        if (kind == 1) {
            Entropy.SYSTEM.fill(memory, 1, BYTES - 1);
        } else {
            memory.set(ValueLayout.JAVA_BYTE, BYTES - 1, (byte) 3);
        }
    }

    @Test
    void signingTakesNoLongerForOneNumberThanForAnother() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(8 * BYTES);
        byte[] pkcs8 = generator.generateKeyPair().getPrivate().getEncoded();
        try (Arena arena = Arena.ofConfined(); Libcrypto libcrypto = Presence.open(LibcryptoConfig.defaults().withContexts(1).withRsa(1, 1))) {
            MemorySegment source = arena.allocate(pkcs8.length);
            MemorySegment.copy(pkcs8, 0, source, ValueLayout.JAVA_BYTE, 0, pkcs8.length);
            EncodedRsaKey numbers = EncodedRsaKey.in(source, 0, pkcs8.length, arena.allocate(EncodedRsaKey.WORKSPACE_BYTES), 0);
            try (numbers; RsaKey key = libcrypto.rsa(numbers)) {
                double honest = TimeStatistics.t("RSA of 2,048 bits, the number 3 and random ones", MEASUREMENTS, this::prepare,
                        () -> assertTrue(key.signaturePrimitive(memory, 0, memory, BYTES)));
                double planted = TimeStatistics.t("planted: a few steps more for each bit of the number", MEASUREMENTS, this::prepare, () -> {
                    assertTrue(key.signaturePrimitive(memory, 0, memory, BYTES));
                    sink += steps();
                });
                assertTrue(planted > SUSPECT, "the planted leak is not seen: " + planted);
                assertTrue(honest < SUSPECT, "suspect: " + honest);
            }
        }
    }

    private int steps() {
        int steps = 0;
        for (int bit = 0; bit < 8 * BYTES; bit++) {
            if ((memory.get(ValueLayout.JAVA_BYTE, bit / 8) >> bit % 8 & 1) != 0) {
                for (int i = 0; i < 40; i++) {
                    steps = steps * 31 + i;
                }
            }
        }
        return steps;
    }
}
