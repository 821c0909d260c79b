package dev.coffer.evm.memory;

import dev.coffer.evm.word.Word;
import dev.coffer.memory.Account;
import dev.coffer.memory.Region;
import java.lang.foreign.MemorySegment;

/// The frames of a call tree, stacked in one row of bytes: how long the one on top is, what that has cost, how it grows, how one is
/// entered and left and where its output lies. [EvmMemory] is this with what is written and read.
abstract sealed class MemoryFrames implements Account, AutoCloseable permits EvmMemory {
    /// Bytes of the reservation that a budget is charged for at one time.
    public static final long QUANTUM_BYTES = 1 << 16;
    /// What [#expansionCost] answers where no gas pays: above every gas there is, so that comparing refuses it.
    public static final long UNPAYABLE = Long.MAX_VALUE;
    static final int LONGS_A_FRAME = 3;   // base, length, cost
    static final int WORD = Word.BYTES;

    final EvmMemoryConfig config;
    final MemorySegment data;             // three rows: frames, output, saved
    final MemoryCheckpoints checkpoints;
    long base;                            // of the top frame
    long length;                          // its active bytes, a multiple of 32
    long wordsEnd;                        // length - 31, or 0: offsets below it hold a whole word

    private long ready;                   // active bytes that it may have before anything has to be zeroed, charged or refused
    private final MemoryPages pages;
    private final long[] frames;          // what lies below the top: base, length, cost of each
    private int depth;
    private long cost;                    // C(length / 32), in gas
    private long peak;                    // most bytes that all frames together had, since reset
    private long outputAt;                // what the last frame returned, where it lies
    private long outputLength;
    private long paid;                    // gas of the last expansion that was asked for with gas
    private boolean closed;

    MemoryFrames(EvmMemoryConfig config, Region region, MemorySegment data) {
        this.config = config;
        this.pages = new MemoryPages(config, region, data);
        this.data = data;
        this.frames = new long[LONGS_A_FRAME * config.framesMax()];
        this.checkpoints = new MemoryCheckpoints(this, 2 * pages.outputRow, config.savedBytesMax(), config.framesMax());
    }

    public EvmMemoryConfig config() {
        return config;
    }

    // --- the frame on top -------------------------------------------------------------------------------------------

    /// {@return active bytes of the frame on top: MSIZE}
    public long length() {
        return length;
    }

    /// {@return gas that the active bytes have cost: C(length / 32)}
    public long cost() {
        return cost;
    }

    /// {@return offsets below this hold a whole active word: the one compare of a load or store}
    public long wordsEnd() {
        return wordsEnd;
    }

    /// {@return gas of a memory of so many words: 3w + w^2 / 512 (appendix H.1)}
    ///
    /// @param words  0..2^30, for which nothing overflows
    public static long costOfWords(long words) {
        return 3 * words + (words * words >>> 9);
    }

    /// {@return gas for making `size` bytes at `offset` active: 0 where they are, or where the size is 0;
    /// [#UNPAYABLE] where no gas pays for it, as offset or size lies past 2^32. Changes nothing}
    ///
    /// @param offset  unsigned
    /// @param size    unsigned
    /// @throws IllegalStateException  it is closed (caller's fault)
    public long expansionCost(long offset, long size) {
        if (size == 0) {
            return 0;
        }
        if (Long.compareUnsigned(offset, EvmMemoryConfig.BYTES_MAX) > 0
                || Long.compareUnsigned(size, EvmMemoryConfig.BYTES_MAX) > 0) {
            return UNPAYABLE;
        }
        long end = offset + size;
        if (end <= length) {
            return 0;
        }
        checkOpen();
        return costOfWords((end + WORD - 1) >>> 5) - cost;
    }

    /// Pays for an expansion and makes it, as an instruction does: [#paid()] says what it took of the gas.
    ///
    /// @param gas  what there is to pay with, 0 or more
    /// @return OUT_OF_GAS where the gas does not suffice, or none would; else as [#tryExpand(long, long)]. Nothing changes
    ///         and nothing is paid unless it is OK
    /// @throws IllegalStateException  it is closed (caller's fault)
    public MemoryResult tryExpand(long offset, long size, long gas) {
        paid = 0;
        long asked = expansionCost(offset, size);
        if (asked > gas || asked == UNPAYABLE) {
            return MemoryResult.OUT_OF_GAS;
        }
        if (asked == 0) {
            return MemoryResult.OK;
        }
        MemoryResult result = tryExpand(offset, size);
        if (result == MemoryResult.OK) {
            paid = asked;
        }
        return result;
    }

