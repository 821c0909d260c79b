package dev.coffer.memory.internal.vault;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// Memory from 0 to its size, zero when taken, wiped when closed. Whoever may be forgotten before that has it watched over. One thread at a time, [#close] from any.
@SuppressWarnings("exports")  // annotations that users need not have
public final class Piece implements AutoCloseable {
    private final MemorySegment segment;
    private final Runnable giveBack;
    private @Nullable Runnable watched;  // null: its taker closes it

    Piece(MemorySegment segment, Runnable giveBack) {
        this.segment = segment;
        this.giveBack = giveBack;
    }

    /// {@return this, which comes back too when `holder` is forgotten; where that cannot be arranged it comes back now, and what was refused is thrown}
    public Piece watch(Object holder) {
        watched = Forgotten.watch(holder, giveBack);
        return this;
    }

    /// {@return its memory, for as long as it is not closed}
    public MemorySegment segment() {
        return segment;
    }

    /// {@return its size}
    public long bytes() {
        return segment.byteSize();
    }

    /// Gives it back. Twice is harmless.
    @Override
    public void close() {
        Runnable back = watched;
        (back == null ? giveBack : back).run();
    }
}
