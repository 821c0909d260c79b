package dev.coffer.examples.seeds;

import dev.coffer.memory.Buffer;
import dev.coffer.memory.ConstantTime;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import dev.coffer.memory.pool.BufferPool;
import dev.coffer.memory.pool.BufferPoolConfig;
import dev.coffer.memory.pool.ConnectionBuffers;
import dev.coffer.memory.pool.ConnectionBuffersConfig;
import dev.coffer.memory.pool.ConnectionBuffersConfig.Sizes;
import dev.coffer.memory.pool.ConnectionPools;
import dev.coffer.memory.pool.PoolStatistics;
import dev.coffer.memory.pool.PooledBuffer;
import dev.coffer.memory.ring.CircularBuffer;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/// The examples of secbuf's README: buffers, pools, a ring, connections.
public final class SecureBuffers {
    private SecureBuffers() {}

    public static void main(String[] arguments) throws InterruptedException {
        basicUsage();
        bufferPooling();
        circularBuffers();
        connectionManagement();
        sshPacket();
        highPerformanceServer();
        memoryDiagnostics();
        automaticZeroing();
        explicitCleanup();
        connectionCleanup();
        fastCopy();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static void basicUsage() {
        Beside.example("secbuf: basic usage");
        Buffer kept;
        try (Buffer buffer = Buffer.open(1024)) {
            kept = buffer;
            buffer.putU32(42);
            buffer.putString(bytes("Hello, secure world!"));
            Beside.differs("before reading", "set_pos(0)", "position is " + buffer.position());
            Beside.agrees("the number", 42, buffer.takeU32());
            Beside.agrees("the string", "Hello, secure world!", text(buffer.takeString()));
        }
        Beside.differs("used after its end", "does not compile", Beside.outcome(kept::takeU32));
    }

    private static void bufferPooling() {
        Beside.example("secbuf: buffer pooling");
        BufferPoolConfig config = BufferPoolConfig.of("pool", 8192, 10).withSlabs(1, 10);
        try (Region region = Region.open(RegionConfig.reservation("pools"), MemoryPlan.group("pools", BufferPool.plan(config)));
                BufferPool pool = BufferPool.open(config, region)) {
            Beside.agrees("buffers at start", 10, pool.statistics().active());
            for (int i = 0; i < 2; i++) {
                try (PooledBuffer buffer = pool.acquire()) {
                    buffer.put(bytes("pooled buffer"));
                }
            }
            Beside.agrees("buffers after two leases", 10, pool.statistics().active());
            PooledBuffer[] all = new PooledBuffer[100];
            for (int i = 0; i < all.length; i++) {
                all[i] = pool.acquire();
            }
            Beside.agrees("buffers at the most", 100, pool.statistics().slots());
            Beside.differs("the 101st", "one more, unbounded", Beside.outcome(pool::acquire));
            Beside.only("of 103 requests the pool served, %", pool.statistics().servedPercent());
            for (PooledBuffer buffer : all) {
                buffer.close();
            }
            Beside.agrees("leased at the end", 0, pool.statistics().inUse());
        }
    }

    private static void circularBuffers() {
        Beside.example("secbuf: circular buffers for streaming");
        BufferPoolConfig config = BufferPoolConfig.of("rings", 4096, 1);
        MemoryPlan plan = MemoryPlan.group("streaming", BufferPool.plan(config));
        try (Region region = Region.open(RegionConfig.defaults("streaming"), plan);
                BufferPool pool = BufferPool.open(config, region);
                CircularBuffer ring = CircularBuffer.lazy("ring", pool, 4096)) {
            Beside.agrees("buffers before the first write", 0, pool.statistics().inUse());
            byte[] one = bytes("chunk 1");
            byte[] two = bytes("chunk 2");
            ring.write(MemorySegment.ofArray(one), 0, one.length);
            ring.write(MemorySegment.ofArray(two), 0, two.length);
            Beside.agrees("buffers after it", 1, pool.statistics().inUse());
            byte[] output = new byte[14];
            ring.read(MemorySegment.ofArray(output), 0, output.length);
            Beside.agrees("read back", "chunk 1chunk 2", text(output));
            Beside.differs("bytes that were read", "there until overwritten",
                    ConstantTime.isZero(ring.segment(), 0, 14) ? "zero" : "there");
        }
    }

    private static void connectionManagement() {
        Beside.example("secbuf: connection management");
        ConnectionBuffersConfig limits = ConnectionBuffersConfig.defaults("connection").withStreams(1)
                .withQueue(100, 10_485_760).withTimes(TimeUnit.SECONDS.toNanos(60), TimeUnit.SECONDS.toNanos(5));
        BufferPoolConfig buffers = BufferPoolConfig.of("buffers", 8192, 2);
        BufferPoolConfig streams = BufferPoolConfig.of("streams", 4096, 1);
        BufferPoolConfig packets = BufferPoolConfig.of("packets", 2048, 4);
        try (Region region = Region.open(RegionConfig.defaults("connections"),
                MemoryPlan.group("connections", BufferPool.plan(buffers), BufferPool.plan(streams), BufferPool.plan(packets)));
                BufferPool bufferPool = BufferPool.open(buffers, region);
                BufferPool streamPool = BufferPool.open(streams, region);
                BufferPool packetPool = BufferPool.open(packets, region)) {
            ConnectionPools pools = new ConnectionPools(bufferPool, streamPool, null, packetPool);
            try (ConnectionBuffers connection = ConnectionBuffers.pooled(limits, pools, () -> 0)) {
                Beside.agrees("bytes before use", 0, connection.totalBytes());
                connection.readBuffer();
                connection.writeBuffer();
                Beside.agrees("bytes of reading and writing", 16_384, connection.totalBytes());
                Beside.agrees("bytes of a stream", 4096, connection.streamBuffer(0).capacity());
            }
            Beside.agrees("buffers held after its end", 0, bufferPool.statistics().inUse() + streamPool.statistics().inUse());
        }
    }

    private static void sshPacket() {
        Beside.example("secbuf: SSH-style packet");
        MemorySegment memory;
        MemoryPlan plan = MemoryPlan.group("ssh", MemoryPlan.block("packet", 1024));
        try (Region region = Region.open(RegionConfig.defaults("ssh"), plan)) {
            memory = region.carve("packet");
            byte[] password = bytes("secret123");
            try (Buffer packet = Buffer.over(memory)) {
                packet.putString("ssh-userauth");
                packet.putString("alice");
                packet.putString("ssh-connection");
                packet.putString("password");
                packet.putU8(0);
                packet.putString(password, true);
                Beside.differs("the password's own array", "left to the caller", password[0] == 0 ? "wiped" : "there");
                Beside.agrees("method", "ssh-userauth", text(packet.takeString()));
                Beside.agrees("user", "alice", text(packet.takeString()));
                Beside.agrees("service", "ssh-connection", text(packet.takeString()));
                Beside.agrees("authentication", "password", text(packet.takeString()));
                Beside.agrees("change of password", false, packet.takeBoolean());
                Beside.agrees("bytes of the password", 9, packet.skipString());
            }
            Beside.agrees("memory of the packet afterwards", "zero", ConstantTime.isZero(memory, 0, 1024) ? "zero" : "not zero");
        }
    }

    private static void highPerformanceServer() throws InterruptedException {
        Beside.example("secbuf: high-performance server");
        BufferPoolConfig config = BufferPoolConfig.of("requests", 8192, 50).withSlabs(1, 20);
        try (Region region = Region.open(RegionConfig.reservation("server"), MemoryPlan.group("server", BufferPool.plan(config)));
                BufferPool pool = BufferPool.open(config, region)) {
            Thread[] workers = new Thread[8];
            for (int i = 0; i < workers.length; i++) {
                workers[i] = Thread.ofPlatform().start(() -> {
                    for (int j = 0; j < 10_000; j++) {
                        try (PooledBuffer buffer = pool.acquire()) {
                            buffer.putU32(42);
                        }
                    }
                });
            }
            for (Thread worker : workers) {
                worker.join();
            }
            PoolStatistics statistics = pool.statistics();
            Beside.agrees("leases of 8 threads", 80_000, statistics.acquired());
            Beside.agrees("leased at the end", 0, statistics.inUse());
            Beside.agrees("requests that the pool served, %", 100, statistics.servedPercent());
            Beside.agrees("nearly all found a buffer in their thread's cache", true, statistics.hitPercent() > 90);
        }
    }

    private static void memoryDiagnostics() {
        Beside.example("secbuf: memory diagnostics");
        ConnectionBuffersConfig limits = ConnectionBuffersConfig.defaults("connection").withStreams(0).withQueue(1, 64);
        MemoryPlan plan = MemoryPlan.group("data", ConnectionBuffers.plan(limits, Sizes.of(65_536, 64)));
        try (Region region = Region.open(RegionConfig.defaults("diagnostics"), plan);
                ConnectionBuffers connection = ConnectionBuffers.open(limits, Sizes.of(65_536, 64), region, () -> 0)) {
            connection.readBuffer();
            ConnectionBuffers.Usage usage = connection.usage();
            Beside.agrees("total", 65_536, usage.totalBytes());
            Beside.agrees("used", 0, usage.usedBytes());
            Beside.agrees("wasted", 65_536, usage.wastedBytes());
            Beside.agrees("efficiency, %", 0, usage.efficiencyPercent());
            Beside.agrees("problematic", true, usage.problematic());
            Beside.agrees("given back by shrinking", 65_536, connection.shrink());
            Beside.agrees("problematic then", false, connection.isProblematic());
        }
    }

    private static void automaticZeroing() {
        Beside.example("secbuf: automatic zeroing");
        MemoryPlan plan = MemoryPlan.group("zeroing", MemoryPlan.block("memory", 1024));
        try (Region region = Region.open(RegionConfig.defaults("zeroing"), plan)) {
            MemorySegment memory = region.carve("memory");
            try (Buffer buffer = Buffer.over(memory)) {
                buffer.putString("sensitive data");
                Beside.agrees("in the block", "there", ConstantTime.isZero(memory, 0, 1024) ? "zero" : "there");
            }
            Beside.agrees("behind it", "zero", ConstantTime.isZero(memory, 0, 1024) ? "zero" : "there");
        }
    }

    private static void explicitCleanup() {
        Beside.example("secbuf: explicit clean-up");
        try (Buffer buffer = Buffer.open(1024)) {
            buffer.put(bytes("secret"));
            buffer.burn();
            Beside.agrees("burned", "zero", ConstantTime.isZero(buffer.segment(), 0, 1024) ? "zero" : "there");
            buffer.put(bytes("again"));
            Beside.agrees("written again", 5, buffer.length());
        }
        Buffer freed = Buffer.open(1024);
        freed.close();
        Beside.differs("burned and freed, then written", "a buffer of 0 bytes", Beside.outcome(() -> freed.putU8(1)));
    }

    private static void connectionCleanup() {
        Beside.example("secbuf: connection clean-up");
        ConnectionBuffersConfig limits = ConnectionBuffersConfig.defaults("connection").withStreams(0).withQueue(1, 64);
        MemoryPlan plan = MemoryPlan.group("data", ConnectionBuffers.plan(limits, Sizes.of(8192, 64)));
        try (Region region = Region.open(RegionConfig.defaults("clean-up"), plan);
                ConnectionBuffers connection = ConnectionBuffers.open(limits, Sizes.of(8192, 64), region, () -> 0)) {
            Buffer kept = connection.readBuffer();
            kept.put(bytes("a secret of a busy connection"));
            Beside.differs("clean-up while busy gives back", "everything", connection.burnIfIdle() + " bytes");
            Beside.differs("burn gives back", "nothing, zeroes", connection.burn() + " bytes, zero");
            Beside.agrees("memory afterwards", "zero", ConstantTime.isZero(region.data(), 0, 8192) ? "zero" : "there");
            Beside.differs("a reference kept from before", "does not compile", Beside.outcome(() -> kept.putU8(1)));
        }
    }

    private static void fastCopy() {
        Beside.example("secbuf: fast copies");
        byte[] large = new byte[4096];
        large[4095] = 7;
        try (Buffer buffer = Buffer.open(8192)) {
            buffer.put(large);
            Beside.agrees("bytes written", 4096, buffer.length());
            Beside.agrees("the last of them", 7, buffer.u8At(4095));
        }
    }
}
