package dev.coffer.quic;

import dev.coffer.memory.layout.LittleEndian;
import java.lang.foreign.MemorySegment;

/// One stream of a connection, in one block (RFC 9000, section 3). Stateless; 0 heap bytes.
///
/// ```
///   0: ID | 8: flags | 12: StreamTree | 16: SendBuffer | 64: ReceiveBuffer | 104: what the peer lets us send | 112: what we let it send
/// ```
///
/// Where a side is reset or told to stop, its limit is no more, and its error code lies there.
final class StreamRow {
    private static final long ID = 0;          // i64
    private static final long FLAGS = 8;       // u32
    static final long BELOW = 12;              // u32, of StreamTree
    static final long SEND = 16;
    static final long RECEIVE = SEND + SendBuffer.BYTES;
    static final long BEFORE = RECEIVE + ReceiveBuffer.SPARE;  // u32, block of the row before it in the connection's chain
    private static final long SEND_MAX = RECEIVE + ReceiveBuffer.BYTES;  // i64, or the code of the peer's STOP_SENDING, or of our RESET_STREAM
    private static final long RECEIVE_MAX = SEND_MAX + 8;                // i64, or the code of the peer's RESET_STREAM, or of our STOP_SENDING
    static final long BYTES = RECEIVE_MAX + 8;

    // What is sent (section 3.1).
    /// We send nothing on it.
    static final int NOT_SENDING = 1;
    /// The application asked for room and got less than there may be.
    static final int AWAITS_ROOM = 1 << 1;
    /// It has said all.
    static final int SAID_ALL = 1 << 2;
    /// The end is to go.
    static final int FIN_DUE = 1 << 3;
    /// The end has been acknowledged.
    static final int FIN_ACKED = 1 << 4;
    /// It is reset, by us.
    static final int RESET = 1 << 5;
    static final int RESET_DUE = 1 << 6;
    static final int RESET_ACKED = 1 << 7;
    /// The peer reads no more.
    static final int STOPPED_BY_PEER = 1 << 8;
    /// And when it said so, flow control let not all go that had been said: the rest does not.
    static final int WITHHELD = 1 << 9;
    /// It has said more than the connection's flow control let go then; of a time before where that lets all go now.
    static final int OWES = 1 << 17;
    // What is received (section 3.2).
    /// The peer sends nothing on it.
    static final int NOT_RECEIVING = 1 << 10;
    /// The final size is known: the highest offset.
    static final int SIZE_KNOWN = 1 << 11;
    /// The peer has reset it.
    static final int RESET_BY_PEER = 1 << 12;
    /// We read no more.
    static final int STOP = 1 << 13;
    static final int STOP_DUE = 1 << 14;
    /// The peer is told so when what we say has arrived.
    static final int STOP_LATER = 1 << 16;
    /// MAX_STREAM_DATA is to go.
    static final int LIMIT_DUE = 1 << 15;
    // Of the application.
    /// There is something new.
    static final int TELL = 1 << 20;
    /// It has heard of the stream.
    static final int KNOWN = 1 << 21;
    /// It has done with the stream.
    static final int RELEASED = 1 << 22;

    private StreamRow() {}

    /// Begins a row of zeros.
    static void begin(MemorySegment memory, long at, long id, int flags, long sendMax, long receiveMax) {
        LittleEndian.i64(memory, at + ID, id);
        LittleEndian.i32(memory, at + FLAGS, flags);
        LittleEndian.i64(memory, at + SEND_MAX, sendMax);
        LittleEndian.i64(memory, at + RECEIVE_MAX, receiveMax);
    }

    static long id(MemorySegment memory, long at) {
        return LittleEndian.i64(memory, at + ID);
    }

    static int flags(MemorySegment memory, long at) {
        return LittleEndian.i32(memory, at + FLAGS);
    }

    static boolean has(MemorySegment memory, long at, int flag) {
        return (flags(memory, at) & flag) != 0;
    }

    static void set(MemorySegment memory, long at, int flags) {
        LittleEndian.i32(memory, at + FLAGS, flags(memory, at) | flags);
    }

    static void clear(MemorySegment memory, long at, int flags) {
        LittleEndian.i32(memory, at + FLAGS, flags(memory, at) & ~flags);
    }

    static long sendMax(MemorySegment memory, long at) {
        return LittleEndian.i64(memory, at + SEND_MAX);
    }

    static void sendMax(MemorySegment memory, long at, long value) {
        LittleEndian.i64(memory, at + SEND_MAX, value);
    }

    static long receiveMax(MemorySegment memory, long at) {
        return LittleEndian.i64(memory, at + RECEIVE_MAX);
    }

    static void receiveMax(MemorySegment memory, long at, long value) {
        LittleEndian.i64(memory, at + RECEIVE_MAX, value);
    }

    /// {@return whether nothing more will be sent, and all of it arrived (terminal states of section 3.1)}
    static boolean isSendingOver(MemorySegment memory, long at) {
        return has(memory, at, NOT_SENDING | RESET_ACKED) || has(memory, at, FIN_ACKED) && SendBuffer.isEmpty(memory, at + SEND);
    }

    /// {@return whether the peer will send nothing more that counts: its final size is known}
    static boolean isReceivingOver(MemorySegment memory, long at) {
        return has(memory, at, NOT_RECEIVING | SIZE_KNOWN | RESET_BY_PEER);
    }

    /// {@return whether both sides are over, and the application has done with it}
    static boolean isOver(MemorySegment memory, long at) {
        return has(memory, at, RELEASED) && isSendingOver(memory, at) && isReceivingOver(memory, at) && !has(memory, at, STOP_DUE);
    }
}
