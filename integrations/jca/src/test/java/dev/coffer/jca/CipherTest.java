package dev.coffer.jca;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.memory.Account;
import dev.coffer.memory.internal.vault.Piece;
import java.nio.ByteBuffer;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;
import java.security.Key;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.spec.AlgorithmParameterSpec;
import java.util.Arrays;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.KeyGenerator;
import javax.crypto.SecretKey;
import javax.crypto.ShortBufferException;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// The contract of `Cipher`, state by state, beside the JDK's own cipher.
class CipherTest {
    private static final CofferProvider COFFER = new CofferProvider(CofferProviderConfig.defaults().withWorkBytes(512 << 10));
    private static final Random RANDOM = new Random(42);

    /// A transformation and a key size.
    record Kind(String transformation, String key, int keyBytes) {
        SecretKey newKey() {
            return new SecretKeySpec(bytes(keyBytes), key);
        }

        AlgorithmParameterSpec nonce(byte[] nonce) {
            return key.equals("AES") ? new GCMParameterSpec(128, nonce) : new IvParameterSpec(nonce);
        }

        Cipher cipher() throws Exception {
            return Cipher.getInstance(transformation, COFFER);
        }

        Cipher cipher(int mode, Key by, byte[] nonce) throws Exception {
            Cipher cipher = cipher();
            cipher.init(mode, by, nonce(nonce));
            return cipher;
        }

        Cipher jdk(int mode, Key by, byte[] nonce) throws Exception {
            Cipher cipher = Cipher.getInstance(transformation, "SunJCE");
            cipher.init(mode, by, nonce(nonce));
            return cipher;
        }
    }

    static Stream<Kind> kinds() {
        return Stream.of(new Kind("AES/GCM/NoPadding", "AES", 16), new Kind("AES/GCM/NoPadding", "AES", 32), new Kind("AES_256/GCM/NoPadding", "AES", 32),
                new Kind("ChaCha20-Poly1305", "ChaCha20", 32), new Kind("ChaCha20-Poly1305/None/NoPadding", "ChaCha20", 32));
    }

