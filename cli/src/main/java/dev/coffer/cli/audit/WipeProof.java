package dev.coffer.cli.audit;

import dev.coffer.instruments.ProcessMemory;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import dev.coffer.memory.pool.BufferPool;
import dev.coffer.memory.pool.BufferPoolConfig;
import dev.coffer.memory.pool.PooledBuffer;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Released buffers read zero, raw, whatever length was written; before the release the same door shows the bytes.
final class WipeProof implements Proof {
    private static final int BUFFER_BYTES = 8192;
    private static final int SLOTS = 8;

    @Override
    public String name() {
        return "wipe";
    }

    @Override
    public String claim() {
        return "released memory is zero before anyone else can have it, read raw through /proc/self/mem";
    }

    @Override
    public List<String> faults() {
        return List.of("wipe-written-past");
    }

    @Override
    public Verdict run(Setting setting) {
        if (!Files.isReadable(Path.of("/proc/self/mem"))) {
            return Verdict.notRun("no /proc/self/mem on this system");
        }
        BufferPoolConfig config = BufferPoolConfig.of("buffers", BUFFER_BYTES, SLOTS);
        long before = 0;
        long after = 0;
        long written = 0;
        int leases = 0;
        try (Region region = Region.open(RegionConfig.defaults("audit-wipe"),
                MemoryPlan.group("data", BufferPool.plan(config)));
                BufferPool pool = BufferPool.open(config, region); ProcessMemory memory = ProcessMemory.ofSelf()) {
            long data = region.data().address();
            for (int bytes = 1; bytes <= BUFFER_BYTES; bytes += Math.max(1, bytes / 8)) {
                try (PooledBuffer buffer = pool.acquire()) {
                    for (int i = 0; i < bytes; i++) {
                        buffer.putU8(0xa5);
                    }
                    if (setting.has("wipe-written-past")) {  // behind the buffer's back: what it cannot know of
                        MemorySegment raw = buffer.segment();
                        raw.set(ValueLayout.JAVA_BYTE, BUFFER_BYTES - 1, (byte) 0xa5);
                    }
                    written += bytes;
                    before += memory.nonZero(data, (long) BUFFER_BYTES * SLOTS);
                }
                after += memory.nonZero(data, (long) BUFFER_BYTES * SLOTS);
                leases++;
            }
        }
        return Verdict.of(after == 0 && before == written, leases + " leases of 1 to " + BUFFER_BYTES
                + " bytes written: " + before + " bytes seen raw while held, " + after + " after release");
    }
}
