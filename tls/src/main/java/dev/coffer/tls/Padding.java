package dev.coffer.tls;

import dev.coffer.memory.layout.BigEndian;
import java.lang.foreign.MemorySegment;

/// Zeros behind what a record holds (RFC 8446, section 5.4). How many they are is what they are to hide, so the time to find their beginning tells whether there are any and
/// how long the record is, which is on the wire, and nothing else (appendix E.3). Stateless.
final class Padding {
    private Padding() {}

    /// {@return octets up to the last one that is not zero, the content's type; 0 where all are}
    static int before(MemorySegment memory, long at, int length) {
        if (length > 0 && Wire.u8(memory, at + length - 1) != 0) {
            return length;
        }
        int whole = length & -Long.BYTES;
        long last = 0;  // the last word that is not zero
        int lastAt = 0;
        for (int i = 0; i < whole; i += Long.BYTES) {
            long word = BigEndian.i64(memory, at + i);
            long mask = (word | -word) >> Long.SIZE - 1;  // all ones where it is not
            last ^= (last ^ word) & mask;
            lastAt ^= (lastAt ^ i) & (int) mask;
        }
        long rest = 0;
        for (int i = whole; i < length; i++) {
            rest |= (long) Wire.u8(memory, at + i) << Long.SIZE - Byte.SIZE * (i - whole + 1);
        }
        long mask = (rest | -rest) >> Long.SIZE - 1;
        last ^= (last ^ rest) & mask;
        lastAt ^= (lastAt ^ whole) & (int) mask;
        return lastAt + Long.BYTES - (Long.numberOfTrailingZeros(last) >> 3);  // of a word that is zero, 64
    }
}
