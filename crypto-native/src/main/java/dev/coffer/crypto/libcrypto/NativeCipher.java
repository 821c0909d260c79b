package dev.coffer.crypto.libcrypto;

import dev.coffer.crypto.Aead;
import dev.coffer.crypto.internal.AeadFunction.Family;

/// What of libcrypto is used: its names, and those of the pure forms.
enum NativeCipher {
    AES_128_GCM("AES-128-GCM", Aead.AES_128_GCM, Family.AES_GCM),
    AES_256_GCM("AES-256-GCM", Aead.AES_256_GCM, Family.AES_GCM),
    CHACHA20_POLY1305("ChaCha20-Poly1305", Aead.CHACHA20_POLY1305, Family.CHACHA20_POLY1305),
    AES_128_MASK("AES-128-ECB", "AES-128", 16, 0),
    AES_256_MASK("AES-256-ECB", "AES-256", 32, 0),
    CHACHA20_MASK("ChaCha20", "ChaCha20", 32, 16);

    private final String name;
    private final String pureName;
    private final int keyBytes;
    private final int nonceBytes;
    private final long lengthMax;
    private final Family family;

    NativeCipher(String name, Aead pure, Family family) {
        this.name = name;
        this.pureName = pure.name();
        this.keyBytes = pure.keyBytes();
        this.nonceBytes = pure.nonceBytes();
        this.lengthMax = pure.lengthMax();
        this.family = family;
    }

    NativeCipher(String name, String pureName, int keyBytes, int nonceBytes) {
        this.name = name;
        this.pureName = pureName;
        this.keyBytes = keyBytes;
        this.nonceBytes = nonceBytes;
        this.lengthMax = 0;
        this.family = Family.AES_GCM;  // of an AEAD only
    }

    /// {@return what libcrypto calls it}
    String fetchName() {
        return name;
    }

    String pureName() {
        return pureName;
    }

    int keyBytes() {
        return keyBytes;
    }

    int nonceBytes() {
        return nonceBytes;
    }

    long lengthMax() {
        return lengthMax;
    }

    Family family() {
        return family;
    }

    /// {@return whether the library would fill texts up to whole blocks: one without a nonce, which is a cipher of blocks}
    boolean isPadded() {
        return nonceBytes == 0;
    }

    boolean isAead() {
        return lengthMax > 0;
    }
}
