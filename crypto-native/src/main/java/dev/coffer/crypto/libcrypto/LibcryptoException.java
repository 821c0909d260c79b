package dev.coffer.crypto.libcrypto;

/// The system's libcrypto cannot serve: it is absent, of another version, lacks a function, was not granted, answered wrongly, or was
/// refused memory. Nobody's fault but the machine's; nothing is held, and the pure form serves. The message says which, and the remedy
/// where there is one.
public final class LibcryptoException extends RuntimeException {
    private static final long serialVersionUID = 1;

    LibcryptoException(String message) {
        super("libcrypto: " + message);
    }
}
