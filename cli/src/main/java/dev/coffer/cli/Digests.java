package dev.coffer.cli;

import dev.coffer.crypto.Hash;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import dev.coffer.memory.layout.Align;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.HexFormat;

/// Digests of files and streams, read to their end in constant memory.
final class Digests implements AutoCloseable {
    private static final int CHUNK_BYTES = 1 << 18;

    private final CommandFiles files;
    private final Hash hash;
    private final Region region;
    private final MemorySegment chunk;
    private final MemorySegment state;
    private final MemorySegment digest;

    Digests(CommandFiles files, Hash hash) {
        this.files = files;
        this.hash = hash;
        region = Region.open(RegionConfig.defaults("hash"), MemoryPlan.group("hash",
                MemoryPlan.block("chunk", CHUNK_BYTES),
                MemoryPlan.block("state", Align.up(hash.stateBytes(), Align.CACHE_LINE_BYTES)),
                MemoryPlan.block("digest", Align.up(Hash.DIGEST_BYTES_MAX, Align.CACHE_LINE_BYTES))));
        chunk = region.carve("chunk");
        state = region.carve("state");
        digest = region.carve("digest");
    }

    /// {@return the digest of a file, or of standard input for `-`, as hexadecimal digits}
    ///
    /// @throws Failure  it cannot be read
    String of(String file) {
        ByteBuffer buffer = chunk.asByteBuffer();
        try (Input in = files.passing(file); Progress progress = Progress.of("hash", in.bytesGuessed())) {
            hash.init(state, 0);
            int read;
            while ((read = in.fill(buffer.clear())) > 0) {
                hash.update(state, 0, chunk, 0, read);
                progress.done(read);
            }
            hash.digest(state, 0, digest, 0);
        }
        return HexFormat.of().formatHex(digest.asSlice(0, hash.digestBytes()).toArray(ValueLayout.JAVA_BYTE));
    }

    @Override
    public void close() {
        region.close();
    }
}
