package dev.coffer.memory.pool;

import dev.coffer.memory.Account;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Pressure;
import dev.coffer.memory.layout.HeapLayout;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import java.util.function.LongSupplier;

/// The buffers of one connection: one to read into, one to write from, one a stream, and a queue of packets that wait.
/// Each is taken from a pool when first asked for, and goes back wiped.
///
/// ```
///   buffers pool ---> read | write | stream 0 .. streamsMax-1      on demand, back by shrink, cleanUp, burn, close
///   packets pool ---> [packet][packet][packet] ...                  one buffer a packet, so its memory is exact
/// ```
///
/// [#pooled] shares its pools with other connections; [#over] has a piece of memory of its own and the pools in it, so a
/// neighbour can never make it wait.
///
/// The buffers are borrowed from here: write and read them, do not close them, and do not keep them past a call that gives
/// back. Only a packet taken from the queue is the caller's to close.
///
/// **When full**: the queue is bounded by packets and by *memory*, whole buffers as they lie in the pool, and
/// [#queue] answers which bound said no, without an object. A pool that is empty gives null, or
/// [PoolExhaustedException] from the methods that throw.
///
/// **Idle**: every call that moves data or asks for a buffer notes the time of the injected clock; [#isIdle] says whether
/// the last was `idleNanos` ago or more. Giving back comes in three strengths: [#shrinkIfDue] and [#shrink] give back what
/// holds no data; [#cleanUp] the same, and everything if the connection is idle; [#burn] everything.
///
/// **Usage**: *total* is the bytes of the buffers held, *used* the bytes of data in them, *wasted* the difference,
/// *efficiency* used in percent of total (100 where nothing is held). It is *problematic* when at least
/// `problematicBytesMin` are held and efficiency is below `problematicPercent`.
///
/// One thread at a time; `usedBytes`, `capacityBytes` and `peakBytes` from any. 0 heap bytes after the factory, save
/// [#usage].
public final class ConnectionBuffers implements Account, Pressure.Owner, AutoCloseable {
    /// What became of a packet.
    public enum Queued {
        /// It waits; the queue has its own copy.
        QUEUED,
        /// `packetsMax` wait already.
        TOO_MANY_PACKETS,
        /// One more buffer would pass `packetBytesMax`.
        TOO_MANY_BYTES,
        /// It is longer than a buffer of the packets pool.
        TOO_LONG,
        /// The packets pool is empty.
        POOL_EXHAUSTED
    }

    /// The limits of one connection.
    ///
    /// | component | unit | default | range |
    /// |---|---|---|---|
    /// | `streamsMax` | streams | 4 | 0..65536 |
    /// | `packetsMax` | packets | 100 | 1..2^20 |
    /// | `packetBytesMax` | bytes of packet buffers | 256 KiB | 1.. |
    /// | `idleNanos` | ns | 30 s | 1.. |
    /// | `shrinkEveryNanos` | ns | 5 s | 1.. |
    /// | `problematicBytesMin` | bytes held | 64 KiB | 1.. |
    /// | `problematicPercent` | efficiency | 25 | 0..100 |
    ///
    /// On the heap: a reference a stream and a packet.
    ///
    /// @param name                 the account's name
    /// @param streamsMax           stream buffers
    /// @param packetsMax           packets that may wait
    /// @param packetBytesMax       bytes of the buffers that waiting packets may take
    /// @param idleNanos            without use, until idle
    /// @param shrinkEveryNanos     between two periodic shrinks
    /// @param problematicBytesMin  below it nothing is problematic
    /// @param problematicPercent   efficiency below which it is
    public record Config(String name, int streamsMax, int packetsMax, long packetBytesMax, long idleNanos,
            long shrinkEveryNanos, long problematicBytesMin, int problematicPercent) {
        /// @throws IllegalArgumentException  a number out of its range
        public Config {
            Objects.requireNonNull(name);
            if (streamsMax < 0 || streamsMax > 1 << 16 || packetsMax < 1 || packetsMax > 1 << 20 || packetBytesMax < 1
                    || idleNanos < 1 || shrinkEveryNanos < 1 || problematicBytesMin < 1 || problematicPercent < 0
                    || problematicPercent > 100) {
                throw new IllegalArgumentException("connection \"" + name + "\": " + streamsMax + " streams, " + packetsMax
                        + " packets, " + packetBytesMax + " packet bytes, idle " + idleNanos + " ns, shrink every "
                        + shrinkEveryNanos + " ns, problematic from " + problematicBytesMin + " bytes below "
                        + problematicPercent + " % (expected 0..65536, 1..2^20, 1.., 1.., 1.., 1.., 0..100)");
            }
        }

        /// {@return 4 streams, 100 packets in 256 KiB, idle after 30 s, shrunk every 5 s, problematic from 64 KiB below
        /// 25 %}
        public static Config defaults(String name) {
            return new Config(name, 4, 100, 256 << 10, 30_000_000_000L, 5_000_000_000L, 64 << 10, 25);
        }

        /// {@return the same with as many streams}
        public Config withStreams(int max) {
            return new Config(name, max, packetsMax, packetBytesMax, idleNanos, shrinkEveryNanos, problematicBytesMin,
                    problematicPercent);
        }

        /// {@return the same with another bound of the queue, in packets and in bytes of their buffers}
        public Config withQueue(int packets, long bytes) {
            return new Config(name, streamsMax, packets, bytes, idleNanos, shrinkEveryNanos, problematicBytesMin,
                    problematicPercent);
        }

        /// {@return the same with other times until idle and between two shrinks}
        public Config withTimes(long idle, long shrinkEvery) {
            return new Config(name, streamsMax, packetsMax, packetBytesMax, idle, shrinkEvery, problematicBytesMin,
                    problematicPercent);
        }

        /// {@return the same with another idea of what is problematic}
        public Config withProblematic(long bytesMin, int percent) {
            return new Config(name, streamsMax, packetsMax, packetBytesMax, idleNanos, shrinkEveryNanos, bytesMin, percent);
        }
    }

