package dev.coffer.tls;

import dev.coffer.crypto.packet.CipherSuite;
import java.lang.foreign.MemorySegment;

/// Who carries a handshake of TLS in place of records: QUIC (RFC 9001, section 4.1). It is told each secret as soon as it is made, and the peer's transport
/// parameters. The connection's thread alone; nothing that it throws is caught.
///
/// **Early data** is said on the terms of the connection that gave the session (RFC 9000, section 7.4.1): a client's transport has them kept with the session
/// and hears them again, a server's takes early data only where its own are the same as they were.
public interface QuicTransport {
    /// Bytes of transport parameters that are said at most.
    int PARAMETERS_BYTES_MAX = 256;
    /// Bytes of terms at most.
    int TERMS_BYTES_MAX = 128;

    /// Writes what we say of ourselves (RFC 9000, section 18): the same until the handshake is over.
    ///
    /// @param target  room for [#PARAMETERS_BYTES_MAX]
    /// @return bytes written, 1 or more
    int parameters(MemorySegment target, long at);

    /// The peer's transport parameters came. A server hears them before it answers; the handshake has yet to prove who says so (RFC 9001, section 8.2). A client
    /// knows by then what became of its early data ([QuicHandshake#earlyData]), and refuses limits below the terms of what was taken (RFC 9000, section 7.4.1).
    ///
    /// @param from  valid in the call
    void onParameters(MemorySegment from, long at, int length);

    /// {@return the version of QUIC that is spoken now, as its packets say it: sessions of one are not resumed in another (RFC 9369, section 5). A server's when it looks at a hello is the one in
    /// which that was said}
    default int version() {
        return 1;
    }

    /// Writes what early data of the session counts on, in a form of the transport's own: the limits that RFC 9000, section 7.4.1 names and what the application adds
    /// (RFC 9114, section 7.2.4.2). Of a server what it grants now: asked when a ticket is made, and when early data is offered, which is taken only where both are the
    /// same. Of a client what this server has granted: asked when a ticket comes, and told again by [#onTerms] to who resumes.
    ///
    /// @param target  room for [#TERMS_BYTES_MAX]
    /// @return bytes written; 0 as it is here: nothing is offered early, and of a server no ticket allows it and none is taken
    default int terms(MemorySegment target, long at) {
        return 0;
    }

    /// To a client that offers early data, before its secret is told: on which terms.
    ///
    /// @param from  valid in the call: what [#terms] wrote when the session's ticket came
    default void onTerms(MemorySegment from, long at, int length) {}

    /// A traffic secret was made, of any level but [QuicHandshake.Level#INITIAL]. A server that takes early data is told the client's secret for it before all others.
    ///
    /// @param ours    whether we protect with it, and not the peer
    /// @param secret  of [CipherSuite#secretBytes], valid in the call: load it ([dev.coffer.crypto.packet.PacketProtection#load]), do not keep it
    void onSecret(QuicHandshake.Level level, boolean ours, CipherSuite suite, MemorySegment secret, long at);
}
