package dev.coffer.crypto.session;

import dev.coffer.crypto.Aead;

/// The AEADs of sessions, and how many messages one key of each may seal (RFC 9001, section 6.6).
public enum Suite {
    /// AES-256-GCM (SP 800-38D), bitsliced: at most 2^23 messages a key.
    AES_256_GCM(Aead.AES_256_GCM, 1L << 23),
    /// ChaCha20-Poly1305 (RFC 8439): more messages than are ever sent; the sequence number ends at 2^62.
    CHACHA20_POLY1305(Aead.CHACHA20_POLY1305, 1L << 62);

    private final Aead aead;
    private final long messagesMax;

    Suite(Aead aead, long messagesMax) {
        this.aead = aead;
        this.messagesMax = messagesMax;
    }

    /// {@return the most messages that one key may seal}
    public long messagesMax() {
        return messagesMax;
    }

    Aead aead() {
        return aead;
    }

    long scheduleBytes() {
        return aead.scheduleBytes();
    }
}
