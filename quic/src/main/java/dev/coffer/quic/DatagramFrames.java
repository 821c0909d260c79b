package dev.coffer.quic;

import dev.coffer.crypto.Aead;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.LittleEndian;
import dev.coffer.quic.frame.FrameType;
import dev.coffer.quic.frame.FrameWriter;
import dev.coffer.quic.frame.TransportError;
import dev.coffer.quic.packet.ConnectionId;
import dev.coffer.quic.packet.PacketWriter;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// What is said once and never again (RFC 9221): datagrams that wait to go, and those that came and wait to be taken, in two rings of bytes behind a connection's core. Where the plan has
/// none ([QuicConfig#datagramQueueBytes] is 0) there is no byte of it, the peer is told nothing, and what it sends is a violation. Stateless; 0 heap bytes.
///
/// ```
///   place   0: most of the peer | 4: lost | 8: found no room | 16: ring of what goes | ring of what came
///   ring    0: oldest | 4: bytes in use | 8: (length u16 | bytes) ...
/// ```
///
/// **When full** what is to go is refused, and what came is dropped and counted: it is acknowledged all the same, as it will not be sent again (section 5.2).
final class DatagramFrames {
    // The place.
    private static final long PEER_MAX = 0;      // u16, bytes of a frame that the peer takes; 0 for none
    private static final long LOST = 4;          // u32
    private static final long DROPPED = 8;       // u32
    private static final long RINGS = 16;

    // A ring.
    private static final long OLDEST = 0;        // u32, where it begins among the bytes
    private static final long USED = 4;          // u32
    private static final long BYTES_AT = 8;

    private static final int LENGTH_BYTES = 2;
    /// Frames of a packet at most: three bits of its record count them.
    static final int FRAMES_MAX = 7;
    /// Room that an ACK wants at most before a datagram that would not go with it goes alone.
    private static final int ACK_ROOM = 64;
    private static final int NUMBER_BYTES_MAX = 4;
    private static final int U16_MAX = 0xffff;

    private DatagramFrames() {}

    /// {@return bytes of the place}
    static long bytes(QuicConfig config) {
        return config.datagramQueueBytes() == 0 ? 0 : RINGS + 2 * (BYTES_AT + config.datagramQueueBytes());
    }

    private static int capacity(Connection c) {
        return c.loop.config.datagramQueueBytes();
    }

    private static long at(Connection c) {
        return ConnectionLayout.datagrams(c.core, c.loop.config);
    }

    private static long sending(Connection c) {
        return at(c) + RINGS;
    }

    private static long received(Connection c) {
        return sending(c) + BYTES_AT + capacity(c);
    }

    // What both sides say of themselves.

    /// {@return max_datagram_frame_size; 0 where nothing is taken}
    static int ownMax(QuicConfig config) {
        return config.datagramQueueBytes() == 0 ? 0 : Math.min(config.datagramQueueBytes() - LENGTH_BYTES, QuicConfig.DATAGRAM_BYTES_MAX);
    }

    /// Takes the peer's.
    static void peerMax(Connection c, long most) {
        if (capacity(c) > 0) {
            LittleEndian.u16(c.memory, at(c) + PEER_MAX, (int) Math.min(U16_MAX, most));
        }
    }

    /// {@return bytes of the largest that may go as of now; 0 where none may: it changes with the path}
    static int most(Connection c) {
        if (capacity(c) == 0 || c.phase != Connection.OPEN || !c.seals(PacketSpace.APPLICATION)) {
            return 0;
        }
        int room = c.datagramBytes() - PacketWriter.shortBytes(ConnectionId.length(c.memory, c.peerIdAt()), NUMBER_BYTES_MAX) - Aead.TAG_BYTES;
        int frame = Math.min(room, LittleEndian.u16(c.memory, at(c) + PEER_MAX));
        int data = frame - FrameWriter.datagramBytes(frame);
        return Math.max(0, Math.min(data, capacity(c) - LENGTH_BYTES));
    }

