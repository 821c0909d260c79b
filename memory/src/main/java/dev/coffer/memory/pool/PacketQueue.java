package dev.coffer.memory.pool;

import dev.coffer.memory.layout.HeapLayout;

/// Packets that wait in the order they came, each in a buffer of its own: a ring of references, fixed in length. One writer;
/// the count may be read from any thread.
final class PacketQueue {
    private final PooledBuffer[] ring;
    private int first;             // index of the packet that has waited longest
    private volatile int waiting;

    PacketQueue(int packetsMax) {
        this.ring = new PooledBuffer[packetsMax];
    }

    static long heapBytes(int packetsMax) {
        return HeapLayout.instance(PacketQueue.class) + HeapLayout.array(PooledBuffer.class, packetsMax);
    }

    int waiting() {
        return waiting;
    }

    boolean isFull() {
        return waiting == ring.length;
    }

    /// Puts a packet behind the others; there is room.
    void add(PooledBuffer packet) {
        ring[(first + waiting) % ring.length] = packet;
        waiting++;
    }

    /// {@return the packet that has waited longest, taken out; null where none waits}
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
