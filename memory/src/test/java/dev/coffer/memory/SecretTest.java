package dev.coffer.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.memory.Secret.Access;
import java.io.ByteArrayOutputStream;
import java.io.NotSerializableException;
import java.io.ObjectOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SecretTest {
    private static final MemoryPlan DATA = MemoryPlan.group("data", MemoryPlan.block("secrets", 4096));

    private final Region region = Region.open(RegionConfig.defaults("secrets"), DATA);
    private final MemorySegment home = region.carve("secrets");
    private final GuardedSlots slots = GuardedSlots.open(GuardedSlots.Config.defaults("slots"));
    private int plainAt;

    /// Both kinds answer alike.
    private List<IntFunction<Secret>> kinds() {
        return List.of(bytes -> {
            Secret secret = Secret.of(home, plainAt, bytes);
            plainAt += bytes;
            return secret;
        }, slots::acquire);
    }

    @AfterEach
    void close() {
        slots.close();
        region.close();
    }

    private static void fill(Secret secret, int first) {
        secret.write((segment, at, length) -> {
            for (long i = 0; i < length; i++) {
                segment.set(ValueLayout.JAVA_BYTE, at + i, (byte) (first + i));
            }
        });
    }

    @Test
    void readsBySegmentOffsetAndLength() {
        for (IntFunction<Secret> kind : kinds()) {
            kind.apply(7);
            Secret secret = kind.apply(32);
            fill(secret, 1);
            assertEquals(32, secret.length());
            assertEquals(32, secret.segment().get(ValueLayout.JAVA_BYTE, secret.offset() + 31));
            secret.destroy();
        }
    }

    @Test
    void equalsComparesBytesAndHashSaysNothing() {
        for (IntFunction<Secret> kind : kinds()) {
            Secret a = kind.apply(32);
            Secret b = kind.apply(32);
            fill(a, 1);
            fill(b, 1);
            assertEquals(a, b);
            b.access(Access.NO_ACCESS);
            assertEquals(a, b);
            assertEquals(Access.NO_ACCESS, b.access());
            fill(b, 2);
            assertNotEquals(a, b);
            assertEquals(a.hashCode(), b.hashCode());
            assertNotEquals(a, kind.apply(31));
            a.destroy();
            assertNotEquals(a, b);
            assertNotEquals(b, a);
            assertEquals(a, a);
        }
    }

    @Test
    void textNamesLengthAndStateAlone() {
        Secret secret = Secret.of(home, 0, 32);
        assertEquals("Secret[32 bytes, plain, READ_WRITE]", secret.toString());
        secret.destroy();
        assertEquals("Secret[32 bytes, plain, destroyed]", secret.toString());
        assertEquals("Secret[16 bytes, guarded, READ_WRITE]", slots.acquire(16).toString());
    }

    @Test
    void isNotSerialisable() {
        assertThrows(NotSerializableException.class,
                () -> new ObjectOutputStream(new ByteArrayOutputStream()).writeObject(Secret.of(home, 0, 1)));
    }

    @Test
    void destroyedRefusesEveryUse() {
        for (IntFunction<Secret> kind : kinds()) {
            Secret secret = kind.apply(32);
            fill(secret, 1);
            secret.destroy();
            secret.close();
            assertTrue(secret.isDestroyed());
            List<org.junit.jupiter.api.function.Executable> uses = List.of(secret::segment, secret::access,
                    () -> secret.access(Access.READ_ONLY), () -> secret.read((s, at, n) -> {}),
                    () -> secret.write((s, at, n) -> {}), () -> secret.take(new byte[32]),
                    () -> secret.copyTo(home, 1024));
            for (var use : uses) {
                assertTrue(assertThrows(IllegalStateException.class, use).getMessage().contains("32 bytes"));
            }
        }
    }

    @Test
    void statesAllowWhatTheySay() {
        for (IntFunction<Secret> kind : kinds()) {
            Secret secret = kind.apply(32);
            fill(secret, 1);
            secret.access(Access.READ_ONLY);
            assertEquals(1, secret.segment().get(ValueLayout.JAVA_BYTE, secret.offset()));
            assertThrows(IllegalArgumentException.class,
                    () -> secret.segment().set(ValueLayout.JAVA_BYTE, secret.offset(), (byte) 0));
            secret.access(Access.NO_ACCESS);
            assertThrows(IllegalStateException.class, secret::segment);
            secret.read((s, at, n) -> assertEquals(1, s.get(ValueLayout.JAVA_BYTE, at)));
            assertThrows(IllegalStateException.class, secret::segment);
            secret.write((s, at, n) -> s.set(ValueLayout.JAVA_BYTE, at, (byte) 9));
            assertThrows(IllegalStateException.class, secret::segment);
            secret.access(Access.READ_WRITE);
            assertEquals(9, secret.segment().get(ValueLayout.JAVA_BYTE, secret.offset()));
            secret.destroy();
        }
    }

    /// With the pages really closed, each of these would be a crash of the JVM were it not an exception.
    @Test
    void keptSegmentsOfAGuardedSecretThrowInsteadOfFaulting() {
        Secret secret = slots.acquire(32);
        List<MemorySegment> kept = new ArrayList<>();
        for (Access access : List.of(Access.READ_WRITE, Access.READ_ONLY, Access.NO_ACCESS, Access.READ_ONLY,
                Access.READ_WRITE, Access.NO_ACCESS)) {
            secret.access(access);
            if (access != Access.NO_ACCESS) {
                kept.add(secret.segment());
                kept.add(secret.segment().asSlice(1, 2));
            }
        }
        secret.read((segment, at, length) -> kept.add(segment));
        secret.write((segment, at, length) -> kept.add(segment));
        for (MemorySegment segment : kept) {
            assertThrows(IllegalStateException.class, () -> segment.get(ValueLayout.JAVA_BYTE, 0));
            assertThrows(RuntimeException.class, () -> segment.set(ValueLayout.JAVA_BYTE, 0, (byte) 1));
        }
        secret.access(Access.READ_WRITE);
        MemorySegment open = secret.segment();
        assertThrows(IndexOutOfBoundsException.class, () -> open.get(ValueLayout.JAVA_BYTE, 32));
        secret.destroy();
        assertThrows(IllegalStateException.class, () -> open.get(ValueLayout.JAVA_BYTE, 0));
    }

    @Test
    void scopesNestForReadingAndRefuseTheRest() {
        for (IntFunction<Secret> kind : kinds()) {
            Secret secret = kind.apply(32);
            secret.access(Access.NO_ACCESS);
            secret.read((outer, at, n) -> {
                secret.read((inner, innerAt, m) -> assertEquals(outer, inner));
                assertEquals(0, outer.get(ValueLayout.JAVA_BYTE, at));
                assertThrows(IllegalStateException.class, () -> secret.write((s, a, l) -> {}));
                assertThrows(IllegalStateException.class, () -> secret.access(Access.READ_WRITE));
                assertThrows(IllegalStateException.class, secret::destroy);
            });
            secret.write((outer, at, n) -> {
                assertThrows(IllegalStateException.class, () -> secret.read((s, a, l) -> {}));
                assertThrows(IllegalStateException.class, () -> secret.write((s, a, l) -> {}));
                assertThrows(IllegalStateException.class, secret::close);
            });
            assertThrows(ArithmeticException.class, () -> secret.read((s, at, n) -> {
                throw new ArithmeticException();
            }));
            assertThrows(IllegalStateException.class, secret::segment);
            secret.destroy();
        }
    }

    @Test
    void takesAnArrayAndWipesIt() {
        for (IntFunction<Secret> kind : kinds()) {
            Secret secret = kind.apply(4);
            byte[] wrong = {1, 2, 3};
            assertThrows(IllegalArgumentException.class, () -> secret.take(wrong));
            assertEquals(3, wrong[2]);
            byte[] right = {1, 2, 3, 4};
            secret.access(Access.NO_ACCESS);
            secret.take(right);
            assertEquals(0, right[0] | right[1] | right[2] | right[3]);
            byte[] out = new byte[5];
            secret.copyTo(MemorySegment.ofArray(out), 1);
            assertEquals(1, out[1]);
            assertEquals(4, out[4]);
            assertThrows(IndexOutOfBoundsException.class, () -> secret.copyTo(MemorySegment.ofArray(out), 2));
            assertThrows(IndexOutOfBoundsException.class, () -> secret.copyTo(home, Long.MAX_VALUE));
            assertThrows(IndexOutOfBoundsException.class, () -> secret.copyTo(home, -1));
            assertThrows(IllegalArgumentException.class, () -> secret.copyTo(home.asReadOnly(), 0));
        }
    }

    @Test
    void refusesPlacesThatCannotHoldASecret() {
        assertThrows(IllegalArgumentException.class, () -> Secret.of(MemorySegment.ofArray(new byte[32]), 0, 32));
        assertThrows(IllegalArgumentException.class, () -> Secret.of(home.asReadOnly(), 0, 32));
        assertThrows(IllegalArgumentException.class, () -> Secret.of(home, 0, 0));
        long[][] ranges = {{-1, 1}, {0, -1}, {0, 4097}, {4096, 1}, {1, Long.MAX_VALUE}, {Long.MAX_VALUE, 1}};
        for (long[] range : ranges) {
            String text = assertThrows(IndexOutOfBoundsException.class, () -> Secret.of(home, range[0], range[1]))
                    .getMessage();
            assertTrue(text.contains(range[1] + " bytes at " + range[0] + " of 4096"), text);
        }
    }

    @Test
    void anotherThreadsArenaIsRefusedBeforeTheStateChanges() throws InterruptedException {
        try (Arena mine = Arena.ofConfined()) {
            Secret secret = Secret.of(mine.allocate(32), 0, 32);
            Throwable[] seen = new Throwable[1];
            Thread other = new Thread(() -> seen[0] = assertThrows(WrongThreadException.class, secret::destroy));
            other.start();
            other.join();
            assertTrue(seen[0] instanceof WrongThreadException);
            assertFalse(secret.isDestroyed());
        }
    }

    @Test
    void aClosedRegionHasWipedIt() {
        Region other = Region.open(RegionConfig.defaults("other"), DATA);
        Secret secret = Secret.of(other.carve("secrets"), 0, 32);
        other.close();
        assertThrows(IllegalStateException.class, () -> secret.read((s, at, n) -> s.get(ValueLayout.JAVA_BYTE, at)));
        secret.destroy();
        assertTrue(secret.isDestroyed());
    }

    @Test
    void slotsRefuseWhenFullAndCountExactly() {
        GuardedSlots.Config config = new GuardedSlots.Config(RegionConfig.defaults("few"), 2, 64);
        GuardedSlots few = GuardedSlots.open(config);
        Secret a = few.acquire(64);
        Secret b = few.acquire(1);
        assertNull(few.tryAcquire(1));
        assertFalse(few.hasRoom());
        String text = assertThrows(BudgetExceededException.class, () -> few.acquire(32)).getMessage();
        assertEquals("budget \"few\": asked 32 bytes, left 0 of 128", text);
        assertEquals(128, few.usedBytes());
        a.destroy();
        a.destroy();
        assertEquals(64, few.usedBytes());
        assertEquals(128, few.peakBytes());
        assertEquals(128, few.capacityBytes());
        Secret again = few.acquire(64);
        again.read((s, at, n) -> assertTrue(ConstantTime.isZero(s, at, n)));
        for (int length : new int[] {0, -1, 65, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
            assertThrows(IllegalArgumentException.class, () -> few.acquire(length));
        }
        few.close();
        assertTrue(b.isDestroyed());
        assertTrue(again.isDestroyed());
        assertThrows(IllegalStateException.class, () -> few.acquire(1));
        assertEquals(0, few.usedBytes());
        few.close();
    }

    private static void saysInUse(Secret secret, String by) {
        for (org.junit.jupiter.api.function.Executable use : List.<org.junit.jupiter.api.function.Executable>of(
                secret::destroy, () -> secret.access(Access.NO_ACCESS), () -> secret.write((s, at, n) -> {}))) {
            String said = assertThrows(IllegalStateException.class, use).getMessage();
            assertTrue(said.endsWith(" while in use by " + by), said);
        }
        assertEquals(Access.READ_WRITE, secret.access());
    }

    @Test
    void refusalsSayByWhomItIsInUse() {
        for (IntFunction<Secret> kind : kinds()) {
            Secret secret = kind.apply(32);
            secret.write((s, at, n) -> {
                saysInUse(secret, "a writer");
                String said = assertThrows(IllegalStateException.class, () -> secret.read((a, b, c) -> {})).getMessage();
                assertEquals("secret of 32 bytes: read inside write", said);
            });
            secret.read((s, at, n) -> {
                saysInUse(secret, "1 readers");
                secret.read((a, b, c) -> saysInUse(secret, "2 readers"));
                saysInUse(secret, "1 readers");
            });
            secret.destroy();
        }
    }

    @Test
    void slotsCountWhatIsTakenAndTheMostThatWas() {
        GuardedSlots.Config config = new GuardedSlots.Config(RegionConfig.defaults("counted"), 3, 100);
        GuardedSlots few = GuardedSlots.open(config);
        assertEquals(300, few.capacityBytes());
        assertEquals("GuardedSlots[counted, 0 of 3 slots of 100 bytes]", few.toString());
        Secret[] secrets = new Secret[3];
        for (int i = 0; i < 3; i++) {
            assertTrue(few.hasRoom());
            secrets[i] = few.acquire(i == 0 ? 1 : 100);
            assertEquals(100 * (i + 1), few.usedBytes());
        }
        assertEquals(false, few.hasRoom());
        assertEquals(null, few.tryAcquire(1));
        BudgetExceededException refusal = assertThrows(BudgetExceededException.class, () -> few.acquire(7));
        assertEquals("counted", refusal.budget());
        assertEquals(7, refusal.requested());
        assertEquals(0, refusal.available());
        assertEquals(300, refusal.limit());
        secrets[1].destroy();
        assertEquals(200, few.usedBytes());
        assertTrue(few.hasRoom());
        Secret again = few.acquire(50);
        again.destroy();
        secrets[0].destroy();
        few.acquire(100);
        assertEquals(300, few.peakBytes(), "the most, not the last");
        for (int wrong : new int[] {0, -1, 101, Integer.MAX_VALUE}) {
            assertThrows(IllegalArgumentException.class, () -> few.tryAcquire(wrong));
        }
        few.close();
        few.close();
        assertTrue(secrets[2].isDestroyed());
        assertEquals(false, few.hasRoom());
        assertTrue(few.toString().endsWith(", closed]"), few.toString());
        assertThrows(IllegalStateException.class, () -> few.tryAcquire(1));
    }
}