    /// {@return gas that the last [#tryExpand(long, long, long)] took: 0 where it refused, or where all was active}
    public long paid() {
        return paid;
    }

    /// Makes `size` bytes at `offset` active, in whole words; the new ones read zero. Nothing changes unless it is OK.
    /// A size of 0 is OK at any offset. Pays no gas.
    ///
    /// @throws IllegalStateException  it is closed (caller's fault)
    public MemoryResult tryExpand(long offset, long size) {
        if (size == 0) {
            return MemoryResult.OK;
        }
        if (Long.compareUnsigned(offset, EvmMemoryConfig.BYTES_MAX) > 0
                || Long.compareUnsigned(size, EvmMemoryConfig.BYTES_MAX) > 0) {
            return MemoryResult.TOO_FAR;
        }
        long end = offset + size;
        if (end <= length) {
            return MemoryResult.OK;
        }
        long newLength = (end + WORD - 1) & -WORD;
        if (newLength > ready) {
            return grow(newLength);
        }
        peak = Math.max(peak, base + newLength);
        setLength(newLength, costOfWords(newLength >>> 5));
        return MemoryResult.OK;
    }

    /// Finds out how far the frame on top can grow without more ado: as far as is zero, and its limit. What is zero is within the tree's limit, below the last
    /// frame's output, and the budget has been charged for it.
    private void setReady() {
        ready = Math.min(pages.zeroed() - base, config.frameBytesMax());
    }

    private void forgetZeroed() {
        pages.forgetZeroed();
        ready = 0;
    }

    private MemoryResult grow(long newLength) {
        checkOpen();
        if (newLength > config.frameBytesMax()) {
            return newLength > config.treeBytesMax() - base ? MemoryResult.TREE_LIMIT : MemoryResult.FRAME_LIMIT;
        }
        long end = base + newLength;
        if (end > config.treeBytesMax()) {
            return MemoryResult.TREE_LIMIT;
        }
        if (!pages.charge(end)) {
            return MemoryResult.BUDGET_LIMIT;
        }
        if (outputLength != 0 && outputAt < end) {
            outputAt = pages.setAside(outputAt, outputLength);
        }
        pages.activate(base + length, end, outputLength != 0 ? outputAt : Long.MAX_VALUE, newLength);
        peak = Math.max(peak, end);
        setLength(newLength, costOfWords(newLength >>> 5));
        setReady();
        return MemoryResult.OK;
    }

    /// Every way to a byte that is not active yet comes here: a closed memory has no active byte.
    final void checkOpen() {
        if (closed) {
            throw new IllegalStateException("EVM memory: closed");
        }
    }

    private void setLength(long newLength, long newCost) {
        length = newLength;
        cost = newCost;
        wordsEnd = Math.max(0, newLength - (WORD - 1));
    }

    /// {@return the bytes of all frames, with what lies behind them; [#position] finds an offset in it}
    ///
    /// @throws IllegalStateException  it is closed (caller's fault)
    public MemorySegment data() {
        checkOpen();
        return data;
    }

    /// {@return where an offset of the frame on top lies in [#data()]}
    public long position(long offset) {
        return base + offset;
    }

    final long check(long offset, long size) {
        checkOpen();
        if ((offset | size) < 0 || offset > length - size) {
            throw new IndexOutOfBoundsException("EVM memory: " + Long.toUnsignedString(size) + " bytes at "
                    + Long.toUnsignedString(offset) + " of " + length + " active");
        }
        return offset;
    }

    // --- frames -----------------------------------------------------------------------------------------------------

    /// {@return frames below the one on top: 0 for the outermost}
    public int depth() {
        return depth;
    }

    /// Starts a frame where the active bytes of the present one end. It is empty; what was returned before is forgotten.
    ///
    /// @throws IllegalStateException  all frames of the configuration are in use (caller's fault)
    public void enter() {
        checkOpen();
        if (depth + 1 >= config.framesMax()) {
            throw new IllegalStateException("EVM memory: " + config.framesMax() + " frames are in use");
        }
        int at = LONGS_A_FRAME * depth;
        frames[at] = base;
        frames[at + 1] = length;
        frames[at + 2] = cost;
        depth++;
        base += length;
        outputLength = 0;
        setLength(0, 0);
        setReady();
    }

