package dev.coffer.quic;

import dev.coffer.memory.engine.NetworkPath;
import dev.coffer.memory.layout.BigEndian;
import dev.coffer.memory.layout.LittleEndian;
import dev.coffer.quic.frame.FrameReader;
import dev.coffer.quic.frame.TransportError;
import dev.coffer.quic.packet.ConnectionId;
import dev.coffer.quic.parameter.TransportParameters;
import java.lang.foreign.MemorySegment;

/// The IDs that the peer gave us to send to (RFC 9000, sections 5.1 and 19.15): as many as we said that we keep. Stateless; 0 heap bytes.
final class PeerIds {
    /// IDs that wait to be given back at most (section 5.1.2: twice as many as may be given).
    private static final int RETIRING_MAX = 2 * ConnectionLayout.PEER_IDS;

    private PeerIds() {}

    private static long at(Connection c, int index) {
        return c.core + ConnectionLayout.PEER_IDS_AT + index * ConnectionLayout.PEER_ID_BYTES;
    }

    private static long number(Connection c, int index) {
        return LittleEndian.i64(c.memory, at(c, index) + ConnectionLayout.PEER_ID_NUMBER);
    }

    /// NEW_CONNECTION_ID.
    ///
    /// @return as of [Streams]
    static long onNew(Connection c, FrameReader frames) {
        if (ConnectionId.length(c.memory, c.peerIdAt()) == 0) {
            return TransportError.PROTOCOL_VIOLATION;  // of who has none (section 19.15)
        }
        for (int i = 0; i < c.ids; i++) {
            if (number(c, i) == frames.sequence()) {
                boolean same = ConnectionId.matches(c.memory, at(c, i) + ConnectionLayout.PEER_ID, frames.segment(), frames.idAt(), frames.idLength());
                return same ? Streams.OK : TransportError.PROTOCOL_VIOLATION;
            }
        }
        if (frames.sequence() < c.retiredBelow) {
            return retire(c, frames.sequence()) && !isRetiringMany(c) ? Streams.OK : TransportError.CONNECTION_ID_LIMIT_ERROR;
        }
        if (wasGiven(c, frames.sequence())) {
            return Streams.OK;  // said again, behind the ID's end: it is given back already, or is about to be
        }
        c.retiredBelow = Math.max(c.retiredBelow, frames.retirePriorTo());
        for (int i = c.ids - 1; i >= 0; i--) {
            if (number(c, i) < c.retiredBelow) {
                if (!retire(c, number(c, i)) || isRetiringMany(c)) {
                    return TransportError.CONNECTION_ID_LIMIT_ERROR;
                }
                drop(c, i);
            }
        }
        if (c.ids == ConnectionLayout.PEER_IDS) {
            return TransportError.CONNECTION_ID_LIMIT_ERROR;
        }
        add(c, frames);
        c.currentId = Math.min(c.currentId, c.ids - 1);
        return Streams.OK;
    }

    /// Writes the path to the preferred address of the family that is in use, from where we are.
    ///
    /// @param parameters  of the server, in the connection's memory
    /// @return whether there is one
    static boolean preferredPath(Connection c, long parameters, MemorySegment to, long toAt) {
        long path = c.core + ConnectionLayout.PATH;
        boolean ipv4 = NetworkPath.isIpv4(c.memory, path);
        long from = ipv4 ? TransportParameters.preferredIpv4At(parameters) : TransportParameters.preferredIpv6At(parameters);
        int bytes = ipv4 ? 4 : NetworkPath.ADDRESS_BYTES;
        int port = BigEndian.u16(c.memory, from + bytes);
        if (port == 0) {
            return false;
        }
        NetworkPath.copy(c.memory, path, to, toAt);
        MemorySegment.copy(c.memory, from, to, toAt + NetworkPath.REMOTE + NetworkPath.ADDRESS_BYTES - bytes, bytes);
        BigEndian.u16(to, toAt + NetworkPath.REMOTE_PORT, port);
        return true;
    }

    /// The one that came with a preferred address (section 5.1.1), before any other.
    static void prefer(Connection c, MemorySegment parameters, long parametersAt) {
        long at = at(c, c.ids);
        given(c, 1);
        LittleEndian.i64(c.memory, at + ConnectionLayout.PEER_ID_NUMBER, 1);
        ConnectionId.copy(parameters, TransportParameters.preferredIdAt(parametersAt), c.memory, at + ConnectionLayout.PEER_ID);
        MemorySegment.copy(parameters, TransportParameters.preferredTokenAt(parametersAt), c.memory, at + ConnectionLayout.PEER_ID_TOKEN,
                TransportParameters.RESET_TOKEN_BYTES);
        LittleEndian.u16(c.memory, at + ConnectionLayout.PEER_ID_HAS_TOKEN, 1);
        c.ids++;
    }

