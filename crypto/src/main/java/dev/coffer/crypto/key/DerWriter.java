package dev.coffer.crypto.key;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Writes DER (X.690 section 10.1) from its parts, from the front: whoever writes a value knows the bytes of its content beforehand,
/// as all sizes of keys are constants. It holds a position, never contents. One thread.
final class DerWriter {
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

    private final MemorySegment target;
    private long at;

    DerWriter(MemorySegment target, long at) {
        this.target = target;
        this.at = at;
    }

    /// {@return bytes of a value whose content has `content` bytes: tag, shortest length, content}
    static int bytes(int content) {
        return 1 + (content < 0x80 ? 1 : content < 0x100 ? 2 : 3) + content;
    }

    /// {@return the content of an OBJECT IDENTIFIER (X.690 section 8.19)}
    ///
    /// @param dotted  as `1.3.101.112`
    static byte[] identifier(String dotted) {
        String[] arcs = dotted.split("\\.");
        byte[] content = new byte[arcs.length * 5];
        int length = 0;
        for (int i = 1; i < arcs.length; i++) {
            int arc = Integer.parseInt(arcs[i]) + (i == 1 ? 40 * Integer.parseInt(arcs[0]) : 0);
            for (int shift = (31 - Integer.numberOfLeadingZeros(arc | 1)) / 7 * 7; shift >= 0; shift -= 7) {
                content[length++] = (byte) (arc >>> shift & 0x7f | (shift > 0 ? 0x80 : 0));
            }
        }
        return java.util.Arrays.copyOf(content, length);
    }

    /// Writes tag and length; `content` bytes follow.
    DerWriter open(int tag, int content) {
        assert 0 <= content && content < 1 << 16 : content;
        u8(tag);
        if (content >= 0x100) {
            u8(0x82);
            u8(content >>> 8);
        } else if (content >= 0x80) {
            u8(0x81);
        }
        u8(content);
        return this;
    }

    /// Writes an INTEGER of one byte: a version.
    DerWriter version(int value) {
        open(DerReader.INTEGER, 1).u8(value);
        return this;
    }

    /// Writes a whole value.
    DerWriter value(int tag, byte[] content) {
        open(tag, content.length);
        MemorySegment.copy(content, 0, target, BYTE, at, content.length);
        at += content.length;
        return this;
    }

    /// Writes a part of a content.
    DerWriter copy(MemorySegment source, long sourceAt, int length) {
        MemorySegment.copy(source, sourceAt, target, at, length);
        at += length;
        return this;
    }

    /// Writes one byte of a content.
    void u8(int value) {
        target.set(BYTE, at++, (byte) value);
    }

    /// {@return offset behind what was written}
    long position() {
        return at;
    }
}
