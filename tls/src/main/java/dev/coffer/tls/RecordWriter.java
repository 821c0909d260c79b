package dev.coffer.tls;

import dev.coffer.crypto.Aead;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.BigEndian;
import java.lang.foreign.MemorySegment;

/// The sending half of a connection (RFC 8446, section 5): makes records of content that lies behind the room for a header, and those that
/// have no other content than a word of TLS's own. The connection's thread alone; 0 heap bytes.
final class RecordWriter {
    private static final int FRAME_BYTES = Wire.RECORD_HEADER_BYTES + Aead.TAG_BYTES;  // around what is protected

    private final RecordKeys keys;
    private final short padding;  // what is protected is filled up to a multiple of it: 1..2^14, and as an int it would be eight bytes more for each connection
    private boolean protects;
    private int contentBytesMax;  // of a protected record

    /// @param padding  1..2^14
    RecordWriter(RecordKeys keys, int padding) {
        this.keys = keys;
        this.padding = (short) padding;
    }

    void begin() {
        protects = false;
        contentBytesMax = Wire.CONTENT_BYTES_MAX;
    }

    /// Says whether what is sealed from here on is protected.
    void protect(boolean now) {
        protects = now;
    }

    /// The peer takes no longer records from here on (RFC 8449); what goes without protection is not limited.
    ///
    /// @param innerBytes  what is protected in one, its type among it
    void limit(int innerBytes) {
        contentBytesMax = innerBytes - 1;
    }

    /// Goes on where another connection's is: what is sealed from here on is protected.
    void goOn(RecordWriter from) {
        protects = true;
        contentBytesMax = from.contentBytesMax;
    }

    /// {@return bytes of what is protected in a record of so much content: it, its type and zeros, as many as the peer takes (section 5.4)}
    private int innerBytes(int content) {
        assert content <= contentBytesMax : "content " + content;
        return Math.min(Math.ceilDiv(content + 1, padding) * padding, contentBytesMax + 1);
    }

    /// {@return bytes of content that have so much room in one protected record; below 0 for none, not even without content}
    int contentOfOne(long room) {
        long inner = room - FRAME_BYTES;
        return inner > contentBytesMax ? contentBytesMax : (int) (Math.floorDiv(inner, padding) * padding) - 1;
    }

    /// {@return bytes of content that have so much room, cut into records as the peer takes them: 2^14 at most}
    int contentRoom(long room) {
        int record = FRAME_BYTES + 1 + contentBytesMax;
        long content = room / record * contentBytesMax + Math.max(0, contentOfOne(room % record));
        return (int) Math.min(content, Wire.CONTENT_BYTES_MAX);
    }

    /// {@return bytes of room that so much content needs at most}
    long room(int content) {
        return roomOfOne(content) + (Math.ceilDiv(content, contentBytesMax) - 1L) * TlsConnection.OVERHEAD_BYTES;
    }

    /// {@return the same for content that goes in one record}
    long roomOfOne(int content) {
        return content + TlsConnection.OVERHEAD_BYTES + Math.min(padding - 1, contentBytesMax);
    }

    /// Makes protected records of content that lies behind the room for one header, as many as the peer's limit makes of it; it has room for them
    /// ([#contentRoom]).
    ///
    /// @return bytes of all of them
    long cut(MemorySegment output, long at, int content, int type) {
        if (content <= contentBytesMax) {
            return seal(output, at, content, type);
        }
        int records = Math.ceilDiv(content, contentBytesMax);
        long from = at + Wire.RECORD_HEADER_BYTES + (records - 1L) * TlsConnection.OVERHEAD_BYTES;  // what was cut off fits before what was not
        long p = at;
        try {
            MemorySegment.copy(output, at + Wire.RECORD_HEADER_BYTES, output, from, content);
            for (int done = 0; done < content;) {
                int part = Math.min(content - done, contentBytesMax);
                MemorySegment.copy(output, from + done, output, p + Wire.RECORD_HEADER_BYTES, part);
                p += seal(output, p, part, type);
                done += part;
            }
            return p - at;
        } finally {
            if (p < from + content) {
                Wipe.bytes(output, p, from + content - p);
            }
        }
    }

    /// Makes a record of content that lies behind the room for a header, with room for padding behind it where it is protected.
    ///
    /// @return its bytes
    long seal(MemorySegment output, long at, int content, int type) {
        return seal(output, at, content, type, protects ? innerBytes(content) : content);
    }

    /// @param inner  bytes behind the header and before the tag
    private long seal(MemorySegment output, long at, int content, int type, int inner) {
        boolean sealed = false;
        try {
            int length = protects ? inner + Aead.TAG_BYTES : content;
            Wire.u8(output, at, protects ? Wire.APPLICATION_DATA : type);
            BigEndian.u16(output, at + 1, Wire.TLS_1_2);
            BigEndian.u16(output, at + 3, length);
            if (protects) {
                Wire.u8(output, at + Wire.RECORD_HEADER_BYTES + content, type);
                if (inner > content + 1) {
                    Wipe.bytes(output, at + Wire.RECORD_HEADER_BYTES + content + 1, inner - content - 1);  // the padding
                }
                keys.seal(output, at, inner);
            }
            sealed = true;
            return Wire.RECORD_HEADER_BYTES + length;
        } finally {
            if (!sealed) {
                Wipe.bytes(output, at, FRAME_BYTES + inner);
            }
        }
    }

    /// Makes a protected record of what a client says early.
    ///
    /// @param zeros  of padding, as many as [#padding] at most
    /// @return its bytes
    long sealEarly(MemorySegment output, long at, int content, int zeros) {
        return seal(output, at, content, Wire.APPLICATION_DATA, content + 1 + zeros);
    }

    /// {@return zeros behind the type in a protected record of so much content}
    int padding(int content) {
        return innerBytes(content) - content - 1;
    }

    /// {@return bytes of a record with that alert}
    long alert(MemorySegment output, long at, Alert alert) {
        Wire.u8(output, at + Wire.RECORD_HEADER_BYTES, alert.level());
        Wire.u8(output, at + Wire.RECORD_HEADER_BYTES + 1, alert.code());
        return seal(output, at, 2, Wire.ALERT);
    }

    /// Steps to the next key, after a record that says so (section 4.6.3).
    ///
    /// @return bytes of that
    long update(MemorySegment output, long at) {
        BigEndian.i32(output, at + Wire.RECORD_HEADER_BYTES, Wire.KEY_UPDATE << 24 | 1);
        Wire.u8(output, at + Wire.RECORD_HEADER_BYTES + Wire.MESSAGE_HEADER_BYTES, 0);  // the peer need not
        long written = seal(output, at, LateMessages.KEY_UPDATE_BYTES, Wire.HANDSHAKE);
        keys.updateWrite();
        return written;
    }
}
