package dev.coffer.tls;

import dev.coffer.memory.layout.BigEndian;
import java.lang.foreign.MemorySegment;

/// What came for one connection and was not dealt with: raw bytes, of which the first record may be opened where it lies, with content that
/// the application has not taken yet (RFC 8446, section 5). Room for the longest record, lent while there is anything.
///
/// ```
///   |  gone  | header | content not taken | gone  | next records, raw         | room |
///            start    content             contentEnd  recordEnd               end
/// ```
///
/// The connection's thread alone; 0 heap bytes.
final class RecordInput {
    /// There is no whole record.
    static final int INCOMPLETE = -1;
    /// The next record says that it is longer than records are.
    static final int TOO_LONG = -2;
    /// What comes is no record.
    static final int NO_RECORD = -3;

    private static final int VERSION_MAJOR = 3;

    private final MemorySegment memory;
    private final long at;
    private int start;
    private int end;
    private int content;
    private int contentEnd;
    private int recordEnd;
    private int dirty;

    /// @param memory  [Wire#RECORD_BYTES_MAX] bytes
    RecordInput(MemorySegment memory, long at) {
        this.memory = memory;
        this.at = at;
    }

    void begin() {
        start = end = content = contentEnd = recordEnd = dirty = 0;
    }

    boolean isEmpty() {
        return start == end;
    }

    /// {@return bytes that [#append] takes}
    int room() {
        return Wire.RECORD_BYTES_MAX - (end - start);
    }

    /// {@return bytes that lack to the first record's header, or to its end once that is here; 0 where it is whole}
    int missing() {
        int held = end - start;
        return contentBytes() > 0 ? 0 : held < Wire.RECORD_HEADER_BYTES ? Wire.RECORD_HEADER_BYTES - held
                : Math.max(0, Wire.RECORD_HEADER_BYTES + BigEndian.u16(memory, at + start + 3) - held);
    }

    /// {@return bytes from the first that were ever written since [#begin]: all that must be wiped}
    int dirtyBytes() {
        return dirty;
    }

    void append(MemorySegment from, long fromAt, int length) {
        if (length > Wire.RECORD_BYTES_MAX - end) {
            compact();
        }
        dirty = Math.max(dirty, end + length);  // first: what is read may fail half-way
        MemorySegment.copy(from, fromAt, memory, at + end, length);
        end += length;
    }

    private void compact() {
        MemorySegment.copy(memory, at + start, memory, at, end - start);
        end -= start;
        content -= start;
        contentEnd -= start;
        recordEnd -= start;
        start = 0;
    }

    /// {@return the type of the next record, when all of it is here; or one of the constants}
    int next() {
        int held = end - start;
        if (held > 0 && !isType(Wire.u8(memory, at + start)) || held > 1 && Wire.u8(memory, at + start + 1) != VERSION_MAJOR) {
            return NO_RECORD;
        }
        if (held < Wire.RECORD_HEADER_BYTES) {
            return INCOMPLETE;
        }
        int length = BigEndian.u16(memory, at + start + 3);
        if (length > Wire.CIPHERTEXT_BYTES_MAX) {
            return TOO_LONG;
        }
        if (held < Wire.RECORD_HEADER_BYTES + length) {
            return INCOMPLETE;
        }
        content = start + Wire.RECORD_HEADER_BYTES;
        recordEnd = contentEnd = content + length;
        return Wire.u8(memory, at + start);
    }

    private static boolean isType(int type) {
        return type >= Wire.CHANGE_CIPHER_SPEC && type <= Wire.APPLICATION_DATA;
    }

    MemorySegment memory() {
        return memory;
    }

    long headerAt() {
        return at + start;
    }

    long contentAt() {
        return at + content;
    }

    int contentBytes() {
        return contentEnd - content;
    }

    /// The record was opened where it lies: so much of it is content.
    void opened(int bytes) {
        contentEnd = content + bytes;
    }

    /// So much of the content was taken; with the last of it the record is gone.
    void taken(int bytes) {
        content += bytes;
        if (content == contentEnd) {
            start = content = contentEnd = recordEnd;
            if (start == end) {
                start = end = content = contentEnd = recordEnd = 0;
            }
        }
    }
}
