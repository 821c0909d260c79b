package dev.coffer.crypto.libcrypto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.Aead;
import dev.coffer.crypto.AeadKey;
import dev.coffer.memory.MemoryPlan;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Opening and closing: what is held, what is refused when the library's memory is spent, what is left of a key.
class LibcryptoTest {
    private static final LibcryptoConfig FEW = LibcryptoConfig.defaults().withContexts(1);

    private static final LibcryptoConfig THREE = LibcryptoConfig.defaults().withContexts(3);

    private static final int EACH = 80;

    private static LibraryHeap heap(Libcrypto libcrypto) {
        return (LibraryHeap) libcrypto.accounts().getFirst();
    }

    @Test
    void holdsAfterTheCloseWhatItHeldBefore() {
        try (Libcrypto first = Presence.open(FEW)) {
            LibraryHeap heap = heap(first);
            long before = heap.usedBytes();
            for (int contexts = 1; contexts < 5; contexts++) {
                Libcrypto more = Libcrypto.open(LibcryptoConfig.defaults().withContexts(contexts));
                assertTrue(heap.usedBytes() > before);
                more.close();
                more.close();
                assertEquals(before, heap.usedBytes());
            }
            assertEquals(0, heap.faults());
            assertTrue(first.toString().startsWith("libcrypto 3."), first.toString());
        }
    }

    /// Every allocation of an opening is the one that is refused, in turn: each time a refusal in words, nothing held, and the library serves
    /// on.
    @Test
    void aSpentHeapRefusesAnOpeningAtEachOfItsAllocations() {
        try (Libcrypto first = Presence.open(FEW); Arena arena = Arena.ofConfined()) {
            LibraryHeap heap = heap(first);
            long before = heap.usedBytes();
            long refused = 0;
            long blocks = 0;  // each of the first, which are contexts; behind them, of curves that ask for the same again and again, some
            for (boolean served = false; !served; blocks += blocks < EACH ? 1 : 61) {
                heap.refuseAfter(blocks);
                try {
                    Libcrypto.open(THREE).close();
                    served = true;  // what is asked behind the self-test our own code answers
                } catch (LibcryptoException e) {
                    assertTrue(e.getMessage().contains("LibcryptoConfig.keyBytes"), e.getMessage());
                    refused++;
                } finally {
                    heap.refuseAfter(Long.MAX_VALUE);
                }
                assertEquals(before, heap.usedBytes(), "allocation " + blocks);
            }
            assertTrue(refused > EACH && refused < 200, "refused openings: " + refused);
            AeadKey key = AeadKey.in(first.aead(Aead.AES_256_GCM), arena.allocate(200));
            key.load(arena.allocate(32), 0);
            key.seal(arena.allocate(12), arena.allocate(5), arena.allocate(21));
            Libcrypto.open(FEW).close();
            key.close();
        }
    }

    @Test
    void keysOfAClosedLibraryAreRefusedAndCanBeWiped() {
        Libcrypto libcrypto = Presence.open(FEW);
        try (Arena arena = Arena.ofConfined()) {
            List<AeadKey> keys = new ArrayList<>();
            MemorySegment memory = arena.allocate(100);
            for (Aead pure : List.of(Aead.AES_128_GCM, Aead.AES_256_GCM, Aead.CHACHA20_POLY1305)) {
                Aead aead = libcrypto.aead(pure);
                AeadKey key = AeadKey.in(aead, arena.allocate(200));
                key.load(arena.allocate(32).fill((byte) 1), 0);
                key.seal(memory, 0, memory, 0, 0, memory, 20, 20, memory, 20);
                keys.add(key);
            }
            libcrypto.close();
            for (AeadKey key : keys) {
                assertThrows(IllegalStateException.class, () -> key.seal(memory, 0, memory, 0, 0, memory, 20, 20, memory, 20));
                assertThrows(IllegalStateException.class, () -> key.open(memory, 0, memory, 0, 0, memory, 20, 36, memory, 20));
                key.wipe();
                assertFalse(key.isLoaded());
                assertThrows(IllegalStateException.class, () -> key.load(memory, 0));
                assertFalse(key.isLoaded());
                key.close();
            }
        }
    }

