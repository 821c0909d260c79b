package dev.coffer.http.internal;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// A number or a string (RFC 7541, section 5; RFC 9204, section 4.1) while it comes, in pieces of any size. The caller reads the octet that a number begins
/// with, as it knows how many of its bits are the prefix.
public final class PrimitiveReader {
    /// More octets belong to the number.
    public static final int MORE = 0;
    /// It is whole.
    public static final int DONE = 1;
    /// It is longer than any number here may be.
    public static final int FAULT = 2;

    /// Of [#PrimitiveReader]: four octets behind the prefix, so that numbers stay below 2^28 + 127, more than any length or index.
    public static final int SHORT = 21;
    /// Nine octets behind the prefix, as numbers of 62 bits may have (RFC 9204, section 4.1.1).
    public static final int LONG = 56;
    private static final long NUMBER_MAX = (1L << 62) - 1;
    private static final int LENGTH_MAX = 1 << 28;

    private final int shiftMax;
    private long number;
    private int shift;
    private boolean huffman;
    private int node;           // of the Huffman code
    private int left;           // octets of the string

    /// @param shiftMax  [#SHORT] or [#LONG]
    public PrimitiveReader(int shiftMax) {
        this.shiftMax = shiftMax;
    }

    /// Begins a number with its prefix.
    ///
    /// @return whether that was all of it
    public boolean begin(int prefix, int mask) {
        number = prefix;
        shift = 0;
        return prefix < mask;
    }

    /// Takes the next octet of a number.
    ///
    /// @return [#MORE], [#DONE] or [#FAULT]
    public int more(int octet) {
        if (shift > shiftMax) {
            return FAULT;
        }
        number += (long) (octet & 0x7f) << shift;
        shift += 7;
        return (octet & 0x80) != 0 ? MORE : number < 0 || number > NUMBER_MAX ? FAULT : DONE;
    }

    public long number() {
        return number;
    }

    /// Begins a string, before its length is read.
    public void beginString(boolean coded) {
        huffman = coded;
        node = HuffmanCode.START;
    }

    /// The number is the string's length.
    ///
    /// @return whether anything here can be as long
    public boolean beginOctets() {
        left = (int) Math.min(number, LENGTH_MAX);
        return number < LENGTH_MAX;
    }

    /// {@return octets that will come out of it at least: all where it is not coded, and 30 bits are the longest code}
    public int atLeast() {
        return huffman ? (int) ((long) left * Byte.SIZE / HuffmanCode.LONGEST_BITS) : left;
    }

    /// {@return octets of the string that have yet to come}
    public int left() {
        return left;
    }

    /// Takes octets of a string.
    ///
    /// @param octets  0..[#left]
    /// @return octets that came out, -1 where EOS is among them
    public int take(MemorySegment input, long from, int octets, OctetSink sink) {
        left -= octets;
        if (huffman) {
            return expand(input, from, octets, sink);
        }
        sink.put(input, from, octets);
        return octets;
    }

    private int expand(MemorySegment input, long from, int octets, OctetSink sink) {
        int written = 0;
        int at = node;
        for (int i = 0; i < octets; i++) {
            int b = input.get(ValueLayout.JAVA_BYTE, from + i);
            int high = HuffmanCode.step(at, b >>> 4 & 0xf);
            int low = HuffmanCode.step(high & HuffmanCode.STATE, b & 0xf);
            if (((high | low) & HuffmanCode.FAILS) != 0) {
                return -1;
            }
            if ((high & HuffmanCode.EMITS) != 0) {
                sink.put((byte) (high >>> HuffmanCode.SYMBOL_SHIFT));
                written++;
            }
            if ((low & HuffmanCode.EMITS) != 0) {
                sink.put((byte) (low >>> HuffmanCode.SYMBOL_SHIFT));
                written++;
            }
            at = low & HuffmanCode.STATE;
        }
        node = at;
        return written;
    }

    /// {@return whether a string may end here: what is left of its last octet is padding (section 5.2)}
    public boolean mayEnd() {
        return !huffman || HuffmanCode.mayEnd(node);
    }
}
