package dev.coffer.quic;

import java.lang.foreign.MemorySegment;

/// What packets carried that must arrive, and what becomes of it when they do or do not (RFC 9000, section 13.3). Stateless; 0 heap bytes.
final class Sent {
    // Kinds of items in SentPackets.
    /// Bytes of a level's CRYPTO.
    static final int CRYPTO = 1;
    /// Bytes of a stream.
    static final int STREAM = 2;
    /// The last bytes of a stream, or none, and its end.
    static final int STREAM_END = 3;
    static final int MAX_STREAM_DATA = 4;
    static final int RESET_STREAM = 5;
    static final int STOP_SENDING = 6;
    static final int RETIRE_ID = 7;
    static final int NEW_ID = 8;

    private Sent() {}

    /// A record's content has arrived.
    static void acknowledged(Connection c, int space, long record) {
        MemorySegment in = c.blocks().memory();
        int kind = SentPackets.kind(in, record);
        long offset = SentPackets.offset(in, record);
        long end = offset + SentPackets.itemLength(in, record);
        if (kind == CRYPTO) {
            SendBuffer.acknowledged(c.memory, ConnectionLayout.cryptoSend(c.core, c.handshakeAt, space), c.blocks(), offset, end);
        } else if (kind == STREAM || kind == STREAM_END || kind == RESET_STREAM) {
            ofStream(c, in, SentPackets.stream(in, record), kind, offset, end);
        }
    }

    private static void ofStream(Connection c, MemorySegment in, long id, int kind, long offset, long end) {
        long row = Streams.find(c, id);
        if (row < 0) {
            return;
        }
        if (kind == RESET_STREAM) {
            StreamRow.set(in, row, StreamRow.RESET_ACKED);
        } else if (!StreamRow.has(in, row, StreamRow.RESET)) {
            SendBuffer.acknowledged(in, row + StreamRow.SEND, c.blocks(), offset, end);
            if (kind == STREAM_END) {
                StreamRow.set(in, row, StreamRow.FIN_ACKED);
                StreamRow.clear(in, row, StreamRow.FIN_DUE);
            }
            Streams.roomCame(c, row);
            if (StreamRow.isSendingOver(in, row)) {
                Streams.said(in, row);
            }
        }
        if (StreamRow.isOver(in, row)) {
            Streams.settle(c, id);
        }
    }

    /// A record's content is to go again, as far as it is still worth it.
    static void lost(Connection c, int space, long record) {
        MemorySegment in = c.blocks().memory();
        int flags = SentPackets.flags(in, record);
        if ((flags & SentPackets.MORE) == 0) {
            Streams.due(c, flags & (SentPackets.MAX_DATA | SentPackets.MAX_STREAMS_BIDI | SentPackets.MAX_STREAMS_UNI));
            c.handshakeDoneDue |= (flags & SentPackets.HANDSHAKE_DONE) != 0;
            c.tokenDue |= (flags & SentPackets.NEW_TOKEN) != 0;
            if ((flags & SentPackets.LOST) != 0) {  // else it is asked for, and may have come
                DatagramFrames.lost(c, (flags & SentPackets.DATAGRAMS_MASK) >>> SentPackets.DATAGRAMS_SHIFT);
            }
        }
        int kind = SentPackets.kind(in, record);
        long offset = SentPackets.offset(in, record);
        long end = offset + SentPackets.itemLength(in, record);
        if (kind == CRYPTO) {
            SendBuffer.again(c.memory, ConnectionLayout.cryptoSend(c.core, c.handshakeAt, space), c.blocks(), offset, end);
        } else if (kind == RETIRE_ID) {
            c.retiringLost |= !PeerIds.retire(c, SentPackets.stream(in, record));  // the connection ends with it, once what is lost was gone through
        } else if (kind == NEW_ID) {
            LocalIds.again(c, SentPackets.stream(in, record));
        } else if (kind != 0) {
            ofStreamAgain(c, in, SentPackets.stream(in, record), kind, offset, end);
        }
    }

    private static void ofStreamAgain(Connection c, MemorySegment in, long id, int kind, long offset, long end) {
        long row = Streams.find(c, id);
        if (row < 0) {
            return;
        }
        switch (kind) {
            case STREAM, STREAM_END -> {
                if (!StreamRow.has(in, row, StreamRow.RESET)) {
                    SendBuffer.again(in, row + StreamRow.SEND, c.blocks(), offset, end);
                    if (kind == STREAM_END && !StreamRow.has(in, row, StreamRow.FIN_ACKED)) {
                        StreamRow.set(in, row, StreamRow.FIN_DUE);
                    }
                }
            }
            case MAX_STREAM_DATA -> {
                if (!StreamRow.has(in, row, StreamRow.SIZE_KNOWN | StreamRow.STOP)) {
                    StreamRow.set(in, row, StreamRow.LIMIT_DUE);
                }
            }
            case RESET_STREAM -> {
                if (!StreamRow.has(in, row, StreamRow.RESET_ACKED)) {
                    StreamRow.set(in, row, StreamRow.RESET_DUE);
                }
            }
            default -> {
                if (!StreamRow.has(in, row, StreamRow.SIZE_KNOWN)) {
                    StreamRow.set(in, row, StreamRow.STOP_DUE);
                }
            }
        }
    }
}
