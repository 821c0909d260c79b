package dev.coffer.memory;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.memory.pool.BlockAllocator;
import dev.coffer.memory.pool.ConnectionBuffers;
import dev.coffer.memory.pool.ConnectionBuffersConfig;
import dev.coffer.memory.pool.ConnectionBuffersConfig.Sizes;
import dev.coffer.memory.pool.ScratchRing;
import dev.coffer.memory.pool.SizeClassPools;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/// What is there to hold keys and other secrets takes no memory on the heap, where a collector leaves copies of them. In pairs: the
/// same bytes off the heap are taken.
class HeapRefusalTest {
    private static final SizeClassPools.Config CLASSES = SizeClassPools.Config.defaults("classes");
    private static final ConnectionBuffersConfig CONNECTION =
            ConnectionBuffersConfig.defaults("c").withStreams(0).withQueue(1, 64);

    @Test
    void whatHoldsSecretsTakesNoMemoryOnTheHeap() throws Exception {
        refuses(64, memory -> CryptoBuffer.over("c", memory, 0, 64));
        refuses(64, memory -> Secret.of(memory, 0, 64));
        refuses(256, memory -> ScratchRing.over(new ScratchRing.Config("s", 4, 64), memory));
        refuses(256, memory -> BlockAllocator.over(new BlockAllocator.Config("b", 256, 64), memory));
        refuses(SizeClassPools.plan(CLASSES).totalBytes(), memory -> SizeClassPools.over(CLASSES, memory));
        refuses(ConnectionBuffers.plan(CONNECTION, Sizes.of(64, 64)).totalBytes(),
                memory -> ConnectionBuffers.over(CONNECTION, Sizes.of(64, 64), memory, System::nanoTime));
    }

    private static void refuses(long bytes, Function<MemorySegment, AutoCloseable> over) throws Exception {
        Map<String, MemorySegment> onTheHeap = Map.of("long[]", MemorySegment.ofArray(new long[(int) bytes / 8]),
                "byte[]", MemorySegment.ofArray(new byte[(int) bytes]));
        onTheHeap.forEach((kind, memory) -> {
            String words = assertThrows(IllegalArgumentException.class, () -> over.apply(memory), kind).getMessage();
            assertTrue(words.contains("on the heap"), words);
        });
        try (Arena arena = Arena.ofConfined(); AutoCloseable taken = over.apply(arena.allocate(bytes, 64))) {
            assertTrue(taken != null);
        }
    }
}
