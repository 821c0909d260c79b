package dev.coffer.evm.memory;

import dev.coffer.evm.word.Word;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.ledger.Ledger;
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
/// active byte, nothing can become active, and [#data()] is not given out. The three `unchecked...` operations check
/// nothing at all, neither the range nor that it is open; they are for who has just expanded.
public final class EvmMemory extends MemoryFrames {
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

    /// What [#open] asks the system for.
    public static final RegionConfig REGION = RegionConfig.reservation("evm-memory");

    private EvmMemory(EvmMemoryConfig config, Region region, MemorySegment data) {
        super(config, region, data);
    }

    /// Reserves address space for a whole call tree; commits nothing.
    ///
    /// @throws OutOfMemoryError  the system has no address space (machine's fault); nothing is held
    public static EvmMemory open(EvmMemoryConfig config) {
        Region region = Region.open(REGION, config.plan());
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

    // --- unchecked: the caller has expanded, and an offset that is not active reads or writes another frame's bytes ---

    /// Reads the word at an active offset, big-endian; see [#wordsEnd()]. Checks nothing.
    public void uncheckedLoadWord(long offset, long[] s, int r) {
        assert Long.compareUnsigned(offset, wordsEnd) < 0 : "word at " + offset + " of " + length;
        Word.load(data, base + offset, s, r);
    }

    /// Writes a word at an active offset, big-endian; see [#wordsEnd()]. Checks nothing.
    public void uncheckedStoreWord(long offset, long[] s, int a) {
        assert Long.compareUnsigned(offset, wordsEnd) < 0 : "word at " + offset + " of " + length;
        Word.store(s, a, data, base + offset);
    }

    /// Writes a byte at an active offset. Checks nothing.
    public void uncheckedStoreByte(long offset, int value) {
        assert offset >= 0 && offset < length : "byte at " + offset + " of " + length;
        data.set(BYTE, base + offset, (byte) value);
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
                    + Long.toUnsignedString(offset) + ", depth " + depth() + ": " + result + " (frame at most "
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

    /// {@return its region, for a ledger: reserved whole, and used whole there}
    ///
    /// @throws IllegalStateException  borrowed bytes, which are their lender's to show (caller's fault)
    public Ledger.Part ledgerPart() {
        return Ledger.region(region());
    }

    @Override
    public String name() {
        return "evm memory";
    }

    @Override
    public String toString() {
        return "EvmMemory[depth " + depth() + ", " + length + " bytes active, " + usedBytes() + " of "
                + config.treeBytesMax() + " in the tree, peak " + peakBytes() + "]";
    }
}