    private static byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        RANDOM.nextBytes(bytes);
        return bytes;
    }

    /// No engine that ended its message holds any of it: what is left are keys of engines that the collector has not met.
    @AfterEach
    void nothingGathersWithoutEnd() {
        assertTrue(COFFER.accounts().get(2).usedBytes() < 256 << 10, "work " + COFFER.accounts().get(2));
    }

    @AfterAll
    static void close() {
        COFFER.close();
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void crossesWithTheJdkInAnyPieces(Kind kind) throws Exception {
        for (int length : new int[] {0, 1, 15, 16, 17, 255, 256, 257, 4096, 20_000}) {
            SecretKey key = kind.newKey();
            byte[] nonce = bytes(12);
            byte[] text = bytes(length);
            byte[] aad = bytes(length % 40);
            Cipher theirs = kind.jdk(Cipher.ENCRYPT_MODE, key, nonce);
            theirs.updateAAD(aad);
            byte[] expected = theirs.doFinal(text);
            Cipher ours = kind.cipher(Cipher.ENCRYPT_MODE, key, nonce);
            ours.updateAAD(aad, 0, aad.length / 2);
            ours.updateAAD(ByteBuffer.wrap(aad, aad.length / 2, aad.length - aad.length / 2));
            int cut = length / 3;
            assertEquals(0, ours.update(text, 0, cut, new byte[text.length + 16]));
            assertEquals(length - cut + cut + 16, ours.getOutputSize(length - cut));
            assertArrayEquals(expected, ours.doFinal(text, cut, length - cut), kind + " " + length);
            Cipher opening = kind.cipher(Cipher.DECRYPT_MODE, key, nonce);
            for (int round = 0; round < 2; round++) {  // decrypting, the next message may follow
                opening.updateAAD(aad);
                byte[] before = opening.update(expected, 0, cut);
                assertTrue(before == null || before.length == 0, "nothing leaves that is not authentic");
                assertArrayEquals(text, opening.doFinal(expected, cut, expected.length - cut));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void oneBitChangedAnywhereIsABadTag(Kind kind) throws Exception {
        SecretKey key = kind.newKey();
        byte[] nonce = bytes(12);
        Cipher sealing = kind.cipher(Cipher.ENCRYPT_MODE, key, nonce);
        sealing.updateAAD(new byte[] {1, 2, 3});
        byte[] sealed = sealing.doFinal(bytes(40));
        Cipher opening = kind.cipher(Cipher.DECRYPT_MODE, key, nonce);
        byte[] output = new byte[40];
        for (int bit = 0; bit < sealed.length * 8; bit += 7) {
            byte[] changed = sealed.clone();
            changed[bit / 8] ^= (byte) (1 << bit % 8);
            opening.updateAAD(new byte[] {1, 2, 3});
            assertThrows(AEADBadTagException.class, () -> opening.doFinal(changed, 0, changed.length, output));
            assertArrayEquals(new byte[40], output, "untouched");
        }
        opening.updateAAD(new byte[] {1, 2});
        assertThrows(AEADBadTagException.class, () -> opening.doFinal(sealed));
        for (int length = 0; length < 16; length++) {  // shorter than a tag
            int bytes = length;
            assertThrows(AEADBadTagException.class, () -> opening.doFinal(sealed, 0, bytes));
        }
        opening.updateAAD(new byte[] {1, 2, 3});
        assertEquals(40, opening.doFinal(sealed).length, "and goes on working");
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void aNonceEncryptsOnce(Kind kind) throws Exception {
        SecretKey key = kind.newKey();
        byte[] nonce = bytes(12);
        Cipher cipher = kind.cipher(Cipher.ENCRYPT_MODE, key, nonce);
        cipher.doFinal(bytes(10));
        assertThrows(IllegalStateException.class, () -> cipher.doFinal(bytes(10)));
        assertThrows(IllegalStateException.class, () -> cipher.update(bytes(10)));
        assertThrows(IllegalStateException.class, () -> cipher.updateAAD(bytes(10)));
        assertThrows(InvalidAlgorithmParameterException.class, () -> cipher.init(Cipher.ENCRYPT_MODE, key, kind.nonce(nonce)));
        cipher.init(Cipher.DECRYPT_MODE, key, kind.nonce(nonce));
        assertThrows(InvalidAlgorithmParameterException.class, () -> cipher.init(Cipher.ENCRYPT_MODE, key, kind.nonce(nonce)), "not by way of decrypting");
        nonce[0]++;
        cipher.init(Cipher.ENCRYPT_MODE, key, kind.nonce(nonce));
        cipher.doFinal(bytes(10));
        cipher.init(Cipher.ENCRYPT_MODE, kind.newKey(), kind.nonce(nonce));
        cipher.doFinal(bytes(10));
        cipher.init(Cipher.ENCRYPT_MODE, key);  // a nonce of its own
        byte[] drawn = cipher.getIV();
        byte[] text = bytes(10);
        byte[] sealed = cipher.doFinal(text);
        assertEquals(12, drawn.length);
        Cipher opening = kind.cipher();
        opening.init(Cipher.DECRYPT_MODE, key, cipher.getParameters());
        assertArrayEquals(text, opening.doFinal(sealed));
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void aShortBufferLosesNothing(Kind kind) throws Exception {
        SecretKey key = kind.newKey();
        byte[] nonce = bytes(12);
        byte[] text = bytes(100);
        byte[] expected = kind.jdk(Cipher.ENCRYPT_MODE, key, nonce).doFinal(text);
        Cipher cipher = kind.cipher(Cipher.ENCRYPT_MODE, key, nonce);
        cipher.update(text, 0, 60);
        assertThrows(ShortBufferException.class, () -> cipher.doFinal(text, 60, 40, new byte[115]));
        ByteBuffer input = ByteBuffer.wrap(text, 60, 40);
        assertThrows(ShortBufferException.class, () -> cipher.doFinal(input, ByteBuffer.allocateDirect(115)));
        assertEquals(40, input.remaining());
        byte[] output = new byte[116];
        assertEquals(116, cipher.doFinal(text, 60, 40, output));
        assertArrayEquals(expected, output);
        Cipher opening = kind.cipher(Cipher.DECRYPT_MODE, key, nonce);
        assertThrows(ShortBufferException.class, () -> opening.doFinal(expected, 0, 116, new byte[99]));
        assertArrayEquals(text, opening.doFinal(expected));
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void buffersMayOverlapAndBeAnyKind(Kind kind) throws Exception {
        SecretKey key = kind.newKey();
        byte[] text = bytes(1000);
        byte[] nonce = bytes(12);
        byte[] expected = kind.jdk(Cipher.ENCRYPT_MODE, key, nonce).doFinal(text);
        for (int shift : new int[] {0, 1, 7, 16, 100}) {
            for (int way = 0; way < 2; way++) {
                byte[] shared = new byte[1200];
                int from = way == 0 ? 0 : shift;
                int to = way == 0 ? shift : 0;
                System.arraycopy(text, 0, shared, from, 1000);
                kind.cipher(Cipher.ENCRYPT_MODE, key, nonce).doFinal(shared, from, 1000, shared, to);
                assertArrayEquals(expected, Arrays.copyOfRange(shared, to, to + 1016));
                ByteBuffer direct = ByteBuffer.allocateDirect(1200);
                direct.put(from, text);
                kind.cipher(Cipher.ENCRYPT_MODE, key, nonce).doFinal(direct.duplicate().position(from).limit(from + 1000), direct.duplicate().position(to));
                byte[] got = new byte[1016];
                direct.get(to, got);
                assertArrayEquals(expected, got);
            }
        }
        ByteBuffer readOnly = ByteBuffer.wrap(text).asReadOnlyBuffer();
        ByteBuffer output = ByteBuffer.allocate(2000).position(5);
        assertEquals(1016, kind.cipher(Cipher.ENCRYPT_MODE, key, nonce).doFinal(readOnly, output));
        assertEquals(1021, output.position());
        assertFalse(readOnly.hasRemaining());
        assertArrayEquals(expected, Arrays.copyOfRange(output.array(), 5, 1021));
        Cipher pieces = kind.cipher(Cipher.ENCRYPT_MODE, key, nonce);
        ByteBuffer first = ByteBuffer.wrap(text, 0, 500);
        assertEquals(0, pieces.update(first, ByteBuffer.allocate(1000)));
        assertFalse(first.hasRemaining());
        assertArrayEquals(expected, pieces.doFinal(text, 500, 500));
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void keysAndParametersThatAreNotHadAreRefused(Kind kind) throws Exception {
        Cipher cipher = kind.cipher();
        SecretKey key = kind.newKey();
        for (int bytes : new int[] {1, 15, 17, 24, 31, 33, 64}) {
            assertThrows(InvalidKeyException.class, () -> cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(bytes(bytes), kind.key), kind.nonce(bytes(12))));
        }
        for (int bytes : new int[] {1, 11, 13, 16}) {
            assertThrows(InvalidAlgorithmParameterException.class, () -> cipher.init(Cipher.ENCRYPT_MODE, key, kind.nonce(bytes(bytes))));
        }
        assertThrows(InvalidAlgorithmParameterException.class, () -> cipher.init(Cipher.ENCRYPT_MODE, key, new GCMParameterSpec(96, bytes(12))));
        assertThrows(InvalidKeyException.class, () -> cipher.init(Cipher.DECRYPT_MODE, key));
        PrivateKey other = KeyPairGenerator.getInstance("Ed25519", COFFER).generateKeyPair().getPrivate();
        assertThrows(InvalidKeyException.class, () -> cipher.init(Cipher.ENCRYPT_MODE, other, kind.nonce(bytes(12))));
        assertThrows(IllegalStateException.class, () -> cipher.doFinal(bytes(1)), "not initialised by what was refused");
        assertNull(cipher.getIV());
        cipher.init(Cipher.ENCRYPT_MODE, key, kind.nonce(bytes(12)));
        cipher.update(bytes(1));
        assertThrows(IllegalStateException.class, () -> cipher.updateAAD(bytes(1)), "associated data after text");
        assertEquals(17, cipher.doFinal().length);
    }

    @Test
    void aMessageThatDoesNotFitIsRefusedAndThatOneAlone() throws Exception {
        Kind kind = new Kind("AES/GCM/NoPadding", "AES", 32);
        SecretKey key = kind.newKey();
        byte[] nonce = bytes(12);
        Cipher cipher = kind.cipher(Cipher.ENCRYPT_MODE, key, nonce);
        byte[] text = bytes(1000);
        cipher.update(text);
        assertThrows(ProviderMemoryException.class, () -> cipher.update(new byte[600 << 10]));
        assertThrows(ProviderMemoryException.class, () -> cipher.doFinal(new byte[600 << 10]));
        assertArrayEquals(kind.jdk(Cipher.ENCRYPT_MODE, key, nonce).doFinal(text), cipher.doFinal(), "what was there is there");
    }

    /// With each amount of memory that is too little in turn, so that each piece that it takes is refused once.
    @ParameterizedTest
    @EnumSource(AeadEngine.Kind.class)
    void aKeyThatDoesNotFitLeavesNothingBehind(AeadEngine.Kind kind) throws Exception {
        try (Vault vault = Vault.open(CofferProviderConfig.defaults().withWorkBytes(512 << 10))) {
            AeadEngine engine = new AeadEngine(vault, kind, 0);
            Key key = new SecretKeySpec(bytes(32), "any");
            Account work = vault.accounts().get(2);
            Set<String> asked = new TreeSet<>();
            for (long free = 0; !isTaken(engine, key, vault, free, asked); free += 64) {
                assertEquals(0, work.usedBytes(), free + " bytes free");
            }
            assertTrue(asked.size() >= 2, "refused were pieces of " + asked);
            assertTrue(work.usedBytes() > 0, "nothing was refused that fits");
        }
    }

    private static boolean isTaken(AeadEngine engine, Key key, Vault vault, long free, Set<String> asked) throws Exception {
        Piece others = vault.work(vault.accounts().get(2).capacityBytes() - free);
        try {
            engine.engineInit(Cipher.ENCRYPT_MODE, key, null);
            return true;
        } catch (ProviderMemoryException e) {
            asked.add(e.getMessage().replaceAll("^\\D*(\\d+) bytes.*$", "$1"));
            return false;
        } finally {
            others.close();
        }
    }

    @Test
    void keysAreWrappedAndUnwrapped() throws Exception {
        SecretKey wrapping = KeyGenerator.getInstance("AES", COFFER).generateKey();
        SecretKey secret = KeyGenerator.getInstance("ChaCha20", COFFER).generateKey();
        PrivateKey privateKey = KeyPairGenerator.getInstance("Ed25519", COFFER).generateKeyPair().getPrivate();
        Cipher wrap = Cipher.getInstance("AES/GCM/NoPadding", COFFER);
        wrap.init(Cipher.WRAP_MODE, wrapping);
        byte[] wrapped = wrap.wrap(secret);
        Cipher unwrap = Cipher.getInstance("AES/GCM/NoPadding", COFFER);
        unwrap.init(Cipher.UNWRAP_MODE, wrapping, wrap.getParameters());
        Key back = unwrap.unwrap(wrapped, "ChaCha20", Cipher.SECRET_KEY);
        assertEquals(secret, back);
        wrapped[3] ^= 1;
        assertThrows(InvalidKeyException.class, () -> unwrap.unwrap(wrapped, "ChaCha20", Cipher.SECRET_KEY));
        wrap.init(Cipher.WRAP_MODE, wrapping);
        byte[] other = wrap.wrap(privateKey);
        unwrap.init(Cipher.UNWRAP_MODE, wrapping, wrap.getParameters());
        assertArrayEquals(privateKey.getEncoded(), unwrap.unwrap(other, "Ed25519", Cipher.PRIVATE_KEY).getEncoded());
        assertThrows(IllegalStateException.class, () -> wrap.wrap(secret), "the nonce was used");
        wrap.init(Cipher.WRAP_MODE, wrapping);
        ((CofferSecretKey) secret).forbidExport();
        ((CofferPrivateKey) privateKey).forbidExport();
        assertThrows(InvalidKeyException.class, () -> wrap.wrap(secret), "it would leave");
        assertThrows(InvalidKeyException.class, () -> wrap.wrap(privateKey), "it would leave");
    }
}
