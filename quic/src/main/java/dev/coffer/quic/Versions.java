package dev.coffer.quic;

import dev.coffer.quic.frame.TransportError;
import dev.coffer.quic.packet.ConnectionId;
import dev.coffer.quic.packet.PacketReader;
import dev.coffer.quic.packet.Version;
import dev.coffer.quic.parameter.TransportParameters;
import dev.coffer.tls.EarlyData;

/// Which version a connection speaks (RFC 9368): the one that its client began with, or the one that the server would rather speak, where both can. What both say of it is authenticated by the
/// handshake, so nobody in between can choose. Stateless; 0 heap bytes.
///
/// ```
///   client   Initial in version 1, "I can speak 1 and 2" -->                            the first authentic Initial is in version 2: ours, too
///   server       hello read, 2 is preferred: all from now on in version 2 --> Initial in version 2
/// ```
final class Versions {
    private Versions() {}

    /// Says which version is spoken and which could be.
    static void write(Connection c, long parameters) {
        TransportParameters.versions(c.memory, parameters, c.version, true, true);
    }

    /// Looks at what the peer says of versions; a server turns to the one that it prefers where the client speaks it, and has taken nothing early, which is said in
    /// the version that the client began with (RFC 9369, section 4.1).
    ///
    /// @return NO_ERROR, or VERSION_NEGOTIATION_ERROR: it has chosen another than is spoken, or a server of version 2 says nothing of it (RFC 9369, section 4)
    static long agree(Connection c, long parameters) {
        int chosen = TransportParameters.chosenVersion(c.memory, parameters);
        if (chosen == 0 ? c.client && c.version != Version.V1 : chosen != c.version.code()) {
            return TransportError.VERSION_NEGOTIATION_ERROR;
        }
        if (!c.client && c.loop.prefersV2 && c.version == Version.V1 && c.tls().earlyData() != EarlyData.TAKEN
                && TransportParameters.isAvailable(c.memory, parameters, Version.V2)) {
            turn(c, Version.V2);
        }
        return TransportError.NO_ERROR;
    }

    /// {@return whether a packet of another version may be the server's first word in the version that it prefers. It may have spoken in the other before, as long as it had not read all of the
    /// hello; back there is no way, as such a word may come late}
    static boolean mayTurn(Connection c, PacketReader reader, int space) {
        return c.client && c.phase == Connection.OPEN && space == PacketSpace.INITIAL && c.version == Version.V1 && reader.version() == Version.V2
                && !c.opens(PacketSpace.HANDSHAKE);
    }

    /// Speaks another version: Initial packets have other keys, of the same ID. What is said early ends with that ([Early#turn]), when it is known that the server has turned.
    static void turn(Connection c, Version to) {
        c.wipeKeys(PacketSpace.INITIAL);
        c.turned = to == Version.V2;
        c.version = to;
        long first = c.firstIdAt();
        c.initialKeys(c.memory, first + ConnectionId.VALUE, ConnectionId.length(c.memory, first));
    }
}
