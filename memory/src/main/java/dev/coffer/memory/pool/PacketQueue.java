package dev.coffer.memory.pool;

import dev.coffer.memory.layout.HeapLayout;
import dev.coffer.memory.pool.ConnectionBuffers.Queued;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Packets that wait in the order they came, each in a buffer of its own: a ring of references, bounded in packets and in bytes of
/// whole buffers. One writer; the count may be read from any thread.
final class PacketQueue {
    private static final int NEAR_FULL_PERCENT = 80;  // inclusive: at 80 % the queue is near full

    private final BufferPool pool;
    private final long bytesMax;   // of the buffers
    private final PooledBuffer[] ring;
    private int first;             // index of the packet that has waited longest
    private volatile int waiting;

    /// @throws IllegalArgumentException  one buffer of the pool is more than `packetBytesMax`: none could ever wait
    PacketQueue(ConnectionBuffersConfig config, BufferPool pool) {
        if (pool.config().bufferBytes() > config.packetBytesMax()) {
            throw new IllegalArgumentException("connection \"" + config.name() + "\": packets of " + pool.config().bufferBytes()
                    + " bytes (expected at most " + config.packetBytesMax() + ")");
        }
        this.pool = pool;
        this.bytesMax = config.packetBytesMax();
        this.ring = new PooledBuffer[config.packetsMax()];
    }

    static long heapBytes(int packetsMax) {
        return HeapLayout.instance(PacketQueue.class) + HeapLayout.array(PooledBuffer.class, packetsMax);
    }

    int waiting() {
        return waiting;
    }

    /// {@return bytes of a packet's buffer}
    long bufferBytes() {
        return pool.config().bufferBytes();
    }

    /// {@return bytes of the buffers that wait}
    long bytes() {
        return waiting * bufferBytes();
    }

    /// {@return the most that [#bytes] may be}
    long bytesMax() {
        return Math.min(ring.length, bytesMax / bufferBytes()) * bufferBytes();
    }

    boolean isNearFull() {
        return waiting * 100L >= (long) ring.length * NEAR_FULL_PERCENT
                || bytes() >= bytesMax / 100 * NEAR_FULL_PERCENT + bytesMax % 100 * NEAR_FULL_PERCENT / 100;
    }

    /// Copies a packet behind the others, as [ConnectionBuffers#queue] says.
    Queued offer(MemorySegment source, long at, long bytes) {
        Objects.checkFromIndexSize(at, bytes, source.byteSize());
        if (bytes > bufferBytes()) {
            return Queued.TOO_LONG;
        }
        if (waiting == ring.length) {
            return Queued.TOO_MANY_PACKETS;
        }
        if (bufferBytes() > bytesMax - bytes()) {
            return Queued.TOO_MANY_BYTES;
        }
        PooledBuffer packet = pool.tryAcquire();
        if (packet == null) {
            return Queued.POOL_EXHAUSTED;
        }
        try {
            packet.put(source, at, bytes);
        } catch (Throwable e) {  // memory that is closed or another thread's; an Error, where a mapped file was cut
            packet.close();
            throw e;
        }
        ring[(first + waiting) % ring.length] = packet;
        waiting++;
        return Queued.QUEUED;
    }

    /// {@return the packet that has waited longest, taken out; null where none waits}
    @Nullable
    PooledBuffer poll() {
        if (waiting == 0) {
            return null;
        }
        PooledBuffer packet = ring[first];
        ring[first] = null;
        first = (first + 1) % ring.length;
        waiting--;
        return packet;
    }

    /// {@return bytes of data that wait}
    long dataBytes() {
        long sum = 0;
        for (int i = 0; i < waiting; i++) {
            sum += ring[(first + i) % ring.length].remaining();
        }
        return sum;
    }

    /// For property tests.
    ///
    /// @return bytes of the buffers that wait
    long checkInvariants() {
        long sum = 0;
        for (int i = 0; i < ring.length; i++) {
            PooledBuffer packet = ring[(first + i) % ring.length];
            assert i < waiting == (packet != null) : "packet " + i + " of " + waiting;
            sum += packet == null ? 0 : packet.capacity();
        }
        return sum;
    }
}
