package dev.coffer.evm.memory;

import dev.coffer.memory.ConstantTime;
import dev.coffer.memory.Region;
import dev.coffer.memory.Wipe;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/// The bytes under an [EvmMemory]: which of them may be other than zero, what the budget was charged for, and how they are
/// given back. Knows nothing of frames; positions are those of the segment.
///
/// ```
///   frames' row:  active | zeroed ahead | dirty, of ended frames | never touched      output row:  set aside | never touched
///                    used ^       zeroed ^                   dirty ^                             asideDirty ^
/// ```
final class MemoryPages {
    /// Bytes zeroed beside what is asked for where memory grows over what was used before: a quarter of what has been zeroed for the frame, between these two. So a
    /// small frame costs little, and one that grows word by word comes here seldom.
    private static final long ZERO_AHEAD_BYTES_MIN = 1 << 8;
    private static final long ZERO_AHEAD_BYTES_MAX = 1 << 12;

    /// Never written; one for all. Of 256 to 1,056 bytes a copy of it takes 6 to 10 ns where [Wipe] takes 10 to 16.
    private static final MemorySegment ZEROS = MemorySegment.ofArray(new byte[2 << 12]);

    private static final VarHandle CHARGED;

    static {
        try {
            CHARGED = MethodHandles.lookup().findVarHandle(MemoryPages.class, "charged", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    final MemorySegment data;             // three rows: frames, output, saved
    final long outputRow;
    private final EvmMemoryConfig config;
    private final Region region;          // null when borrowed
    private long dirty;                   // bytes of the frames' row below it may be other than zero
    private long zeroed;                  // but those from the active ones up to here are zero; 0 for none
    private long asideDirty;              // bytes of the output row that may be other than zero
    private long charged;                 // bytes reserved of the budget

    MemoryPages(EvmMemoryConfig config, Region region, MemorySegment data) {
        this.config = config;
        this.region = region;
        this.data = data;
        this.outputRow = EvmMemoryConfig.up(config.treeBytesMax());
    }

    long dirty() {
        return dirty;
    }

    Region region() {
        return region;
    }

    boolean isBorrowed() {
        return region == null;
    }

    /// {@return whether the budget, if there is one, has been charged for the bytes up to `end`}
    boolean charge(long end) {
        if (end <= charged || config.budget() == null) {
            return true;
        }
        long wanted = quanta(end);
        if (!config.budget().tryReserve(wanted - charged)) {
            return false;
        }
        charged = wanted;
        return true;
    }

    private static long quanta(long bytes) {
        return (bytes + EvmMemory.QUANTUM_BYTES - 1) & -EvmMemory.QUANTUM_BYTES;
    }

    /// Makes the bytes from `used` to `end` ready: zero, and known as touched. Zeroes some more, so that growing word by word
    /// seldom works here; but never from `spared` on, where the last frame's output lies.
    ///
    /// @param newLength  of the frame whose end `end` is
    void activate(long used, long end, long spared, long newLength) {
        if (end > zeroed) {
            long from = Math.max(used, zeroed);
            long ahead = Math.clamp(newLength >>> 2, ZERO_AHEAD_BYTES_MIN, ZERO_AHEAD_BYTES_MAX);
            long to = Math.max(end, Math.min(Math.min(dirty, end + ahead), spared));
            long written = Math.min(to, dirty);
            if (from < written) {
                zero(from, written - from);
            }
            zeroed = to;
        }
        dirty = Math.max(dirty, end);
    }

    private void zero(long at, long length) {
        if (length <= ZEROS.byteSize()) {
            MemorySegment.copy(ZEROS, 0, data, at, length);
        } else {
            Wipe.bytes(data, at, length);
        }
    }

    /// {@return where what is zero behind the active bytes ends; 0 for nowhere}
    long zeroed() {
        return zeroed;
    }

    /// A frame has ended or become shorter: what it wrote lies above the active bytes.
    void forgetZeroed() {
        zeroed = 0;
    }

    /// {@return where a copy of the bytes lies that no frame grows over}
    long setAside(long at, long length) {
        asideDirty = Math.max(asideDirty, length);
        MemorySegment.copy(data, at, data, outputRow, length);
        return outputRow;
    }

    /// {@return whether more is committed than may stay from one call to the next, and can be given back}
    boolean isAboveKept() {
        return region != null && Math.max(dirty, asideDirty) > config.keptBytesMax();
    }

    /// Gives whole committed pages above `keep` and above the active bytes back to the system and the budget.
    void trim(long keep, long used, boolean asideInUse) {
        long page = region.pageBytes();
        long from = (Math.max(used, keep) + page - 1) & -page;
        if (from < dirty) {
            region.discard(from, ((dirty + page - 1) & -page) - from);
            dirty = from;
        }
        if (asideDirty > 0 && !asideInUse) {
            region.discard(outputRow, (asideDirty + page - 1) & -page);
            asideDirty = 0;
        }
        long quanta = quanta(Math.max(dirty, used));
        if (config.budget() != null && quanta < charged) {
            config.budget().release(charged - quanta);
            charged = quanta;
        }
    }

    /// Gives everything back: the region, or to its lender zeros; and the budget on every way out.
    void close(MemoryCheckpoints checkpoints) {
        try {
            if (region != null) {
                region.close();
            } else {
                Wipe.bytes(data, 0, dirty);
                Wipe.bytes(data, outputRow, asideDirty);
                checkpoints.wipe(data);
            }
        } finally {
            long held = (long) CHARGED.getAndSet(this, 0L);  // one of two that close it gives it back
            if (config.budget() != null && held > 0) {
                config.budget().release(held);
            }
        }
    }

    void checkInvariants(long used, boolean empty) {
        assert used <= dirty || dirty == 0 && used == 0 || empty : used + " above " + dirty;
        assert ConstantTime.isZero(data, used, Math.max(0, zeroed - used));
        assert config.budget() == null || charged >= Math.min(dirty, used);
    }

    long charged() {
        return charged;
    }
}