    /// A connection's numbers at one moment.
    ///
    /// @param totalBytes         of the buffers held
    /// @param usedBytes          of data in them
    /// @param wastedBytes        total - used
    /// @param efficiencyPercent  used in percent of total, rounded down; 100 where nothing is held
    /// @param problematic        see [ConnectionBuffers]
    public record Usage(long totalBytes, long usedBytes, long wastedBytes, int efficiencyPercent, boolean problematic) {}

    private static final int READ = 0;
    private static final int WRITE = 1;
    private static final int STREAMS = 2;             // the first stream's index in `held`
    private static final int NEAR_FULL_PERCENT = 80;  // inclusive: at 80 % the queue is near full

    private final Config config;
    private final BufferPool buffers;
    private final BufferPool packets;
    private final boolean ownsPools;
    private final LongSupplier clock;
    private final PooledBuffer[] held;     // read, write, streams; null where not initialised
    private final PacketQueue queue;
    private volatile long heldBytes;       // of the buffers in held and queue
    private volatile long peak;
    private long lastUseNanos;
    private long lastShrinkNanos;
    private boolean closed;

    private ConnectionBuffers(Config config, BufferPool buffers, BufferPool packets, boolean ownsPools, LongSupplier clock) {
        this.config = config;
        this.buffers = buffers;
        this.packets = packets;
        this.ownsPools = ownsPools;
        this.clock = clock;
        this.held = new PooledBuffer[STREAMS + config.streamsMax()];
        this.queue = new PacketQueue(config.packetsMax());
        this.lastUseNanos = clock.getAsLong();
        this.lastShrinkNanos = lastUseNanos;
    }

    /// {@return the buffers of one connection, taken from pools that it shares with others}
    ///
    /// @param buffers  for reading, writing and streams
    /// @param packets  for the queue; may be the same
    /// @param clock    monotonic nanoseconds, as `System::nanoTime`; called once for most methods
    public static ConnectionBuffers pooled(Config config, BufferPool buffers, BufferPool packets, LongSupplier clock) {
        Objects.requireNonNull(buffers);
        return new ConnectionBuffers(config, buffers, Objects.requireNonNull(packets), false, clock);
    }

