package dev.coffer.http;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// A constant of the protocol or the application, as bytes: what received text is compared with and what is written
/// without any `String`. Made once, at class initialisation or start; every operation costs 0 heap bytes.
///
/// Immutable, thread-safe.
public final class Ascii {
    private static final int DEL = 0x7f;

    private final byte[] bytes;
    private final boolean control;

    private Ascii(byte[] bytes) {
        this.bytes = bytes;
        boolean found = false;
        for (byte b : bytes) {
            found |= b < ' ' && b != '\t' || b == DEL;
        }
        this.control = found;
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
        MemorySegment.copy(bytes, 0, segment, ValueLayout.JAVA_BYTE, at, bytes.length);
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
