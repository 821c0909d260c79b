package dev.coffer.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.memory.Protection.Level;
import dev.coffer.memory.Secret.Access;
import dev.coffer.memory.internal.os.Errno;
import dev.coffer.memory.internal.os.MemoryCalls;
import dev.coffer.testkit.Eventually;
import dev.coffer.testkit.HeapBytes;
import dev.coffer.testkit.ObjectBytes;
import dev.coffer.testkit.RawMemory;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Secrets as the kernel sees them.
class SecretRawTest {
    private static final int BYTES = 48;

    private static GuardedSlots.Config config(String name) {
        return new GuardedSlots.Config(RegionConfig.defaults(name), 3, BYTES);
    }

    private static void fill(Secret secret) {
        secret.write((segment, at, length) -> {
            for (long i = 0; i < length; i++) {
                segment.set(ValueLayout.JAVA_BYTE, at + i, (byte) 0xa5);
            }
        });
    }

    /// The access letters of the page at an address, as `/proc/self/smaps` shows them.
    private static String access(long address) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/maps"))) {
            long start = Long.parseUnsignedLong(line.substring(0, line.indexOf('-')), 16);
            long end = Long.parseUnsignedLong(line.substring(line.indexOf('-') + 1, line.indexOf(' ')), 16);
            if (start <= address && address < end) {
                return line.split(" ")[1];
            }
        }
        throw new AssertionError("not mapped: " + Long.toHexString(address));
    }

    @Test
    void destroyedSecretsAreZeroInRawMemory() {
        try (Region region = Region.open(RegionConfig.defaults("t"),
                MemoryPlan.group("data", MemoryPlan.block("secret", 64))); GuardedSlots slots = GuardedSlots.open(config("g"))) {
            for (Secret secret : List.of(Secret.of(region.carve("secret"), 5, BYTES), slots.acquire(BYTES))) {
                fill(secret);
                long address = secret.segment().address() + secret.offset();
                assertEquals(BYTES, RawMemory.nonZero(address, BYTES));
                secret.destroy();
                assertEquals(0, RawMemory.nonZero(address, BYTES));
            }
        }
    }

    @Test
    void pagesFollowTheState() throws IOException {
        try (GuardedSlots slots = GuardedSlots.open(config("g"))) {
            Secret secret = slots.acquire(BYTES);
            long at = secret.segment().address();
            assertEquals("rw-p", access(at));
            assertEquals("---p", access(at + BYTES), "the guard page begins where the secret ends");
            secret.access(Access.READ_ONLY);
            assertEquals("r--p", access(at));
            secret.access(Access.NO_ACCESS);
            assertEquals("---p", access(at));
            secret.read((segment, offset, length) -> {
                try {
                    assertEquals("r--p", access(at));
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            });
            assertEquals("---p", access(at));
            secret.destroy();
            assertEquals("---p", access(at));
            assertEquals("---p", access(at + 8192), "a slot that nobody has taken");
        }
    }

    @Test
    void planIsTheMappingAndItsHeapIsWhatJolCounts() {
        GuardedSlots.Config config = config("g");
        try (GuardedSlots slots = GuardedSlots.open(config)) {
            MemoryPlan plan = GuardedSlots.plan(config);
            long page = MemoryCalls.SYSTEM.pageBytes();
            assertEquals(page * (3 * 2 + 1 + 2), plan.totalBytes());
            assertEquals(plan.heapBytes(), ObjectBytes.beside(slots, slots.given()));
        }
    }

    @Test
    void damageBeforeASecretIsReportedAndTheSlotIsWipedAndFree() {
        try (GuardedSlots slots = GuardedSlots.open(config("g"))) {
            Secret secret = slots.acquire(BYTES);
            long at = secret.segment().address();
            MemorySegment before = MemorySegment.ofAddress(at - 1).reinterpret(1);
            before.set(ValueLayout.JAVA_BYTE, 0, (byte) ~before.get(ValueLayout.JAVA_BYTE, 0));
            String text = assertThrows(CanaryException.class, secret::destroy).getMessage();
            assertTrue(text.contains("16 canary bytes before a secret of 48 bytes"), text);
            assertTrue(secret.isDestroyed());
            assertEquals(0, slots.usedBytes());
            assertEquals(0, RawMemory.nonZero(at - 64, 64 + BYTES));
        }
    }

    @Test
    void readingAllocatesNothing() {
        try (GuardedSlots slots = GuardedSlots.open(config("g"))) {
            Secret guarded = slots.acquire(BYTES);
            guarded.access(Access.READ_ONLY);
            long[] sum = new long[1];
            Secret.Use use = (segment, at, length) -> sum[0] += segment.get(ValueLayout.JAVA_BYTE, at + length - 1);
            assertEquals(0, HeapBytes.least(2, 3, () -> {
                for (int i = 0; i < 100_000; i++) {
                    sum[0] += guarded.segment().get(ValueLayout.JAVA_BYTE, guarded.offset() + i % BYTES);
                    guarded.read(use);
                    sum[0] += guarded.equals(guarded) ? 1 : 0;
                }
            }));
            while (slots.hasRoom()) {
                slots.acquire(1);
            }
            assertEquals(0, HeapBytes.least(2, 3, () -> {
                for (int i = 0; i < 10_000; i++) {
                    sum[0] += slots.tryAcquire(1) == null ? 1 : 0;
                }
            }), "a refusal");
        }
    }

    /// Refuses the nth `mprotect` after open.
    private static final class Refusing extends MemoryCalls {
        private long countdown = Long.MAX_VALUE;

        @Override
        public long protect(long address, long bytes, int protection) {
            return --countdown == 0 ? -Errno.ENOMEM : super.protect(address, bytes, protection);
        }
    }

    @Test
    void aRefusalAtCloseEndsEverySecretAndIsTriedAgain() {
        int whole = 2 * 2 + 1;  // each of two secrets is opened, wiped and closed; then all slots are opened
        for (int nth : new int[] {1, 3, whole}) {
            Refusing calls = new Refusing();
            GuardedSlots slots = GuardedSlots.open(config("g"), calls);
            Secret a = slots.acquire(BYTES);
            Secret b = slots.acquire(BYTES);
            fill(a);
            fill(b);
            long at = a.segment().address();
            calls.countdown = nth;
            if (nth == whole) {
                assertThrows(ProtectionException.class, slots::close);
            }
            slots.close();
            for (Secret secret : List.of(a, b)) {
                assertTrue(secret.isDestroyed());
                assertThrows(IllegalStateException.class, secret::segment);
                assertThrows(IllegalStateException.class, () -> secret.read((s, from, l) -> {}));
                secret.destroy();
            }
            assertThrows(AssertionError.class, () -> access(at), "unmapped");
            assertThrows(IllegalStateException.class, () -> slots.acquire(1));
        }
    }

    @Test
    void aRefusedOpeningLeavesNoAccessAndCanBeTriedAgain() {
        Refusing calls = new Refusing();
        try (GuardedSlots slots = GuardedSlots.open(config("g"), calls)) {
            calls.countdown = 1;
            assertThrows(ProtectionException.class, () -> slots.acquire(BYTES));
            assertEquals(0, slots.usedBytes());
            Secret secret = slots.acquire(BYTES);
            fill(secret);
            long at = secret.segment().address();
            calls.countdown = 1;
            assertThrows(ProtectionException.class, () -> secret.access(Access.READ_ONLY));
            assertEquals(Access.NO_ACCESS, secret.access());
            assertThrows(IllegalStateException.class, secret::segment);
            calls.countdown = 1;
            assertThrows(ProtectionException.class, () -> secret.read((s, a, l) -> {}));
            calls.countdown = 1;
            assertThrows(ProtectionException.class, secret::destroy);
            assertEquals(BYTES, slots.usedBytes());
            secret.destroy();
            assertEquals(0, RawMemory.nonZero(at, BYTES));
            Secret other = slots.acquire(BYTES);
            calls.countdown = 1;
            other.access(Access.NO_ACCESS);  // best effort: the check in front holds, the refusal is counted
            assertEquals(1, slots.refusals());
            assertThrows(IllegalStateException.class, other::segment);
        }
    }

    @Test
    void aRequiredGuardThatIsRefusedHoldsNothing() {
        RegionConfig region = RegionConfig.defaults("g").withProtection(Protection.GUARD, Level.REQUIRED);
        Refusing calls = new Refusing();
        calls.countdown = 3;  // the two guards of the region, then the slots
        assertThrows(ProtectionException.class,
                () -> GuardedSlots.open(new GuardedSlots.Config(region, 3, BYTES), calls));
    }

    /// Run in a child: writes one byte past a guarded secret through a raw address, as native code gone wrong would.
    static final class PastTheEnd {
        private PastTheEnd() {}

        public static void main(String[] args) {
            GuardedSlots slots = GuardedSlots.open(config("g"));
            Secret secret = slots.acquire(BYTES);
            MemorySegment raw = MemorySegment.ofAddress(secret.segment().address()).reinterpret(BYTES + 1);
            raw.set(ValueLayout.JAVA_BYTE, BYTES - 1, (byte) 1);
            System.out.println("inside");
            System.out.flush();
            raw.set(ValueLayout.JAVA_BYTE, BYTES, (byte) 1);
            System.out.println("outside");
        }
    }

    @Test
    void aRawWritePastASecretKillsTheProcess() throws Exception {
        Process child = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC", "-Xmx64m", "-XX:-CreateCoredumpOnCrash", "-XX:ErrorFile=/dev/null",
                "--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path"),
                PastTheEnd.class.getName()).redirectErrorStream(true).start();
        String out = new String(child.getInputStream().readAllBytes());
        assertNotEquals(0, Eventually.ended(child));
        assertTrue(out.contains("inside"), out);
        assertTrue(out.contains("SIGSEGV"), out);
    }
}
