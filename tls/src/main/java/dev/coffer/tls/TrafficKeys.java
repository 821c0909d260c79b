package dev.coffer.tls;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// What becomes of the secrets that a handshake makes (RFC 8446, section 7.3): keys of records, or of whoever protects packets (RFC 9001, section 4).
interface TrafficKeys {
    /// The suite of all secrets from here on, by its place in the configuration.
    void suite(int index);

    /// The peer protects with that what it says early (section 4.2.10): with records all until [#read], with packets beside what comes later.
    void readEarly(MemorySegment secret, long at);

    /// We protect with that what we say early.
    void writeEarly(MemorySegment secret, long at);

    /// The peer protects with that from here on.
    void read(MemorySegment secret, long at);

    /// We protect with that from here on.
    void write(MemorySegment secret, long at);

    /// Nothing more is protected with what was told last.
    void wipeWrite();

    /// {@return who carries the handshake without records, or null}
    default @Nullable QuicTransport quic() {
        return null;
    }
}
