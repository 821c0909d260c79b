package dev.coffer.evm.memory;

import dev.coffer.evm.word.Word;
import dev.coffer.memory.Account;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import dev.coffer.memory.Wipe;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// The byte memory of the Ethereum virtual machine, of all frames of a call tree, in one reservation (Yellow Paper,
/// section 9.1 and appendix H.1).
///
/// ```
///   0 | depth 0: its active bytes | depth 1 | depth 2 ..... | touched before, read zero again | never touched |
///                                 parent's end = child's base                    dirty ^                limit ^
/// ```
///
/// [#enter] starts a frame where the active bytes of the one below end; [#leave] drops it and brings back that one's
/// length and cost. Growing never copies: the address space is there, pages commit when touched. Active bytes always
/// are whole words; what becomes active reads zero, whoever wrote there before. The cost of the active length
/// is kept beside it, so quoting an expansion changes nothing and a second quote costs the same.
///
/// Offsets are relative to the frame on top. One thread at a time. Makes no object after it is opened, except the
/// exceptions of the convenience operations. Once closed it refuses every use with [IllegalStateException]: it has no
/// active byte, nothing can become active, and [#data] is not given out. The three `unchecked...` operations check
/// nothing at all, neither the range nor that it is open; they are for who has just expanded.
public final class EvmMemory implements Account, AutoCloseable {
    /// Bytes of the reservation that a budget is charged for at one time.
    public static final long QUANTUM_BYTES = 1 << 16;
    /// What [#expansionCost] answers where no gas pays: above every gas there is, so that comparing refuses it.
    public static final long UNPAYABLE = Long.MAX_VALUE;
    static final int LONGS_A_FRAME = 3;   // base, length, cost

    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    private static final int WORD = Word.BYTES;

    private final EvmMemoryConfig config;
    private final MemoryPages pages;
    private final MemorySegment data;     // three rows: frames, output, saved
    private final long[] frames;          // what lies below the top: base, length, cost of each
    private final MemoryCheckpoints checkpoints;

    private int depth;
    private long base;                    // of the top frame
    private long length;                  // its active bytes, a multiple of 32
    private long cost;                    // C(length / 32), in gas
    private long wordsEnd;                // length - 31, or 0: offsets below it hold a whole word
    private long peak;                    // most bytes that all frames together had, since reset
    private long outputAt;                // what the last frame returned, where it lies
    private long outputLength;
    private long paid;                    // gas of the last expansion that was asked for with gas
    private boolean closed;

    private EvmMemory(EvmMemoryConfig config, Region region, MemorySegment data) {
        this.config = config;
        this.pages = new MemoryPages(config, region, data);
        this.data = data;
        this.frames = new long[LONGS_A_FRAME * config.framesMax()];
        this.checkpoints = new MemoryCheckpoints(this, 2 * pages.outputRow, config.savedBytesMax(), config.framesMax());
    }

    /// Reserves address space for a whole call tree; commits nothing.
    ///
    /// @throws OutOfMemoryError  the system has no address space (machine's fault); nothing is held
    public static EvmMemory open(EvmMemoryConfig config) {
        Region region = Region.open(RegionConfig.reservation("evm-memory"), config.plan());
        try {
            return new EvmMemory(config, region, region.data());
        } catch (Throwable failure) {  // no heap for the frames
            region.close();
            throw failure;
        }
    }

    /// A memory in someone else's bytes: they stay theirs, and must be zero; what was written is zero again after
    /// [#close].
    ///
    /// @param data  at least `config.plan().totalBytes()` writable bytes off the heap
    /// @throws IllegalArgumentException  fewer bytes, a read-only segment, or one on the heap, which a collector copies
    ///                                   (caller's fault)
    public static EvmMemory over(EvmMemoryConfig config, MemorySegment data) {
        if (data.byteSize() < config.plan().totalBytes() || data.isReadOnly() || !data.isNative()) {
            throw new IllegalArgumentException("EVM memory: " + data.byteSize() + " borrowed bytes"
                    + (data.isNative() ? "" : " on the heap") + " (expected at least " + config.plan().totalBytes()
                    + ", writable, off the heap)");
        }
        return new EvmMemory(config, null, data);
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

    /// Pays for an expansion and makes it, as an instruction does: [#paid] says what it took of the gas.
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
        return end <= length ? MemoryResult.OK : grow((end + WORD - 1) & -WORD);
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
        pages.activate(base + length, end, outputLength != 0 ? outputAt : Long.MAX_VALUE);
        peak = Math.max(peak, end);
        setLength(newLength, costOfWords(newLength >>> 5));
        return MemoryResult.OK;
    }

