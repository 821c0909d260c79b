package dev.coffer.http;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// A constant of the protocol or the application, as bytes: what received text is compared with and what is written
/// without any `String`. Made once, at class initialisation or start; every operation costs 0 heap bytes.
///
/// Immutable, thread-safe.
public final class Ascii {
    private static final int DEL = 0x7f;
    private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt HALF = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort PAIR = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final byte[] bytes;
    // The same, eight a word, the first in the lowest bits; the last word ends where the text does and overlaps the one before it,
    // and the only word of a shorter text is filled up with zeros. Names and values are mostly 4 to 30 bytes: a copy of an array
    // costs more in checks and a call than in bytes.
    private final long[] words;
    private final boolean control;

    private Ascii(byte[] bytes) {
        this.bytes = bytes;
        boolean found = false;
        for (byte b : bytes) {
            found |= b < ' ' && b != '\t' || b == DEL;
        }
        this.control = found;
        this.words = words(bytes);
    }

    private static long[] words(byte[] bytes) {
        long[] words = new long[Math.ceilDiv(bytes.length, Long.BYTES)];
        for (int i = 0; i < words.length; i++) {
            int from = Math.clamp(bytes.length - Long.BYTES, 0, i * Long.BYTES);
            for (int b = 0; b < Long.BYTES && from + b < bytes.length; b++) {
                words[i] |= (long) bytes[from + b] << Byte.SIZE * b;
            }
        }
        return words;
    }

    /// {@return the constant `text`}
    ///
    /// @param text  characters 0x00..0x7f, any number
    /// @throws IllegalArgumentException  another character (caller's fault)
    public static Ascii of(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] != text.charAt(i)) {
                throw new IllegalArgumentException("character " + i + " is " + (int) text.charAt(i)
                        + " (expected 0..127)");
            }
        }
        return new Ascii(bytes);
    }

    /// {@return bytes of the text}
    public int length() {
        return bytes.length;
    }

    /// {@return whether a control character other than HTAB is among them, which no field value may hold (RFC 9110, section 5.5)}
    public boolean hasControl() {
        return control;
    }

    /// {@return the byte at `index`, 0..127}
    public byte at(int index) {
        return bytes[index];
    }

    /// {@return whether `length` bytes at `at` are this text, octet for octet}
    public boolean matches(MemorySegment segment, long at, long length) {
        if (length != bytes.length) {
            return false;
        }
        for (int i = 0; i < bytes.length; i++) {
            if (segment.get(ValueLayout.JAVA_BYTE, at + i) != bytes[i]) {
                return false;
            }
        }
        return true;
    }

    /// {@return whether `length` bytes at `at` are this text where `A`..`Z` equal `a`..`z`}
    public boolean matchesAnyCase(MemorySegment segment, long at, long length) {
        if (length != bytes.length) {
            return false;
        }
        for (int i = 0; i < bytes.length; i++) {
            if (lower(segment.get(ValueLayout.JAVA_BYTE, at + i)) != lower(bytes[i])) {
                return false;
            }
        }
        return true;
    }

    /// {@return whether the `length` bytes at `at` begin with this text, octet for octet}
    public boolean prefixes(MemorySegment segment, long at, long length) {
        return length >= bytes.length && matches(segment, at, bytes.length);
    }

    /// Copies the text to `at`; the caller has checked that [#length] bytes lie there.
    public void write(MemorySegment segment, long at) {
        int length = bytes.length;
        if (length < Long.BYTES) {
            writeShort(segment, at, length);
            return;
        }
        int last = words.length - 1;
        for (int i = 0; i < last; i++) {
            segment.set(WORD, at + (long) i * Long.BYTES, words[i]);
        }
        segment.set(WORD, at + length - Long.BYTES, words[last]);
    }

    private void writeShort(MemorySegment segment, long at, int length) {
        if (length == 0) {
            return;
        }
        long left = words[0];
        long to = at;
        if ((length & Integer.BYTES) != 0) {
            segment.set(HALF, to, (int) left);
            left >>>= Integer.SIZE;
            to += Integer.BYTES;
        }
        if ((length & Short.BYTES) != 0) {
            segment.set(PAIR, to, (short) left);
            left >>>= Short.SIZE;
            to += Short.BYTES;
        }
        if ((length & Byte.BYTES) != 0) {
            segment.set(ValueLayout.JAVA_BYTE, to, (byte) left);
        }
    }

    /// {@return `b`, with `A`..`Z` as `a`..`z`}
    public static byte lower(byte b) {
        return b >= 'A' && b <= 'Z' ? (byte) (b | 0x20) : b;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Ascii ascii && Arrays.equals(bytes, ascii.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    /// {@return the text itself: a constant, never received bytes}
    @Override
    public String toString() {
        return new String(bytes, StandardCharsets.US_ASCII);
    }
}
