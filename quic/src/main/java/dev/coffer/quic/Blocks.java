package dev.coffer.quic;

import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.SlotAccount;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.HeapLayout;
import dev.coffer.memory.layout.LittleEndian;
import java.lang.foreign.MemorySegment;

/// What all connections of a loop hold while they need it, in blocks of one size: rows of streams, what was sent and is not acknowledged, what was
/// received and is not read, and what is known of packets that are under way. An idle connection holds none.
///
/// ```
///   a block:   0: number of the next one of its chain, 0 in the last | 4: of who has it | 8: content
/// ```
///
/// Numbers begin at 1, so that a row of zeros holds nothing. A block is zero when taken, and wiped when released.
///
/// **When full** [#tryTake] answers [#NONE] and makes no object: what came is treated as lost on its way, what was to go waits. Who takes ahead of need
/// (pieces that came too early) leaves some for those who are in order, and so on:
///
/// | for | leaves |
/// |---|---|
/// | what an application writes | a quarter, where nobody shares |
/// | pieces that came early | an eighth |
/// | what comes in order, streams | a sixteenth |
/// | packets under way, marks of what is lost | none |
///
/// **Neither waits for the other**: what comes waits for its reader, who may wait for room to write, and what is written waits for a peer that may wait to be read. So of what a connection
/// may have a quarter is for what it writes alone, and a quarter for everything else, whatever the other has.
///
/// **Shared** among connections whose peers are not ours, that is of what a connection may have: all but a sixteenth, and of that only as much as leaves others a quarter of what
/// it has then, one at least; one that has none is given one while there is any. So whoever takes all that is given leaves a fifth, as does the next of what is left. The sixteenth
/// is for packets under way, without which nothing could be said, so nothing be freed: each connection's first block of them may be the last of all.
///
/// One thread at a time; the account may be read from any. 0 heap bytes after construction.
final class Blocks {
    /// No block.
    static final int NONE = 0;

    // What a block is for.
    /// The first one of packets under way.
    static final int LAST = -1;
    /// More of them; marks.
    static final int NEED = 0;
    /// Handshakes' words.
    static final int CRYPTO = 1;
    /// What an application writes.
    static final int WRITING = 4;
    /// Pieces that came early.
    static final int EARLY = 8;
    /// What comes in order.
    static final int ORDER = 16;
    /// What a connection may have of them, in parts of what is free for others then.
    private static final int SHARE = 4;
    private static final int RESERVE = 16;
    /// Of what a connection may have, what is for its words alone, and what is for all else alone.
    private static final int OWN_SHARE = 4;

    /// In front of the content.
    static final int HEADER_BYTES = 8;
    /// Of the header, right in front of the content: for whoever has the block.
    static final int SPARE_BYTES = 4;
    /// Of who takes them: blocks that it has, of these what it wrote, 21 bits each; then whether it lacks some, and how many were released when it began to, 21; and whether it
    /// has taken one since that was asked.
    static final int OWNER_BYTES = 8;
    private static final int COUNT_BITS = 21;  // 2^20 are the most
    private static final long COUNT = (1L << COUNT_BITS) - 1;
    private static final int MARK_SHIFT = 2 * COUNT_BITS;
    private static final long MARK = (1L << Long.SIZE - 1 - MARK_SHIFT) - 1;
    private static final long TAKEN = 1L << Long.SIZE - 1;
    static final int BLOCK_BYTES_MIN = 128;  // a row of a stream fits in, and what a packet carries
    static final int BLOCK_BYTES_MAX = 1 << 14;

    private final MemorySegment memory;
    private final long base;
    private final int blockBytes;
    private final int blocks;
    private final long[] free;  // one bit a block
    private int firstFree;      // no word of it before that one has a bit
    private int freeCount;
    private final SlotAccount account;
    private boolean shared;
    private long owner = -1;    // offset of who takes and gives back now
    private long released;      // ever