    /// Every way to a byte that is not active yet comes here: a closed memory has no active byte.
    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("EVM memory: closed");
        }
    }

    private void setLength(long newLength, long newCost) {
        length = newLength;
        cost = newCost;
        wordsEnd = Math.max(0, newLength - (WORD - 1));
    }

    // --- unchecked: the caller has expanded, and an offset that is not active reads or writes another frame's bytes ---

    /// Reads the word at an active offset, big-endian; see [#wordsEnd]. Checks nothing.
    public void uncheckedLoadWord(long offset, long[] s, int r) {
        assert Long.compareUnsigned(offset, wordsEnd) < 0 : "word at " + offset + " of " + length;
        Word.load(data, base + offset, s, r);
    }

    /// Writes a word at an active offset, big-endian; see [#wordsEnd]. Checks nothing.
    public void uncheckedStoreWord(long offset, long[] s, int a) {
        assert Long.compareUnsigned(offset, wordsEnd) < 0 : "word at " + offset + " of " + length;
        Word.store(s, a, data, base + offset);
    }

    /// Writes a byte at an active offset. Checks nothing.
    public void uncheckedStoreByte(long offset, int value) {
        assert offset >= 0 && offset < length : "byte at " + offset + " of " + length;
        data.set(BYTE, base + offset, (byte) value);
    }

    /// {@return the bytes of all frames, with what lies behind them; [#position] finds an offset in it}
    ///
    /// @throws IllegalStateException  it is closed (caller's fault)
    public MemorySegment data() {
        checkOpen();
        return data;
    }

    /// {@return where an offset of the frame on top lies in [#data]}
    public long position(long offset) {
        return base + offset;
    }

    // --- load and store as the machine does them: they expand, and throw where a limit refuses ----------------------

    /// Loads a word; expands.
    ///
    /// @throws EvmMemoryLimitException  a limit refuses; nothing changes
    public void loadWord(long offset, long[] s, int r) {
        expand(offset, WORD);
        uncheckedLoadWord(offset, s, r);
    }

    /// Stores a word; expands.
    ///
    /// @throws EvmMemoryLimitException  a limit refuses; nothing changes
    public void storeWord(long offset, long[] s, int a) {
        expand(offset, WORD);
        uncheckedStoreWord(offset, s, a);
    }

    /// Stores a byte; expands by its word and no more.
    ///
    /// @throws EvmMemoryLimitException  a limit refuses; nothing changes
    public void storeByte(long offset, int value) {
        expand(offset, 1);
        uncheckedStoreByte(offset, value);
    }

    /// Stores bytes; expands. A size of 0 does nothing at any offset.
    ///
    /// @throws EvmMemoryLimitException    a limit refuses; nothing changes
    /// @throws IndexOutOfBoundsException  the source's bytes do not lie in it (caller's fault)
    public void store(long offset, MemorySegment from, long at, long size) {
        java.util.Objects.checkFromIndexSize(at, size, from.byteSize());
        expand(offset, size);
        if (size != 0) {
            MemorySegment.copy(from, at, data, base + offset, size);
        }
    }

    /// Stores bytes, zeros where the source has no more of them, as CALLDATACOPY and its kin do; expands. A size of 0 does
    /// nothing at any offset.
    ///
    /// @param at  where in the source to begin, unsigned; past its end all bytes are zeros
    /// @throws EvmMemoryLimitException  a limit refuses; nothing changes
    public void storePadded(long offset, MemorySegment from, long at, long size) {
        long there = Long.compareUnsigned(at, from.byteSize()) >= 0 ? 0 : from.byteSize() - at;
        expand(offset, size);
        long copied = Math.min(there, size);  // size is below 2^32 by now
        if (copied != 0) {
            MemorySegment.copy(from, at, data, base + offset, copied);
        }
        if (copied != size) {
            Wipe.bytes(data, base + offset + copied, size - copied);
        }
    }

    /// Copies within the frame as `memmove` does (EIP-5656); expands for both ranges. A size of 0 does nothing.
    ///
    /// @throws EvmMemoryLimitException  a limit refuses; nothing changes
    public void copy(long to, long from, long size) {
        expand(Long.compareUnsigned(to, from) > 0 ? to : from, size);
        if (size != 0) {
            MemorySegment.copy(data, base + from, data, base + to, size);
        }
    }

    /// Writes zeros; expands. A size of 0 does nothing.
    ///
    /// @throws EvmMemoryLimitException  a limit refuses; nothing changes
    public void zero(long offset, long size) {
        expand(offset, size);
        if (size != 0) {
            Wipe.bytes(data, base + offset, size);
        }
    }

    /// Expands as [#tryExpand] does.
    ///
    /// @throws EvmMemoryLimitException  it was refused; the message says by which limit
    public void expand(long offset, long size) {
        MemoryResult result = tryExpand(offset, size);
        if (result != MemoryResult.OK) {
            throw new EvmMemoryLimitException(result, "EVM memory: " + Long.toUnsignedString(size) + " bytes at "
                    + Long.toUnsignedString(offset) + ", depth " + depth + ": " + result + " (frame at most "
                    + config.frameBytesMax() + ", tree " + config.treeBytesMax() + ", in use " + usedBytes() + ")");
        }
    }

    // --- looking without expanding ----------------------------------------------------------------------------------

    /// {@return the active byte at an offset, 0..255}
    ///
    /// @throws IndexOutOfBoundsException  the offset is not active (caller's fault)
    public int peekByte(long offset) {
        return data.get(BYTE, base + check(offset, 1)) & 0xff;
    }

    /// Reads an active word without expanding.
    ///
    /// @throws IndexOutOfBoundsException  some of its bytes are not active (caller's fault)
    public void peekWord(long offset, long[] s, int r) {
        Word.load(data, base + check(offset, WORD), s, r);
    }

    /// {@return active bytes as a read-only view, which a later expansion, frame or close makes stale. Makes an object}
    ///
    /// @throws IndexOutOfBoundsException  some of them are not active (caller's fault)
    public MemorySegment slice(long offset, long size) {
        return data.asSlice(base + check(offset, size), size).asReadOnly();
    }

    /// Reads active bytes into the caller's, without expanding: as many as the array has.
    ///
    /// @throws IndexOutOfBoundsException  some of them are not active (caller's fault); nothing is written
    public void read(long offset, byte[] to) {
        long at = check(offset, to.length);
        if (to.length != 0) {
            MemorySegment.copy(data, BYTE, base + at, to, 0, to.length);
        }
    }

    /// Reads active bytes into the caller's memory, without expanding.
    ///
    /// @throws IndexOutOfBoundsException  some of them are not active, or do not fit (caller's fault); nothing is written
    public void read(long offset, MemorySegment to, long at, long size) {
        java.util.Objects.checkFromIndexSize(at, size, to.byteSize());
        check(offset, size);
        if (size != 0) {
            MemorySegment.copy(data, base + offset, to, at, size);
        }
    }

    private long check(long offset, long size) {
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
    }

    /// Ends the frame on top: the one below has its length and cost again. `size` bytes at `offset` of the frame that
    /// ends stay readable as [#outputAt] until the next [#enter], [#leave] or [#reset]; nothing is copied unless the
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
        pages.forgetZeroed();
        setLength(frames[at + 1], frames[at + 2]);
    }

    /// {@return where in [#data] the output of the last frame lies}
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
        pages.forgetZeroed();
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
        pages.forgetZeroed();
        setLength(0, 0);
        if (pages.isAboveKept()) {
            trim(config.keptBytesMax());
        }
    }

    // --- checkpoints ------------------------------------------------------------------------------------------------

    /// Remembers length and cost of the frame on top. [#restore] brings them back; bytes written below that length in
    /// between stay as they are, since no one but the frame itself can have written them.
    ///
    /// @return a token for [#restore] or [#forget]
    /// @throws IllegalStateException  as many checkpoints as frames are in use, or closed (caller's fault)
    public long checkpoint() {
        checkOpen();
        return checkpoints.take(false);
    }

    /// Remembers length, cost and every active byte of the frame on top, by copying them.
    ///
    /// @return a token, or -1 where the saved bytes would pass `savedBytesMax`; then nothing changes
    /// @throws IllegalStateException  as many checkpoints as frames are in use, or closed (caller's fault)
    public long checkpointContent() {
        checkOpen();
        return checkpoints.take(true);
    }

    /// Goes back to the latest checkpoint and forgets it.
    ///
    /// @throws IllegalStateException  it is not the latest one still held, was taken at another depth, or was restored,
    ///                                forgotten or left behind before (caller's fault); nothing changes
    public void restore(long token) {
        checkOpen();
        checkpoints.restore(token);
    }

    /// Forgets the latest checkpoint and keeps what happened since.
    ///
    /// @throws IllegalStateException  as of [#restore]
    public void forget(long token) {
        checkOpen();
        checkpoints.forget(token);
    }

    /// For [MemoryCheckpoints]: the frame on top goes back to a shorter length.
    void shrink(long toLength) {
        assert toLength <= length : toLength + " of " + length;
        pages.forgetZeroed();
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
    public String name() {
        return "evm memory";
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
        assert wordsEnd == Math.max(0, length - WORD + 1);
        assert base + length <= config.treeBytesMax() && length <= config.frameBytesMax();
        assert base + length <= peak && peak <= config.treeBytesMax();
        pages.checkInvariants(usedBytes(), length == 0);
    }

    @Override
    public String toString() {
        return "EvmMemory[depth " + depth + ", " + length + " bytes active, " + usedBytes() + " of "
                + config.treeBytesMax() + " in the tree, peak " + peak + "]";
    }
}
