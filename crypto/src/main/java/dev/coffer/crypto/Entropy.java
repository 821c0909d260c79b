package dev.coffer.crypto;

import dev.coffer.crypto.internal.Ranges;
import dev.coffer.memory.EntropySource;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.internal.os.RandomCall;
import java.lang.foreign.MemorySegment;

/// Random bytes from the kernel, straight into the caller's memory: `getrandom(2)`, no copy in between, nothing kept.
/// Stateless, thread-safe; 0 heap bytes. There is no other source and nothing to seed: a deterministic one for tests is
/// another type in another module.
public final class Entropy {
    /// The kernel's source, to hand in where an [EntropySource] is asked for; [#fill] is the same in one word.
    public static final EntropySource SYSTEM = new Kernel();

    private Entropy() {}

    private static final class Kernel implements EntropySource {
        @Override
        public void fill(MemorySegment segment, long at, long length) {
            Entropy.fill(segment, at, length);
        }

        @Override
        public String toString() {
            return "getrandom";
        }
    }

    /// Overwrites a range with random bytes. Waits, once after the machine's boot, until the kernel has gathered enough.
    ///
    /// @param segment  native, writable memory, not closed by another thread meanwhile
    /// @param at       offset of the first byte
    /// @param length   bytes, 0 or more
    /// @throws IndexOutOfBoundsException  the range does not lie in the segment (caller's fault); nothing is written
    /// @throws IllegalArgumentException   a heap segment or a read-only one (caller's fault); nothing is written
    /// @throws IllegalStateException      the system has no `getrandom` or refused; the range is wiped
    public static void fill(MemorySegment segment, long at, long length) {
        Ranges.checkWritable("entropy", segment, at, length);
        if (!segment.isNative()) {
            throw new IllegalArgumentException("entropy: a heap segment (expected native memory)");
        }
        long result = RandomCall.fill(segment, at, length);
        if (result != 0) {
            Wipe.bytes(segment, at, length);
            throw new IllegalStateException("getrandom: error " + -result + " (expected 0; Linux 3.17 or later has it)");
        }
    }
}