    /// {@return the buffers of one connection in memory of its own}
    ///
    /// @param bufferBytes  of the read, write and stream buffers, a multiple of 64
    /// @param packetBytes  of a packet's buffer, a multiple of 64
    /// @param memory       exactly the total of [#plan], zero, nobody else's
    /// @throws IllegalArgumentException  another size, or a packet's buffer above `packetBytesMax` (caller's fault)
    public static ConnectionBuffers over(Config config, long bufferBytes, long packetBytes, MemorySegment memory,
            LongSupplier clock) {
        BufferPoolConfig buffers = buffersConfig(config, bufferBytes);
        BufferPoolConfig packets = packetsConfig(config, packetBytes);
        if (memory.byteSize() != buffers.bytes() + packets.bytes()) {
            throw new IllegalArgumentException("connection \"" + config.name() + "\": memory of " + memory.byteSize()
                    + " bytes (expected " + (buffers.bytes() + packets.bytes()) + ")");
        }
        return new ConnectionBuffers(config, BufferPool.over(buffers, memory.asSlice(0, buffers.bytes())),
                BufferPool.over(packets, memory.asSlice(buffers.bytes(), packets.bytes())), true, clock);
    }

    /// {@return the plan of [#over]: its two pools}
    public static MemoryPlan plan(Config config, long bufferBytes, long packetBytes) {
        return MemoryPlan.group(config.name(), BufferPool.plan(buffersConfig(config, bufferBytes)),
                BufferPool.plan(packetsConfig(config, packetBytes))).withHeap(heapBytes(config));
    }

    /// {@return the plan of [#pooled]: no bytes of its own, the objects on the heap}
    public static MemoryPlan plan(Config config) {
        return MemoryPlan.block(config.name(), 0, 1, "buffers of its pools").withHeap(heapBytes(config));
    }

    private static long heapBytes(Config config) {
        return HeapLayout.instance(ConnectionBuffers.class)
                + HeapLayout.array(PooledBuffer.class, STREAMS + config.streamsMax())
                + PacketQueue.heapBytes(config.packetsMax());
    }

    private static BufferPoolConfig buffersConfig(Config config, long bufferBytes) {
        return BufferPoolConfig.of(config.name() + ".buffers", bufferBytes, STREAMS + config.streamsMax()).withCaches(0, 1, 0);
    }

    private static BufferPoolConfig packetsConfig(Config config, long packetBytes) {
        if (packetBytes < 1 || packetBytes > config.packetBytesMax()) {
            throw new IllegalArgumentException("connection \"" + config.name() + "\": packets of " + packetBytes
                    + " bytes (expected 1.." + config.packetBytesMax() + ")");
        }
        long fitting = Math.min(config.packetsMax(), config.packetBytesMax() / packetBytes);
        return BufferPoolConfig.of(config.name() + ".packets", packetBytes, (int) fitting).withCaches(0, 1, 0);
    }

    // ---- buffers, on demand

    /// {@return the buffer to read into, leased now if it was not}
    ///
    /// @throws PoolExhaustedException  the pool is empty
    /// @throws IllegalStateException   closed (caller's fault)
    public PooledBuffer readBuffer() {
        return need(READ);
    }

    /// {@return the buffer to write from, leased now if it was not}
    ///
    /// @throws PoolExhaustedException  the pool is empty
    /// @throws IllegalStateException   closed (caller's fault)
    public PooledBuffer writeBuffer() {
        return need(WRITE);
    }

    /// {@return the buffer of a stream, leased now if it was not}
    ///
    /// @param stream  0..streamsMax-1
    /// @throws PoolExhaustedException     the pool is empty
    /// @throws IndexOutOfBoundsException  no such stream (caller's fault)
    /// @throws IllegalStateException      closed (caller's fault)
    public PooledBuffer streamBuffer(int stream) {
        return need(STREAMS + Objects.checkIndex(stream, config.streamsMax()));
    }

    /// {@return as [#readBuffer], or null where the pool is empty; makes no object}
    public PooledBuffer tryReadBuffer() {
        return lease(READ);
    }

    /// {@return as [#writeBuffer], or null where the pool is empty; makes no object}
    public PooledBuffer tryWriteBuffer() {
        return lease(WRITE);
    }

    /// {@return as [#streamBuffer], or null where the pool is empty; makes no object}
    public PooledBuffer tryStreamBuffer(int stream) {
        return lease(STREAMS + Objects.checkIndex(stream, config.streamsMax()));
    }

    private PooledBuffer need(int index) {
        PooledBuffer buffer = lease(index);
        return buffer != null ? buffer : keep(index, buffers.acquire());  // the refusal is the pool's own
    }

