package dev.coffer.cli;

import dev.coffer.crypto.key.KeyFormatException.Reason;
import dev.coffer.memory.Entropy;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;

/// A file with one symmetric key: 32 bytes, or 64 hexadecimal digits and perhaps an end of line. Read and written between
/// the kernel and off-heap memory; the key is never on the heap.
final class KeyFile {
    static final int KEY_BYTES = 32;
    /// Memory that reading and writing need: the digits, an end of line, and one byte more to notice a longer file.
    static final int WORK_BYTES = 2 * KEY_BYTES + 3;

    private KeyFile() {}

    /// Reads a key.
    ///
    /// @param work  at least [#WORK_BYTES], wiped by the caller with its region
    /// @throws Failure  no key is in it, or it cannot be read
    static void read(Input in, MemorySegment work, MemorySegment key) {
        int length = in.fill(work.asSlice(0, WORK_BYTES).asByteBuffer());
        if (length == KEY_BYTES) {
            MemorySegment.copy(work, 0, key, 0, KEY_BYTES);
            return;
        }
        boolean lineEnds = length == 2 * KEY_BYTES || length == 2 * KEY_BYTES + 1 && byteAt(work, length - 1) == '\n'
                || length == 2 * KEY_BYTES + 2 && byteAt(work, length - 2) == '\r' && byteAt(work, length - 1) == '\n';
        int bad = lineEnds ? 0 : -1;
        for (int i = 0; i < KEY_BYTES && lineEnds; i++) {
            int high = digit(byteAt(work, 2 * i));
            int low = digit(byteAt(work, 2 * i + 1));
            bad |= high | low;
            key.set(ValueLayout.JAVA_BYTE, i, (byte) (high << 4 | low));
        }
        if (bad < 0) {
            throw new Failure(ExitCode.WRONG_FORMAT,
                    in.name() + ": not a key (" + named(work, length) + "expected 32 bytes or 64 hexadecimal digits)");
        }
    }

    /// {@return what the file is instead, where its text says so}; else nothing
    private static String named(MemorySegment text, int length) {
        Reason reason = Reason.of(text, 0, length);
        return reason == null ? "" : reason == Reason.WRONG_KIND ? "a private or public key, which does not seal; " : reason + "; ";
    }

    /// Makes a new key.
    ///
    /// @param work  at least [#WORK_BYTES], wiped by the caller with its region
    /// @return the key as digits and an end of line, in `work`
    static ByteBuffer generate(MemorySegment work, MemorySegment key) {
        Entropy.SYSTEM.fill(key, 0, KEY_BYTES);
        return digits(work, key);
    }

    /// {@return a key as digits and an end of line, in `work`}
    ///
    /// @param work  at least [#WORK_BYTES], wiped by the caller with its region
    static ByteBuffer digits(MemorySegment work, MemorySegment key) {
        for (int i = 0; i < KEY_BYTES; i++) {
            int value = key.get(ValueLayout.JAVA_BYTE, i) & 0xff;
            work.set(ValueLayout.JAVA_BYTE, 2 * i, letter(value >>> 4));
            work.set(ValueLayout.JAVA_BYTE, 2 * i + 1, letter(value & 15));
        }
        work.set(ValueLayout.JAVA_BYTE, 2 * KEY_BYTES, (byte) '\n');
        return work.asSlice(0, 2 * KEY_BYTES + 1).asByteBuffer();
    }

    private static int byteAt(MemorySegment segment, long at) {
        return segment.get(ValueLayout.JAVA_BYTE, at) & 0xff;
    }

    /// {@return the value of a hexadecimal digit, or -1; without a branch or an index that depends on it}
    private static int digit(int c) {
        int decimal = c - '0';
        int isDecimal = ~(decimal | 9 - decimal) >> 31;         // all ones where 0 <= decimal <= 9
        int letter = (c | 0x20) - 'a';
        int isLetter = ~(letter | 5 - letter) >> 31;
        return isDecimal & decimal | isLetter & letter + 10 | ~(isDecimal | isLetter);
    }

    /// {@return the digit of 0..15, likewise}
    private static byte letter(int value) {
        return (byte) ('0' + value + ((9 - value >> 31) & 'a' - '0' - 10));
    }
}
