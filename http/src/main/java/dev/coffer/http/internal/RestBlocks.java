package dev.coffer.http.internal;

import dev.coffer.memory.SlotAccount;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.HeapLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// What is kept of connections while they say nothing, in chains of small blocks that are lent by need: written once, from the front; read once, in
/// the same order; wiped when it is given back.
///
/// ```
///   a block, 128 bytes:   0: number of the next one + 1, 0 in the last | 4: content, 124 bytes
/// ```
///
/// Numbers are aligned to four bytes, so none lies across two blocks. One chain is written or read at a time, by one thread; the account may be
/// read from any. 0 heap bytes after construction.
public final class RestBlocks {
    /// Bytes of one.
    public static final int BLOCK_BYTES = 128;
    private static final int CONTENT = Integer.BYTES;
    private static final int CONTENT_BYTES = BLOCK_BYTES - CONTENT;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;

    private final MemorySegment memory;
    private final long base;
    private final int[] free;       // a stack
    private int freeCount;
    private final SlotAccount account;
    private int block;              // that is written or read
    private int at;                 // and where in it

    /// @param memory  the caller's; must outlive this
    /// @param at      offset of `blocks` x [#BLOCK_BYTES], all zero
    public RestBlocks(String name, int blocks, MemorySegment memory, long at) {
        this.memory = memory;
        this.base = at;
        this.free = new int[blocks];
        for (int i = blocks - 1; i >= 0; i--) {
            free[freeCount++] = i;
        }
        this.account = new SlotAccount(name, BLOCK_BYTES, blocks);
    }

    /// {@return bytes of the Java objects of so many}
    public static long heapBytes(int blocks) {
        return HeapLayout.instance(RestBlocks.class) + HeapLayout.instance(SlotAccount.class) + HeapLayout.array(int.class, blocks);
    }

    public SlotAccount account() {
        return account;
    }

    /// {@return blocks of a chain with so much content}
    ///
    /// @param bytes  1 or more
    public static long blocks(long bytes) {
        return (bytes + CONTENT_BYTES - 1) / CONTENT_BYTES;
    }

    /// {@return whether there is room for a chain with so much content}
    public boolean hasRoom(long bytes) {
        return blocks(bytes) <= freeCount;
    }

    /// Begins a chain, for which there is room.
    ///
    /// @return its number
    public int begin() {
        block = take();
        at = CONTENT;
        return block;
    }

    private int take() {
        account.taken();
        return free[--freeCount];
    }

    private long here() {
        return base + (long) block * BLOCK_BYTES + at;
    }

    /// Writes on in another block where this one is full.
    private void extend() {
        if (at == BLOCK_BYTES) {
            int more = take();
            memory.set(INT, base + (long) block * BLOCK_BYTES, more + 1);
            block = more;
            at = CONTENT;
        }
    }

    private void align() {
        at = at + Integer.BYTES - 1 & -Integer.BYTES;
    }

    public void putInt(int value) {
        align();
        extend();
        memory.set(INT, here(), value);
        at += Integer.BYTES;
    }

    public void putLong(long value) {
        putInt((int) (value >>> Integer.SIZE));
        putInt((int) value);
    }

    public void put(MemorySegment from, long offset, int length) {
        for (int done = 0; done < length;) {
            extend();
            int part = Math.min(length - done, BLOCK_BYTES - at);
            MemorySegment.copy(from, offset + done, memory, here(), part);
            at += part;
            done += part;
        }
    }

    /// Begins to read a chain.
    public void open(int first) {
        block = first;
        at = CONTENT;
    }

    private void follow() {
        if (at == BLOCK_BYTES) {
            block = next(block);
            at = CONTENT;
        }
    }

    /// {@return number of the block behind that one, -1 for none}
    private int next(int of) {
        return memory.get(INT, base + (long) of * BLOCK_BYTES) - 1;
    }

    public int getInt() {
        align();
        follow();
        int value = memory.get(INT, here());
        at += Integer.BYTES;
        return value;
    }

    public long getLong() {
        long high = getInt();
        return high << Integer.SIZE | Integer.toUnsignedLong(getInt());
    }

    public void get(MemorySegment to, long offset, int length) {
        for (int done = 0; done < length;) {
            follow();
            int part = Math.min(length - done, BLOCK_BYTES - at);
            MemorySegment.copy(memory, here(), to, offset + done, part);
            at += part;
            done += part;
        }
    }

    /// Wipes a chain and takes it back.
    public void release(int first) {
        for (int each = first; each >= 0;) {
            int following = next(each);
            Wipe.bytes(memory, base + (long) each * BLOCK_BYTES, BLOCK_BYTES);
            free[freeCount++] = each;
            account.released();
            each = following;
        }
    }

    @Override
    public String toString() {
        return "RestBlocks[" + freeCount + " of " + free.length + " free]";
    }
}
