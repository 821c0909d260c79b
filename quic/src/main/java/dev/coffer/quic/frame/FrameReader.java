package dev.coffer.quic.frame;

import dev.coffer.memory.QuicVarint;
import dev.coffer.quic.packet.ConnectionId;
import dev.coffer.quic.packet.PacketType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;

/// Walks over the frames of one packet that was opened (RFC 9000, sections 12.4 and 19; RFC 9221). Each is checked as a whole before it is
/// told: what the accessors say lies in the packet and in its range.
///
/// ```java
/// reader.begin(packet, keys.textAt(), keys.textEnd(), PacketType.ONE_RTT, fromClient);
/// for (int type; (type = reader.next()) >= 0;) {
///     ...                                            // accessors of that type
/// }
/// if (reader.error() != TransportError.NO_ERROR) {
///     ...                                            // the connection is closed with error() and errorType()
/// }
/// ```
///
/// What is left to the connection: limits of its own (flow control, streams, IDs, tokens, the size of a DATAGRAM), directions of streams, numbers
/// that were never sent. One object serves a loop. One thread at a time; 0 heap bytes.
public final class FrameReader {
    /// There is no more, or no more that is right.
    public static final int END = -1;
    /// Highest number of streams (section 4.6).
    public static final long STREAMS_MAX = 1L << 60;
    /// Bytes of a stateless reset token.
    public static final int RESET_TOKEN_BYTES = 16;
    /// Bytes of a PATH_CHALLENGE's data.
    public static final int PATH_DATA_BYTES = 8;

    private static final long WRONG = -1;  // of an integer that is not whole
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

    private MemorySegment packet = MemorySegment.NULL;
    private PacketType in = PacketType.ONE_RTT;
    private boolean fromClient;
    private long next;
    private long end;
    private long error;
    private long errorType;
    private boolean eliciting;
    private boolean probing;

    private int type = END;
    private long frameAt;
    private long first;      // stream, sequence, largest, code or maximum: the frame's first integer
    private long second;     // offset, code, delay, limit: its second
    private long third;      // final size, retired before, ranges
    private long dataAt;
    private long dataLength;
    private long idAt;
    private int idLength;
    private long rangesAt;   // where the next range of an ACK lies
    private long rangesLeft;
    private long rangeLow;
    private long rangeHigh;
    private long countsAt;   // of ECN

    /// Makes a reader that is at an end.
    public FrameReader() {
        // begin() comes first
    }

    /// Begins a packet. One without any frame is an error (section 12.4).
    ///
    /// @param segment     with the packet, borrowed until the next one
    /// @param end         offset behind the last frame
    /// @param in          what kind of packet
    /// @param fromClient  whether the peer is a client
    /// @throws IndexOutOfBoundsException  it does not lie in the segment (caller's fault)
    public void begin(MemorySegment segment, long at, long end, PacketType in, boolean fromClient) {
        Objects.checkFromToIndex(at, end, segment.byteSize());
        this.packet = segment;
        this.in = in;
        this.fromClient = fromClient;
        this.next = at;
        this.end = end;
        this.error = at == end ? TransportError.PROTOCOL_VIOLATION : TransportError.NO_ERROR;
        this.errorType = 0;
        this.eliciting = false;
        this.probing = true;
        this.type = END;
    }

    /// {@return the type of the next frame, one of [FrameType]; or [#END]. Padding is one frame, however long}
    public int next() {
        type = END;
        if (next == end || error != TransportError.NO_ERROR) {
            return END;
        }
        frameAt = next;
        int typeBytes = QuicVarint.bytesAt(packet, next);
        if (typeBytes > end - next) {
            return fault(TransportError.FRAME_ENCODING_ERROR, 0);
        }
        long code = QuicVarint.get(packet, next);
        if (QuicVarint.bytes(code) != typeBytes) {
            return fault(TransportError.PROTOCOL_VIOLATION, code);  // the shortest form is a must (section 12.4)
        }
        if (!FrameType.isKnown(code)) {
            return fault(TransportError.FRAME_ENCODING_ERROR, code);
        }
        int found = (int) code;
        if (!FrameType.isAllowed(found, in) || fromClient && FrameType.isOnlyOfServers(found)) {
            return fault(TransportError.PROTOCOL_VIOLATION, code);
        }
        next += typeBytes;
        rangesLeft = 0;
        if (!read(found)) {
            return fault(TransportError.FRAME_ENCODING_ERROR, code);
        }
        eliciting |= FrameType.isEliciting(found);
        probing &= FrameType.isProbing(found);
        type = found;
        return found;
    }

    private int fault(long code, long of) {
        error = code;
        errorType = of;
        return END;
    }

