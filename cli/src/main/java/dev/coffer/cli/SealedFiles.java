package dev.coffer.cli;

import dev.coffer.crypto.stream.SealedStream;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import dev.coffer.memory.layout.Align;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/// Carries a stream between files and [SealedStream] in one locked region: two chunks, so that the one in hand is known to
/// be the last when the next read finds nothing.
final class SealedFiles implements AutoCloseable {
    private static final long CHUNK_ROW = Align.up(SealedStream.CHUNK_BYTES, Align.CACHE_LINE_BYTES);
    private static final MemoryPlan PLAN = MemoryPlan.group("sealed files",
            MemoryPlan.block("key", Align.CACHE_LINE_BYTES),
            MemoryPlan.block("work", 2 * Align.CACHE_LINE_BYTES),
            SealedStream.plan(),
            MemoryPlan.block("chunk a", CHUNK_ROW), MemoryPlan.block("chunk b", CHUNK_ROW));

    private final Region region = Region.open(RegionConfig.defaults("sealed-files"), PLAN);
    private final MemorySegment key = region.carve("key");
    private final MemorySegment work = region.carve("work");
    private final SealedStream stream = new SealedStream(region.carve("sealed stream"));
    private final MemorySegment[] chunks = {region.carve("chunk a"), region.carve("chunk b")};
    private final ByteBuffer[] buffers = {chunks[0].asByteBuffer(), chunks[1].asByteBuffer()};

    void readKey(Input in) {
        KeyFile.read(in, work, key);
    }

    /// Makes a key and writes it, not yet under its name.
    void generateKey(Output out) {
        out.write(KeyFile.generate(work, key));
    }

    /// Seals what is read up to its end.
    ///
    /// @param ready  runs once, when the first bytes were read and before the first go out
    void seal(SealedStream.Suite suite, Input in, Output out, Runnable ready) {
        try (Progress progress = Progress.of("seal", in.bytesGuessed())) {
            int now = 0;
            int length = in.fill(buffers[now].clear().limit(SealedStream.CHUNK_TEXT_BYTES));
            stream.writeHeader(suite, key, 0, Entropy.SYSTEM, chunks[1], 0);
            ready.run();
            out.write(buffers[1].clear().limit(SealedStream.HEADER_BYTES));
            boolean last;
            do {
                int next = in.fill(buffers[1 - now].clear().limit(SealedStream.CHUNK_TEXT_BYTES));
                last = next == 0;
                int sealed = stream.sealChunk(chunks[now], 0, length, last);
                out.write(buffers[now].clear().limit(sealed));
                progress.done(length);
                now = 1 - now;
                length = next;
            } while (!last);
        }
    }

    /// Opens what is read up to its end.
    ///
    /// @throws Failure  it is no sealed file, was sealed with another key, or was changed or cut
    void open(Input in, Output out) {
        try (Progress progress = Progress.of("open", in.bytesGuessed())) {
            readHeader(in);
            int now = 0;
            int length = in.fill(buffers[0].clear().limit(SealedStream.CHUNK_BYTES));
            boolean last;
            do {
                int next = in.fill(buffers[1 - now].clear().limit(SealedStream.CHUNK_BYTES));
                last = next == 0;
                if (stream.openChunk(chunks[now], 0, length, last) != SealedStream.Verdict.VALID) {
                    throw new Failure(ExitCode.CHANGED,
                            in.name() + ": does not verify: the file was changed or cut");
                }
                out.write(buffers[now].clear().limit(length - (SealedStream.CHUNK_BYTES - SealedStream.CHUNK_TEXT_BYTES)));
                progress.done(length);
                now = 1 - now;
                length = next;
            } while (!last);
        }
    }

    private void readHeader(Input in) {
        int there = in.fill(buffers[0].clear().limit(SealedStream.PREFIX_BYTES));
        int length = there < SealedStream.PREFIX_BYTES ? -1 : SealedStream.headerBytes(chunks[0], 0);
        if (length > 0) {
            there += in.fill(buffers[0].limit(length));
        }
        switch (stream.readHeader(key, 0, chunks[0], 0, there)) {
            case VALID -> {}
            case WRONG_KEY -> throw new Failure(ExitCode.WRONG_KEY, in.name() + ": sealed with another key");
            case UNKNOWN_FORMAT ->
                throw new Failure(ExitCode.WRONG_FORMAT, in.name() + ": not a sealed file of a known format");
            case CHANGED, OUT_OF_PLACE ->
                throw new Failure(ExitCode.CHANGED, in.name() + ": does not verify: the file was changed or cut");
        }
    }

    @Override
    public void close() {
        stream.close();
        region.close();
    }
}