    /// Closed by one thread while others seal: these end in a refusal, not in the VM's end.
    @Test
    void isClosedUnderThreadsThatSeal() throws InterruptedException {
        Libcrypto libcrypto = Presence.open(FEW);
        List<Thread> threads = new ArrayList<>();
        List<Throwable> ends = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
            Thread.Builder builder = t % 2 == 0 ? Thread.ofPlatform() : Thread.ofVirtual();
            threads.add(builder.start(() -> {
                try (Arena arena = Arena.ofConfined()) {
                    AeadKey key = AeadKey.in(libcrypto.aead(Aead.AES_128_GCM), arena.allocate(200));
                    MemorySegment memory = arena.allocate(500);
                    while (true) {
                        key.load(memory, 0);
                        key.seal(memory, 0, memory, 0, 0, memory, 20, 400, memory, 20);
                        key.wipe();
                    }
                } catch (IllegalStateException e) {
                    synchronized (ends) {
                        ends.add(e);
                    }
                }
            }));
        }
        Thread.sleep(50);
        libcrypto.close();
        for (Thread thread : threads) {
            thread.join();
        }
        assertEquals(4, ends.size());
        ends.forEach(end -> assertTrue(end.getMessage().contains("is closed"), end.getMessage()));
    }

    /// More threads than contexts, each with a key of its own: every message is as the pure form makes it.
    @Test
    void threadsShareFewContexts() throws InterruptedException {
        try (Libcrypto libcrypto = Presence.open(LibcryptoConfig.defaults().withContexts(2))) {
            List<Thread> threads = new ArrayList<>();
            List<Throwable> failures = new ArrayList<>();
            for (int t = 0; t < 6; t++) {
                byte mark = (byte) (t + 1);
                Runnable work = () -> {
                    try (Arena arena = Arena.ofConfined()) {
                        sealsAsThePureForm(libcrypto.aead(Aead.AES_256_GCM), mark, arena);
                    } catch (Throwable e) {
                        synchronized (failures) {
                            failures.add(e);
                        }
                    }
                };
                threads.add(t % 2 == 0 ? Thread.ofPlatform().start(work) : Thread.ofVirtual().start(work));
            }
            for (Thread thread : threads) {
                thread.join();
            }
            assertEquals(List.of(), failures);
        }
    }

    private static void sealsAsThePureForm(Aead aead, byte mark, Arena arena) {
        MemorySegment secret = arena.allocate(32).fill(mark);
        MemorySegment memory = arena.allocate(2000);
        AeadKey key = AeadKey.in(aead, arena.allocate(200));
        AeadKey pure = AeadKey.in(Aead.AES_256_GCM, arena.allocate(AeadKey.plan("pure", Aead.AES_256_GCM).totalBytes()));
        key.load(secret, 0);
        pure.load(secret, 0);
        pure.seal(memory, 0, memory, 0, 0, memory, 20, 900, memory, 1000);
        MemorySegment expected = memory.asSlice(1000, 916);
        MemorySegment sealed = arena.allocate(916);
        for (int i = 0; i < 5000; i++) {
            key.seal(memory, 0, memory, 0, 0, memory, 20, 900, sealed, 0);
            assertEquals(-1, sealed.mismatch(expected), "message " + i + " of thread " + mark);
        }
        key.wipe();
    }

    @Test
    void planIsWhatIsMapped() {
        MemoryPlan plan = Libcrypto.plan(LibcryptoConfig.defaults());
        assertEquals(512 << 10, plan.child(LibraryMemory.START).child("data").child(LibraryMemory.START).totalBytes());
        assertEquals(128 << 10, plan.child(LibraryMemory.KEYS).child("data").child(LibraryMemory.KEYS).totalBytes());
        assertTrue(plan.totalBytes() < 740 << 10, plan.toString());
        assertEquals(2 * NativeRsaKey.KEY_BYTES + 3 * NativeRsaKey.CALL_BYTES,
                Libcrypto.plan(LibcryptoConfig.defaults().withRsa(2, 3)).totalBytes() - plan.totalBytes(), "RSA keys and signatures");
        try (Libcrypto libcrypto = Presence.open(Presence.FIRST)) {
            assertEquals(Libcrypto.plan(Presence.FIRST).totalBytes(), libcrypto.mappedBytes());
        }
    }
}
