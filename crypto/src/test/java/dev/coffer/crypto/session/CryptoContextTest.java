package dev.coffer.crypto.session;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.memory.Entropy;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import dev.coffer.testkit.ObjectBytes;
import dev.coffer.testkit.RawMemory;
import dev.coffer.testkit.SeededEntropy;
import dev.coffer.testkit.Seeds;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;
import java.util.List;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

class CryptoContextTest {
    private static final class Bench implements AutoCloseable {
        final Arena arena = Arena.ofConfined();
        final Region region;
        final CryptoContexts table;
        final MemorySegment memory = arena.allocate(4096, 64);

        Bench(int count) {
            this(count, Entropy.SYSTEM);
        }

        Bench(int count, Entropy entropy) {
            region = Region.open(RegionConfig.defaults("t"), MemoryPlan.group("data", CryptoContexts.plan("contexts", count)));
            table = new CryptoContexts("contexts", count, region.carve("contexts"), entropy);
        }

        int nonZero() {
            return RawMemory.nonZero(region.data());
        }

        @Override
        public void close() {
            table.close();
            region.close();
            arena.close();
        }
    }

    @Test
    void theSourceOfItsNoncesIsHandedIn() {
        try (Bench one = new Bench(1, new SeededEntropy(5)); Bench two = new Bench(1, new SeededEntropy(5));
                Bench none = new Bench(1, (segment, at, length) -> {})) {
            CryptoContext first = one.table.acquire(new CryptoContext());
            CryptoContext second = two.table.acquire(new CryptoContext());
            first.loadKey(one.memory, 0);
            second.loadKey(two.memory, 0);
            first.nonce(one.memory, 100);
            second.nonce(two.memory, 100);
            assertEquals(-1, one.memory.mismatch(two.memory), "one seed, one nonce");
            CryptoContext third = none.table.acquire(new CryptoContext());
            assertThrows(IllegalStateException.class, () -> third.loadKey(none.memory, 0));
            assertFalse(third.hasKey());
        }
    }

    @Test
    void agreesWithFips197() {
        try (Bench bench = new Bench(1)) {  // FIPS 197, appendix C.3
            byte[] key = HexFormat.of().parseHex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
            MemorySegment.copy(key, 0, bench.memory, ValueLayout.JAVA_BYTE, 0, 32);
            CryptoContext context = bench.table.acquire(new CryptoContext());
            context.loadKey(bench.memory, 0);
            byte[] block = HexFormat.of().parseHex("00112233445566778899aabbccddeeff");
            MemorySegment.copy(block, 0, bench.memory, ValueLayout.JAVA_BYTE, 64, 16);
            assertTrue(context.encryptBlock(bench.memory, 64, bench.memory, 128));
            assertEquals("8ea2b7ca516745bfeafc49904b496089",
                    HexFormat.of().formatHex(bench.memory.asSlice(128, 16).toArray(ValueLayout.JAVA_BYTE)));
            assertEquals(1, context.blocks());
        }
    }

    @Test
    void agreesWithTheJdkForEveryCountOfBlocks() {
        Seeds.forEach(1, 20, random -> {
            try (Bench bench = new Bench(2)) {
                byte[] key = new byte[32];
                random.nextBytes(key);
                MemorySegment.copy(key, 0, bench.memory, ValueLayout.JAVA_BYTE, 0, 32);
                bench.table.acquire(new CryptoContext());
                CryptoContext context = bench.table.acquire(new CryptoContext());
                context.loadKey(bench.memory, 0);
                long total = 0;
                for (int blocks = 0; blocks < 14; blocks++) {
                    byte[] text = new byte[16 * blocks];
                    random.nextBytes(text);
                    MemorySegment.copy(text, 0, bench.memory, ValueLayout.JAVA_BYTE, 65, text.length);
                    bench.memory.asSlice(2048).fill((byte) 0x33);
                    long to = blocks % 2 == 0 ? 65 : 2051;
                    assertTrue(context.encryptBlocks(bench.memory, 65, bench.memory, to, blocks));
                    Cipher cipher = Cipher.getInstance("AES/ECB/NoPadding");
                    cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"));
                    assertArrayEquals(cipher.doFinal(text),
                            bench.memory.asSlice(to, text.length).toArray(ValueLayout.JAVA_BYTE), blocks + " blocks");
                    assertEquals(0x33, bench.memory.get(ValueLayout.JAVA_BYTE, 2051 + text.length));
                    total += blocks;
                    assertEquals(total, context.blocks());
                    assertEquals(0, RawMemory.nonZero(bench.region.data(), bench.table.workspaceAt(), 64));
                }
            } catch (java.security.GeneralSecurityException e) {
                throw new AssertionError(e);
            }
        });
    }