    /// {@return whether the peer has given an ID of that number, however long ago}
    private static boolean wasGiven(Connection c, long sequence) {
        return sequence == 0 || sequence < c.givenFrom || sequence - c.givenFrom < Long.SIZE && (c.given >>> sequence - c.givenFrom & 1) != 0;
    }

    /// Remembers that it has. As it may give few beyond those that it has back, all that lies further behind than there are bits counts as given.
    private static void given(Connection c, long sequence) {
        long over = sequence - c.givenFrom - (Long.SIZE - 1);
        if (over > 0) {
            c.given = over < Long.SIZE ? c.given >>> over : 0;
            c.givenFrom += over;
        }
        c.given |= 1L << sequence - c.givenFrom;
    }

    private static void add(Connection c, FrameReader frames) {
        given(c, frames.sequence());
        MemorySegment memory = c.memory;
        long at = at(c, c.ids);
        LittleEndian.i64(memory, at + ConnectionLayout.PEER_ID_NUMBER, frames.sequence());
        ConnectionId.set(memory, at + ConnectionLayout.PEER_ID, frames.segment(), frames.idAt(), frames.idLength());
        MemorySegment.copy(frames.segment(), frames.dataAt(), memory, at + ConnectionLayout.PEER_ID_TOKEN, TransportParameters.RESET_TOKEN_BYTES);
        LittleEndian.u16(memory, at + ConnectionLayout.PEER_ID_HAS_TOKEN, 1);
        c.ids++;
    }

    private static void drop(Connection c, int index) {
        MemorySegment.copy(c.memory, at(c, index + 1), c.memory, at(c, index), (c.ids - 1 - index) * ConnectionLayout.PEER_ID_BYTES);
        c.ids--;
        for (long i = 0; i < ConnectionLayout.PEER_ID_BYTES; i += Long.BYTES) {
            LittleEndian.i64(c.memory, at(c, c.ids) + i, 0);
        }
        c.currentId = c.currentId > index ? c.currentId - 1 : Math.min(c.currentId, Math.max(0, c.ids - 1));
    }

    /// An ID of the peer's is to be given back (RFC 9000, section 5.1.2).
    ///
    /// @return whether it is noted; false where the peer takes back more than it may have given
    static boolean retire(Connection c, long sequence) {
        c.retiringBase = c.retiring == 0 ? sequence : c.retiringBase;
        long below = c.retiringBase - sequence;
        if (below > 0) {
            if (below >= Long.numberOfLeadingZeros(c.retiring)) {
                return false;
            }
            c.retiring <<= below;
            c.retiringBase = sequence;
        }
        if (sequence - c.retiringBase >= Long.SIZE - 1) {
            return false;
        }
        c.retiring |= 1L << sequence - c.retiringBase;
        return true;
    }

    /// {@return whether the peer has more given back than we keep up with (RFC 9000, section 5.1.2)}
    private static boolean isRetiringMany(Connection c) {
        return Long.bitCount(c.retiring) > RETIRING_MAX;
    }

    /// {@return the number of the ID in use}
    static long current(Connection c) {
        return number(c, c.currentId);
    }

    /// {@return the number of an ID that was never used, -1 for none: packets on another path are sent to another (section 9.5)}
    static long spare(Connection c) {
        for (int i = 0; i < c.ids; i++) {
            if (number(c, i) > current(c)) {
                return number(c, i);
            }
        }
        return -1;
    }

    private static int index(Connection c, long number) {
        for (int i = 0; i < c.ids; i++) {
            if (number(c, i) == number) {
                return i;
            }
        }
        return c.currentId;
    }

    /// {@return where the ID of that number lies; of one that is no more that in use}
    static long idAt(Connection c, long number) {
        return at(c, index(c, number)) + ConnectionLayout.PEER_ID;
    }

    /// Packets are sent to another ID from now on.
    static void use(Connection c, long number) {
        c.currentId = index(c, number);
    }

    /// An ID that is not in use is given back.
    static void giveBack(Connection c, long number) {
        int index = index(c, number);
        if (index != c.currentId) {
            c.retiringLost |= !retire(c, number);
            drop(c, index);
        }
    }

    /// {@return the number that is to be given back next, -1 for none}
    static long retiring(Connection c) {
        return c.retiring == 0 ? -1 : c.retiringBase + Long.numberOfTrailingZeros(c.retiring);
    }

    /// It went.
    static void retired(Connection c) {
        c.retiring &= c.retiring - 1;
    }
}
