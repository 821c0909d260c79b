package dev.coffer.jca;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.SignatureException;
import java.security.spec.EdDSAParameterSpec;
import java.util.Arrays;
import java.util.stream.Stream;
import org.bouncycastle.jcajce.spec.ContextParameterSpec;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The contract of `Signature`, state by state.
class SignatureTest {
    private static final CofferProvider COFFER = new CofferProvider(CofferProviderConfig.defaults().withWorkBytes(512 << 10));

    record Kind(String signature, String keys, int bytes) {
        KeyPair pair() throws Exception {
            return KeyPairGenerator.getInstance(keys, COFFER).generateKeyPair();
        }

        Signature signing(KeyPair pair) throws Exception {
            Signature signature = Signature.getInstance(this.signature, COFFER);
            signature.initSign(pair.getPrivate());
            return signature;
        }

        Signature verifying(KeyPair pair) throws Exception {
            Signature signature = Signature.getInstance(this.signature, COFFER);
            signature.initVerify(pair.getPublic());
            return signature;
        }
    }

    static Stream<Kind> kinds() {
        return Stream.of(new Kind("Ed25519", "Ed25519", 64), new Kind("EdDSA", "EdDSA", 64), new Kind("SHA256withECDSA", "EC", 72),
                new Kind("SHA256withECDSAinP1363Format", "EC", 64), new Kind("ML-DSA-44", "ML-DSA-44", 2420), new Kind("ML-DSA", "ML-DSA-65", 3309),
                new Kind("Falcon-512", "Falcon-512", 752), new Kind("Falcon", "Falcon-1024", 1462), new Kind("SLH-DSA-SHA2-128f", "SLH-DSA-SHA2-128f", 17088));
    }

    static Stream<Kind> quickKinds() {
        return kinds().filter(kind -> !kind.keys.startsWith("SLH"));
    }

