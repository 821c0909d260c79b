package dev.coffer.quic;

import dev.coffer.crypto.Aead;
import dev.coffer.quic.packet.ConnectionId;
import dev.coffer.quic.packet.PacketNumber;
import dev.coffer.quic.packet.PacketWriter;

/// What a server may say before its client has shown that it is where it says (RFC 9000, section 8.1): three times what came from there. Stateless; 0 heap bytes.
final class Amplification {
    /// Bytes for each that came.
    static final int FACTOR = 3;
    /// A packet with an ACK of one range: header 25, type and count 2, largest, delay, range and three counts of ECN 8 each, tag 16.
    private static final int ACK_BYTES_MAX = 25 + 2 + 6 * Long.BYTES + Aead.TAG_BYTES;

    private Amplification() {}

    /// {@return bytes that may be sent before more has come}
    static long left(Connection c) {
        return c.client || c.validated ? Long.MAX_VALUE : FACTOR * c.receivedBytes - c.sentBytes;
    }

    /// {@return bytes below which no datagram is begun: of the handshake the least that it is padded to, later what a challenge takes, as a path that is not
    /// validated may let no more go. To the byte: three times a PING are two challenges, one of which may be lost}
    static int least(Connection c) {
        if (!c.confirmed || c.validated) {
            return QuicConfig.DATAGRAM_BYTES_MIN;
        }
        long at = c.spaceAt(PacketSpace.APPLICATION);
        int numberBytes = PacketNumber.bytes(PacketSpace.next(c.memory, at), PacketSpace.largestAcked(c.memory, at));
        return PacketWriter.shortBytes(ConnectionId.length(c.memory, c.peerIdAt()), numberBytes) + 1 + Long.BYTES + Aead.TAG_BYTES;
    }

    /// {@return whether an ACK may go by itself: not where it could take what the next challenge needs, on a path that has yet to answer}
    static boolean mayAckAlone(Connection c) {
        return left(c) >= ACK_BYTES_MAX;
    }
}
