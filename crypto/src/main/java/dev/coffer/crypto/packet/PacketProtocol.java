package dev.coffer.crypto.packet;

import dev.coffer.crypto.Aead;
import dev.coffer.crypto.AeadLimits;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;

/// Whose packets are protected: what its keys are derived with, and how they are counted.
public enum PacketProtocol {
    /// Records (RFC 8446, sections 7.2 and 7.3): numbers begin at 0 with each key; limits of section 5.5.
    TLS_1_3("key", "iv", "traffic upd", "none"),
    /// Packets of version 1 (RFC 9001, sections 5.1 and 6.1): numbers go on over key updates; limits of section 6.6.
    QUIC_1("quic key", "quic iv", "quic ku", "quic hp"),
    /// Packets of version 2 (RFC 9369, section 3.3.2): as version 1 with other labels.
    QUIC_2("quicv2 key", "quicv2 iv", "quicv2 ku", "quicv2 hp");

    final MemorySegment key;
    final MemorySegment iv;
    final MemorySegment update;
    final MemorySegment header;

    PacketProtocol(String key, String iv, String update, String header) {
        this.key = label(key);
        this.iv = label(iv);
        this.update = label(update);
        this.header = label(header);
    }

    private static MemorySegment label(String text) {
        return MemorySegment.ofArray(text.getBytes(StandardCharsets.US_ASCII)).asReadOnly();
    }

    /// {@return how often a key may be used}
    public AeadLimits limits(Aead aead) {
        return this == TLS_1_3 ? AeadLimits.tls(aead) : AeadLimits.quic(aead);
    }

    /// {@return the highest number: 2^62 - 1 of a packet (RFC 9000, section 12.3); 2^63 - 2 of a record, where RFC 8446 has
    /// 2^64 - 1, which nobody reaches}
    public long numberMax() {
        return this == TLS_1_3 ? Long.MAX_VALUE - 1 : (1L << 62) - 1;
    }

    boolean isQuic() {
        return this != TLS_1_3;
    }
}
