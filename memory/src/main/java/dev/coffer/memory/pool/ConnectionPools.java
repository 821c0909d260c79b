package dev.coffer.memory.pool;

import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The pools that a [ConnectionBuffers] takes its memory from.
///
/// @param buffers  for reading and writing
/// @param streams  for streams
/// @param small    what few data are moved into by a shrink; null: they stay where they are
/// @param packets  for the queue; any of them may be the same pool
@SuppressWarnings("exports")  // annotations that users need not have
public record ConnectionPools(BufferPool buffers, BufferPool streams, @Nullable BufferPool small, BufferPool packets) {
    /// @throws NullPointerException  a pool is missing, other than the small one (caller's fault)
    public ConnectionPools {
        Objects.requireNonNull(buffers);
        Objects.requireNonNull(streams);
        Objects.requireNonNull(packets);
    }

    /// {@return streams from the pool of buffers; few data move into packets' buffers where those are smaller}
    public static ConnectionPools of(BufferPool buffers, BufferPool packets) {
        return new ConnectionPools(buffers, buffers, packets, packets);
    }

    static ConnectionPools over(ConnectionBuffersConfig config, ConnectionBuffersConfig.Sizes sizes, MemorySegment memory) {
        @Nullable
        BufferPool[] made = new BufferPool[4];
        long at = 0;
        for (int i = 0; i < made.length; i++) {
            BufferPoolConfig pool = config.pools(sizes)[i];
            if (pool != null) {
                made[i] = BufferPool.over(pool, memory.asSlice(at, pool.bytes()));
                at += pool.bytes();
            }
        }
        return new ConnectionPools(made[0], made[1] == null ? made[0] : made[1], made[2], made[3]);
    }

    void close() {
        buffers.close();
        streams.close();
        if (small != null) {
            small.close();
        }
        packets.close();
    }
}
