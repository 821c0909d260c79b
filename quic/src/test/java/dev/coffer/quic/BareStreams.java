package dev.coffer.quic;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// A server with streams alone, whose peer has said little.
class BareStreams implements Streams.Owner {
    private final QuicConfig config;
    private final MemorySegment memory = Arena.ofAuto().allocate(Streams.BYTES);
    private final Blocks blocks;
    private long gapBytes;
    private long gapNanos;

    BareStreams(QuicConfig config) {
        this.config = config;
        this.blocks = new Blocks("b", config.blocks(), config.blockBytes(), Arena.ofAuto().allocate((long) config.blocks() * config.blockBytes()), 0);
        Streams.begin(this);
        PeerLimits.take(this, 1000, 300, 400, 500, 2, 1);
    }

    @Override
    public final MemorySegment memory() {
        return memory;
    }

    @Override
    public final Blocks blocks() {
        return blocks;
    }

    @Override
    public final long streamsAt() {
        return 0;
    }

    @Override
    public final QuicConfig config() {
        return config;
    }

    @Override
    public final boolean isClient() {
        return false;
    }

    @Override
    public final long gapBytes() {
        return gapBytes;
    }

    @Override
    public final void gapBytes(long bytes) {
        gapBytes = bytes;
    }

    @Override
    public final long gapNanos() {
        return gapNanos;
    }

    @Override
    public final void gapNanos(long nanos) {
        gapNanos = nanos;
    }
}
