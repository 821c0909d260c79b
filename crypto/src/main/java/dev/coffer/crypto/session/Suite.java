package dev.coffer.crypto.session;

import dev.coffer.crypto.Aead;
import dev.coffer.crypto.AeadLimits;

/// The AEADs of sessions, and how many messages one key of each may seal (RFC 9001, section 6.6).
public enum Suite {
    /// AES-256-GCM (SP 800-38D), bitsliced: at most 2^23 messages a key.
    AES_256_GCM(Aead.AES_256_GCM),
    /// ChaCha20-Poly1305 (RFC 8439): more messages than are ever sent; the sequence number ends at 2^62.
    CHACHA20_POLY1305(Aead.CHACHA20_POLY1305);

    private final Aead aead;
    private final AeadLimits limits;

    Suite(Aead aead) {
        this.aead = aead;
        this.limits = AeadLimits.quic(aead);
    }

    /// {@return the most messages that one key may seal}
    public long messagesMax() {
        return limits.seals();
    }

    Aead aead() {
        return aead;
    }

    AeadLimits limits() {
        return limits;
    }

    long scheduleBytes() {
        return aead.scheduleBytes();
    }
}