    @Test
    void noncesNeverRepeatUnderAKeyNorBeginAnewWithAStoredOne() {
        try (Bench bench = new Bench(1)) {
            CryptoContext context = bench.table.acquire(new CryptoContext());
            context.loadKey(bench.memory, 0);
            for (int i = 0; i < 10; i++) {
                context.nonce(bench.memory, 64 + 16 * i);
                assertEquals(i, Long.reverseBytes(bench.memory.get(ValueLayout.JAVA_LONG_UNALIGNED, 72 + 16 * i)));
                assertEquals(bench.memory.get(ValueLayout.JAVA_LONG, 64), bench.memory.get(ValueLayout.JAVA_LONG, 64 + 16 * i));
            }
            context.encryptBlock(bench.memory, 0, bench.memory, 512);
            context.loadKey(bench.memory, 0);
            assertEquals(0, context.blocks());
            context.nonce(bench.memory, 256);
            assertNotEquals(bench.memory.get(ValueLayout.JAVA_LONG, 64), bench.memory.get(ValueLayout.JAVA_LONG, 256));
            assertEquals(0, bench.memory.get(ValueLayout.JAVA_LONG, 264));
            bench.table.memory().set(ValueLayout.JAVA_LONG, CryptoContexts.NONCES, Long.MAX_VALUE - 1);
            context.nonce(bench.memory, 256);
            assertThrows(IllegalStateException.class, () -> context.nonce(bench.memory, 256));
        }
    }

    @Test
    void aKeyStopsAtItsLimitAllOrNone() {
        try (Bench bench = new Bench(1)) {
            CryptoContext context = bench.table.acquire(new CryptoContext());
            context.loadKey(bench.memory, 0);
            bench.table.memory().set(ValueLayout.JAVA_LONG, CryptoContexts.BLOCKS, CryptoContext.BLOCKS_MAX - 2);
            assertFalse(context.encryptBlocks(bench.memory, 0, bench.memory, 512, 3));
            assertEquals(0, bench.memory.get(ValueLayout.JAVA_LONG, 512));
            assertTrue(context.encryptBlocks(bench.memory, 0, bench.memory, 512, 2));
            assertFalse(context.encryptBlock(bench.memory, 0, bench.memory, 512));
        }
    }

    @Test
    void backupKeysTakeOverOnce() {
        try (Bench bench = new Bench(1)) {
            CryptoContext context = bench.table.acquire(new CryptoContext());
            bench.memory.fill((byte) 1);
            context.loadKey(bench.memory, 0);
            context.encryptBlock(bench.memory, 64, bench.memory, 128);
            bench.memory.asSlice(256, 32).fill((byte) 2);
            for (int i = 0; i < 4; i++) {
                assertFalse(context.hasBackup(i));
                context.loadBackup(i, bench.memory, i == 2 ? 256 : 0);
                assertTrue(context.hasBackup(i));
            }
            context.switchTo(3);
            context.encryptBlock(bench.memory, 64, bench.memory, 160);
            assertEquals(bench.memory.get(ValueLayout.JAVA_LONG, 128), bench.memory.get(ValueLayout.JAVA_LONG, 160));
            context.switchTo(2);
            assertEquals(0, context.blocks());
            context.encryptBlock(bench.memory, 64, bench.memory, 160);
            assertNotEquals(bench.memory.get(ValueLayout.JAVA_LONG, 128), bench.memory.get(ValueLayout.JAVA_LONG, 160));
            assertFalse(context.hasBackup(2));
            assertTrue(context.hasBackup(1));
            assertThrows(IllegalStateException.class, () -> context.switchTo(2));
            assertEquals(0, RawMemory.nonZero(bench.region.data(), CryptoContexts.BACKUP + 64, 64));
            assertThrows(IndexOutOfBoundsException.class, () -> context.switchTo(4));
            assertThrows(IndexOutOfBoundsException.class, () -> context.hasBackup(-1));
            assertThrows(IndexOutOfBoundsException.class, () -> context.loadBackup(4, bench.memory, 0));
            context.release();
            assertEquals(0, bench.nonZero());
        }
    }

    @Test
    void aStaleHandleReachesNobodyAndContextsRunOut() {
        try (Bench bench = new Bench(2)) {
            CryptoContext old = bench.table.acquire(new CryptoContext());
            CryptoContext other = bench.table.acquire(new CryptoContext());
            CryptoContext third = new CryptoContext();
            assertFalse(bench.table.tryAcquire(third));
            assertEquals("crypto contexts: 2 of 2 contexts in use",
                    assertThrows(SessionExhaustedException.class, () -> bench.table.acquire(third)).getMessage());
            assertEquals(bench.table.capacityBytes(), bench.table.usedBytes());
            assertThrows(IllegalStateException.class, () -> bench.table.acquire(other));
            old.release();
            assertEquals(bench.table.capacityBytes() - 1152, bench.table.usedBytes());
            assertEquals(bench.table.capacityBytes(), bench.table.peakBytes());
            bench.table.acquire(third).loadKey(bench.memory, 0);
            byte[] before = bench.table.memory().toArray(ValueLayout.JAVA_BYTE);
            for (CryptoContext stale : List.of(old, new CryptoContext())) {
                List<Runnable> all = List.of(stale::release, stale::hasKey, stale::blocks, () -> stale.hasBackup(0),
                        () -> stale.switchTo(0), () -> stale.loadBackup(0, bench.memory, 0),
                        () -> stale.loadKey(bench.memory, 0), () -> stale.nonce(bench.memory, 0),
                        () -> stale.encryptBlock(bench.memory, 0, bench.memory, 64),
                        () -> stale.encryptBlocks(bench.memory, 0, bench.memory, 64, 2));
                all.forEach(method -> assertThrows(IllegalStateException.class, method::run));
                assertEquals("CryptoContext[stale]", stale.toString());
            }
            assertArrayEquals(before, bench.table.memory().toArray(ValueLayout.JAVA_BYTE));
            assertEquals("CryptoContext[keyed]", third.toString());
            bench.table.close();
            bench.table.close();
            assertFalse(third.isLive());
            assertEquals(0, bench.table.inUse());
            assertEquals(0, bench.nonZero());
            assertThrows(IllegalStateException.class, () -> bench.table.acquire(third));
            assertEquals("CryptoContexts[contexts, 0 of 2, closed]", bench.table.toString());
        }
    }

