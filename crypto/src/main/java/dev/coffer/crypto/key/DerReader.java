package dev.coffer.crypto.key;

import dev.coffer.crypto.key.KeyFormatException.Reason;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// A cursor over the content of one DER value (X.690 section 10.1: definite, shortest lengths). It holds positions, never
/// contents; it reads within its bounds and refuses with [KeyFormatException]. One thread.
final class DerReader {
    static final int INTEGER = 0x02;
    static final int BIT_STRING = 0x03;
    static final int OCTET_STRING = 0x04;
    static final int OBJECT_IDENTIFIER = 0x06;
    static final int SEQUENCE = 0x30;
    static final int SET = 0x31;

    private static final int CONSTRUCTED = 0x20;
    private static final int LONG_TAG = 0x1f;  // the number stands in the bytes behind
    private static final int DEPTH_MAX = 64;

    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

    private final MemorySegment segment;
    private long at;
    private final long end;

    DerReader(MemorySegment segment, long at, long end) {
        this.segment = segment;
        this.at = at;
        this.end = end;
    }

    /// {@return a cursor of its own over what is left}
    DerReader copy() {
        return new DerReader(segment, at, end);
    }

    /// {@return offset of the next byte}
    long position() {
        return at;
    }

    /// {@return bytes left}
    long left() {
        return end - at;
    }

    /// {@return whether the next value has this tag}
    boolean has(int tag) {
        return at < end && Byte.toUnsignedInt(segment.get(BYTE, at)) == tag;
    }

    /// {@return a cursor over the content of the next value, which must have this tag; this one moves behind it}
    DerReader open(int tag) {
        if (!has(tag) || left() < 2) {
            throw bad();
        }
        long length = Byte.toUnsignedInt(segment.get(BYTE, at + 1));
        long content = at + 2;
        if (length > 0x7f) {
            int bytes = (int) length & 0x7f;
            if (bytes < 1 || bytes > 2 || end - content < bytes) {
                throw bad();
            }
            length = Byte.toUnsignedInt(segment.get(BYTE, content));
            if (bytes == 2) {
                length = length << 8 | Byte.toUnsignedInt(segment.get(BYTE, content + 1));
            }
            content += bytes;
            if (length < (bytes == 1 ? 0x80 : 0x100)) {
                throw bad();  // a shorter form exists
            }
        }
        if (length > end - content) {
            throw bad();
        }
        at = content + length;
        return new DerReader(segment, content, at);
    }

    /// Passes over the next value, whatever it is: it and all values in it are whole. Tags of more than one byte are refused, and so is what is deeper than
    /// any key: a stack ends sooner than a file.
    void any() {
        any(DEPTH_MAX);
    }

    private void any(int deeper) {
        int tag = left() < 2 ? 0 : Byte.toUnsignedInt(segment.get(BYTE, at));
        if (tag == 0 || (tag & LONG_TAG) == LONG_TAG || deeper == 0) {
            throw bad();
        }
        DerReader content = open(tag);
        while ((tag & CONSTRUCTED) != 0 && content.left() > 0) {
            content.any(deeper - 1);
        }
    }

    /// Passes over an OBJECT IDENTIFIER, whatever it names: one number or more, each in its shortest form (X.690, section 8.19).
    void identifier() {
        DerReader content = open(OBJECT_IDENTIFIER);
        boolean first = true;
        boolean more = true;
        for (long i = content.at; i < content.end; i++) {
            int octet = Byte.toUnsignedInt(segment.get(BYTE, i));
            if (first && octet == 0x80) {
                throw bad();
            }
            more = (octet & 0x80) != 0;
            first = !more;
        }
        if (more) {  // nothing, or the last one is cut
            throw bad();
        }
    }

    /// {@return an INTEGER of one byte, 0..127: a version}
    int version() {
        DerReader content = open(INTEGER);
        if (content.left() != 1 || segment.get(BYTE, content.at) < 0) {
            throw new KeyFormatException(Reason.UNKNOWN_VERSION);
        }
        return segment.get(BYTE, content.at);
    }

    /// {@return an INTEGER in its shortest form, 0..2^31 - 1; -1 for another}
    int integer() {
        DerReader content = open(INTEGER);
        long bytes = content.left();
        if (bytes < 1 || bytes > 1 && segment.get(BYTE, content.at) == 0 && segment.get(BYTE, content.at + 1) >= 0) {
            throw bad();
        }
        long value = segment.get(BYTE, content.at);
        for (long i = content.at + 1; i < content.end && value >= 0 && value <= Integer.MAX_VALUE; i++) {
            value = value << Byte.SIZE | Byte.toUnsignedInt(segment.get(BYTE, i));
        }
        return value < 0 || value > Integer.MAX_VALUE ? -1 : (int) value;
    }

    /// {@return offset of the content of a value of exactly `length` bytes}
    ///
    /// @param tag  of an OCTET STRING, under its own name or another
    long octets(int tag, int length) {
        return open(tag).bytes(length);
    }

    /// {@return offset of what is left, which must be `length` bytes; nothing is left then}
    long bytes(int length) {
        if (left() != length) {
            throw bad();
        }
        long content = at;
        at = end;
        return content;
    }

    /// Takes the next value as a BIT STRING of whole bytes; this becomes the reader of the bytes.
    DerReader bits(int tag) {
        DerReader content = open(tag);
        if (content.left() < 1 || segment.get(BYTE, content.at) != 0) {
            throw bad();
        }
        content.at++;
        return content;
    }

    /// {@return whether the bytes that are left are these}
    boolean is(byte[] expected) {
        if (left() != expected.length) {
            return false;
        }
        for (int i = 0; i < expected.length; i++) {
            if (segment.get(BYTE, at + i) != expected[i]) {
                return false;
            }
        }
        return true;
    }

    /// {@return whether the next value is an OBJECT IDENTIFIER of that content}
    boolean startsWith(byte[] identifier) {
        return has(OBJECT_IDENTIFIER) && open(OBJECT_IDENTIFIER).is(identifier);
    }

    /// {@return whether the bytes that are left are those of another place of the same memory, which are public}
    boolean isSame(long otherAt, long otherLength) {
        return left() == otherLength && MemorySegment.mismatch(segment, at, end, segment, otherAt, otherAt + otherLength) < 0;
    }

    /// Refuses where something is left.
    void finish() {
        if (at != end) {
            throw bad();
        }
    }

    static KeyFormatException bad() {
        return new KeyFormatException(Reason.BAD_DER);
    }
}
