package dev.coffer.quic;

import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.BigEndian;
import dev.coffer.quic.frame.TransportError;
import dev.coffer.quic.packet.Version;
import dev.coffer.quic.parameter.TransportParameters;
import dev.coffer.tls.EarlyData;
import dev.coffer.tls.QuicHandshake.Level;
import java.lang.foreign.MemorySegment;

/// What is said early, in 0-RTT packets (RFC 9001, section 4.6): whose keys these are, on which terms, and what becomes of it where it is refused. Stateless; 0 heap bytes.
///
/// The keys lie where those of 1-RTT will: a server has none to open with, and a client none to seal with, before the handshake is complete, and then the others take their place.
/// A 0-RTT packet that comes before its hello, or behind the client's Finished, is passed over, as if it was lost.
final class Early {
    /// Bytes of the transport's terms: its version, then eight limits, i64 each.
    static final int TERMS_BYTES = 9 * Long.BYTES;

    private Early() {}

    // Terms.

    /// As of [dev.coffer.tls.QuicTransport#terms]. A server that looks at a hello grants them to who has a token of its address alone: who early requests come from is told to the application
    /// and counted before the handshake shows it, and must not be forged (RFC 9000, sections 8.1 and 21.5). A client speaks early in version 1 alone: sessions of one are not for the other (RFC 9369, section 5), and which was which is not kept apart.
    static int terms(Connection c, MemorySegment target, long at) {
        EarlyTerms of = c.loop.early;
        if (of == null) {
            return 0;
        }
        if (c.client) {
            return c.version == Version.V1 ? of.write(c.number, target, at) : 0;
        }
        if (!c.shown && !c.seals(PacketSpace.APPLICATION)) {
            return 0;  // at a ticket it has keys to seal with
        }
        QuicConfig config = c.loop.config;
        write(target, at, c.version.code(), config.connectionBytes(), config.streamBytes(), config.streamBytes(), config.streamBytes(), config.streamsBidi(),
                config.streamsUni(), ConnectionLayout.PEER_IDS, DatagramFrames.ownMax(config));
        return TERMS_BYTES + of.write(c.number, target, at + TERMS_BYTES);
    }

    private static void write(MemorySegment target, long at, long version, long data, long local, long remote, long uni, long streamsBidi, long streamsUni,
            long ids, long datagram) {
        BigEndian.i64(target, at, version);
        BigEndian.i64(target, at + 8, data);
        BigEndian.i64(target, at + 16, local);
        BigEndian.i64(target, at + 24, remote);
        BigEndian.i64(target, at + 32, uni);
        BigEndian.i64(target, at + 40, streamsBidi);
        BigEndian.i64(target, at + 48, streamsUni);
        BigEndian.i64(target, at + 56, ids);
        BigEndian.i64(target, at + 64, datagram);
    }

    /// A client resumes on those: limits as they were at first.
    static void resume(Connection c, MemorySegment from, long at, int length) {
        EarlyTerms of = c.loop.early;
        if (of == null || length < TERMS_BYTES) {
            return;
        }
        PeerLimits.take(c, BigEndian.i64(from, at + 8), BigEndian.i64(from, at + 16), BigEndian.i64(from, at + 24), BigEndian.i64(from, at + 32),
                BigEndian.i64(from, at + 40), BigEndian.i64(from, at + 48));
        TransportParameters.activeIdsMax(c.memory, c.handshakeAt + ConnectionLayout.PARAMETERS, BigEndian.i64(from, at + 56));
        TransportParameters.datagramFrameBytesMax(c.memory, c.handshakeAt + ConnectionLayout.PARAMETERS, BigEndian.i64(from, at + 64));
        of.resumed(c.number, from, at + TERMS_BYTES, length - TERMS_BYTES);
    }

