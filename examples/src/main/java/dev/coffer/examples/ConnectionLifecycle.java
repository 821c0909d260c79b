package dev.coffer.examples;

import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import dev.coffer.memory.pool.BufferPool;
import dev.coffer.memory.pool.BufferPoolConfig;
import dev.coffer.memory.pool.ConnectionBuffers;
import dev.coffer.memory.pool.ConnectionBuffersConfig;
import dev.coffer.memory.pool.ConnectionPools;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;

/// A connection's memory from its first byte to its last: nothing until it is needed, a queue that refuses by number and by
/// bytes, and a clean-up when it has been idle, on a clock that this program turns by hand.
public final class ConnectionLifecycle {
    private static long nowNanos;

    private ConnectionLifecycle() {}

    public static void main(String[] arguments) {
        BufferPoolConfig buffers = BufferPoolConfig.of("buffers", 4096, 8);
        BufferPoolConfig packets = BufferPoolConfig.of("packets", 2048, 16);
        MemoryPlan plan = MemoryPlan.group("connections", BufferPool.plan(buffers), BufferPool.plan(packets),
                MemoryPlan.block("input", 2048));
        ConnectionBuffersConfig limits = new ConnectionBuffersConfig("connection", 2, 4, 6 * 2048,
                TimeUnit.SECONDS.toNanos(30), TimeUnit.SECONDS.toNanos(5), 4096, 25);
        try (Region region = Region.open(RegionConfig.defaults("connections"), plan);
                BufferPool bufferPool = BufferPool.open(buffers, region);
                BufferPool packetPool = BufferPool.open(packets, region);
                ConnectionBuffers connection =
                        ConnectionBuffers.pooled(limits, ConnectionPools.of(bufferPool, packetPool), () -> nowNanos)) {
            System.out.print(plan.toTable());
            say("opened", connection);
            connection.readBuffer().putI64(1);
            connection.streamBuffer(0).putI64(2);
            say("first bytes", connection);
            MemorySegment input = region.carve("input");
            for (int i = 0; i < 5; i++) {
                System.out.println("  packet " + i + ": " + connection.queue(input, 0, 1200));
            }
            connection.dequeue().close();
            say("one packet taken", connection);
            nowNanos += TimeUnit.SECONDS.toNanos(31);
            System.out.println("  31 s later: idle " + connection.isIdle());
            System.out.println("  burning what is idle gives back " + connection.burnIfIdle() + " bytes");
            say("cleaned up", connection);
        }
    }

    private static void say(String when, ConnectionBuffers connection) {
        System.out.println(when + ": " + connection.usage());
    }
}
