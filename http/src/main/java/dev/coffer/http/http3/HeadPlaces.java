package dev.coffer.http.http3;

import dev.coffer.memory.layout.Align;
import dev.coffer.memory.layout.HeapLayout;

/// Which of a piece of memory is whose, where streams share what their heads take: runs of blocks of 64 bytes, first fit over a bitmap. A head that comes is given the
/// longest there may be; when it is whole it keeps what it takes.
///
/// One thread at a time. 0 heap bytes after construction.
final class HeadPlaces {
    private static final int BLOCK_BYTES = (int) Align.CACHE_LINE_BYTES;

    private static final long ALL = -1;

    private final long base;
    private final int blocks;
    private final int longest;      // blocks of a head that comes
    private final long[] taken;     // one bit a block

    /// @param base     of `bytes`, zero; both multiples of 64
    /// @param longest  bytes of a head that comes, likewise
    HeadPlaces(long base, long bytes, int longest) {
        this.base = base;
        this.blocks = Math.toIntExact(bytes / BLOCK_BYTES);
        this.longest = longest / BLOCK_BYTES;
        this.taken = new long[words(bytes)];
    }

    private static int words(long bytes) {
        return Math.toIntExact((bytes / BLOCK_BYTES + Long.SIZE - 1) / Long.SIZE);
    }

    static long heapBytes(long bytes) {
        return HeapLayout.instance(HeadPlaces.class) + HeapLayout.array(long.class, words(bytes));
    }

    /// {@return the least that a head of so many bytes keeps}
    static int kept(long bytes) {
        return (int) Align.up(Math.max(bytes, 1), BLOCK_BYTES);
    }

    /// {@return bytes of the longest}
    int longestBytes() {
        return longest * BLOCK_BYTES;
    }

    int bytes() {
        return blocks * BLOCK_BYTES;
    }

    int freeBytes() {
        int free = blocks;
        for (long word : taken) {
            free -= Long.bitCount(word);
        }
        return free * BLOCK_BYTES;
    }

    /// {@return whether room for one is kept for others: where there are any, and where there is room for three in any case, as some may come}
    boolean isKept(int connections) {
        return connections > 1 || blocks >= 3 * longest;
    }

    private boolean isTaken(int block) {
        return (taken[block / Long.SIZE] & 1L << block) != 0;
    }

    /// {@return the first block of a free run of that length, -1 for none}
    private int find(int from, int length) {
        int run = 0;
        for (int block = from; block < blocks; block++) {
            if (block % Long.SIZE == 0 && taken[block / Long.SIZE] == ALL) {
                run = 0;
                block += Long.SIZE - 1;
                continue;
            }
            run = isTaken(block) ? 0 : run + 1;
            if (run == length) {
                return block - length + 1;
            }
        }
        return -1;
    }

    /// {@return whether there is room for one that comes}
    ///
    /// @param more  and for one more beside it
    boolean hasRoom(boolean more) {
        int first = find(0, longest);
        return first >= 0 && (!more || find(first + longest, longest) >= 0);
    }

    /// {@return where one lies that comes; [#hasRoom]}
    long take() {
        return take(find(0, longest), longest);
    }

    private long take(int first, int length) {
        set(first, length, true);
        return base + (long) first * BLOCK_BYTES;
    }

    /// Gives back what lies behind the first `kept` bytes of one that has `bytes`, all of it zero; or all where that is 0.
    void giveBack(long at, int bytes, int kept) {
        set((int) ((at - base + kept) / BLOCK_BYTES), (bytes - kept) / BLOCK_BYTES, false);
    }

    /// Takes another place for one that is whole and has so many bytes, where there is one nearer to the front: there short ones that stay do not part what is free.
    ///
    /// @return where, or -1 where it stays best where it is
    long tryMove(long at, int bytes) {
        int first = find(0, bytes / BLOCK_BYTES);
        return first >= 0 && base + (long) first * BLOCK_BYTES < at ? take(first, bytes / BLOCK_BYTES) : -1;
    }

    private void set(int first, int count, boolean now) {
        for (int block = first; block < first + count; block++) {
            assert isTaken(block) != now : "block " + block;
            taken[block / Long.SIZE] ^= 1L << block;
        }
    }
}