    /// The peer's transport parameters are there: its limits hold from here on.
    ///
    /// @param ids       of the peer's that were remembered
    /// @param datagram  that it took, likewise (RFC 9221, section 3)
    /// @return NO_ERROR; a fault of a server's that has taken what was said early and now grants less (RFC 9000, section 7.4.1); or [Connection#ENDS]
    static long onParameters(Connection c, MemorySegment memory, long at, long ids, long datagram) {
        boolean refused = c.client && c.tls().earlyData() == EarlyData.REFUSED;
        if (refused) {
            refuse(c);
            PeerLimits.forget(c);
            if (c.loop.early != null) {
                c.loop.early.refused(c.number);
            }
        }
        boolean less = PeerLimits.take(c, TransportParameters.dataMax(memory, at), TransportParameters.streamDataMaxLocal(memory, at),
                TransportParameters.streamDataMaxRemote(memory, at), TransportParameters.streamDataMaxUnidirectional(memory, at),
                TransportParameters.streamsMax(memory, at, true), TransportParameters.streamsMax(memory, at, false));
        if (!c.client) {
            return TransportError.NO_ERROR;
        }
        if (c.tls().earlyData() != EarlyData.NONE) {
            Streams.roomCame(c);  // it may be more than was remembered
            c.events |= Connection.TELL_STREAMS;
        }
        if (!refused && (less || TransportParameters.activeIdsMax(memory, at) < ids || TransportParameters.datagramFrameBytesMax(memory, at) < datagram)) {
            return TransportError.PROTOCOL_VIOLATION;
        }
        EarlyTerms of = c.loop.early;
        if (of != null) {
            long work = c.loop.cryptoAt;
            write(memory, work, c.version.code(), TransportParameters.dataMax(memory, at), TransportParameters.streamDataMaxLocal(memory, at),
                    TransportParameters.streamDataMaxRemote(memory, at), TransportParameters.streamDataMaxUnidirectional(memory, at),
                    TransportParameters.streamsMax(memory, at, true), TransportParameters.streamsMax(memory, at, false),
                    TransportParameters.activeIdsMax(memory, at), TransportParameters.datagramFrameBytesMax(memory, at));
            try {
                of.granted(c.number, memory, work);
            } finally {
                Wipe.bytes(memory, work, TERMS_BYTES);
            }
        }
        return refused && !PeerLimits.areKept(c) ? Connection.ENDS : TransportError.NO_ERROR;
    }

    // Keys.

    /// A secret is about to be loaded.
    static void beforeSecret(Connection c, Level level, boolean ours) {
        if (!c.early) {
            return;
        }
        settle(c);  // where another suite was agreed on, they are wiped in theirs
        if (c.early && level == Level.APPLICATION && c.client) {
            end(c);
        } else if (level == Level.APPLICATION && !ours) {
            c.early = false;  // a server's: they are wiped where others are loaded
        }
    }

    /// That was one of what is said early.
    static void begin(Connection c) {
        c.early = true;
        c.events |= Connection.TELL_EARLY;
    }

    /// Nothing more is said early, whatever became of it (section 4.9.3).
    private static void end(Connection c) {
        c.early = false;
        c.wipeKeys(PacketSpace.APPLICATION);
    }

    /// The server speaks another version: 0-RTT is of the one before, so what is left to say waits for the handshake.
    static void turn(Connection c) {
        if (c.early) {
            end(c);
        }
    }

    /// The handshake has moved: what a client has said early may be refused by now.
    static void settle(Connection c) {
        if (c.early && c.client && c.tls().earlyData() == EarlyData.REFUSED) {
            refuse(c);
        }
    }

    /// All that was said early goes again, as it was: nothing that a server said had anything to do with it.
    private static void refuse(Connection c) {
        turn(c);  // where the version has turned the keys are gone already
        LossRecovery.forsake(c, PacketSpace.APPLICATION);
    }

    /// A Retry came: what was said early before it is gone with the hello, and goes again with that (RFC 9000, section 17.2.5.3).
    static void again(Connection c) {
        if (c.early) {
            LossRecovery.forsake(c, PacketSpace.APPLICATION);
        }
    }
}
