package dev.coffer.crypto.libcrypto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.Aead;
import dev.coffer.crypto.AeadKey;
import dev.coffer.testkit.Eventually;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The library calls back where it may, and nowhere else: a call back from a critical call ends the VM.
class LibcryptoUpcallTest {
    private static final LibcryptoConfig FEW = LibcryptoConfig.defaults().withContexts(1);
    private static final int FORGERIES = 100_000;

    /// Each opening watches what the library asks on its own thread: what others ask meanwhile is not taken for its own.
    @Test
    void openingsThatRunAtOnceAllSucceed() {
        ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();
        try (Libcrypto first = Presence.open(FEW)) {
            List<Thread> threads = new ArrayList<>();
            for (int t = 0; t < 4; t++) {
                threads.add(Thread.ofPlatform().start(() -> {
                    try {
                        for (int i = 0; i < 10; i++) {
                            Libcrypto.open(FEW).close();
                        }
                    } catch (Throwable e) {
                        failures.add(e);
                    }
                }));
            }
            threads.forEach(Eventually::ended);
            assertTrue(first.isPlanned());
        }
        assertEquals(List.of(), List.copyOf(failures));
    }

    /// Who was watched before goes on asking while the next one's watch begins.
    @Test
    void whatOneThreadAsksIsNeverCountedForTheNext() {
        Object oneAtATime = new Object();
        ConcurrentLinkedQueue<Long> seen = new ConcurrentLinkedQueue<>();
        try (Arena arena = Arena.ofShared()) {
            LibraryAllocator allocator = new LibraryAllocator(new LibraryHeap("start", arena.allocate(4096, 16)),
                    new LibraryHeap("keys", arena.allocate(4096, 16)));
            List<Thread> threads = new ArrayList<>();
            for (int t = 0; t < 3; t++) {
                threads.add(Thread.ofPlatform().start(() -> {
                    for (int i = 0; i < 30_000; i++) {
                        synchronized (oneAtATime) {
                            allocator.watch();
                            Thread.onSpinWait();
                            if (allocator.callsWatched() != 0) {
                                seen.add(allocator.callsWatched());
                            }
                        }
                        for (int j = 0; j < 20; j++) {
                            allocator.release(0, 0, 0);
                        }
                    }
                }));
            }
            threads.forEach(Eventually::ended);
        }
        assertEquals(List.of(), List.copyOf(seen));
    }

    /// Whatever comes back is seen: blocks, other sizes, and what is freed, nothing included; of one thread, while it is watched.
    @Test
    void everyCallBackOfAThreadThatIsWatchedIsCounted() throws InterruptedException {
        try (Arena arena = Arena.ofShared()) {
            LibraryAllocator allocator = new LibraryAllocator(new LibraryHeap("start", arena.allocate(4096, 16)),
                    new LibraryHeap("keys", arena.allocate(4096, 16)));
            allocator.release(0, 0, 0);
            allocator.watch();
            assertEquals(0, allocator.callsWatched());
            allocator.release(0, 0, 0);
            assertEquals(1, allocator.callsWatched());
            long block = allocator.allocate(20, 0, 0);
            assertEquals(2, allocator.callsWatched());
            assertEquals(block, allocator.reallocate(block, 22, 0, 0));
            assertEquals(3, allocator.callsWatched());
            allocator.release(block, 0, 0);
            assertEquals(4, allocator.callsWatched());
            Thread.ofPlatform().start(() -> allocator.allocate(1, 0, 0)).join();
            assertEquals(4, allocator.callsWatched());
            allocator.watch();
            assertEquals(0, allocator.callsWatched());
        }
    }