    private boolean read(int found) {
        if (FrameType.isStream(found)) {
            return stream(found);
        }
        return switch (found) {
            case FrameType.PADDING -> padding();
            case FrameType.PING, FrameType.HANDSHAKE_DONE -> true;
            case FrameType.ACK -> ack(false);
            case FrameType.ACK_ECN -> ack(true);
            case FrameType.RESET_STREAM -> (first = varint()) >= 0 && (second = varint()) >= 0 && (third = varint()) >= 0;
            case FrameType.CRYPTO -> (second = varint()) >= 0 && data() && second + dataLength <= QuicVarint.VALUE_MAX;
            case FrameType.NEW_TOKEN -> data() && dataLength > 0;
            case FrameType.STOP_SENDING, FrameType.MAX_STREAM_DATA, FrameType.STREAM_DATA_BLOCKED -> (first = varint()) >= 0 && (second = varint()) >= 0;
            case FrameType.MAX_DATA, FrameType.DATA_BLOCKED -> (second = varint()) >= 0;
            case FrameType.MAX_STREAMS_BIDIRECTIONAL, FrameType.MAX_STREAMS_UNIDIRECTIONAL, FrameType.STREAMS_BLOCKED_BIDIRECTIONAL,
                    FrameType.STREAMS_BLOCKED_UNIDIRECTIONAL ->
                (second = varint()) >= 0 && second <= STREAMS_MAX;
            case FrameType.NEW_CONNECTION_ID -> newConnectionId();
            case FrameType.RETIRE_CONNECTION_ID -> (first = varint()) >= 0;
            case FrameType.PATH_CHALLENGE, FrameType.PATH_RESPONSE -> take(PATH_DATA_BYTES);
            case FrameType.CONNECTION_CLOSE -> (second = varint()) >= 0 && (third = varint()) >= 0 && data();
            case FrameType.CONNECTION_CLOSE_APPLICATION -> (second = varint()) >= 0 && data();
            case FrameType.DATAGRAM -> take(end - next);
            default -> data();  // DATAGRAM_LENGTH
        };
    }

    private boolean padding() {
        while (next < end && packet.get(BYTE, next) == FrameType.PADDING) {
            next++;
        }
        return true;
    }

    private boolean stream(int found) {
        first = varint();
        second = first >= 0 && (found & FrameType.STREAM_OFFSET) != 0 ? varint() : 0;
        if (first < 0 || second < 0) {
            return false;
        }
        boolean whole = (found & FrameType.STREAM_LENGTH) != 0 ? data() : take(end - next);
        return whole && second + dataLength <= QuicVarint.VALUE_MAX;  // section 19.8
    }

    /// A length, then so many bytes.
    private boolean data() {
        long length = varint();
        return length >= 0 && take(length);
    }

    private boolean take(long length) {
        if (length > end - next) {
            return false;
        }
        dataAt = next;
        dataLength = length;
        next += length;
        return true;
    }

    /// Ranges are walked over once here, so that none can fail later (section 19.3.1).
    private boolean ack(boolean ecn) {
        first = varint();
        second = first < 0 ? WRONG : varint();
        third = second < 0 ? WRONG : varint();
        long length = third < 0 ? WRONG : varint();
        if (length < 0 || length > first) {
            return false;
        }
        rangeHigh = first;
        rangeLow = first - length;
        rangesAt = next;
        rangesLeft = third + 1;
        long low = rangeLow;
        for (long i = 0; i < third; i++) {
            long gap = varint();
            long more = gap < 0 ? WRONG : varint();
            low -= gap + 2 + more;
            if (more < 0 || low < 0) {
                return false;
            }
        }
        countsAt = next;
        return !ecn || counts();
    }

    private boolean counts() {
        for (int i = 0; i < 3; i++) {
            if (varint() < 0) {
                return false;
            }
        }
        return true;
    }

    private boolean newConnectionId() {
        first = varint();
        third = first < 0 ? WRONG : varint();
        if (third < 0 || third > first || next == end) {
            return false;
        }
        idLength = Byte.toUnsignedInt(packet.get(BYTE, next));
        idAt = next + 1;
        next = idAt;
        if (idLength < 1 || idLength > ConnectionId.LENGTH_MAX || idLength > end - next) {
            return false;
        }
        next += idLength;
        return take(RESET_TOKEN_BYTES);
    }

    /// {@return the integer that comes next; below 0 where it is not whole}
    private long varint() {
        if (next == end) {
            return WRONG;
        }
        int bytes = QuicVarint.bytesAt(packet, next);
        if (bytes > end - next) {
            return WRONG;
        }
        long value = QuicVarint.get(packet, next);
        next += bytes;
        return value;
    }

    /// {@return what is wrong with the packet, a [TransportError]; [TransportError#NO_ERROR] for nothing so far}
    public long error() {
        return error;
    }