    // A ring.

    private static int used(Connection c, long ring) {
        return LittleEndian.i32(c.memory, ring + USED);
    }

    private static boolean put(Connection c, long ring, MemorySegment from, long fromAt, int length) {
        if (capacity(c) - used(c, ring) < LENGTH_BYTES + length) {
            return false;
        }
        long to = (long) LittleEndian.i32(c.memory, ring + OLDEST) + used(c, ring);
        u8(c, ring, to, length);
        u8(c, ring, to + 1, length >>> Byte.SIZE);
        int start = (int) ((to + LENGTH_BYTES) % capacity(c));
        int first = Math.min(length, capacity(c) - start);
        MemorySegment.copy(from, fromAt, c.memory, ring + BYTES_AT + start, first);
        MemorySegment.copy(from, fromAt + first, c.memory, ring + BYTES_AT, length - first);
        LittleEndian.i32(c.memory, ring + USED, used(c, ring) + LENGTH_BYTES + length);
        return true;
    }

    private static void u8(Connection c, long ring, long index, int value) {
        c.memory.set(ValueLayout.JAVA_BYTE, ring + BYTES_AT + index % capacity(c), (byte) value);
    }

    private static int u8(Connection c, long ring, long index) {
        return Byte.toUnsignedInt(c.memory.get(ValueLayout.JAVA_BYTE, ring + BYTES_AT + index % capacity(c)));
    }

    /// {@return bytes of the oldest, -1 for none}
    private static int length(Connection c, long ring) {
        int oldest = LittleEndian.i32(c.memory, ring + OLDEST);
        return used(c, ring) == 0 ? -1 : u8(c, ring, oldest) | u8(c, ring, oldest + 1L) << Byte.SIZE;
    }

    /// Copies the oldest out, and wipes it.
    private static void take(Connection c, long ring, MemorySegment to, long toAt) {
        int length = length(c, ring);
        int start = (int) ((LittleEndian.i32(c.memory, ring + OLDEST) + (long) LENGTH_BYTES) % capacity(c));
        int first = Math.min(length, capacity(c) - start);
        MemorySegment.copy(c.memory, ring + BYTES_AT + start, to, toAt, first);
        MemorySegment.copy(c.memory, ring + BYTES_AT, to, toAt + first, length - first);
        forget(c, ring);
    }

    private static void forget(Connection c, long ring) {
        int length = length(c, ring);
        int start = (int) ((LittleEndian.i32(c.memory, ring + OLDEST) + (long) LENGTH_BYTES) % capacity(c));
        int first = Math.min(length, capacity(c) - start);
        Wipe.bytes(c.memory, ring + BYTES_AT + start, first);
        Wipe.bytes(c.memory, ring + BYTES_AT, length - first);
        LittleEndian.i32(c.memory, ring + OLDEST, (start + length) % capacity(c));
        LittleEndian.i32(c.memory, ring + USED, used(c, ring) - LENGTH_BYTES - length);
    }

    // The application's side.

    /// {@return whether it waits to go; false where there is no room, or it is longer than [#most]}
    static boolean send(Connection c, MemorySegment from, long fromAt, int length) {
        return length <= most(c) && most(c) > 0 && put(c, sending(c), from, fromAt, length);
    }

    /// {@return bytes of the oldest that came, -1 for none}
    static int receivedLength(Connection c) {
        return capacity(c) == 0 || c.phase == Connection.IDLE || c.phase == Connection.ENDED ? -1 : length(c, received(c));
    }

    /// Takes the oldest that came; there is one.
    static void receive(Connection c, MemorySegment to, long toAt) {
        take(c, received(c), to, toAt);
    }

    static long lost(Connection c) {
        return capacity(c) == 0 ? 0 : Integer.toUnsignedLong(LittleEndian.i32(c.memory, at(c) + LOST));
    }

