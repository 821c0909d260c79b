package dev.coffer.crypto;

/// A key has sealed all the messages that it may ([AeadLimits]): nothing was written, and the key will seal nothing more.
/// Whoever seals on a path that must make no object asks [AeadKey#sealsLeft] first.
public final class KeySpentException extends RuntimeException {
    private static final long serialVersionUID = 1;

    KeySpentException(String algorithm) {
        super(algorithm + ": the key has sealed all that it may (expected a new key, or a key update; RFC 8446 section 5.5,"
                + " RFC 9001 section 6.6)");
    }
}