    private PooledBuffer lease(int index) {
        touch();
        if (held[index] != null) {
            return held[index];
        }
        PooledBuffer buffer = buffers.tryAcquire();
        return buffer == null ? null : keep(index, buffer);
    }

    private PooledBuffer keep(int index, PooledBuffer buffer) {
        held[index] = buffer;
        count(buffer.capacity());
        return buffer;
    }

    /// Wipes a stream's buffer and gives it back: the stream has ended.
    ///
    /// @return bytes given back, 0 where it had none
    /// @throws IndexOutOfBoundsException  no such stream (caller's fault)
    /// @throws IllegalStateException      closed (caller's fault)
    public long endStream(int stream) {
        touch();
        return giveBack(STREAMS + Objects.checkIndex(stream, config.streamsMax()));
    }

    // ---- the queue

    /// Copies a packet to the end of the queue.
    ///
    /// @return QUEUED, or why not; makes no object
    /// @throws IndexOutOfBoundsException  the range does not lie in the source (caller's fault); nothing changes
    /// @throws IllegalStateException      closed, or the source's memory is (caller's fault); nothing changes
    public Queued queue(MemorySegment source, long at, long bytes) {
        touch();
        Objects.checkFromIndexSize(at, bytes, source.byteSize());
        long bufferBytes = packets.config().bufferBytes();
        if (bytes > bufferBytes) {
            return Queued.TOO_LONG;
        }
        if (queue.isFull()) {
            return Queued.TOO_MANY_PACKETS;
        }
        if (bufferBytes > config.packetBytesMax() - queuedBytes()) {
            return Queued.TOO_MANY_BYTES;
        }
        PooledBuffer packet = packets.tryAcquire();
        if (packet == null) {
            return Queued.POOL_EXHAUSTED;
        }
        try {
            packet.put(source, at, bytes);
        } catch (Throwable e) {  // memory that is closed or another thread's; an Error, where a mapped file was cut
            packet.close();
            throw e;
        }
        queue.add(packet);
        count(bufferBytes);
        return Queued.QUEUED;
    }

    /// {@return the packet that has waited longest, now the caller's to close; null where none waits}
    ///
    /// @throws IllegalStateException  closed (caller's fault)
    public PooledBuffer dequeue() {
        touch();
        PooledBuffer packet = queue.poll();
        if (packet != null) {
            heldBytes -= packet.capacity();
        }
        return packet;
    }

    /// {@return packets that wait}
    public int queuedPackets() {
        return queue.waiting();
    }

    /// {@return bytes of the buffers that waiting packets take, whole ones}
    public long queuedBytes() {
        return queue.waiting() * packets.config().bufferBytes();
    }

    /// {@return whether the queue is at 80 % of either bound, or above}
    public boolean isQueueNearFull() {
        return queue.waiting() * 100L >= (long) config.packetsMax() * NEAR_FULL_PERCENT
                || queuedBytes() >= config.packetBytesMax() / 100 * NEAR_FULL_PERCENT
                        + config.packetBytesMax() % 100 * NEAR_FULL_PERCENT / 100;
    }

    // ---- idle, shrinking

    /// Notes use at the clock's time; for callers that keep a buffer and work on it directly.
    ///
    /// @throws IllegalStateException  closed (caller's fault)
    public void touch() {
        if (closed) {
            throw new IllegalStateException("connection \"" + config.name() + "\" is closed");
        }
        lastUseNanos = clock.getAsLong();
    }

    /// {@return whether the last use was `idleNanos` ago or more}
    @Override
    public boolean isIdle() {
        return clock.getAsLong() - lastUseNanos >= config.idleNanos();
    }

    /// Shrinks if the last shrink was `shrinkEveryNanos` ago or more.
    ///
    /// @return bytes given back
    public long shrinkIfDue() {
        return clock.getAsLong() - lastShrinkNanos >= config.shrinkEveryNanos() ? shrink() : 0;
    }

    /// Gives back every buffer that holds no unread data. No use is noted.
    ///
    /// @return bytes given back
    public long shrink() {
        lastShrinkNanos = clock.getAsLong();
        long sum = 0;
        for (int i = 0; i < held.length; i++) {
            sum += held[i] != null && !held[i].hasRemaining() ? giveBack(i) : 0;
        }
        return sum;
    }

