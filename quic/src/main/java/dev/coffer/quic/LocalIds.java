package dev.coffer.quic;

import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.LittleEndian;
import dev.coffer.quic.frame.FrameWriter;
import dev.coffer.quic.frame.TransportError;
import dev.coffer.quic.packet.ConnectionId;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// The IDs that we gave the peer to send to (RFC 9000, sections 5.1, 19.15 and 19.16): as many as it keeps, [ConnectionLayout#LOCAL_IDS] at most, each with a number;
/// where it gives one back it is given another. Stateless; 0 heap bytes.
///
/// ```
///   0: next number u32 | 4: those that are to be told, a bit each | 8: LOCAL_IDS x (number u32, the ID 21, whether it was told u8, where it was drawn u16)
/// ```
final class LocalIds {
    private static final long NEXT = 0;
    private static final long DUE = 4;
    private static final long FIRST = 8;
    private static final long NUMBER = 0;
    private static final long ID = 4;
    private static final long TOLD = ID + ConnectionId.BYTES;
    private static final long PLACE = TOLD + 1;  // as of ResetTokens; kept, as a token that is told again must be the same wherever the connection is spoken to then
    private static final long ID_BYTES = 28;
    static final long BYTES = FIRST + ConnectionLayout.LOCAL_IDS * ID_BYTES;

    private LocalIds() {}

    private static long state(Connection c) {
        return c.core + ConnectionLayout.LOCAL;
    }

    private static long row(Connection c, int which) {
        return state(c) + FIRST + which * ID_BYTES;
    }

    /// {@return offset of an ID in the memory of the connection: of the first one, which the handshake's packets have as their source, with 0}
    static long at(Connection c, int which) {
        return row(c, which) + ID;
    }

    private static boolean has(Connection c, int which) {
        return ConnectionId.length(c.memory, at(c, which)) > 0;
    }

    private static int number(Connection c, int which) {
        return LittleEndian.i32(c.memory, row(c, which) + NUMBER);
    }

    private static int next(Connection c) {
        return LittleEndian.i32(c.memory, state(c) + NEXT);
    }

    private static int due(Connection c) {
        return LittleEndian.i32(c.memory, state(c) + DUE);
    }

    /// Draws the first one.
    ///
    /// @return whether there is one
    static boolean begin(Connection c) {
        return drawTold(c, 0);  // in the handshake's headers
    }

    /// Draws one that the peer hears of otherwise than by NEW_CONNECTION_ID.
    private static boolean drawTold(Connection c, int which) {
        boolean drawn = draw(c, which);
        if (drawn) {
            tell(c, which);
        }
        return drawn;
    }

    private static void tell(Connection c, int which) {
        c.memory.set(ValueLayout.JAVA_BYTE, row(c, which) + TOLD, (byte) 1);
    }

    private static boolean isTold(Connection c, int which) {
        return c.memory.get(ValueLayout.JAVA_BYTE, row(c, which) + TOLD) != 0;
    }

    private static boolean draw(Connection c, int which) {
        if (!c.loop.ids.draw(c, which, at(c, which))) {
            return false;
        }
        place(c, which, c.memory, c.core + ConnectionLayout.PATH);
        LittleEndian.i32(c.memory, row(c, which) + NUMBER, next(c));
        LittleEndian.i32(c.memory, state(c) + NEXT, next(c) + 1);
        return true;
    }

    private static void place(Connection c, int which, MemorySegment path, long pathAt) {
        LittleEndian.u16(c.memory, row(c, which) + PLACE, c.loop.ids.resets().place(path, pathAt));
    }

    /// {@return offset of the reset token of an ID, as of [LoopIds#token]}
    static long token(Connection c, int which) {
        return c.loop.ids.token(at(c, which), LittleEndian.u16(c.memory, row(c, which) + PLACE));
    }

