package dev.coffer.tls;

import dev.coffer.crypto.packet.CipherSuite;
import java.lang.foreign.MemorySegment;

/// Who carries a handshake of TLS in place of records: QUIC (RFC 9001, section 4.1). It is told each secret as soon as it is made, and the peer's transport
/// parameters. The connection's thread alone; nothing that it throws is caught.
public interface QuicTransport {
    /// Bytes of transport parameters that are said at most.
    int PARAMETERS_BYTES_MAX = 256;

    /// {@return what we say of ourselves (RFC 9000, section 18): 1..[#PARAMETERS_BYTES_MAX] bytes, the same until the handshake is over}
    MemorySegment parameters();

    /// The peer's transport parameters came. A server hears them before it answers; the handshake has yet to prove who says so (RFC 9001, section 8.2).
    ///
    /// @param from  valid in the call
    void onParameters(MemorySegment from, long at, int length);

    /// A traffic secret was made: of [QuicHandshake.Level#HANDSHAKE] or [QuicHandshake.Level#APPLICATION].
    ///
    /// @param ours    whether we protect with it, and not the peer
    /// @param secret  of [CipherSuite#secretBytes], valid in the call: load it ([dev.coffer.crypto.packet.PacketProtection#load]), do not keep it
    void onSecret(QuicHandshake.Level level, boolean ours, CipherSuite suite, MemorySegment secret, long at);
}
