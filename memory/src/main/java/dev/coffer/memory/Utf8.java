package dev.coffer.memory;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// UTF-8 (RFC 3629) from text to memory, without an array between. Stateless, thread-safe; 0 heap bytes.
final class Utf8 {
    private Utf8() {}

    /// {@return bytes that [#put] will write: 1..4 a code point, 1 for an unpaired surrogate}
    static long bytes(CharSequence text) {
        long bytes = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < 0x80) {
                bytes += 1;
            } else if (c < 0x800) {
                bytes += 2;
            } else if (!Character.isSurrogate(c)) {
                bytes += 3;
            } else if (isPair(text, i)) {
                bytes += 4;
                i++;
            } else {
                bytes += 1;
            }
        }
        return bytes;
    }

    /// Writes the text at `at`, exactly as many bytes as [#bytes] said, and never one past them.
    ///
    /// @param bytes  what [#bytes] answered
    /// @throws IllegalArgumentException  the text has changed since (caller's fault)
    static void put(MemorySegment segment, long at, long bytes, CharSequence text) {
        long to = at;
        long end = at + bytes;
        for (int i = 0; i < text.length(); i++) {
            int c = text.charAt(i);
            if (isPair(text, i)) {
                c = Character.toCodePoint((char) c, text.charAt(++i));
            } else if (Character.isSurrogate((char) c)) {
                c = '?';
            }
            if (width(c) > end - to) {
                throw changed();
            }
            to = put(segment, to, c);
        }
        if (to != end) {
            throw changed();
        }
    }

    private static int width(int c) {
        return c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    }

    private static IllegalArgumentException changed() {
        return new IllegalArgumentException("text: it changed while it was read");
    }

    private static long put(MemorySegment segment, long at, int c) {
        if (c < 0x80) {
            return octet(segment, at, c);
        }
        if (c < 0x800) {
            return octet(segment, octet(segment, at, 0xc0 | c >>> 6), tail(c));
        }
        if (c < 0x10000) {
            return octet(segment, octet(segment, octet(segment, at, 0xe0 | c >>> 12), tail(c >>> 6)), tail(c));
        }
        long third = octet(segment, octet(segment, at, 0xf0 | c >>> 18), tail(c >>> 12));
        return octet(segment, octet(segment, third, tail(c >>> 6)), tail(c));
    }

    private static int tail(int bits) {
        return 0x80 | bits & 0x3f;
    }

    private static long octet(MemorySegment segment, long at, int value) {
        segment.set(ValueLayout.JAVA_BYTE, at, (byte) value);
        return at + 1;
    }

    private static boolean isPair(CharSequence text, int i) {
        return Character.isHighSurrogate(text.charAt(i)) && i + 1 < text.length()
                && Character.isLowSurrogate(text.charAt(i + 1));
    }
}
