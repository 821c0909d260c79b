package dev.coffer.crypto.easy;

/// Both keys of one kind, made by [EasyCrypto#keygen] or [EasyCrypto#keygenToSign]; closing it closes both.
///
/// @param <P>  of what
public final class KeyPair<P extends ParameterSet> implements AutoCloseable {
    private final PublicKey<P> publicKey;
    private final SecretKey<P> secretKey;

    KeyPair(PublicKey<P> publicKey, SecretKey<P> secretKey) {
        this.publicKey = publicKey;
        this.secretKey = secretKey;
    }

    /// {@return the half that anyone may have}
    public PublicKey<P> publicKey() {
        return publicKey;
    }

    /// {@return the half that nobody else may have}
    public SecretKey<P> secretKey() {
        return secretKey;
    }

    /// Closes both; the secret one is wiped.
    @Override
    public void close() {
        try {
            secretKey.close();
        } finally {
            publicKey.close();
        }
    }

    @Override
    public String toString() {
        return "key pair[" + publicKey.set() + (secretKey.isClosed() ? ", closed" : "") + "]";
    }
}
