package dev.coffer.crypto;

import dev.coffer.crypto.internal.AeadFunction;

/// How often one key of an [Aead] may be used before an attacker's chances are no longer negligible.
///
/// | | seals | forgeries | from |
/// |---|---|---|---|
/// | QUIC, AES-GCM | 2^23 | 2^52 | RFC 9001, section 6.6: packets of up to 2^16 bytes |
/// | QUIC, ChaCha20-Poly1305 | 2^62 | 2^36 | the same; packet numbers end at 2^62 |
/// | TLS 1.3, AES-GCM | 23,726,566 | 2^36 | RFC 8446, section 5.5: 2^24.5 full records; RFC 9147, section 4.5.3 |
/// | TLS 1.3, ChaCha20-Poly1305 | 2^63 - 1 | 2^36 | sequence numbers end before it does; RFC 9147, section 4.5.3 |
///
/// What they are made of, for AES-GCM at a chance of 2^-57 (RFC 9001, appendix B.1): seals at most 2^35, and forgeries at most
/// 2^64, each divided by the blocks of 16 bytes that a message may have. Other sizes of messages: a record of your own.
///
/// @param seals      messages that a key may seal, 1 to 2^63 - 1
/// @param forgeries  messages that may fail to verify under a key, 1 to 2^62
public record AeadLimits(long seals, long forgeries) {
    /// Most forgeries that can be counted; AES-GCM's own bound for the shortest messages is 2^64.
    public static final long FORGERIES_MAX = 1L << 62;

    private static final AeadLimits QUIC_AES_GCM = new AeadLimits(1L << 23, 1L << 52);
    private static final AeadLimits QUIC_CHACHA20 = new AeadLimits(1L << 62, 1L << 36);
    private static final AeadLimits TLS_AES_GCM = new AeadLimits(23_726_566, 1L << 36);  // 2^24.5, rounded down
    private static final AeadLimits TLS_CHACHA20 = new AeadLimits(Long.MAX_VALUE, 1L << 36);

    /// @throws IllegalArgumentException  a number out of its range (caller's fault)
    public AeadLimits {
        if (seals < 1 || forgeries < 1 || forgeries > FORGERIES_MAX) {
            throw new IllegalArgumentException("limits of a key: " + seals + " seals, " + forgeries
                    + " forgeries (expected 1..2^63 - 1 and 1..2^62)");
        }
    }

    /// {@return the limits of QUIC (RFC 9001, section 6.6), right for all messages of at most 65,536 bytes; what a key has
    /// that is loaded without others}
    public static AeadLimits quic(Aead aead) {
        return isGcm(aead) ? QUIC_AES_GCM : QUIC_CHACHA20;
    }

    /// {@return the limits of TLS 1.3 (RFC 8446, section 5.5), whose records have at most 2^14 bytes of text}
    public static AeadLimits tls(Aead aead) {
        return isGcm(aead) ? TLS_AES_GCM : TLS_CHACHA20;
    }

    private static boolean isGcm(Aead aead) {
        return aead.function().family() == AeadFunction.Family.AES_GCM;
    }
}
