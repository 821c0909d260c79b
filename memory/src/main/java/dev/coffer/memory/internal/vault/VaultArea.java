package dev.coffer.memory.internal.vault;

import dev.coffer.memory.Account;
import dev.coffer.memory.pool.BlockAllocator;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// An allocator with a lock around it, whose pieces may be forgotten. Any thread.
@SuppressWarnings("exports")  // annotations that users need not have
public final class VaultArea implements AutoCloseable {
    private final BlockAllocator blocks;
    private final MemorySegment memory;
    private final Forgotten forgotten;
    private final String owner;
    private boolean closed;  // under this object's lock

    /// @param blocks     this object's from here on
    /// @param forgotten  of all areas of the owner
    /// @param owner      as messages name it
    public VaultArea(BlockAllocator blocks, Forgotten forgotten, String owner) {
        this.blocks = blocks;
        this.memory = blocks.segment();
        this.forgotten = forgotten;
        this.owner = owner;
    }

    /// {@return what there is to show of it}
    public Account account() {
        return blocks;
    }

    /// {@return bytes of it}
    public long capacityBytes() {
        return blocks.capacityBytes();
    }

    /// {@return the longest piece that is there now}
    public synchronized long largestFreeBytes() {
        return closed ? 0 : blocks.largestFreeBytes();
    }

    /// {@return zero bytes; null where there are none, also after what was forgotten has come back}
    ///
    /// @param bytes  1 or more
    /// @throws IllegalStateException  it is closed (caller's fault)
    public @Nullable Piece take(long bytes) {
        Piece piece = tryTake(bytes);
        return piece == null && bytes <= blocks.capacityBytes() ? forgotten.collectAndTake(this, bytes) : piece;
    }

    /// {@return the same at once; null where there are none now}
    public synchronized @Nullable Piece tryTake(long bytes) {
        if (closed) {
            throw new IllegalStateException(owner + " is closed");
        }
        long piece = bytes > blocks.capacityBytes() ? -1 : blocks.tryAllocate(bytes);
        if (piece < 0) {
            return null;
        }
        boolean taken = false;
        try {
            Piece made = new Piece(memory.asSlice(blocks.at(piece), bytes), new Return(this, piece));
            taken = true;
            return made;
        } finally {
            if (!taken) {
                blocks.release(piece);
            }
        }
    }

    private synchronized void release(long piece) {
        if (!closed && blocks.holds(piece)) {
            blocks.release(piece);
        }
    }

    /// Wipes; whatever still uses a piece throws from here on, and what is given back late changes nothing.
    @Override
    public synchronized void close() {
        closed = true;
        blocks.close();
    }

    /// What gives a piece back, wiped: once, as a handle is good for one release. Refers to nothing that the collector shall find forgotten.
    private record Return(VaultArea area, long piece) implements Runnable {
        @Override
        public void run() {
            area.release(piece);
        }
    }
}