    @AfterAll
    static void close() {
        assertEquals(0, COFFER.accounts().get(2).usedBytes(), "messages that ended hold nothing");
        COFFER.close();
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void messagesComeInAnyPiecesAndOneAfterTheOther(Kind kind) throws Exception {
        KeyPair pair = kind.pair();
        Signature signing = kind.signing(pair);
        Signature verifying = kind.verifying(pair);
        byte[] message = new byte[1500];
        for (int i = 0; i < message.length; i++) {
            message[i] = (byte) (i * 7);
        }
        for (int length : new int[] {0, 1, 300, 1500}) {
            for (int i = 0; i < Math.min(length, 3); i++) {
                signing.update(message[i]);
            }
            signing.update(message, Math.min(length, 3), Math.max(0, length - 3));
            byte[] signature = signing.sign();
            assertTrue(signature.length <= kind.bytes && signature.length >= kind.bytes - (kind.keys.startsWith("Falcon") ? kind.bytes / 5 : 8),
                    kind + ": " + signature.length);
            ByteBuffer direct = ByteBuffer.allocateDirect(length).put(message, 0, length).flip();
            verifying.update(direct);
            assertFalse(direct.hasRemaining());
            assertTrue(verifying.verify(signature), kind + " " + length);
            verifying.update(ByteBuffer.wrap(message, 0, length).asReadOnlyBuffer());
            assertTrue(verifying.verify(signature));
            verifying.update(message, 0, length);
            verifying.update((byte) 0);
            assertFalse(verifying.verify(signature), "a byte more");
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void oneBitChangedOrAnotherLengthIsInvalid(Kind kind) throws Exception {
        KeyPair pair = kind.pair();
        Signature signing = kind.signing(pair);
        signing.update((byte) 7);
        byte[] signature = signing.sign();
        Signature verifying = kind.verifying(pair);
        int step = Math.max(1, signature.length / 24);
        for (int at = 0; at < signature.length; at += step) {
            byte[] changed = signature.clone();
            changed[at] ^= (byte) (1 << at % 8);
            verifying.update((byte) 7);
            assertFalse(verifying.verify(changed), kind + " at " + at);
        }
        for (int length : new int[] {0, 1, signature.length - 1, signature.length + 1, 600 << 10}) {
            verifying.update((byte) 7);
            assertFalse(verifying.verify(Arrays.copyOf(signature, length)), kind + " of " + length);  // the last is more than there is room for
        }
        verifying.update((byte) 7);
        assertTrue(verifying.verify(signature), "and goes on working");
        Signature other = kind.verifying(kind.pair());
        other.update((byte) 7);
        assertFalse(other.verify(signature), "another key");
    }

    @ParameterizedTest
    @MethodSource("quickKinds")
    void aShortBufferLosesNothing(Kind kind) throws Exception {
        KeyPair pair = kind.pair();
        Signature signing = kind.signing(pair);
        signing.update((byte) 7);
        byte[] target = new byte[kind.bytes + 10];
        assertThrows(SignatureException.class, () -> signing.sign(target, 5, kind.bytes - 1));
        int length = signing.sign(target, 5, kind.bytes);
        Signature verifying = kind.verifying(pair);
        verifying.update((byte) 7);
        assertTrue(verifying.verify(target, 5, length));
    }

    @ParameterizedTest
    @MethodSource("quickKinds")
    void aNewInitForgetsTheMessage(Kind kind) throws Exception {
        KeyPair pair = kind.pair();
        Signature signature = kind.signing(pair);
        signature.update((byte) 1);
        signature.initSign(pair.getPrivate());
        signature.update((byte) 2);
        byte[] signed = signature.sign();
        signature.initVerify(pair.getPublic());
        signature.update((byte) 2);
        assertTrue(signature.verify(signed));
        assertThrows(SignatureException.class, signature::sign, "initialised for verification");
        assertThrows(SignatureException.class, () -> Signature.getInstance(kind.signature, COFFER).sign());
        assertThrows(InvalidKeyException.class, () -> signature.initSign(null));
        KeyPair other = KeyPairGenerator.getInstance("X25519", COFFER).generateKeyPair();
        assertThrows(InvalidKeyException.class, () -> signature.initSign(other.getPrivate()));
        assertThrows(InvalidKeyException.class, () -> signature.initVerify(other.getPublic()));
        assertNull(signature.getParameters());
    }

    @Test
    void contextsBindAndCrossWithBouncyCastle() throws Exception {
        BouncyCastleProvider bc = new BouncyCastleProvider();
        for (Kind kind : new Kind[] {new Kind("ML-DSA-44", "ML-DSA-44", 2420), new Kind("SLH-DSA-SHA2-128f", "SLH-DSA-SHA2-128f", 17088)}) {
            KeyPair pair = kind.pair();
            for (int length : new int[] {1, 255}) {
                byte[] context = new byte[length];
                context[0] = 9;
                Signature signing = Signature.getInstance(kind.signature, COFFER);
                signing.setParameter(new SignatureContext(context));
                signing.initSign(pair.getPrivate());
                signing.update((byte) 7);
                byte[] signature = signing.sign();
                Signature theirs = Signature.getInstance(kind.signature, bc);
                theirs.initVerify(java.security.KeyFactory.getInstance(kind.keys, bc)
                        .generatePublic(new java.security.spec.X509EncodedKeySpec(pair.getPublic().getEncoded())));
                theirs.setParameter(new ContextParameterSpec(context));
                theirs.update((byte) 7);
                assertTrue(theirs.verify(signature), kind + " " + length);
                Signature verifying = kind.verifying(pair);
                verifying.update((byte) 7);
                assertFalse(verifying.verify(signature), "without its context");
                verifying.setParameter(new SignatureContext(context));
                verifying.update((byte) 7);
                assertTrue(verifying.verify(signature));
                verifying.update((byte) 7);
                assertThrows(InvalidAlgorithmParameterException.class, () -> verifying.setParameter(new SignatureContext(new byte[1])), "in a message");
                assertTrue(verifying.verify(signature));
            }
        }
        assertThrows(IllegalArgumentException.class, () -> new SignatureContext(new byte[256]));
        Signature ed = Signature.getInstance("Ed25519", COFFER);
        assertThrows(InvalidAlgorithmParameterException.class, () -> ed.setParameter(new SignatureContext(new byte[1])));
        assertThrows(InvalidAlgorithmParameterException.class, () -> ed.setParameter(new EdDSAParameterSpec(true)));
        ed.setParameter(new EdDSAParameterSpec(false));
        ed.setParameter(null);
    }

    @Test
    void aMessageThatDoesNotFitIsRefusedAndThatOneAlone() throws Exception {
        Kind kind = new Kind("Ed25519", "Ed25519", 64);
        KeyPair pair = kind.pair();
        Signature signing = kind.signing(pair);
        signing.update((byte) 7);
        assertThrows(ProviderMemoryException.class, () -> signing.update(new byte[600 << 10]));
        byte[] signature = signing.sign();
        Signature verifying = kind.verifying(pair);
        verifying.update((byte) 7);
        assertTrue(verifying.verify(signature), "what was there is there");
    }
}
