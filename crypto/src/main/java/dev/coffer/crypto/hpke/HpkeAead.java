package dev.coffer.crypto.hpke;

import dev.coffer.crypto.Aead;
import org.jspecify.annotations.Nullable;

/// The AEADs of RFC 9180, section 7.3.
@SuppressWarnings("exports")  // annotations that users need not have
public enum HpkeAead {
    /// AES-128-GCM.
    AES_128_GCM(0x0001, Aead.AES_128_GCM),
    /// AES-256-GCM.
    AES_256_GCM(0x0002, Aead.AES_256_GCM),
    /// ChaCha20-Poly1305: the fastest of these in the strict profile.
    CHACHA20_POLY1305(0x0003, Aead.CHACHA20_POLY1305),
    /// None: the context only exports secrets; sealing and opening are refused.
    EXPORT_ONLY(0xffff, null);

    private final int id;
    private final @Nullable Aead aead;

    HpkeAead(int id, @Nullable Aead aead) {
        this.id = id;
        this.aead = aead;
    }

    /// {@return the number in the registry}
    public int id() {
        return id;
    }

    /// {@return the algorithm, or null for [#EXPORT_ONLY]}
    public @Nullable Aead aead() {
        return aead;
    }

    /// {@return the registry's name}
    @Override
    public String toString() {
        return aead == null ? "export-only" : aead.name();
    }
}