    /// Wrong tags, again and again, on a thread that the library has kept nothing for.
    @ParameterizedTest
    @EnumSource(value = NativeCipher.class, names = {"AES_256_GCM", "CHACHA20_POLY1305"})
    void aHundredThousandForgeriesOnAFreshThreadAskTheLibraryForNothing(NativeCipher cipher) {
        ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();
        try (Libcrypto libcrypto = Presence.open(FEW)) {
            LibraryHeap heap = (LibraryHeap) libcrypto.accounts().getFirst();
            long calls = heap.calls();
            long used = heap.usedBytes();
            Eventually.ended(Thread.ofPlatform().start(() -> {
                try (Arena arena = Arena.ofConfined()) {
                    forge(libcrypto.aead(SelfTest.pure(cipher)), arena);
                } catch (Throwable e) {
                    failures.add(e);
                }
            }));
            assertEquals(List.of(), List.copyOf(failures));
            assertEquals(List.of(calls, used, 0L), List.of(heap.calls(), heap.usedBytes(), heap.faults()));
        }
    }

    private static void forge(Aead aead, Arena arena) {
        AeadKey key = AeadKey.in(aead, arena.allocate(200));
        MemorySegment memory = arena.allocate(400);
        MemorySegment out = arena.allocate(100);
        key.load(memory, 0);
        for (int i = 0; i < FORGERIES; i++) {
            memory.set(ValueLayout.JAVA_INT, 100, i);
            boolean shown = key.open(memory, 20, memory, 40, i % 8, memory, 100, 16 + i % 40, i % 2 == 0 ? memory : out, i % 2 == 0 ? 100 : 0);
            assertFalse(shown);
        }
        assertEquals(-1, out.mismatch(arena.allocate(100)));
        key.wipe();
    }

    /// Random lengths, places and sides of the heap, beside the pure form: sealed alike, opened alike, forgeries refused alike.
    @ParameterizedTest
    @EnumSource(value = NativeCipher.class, names = {"AES_128_GCM", "AES_256_GCM", "CHACHA20_POLY1305"})
    void atRandomLengthsItIsThePureForm(NativeCipher cipher) {
        SplittableRandom random = new SplittableRandom(15);
        Aead pure = SelfTest.pure(cipher);
        try (Libcrypto libcrypto = Presence.open(FEW); Arena arena = Arena.ofConfined()) {
            AeadKey key = AeadKey.in(libcrypto.aead(pure), arena.allocate(200));
            AeadKey twin = AeadKey.in(pure, arena.allocate(AeadKey.plan("twin", pure).totalBytes()));
            MemorySegment secret = arena.allocate(32);
            MemorySegment text = arena.allocate(6000);
            MemorySegment twins = arena.allocate(6000);
            byte[] filling = new byte[6000];
            for (int i = 0; i < 300; i++) {
                random.nextBytes(filling);
                MemorySegment.copy(filling, 0, secret, ValueLayout.JAVA_BYTE, 0, 32);
                MemorySegment.copy(filling, 0, text, ValueLayout.JAVA_BYTE, 0, 6000);
                key.load(secret, 0);
                twin.load(secret, 0);
                int aad = random.nextInt(random.nextBoolean() ? 20 : 1500);
                int length = random.nextInt(random.nextBoolean() ? 70 : 2500);
                MemorySegment mine = random.nextBoolean() ? arena.allocate(2600) : MemorySegment.ofArray(new byte[2600]);
                int at = random.nextInt(60);
                key.seal(text, 1, text, 20, aad, text, 2000, length, mine, at);
                twin.seal(text, 1, text, 20, aad, text, 2000, length, twins, 0);
                assertEquals(-1, MemorySegment.mismatch(mine, at, at + length + 16, twins, 0, length + 16), "round " + i);
                int bad = at + random.nextInt(length + 16);
                byte was = mine.get(ValueLayout.JAVA_BYTE, bad);
                mine.set(ValueLayout.JAVA_BYTE, bad, (byte) (was ^ 1 << random.nextInt(8)));
                assertFalse(key.open(text, 1, text, 20, aad, mine, at, length + 16, mine, at), "round " + i);
                mine.set(ValueLayout.JAVA_BYTE, bad, was);
                assertTrue(key.open(text, 1, text, 20, aad, mine, at, length + 16, mine, at), "round " + i);
                assertEquals(-1, MemorySegment.mismatch(mine, at, at + length, text, 2000, 2000 + length), "round " + i);
                key.wipe();
                twin.wipe();
            }
        }
    }
}
