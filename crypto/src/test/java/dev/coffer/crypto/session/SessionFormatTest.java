package dev.coffer.crypto.session;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The bytes on the wire, made again with nothing but the JDK: ids, keys, IVs and the ratchet by HKDF with SHA-256.
class SessionFormatTest {
    private static byte[] hmac(byte[] key, byte[]... parts) throws GeneralSecurityException {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        for (byte[] part : parts) {
            mac.update(part);
        }
        return mac.doFinal();
    }

    /// HKDF-Expand of up to 32 bytes.
    private static byte[] expand(byte[] secret, String label, int length) throws GeneralSecurityException {
        return Arrays.copyOf(hmac(secret, label.getBytes(StandardCharsets.US_ASCII), new byte[] {1}), length);
    }

    @ParameterizedTest
    @EnumSource(Suite.class)
    void messagesOfThreeEpochsAreWhatTheJdkMakes(Suite suite) throws GeneralSecurityException {
        try (SessionPair pair = new SessionPair(SessionConfig.micro().withSuite(suite).withRotation(2, Long.MAX_VALUE))) {
            byte[] shared = new byte[32];
            Arrays.fill(shared, (byte) 0x42);
            byte[] extracted = hmac("coffer session 2".getBytes(StandardCharsets.US_ASCII), shared);
            byte[] id = expand(extracted, "coffer session initiator id", 4);
            byte[] secret = expand(extracted, "coffer session initiator", 32);
            for (int epoch = 0; epoch < 3; epoch++) {
                byte[] key = expand(secret, "coffer session key", 32);
                byte[] iv = expand(secret, "coffer session iv", 12);
                for (long sequence = 0; sequence < 2; sequence++) {
                    byte[] header = ByteBuffer.allocate(16).put(id).putInt(epoch).putLong(sequence).array();
                    byte[] nonce = iv.clone();
                    nonce[11] ^= (byte) sequence;
                    boolean gcm = suite == Suite.AES_256_GCM;
                    Cipher cipher = Cipher.getInstance(gcm ? "AES/GCM/NoPadding" : "ChaCha20-Poly1305");
                    cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, gcm ? "AES" : "ChaCha20"),
                            gcm ? new GCMParameterSpec(128, nonce) : new IvParameterSpec(nonce));
                    cipher.updateAAD(header);
                    byte[] sealed = cipher.doFinal(new byte[] {5, 5, 5, 5, 5});
                    byte[] expected = ByteBuffer.allocate(16 + sealed.length).put(header).put(sealed).array();
                    int length = pair.seal(5, 5, 0);
                    assertArrayEquals(expected, pair.wire.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE),
                            "epoch " + epoch + " sequence " + sequence);
                }
                secret = expand(secret, "coffer session next", 32);
            }
        }
    }
}
