package dev.coffer.crypto.easy;

/// What encapsulation gives: a secret, and the ciphertext that brings it to the holder of the key. Closing it closes both.
///
/// @param <K>  of what
public final class Encapsulated<K extends KemSet> implements AutoCloseable {
    private final Ciphertext<K> ciphertext;
    private final SharedSecret<K> sharedSecret;

    Encapsulated(Ciphertext<K> ciphertext, SharedSecret<K> sharedSecret) {
        this.ciphertext = ciphertext;
        this.sharedSecret = sharedSecret;
    }

    /// {@return what to send}
    public Ciphertext<K> ciphertext() {
        return ciphertext;
    }

    /// {@return what the other side will have too}
    public SharedSecret<K> sharedSecret() {
        return sharedSecret;
    }

    /// Closes both; the secret is wiped.
    @Override
    public void close() {
        try {
            sharedSecret.close();
        } finally {
            ciphertext.close();
        }
    }

    @Override
    public String toString() {
        return "encapsulated[" + ciphertext.set() + (sharedSecret.isClosed() ? ", closed" : "") + "]";
    }
}
