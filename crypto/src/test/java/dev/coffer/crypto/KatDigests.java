package dev.coffer.crypto;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.coffer.testkit.Vectors;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Assumptions;

/// Digests over known-answer files, and what makes such a file: its text and NIST's generator of random bytes.
public final class KatDigests {
    private static final String FILE = "kat/kat-digests.json";

    private KatDigests() {}

    /// {@return a digest in hex; the test is skipped by name where the file is not there}
    ///
    /// @param kind  `single` or `all`, or null where there is one
    public static String of(String family, String name, String kind) {
        Assumptions.assumeTrue(Vectors.present(FILE), Vectors.absence(FILE));
        try (Reader reader = Vectors.reader(FILE)) {
            JsonObject digests = JsonParser.parseReader(reader).getAsJsonObject().getAsJsonObject(family)
                    .getAsJsonObject("digests");
            JsonElement found = digests.get(name);
            return kind == null ? found.getAsString() : found.getAsJsonObject().get(kind).getAsString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Lines of `name = value`, hashed as they come.
    public static final class Text {
        private final MessageDigest digest;
        private HexFormat hex = HexFormat.of();

        /// With lower-case hex.
        public Text() {
            try {
                digest = MessageDigest.getInstance("SHA-256");
            } catch (GeneralSecurityException e) {
                throw new AssertionError(e);
            }
        }

        /// Upper-case hex from here on.
        public Text upperCase() {
            hex = HexFormat.of().withUpperCase();
            return this;
        }

        /// An empty line before every count but the first.
        public Text gap(int count) {
            return count == 0 ? this : text("\n");
        }

        public Text line(String name, MemorySegment value) {
            return text(name + " = " + hex.formatHex(Memory.bytes(value)) + "\n");
        }

        public Text line(String name, long value) {
            return text(name + " = " + value + "\n");
        }

        private Text text(String text) {
            digest.update(text.getBytes(StandardCharsets.US_ASCII));
            return this;
        }

        public String digest() {
            return HexFormat.of().formatHex(digest.digest());
        }
    }

    /// The generator of NIST's `rng.c`: AES-256 in counter mode without derivation function (SP 800-90A, section 10.2.1).
    public static final class NistRandom {
        private byte[] key = new byte[32];
        private final byte[] v = new byte[16];

        public NistRandom(MemorySegment seed) {
            update(Memory.bytes(seed));
        }

        /// {@return the generator whose seed is 00 01 02 .. 2f}
        public static NistRandom counting() {
            byte[] seed = new byte[48];
            for (int i = 0; i < seed.length; i++) {
                seed[i] = (byte) i;
            }
            return new NistRandom(Memory.of(seed));
        }

        private byte[] next(int bytes) {
            try {
                Cipher aes = Cipher.getInstance("AES/ECB/NoPadding");
                aes.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"));
                byte[] out = new byte[(bytes + 15) / 16 * 16];
                for (int at = 0; at < out.length; at += 16) {
                    for (int i = 15; i >= 0 && ++v[i] == 0; i--) {
                        continue;  // carries
                    }
                    aes.doFinal(v, 0, 16, out, at);
                }
                return java.util.Arrays.copyOf(out, bytes);
            } catch (GeneralSecurityException e) {
                throw new AssertionError(e);
            }
        }

        private void update(byte[] data) {
            byte[] out = next(48);
            for (int i = 0; i < 48; i++) {
                out[i] ^= data[i];
            }
            key = java.util.Arrays.copyOf(out, 32);
            System.arraycopy(out, 32, v, 0, 16);
        }

        public MemorySegment bytes(int count) {
            byte[] out = next(count);
            update(new byte[48]);
            return Memory.of(out);
        }
    }
}