    /// Ends the frame on top: the one below has its length and cost again. `size` bytes at `offset` of the frame that
    /// ends stay readable as [#outputAt()] until the next [#enter], [#leave] or [#reset]; nothing is copied unless the
    /// memory below grows over them. Checkpoints of the frame are gone.
    ///
    /// @param size  0, or bytes at an active offset
    /// @throws IndexOutOfBoundsException  the output is not active (caller's fault)
    /// @throws IllegalStateException      there is no frame below (caller's fault)
    public void leave(long offset, long size) {
        checkOpen();
        if (depth == 0) {
            throw new IllegalStateException("EVM memory: the outermost frame cannot be left");
        }
        outputAt = size == 0 ? 0 : base + check(offset, size);
        outputLength = size;
        depth--;
        checkpoints.dropAbove(depth);
        int at = LONGS_A_FRAME * depth;
        base = frames[at];
        forgetZeroed();
        setLength(frames[at + 1], frames[at + 2]);
    }

    /// {@return where in [#data()] the output of the last frame lies}
    public long outputAt() {
        return outputAt;
    }

    /// {@return bytes of the last frame's output}
    public long outputLength() {
        return outputLength;
    }

    /// Forgets the last frame's output.
    public void dropOutput() {
        outputLength = 0;
    }

    /// Makes the frame on top empty again, at no cost; its bytes read zero when they come back.
    public void clear() {
        checkOpen();
        checkpoints.dropAbove(depth - 1);
        forgetZeroed();
        setLength(0, 0);
    }

    /// Ends all frames: depth 0, empty, peak 0. Pages committed up to `keptBytesMax` stay for the next call, which zeroes
    /// what it uses of them; what is above goes back to the system at once (borrowed bytes stay, see [#trim]).
    ///
    /// @throws IllegalStateException  it is closed (caller's fault)
    public void reset() {
        checkOpen();
        depth = 0;
        base = 0;
        peak = 0;
        outputLength = 0;
        checkpoints.dropAbove(-1);
        forgetZeroed();
        setLength(0, 0);
        if (pages.isAboveKept()) {
            trim(config.keptBytesMax());
        }
    }

    /// For [MemoryCheckpoints]: the frame on top goes back to a shorter length.
    void shrink(long toLength) {
        assert toLength <= length : toLength + " of " + length;
        forgetZeroed();
        setLength(toLength, costOfWords(toLength >>> 5));
    }

    // --- bytes and pages --------------------------------------------------------------------------------------------

    /// Gives whole committed pages above the active bytes back to the system and the budget.
    ///
    /// @param keepBytes  of the frames' row, to keep for the next call
    /// @throws IllegalStateException  borrowed bytes, or closed (caller's fault)
    public void trim(long keepBytes) {
        checkOpen();
        if (pages.isBorrowed()) {
            throw new IllegalStateException("EVM memory: borrowed bytes cannot be given back");
        }
        boolean aside = outputLength != 0 && outputAt >= pages.outputRow;
        long keep = outputLength != 0 && !aside ? Math.max(keepBytes, outputAt + outputLength) : keepBytes;
        pages.trim(keep, usedBytes(), aside);
    }

    final Region region() {
        if (pages.isBorrowed()) {
            throw new IllegalStateException("EVM memory: borrowed bytes are no region");
        }
        return pages.region();
    }

    /// {@return the most bytes that all frames together had since [#reset]: the smallest `treeBytesMax` for the same run}
    @Override
    public long peakBytes() {
        return peak;
    }

    /// {@return bytes below which the frames' row may be committed}
    public long touchedBytes() {
        return pages.dirty();
    }

    @Override
    public long capacityBytes() {
        return config.treeBytesMax();
    }

    /// {@return active bytes of all frames together}
    @Override
    public long usedBytes() {
        return base + length;
    }

    /// Returns every byte to the system and the budget; borrowed bytes that were written are zero again. Closing twice is
    /// harmless.
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        ready = 0;
        depth = 0;
        base = 0;
        outputLength = 0;
        setLength(0, 0);
        pages.close(checkpoints);
    }

    void checkInvariants() {
        if (closed) {
            assert length == 0 && usedBytes() == 0 && pages.charged() == 0;
            return;
        }
        assert length % WORD == 0 && cost == costOfWords(length / WORD) : length + " bytes, cost " + cost;
        assert ready <= Math.max(0, pages.zeroed() - base) && ready <= config.frameBytesMax() : ready + " ready";
        assert wordsEnd == Math.max(0, length - WORD + 1);
        assert base + length <= config.treeBytesMax() && length <= config.frameBytesMax();
        assert base + length <= peak && peak <= config.treeBytesMax();
        pages.checkInvariants(usedBytes(), length == 0);
    }
}
