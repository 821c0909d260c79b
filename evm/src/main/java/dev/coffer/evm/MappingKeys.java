package dev.coffer.evm;

import dev.coffer.evm.word.Word;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// Hashes of 64 bytes that were asked for lately: where Solidity and Vyper keep an entry of a mapping, keccak256(key, slot), which a contract asks for again with each
/// access (decision 0092). Found by all 64 bytes, so that what is found is right whatever was kept; each has one place, and the last one has it. What is hashed is
/// public. Makes no object after its constructor. One thread at a time.
final class MappingKeys {
    /// Bytes of what is hashed.
    static final long LENGTH = 64;

    private static final int ENTRIES = 1 << 10;
    private static final int LONGS = 8 + Word.LONGS;     // what was hashed, and the hash
    private static final int SHIFT = Long.SIZE - Integer.numberOfTrailingZeros(ENTRIES);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);  // small numbers differ in low bits

    static final long HEAP_BYTES = WorldStateConfig.heapBytes(8L * LONGS * ENTRIES);

    private final long[] entries = new long[LONGS * ENTRIES];

    /// {@return where these bytes have or would have their place: for [#find] and [#keep]}
    int place(MemorySegment from, long at) {
        // Odd numbers without a pattern.
        long mixed = from.get(LONG, at) * 0x9e3779b97f4a7c15L + from.get(LONG, at + 8) * 0xc2b2ae3d27d4eb4fL
                + from.get(LONG, at + 16) * 0x165667b19e3779f9L + from.get(LONG, at + 24) * 0xd6e8feb86659fd93L
                + from.get(LONG, at + 32) * 0xa0761d6478bd642fL + from.get(LONG, at + 40) * 0xe7037ed1a0b428dbL
                + from.get(LONG, at + 48) * 0x8ebc6af09c88c6e3L + from.get(LONG, at + 56) * 0x589965cc75374cc3L;
        return LONGS * (int) ((mixed ^ mixed >>> 32) * 0x9e3779b97f4a7c15L >>> SHIFT);
    }

    /// Writes the hash of these bytes, if it is kept.
    ///
    /// @return whether it is; if not nothing is written
    boolean find(int place, MemorySegment from, long at, long[] to, int r) {
        long[] e = entries;
        long differ = from.get(LONG, at) ^ e[place] | from.get(LONG, at + 8) ^ e[place + 1] | from.get(LONG, at + 16) ^ e[place + 2]
                | from.get(LONG, at + 24) ^ e[place + 3] | from.get(LONG, at + 32) ^ e[place + 4] | from.get(LONG, at + 40) ^ e[place + 5]
                | from.get(LONG, at + 48) ^ e[place + 6] | from.get(LONG, at + 56) ^ e[place + 7];
        if (differ != 0 || Word.isZero(e, place + 8)) {  // an empty place holds zeros, which nothing hashes to
            return false;
        }
        Word.copy(e, place + 8, to, r);
        return true;
    }

    /// Keeps the hash of these bytes in the place of what was there.
    void keep(int place, MemorySegment from, long at, long[] hash, int a) {
        for (int i = 0; i < 8; i++) {
            entries[place + i] = from.get(LONG, at + 8L * i);
        }
        Word.copy(hash, a, entries, place + 8);
    }
}
