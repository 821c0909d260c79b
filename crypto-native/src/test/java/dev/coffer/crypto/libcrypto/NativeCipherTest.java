package dev.coffer.crypto.libcrypto;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.EnumSet;
import org.junit.jupiter.api.Test;

class NativeCipherTest {
    /// Who is told not to pad is told so again with every nonce: a search for a name, for each packet.
    @Test
    void onlyCiphersOfBlocksAreToldNotToPad() {
        EnumSet<NativeCipher> padded = EnumSet.noneOf(NativeCipher.class);
        for (NativeCipher cipher : NativeCipher.values()) {
            if (cipher.isPadded()) {
                padded.add(cipher);
            }
        }
        assertEquals(EnumSet.of(NativeCipher.AES_128_MASK, NativeCipher.AES_256_MASK), padded);
    }
}