    /// Gives the peer as many as it keeps, once the handshake is confirmed.
    ///
    /// @param limit  its active_connection_id_limit
    static void give(Connection c, long limit) {
        int most = c.loop.ids.bytes() == 0 ? 0 : (int) Math.min(limit, ConnectionLayout.LOCAL_IDS);
        for (int which = 0; which < most; which++) {
            if (!has(c, which) && draw(c, which)) {
                due(c, which);
            }
        }
    }

    private static void due(Connection c, int which) {
        LittleEndian.i32(c.memory, state(c) + DUE, due(c) | 1 << which);
    }

    /// Draws the one that goes with a preferred address, whose number is 1 (section 5.1.1).
    ///
    /// @return where it lies; -1 where there is none
    static long prefer(Connection c) {
        return drawTold(c, 1) ? at(c, 1) : -1;
    }

    /// {@return whether a packet is sent to one of them}
    static boolean contains(Connection c, MemorySegment id, long at, int length) {
        if (length == 0) {
            return c.loop.ids.bytes() == 0;
        }
        for (int which = 0; which < ConnectionLayout.LOCAL_IDS; which++) {
            if (ConnectionId.matches(c.memory, at(c, which), id, at, length)) {
                return true;
            }
        }
        return false;
    }

    /// RETIRE_CONNECTION_ID, in a packet to the ID at `packetAt`. Who gives one back that was never told would have as many drawn as it likes: it waits for NEW_CONNECTION_ID.
    ///
    /// @return as of [Streams]
    static long onRetire(Connection c, long number, MemorySegment packet, long packetAt, int packetLength) {
        if (c.loop.ids.bytes() == 0 || number >= next(c)) {
            return TransportError.PROTOCOL_VIOLATION;  // ours are empty, or it was never given (RFC 9000, section 19.16)
        }
        for (int which = 0; which < ConnectionLayout.LOCAL_IDS; which++) {
            if (has(c, which) && number(c, which) == number) {
                if (!isTold(c, which) || ConnectionId.matches(c.memory, at(c, which), packet, packetAt, packetLength)) {
                    return TransportError.PROTOCOL_VIOLATION;  // never sent to the peer, or the one that the packet was sent to
                }
                forget(c, which);
                if (draw(c, which)) {
                    due(c, which);
                }
                return Streams.OK;
            }
        }
        return Streams.OK;  // it was given back before
    }

    private static void forget(Connection c, int which) {
        c.loop.ids.forget(c, which, at(c, which));
        LittleEndian.i32(c.memory, state(c) + DUE, due(c) & ~(1 << which));
        Wipe.bytes(c.memory, row(c, which), ID_BYTES);
    }

    /// {@return whether NEW_CONNECTION_ID is to go}
    static boolean isDue(Connection c) {
        return due(c) != 0;
    }

    /// {@return the number of the one that is to be told next}
    static long dueNumber(Connection c) {
        return number(c, Integer.numberOfTrailingZeros(due(c)));
    }

    /// Writes NEW_CONNECTION_ID for it.
    ///
    /// @return as of [FrameWriter]
    static long write(Connection c, MemorySegment out, long at, long end) {
        int which = Integer.numberOfTrailingZeros(due(c));
        long behind = c.loop.ids.write(number(c, which), 0, at(c, which), LittleEndian.u16(c.memory, row(c, which) + PLACE), out, at, end);
        if (behind != FrameWriter.NO_ROOM) {
            LittleEndian.i32(c.memory, state(c) + DUE, due(c) & due(c) - 1);
            tell(c, which);
        }
        return behind;
    }

    /// What told the peer of one was lost.
    static void again(Connection c, long number) {
        for (int which = 0; which < ConnectionLayout.LOCAL_IDS; which++) {
            if (has(c, which) && number(c, which) == number) {
                due(c, which);
            }
        }
    }

    /// Forgets them all: nobody finds the connection by them any more.
    static void release(Connection c) {
        for (int which = 0; which < ConnectionLayout.LOCAL_IDS; which++) {
            if (has(c, which)) {
                forget(c, which);
            }
        }
    }
}
