package dev.coffer.evm;

import dev.coffer.evm.word.Word;
import dev.coffer.memory.Wipe;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Reads the one right form of recursive length prefix (Yellow Paper, appendix B) from a place of foreign bytes on: a length is the shortest there is and lies
/// inside what is read, a byte below 128 stands for itself, a number has no zero before it. Once something is wrong all that follows is passed over and
/// answers 0. Makes no object after its constructor; one thread at a time.
final class RlpReader {
    /// Bytes of working space: a word, also the most that a digest's head and tail take.
    static final long SCRATCH_BYTES = 64;

    private static final int ADDRESS_BYTES = 20;
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

    private final MemorySegment scratch;
    private final long scratchAt;
    private MemorySegment bytes = MemorySegment.NULL;
    private long at;
    private long end;
    private boolean failed;
    private boolean tooLarge;

    RlpReader(MemorySegment scratch, long at) {
        this.scratch = scratch;
        this.scratchAt = at;
    }

    void open(MemorySegment from, long first, long last) {
        bytes = from;
        at = first;
        end = last;
        failed = false;
        tooLarge = false;
    }

    /// {@return the next byte}
    long at() {
        return at;
    }

    boolean failed() {
        return failed;
    }

    /// {@return whether the form was right, and a number too large}
    boolean tooLarge() {
        return tooLarge;
    }

    void refuseSize() {
        if (!failed) {
            failed = true;
            tooLarge = true;
        }
    }

    /// Fails where the next byte is another.
    void expect(long place) {
        failed |= at != place;
    }

    /// Enters a list.
    ///
    /// @return where it ends
    long list() {
        long length = head(RlpWriter.LIST);
        return at + length;
    }

    /// Passes over a string of bytes.
    ///
    /// @return its length; it ends at the next byte
    long bytes() {
        if (!failed && at < end && bytes.get(BYTE, at) >= 0) {
            at++;
            return 1;                                    // a byte below 128 is itself
        }
        long length = head(RlpWriter.STRING);
        if (!failed && length == 1 && bytes.get(BYTE, at) >= 0) {
            failed = true;
        }
        at += failed ? 0 : length;
        return failed ? 0 : length;
    }

    /// Reads what stands before items of a kind.
    private long head(int kind) {
        if (failed || at >= end) {
            failed = true;
            return 0;
        }
        int first = bytes.get(BYTE, at) & 0xff;
        long length = first - kind;
        if (length < 0 || length > RlpWriter.SHORT_MAX + 8) {
            failed = true;
            return 0;
        }
        long next = at + 1;
        if (length > RlpWriter.SHORT_MAX) {
            int count = (int) length - RlpWriter.SHORT_MAX;
            length = 0;
            if (count > end - next || bytes.get(BYTE, next) == 0) {
                failed = true;
                return 0;
            }
            for (int i = 0; i < count; i++) {
                length = length << 8 | bytes.get(BYTE, next + i) & 0xff;
            }
            next += count;
            failed = length >= 0 && length <= RlpWriter.SHORT_MAX;
        }
        failed |= Long.compareUnsigned(length, end - next) > 0;
        if (failed) {
            return 0;
        }
        at = next;
        return length;
    }

    /// Reads a number of at most 256 bits.
    void number(long[] to, int r) {
        long length = bytes();
        Word.set(to, r, 0);
        if (failed || length == 0) {
            return;
        }
        if (bytes.get(BYTE, at - length) == 0) {
            failed = true;
        } else if (length > Word.BYTES) {
            refuseSize();
        } else {
            padded(length, to, r);
        }
    }

    private void padded(long length, long[] to, int r) {
        Wipe.bytes(scratch, scratchAt, Word.BYTES - length);
        MemorySegment.copy(bytes, at - length, scratch, scratchAt + Word.BYTES - length, length);
        Word.load(scratch, scratchAt, to, r);
    }

    /// {@return a number of at most 64 bits, unsigned}
    long counter() {
        long length = bytes();
        if (failed || length == 0) {
            return 0;
        }
        if (bytes.get(BYTE, at - length) == 0) {
            failed = true;
            return 0;
        }
        if (length > Long.BYTES) {
            refuseSize();
            return 0;
        }
        long value = 0;
        for (long i = at - length; i < at; i++) {
            value = value << 8 | bytes.get(BYTE, i) & 0xff;
        }
        return value;
    }

    /// {@return a number of at most 63 bits}
    long units() {
        long value = counter();
        if (value < 0) {
            refuseSize();
            return 0;
        }
        return value;
    }

    /// Reads exactly 32 bytes.
    void word(long[] to, int r) {
        exactly(Word.BYTES, to, r);
    }

    /// Reads exactly 20 bytes.
    void wholeAddress(long[] to, int r) {
        exactly(ADDRESS_BYTES, to, r);
    }

    /// Reads an address, or none.
    ///
    /// @return whether there is one
    boolean address(long[] to, int r) {
        if (!failed && at < end && (bytes.get(BYTE, at) & 0xff) == RlpWriter.STRING) {
            at++;
            return false;
        }
        wholeAddress(to, r);
        return true;
    }

    private void exactly(long count, long[] to, int r) {
        long length = bytes();
        failed |= length != count;
        if (failed) {
            Word.set(to, r, 0);
        } else {
            padded(count, to, r);
        }
    }
}
