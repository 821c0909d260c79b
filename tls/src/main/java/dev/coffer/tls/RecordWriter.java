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

    RecordWriter(RecordKeys keys) {
        this.keys = keys;
    }

    void begin() {
        protects = false;
    }

    /// Says whether what is sealed from here on is protected.
    void protect(boolean now) {
        protects = now;
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