    /// @param memory      the caller's, zero; must outlive this
    /// @param at          offset of `blocks` x `blockBytes`
    /// @param blockBytes  a multiple of 8, 128..16384
    /// @throws IllegalArgumentException  a number out of its range (caller's fault)
    Blocks(String name, int blocks, int blockBytes, MemorySegment memory, long at) {
        if (blocks < 1 || blockBytes < BLOCK_BYTES_MIN || blockBytes > BLOCK_BYTES_MAX || blockBytes % Long.BYTES != 0) {
            throw new IllegalArgumentException("blocks \"" + name + "\": " + blocks + " of " + blockBytes
                    + " bytes (expected 1 or more, of a multiple of 8 in 128..16384)");
        }
        this.memory = memory;
        this.base = at;
        this.blockBytes = blockBytes;
        this.blocks = blocks;
        this.free = new long[words(blocks)];
        for (int i = 0; i < blocks; i++) {
            free[i / Long.SIZE] |= 1L << i;
        }
        this.freeCount = blocks;
        this.account = new SlotAccount(name, blockBytes, blocks);
    }

    /// {@return the plan's row}
    static MemoryPlan plan(String name, int blocks, int blockBytes) {
        return MemoryPlan.block(name, blockBytes, blocks, "lent by need")
                .withHeap(HeapLayout.instance(Blocks.class) + HeapLayout.instance(SlotAccount.class) + HeapLayout.array(long.class, words(blocks)));
    }

    private static int words(int blocks) {
        return (blocks + Long.SIZE - 1) / Long.SIZE;
    }

    SlotAccount account() {
        return account;
    }

    MemorySegment memory() {
        return memory;
    }

    /// {@return bytes of content of a block}
    int contentBytes() {
        return blockBytes - HEADER_BYTES;
    }

    int freeCount() {
        return freeCount;
    }

    /// Connections share them from now on, or one of them may have all.
    void share(boolean whether) {
        shared = whether;
    }

    /// {@return this, for a connection}
    ///
    /// @param at  offset of its [#OWNER_BYTES] in the memory
    Blocks of(long at) {
        owner = at;
        return this;
    }

    /// {@return blocks that may be taken for that now}
    int available(int kind) {
        int most = shared && owner >= 0 ? share(kind) : Math.max(0, freeCount - (kind <= CRYPTO ? 0 : blocks / kind));
        if (most == 0) {
            lack();
        }
        return most;
    }

    /// The owner has less than it wants: it is to hear when one is given back. What is said first counts, until that was heard.
    void lack() {
        if (owner >= 0 && !isLacking(owner)) {
            mark(owner, mark());
        }
    }

    /// It lacks none after all.
    void lackNone() {
        mark(owner, 0);
    }

    boolean isLacking(long at) {
        return markOf(at) != 0;
    }

    private long markOf(long at) {
        return LittleEndian.i64(memory, at) >>> MARK_SHIFT & MARK;
    }

    /// {@return whether one was given back since it began to lack some}
    boolean wereReleased(long at) {
        return isLacking(at) && markOf(at) != mark();
    }

    private long mark() {
        return (released << 1 | 1) & MARK;
    }

    private void mark(long at, long mark) {
        LittleEndian.i64(memory, at, LittleEndian.i64(memory, at) & ~(MARK << MARK_SHIFT) | mark << MARK_SHIFT);
    }

    private int share(int kind) {
        if (kind == LAST) {
            return freeCount;
        }
        int left = Math.max(0, freeCount - (kind == NEED ? 0 : blocks / RESERVE));
        int held = held();
        int most = held == 0 && left > 0 ? Math.max(1, SHARE * left / (SHARE + 1)) : Math.max(0, (SHARE * left - held) / (SHARE + 1));
        if (kind <= CRYPTO) {
            return most;
        }
        int may = held + most - (held + most) / OWN_SHARE;
        int has = kind == WRITING ? written() : held - written();
        int keep = kind == EARLY ? (held + most) * (RESERVE / EARLY - 1) / RESERVE : 0;
        return Math.max(0, Math.min(most, may - has) - keep);
    }

