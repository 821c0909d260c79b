package dev.coffer.crypto.stream;

import dev.coffer.crypto.Aead;
import org.jspecify.annotations.Nullable;

/// The AEADs that the header of a [SealedStream] can name.
public enum SealedSuite {
    /// ChaCha20-Poly1305 (RFC 8439).
    CHACHA20_POLY1305(1, Aead.CHACHA20_POLY1305),
    /// AES-256-GCM (SP 800-38D), bitsliced.
    AES_256_GCM(2, Aead.AES_256_GCM);

    private final int code;
    private final Aead aead;

    SealedSuite(int code, Aead aead) {
        this.code = code;
        this.aead = aead;
    }

    int code() {
        return code;
    }

    Aead aead() {
        return aead;
    }

    static @Nullable SealedSuite of(int code) {
        return code == CHACHA20_POLY1305.code ? CHACHA20_POLY1305 : code == AES_256_GCM.code ? AES_256_GCM : null;
    }
}
