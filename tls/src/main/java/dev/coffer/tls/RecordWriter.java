package dev.coffer.tls;

import dev.coffer.crypto.Aead;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.BigEndian;
import java.lang.foreign.MemorySegment;

/// The sending half of a connection (RFC 8446, section 5): makes records of content that lies behind the room for a header, and those that
/// have no other content than a word of TLS's own. The connection's thread alone; 0 heap bytes.
final class RecordWriter {
    private final RecordKeys keys;
    private boolean protects;
    private int contentBytesMax;  // of a protected record

    RecordWriter(RecordKeys keys) {
        this.keys = keys;
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

    /// {@return bytes of content that a protected record takes at most}
    int contentBytesMax() {
        return contentBytesMax;
    }

    /// {@return bytes of content that have so much room, cut into records as the peer takes them: 2^14 at most}
    int contentRoom(long room) {
        int record = contentBytesMax + TlsConnection.OVERHEAD_BYTES;
        long content = room / record * contentBytesMax + Math.max(0, room % record - TlsConnection.OVERHEAD_BYTES);
        return (int) Math.min(content, Wire.CONTENT_BYTES_MAX);
    }

    /// {@return bytes of room that so much content needs}
    long room(int content) {
        return content + (long) Math.ceilDiv(content, contentBytesMax) * TlsConnection.OVERHEAD_BYTES;
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

    /// Makes a record of content that lies behind the room for a header.
    ///
    /// @return its bytes
    long seal(MemorySegment output, long at, int content, int type) {
        boolean sealed = false;
        try {
            int length = protects ? content + 1 + Aead.TAG_BYTES : content;
            Wire.u8(output, at, protects ? Wire.APPLICATION_DATA : type);
            BigEndian.u16(output, at + 1, Wire.TLS_1_2);
            BigEndian.u16(output, at + 3, length);
            if (protects) {
                Wire.u8(output, at + Wire.RECORD_HEADER_BYTES + content, type);
                keys.seal(output, at, content + 1);
            }
            sealed = true;
            return Wire.RECORD_HEADER_BYTES + length;
        } finally {
            if (!sealed) {
                Wipe.bytes(output, at, Wire.RECORD_HEADER_BYTES + content + 1 + Aead.TAG_BYTES);
            }
        }
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