    static long dropped(Connection c) {
        return capacity(c) == 0 ? 0 : Integer.toUnsignedLong(LittleEndian.i32(c.memory, at(c) + DROPPED));
    }

    // The wire's side.

    /// DATAGRAM came. It counts when its packet does: [#settle].
    ///
    /// @param frameBytes  of all of the frame, which is what max_datagram_frame_size bounds (section 3)
    /// @return as of [Streams]
    static long onDatagram(Connection c, long frameBytes, MemorySegment from, long fromAt, int length) {
        if (frameBytes > ownMax(c.loop.config)) {
            return TransportError.PROTOCOL_VIOLATION;  // of none at all, too
        }
        if (!put(c, received(c), from, fromAt, length)) {
            LittleEndian.i32(c.memory, at(c) + DROPPED, LittleEndian.i32(c.memory, at(c) + DROPPED) + 1);
        }
        return Streams.OK;
    }

    /// {@return what came and was dropped so far, for [#settle]}
    static long mark(Connection c) {
        return capacity(c) == 0 ? 0 : (long) LittleEndian.i32(c.memory, at(c) + DROPPED) << Integer.SIZE | used(c, received(c));
    }

    /// A packet was read. One that is not remembered comes again, or may: what came in it came not (RFC 9000, section 12.3).
    ///
    /// @param mark  of before
    static void settle(Connection c, long mark, boolean kept) {
        int before = (int) mark;
        if (mark == mark(c) || used(c, received(c)) < before) {
            return;  // nothing, or the connection is over
        }
        long ring = received(c);
        if (kept) {
            c.events |= used(c, ring) > before ? Connection.TELL_DATAGRAMS : 0;
            return;
        }
        int start = (LittleEndian.i32(c.memory, ring + OLDEST) + before) % capacity(c);
        int length = used(c, ring) - before;
        int first = Math.min(length, capacity(c) - start);
        Wipe.bytes(c.memory, ring + BYTES_AT + start, first);
        Wipe.bytes(c.memory, ring + BYTES_AT, length - first);
        LittleEndian.i32(c.memory, ring + USED, before);
        LittleEndian.i32(c.memory, at(c) + DROPPED, (int) (mark >>> Integer.SIZE));
    }

    /// So many were in a packet that was lost.
    static void lost(Connection c, int count) {
        if (count > 0) {
            LittleEndian.i32(c.memory, at(c) + LOST, LittleEndian.i32(c.memory, at(c) + LOST) + count);
        }
    }

    /// {@return whether one waits to go}
    static boolean isDue(Connection c) {
        return capacity(c) > 0 && used(c, sending(c)) > 0;
    }

    /// {@return whether the next one goes in so much room, and would not with an ACK before it}
    static boolean goesAlone(Connection c, long room) {
        if (!isDue(c)) {
            return false;
        }
        int length = length(c, sending(c));
        return 1 + length <= room && FrameWriter.datagramBytes(length) + length > room - ACK_ROOM;
    }

    /// Writes the next one: without its length where it fills the packet.
    ///
    /// @return as of [FrameWriter]
    static long write(Connection c, MemorySegment out, long at, long end) {
        int length = length(c, sending(c));
        long data = at + 1;
        if (end - at == 1 + length) {
            out.set(ValueLayout.JAVA_BYTE, at, (byte) FrameType.DATAGRAM);
        } else {
            data = FrameWriter.datagram(out, at, end, length);
        }
        if (data != FrameWriter.NO_ROOM) {
            take(c, sending(c), out, data);
            return data + length;
        }
        return FrameWriter.NO_ROOM;
    }

    /// {@return whether the next one is larger than what the path carries by now}
    static boolean isTooLong(Connection c) {
        return length(c, sending(c)) > most(c);
    }

    /// The next one is larger than what the path carries by now: it is lost.
    static void giveUp(Connection c) {
        forget(c, sending(c));
        lost(c, 1);
    }
}
