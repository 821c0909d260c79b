package dev.coffer.testkit;

import dev.coffer.memory.Entropy;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;

/// Bytes that a seed decides, for tests that must replay. Not random in any useful sense; it stands where an
/// [Entropy] is handed in, and lives where only tests can reach it. One thread at a time.
public final class SeededEntropy implements Entropy {
    private final SplittableRandom random;

    public SeededEntropy(long seed) {
        this.random = new SplittableRandom(seed);
    }

    /// Overwrites a range with the next bytes; how the ranges are cut changes nothing.
    @Override
    public void fill(MemorySegment segment, long at, long length) {
        for (long i = 0; i < length; i++) {
            segment.set(ValueLayout.JAVA_BYTE, at + i, (byte) random.nextInt());
        }
    }
}
