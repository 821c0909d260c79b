package dev.coffer.examples;

import dev.coffer.crypto.stream.SealedStream;
import dev.coffer.crypto.stream.SealedSuite;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;

/// A stream sealed and read chunk by chunk in constant memory: what was cut, moved, repeated or changed does not verify.
public final class OneStream {
    private OneStream() {}

    public static void main(String[] arguments) {
        MemoryPlan plan = MemoryPlan.group("stream",
                MemoryPlan.block("key", SealedStream.KEY_BYTES),
                MemoryPlan.block("header", SealedStream.HEADER_BYTES),
                MemoryPlan.block("chunk", SealedStream.CHUNK_BYTES),
                SealedStream.plan().named("state"));
        try (Region region = Region.open(RegionConfig.defaults("stream"), plan);
                SealedStream stream = new SealedStream(region.carve("state"))) {
            MemorySegment key = region.carve("key");
            MemorySegment header = region.carve("header");
            MemorySegment chunk = region.carve("chunk");
            Entropy.SYSTEM.fill(key, 0, SealedStream.KEY_BYTES);

            byte[] text = "the last chunk may be shorter".getBytes(StandardCharsets.UTF_8);
            MemorySegment.copy(MemorySegment.ofArray(text), 0, chunk, 0, text.length);
            stream.writeHeader(SealedSuite.CHACHA20_POLY1305, key, 0, Entropy.SYSTEM, header, 0);
            int sealed = stream.sealChunk(chunk, 0, text.length, true);

            System.out.println("header: " + stream.readHeader(key, 0, header, 0, SealedStream.HEADER_BYTES));
            System.out.println("chunk of " + sealed + " bytes: " + stream.openChunk(chunk, 0, sealed, true));
        }
    }
}
