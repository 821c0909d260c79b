package dev.coffer.crypto.easy;

/// A parameter set of a standard, as a type: what a key, a ciphertext or a signature is of. Its sizes are constants, written as the sums
/// of the standard. Immutable, thread-safe.
public abstract sealed class ParameterSet permits KemSet, SignatureSet {
    private final String name;
    private final int category;
    private final int publicKeyBytes;
    private final int secretKeyBytes;

    ParameterSet(String name, int category, int publicKeyBytes, int secretKeyBytes) {
        this.name = name;
        this.category = category;
        this.publicKeyBytes = publicKeyBytes;
        this.secretKeyBytes = secretKeyBytes;
    }

    /// {@return the standard's name, such as `ML-KEM-768`}
    public final String name() {
        return name;
    }

    /// {@return NIST's security category that the standard claims, 1 to 5}
    public final int category() {
        return category;
    }

    /// {@return bytes of a public key}
    public final int publicKeyBytes() {
        return publicKeyBytes;
    }

    /// {@return bytes of a secret key, as the standard encodes it}
    public final int secretKeyBytes() {
        return secretKeyBytes;
    }

    /// {@return [#name]}
    @Override
    public final String toString() {
        return name;
    }
}
