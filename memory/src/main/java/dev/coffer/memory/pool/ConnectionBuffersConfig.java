package dev.coffer.memory.pool;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The limits of one connection, see [ConnectionBuffers].
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
/// On the heap: a buffer a stream, a reference a packet.
///
/// @param name                 the account's name
/// @param streamsMax           stream buffers
/// @param packetsMax           packets that may wait
/// @param packetBytesMax       bytes of the buffers that waiting packets may take
/// @param idleNanos            without use, until idle
/// @param shrinkEveryNanos     between two periodic shrinks
/// @param problematicBytesMin  below it nothing is problematic
/// @param problematicPercent   efficiency below which it is
public record ConnectionBuffersConfig(String name, int streamsMax, int packetsMax, long packetBytesMax, long idleNanos,
        long shrinkEveryNanos, long problematicBytesMin, int problematicPercent) {
    /// @throws IllegalArgumentException  a number out of its range
    public ConnectionBuffersConfig {
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
    public static ConnectionBuffersConfig defaults(String name) {
        return new ConnectionBuffersConfig(name, 4, 100, 256 << 10, 30_000_000_000L, 5_000_000_000L, 64 << 10, 25);
    }

    /// {@return the same with as many streams}
    public ConnectionBuffersConfig withStreams(int max) {
        return new ConnectionBuffersConfig(name, max, packetsMax, packetBytesMax, idleNanos, shrinkEveryNanos, problematicBytesMin,
                problematicPercent);
    }

    /// {@return the same with another bound of the queue, in packets and in bytes of their buffers}
    public ConnectionBuffersConfig withQueue(int packets, long bytes) {
        return new ConnectionBuffersConfig(name, streamsMax, packets, bytes, idleNanos, shrinkEveryNanos, problematicBytesMin,
                problematicPercent);
    }

    /// {@return the same with other times until idle and between two shrinks}
    public ConnectionBuffersConfig withTimes(long idle, long shrinkEvery) {
        return new ConnectionBuffersConfig(name, streamsMax, packetsMax, packetBytesMax, idle, shrinkEvery, problematicBytesMin,
                problematicPercent);
    }

    /// {@return the same with another idea of what is problematic}
    public ConnectionBuffersConfig withProblematic(long bytesMin, int percent) {
        return new ConnectionBuffersConfig(name, streamsMax, packetsMax, packetBytesMax, idleNanos, shrinkEveryNanos, bytesMin, percent);
    }

    /// The sizes of a connection's buffers where they lie in memory of its own.
    ///
    /// | component | unit | range |
    /// |---|---|---|
    /// | `bufferBytes` | bytes | a multiple of 64, from 64 |
    /// | `streamBytes` | bytes | the same |
    /// | `smallBytes` | bytes | the same, below one of the two; or 0 for none |
    /// | `packetBytes` | bytes | a multiple of 64, up to `packetBytesMax` |
    ///
    /// @param bufferBytes  of the buffers to read into and to write from
    /// @param streamBytes  of a stream's buffer
    /// @param smallBytes   of the memory that few data are moved into by a shrink; 0: they stay where they are
    /// @param packetBytes  of a packet's buffer
    public record Sizes(long bufferBytes, long streamBytes, long smallBytes, long packetBytes) {
        /// @throws IllegalArgumentException  no multiple of 64, or small ones as large as both others
        public Sizes {
            for (long bytes : new long[] {bufferBytes, streamBytes, packetBytes, smallBytes == 0 ? 64 : smallBytes}) {
                if (bytes < 64 || bytes % 64 != 0) {
                    throw new IllegalArgumentException("connection: buffers of " + bytes + " bytes (expected a multiple of 64)");
                }
            }
            if (smallBytes >= Math.max(bufferBytes, streamBytes)) {
                throw new IllegalArgumentException("connection: small buffers of " + smallBytes + " bytes (expected fewer than "
                        + Math.max(bufferBytes, streamBytes) + ", or 0 for none)");
            }
        }

        /// {@return streams' buffers as large as the others, no small ones}
        public static Sizes of(long bufferBytes, long packetBytes) {
            return new Sizes(bufferBytes, bufferBytes, 0, packetBytes);
        }

        /// {@return the same with another size of the streams' buffers}
        public Sizes withStreams(long bytes) {
            return new Sizes(bufferBytes, bytes, smallBytes, packetBytes);
        }

        /// {@return the same with memory for few data}
        public Sizes withSmall(long bytes) {
            return new Sizes(bufferBytes, streamBytes, bytes, packetBytes);
        }
    }

    /// {@return the pools of a connection with memory of its own: buffers, streams, small, packets; null where there are none}
    @Nullable
    BufferPoolConfig[] pools(Sizes sizes) {
        if (sizes.packetBytes() > packetBytesMax) {
            throw new IllegalArgumentException("connection \"" + name + "\": packets of " + sizes.packetBytes()
                    + " bytes (expected 64.." + packetBytesMax + ")");
        }
        int packets = (int) Math.min(packetsMax, packetBytesMax / sizes.packetBytes());
        return new BufferPoolConfig[] {pool("buffers", sizes.bufferBytes(), 2),
                streamsMax == 0 ? null : pool("streams", sizes.streamBytes(), streamsMax),
                sizes.smallBytes() == 0 ? null : pool("small", sizes.smallBytes(), 2 + streamsMax),
                pool("packets", sizes.packetBytes(), packets)};
    }

    private BufferPoolConfig pool(String part, long bytes, int count) {
        return BufferPoolConfig.of(name + "." + part, bytes, count).withCaches(0, 1, 0);
    }
}