    /// {@return blocks that the owner has}
    private int held() {
        return (int) (LittleEndian.i64(memory, owner) & COUNT);
    }

    private void held(int count) {
        if (owner >= 0) {
            LittleEndian.i64(memory, owner, LittleEndian.i64(memory, owner) + count | (count > 0 ? TAKEN : 0));
        }
    }

    /// {@return of these, what it wrote}
    private int written() {
        return (int) (LittleEndian.i64(memory, owner) >>> COUNT_BITS & COUNT);
    }

    /// So many blocks more, or fewer, of what the owner has are what it wrote.
    void written(int count) {
        if (owner >= 0) {
            assert written() + count >= 0 && written() + count <= held() - Math.min(0, count) : written() + " and " + count + " of " + held();
            LittleEndian.i64(memory, owner, LittleEndian.i64(memory, owner) + ((long) count << COUNT_BITS));
        }
    }

    /// From now on one has taken none.
    void takesNone(long at) {
        LittleEndian.i64(memory, at, LittleEndian.i64(memory, at) & ~TAKEN);
    }

    /// {@return whether it has taken one since then}
    boolean hasTaken(long at) {
        return (LittleEndian.i64(memory, at) & TAKEN) != 0;
    }

    /// {@return whether one may be taken by it for what it needs, as it shares with others; nothing follows from the question}
    boolean mayTake(long at) {
        return of(at).share(NEED) > 0;
    }

    /// {@return whether there were too few for a connection since this was asked last}
    boolean lacked(long at) {
        boolean lacked = isLacking(at);
        mark(at, 0);
        return lacked;
    }

    /// {@return whether there were too few for a connection that shares with nobody since this was asked last, one was given back, and it may write to one now}
    boolean isBack(long at) {
        return !shared && wereReleased(at) && of(at).available(WRITING) > 0 && lacked(at);
    }

    /// {@return blocks that were ever given back}
    long released() {
        return released;
    }

    /// {@return whether none can lack one: half of them are free}
    boolean isAmple() {
        return 2 * freeCount >= blocks;
    }

    /// {@return a block, zero; or [#NONE]}
    ///
    /// @param kind  what it is for
    int tryTake(int kind) {
        if (available(kind) == 0) {
            return NONE;
        }
        account.taken();
        held(1);
        freeCount--;
        while (free[firstFree] == 0) {
            firstFree++;
        }
        int bit = Long.numberOfTrailingZeros(free[firstFree]);
        free[firstFree] &= free[firstFree] - 1;
        return firstFree * Long.SIZE + bit + 1;
    }

    /// {@return offset of a block's content in [#memory()]}
    long content(int block) {
        assert block >= 1 && block <= blocks : "block " + block;
        return base + (long) (block - 1) * blockBytes + HEADER_BYTES;
    }

    /// {@return the block whose content lies there}
    int at(long content) {
        return (int) ((content - base) / blockBytes) + 1;
    }

    /// {@return the next block of its chain, or [#NONE]}
    int next(int block) {
        return LittleEndian.i32(memory, content(block) - HEADER_BYTES);
    }

    void next(int block, int following) {
        LittleEndian.i32(memory, content(block) - HEADER_BYTES, following);
    }

    /// Wipes one block and takes it back.
    ///
    /// @return the one that followed it
    int release(int block) {
        int following = next(block);
        Wipe.bytes(memory, content(block) - HEADER_BYTES, blockBytes);
        int word = (block - 1) / Long.SIZE;
        assert (free[word] & 1L << block - 1) == 0 : "block " + block + " is free";
        free[word] |= 1L << block - 1;
        firstFree = Math.min(firstFree, word);
        freeCount++;
        account.released();
        held(-1);
        released++;
        return following;
    }

    /// Wipes a block and all that follow it, and takes them back.
    ///
    /// @return how many
    int releaseChain(int first) {
        int count = 0;
        for (int block = first; block != NONE; count++) {
            block = release(block);
        }
        return count;
    }

    @Override
    public String toString() {
        return "Blocks[" + freeCount + " of " + blocks + " free]";
    }
}
