package dev.coffer.crypto;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// The first word of every state: which algorithm started it and how far it is. Zero, what a wipe leaves, is no phase, so
/// a state that has ended or was never started is told from one that runs. Same in every process, as states may be
/// copied. Stateless, thread-safe.
final class Phase {
    /// Bytes of the word.
    static final long BYTES = Long.BYTES;

    private static final long MARK = 0x7068617365000000L;  // "phase": what fresh or foreign memory does not hold
    private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG_UNALIGNED;

    private Phase() {}

    /// {@return the phase of an algorithm that runs}
    static long of(String name) {
        return MARK ^ name.hashCode();  // by the language's rule the same everywhere
    }

    static void set(MemorySegment state, long at, long phase) {
        state.set(WORD, at, phase);
    }

    static long get(MemorySegment state, long at) {
        return state.get(WORD, at);
    }

    static void require(String name, MemorySegment state, long at, long phase) {
        if (get(state, at) != phase) {
            throw notRunning(name);
        }
    }

    static IllegalStateException notRunning(String name) {
        return new IllegalStateException(name + ": a state that was not started, has ended, or is another algorithm's or"
                + " phase's (expected init first)");
    }
}
