package dev.coffer.quic;

/// What a [QuicConnection] tells.
public enum QuicEvent {
    /// Before CONNECTED, where [QuicLoop#early] allows it. Of a client: something may be said early, on streams that are opened now ([QuicConnection#early]); who the server is has yet to be
    /// proven. Of a server: something may come early, which **somebody who listened may say again**, until CONNECTED ([QuicConnection#isEarly]).
    EARLY,
    /// The handshake is complete: who the peer is and which protocol is spoken is settled.
    CONNECTED,
    /// Of a stream there is something new, [QuicConnection#pollReady] says which; or the peer lets more of them be opened; or all has arrived of those that were released,
    /// where [QuicConnection#isDelivered] has said that it had not.
    STREAMS,
    /// Datagrams have come (RFC 9221), to be taken by [QuicConnection#receiveDatagram]: only where [QuicConfig#datagramQueueBytes] has room for them.
    DATAGRAMS,
    /// It is over, for a reason that [QuicConnection] tells: nothing more comes.
    CLOSED
}
