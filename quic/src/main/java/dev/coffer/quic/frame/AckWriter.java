package dev.coffer.quic.frame;

import dev.coffer.memory.QuicVarint;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Writes an ACK (RFC 9000, section 19.3) range by range, from the highest down, as far as there is room: what does not fit is the lowest, and is
/// said by a later ACK. Nothing is written past the room, whatever ranges come.
///
/// ```java
/// if (ack.begin(out, at, end, largest, low, delay)) {              // or with the counts of ECN
///     while (older range && ack.add(high, low)) { ... }
///     at = ack.end();
/// }
/// ```
///
/// One object serves a loop. One thread at a time; 0 heap bytes.
public final class AckWriter {
    /// Most ranges of one frame behind the first: their number takes two bytes then.
    public static final int RANGES_MAX = (1 << 14) - 1;

    private static final int COUNT_BYTES = 2;

    private MemorySegment out = MemorySegment.NULL;
    private long countAt;
    private long at;
    private long end;        // room for the counts of ECN is behind
    private long low;        // of the range that was written last
    private int ranges;
    private boolean ecn;
    private long ect0;
    private long ect1;
    private long ce;

    /// Makes a writer that has nothing begun.
    public AckWriter() {
        // begin() comes first
    }

    /// Begins an ACK of type 0x02.
    ///
    /// @param largest  number that is acknowledged
    /// @param low      the lowest of its range, 0..largest
    /// @param delay    in units of 2^ack_delay_exponent microseconds
    /// @return whether there is room; where not nothing is written
    /// @throws IllegalArgumentException   a number out of its range (caller's fault); nothing is written
    /// @throws IndexOutOfBoundsException  the room does not lie in the segment (caller's fault)
    public boolean begin(MemorySegment out, long at, long end, long largest, long low, long delay) {
        ecn = false;
        return begin(out, at, end, largest, low, delay, 0);
    }

    /// Begins an ACK of type 0x03, with what was counted of each ECN codepoint in this space.
    ///
    /// @return as above
    public boolean begin(MemorySegment out, long at, long end, long largest, long low, long delay, long ect0, long ect1, long ce) {
        int bytes = QuicVarint.bytes(ect0) + QuicVarint.bytes(ect1) + QuicVarint.bytes(ce);
        this.ecn = true;
        this.ect0 = ect0;
        this.ect1 = ect1;
        this.ce = ce;
        return begin(out, at, end, largest, low, delay, bytes);
    }

    private boolean begin(MemorySegment out, long at, long end, long largest, long low, long delay, int counts) {
        if (low < 0 || low > largest) {
            throw new IllegalArgumentException("ACK: range " + low + ".." + largest + " (expected 0 or more, the lower first)");
        }
        int bytes = 1 + QuicVarint.bytes(largest) + QuicVarint.bytes(delay) + COUNT_BYTES + QuicVarint.bytes(largest - low) + counts;
        if (end - at < bytes) {
            return false;
        }
        this.out = out;
        this.end = end - counts;
        this.low = low;
        this.ranges = 0;
        out.set(ValueLayout.JAVA_BYTE, at, (byte) (ecn ? FrameType.ACK_ECN : FrameType.ACK));
        long p = at + 1;
        p += QuicVarint.set(out, p, largest);
        p += QuicVarint.set(out, p, delay);
        this.countAt = p;
        p += COUNT_BYTES;
        this.at = p + QuicVarint.set(out, p, largest - low);
        return true;
    }

    /// Adds the next range below.
    ///
    /// @param high  at least two below the lowest of the range before, as between them one is missing
    /// @param low   0..high
    /// @return whether there was room; where not this one and all below it are left out
    /// @throws IllegalArgumentException  a range out of its order (caller's fault); nothing is written
    public boolean add(long high, long low) {
        if (low < 0 || low > high || high > this.low - 2) {
            throw new IllegalArgumentException("ACK: range " + low + ".." + high + " below " + this.low + " (expected a gap between)");
        }
        long gap = this.low - high - 2;
        if (ranges == RANGES_MAX || end - at < QuicVarint.bytes(gap) + QuicVarint.bytes(high - low)) {
            return false;
        }
        at += QuicVarint.set(out, at, gap);
        at += QuicVarint.set(out, at, high - low);
        this.low = low;
        ranges++;
        return true;
    }

    /// Ends the frame.
    ///
    /// @return offset behind it
    public long end() {
        QuicVarint.set(out, countAt, ranges, COUNT_BYTES);
        if (ecn) {
            at += QuicVarint.set(out, at, ect0);
            at += QuicVarint.set(out, at, ect1);
            at += QuicVarint.set(out, at, ce);
        }
        return at;
    }

    /// {@return the lowest number that is acknowledged so far}
    public long lowest() {
        return low;
    }
}
