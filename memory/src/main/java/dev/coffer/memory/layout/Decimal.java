package dev.coffer.memory.layout;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;

/// Numbers as text: ASCII digits, neither sign nor leading zeros. Stateless, thread-safe; 0 heap bytes.
public final class Decimal {
    /// Bytes of the longest: 2^63 - 1.
    public static final int BYTES_MAX = 19;

    private Decimal() {}

    /// {@return bytes of the text, 1..19}
    ///
    /// @param number  0 or more
    /// @throws IllegalArgumentException  a number below 0 (caller's fault)
    public static int bytes(long number) {
        if (number < 0) {
            throw new IllegalArgumentException("decimal: " + number + " (expected 0 or more)");
        }
        int digits = 1;
        for (long rest = number / 10; rest != 0; rest /= 10) {
            digits++;
        }
        return digits;
    }

    /// Writes the text.
    ///
    /// @param target  memory to write to
    /// @param at      offset of the first digit
    /// @param number  0 or more
    /// @return the offset behind the last digit
    /// @throws IllegalArgumentException   a number below 0 (caller's fault); nothing is written
    /// @throws IndexOutOfBoundsException  the text does not lie in the memory (caller's fault); nothing is written
    public static long write(MemorySegment target, long at, long number) {
        int digits = bytes(number);
        Objects.checkFromIndexSize(at, digits, target.byteSize());
        long rest = number;
        for (int i = digits - 1; i >= 0; i--) {
            target.set(ValueLayout.JAVA_BYTE, at + i, (byte) ('0' + rest % 10));
            rest /= 10;
        }
        return at + digits;
    }
}
