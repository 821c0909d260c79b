package dev.coffer.crypto.rsa;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.RSAPrivateKey;
import org.bouncycastle.asn1.pkcs.RSAPublicKey;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;

/// A key of the tests' resources that computes with `BigInteger`, on the heap and in whatever time it takes.
public final class PlainRsaKey implements RsaKey {
    private final RSAPrivateKey numbers;
    private int fault = -1;       // bit of the next signatures that is wrong
    private boolean closed;

    private PlainRsaKey(RSAPrivateKey numbers) {
        this.numbers = numbers;
    }

    /// {@return the resource `vectors/rsa/NAME.pem`}
    public static PlainRsaKey of(String name) {
        return new PlainRsaKey(RSAPrivateKey.getInstance(Base64.getMimeDecoder().decode(text(name).replaceAll("-----.*-----", ""))));
    }

    /// {@return the text of that file}
    public static String text(String name) {
        try (InputStream in = PlainRsaKey.class.getResourceAsStream("/vectors/rsa/" + name + ".pem")) {
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    RSAPrivateKey numbers() {
        return numbers;
    }

    /// Has a bit of each signature wrong from here on.
    void fault(int bit) {
        fault = bit;
    }

    PublicKey jdk() throws Exception {
        return KeyFactory.getInstance("RSA").generatePublic(new X509EncodedKeySpec(publicKey()));
    }

    @Override
    public int modulusBits() {
        return numbers.getModulus().bitLength();
    }

    @Override
    public byte[] publicKey() {
        try {
            return new SubjectPublicKeyInfo(new AlgorithmIdentifier(PKCSObjectIdentifiers.rsaEncryption, DERNull.INSTANCE),
                    new RSAPublicKey(numbers.getModulus(), numbers.getPublicExponent())).getEncoded();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public boolean signaturePrimitive(MemorySegment representative, long representativeAt, MemorySegment signature, long signatureAt) {
        if (closed) {
            return false;
        }
        BigInteger signed = read(representative, representativeAt).modPow(numbers.getPrivateExponent(), numbers.getModulus());
        write(fault < 0 ? signed : signed.flipBit(fault), signature, signatureAt);
        return true;
    }

    @Override
    public boolean verificationPrimitive(MemorySegment signature, long signatureAt, MemorySegment representative, long representativeAt) {
        write(read(signature, signatureAt).modPow(numbers.getPublicExponent(), numbers.getModulus()), representative, representativeAt);
        return true;
    }

    private BigInteger read(MemorySegment segment, long at) {
        return new BigInteger(1, segment.asSlice(at, modulusBytes()).toArray(ValueLayout.JAVA_BYTE));
    }

    private void write(BigInteger number, MemorySegment segment, long at) {
        for (int i = 0; i < modulusBytes(); i++) {
            segment.set(ValueLayout.JAVA_BYTE, at + i, number.shiftRight(Byte.SIZE * (modulusBytes() - 1 - i)).byteValue());
        }
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