    @Test
    void whatLiesInTheTableItselfIsRefused() {
        try (Bench bench = new Bench(1)) {
            CryptoContext context = bench.table.acquire(new CryptoContext());
            context.loadKey(bench.memory, 0);
            MemorySegment all = bench.region.data();
            byte[] before = all.toArray(ValueLayout.JAVA_BYTE);
            for (long at : new long[] {0, CryptoContexts.SCHEDULE, CryptoContexts.BACKUP, CryptoContexts.BYTES}) {
                assertThrows(IllegalArgumentException.class, () -> context.encryptBlock(bench.memory, 0, all, at));
                assertThrows(IllegalArgumentException.class, () -> context.encryptBlock(all, at, bench.memory, 0));
                assertThrows(IllegalArgumentException.class, () -> context.nonce(all, at));
                assertThrows(IllegalArgumentException.class, () -> context.loadKey(all, at));
                assertThrows(IllegalArgumentException.class, () -> context.loadBackup(0, all, at));
            }
            assertArrayEquals(before, all.toArray(ValueLayout.JAVA_BYTE));
        }
    }

    @Test
    void whatIsMisplacedIsRefusedBeforeAnythingChanges() {
        try (Bench bench = new Bench(1)) {
            CryptoContext context = bench.table.acquire(new CryptoContext());
            Arena closed = Arena.ofConfined();
            MemorySegment gone = closed.allocate(64);
            closed.close();
            assertThrows(IllegalStateException.class, () -> context.encryptBlock(bench.memory, 0, bench.memory, 64));
            assertThrows(IllegalStateException.class, () -> context.nonce(bench.memory, 0));
            for (MemorySegment bad : List.of(gone, MemorySegment.ofArray(new byte[64]), bench.memory.asSlice(0, 31))) {
                assertThrows(RuntimeException.class, () -> context.loadKey(bad, 0));
                assertThrows(RuntimeException.class, () -> context.loadBackup(0, bad, 0));
            }
            assertEquals(0, RawMemory.nonZero(bench.region.data(), 0, (int) CryptoContexts.BYTES));
            context.loadKey(bench.memory, 0);
            assertThrows(IllegalArgumentException.class, () -> context.encryptBlock(bench.memory, 0, bench.memory, 15));
            assertThrows(IllegalArgumentException.class,
                    () -> context.encryptBlock(bench.memory, 0, bench.memory.asReadOnly(), 64));
            assertThrows(IllegalArgumentException.class, () -> context.encryptBlocks(bench.memory, 0, bench.memory, 0, -1));
            assertThrows(IndexOutOfBoundsException.class, () -> context.encryptBlock(bench.memory, 4081, bench.memory, 0));
            assertThrows(IndexOutOfBoundsException.class, () -> context.encryptBlock(bench.memory, 0, bench.memory, 4081));
            assertThrows(IndexOutOfBoundsException.class, () -> context.nonce(bench.memory, 4081));
            assertThrows(IllegalStateException.class, () -> context.encryptBlock(gone, 0, bench.memory, 0));
            assertThrows(IllegalStateException.class, () -> context.encryptBlock(bench.memory, 0, gone, 0));
            assertEquals(0, context.blocks());
            long bytes = CryptoContexts.plan("c", 1).totalBytes();
            for (MemorySegment wrong : List.of(bench.memory, bench.memory.asSlice(8, bytes),
                    bench.memory.asSlice(0, bytes).asReadOnly(), MemorySegment.ofArray(new byte[(int) bytes]))) {
                assertThrows(IllegalArgumentException.class, () -> new CryptoContexts("c", 1, wrong, Entropy.SYSTEM));
            }
            assertThrows(IllegalArgumentException.class, () -> CryptoContexts.plan("c", 0));
            assertThrows(IllegalArgumentException.class, () -> CryptoContexts.plan("c", 1025));
            assertEquals(CryptoContexts.plan("contexts", 1).heapBytes(), ObjectBytes.beside(bench.table, "contexts", bench.table.memory(), Entropy.SYSTEM));
        }
    }
}
