package dev.coffer.jca;

import dev.coffer.crypto.key.KeyAlgorithm;
import java.io.InvalidObjectException;
import java.io.ObjectInputStream;
import java.io.Serial;
import java.lang.foreign.MemorySegment;
import java.security.KeyRep;
import java.security.PublicKey;
import java.security.spec.AlgorithmParameterSpec;
import java.util.Arrays;

/// A public key: bytes on the heap, as nothing of them is secret. Immutable, so any thread may use it. It equals every public key with the
/// same encoding, whoever made that. It is serialized as its encoding.
public abstract sealed class CofferPublicKey implements PublicKey permits Ed25519PublicKey, X25519PublicKey, P256PublicKey, NamedPublicKey {
    @Serial
    private static final long serialVersionUID = 1;

    private final transient KeyAlgorithm algorithm;
    private final transient byte[] bytes;  // as the algorithm holds it
    private final transient byte[] encoded;

    CofferPublicKey(KeyAlgorithm algorithm, byte[] bytes) {
        this.algorithm = algorithm;
        this.bytes = bytes;
        this.encoded = new byte[algorithm.spkiBytes()];
        dev.coffer.crypto.key.PublicKey.of(algorithm, MemorySegment.ofArray(bytes), 0).encode(MemorySegment.ofArray(encoded), 0);
    }

    /// {@return a key over bytes that are its own from here on, and were checked}
    static CofferPublicKey of(KeyAlgorithm algorithm, byte[] bytes) {
        return switch (algorithm) {
            case ED25519 -> new Ed25519PublicKey(bytes);
            case X25519 -> new X25519PublicKey(bytes);
            case P256 -> new P256PublicKey(bytes);
            default -> new NamedPublicKey(algorithm, bytes);
        };
    }

    /// {@return the key's bytes, for reading}
    final byte[] bytes() {
        return bytes;
    }

    /// {@return what the key is for, in Coffer's words}
    public final KeyAlgorithm keyAlgorithm() {
        return algorithm;
    }

    /// {@return the family, as the JDK's own keys answer: `EC`, `EdDSA`, `XDH`, `ML-KEM`, `ML-DSA`, `SLH-DSA`}
    @Override
    public final String getAlgorithm() {
        return KeyNames.of(algorithm).family();
    }

    /// {@return the parameter set by name, or the curve}
    @Override
    public AlgorithmParameterSpec getParams() {
        return KeyNames.parameters(algorithm);
    }

    @Override
    public final String getFormat() {
        return "X.509";
    }

    /// {@return SubjectPublicKeyInfo, DER}
    @Override
    public final byte[] getEncoded() {
        return encoded.clone();
    }

    @Override
    public final boolean equals(Object other) {
        return this == other || other instanceof CofferPublicKey that && Arrays.equals(encoded, that.encoded)
                || other instanceof PublicKey theirs && "X.509".equals(theirs.getFormat()) && Arrays.equals(encoded, theirs.getEncoded());
    }

    @Override
    public final int hashCode() {
        return Arrays.hashCode(encoded);  // as the JDK's own keys, so that equal ones have one number
    }

    @Override
    public final String toString() {
        return "CofferPublicKey[" + KeyNames.set(algorithm) + "]";
    }

    @Serial  // not private: the subclasses inherit it
    final Object writeReplace() {
        return new KeyRep(KeyRep.Type.PUBLIC, getAlgorithm(), getFormat(), getEncoded());
    }

    @Serial
    private void readObject(ObjectInputStream in) throws InvalidObjectException {
        throw new InvalidObjectException("CofferPublicKey: serialized as its encoding alone");
    }
}
