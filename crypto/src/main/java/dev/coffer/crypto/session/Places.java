package dev.coffer.crypto.session;

import dev.coffer.memory.layout.Align;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Where bytes may lie: keys and texts off the heap only, where a collector copies nothing. Checked before anything
/// changes; 0 heap bytes for what passes.
final class Places {
    private Places() {}

    /// Refuses memory that a workspace cannot be laid out in.
    ///
    /// @throws IllegalArgumentException  another size, on the heap, read-only, or not aligned to 64 (caller's fault)
    static void checkHome(String name, MemorySegment memory, long bytes) {
        if (memory.byteSize() != bytes) {
            throw new IllegalArgumentException(name + ": " + memory.byteSize() + " bytes (expected " + bytes + ")");
        }
        if (!memory.isNative() || memory.isReadOnly()) {
            throw new IllegalArgumentException(name + ": " + (memory.isReadOnly() ? "read-only" : "writable") + " memory "
                    + (memory.isNative() ? "off" : "on") + " the heap (expected writable, off the heap)");
        }
        if (!Align.is(memory.address(), Align.CACHE_LINE_BYTES)) {
            throw new IllegalArgumentException(name + ": memory that is not aligned to " + Align.CACHE_LINE_BYTES);
        }
        checkUsable(name, memory);
    }

    /// Refuses a secret on the heap, and what [#checkUsable] refuses.
    ///
    /// @throws IllegalArgumentException  on the heap (caller's fault)
    static void checkSecret(String name, MemorySegment memory) {
        if (!memory.isNative()) {
            throw new IllegalArgumentException(name + ": memory on the heap (expected off the heap)");
        }
        checkUsable(name, memory);
    }

    /// Refuses memory that this thread cannot use now.
    ///
    /// @throws IllegalStateException  closed (caller's fault)
    /// @throws WrongThreadException   another thread's (caller's fault)
    static void checkUsable(String name, MemorySegment memory) {
        if (!memory.scope().isAlive()) {
            throw new IllegalStateException(name + ": memory that is closed");
        }
        if (!memory.isAccessibleBy(Thread.currentThread())) {
            throw new WrongThreadException(name + ": memory of another thread");
        }
    }

    /// Wipes what may be half written after a fault, as far as its memory is still there: a mapped file that was
    /// truncated, or memory that another thread closed, has nothing left to wipe, and the first fault is the one to tell.
    /// Byte by byte: a wider store across the end of what is there writes nothing.
    static void wipeAfterFault(MemorySegment memory, long at, long length) {
        try {
            for (long i = 0; i < length; i++) {
                memory.set(ValueLayout.JAVA_BYTE, at + i, (byte) 0);
            }
        } catch (RuntimeException | InternalError gone) {
            return;
        }
    }
}
