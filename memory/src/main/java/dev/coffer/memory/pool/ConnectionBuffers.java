package dev.coffer.memory.pool;

import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Pressure;
import dev.coffer.memory.Region;
import dev.coffer.memory.layout.HeapLayout;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The buffers of one connection: one to read into, one to write from, one a stream, and a queue of packets that wait.
/// Each is taken from a pool when first asked for, and goes back wiped.
///
/// ```
///   buffers pool ---> read | write                 memory on demand, back by shrink, burn, close
///   streams pool ---> stream 0 .. streamsMax-1     the same; of a size of its own
///   small pool   ---> what few data of theirs are moved into by a shrink, until the buffer is asked for again
///   packets pool ---> [packet][packet] ...         one buffer a packet, so its memory is exact
/// ```
///
/// [#pooled] shares its pools with other connections; [#over] has a piece of memory of its own and the pools in it, so a
/// neighbour can never make it wait.
///
/// A buffer is a [ConnectionBuffer]: an object of this connection for ever, which refuses every use while it has no memory. So one
/// that is kept past a call that gives back reaches nobody else's bytes. Only a packet taken from the queue is the caller's to close.
///
/// **When full**: the queue is bounded by packets and by *memory*, whole buffers as they lie in the pool, and
/// [#queue] answers which bound said no, without an object. A pool that is empty gives null, or
/// [PoolExhaustedException] from the methods that throw.
///
/// **Idle**: every call that moves data or asks for a buffer notes the time of the injected clock; [#isIdle] says whether
/// the last was `idleNanos` ago or more. Giving back comes in two strengths: [#shrinkIfDue] and [#shrink] lose no data;
/// [#burn] gives back everything, [#burnIfIdle] if the connection is idle. [Pressure] gets nothing from a busy one.
///
/// **Usage**: *total* is the bytes of the buffers held, *used* the bytes of data in them, *wasted* the difference,
/// *efficiency* used in percent of total (100 where nothing is held). It is *problematic* when at least
/// `problematicBytesMin` are held and efficiency is below `problematicPercent`.
///
/// One thread at a time; `usedBytes`, `capacityBytes` and `peakBytes` from any. 0 heap bytes after the factory, save
/// [#usage].
@SuppressWarnings("exports")  // annotations that users need not have
public final class ConnectionBuffers extends ConnectionNumbers implements Pressure.Owner, AutoCloseable {
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
    private static final int STREAMS = 2;             // the first stream's index in `places`

    private final @Nullable ConnectionPools owned;     // null where they are shared
    private final LongSupplier clock;
    private long lastUseNanos;
    private long lastShrinkNanos;
    private boolean closed;

    private ConnectionBuffers(ConnectionBuffersConfig config, ConnectionPools pools, boolean ownsPools, LongSupplier clock) {
        super(config, new ConnectionBuffer[STREAMS + config.streamsMax()], new PacketQueue(config, pools.packets()));
        this.owned = ownsPools ? pools : null;
        this.clock = clock;
        this.lastUseNanos = clock.getAsLong();
        this.lastShrinkNanos = lastUseNanos;
    }

    private static ConnectionBuffers make(ConnectionBuffersConfig config, ConnectionPools pools, boolean ownsPools, LongSupplier clock) {
        ConnectionBuffers made = new ConnectionBuffers(config, pools, ownsPools, clock);
        for (int i = 0; i < made.places.length; i++) {
            made.places[i] = new ConnectionBuffer(made, i < STREAMS ? pools.buffers() : pools.streams(), pools.small());
        }
        return made;
    }

    /// {@return the buffers of one connection, taken from pools that it shares with others}
    ///
    /// @param clock  monotonic nanoseconds, as `System::nanoTime`; called once for most methods
    /// @throws IllegalArgumentException  a packet's buffer is above `packetBytesMax`: none could ever wait (caller's fault)
    public static ConnectionBuffers pooled(ConnectionBuffersConfig config, ConnectionPools pools, LongSupplier clock) {
        return make(config, pools, false, clock);
    }