    /// Gives back what [#shrink] would, and everything, with its data, if the connection is idle. A busy connection keeps its data,
    /// secrets in it too: [#burn] gives that back as well.
    ///
    /// @return bytes given back
    public long cleanUp() {
        return isIdle() ? burn() : shrink();
    }

    /// For [Pressure].
    @Override
    public long shrink(boolean everything) {
        return everything ? burn() : shrink();
    }

    /// Wipes everything, queue and data included, and gives every buffer back. No use is noted.
    ///
    /// @return bytes given back
    public long burn() {
        lastShrinkNanos = clock.getAsLong();
        long sum = 0;
        for (int i = 0; i < held.length; i++) {
            sum += giveBack(i);
        }
        for (PooledBuffer packet = queue.poll(); packet != null; packet = queue.poll()) {
            sum += end(packet);
        }
        return sum;
    }

    private long giveBack(int index) {
        PooledBuffer buffer = held[index];
        if (buffer == null) {
            return 0;
        }
        held[index] = null;
        return end(buffer);
    }

    /// A pool that was closed before has ended and wiped its leases; that must not keep the rest from being given back.
    private long end(PooledBuffer buffer) {
        long bytes = buffer.capacity();
        heldBytes -= bytes;
        if (!buffer.pool().isClosed()) {
            buffer.close();
        }
        return bytes;
    }

    private void count(long bytes) {
        heldBytes += bytes;
        peak = Math.max(peak, heldBytes);
    }

    // ---- usage

    /// {@return bytes of the buffers held}
    public long totalBytes() {
        return heldBytes;
    }

    /// {@return bytes of data in the buffers held: what is left to read in each, and the packets that wait}
    public long dataBytes() {
        long sum = 0;
        for (PooledBuffer buffer : held) {
            sum += buffer == null ? 0 : buffer.remaining();
        }
        return sum + queue.dataBytes();
    }

    /// {@return bytes held that are not data}
    public long wastedBytes() {
        return heldBytes - dataBytes();
    }

    /// {@return data in percent of the bytes held, rounded down; 100 where nothing is held}
    public int efficiencyPercent() {
        return heldBytes == 0 ? 100 : (int) (dataBytes() * 100 / heldBytes);
    }

    /// {@return whether `problematicBytesMin` or more are held at an efficiency below `problematicPercent`}
    public boolean isProblematic() {
        return heldBytes >= config.problematicBytesMin() && efficiencyPercent() < config.problematicPercent();
    }

    /// {@return the numbers at this moment, as a value; makes an object}
    public Usage usage() {
        return new Usage(totalBytes(), dataBytes(), wastedBytes(), efficiencyPercent(), isProblematic());
    }

    @Override
    public String name() {
        return config.name();
    }

    /// {@return the most it can hold: every buffer, and as many packets as both bounds allow}
    @Override
    public long capacityBytes() {
        long bufferBytes = packets.config().bufferBytes();
        return held.length * buffers.config().bufferBytes()
                + Math.min(config.packetsMax(), config.packetBytesMax() / bufferBytes) * bufferBytes;
    }

    /// {@return bytes of the buffers held}
    @Override
    public long usedBytes() {
        return heldBytes;
    }

    @Override
    public long peakBytes() {
        return peak;
    }

    /// Burns; every use is refused from here on. Twice is harmless.
    @Override
    public void close() {
        if (closed) {
            return;
        }
        burn();
        closed = true;
        if (ownsPools) {
            buffers.close();
            packets.close();
        }
    }

    /// For property tests.
    void checkInvariants() {
        long sum = 0;
        for (PooledBuffer buffer : held) {
            assert buffer == null || buffer.isLeased() : "held and not leased: " + buffer;
            sum += buffer == null ? 0 : buffer.capacity();
        }
        sum += queue.checkInvariants();
        assert sum == heldBytes && heldBytes <= peak && peak <= capacityBytes() : sum + " held, counted " + heldBytes;
        assert queuedBytes() <= config.packetBytesMax() : queuedBytes();
    }

    @Override
    public String toString() {
        return "ConnectionBuffers[" + config.name() + ", " + heldBytes + " of " + capacityBytes() + " bytes, " + queue.waiting()
                + " packets" + (closed ? ", closed" : "") + "]";
    }
}
