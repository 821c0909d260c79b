package dev.coffer.memory.pool;

import dev.coffer.memory.Account;

/// What a [ConnectionBuffers] holds, and the numbers that it gives of that.
abstract sealed class ConnectionNumbers implements Account permits ConnectionBuffers {
    final ConnectionBuffersConfig config;
    final ConnectionBuffer[] places;  // read, write, streams
    final PacketQueue queue;
    private volatile long heldBytes;  // of the buffers in places and queue
    private volatile long peak;

    ConnectionNumbers(ConnectionBuffersConfig config, ConnectionBuffer[] places, PacketQueue queue) {
        this.config = config;
        this.places = places;
        this.queue = queue;
    }

    /// Notes that more bytes are held, or fewer.
    final void count(long bytes) {
        heldBytes += bytes;
        peak = Math.max(peak, heldBytes);
    }

    /// {@return bytes of the buffers held}
    public final long totalBytes() {
        return heldBytes;
    }

    /// {@return bytes of data in the buffers held: what is left to read in each, and the packets that wait}
    public final long dataBytes() {
        long sum = 0;
        for (ConnectionBuffer place : places) {
            sum += place.dataBytes();
        }
        return sum + queue.dataBytes();
    }

    /// {@return bytes held that are not data}
    public final long wastedBytes() {
        return heldBytes - dataBytes();
    }

    /// {@return data in percent of the bytes held, rounded down; 100 where nothing is held}
    public final int efficiencyPercent() {
        return heldBytes == 0 ? 100 : (int) (dataBytes() * 100 / heldBytes);
    }

    /// {@return whether `problematicBytesMin` or more are held at an efficiency below `problematicPercent`}
    public final boolean isProblematic() {
        return heldBytes >= config.problematicBytesMin() && efficiencyPercent() < config.problematicPercent();
    }

    /// {@return the numbers at this moment, as a value; makes an object}
    public final ConnectionBuffers.Usage usage() {
        return new ConnectionBuffers.Usage(totalBytes(), dataBytes(), wastedBytes(), efficiencyPercent(), isProblematic());
    }

    /// {@return packets that wait}
    public final int queuedPackets() {
        return queue.waiting();
    }

    /// {@return bytes of the buffers that waiting packets take, whole ones}
    public final long queuedBytes() {
        return queue.bytes();
    }

    /// {@return whether the queue is at 80 % of either bound, or above}
    public final boolean isQueueNearFull() {
        return queue.isNearFull();
    }

    @Override
    public final String name() {
        return config.name();
    }

    /// {@return the most it can hold: every buffer at its full size, and as many packets as both bounds allow}
    @Override
    public final long capacityBytes() {
        long sum = queue.bytesMax();
        for (ConnectionBuffer place : places) {
            sum += place.pool().config().bufferBytes();
        }
        return sum;
    }

    /// {@return bytes of the buffers held}
    @Override
    public final long usedBytes() {
        return heldBytes;
    }

    @Override
    public final long peakBytes() {
        return peak;
    }
}
