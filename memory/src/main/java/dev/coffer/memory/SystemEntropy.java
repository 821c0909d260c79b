package dev.coffer.memory;

import dev.coffer.memory.internal.os.RandomCall;
import java.lang.foreign.MemorySegment;

/// What [Entropy#SYSTEM] is. A class of its own, so that the interface's constant is initialised from one end only.
final class SystemEntropy implements Entropy {
    @Override
    public void fill(MemorySegment segment, long at, long length) {
        if ((at | length) < 0 || length > segment.byteSize() - at) {
            throw new IndexOutOfBoundsException("entropy: " + length + " bytes at " + at + " of " + segment.byteSize());
        }
        if (!segment.isNative() || segment.isReadOnly()) {
            throw new IllegalArgumentException("entropy: a " + (segment.isNative() ? "read-only" : "heap")
                    + " segment (expected writable native memory)");
        }
        long result = RandomCall.fill(segment, at, length);
        if (result != 0) {
            Wipe.bytes(segment, at, length);
            throw new IllegalStateException("getrandom: error " + -result + " (expected 0; Linux 3.17 or later has it)");
        }
    }

    @Override
    public String toString() {
        return "getrandom";
    }
}
