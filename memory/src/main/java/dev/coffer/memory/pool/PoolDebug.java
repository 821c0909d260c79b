package dev.coffer.memory.pool;

import dev.coffer.memory.Lifetime;
import dev.coffer.memory.Region;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// What a pool does beside its work when it looks for misuse; see [BufferPoolConfig.Debug]. Under its own lock;
/// allocates freely.
final class PoolDebug {
    /// Fills what was released, so that a late read shows and a late write leaves a mark.
    static final byte POISON = (byte) 0xdb;

    private final BufferPoolConfig config;
    private final MemorySegment memory;
    private final @Nullable Region region;  // null: memory whose end nobody tells of
    private final PooledBuffer[] waiting;            // ring of released slots, oldest at `first`
    private int first;
    private int count;
    private final boolean[] poisoned;       // by slot
    private final Throwable[] place;        // by slot: where it was last acquired
    private final Thread[] holder;          // by slot: who acquired it, while leased
    private final Lifetime[] scope;         // by slot: the life of its raw views, null where there are none

    /// @param region  that the memory is a row of, or null
    PoolDebug(BufferPoolConfig config, MemorySegment memory, @Nullable Region region) {
        this.config = config;
        this.memory = memory;
        this.region = region;
        this.waiting = new PooledBuffer[config.debug().quarantineSlots() + 1];
        this.poisoned = new boolean[config.slots()];
        this.place = new Throwable[config.slots()];
        this.holder = new Thread[config.slots()];
        this.scope = new Lifetime[config.slots()];
    }

    /// Takes a slot into its lease.
    ///
    /// @throws IllegalStateException  it was written to after its release; it stays out of use
    synchronized void acquired(int slot) {
        if (poisoned[slot]) {
            checkPoison(slot);
            memory.asSlice(slot * config.bufferBytes(), config.bufferBytes()).fill((byte) 0);
            poisoned[slot] = false;
        }
        if (config.debug().traces()) {
            place[slot] = new Throwable("acquired by " + Thread.currentThread());
            holder[slot] = Thread.currentThread();
        }
    }

    private void checkPoison(int slot) {
        long from = slot * config.bufferBytes();
        for (long at = 0; at < config.bufferBytes(); at++) {
            if (memory.get(ValueLayout.JAVA_BYTE, from + at) != POISON) {
                throw new IllegalStateException("pool \"" + config.name() + "\": buffer " + slot
                        + " was written at offset " + at + " after its release; it is out of use", place[slot]);
            }
        }
    }

    /// Ends a slot's lease; its raw views throw from now on.
    ///
    /// @return a slot that is free now: this one, the oldest of those that waited, or null
    synchronized @Nullable PooledBuffer released(PooledBuffer buffer) {
        int slot = buffer.slot();
        holder[slot] = null;
        if (scope[slot] != null) {
            scope[slot].close();
            scope[slot] = null;
        }
        if (config.debug().quarantineSlots() == 0) {
            return buffer;
        }
        memory.asSlice(slot * config.bufferBytes(), config.bufferBytes()).fill(POISON);
        poisoned[slot] = true;
        waiting[(first + count++) % waiting.length] = buffer;
        return count == waiting.length ? oldest() : null;
    }

    /// {@return the slot that waited longest, or null}
    synchronized @Nullable PooledBuffer oldest() {
        if (count == 0) {
            return null;
        }
        PooledBuffer slot = waiting[first];
        first = (first + 1) % waiting.length;
        count--;
        return slot;
    }

    synchronized int waitingCount() {
        return count;
    }

    /// The pool has ended, and all of its leases: every raw view throws from now on.
    synchronized void ended() {
        for (int slot = 0; slot < scope.length; slot++) {
            if (scope[slot] != null) {
                scope[slot].close();
                scope[slot] = null;
            }
        }
    }

    /// {@return a view that ends with the lease, or with the region; of memory that is no region's the raw one, as nothing tells when that is gone, and
    /// where native access was not granted: kept views are then not found out}
    synchronized MemorySegment scoped(int slot, MemorySegment raw) {
        if (region == null) {
            return raw;
        }
        if (scope[slot] == null) {
            scope[slot] = region.lifetime();
        }
        return scope[slot].view(raw);
    }

    /// {@return where a slot was acquired, in one line; empty without traces}
    synchronized String place(int slot) {
        Throwable acquired = place[slot];
        if (acquired == null) {
            return "";
        }
        for (StackTraceElement frame : acquired.getStackTrace()) {
            if (!frame.getClassName().startsWith(PoolDebug.class.getPackageName())) {
                return acquired.getMessage() + " at " + frame;
            }
        }
        return Objects.requireNonNull(acquired.getMessage(), "made with one");
    }

    synchronized List<BufferPool.Leak> leaks() {
        List<BufferPool.Leak> leaks = new ArrayList<>();
        for (int slot = 0; slot < holder.length; slot++) {
            if (holder[slot] != null) {
                leaks.add(new BufferPool.Leak(slot, holder[slot].getName(), holder[slot].isAlive(), place[slot]));
            }
        }
        return leaks;
    }
}