    /// {@return the buffers of one connection in memory of its own}
    ///
    /// @param memory  exactly the total of [#plan], zero, off the heap, nobody else's
    /// @throws IllegalArgumentException  another size, memory on the heap, or a packet's buffer above `packetBytesMax` (caller's
    ///                                   fault)
    public static ConnectionBuffers over(ConnectionBuffersConfig config, ConnectionBuffersConfig.Sizes sizes,
            MemorySegment memory, LongSupplier clock) {
        long bytes = plan(config, sizes).totalBytes();
        if (memory.byteSize() != bytes || !memory.isNative()) {
            throw new IllegalArgumentException("connection \"" + config.name() + "\": memory of " + memory.byteSize()
                    + " bytes " + (memory.isNative() ? "off" : "on") + " the heap (expected " + bytes + ", off the heap)");
        }
        return make(config, ConnectionPools.over(config, sizes, memory), true, clock);
    }

    /// {@return the buffers of one connection in the row of a region's plan that [#plan] made}
    ///
    /// @throws IllegalArgumentException  as of [#over], or no such row (caller's fault)
    /// @throws IllegalStateException     the row is carved already, or the region closed (caller's fault); after any refusal nothing is
    ///                                   held, and the row may be opened anew
    public static ConnectionBuffers open(ConnectionBuffersConfig config, ConnectionBuffersConfig.Sizes sizes, Region region,
            LongSupplier clock) {
        return region.carve(config.name(), row -> over(config, sizes, row, clock));
    }

    /// {@return the plan of [#over]: its pools}
    public static MemoryPlan plan(ConnectionBuffersConfig config, ConnectionBuffersConfig.Sizes sizes) {
        MemoryPlan[] rows = Stream.of(config.pools(sizes)).filter(Objects::nonNull).map(BufferPool::plan)
                .toArray(MemoryPlan[]::new);
        return MemoryPlan.group(config.name(), rows).withHeap(heapBytes(config) + HeapLayout.instance(ConnectionPools.class));
    }

    /// {@return the plan of [#pooled]: no bytes of its own, the objects on the heap}
    public static MemoryPlan plan(ConnectionBuffersConfig config) {
        return MemoryPlan.block(config.name(), 0, 1, "buffers of its pools").withHeap(heapBytes(config));
    }

    private static long heapBytes(ConnectionBuffersConfig config) {
        int places = STREAMS + config.streamsMax();
        return HeapLayout.instance(ConnectionBuffers.class) + HeapLayout.array(ConnectionBuffer.class, places)
                + places * HeapLayout.instance(ConnectionBuffer.class) + PacketQueue.heapBytes(config.packetsMax());
    }

    // ---- buffers, on demand

    /// {@return the buffer to read into, given memory of its full size now if it had none or less}
    ///
    /// @throws PoolExhaustedException  the pool is empty, and so is the buffer; where it holds data in less memory, it is answered as it is
    /// @throws IllegalStateException   closed (caller's fault)
    public ConnectionBuffer readBuffer() {
        return need(places[READ]);
    }

    /// {@return the buffer to write from, as of [#readBuffer]}
    ///
    /// @throws PoolExhaustedException  the pool is empty
    /// @throws IllegalStateException   closed (caller's fault)
    public ConnectionBuffer writeBuffer() {
        return need(places[WRITE]);
    }

    /// {@return the buffer of a stream, as of [#readBuffer]}
    ///
    /// @param stream  0..streamsMax-1
    /// @throws PoolExhaustedException     the pool is empty
    /// @throws IndexOutOfBoundsException  no such stream (caller's fault)
    /// @throws IllegalStateException      closed (caller's fault)
    public ConnectionBuffer streamBuffer(int stream) {
        return need(place(stream));
    }

    /// {@return as [#readBuffer], or null where the pool is empty now; makes no object}
    public @Nullable ConnectionBuffer tryReadBuffer() {
        return lease(places[READ]);
    }

    /// {@return as [#writeBuffer], or null where the pool is empty now; makes no object}
    public @Nullable ConnectionBuffer tryWriteBuffer() {
        return lease(places[WRITE]);
    }

    /// {@return as [#streamBuffer], or null where the pool is empty now; makes no object}
    public @Nullable ConnectionBuffer tryStreamBuffer(int stream) {
        return lease(place(stream));
    }

    private ConnectionBuffer place(int stream) {
        return places[STREAMS + Objects.checkIndex(stream, config.streamsMax())];
    }

    private ConnectionBuffer need(ConnectionBuffer place) {
        if (lease(place) == null) {
            throw place.pool().exhausted();
        }
        return place;
    }