    /// {@return the type of the frame that is wrong; 0 where nobody knows}
    public long errorType() {
        return errorType;
    }

    /// {@return whether one of the frames so far wants an acknowledgement}
    public boolean isEliciting() {
        return eliciting;
    }

    /// {@return whether all frames so far are probing ones (section 9.1)}
    public boolean isProbing() {
        return probing;
    }

    /// {@return the type that [#next] told}
    public int type() {
        return type;
    }

    /// {@return the memory that the frames lie in}
    public MemorySegment segment() {
        return packet;
    }

    /// {@return offset of the frame's first byte}
    public long frameAt() {
        return frameAt;
    }

    /// {@return bytes of the whole frame}
    public long frameBytes() {
        return next - frameAt;
    }

    /// {@return the stream of STREAM, RESET_STREAM, STOP_SENDING, MAX_STREAM_DATA and STREAM_DATA_BLOCKED}
    public long streamId() {
        return first;
    }

    /// {@return where the data of STREAM or CRYPTO belong; with their length at most 2^62 - 1}
    public long offset() {
        return second;
    }

    /// {@return whether a STREAM says the stream's end}
    public boolean isFin() {
        return FrameType.isStream(type) && (type & FrameType.STREAM_FIN) != 0;
    }

    /// {@return offset in memory of the bytes of STREAM, CRYPTO, DATAGRAM, NEW_TOKEN's token, PATH_CHALLENGE's and PATH_RESPONSE's 8 bytes,
    /// NEW_CONNECTION_ID's reset token, CONNECTION_CLOSE's reason}
    public long dataAt() {
        return dataAt;
    }

    /// {@return how many they are}
    public long dataLength() {
        return dataLength;
    }

    /// {@return the code of RESET_STREAM, STOP_SENDING, CONNECTION_CLOSE}
    public long code() {
        return second;
    }

    /// {@return the size of a stream that RESET_STREAM ends}
    public long finalSize() {
        return third;
    }

    /// {@return the limit of MAX_DATA, MAX_STREAM_DATA, MAX_STREAMS and of those that say they are blocked by it; of streams 0..[#STREAMS_MAX]}
    public long maximum() {
        return second;
    }

    /// {@return the type of the frame for which a CONNECTION_CLOSE of type 0x1c closes}
    public long closedFor() {
        return third;
    }

    /// {@return the number of the ID in NEW_CONNECTION_ID, RETIRE_CONNECTION_ID}
    public long sequence() {
        return first;
    }

    /// {@return below which number a NEW_CONNECTION_ID retires: at most its own}
    public long retirePriorTo() {
        return third;
    }

    /// {@return offset of the ID of NEW_CONNECTION_ID}
    public long idAt() {
        return idAt;
    }

    /// {@return its bytes, 1..20}
    public int idLength() {
        return idLength;
    }

    /// {@return the largest number that an ACK acknowledges}
    public long largest() {
        return first;
    }

    /// {@return the delay that an ACK says, in units of 2^ack_delay_exponent microseconds}
    public long delay() {
        return second;
    }

    /// Steps to an ACK's next range, downwards; the first call steps to the first one, which ends with [#largest].
    ///
    /// @return whether there is one: [#rangeLow] and [#rangeHigh]
    public boolean nextRange() {
        if (rangesLeft <= 0) {
            return false;
        }
        if (rangesLeft-- <= third) {  // each but the first
            long gap = range();
            rangeHigh = rangeLow - gap - 2;
            rangeLow = rangeHigh - range();
        }
        return true;
    }

    private long range() {
        long value = QuicVarint.get(packet, rangesAt);
        rangesAt += QuicVarint.bytesAt(packet, rangesAt);
        return value;
    }

    /// {@return the lowest number of a range}
    public long rangeLow() {
        return rangeLow;
    }

    /// {@return its highest}
    public long rangeHigh() {
        return rangeHigh;
    }

    /// {@return a count of an ACK_ECN}
    ///
    /// @param codepoint  [dev.coffer.memory.engine.DatagramHeader#ECT_0], ECT_1 or CE
    /// @throws IllegalArgumentException  another one (caller's fault)
    public long ecnCount(int codepoint) {
        if (codepoint < 1 || codepoint > 3) {
            throw new IllegalArgumentException("ECN codepoint: " + codepoint + " (expected ECT(0), ECT(1) or CE)");
        }
        int index = codepoint == 3 ? 2 : 2 - codepoint;  // ECT(0) is 2, and the first of the three
        long at = countsAt;
        for (int i = 0; i < index; i++) {
            at += QuicVarint.bytesAt(packet, at);
        }
        return QuicVarint.get(packet, at);
    }
}
