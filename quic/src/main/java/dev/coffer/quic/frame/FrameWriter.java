package dev.coffer.quic.frame;

import dev.coffer.memory.QuicVarint;
import dev.coffer.memory.Wipe;
import dev.coffer.quic.packet.ConnectionId;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Writes frames (RFC 9000, section 19; RFC 9221), each whole or not at all: the answer is the offset behind it, or [#NO_ROOM], and nothing
/// is written. ACK has a class of its own, [AckWriter]. Stateless, thread-safe, 0 heap bytes.
///
/// STREAM, CRYPTO and DATAGRAM are written up to their data, which lie wherever a connection keeps them: the caller copies them there.
///
/// Each method throws `IllegalArgumentException` for a number out of its range and `IndexOutOfBoundsException` for a range that does not lie in
/// its segment (caller's fault).
public final class FrameWriter {
    /// The frame does not fit.
    public static final long NO_ROOM = -1;

    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

    private FrameWriter() {}

    private static long type(MemorySegment out, long at, int type) {
        out.set(BYTE, at, (byte) type);  // all that we write are below 64
        return at + 1;
    }

    private static long frame(MemorySegment out, long at, long end, int type) {
        return end - at < 1 ? NO_ROOM : type(out, at, type);
    }

    private static long frame(MemorySegment out, long at, long end, int type, long a) {
        if (end - at < 1 + QuicVarint.bytes(a)) {
            return NO_ROOM;
        }
        long p = type(out, at, type);
        return p + QuicVarint.set(out, p, a);
    }

    private static long frame(MemorySegment out, long at, long end, int type, long a, long b) {
        if (end - at < 1 + QuicVarint.bytes(a) + QuicVarint.bytes(b)) {
            return NO_ROOM;
        }
        long p = type(out, at, type);
        p += QuicVarint.set(out, p, a);
        return p + QuicVarint.set(out, p, b);
    }

    /// PADDING (section 19.1) up to `end`.
    ///
    /// @return `end`
    public static long padding(MemorySegment out, long at, long end) {
        Wipe.bytes(out, at, end - at);  // its type is 0
        return end;
    }

    /// PING (section 19.2).
    public static long ping(MemorySegment out, long at, long end) {
        return frame(out, at, end, FrameType.PING);
    }

    /// RESET_STREAM (section 19.4).
    public static long resetStream(MemorySegment out, long at, long end, long stream, long code, long finalSize) {
        if (end - at < 1 + QuicVarint.bytes(stream) + QuicVarint.bytes(code) + QuicVarint.bytes(finalSize)) {
            return NO_ROOM;
        }
        long p = frame(out, at, end, FrameType.RESET_STREAM, stream, code);
        return p + QuicVarint.set(out, p, finalSize);
    }

    /// STOP_SENDING (section 19.5).
    public static long stopSending(MemorySegment out, long at, long end, long stream, long code) {
        return frame(out, at, end, FrameType.STOP_SENDING, stream, code);
    }

    /// CRYPTO (section 19.6) up to its data.
    ///
    /// @param length  of the data, which have room behind
    /// @return where they belong
    public static long crypto(MemorySegment out, long at, long end, long offset, int length) {
        if (end - at < cryptoBytes(offset, length) + length) {
            return NO_ROOM;
        }
        return frame(out, at, end, FrameType.CRYPTO, offset, length);
    }

    /// {@return bytes of a CRYPTO without its data}
    public static int cryptoBytes(long offset, int length) {
        return 1 + QuicVarint.bytes(offset) + QuicVarint.bytes(length);
    }

    /// {@return the most data that a CRYPTO has in `room` bytes; below 1 for none}
    public static long cryptoRoom(long offset, long room) {
        return dataRoom(room - 1 - QuicVarint.bytes(offset));
    }

    /// {@return data that fit in `room` bytes with their length in front}
    private static long dataRoom(long room) {
        if (room < 1) {
            return 0;
        }
        long most = room - QuicVarint.bytes(room);
        while (QuicVarint.bytes(most + 1) + most + 1 <= room) {  // three times at most: a shorter length may be enough
            most++;
        }
        return most;
    }

    /// NEW_TOKEN (section 19.7).
    public static long newToken(MemorySegment out, long at, long end, MemorySegment token, long tokenAt, int length) {
        if (end - at < 1 + QuicVarint.bytes(length) + length) {
            return NO_ROOM;
        }
        long p = frame(out, at, end, FrameType.NEW_TOKEN, length);
        MemorySegment.copy(token, tokenAt, out, p, length);
        return p + length;
    }

    /// STREAM (section 19.8) up to its data. One without a length is the packet's last frame: its data go up to `end`.
    ///
    /// @param length   of the data, which have room behind
    /// @param fin      whether the stream ends with them
    /// @param measured  whether the frame says their length; where not they fill the packet
    /// @return where they belong
    /// @throws IllegalArgumentException  not measured, and they do not end at `end` (caller's fault); nothing is written
    public static long stream(MemorySegment out, long at, long end, long stream, long offset, int length, boolean fin, boolean measured) {
        int bytes = streamBytes(stream, offset, measured ? length : -1);
        if (end - at < bytes + length) {
            return NO_ROOM;
        }
        if (!measured && at + bytes + length != end) {
            throw new IllegalArgumentException("STREAM: " + length + " bytes in room for " + (end - at - bytes)
                    + " (expected all of it, or a frame that says its length)");
        }
        int type = FrameType.STREAM | (fin ? FrameType.STREAM_FIN : 0) | (measured ? FrameType.STREAM_LENGTH : 0)
                | (offset > 0 ? FrameType.STREAM_OFFSET : 0);
        long p = offset > 0 ? frame(out, at, end, type, stream, offset) : frame(out, at, end, type, stream);
        return measured ? p + QuicVarint.set(out, p, length) : p;
    }

    /// {@return bytes of a STREAM without its data}
    ///
    /// @param length  below 0 for a frame that does not say it
    public static int streamBytes(long stream, long offset, int length) {
        return 1 + QuicVarint.bytes(stream) + (offset > 0 ? QuicVarint.bytes(offset) : 0) + (length < 0 ? 0 : QuicVarint.bytes(length));
    }

    /// {@return the most data that a STREAM has in `room` bytes where it says their length; below 1 for none. Without it 1 to 4 more}
    public static long streamRoom(long stream, long offset, long room) {
        return dataRoom(room - streamBytes(stream, offset, -1));
    }

    /// MAX_DATA (section 19.9).
    public static long maxData(MemorySegment out, long at, long end, long maximum) {
        return frame(out, at, end, FrameType.MAX_DATA, maximum);
    }

    /// MAX_STREAM_DATA (section 19.10).
    public static long maxStreamData(MemorySegment out, long at, long end, long stream, long maximum) {
        return frame(out, at, end, FrameType.MAX_STREAM_DATA, stream, maximum);
    }

    /// MAX_STREAMS (section 19.11).
    public static long maxStreams(MemorySegment out, long at, long end, boolean bidirectional, long maximum) {
        return frame(out, at, end, bidirectional ? FrameType.MAX_STREAMS_BIDIRECTIONAL : FrameType.MAX_STREAMS_UNIDIRECTIONAL, streams(maximum));
    }

    private static long streams(long maximum) {
        if (maximum > FrameReader.STREAMS_MAX) {
            throw new IllegalArgumentException("streams: " + maximum + " (expected at most 2^60, RFC 9000 section 4.6)");
        }
        return maximum;
    }

    /// DATA_BLOCKED (section 19.12).
    public static long dataBlocked(MemorySegment out, long at, long end, long maximum) {
        return frame(out, at, end, FrameType.DATA_BLOCKED, maximum);
    }

    /// STREAM_DATA_BLOCKED (section 19.13).
    public static long streamDataBlocked(MemorySegment out, long at, long end, long stream, long maximum) {
        return frame(out, at, end, FrameType.STREAM_DATA_BLOCKED, stream, maximum);
    }

    /// STREAMS_BLOCKED (section 19.14).
    public static long streamsBlocked(MemorySegment out, long at, long end, boolean bidirectional, long maximum) {
        int type = bidirectional ? FrameType.STREAMS_BLOCKED_BIDIRECTIONAL : FrameType.STREAMS_BLOCKED_UNIDIRECTIONAL;
        return frame(out, at, end, type, streams(maximum));
    }

    /// NEW_CONNECTION_ID (section 19.15).
    ///
    /// @param ids      memory with the place of a [ConnectionId] of 1 to 20 bytes
    /// @param resetAt  offset of its reset token in `reset`, [FrameReader#RESET_TOKEN_BYTES]
    public static long newConnectionId(MemorySegment out, long at, long end, long sequence, long retirePriorTo, MemorySegment ids, long id,
            MemorySegment reset, long resetAt) {
        int length = ConnectionId.length(ids, id);
        if (length < 1 || retirePriorTo > sequence) {
            throw new IllegalArgumentException("NEW_CONNECTION_ID: " + length + " bytes, number " + sequence + ", retires below " + retirePriorTo
                    + " (expected 1..20, at most its own)");
        }
        if (end - at < 1 + QuicVarint.bytes(sequence) + QuicVarint.bytes(retirePriorTo) + 1 + length + FrameReader.RESET_TOKEN_BYTES) {
            return NO_ROOM;
        }
        long p = frame(out, at, end, FrameType.NEW_CONNECTION_ID, sequence, retirePriorTo);
        MemorySegment.copy(ids, id, out, p, 1 + length);  // its length is in front there, too
        p += 1 + length;
        MemorySegment.copy(reset, resetAt, out, p, FrameReader.RESET_TOKEN_BYTES);
        return p + FrameReader.RESET_TOKEN_BYTES;
    }

    /// RETIRE_CONNECTION_ID (section 19.16).
    public static long retireConnectionId(MemorySegment out, long at, long end, long sequence) {
        return frame(out, at, end, FrameType.RETIRE_CONNECTION_ID, sequence);
    }

    /// PATH_CHALLENGE (section 19.17), with 8 bytes that nobody can guess.
    public static long pathChallenge(MemorySegment out, long at, long end, MemorySegment data, long dataAt) {
        return path(out, at, end, FrameType.PATH_CHALLENGE, data, dataAt);
    }

    /// PATH_RESPONSE (section 19.18), with the 8 bytes of the challenge.
    public static long pathResponse(MemorySegment out, long at, long end, MemorySegment data, long dataAt) {
        return path(out, at, end, FrameType.PATH_RESPONSE, data, dataAt);
    }

    private static long path(MemorySegment out, long at, long end, int type, MemorySegment data, long dataAt) {
        if (end - at < 1 + FrameReader.PATH_DATA_BYTES) {
            return NO_ROOM;
        }
        long p = type(out, at, type);
        MemorySegment.copy(data, dataAt, out, p, FrameReader.PATH_DATA_BYTES);
        return p + FrameReader.PATH_DATA_BYTES;
    }

    /// CONNECTION_CLOSE of type 0x1c (section 19.19).
    ///
    /// @param code         a [TransportError] or TLS's alert
    /// @param frameType    for which it closes; 0 where nobody knows
    /// @param reason       of length 0 for none; as much of it is said as there is room
    public static long connectionClose(MemorySegment out, long at, long end, long code, long frameType, MemorySegment reason, long reasonAt, int length) {
        int head = 1 + QuicVarint.bytes(code) + QuicVarint.bytes(frameType);
        if (end - at < head + 1) {
            return NO_ROOM;
        }
        long p = frame(out, at, end, FrameType.CONNECTION_CLOSE, code, frameType);
        return reason(out, p, end, reason, reasonAt, length);
    }

    /// CONNECTION_CLOSE of type 0x1d, of the application.
    public static long applicationClose(MemorySegment out, long at, long end, long code, MemorySegment reason, long reasonAt, int length) {
        if (end - at < 1 + QuicVarint.bytes(code) + 1) {
            return NO_ROOM;
        }
        long p = frame(out, at, end, FrameType.CONNECTION_CLOSE_APPLICATION, code);
        return reason(out, p, end, reason, reasonAt, length);
    }

    private static long reason(MemorySegment out, long at, long end, MemorySegment reason, long reasonAt, int length) {
        long fits = Math.min(length, dataRoom(end - at));
        long p = at + QuicVarint.set(out, at, fits);
        MemorySegment.copy(reason, reasonAt, out, p, fits);
        return p + fits;
    }

    /// HANDSHAKE_DONE (section 19.20).
    public static long handshakeDone(MemorySegment out, long at, long end) {
        return frame(out, at, end, FrameType.HANDSHAKE_DONE);
    }

    /// DATAGRAM with its length (RFC 9221, section 4), up to its data.
    ///
    /// @return where they belong
    public static long datagram(MemorySegment out, long at, long end, int length) {
        return end - at < datagramBytes(length) + length ? NO_ROOM : frame(out, at, end, FrameType.DATAGRAM_LENGTH, length);
    }

    /// {@return bytes of a DATAGRAM without its data: what counts against the peer's max_datagram_frame_size with them}
    public static int datagramBytes(int length) {
        return 1 + QuicVarint.bytes(length);
    }
}
