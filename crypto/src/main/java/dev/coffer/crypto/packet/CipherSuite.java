package dev.coffer.crypto.packet;

import dev.coffer.crypto.Aead;
import dev.coffer.crypto.aead.AesBlock;
import dev.coffer.crypto.aead.AesMask;
import dev.coffer.crypto.aead.ChaCha20Mask;
import dev.coffer.crypto.internal.MaskFunction;
import dev.coffer.crypto.kdf.Hkdf;
import org.jspecify.annotations.Nullable;

/// A cipher suite of TLS 1.3 (RFC 8446, appendix B.4), which QUIC uses too (RFC 9001, section 5.3): an AEAD, the hash of the key
/// schedule, and the cipher that protects headers. Immutable, thread-safe.
@SuppressWarnings("exports")  // annotations that users need not have
public final class CipherSuite {
    /// TLS_AES_128_GCM_SHA256, which every implementation has (section 9.1), and every Initial packet of QUIC.
    public static final CipherSuite AES_128_GCM_SHA256 =
            new CipherSuite(0x1301, "TLS_AES_128_GCM_SHA256", Aead.AES_128_GCM, Hkdf.SHA_256, new AesMask(AesBlock.AES_128));
    /// TLS_AES_256_GCM_SHA384.
    public static final CipherSuite AES_256_GCM_SHA384 =
            new CipherSuite(0x1302, "TLS_AES_256_GCM_SHA384", Aead.AES_256_GCM, Hkdf.SHA_384, new AesMask(AesBlock.AES_256));
    /// TLS_CHACHA20_POLY1305_SHA256.
    public static final CipherSuite CHACHA20_POLY1305_SHA256 =
            new CipherSuite(0x1303, "TLS_CHACHA20_POLY1305_SHA256", Aead.CHACHA20_POLY1305, Hkdf.SHA_256, new ChaCha20Mask());

    private final int code;
    private final String name;
    private final Aead aead;
    private final Hkdf hkdf;
    private final MaskFunction mask;

    private CipherSuite(int code, String name, Aead aead, Hkdf hkdf, MaskFunction mask) {
        this.code = code;
        this.name = name;
        this.aead = aead;
        this.hkdf = hkdf;
        this.mask = mask;
    }

    /// {@return the suite with that number, or null: the peer's may be any}
    ///
    /// @param code  as on the wire, u16
    public static @Nullable CipherSuite of(int code) {
        return switch (code) {
            case 0x1301 -> AES_128_GCM_SHA256;
            case 0x1302 -> AES_256_GCM_SHA384;
            case 0x1303 -> CHACHA20_POLY1305_SHA256;
            default -> null;
        };
    }

    /// {@return this suite on another form of its AEAD, such as [Aead#fast]; headers stay as they are, a block a packet}
    ///
    /// @throws IllegalArgumentException  another algorithm (caller's fault)
    public CipherSuite withAead(Aead form) {
        return withAead(form, mask);
    }

    /// {@return this suite on another module's code, for AEAD and headers; its type is exported to those modules alone}
    ///
    /// @throws IllegalArgumentException  another algorithm (caller's fault)
    @SuppressWarnings("exports")
    public CipherSuite withAead(Aead form, MaskFunction headers) {
        if (!form.name().equals(aead.name()) || !headers.name().equals(mask.name())) {
            throw new IllegalArgumentException(name + ": " + form.name() + " and " + headers.name() + " (expected forms of "
                    + aead.name() + " and " + mask.name() + ")");
        }
        return new CipherSuite(code, name, form, hkdf, headers);
    }

    /// {@return the number on the wire, u16}
    public int code() {
        return code;
    }

    /// {@return what seals and opens}
    public Aead aead() {
        return aead;
    }

    /// {@return what derives; traffic secrets have as many bytes as its hash}
    public Hkdf hkdf() {
        return hkdf;
    }

    MaskFunction mask() {
        return mask;
    }

    /// {@return bytes of a traffic secret: 32 or 48}
    public int secretBytes() {
        return hkdf.hashBytes();
    }

    @Override
    public String toString() {
        return name;
    }
}
