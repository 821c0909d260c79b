package dev.coffer.cli;

import dev.coffer.memory.internal.os.Errno;
import dev.coffer.memory.internal.os.MemoryCalls;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

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
    /// @throws Failure  no such file, or no key in it
    static void read(Path path, MemorySegment work, MemorySegment key) {
        int length;
        try (FileChannel in = FileChannel.open(path, StandardOpenOption.READ)) {
            length = Streams.fill(path.toString(), in, work.asSlice(0, WORK_BYTES).asByteBuffer());
        } catch (IOException e) {
            throw Streams.failure(path.toString(), e);
        }
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
            throw new Failure(path + ": not a key (expected 32 bytes or 64 hexadecimal digits)");
        }
    }

    /// Makes a new key and writes it as digits, readable by its owner alone.
    ///
    /// @throws Failure  the file exists, or cannot be written
    static void generate(Path path, MemorySegment work, MemorySegment key) {
        long result = MemoryCalls.SYSTEM.random(key, 0, KEY_BYTES);
        if (result < 0) {
            throw new Failure("getrandom: " + Errno.name((int) -result));
        }
        for (int i = 0; i < KEY_BYTES; i++) {
            int value = key.get(ValueLayout.JAVA_BYTE, i) & 0xff;
            work.set(ValueLayout.JAVA_BYTE, 2 * i, letter(value >>> 4));
            work.set(ValueLayout.JAVA_BYTE, 2 * i + 1, letter(value & 15));
        }
        work.set(ValueLayout.JAVA_BYTE, 2 * KEY_BYTES, (byte) '\n');
        ByteBuffer text = work.asSlice(0, 2 * KEY_BYTES + 1).asByteBuffer();
        try (FileChannel out = FileChannel.open(path, Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
            Streams.drain(path.toString(), out, text);
        } catch (IOException e) {
            throw Streams.failure(path.toString(), e);
        }
        assert Files.exists(path);
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
