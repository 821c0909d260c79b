package dev.coffer.tls;

import dev.coffer.crypto.rsa.RsaKey;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.interfaces.RSAPrivateKey;
import java.security.interfaces.RSAPublicKey;

/// An RSA key of the JDK that computes with `BigInteger`, on the heap and in whatever time it takes.
final class PlainRsaKey implements RsaKey {
    private final KeyPair pair;
    private final BigInteger modulus;
    private volatile boolean closed;

    private PlainRsaKey(KeyPair pair) {
        this.pair = pair;
        this.modulus = ((RSAPublicKey) pair.getPublic()).getModulus();
    }

    /// {@return the one key of these tests, to be closed by itself: making one takes a while}
    static PlainRsaKey make() {
        return new PlainRsaKey(Shared.PAIR);
    }

    /// {@return another key}
    static PlainRsaKey another() {
        return new PlainRsaKey(pair());
    }

    private static KeyPair pair() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(2048);
            return generator.generateKeyPair();
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    private static final class Shared {
        private static final KeyPair PAIR = pair();
    }

    PrivateKey jdk() {
        return pair.getPrivate();
    }

    @Override
    public int modulusBits() {
        return modulus.bitLength();
    }

    @Override
    public byte[] publicKey() {
        return pair.getPublic().getEncoded();
    }

    @Override
    public boolean signaturePrimitive(MemorySegment representative, long representativeAt, MemorySegment signature, long signatureAt) {
        return !closed && power(((RSAPrivateKey) pair.getPrivate()).getPrivateExponent(), representative, representativeAt, signature, signatureAt);
    }

    @Override
    public boolean verificationPrimitive(MemorySegment signature, long signatureAt, MemorySegment representative, long representativeAt) {
        return !closed && power(((RSAPublicKey) pair.getPublic()).getPublicExponent(), signature, signatureAt, representative, representativeAt);
    }

    private boolean power(BigInteger exponent, MemorySegment input, long inputAt, MemorySegment output, long outputAt) {
        BigInteger number = new BigInteger(1, input.asSlice(inputAt, modulusBytes()).toArray(ValueLayout.JAVA_BYTE)).modPow(exponent, modulus);
        for (int i = 0; i < modulusBytes(); i++) {
            output.set(ValueLayout.JAVA_BYTE, outputAt + i, number.shiftRight(Byte.SIZE * (modulusBytes() - 1 - i)).byteValue());
        }
        return true;
    }

    @Override
    public void close() {
        closed = true;
    }

    @Override
    public boolean isClosed() {
        return closed;
    }
}
