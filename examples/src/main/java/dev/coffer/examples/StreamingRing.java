package dev.coffer.examples;

import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.ring.CircularBuffer;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// One thread writes 64 MiB into a ring of 4 KiB, another reads it; consumed bytes are zero before the writer sees them.
public final class StreamingRing {
    private static final long STREAM_BYTES = 64L << 20;

    private StreamingRing() {}

    public static void main(String[] arguments) throws InterruptedException {
        MemoryPlan plan = MemoryPlan.group("ring", CircularBuffer.plan("stream", 4096),
                MemoryPlan.block("source", 1024), MemoryPlan.block("target", 1024));
        try (Region region = Region.open(RegionConfig.defaults("ring"), plan);
                CircularBuffer ring = CircularBuffer.over("stream", region.carve("stream"), 0, 4096)) {
            MemorySegment source = region.carve("source");
            MemorySegment target = region.carve("target");
            long start = System.nanoTime();
            Thread writer = Thread.ofPlatform().start(() -> {
                for (long sent = 0; sent < STREAM_BYTES;) {
                    int length = (int) Math.min(1000, STREAM_BYTES - sent);
                    for (int i = 0; i < length; i++) {
                        source.set(ValueLayout.JAVA_BYTE, i, (byte) (sent + i));
                    }
                    long done = 0;
                    while (done < length) {
                        long wrote = ring.writeSome(source, done, length - done);
                        done += wrote;
                        if (wrote == 0) {
                            Thread.onSpinWait();
                        }
                    }
                    sent += length;
                }
            });
            long received = 0;
            while (received < STREAM_BYTES) {
                long got = ring.readSome(target, 0, 1024);
                for (int i = 0; i < got; i++) {
                    if (target.get(ValueLayout.JAVA_BYTE, i) != (byte) (received + i)) {
                        throw new AssertionError("byte " + (received + i));
                    }
                }
                received += got;
                if (got == 0) {
                    Thread.onSpinWait();
                }
            }
            writer.join();
            Wipe.segment(target);
            System.out.printf("%d MiB through %d bytes in %.2f s, every byte as sent; %s%n", received >> 20,
                    ring.capacityBytes(), (System.nanoTime() - start) / 1e9, ring);
        }
    }
}
