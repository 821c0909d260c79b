package dev.coffer.quic;

import java.lang.foreign.MemorySegment;

/// On which terms something is said early, in 0-RTT packets (RFC 9001, section 4.6): whoever serves a [QuicLoop] and gives it one ([QuicLoop#early]) lets it take early data, or say
/// some. Beside the transport's limits (RFC 9000, section 7.4.1) they are what the protocol on QUIC adds (RFC 9114, section 7.2.4.2). One for all connections of the loop, on its thread;
/// 0 heap bytes.
///
/// Of a server they are what it grants now, the same for all: a ticket that was given on others allows nothing early. Of a client they are what a server has granted: it keeps them from
/// [#granted] on, and has them again by [#resumed] when the session is.
public interface EarlyTerms {
    /// Bytes of the transport's part.
    int TRANSPORT_BYTES = Early.TERMS_BYTES;
    /// Bytes of the protocol's at most.
    int PROTOCOL_BYTES_MAX = dev.coffer.tls.QuicTransport.TERMS_BYTES_MAX - TRANSPORT_BYTES;

    /// Writes the protocol's part; of a client the whole, as it was granted.
    ///
    /// @param connection  its number
    /// @param target      room for [#PROTOCOL_BYTES_MAX], of a client for the transport's part as well, which comes first
    /// @return bytes written; of a client 0 where nothing is to be said early in the session that begins now
    int write(int connection, MemorySegment target, long at);

    /// {@return whether a client knows already what its server grants in the protocol: tickets that come before are held back, as much of them as the handshake's words may be
    /// ([QuicConfig#cryptoBytes])}
    ///
    /// @param connection  its number
    default boolean areKnown(int connection) {
        return true;
    }

    /// A client's server has said its transport parameters: what of them is to be remembered.
    ///
    /// @param from  with [#TRANSPORT_BYTES], valid in the call
    default void granted(int connection, MemorySegment from, long at) {}

    /// A client may say something early: on the terms that it wrote when the ticket came.
    ///
    /// @param from  with the protocol's part, valid in the call
    default void resumed(int connection, MemorySegment from, long at, int length) {}

    /// What a client says early was not taken: the terms are void. The transport says the same again on the streams that there are, behind the handshake.
    default void refused(int connection) {}
}
