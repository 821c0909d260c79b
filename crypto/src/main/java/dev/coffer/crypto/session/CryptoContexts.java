package dev.coffer.crypto.session;

import dev.coffer.crypto.aead.AesBlock;
import dev.coffer.memory.Account;
import dev.coffer.memory.ConstantTime;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.Align;
import dev.coffer.memory.layout.HeapLayout;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/// A fixed number of AES-256 contexts in memory of the caller's, leased by [CryptoContext]. Nothing is allocated after
/// start; when all are in use, acquiring is refused.
///
/// ```
///   one context, 1152 bytes, aligned to 64
///      0 line 1, hot   blocks 8 | nonces 8 | prefix 8 | state 4 | backups 4 | pad 32
///     64 key schedule  15 round keys of 64 bytes, bitsliced
///   1024 backup keys   4 x 32
/// ```
///
/// One thread at a time; the account's numbers may be read from any.
public final class CryptoContexts implements Account, AutoCloseable {
    /// Most contexts of a table.
    public static final int COUNT_MAX = 1024;

    static final AesBlock CIPHER = AesBlock.AES_256;

    static final long BLOCKS = 0;                           // encrypted under this key
    static final long NONCES = BLOCKS + Long.BYTES;         // given out under this key
    static final long PREFIX = NONCES + Long.BYTES;         // 8 random bytes, drawn with the key
    static final long PREFIX_BYTES = Long.BYTES;
    static final long STATE = PREFIX + PREFIX_BYTES;        // 1: there is a key
    static final long BACKUPS = STATE + Integer.BYTES;      // bit i: backup i is there
    static final long SCHEDULE = Align.CACHE_LINE_BYTES;
    static final long BACKUP = SCHEDULE + CIPHER.scheduleBytes();
    static final long BYTES = Align.up(BACKUP + CryptoContext.BACKUP_KEYS * CryptoContext.KEY_BYTES, Align.CACHE_LINE_BYTES);

    private static final long WORKSPACE_BYTES = Align.up(AesBlock.WORKSPACE_BYTES, Align.CACHE_LINE_BYTES);

    private final String name;
    private final int count;
    private final MemorySegment memory;     // the contexts, then one workspace for all
    private final Entropy entropy;
    private final long[] generations;       // odd while leased
    private volatile int inUse;
    private volatile int mostInUse;
    private boolean closed;

    /// Lays a table out.
    ///
    /// @param name     of the plan's row
    /// @param memory   all zero, off the heap, [#plan]`.totalBytes()` bytes, aligned to 64
    /// @param entropy  where the random half of nonces comes from; `Entropy.SYSTEM` but in tests
    /// @throws IllegalArgumentException  a count outside 1..[#COUNT_MAX], or memory of another size or alignment, on the
    ///                                   heap, or read-only (caller's fault)
    public CryptoContexts(String name, int count, MemorySegment memory, Entropy entropy) {
        Places.checkHome("crypto contexts", memory, plan(name, count).totalBytes());
        this.name = name;
        this.count = count;
        this.memory = memory;
        this.entropy = Objects.requireNonNull(entropy);
        this.generations = new long[count];
    }

    /// {@return what such a table holds}
    ///
    /// @throws IllegalArgumentException  a count outside 1..[#COUNT_MAX] (caller's fault)
    public static MemoryPlan plan(String name, int count) {
        if (count < 1 || count > COUNT_MAX) {
            throw new IllegalArgumentException("crypto contexts: " + count + " (expected 1.." + COUNT_MAX + ")");
        }
        return MemoryPlan.group(name, MemoryPlan.block("contexts", BYTES, count, "hot line, schedule, four backup keys"),
                MemoryPlan.block("workspace", WORKSPACE_BYTES))
                .withHeap(HeapLayout.instance(CryptoContexts.class) + HeapLayout.array(long.class, count));
    }

    /// Takes a context, without a key.
    ///
    /// @param handle  names no context now
    /// @return the handle
    /// @throws SessionExhaustedException  every context is in use
    /// @throws IllegalStateException      closed, or a handle that names a context (caller's fault)
    public CryptoContext acquire(CryptoContext handle) {
        if (!tryAcquire(handle)) {
            throw new SessionExhaustedException("crypto contexts", "contexts", count);
        }
        return handle;
    }

    /// Takes a context, and says no without making an object.
    ///
    /// @return whether the handle names one now; false where every context is in use, and for no other reason
    /// @throws IllegalStateException  closed, or a handle that names a context (caller's fault)
    public boolean tryAcquire(CryptoContext handle) {
        if (closed) {
            throw new IllegalStateException("crypto contexts are closed");
        }
        if (handle.isLive()) {
            throw new IllegalStateException("crypto context handle names a context: release it first");
        }
        for (int i = 0; i < count; i++) {
            if ((generations[i] & 1) == 0) {
                assert ConstantTime.isZero(memory, at(i), BYTES) : "context " + i;
                generations[i]++;
                handle.bind(this, i, generations[i]);
                inUse++;
                mostInUse = Math.max(mostInUse, inUse);
                return true;
            }
        }
        return false;
    }

    boolean isCurrent(int index, long generation) {
        return generations[index] == generation;
    }

    MemorySegment memory() {
        return memory;
    }

    Entropy entropy() {
        return entropy;
    }

    long at(int index) {
        return BYTES * index;
    }

    long workspaceAt() {
        return BYTES * count;
    }

    void release(int index) {
        Wipe.bytes(memory, at(index), BYTES);
        generations[index]++;
        inUse--;
    }

    /// {@return contexts in use}
    public int inUse() {
        return inUse;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public long capacityBytes() {
        return BYTES * count + WORKSPACE_BYTES;
    }

    @Override
    public long usedBytes() {
        return BYTES * inUse + WORKSPACE_BYTES;
    }

    @Override
    public long peakBytes() {
        return BYTES * mostInUse + WORKSPACE_BYTES;
    }

    /// Wipes every context; handles are stale from now on. Twice is harmless.
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        boolean alive = memory.scope().isAlive();  // a region that is closed has wiped it
        for (int i = 0; i < count; i++) {
            if ((generations[i] & 1) != 0 && alive) {
                release(i);
            } else if ((generations[i] & 1) != 0) {
                generations[i]++;
                inUse--;
            }
        }
    }

    @Override
    public String toString() {
        return "CryptoContexts[" + name + ", " + inUse + " of " + count + (closed ? ", closed" : "") + "]";
    }
}