    private @Nullable ConnectionBuffer lease(ConnectionBuffer place) {
        touch();
        long before = place.heldBytes();
        try {
            return place.fill() ? place : null;
        } finally {
            count(place.heldBytes() - before);
        }
    }

    /// Wipes a stream's buffer and gives it back: the stream has ended.
    ///
    /// @return bytes given back, 0 where it had none
    /// @throws IndexOutOfBoundsException  no such stream (caller's fault)
    /// @throws IllegalStateException      closed (caller's fault)
    public long endStream(int stream) {
        touch();
        return giveBack(place(stream));
    }

    // ---- the queue

    /// Copies a packet to the end of the queue.
    ///
    /// @return QUEUED, or why not; makes no object
    /// @throws IndexOutOfBoundsException  the range does not lie in the source (caller's fault); nothing changes
    /// @throws IllegalStateException      closed, or the source's memory is (caller's fault); nothing changes
    public Queued queue(MemorySegment source, long at, long bytes) {
        touch();
        Queued answer = queue.offer(source, at, bytes);
        if (answer == Queued.QUEUED) {
            count(queue.bufferBytes());
        }
        return answer;
    }

    /// {@return the packet that has waited longest, now the caller's to close; null where none waits}
    ///
    /// @throws IllegalStateException  closed (caller's fault)
    public @Nullable PooledBuffer dequeue() {
        touch();
        PooledBuffer packet = queue.poll();
        if (packet != null) {
            count(-packet.capacity());
        }
        return packet;
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

    /// Gives back every buffer that holds no unread data, and moves the data of others into smaller ones where they fit and there is
    /// one. No use is noted.
    ///
    /// @return bytes that are held less than before
    public long shrink() {
        lastShrinkNanos = clock.getAsLong();
        long sum = 0;
        for (ConnectionBuffer place : places) {
            long before = place.heldBytes();
            try {
                sum += place.shrink();
            } finally {
                count(place.heldBytes() - before);
            }
        }
        return sum;
    }

    /// Burns if the connection is idle. A busy one is left as it is, with its data and the secrets in them: [#burn] takes those too.
    ///
    /// @return bytes given back, 0 where it is busy
    public long burnIfIdle() {
        return isIdle() ? burn() : 0;
    }

    /// For [Pressure]: an idle connection shrinks or burns, a busy one is left alone, as its buffers may be in use by the very call
    /// that asks for relief.
    @Override
    public long shrink(boolean everything) {
        return !isIdle() ? 0 : everything ? burn() : shrink();
    }

    /// Wipes everything, queue and data included, and gives every buffer back. No use is noted.
    ///
    /// @return bytes given back
    public long burn() {
        lastShrinkNanos = clock.getAsLong();
        long sum = 0;
        for (ConnectionBuffer place : places) {
            sum += giveBack(place);
        }
        for (PooledBuffer packet = queue.poll(); packet != null; packet = queue.poll()) {
            sum += packet.capacity();
            count(-packet.capacity());
            if (!packet.pool().isClosed()) {  // one that was closed before has ended and wiped its leases
                packet.close();
            }
        }
        return sum;
    }

    /// {@return bytes given back}
    long giveBack(ConnectionBuffer place) {
        long before = place.heldBytes();
        try {
            return place.giveBack();
        } finally {
            count(place.heldBytes() - before);
        }
    }

    /// Burns; every use is refused from here on. Twice is harmless.
    @Override
    public void close() {
        if (closed) {
            return;
        }
        burn();
        closed = true;
        if (owned != null) {
            owned.close();
        }
    }

    /// For property tests.
    void checkInvariants() {
        long sum = 0;
        for (ConnectionBuffer place : places) {
            place.checkHolding();
            sum += place.heldBytes();
        }
        sum += queue.checkInvariants();
        assert sum == totalBytes() && sum <= peakBytes() && peakBytes() <= capacityBytes() : sum + " held, counted " + totalBytes();
        assert queue.bytes() <= queue.bytesMax() : queue.bytes();
    }

    @Override
    public String toString() {
        return "ConnectionBuffers[" + config.name() + ", " + totalBytes() + " of " + capacityBytes() + " bytes, " + queue.waiting()
                + " packets" + (closed ? ", closed" : "") + "]";
    }
}
