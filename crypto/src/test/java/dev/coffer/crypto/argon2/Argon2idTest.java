package dev.coffer.crypto.argon2;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.Memory;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import dev.coffer.testkit.HeapMode;
import dev.coffer.testkit.RawMemory;
import dev.coffer.testkit.Seeds;
import dev.coffer.testkit.SteadyPath;
import dev.coffer.testkit.SteadyPaths;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.SplittableRandom;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/// Argon2id beside RFC 9106 and Bouncy Castle, and what it does with the caller's memory.
class Argon2idTest {
    private static final Argon2Cost SMALL = new Argon2Cost(32, 3, 4);

    private static MemorySegment filled(int length, int value) {
        return Memory.zeros(length).fill((byte) value);
    }

    /// RFC 9106, section 5.3.
    @Test
    void theTagIsOfRfc9106() {
        MemorySegment memory = Memory.zeros(SMALL.memoryBytes());
        MemorySegment tag = Memory.zeros(32);
        Argon2id.derive(SMALL, filled(32, 1), 0, 32, filled(16, 2), 0, 16, filled(8, 3), 0, 8, filled(12, 4), 0, 12, tag, 0, 32, memory, 0);
        assertEquals("0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659", Memory.hex(tag));
        assertEquals(0, RawMemory.nonZero(memory), "not wiped");
    }

    /// Lanes that divide nothing evenly, one lane, sizes that are rounded down, segments past 128 blocks, tags of every kind of length.
    @Test
    void agreesWithBouncyCastle() {
        Seeds.forEach(1, 60, random -> {
            int lanes = 1 + random.nextInt(7);
            compare(new Argon2Cost(8 * lanes + random.nextInt(300), 1 + random.nextInt(4), lanes), random);
        });
        Seeds.forEach(1, 3, random -> compare(new Argon2Cost(1200 + random.nextInt(800), 2, 1 + random.nextInt(2)), random));
    }

    private static void compare(Argon2Cost cost, SplittableRandom random) {
        byte[] password = bytes(random, random.nextInt(200));
        byte[] salt = bytes(random, 8 + random.nextInt(30));
        byte[] secret = bytes(random, random.nextInt(40));
        byte[] associated = bytes(random, random.nextInt(40));
        byte[] expected = new byte[4 + random.nextInt(random.nextInt(2) == 0 ? 64 : 300)];
        Argon2BytesGenerator generator = new Argon2BytesGenerator();
        generator.init(new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id).withVersion(Argon2Parameters.ARGON2_VERSION_13)
                .withMemoryAsKB(cost.memoryKib()).withIterations(cost.passes()).withParallelism(cost.lanes()).withSalt(salt)
                .withSecret(secret).withAdditional(associated).build());
        generator.generateBytes(password, expected);
        MemorySegment memory = Memory.zeros(cost.memoryBytes() + 2);
        MemorySegment tag = Memory.zeros(expected.length);
        Argon2id.derive(cost, Memory.of(password), 0, password.length, Memory.of(salt), 0, salt.length, Memory.of(secret), 0, secret.length,
                Memory.of(associated), 0, associated.length, tag, 0, expected.length, memory, 1);
        assertArrayEquals(expected, Memory.bytes(tag), cost.toString());
        assertEquals(0, RawMemory.nonZero(memory), "not wiped");
    }

    private static byte[] bytes(SplittableRandom random, int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    @Test
    void remaindersAreWhatDivisionGives() {
        Seeds.forEach(1, 20, random -> {
            int lanes = 1 + random.nextInt(Argon2Cost.LANES_MAX);
            long inverse = Long.divideUnsigned(-1, lanes);
            for (int i = 0; i < 1000; i++) {
                long value = random.nextLong() >>> 32;
                assertEquals(value % lanes, Argon2id.remainder(value, lanes, inverse));
                long multiple = value / lanes * lanes;
                assertEquals(0, Argon2id.remainder(multiple, lanes, inverse));
                assertEquals((multiple + lanes - 1) % lanes, Argon2id.remainder(multiple + lanes - 1, lanes, inverse));
            }
        });
    }

    @ParameterizedTest
    @CsvSource({"8,1,1,true", "7,1,1,false", "32,1,4,true", "31,1,4,false", "8,0,1,false", "8,1,0,false", "8,-1,1,false",
            "2147483647,1,16777215,true", "2147483647,1,16777216,false", "-8,1,1,false", "8,1,-1,false"})
    void costsPassAtTheLimitsAndAreRefusedPastThem(int memory, int passes, int lanes, boolean valid) {
        assertEquals(valid, Argon2Cost.valid(memory, passes, lanes));
        if (valid) {
            assertEquals(memory, new Argon2Cost(memory, passes, lanes).memoryKib());
        } else {
            assertThrows(IllegalArgumentException.class, () -> new Argon2Cost(memory, passes, lanes));
        }
    }

    @Test
    void lengthsPassAtTheLimitsAndAreRefusedPastThem() {
        MemorySegment memory = filled((int) SMALL.memoryBytes(), 9);
        MemorySegment text = filled(32, 1);
        MemorySegment tag = filled(32, 7);
        Class<IllegalArgumentException> refused = IllegalArgumentException.class;
        assertThrows(refused, () -> derive(text, 32, 8, tag, 3, memory));
        assertThrows(refused, () -> derive(text, 32, 7, tag, 4, memory));
        assertThrows(refused, () -> derive(MemorySegment.ofArray(new byte[32]), 32, 8, tag, 4, memory));
        assertThrows(refused, () -> derive(text, 32, 8, MemorySegment.ofArray(new byte[32]), 4, memory));
        assertThrows(refused, () -> derive(text, 32, 8, memory, 4, memory));
        assertThrows(refused, () -> derive(memory, 32, 8, tag, 4, memory));
        assertThrows(IndexOutOfBoundsException.class, () -> derive(text, 33, 8, tag, 4, memory));
        assertThrows(IndexOutOfBoundsException.class, () -> derive(text, 32, 8, tag, 4, memory.asSlice(1)));
        assertEquals(-1, memory.mismatch(filled((int) SMALL.memoryBytes(), 9)), "the memory was written to");
        assertEquals(-1, tag.mismatch(filled(32, 7)), "the tag was written to");
        derive(text, 0, 8, tag, 4, memory);
        assertTrue(tag.mismatch(filled(32, 7)) < 4);
    }

    private static void derive(MemorySegment password, int length, int saltLength, MemorySegment tag, int tagLength, MemorySegment memory) {
        Argon2id.derive(SMALL, password, 0, length, filled(32, 5), 0, saltLength, tag, 0, tagLength, memory, 0);
    }

    /// The input is in memory that is gone when it is read: the last thing that can fail, and there all is wiped.
    @Test
    void memoryIsWipedWhereAnInputFailsUnderneath() {
        MemorySegment memory = filled((int) SMALL.memoryBytes(), 9);
        MemorySegment tag = Memory.zeros(32);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment mine = arena.allocate(16);
            var failed = new Throwable[1];
            Thread other = Thread.ofPlatform().start(() -> failed[0] = assertThrows(WrongThreadException.class,
                    () -> Argon2id.derive(SMALL, mine, 0, 16, filled(8, 1), 0, 8, tag, 0, 32, memory, 0)));
            assertTrue(join(other));
            assertEquals(WrongThreadException.class, failed[0].getClass());
        }
        assertEquals(0, RawMemory.nonZero(memory), "not wiped");
        assertEquals(0, RawMemory.nonZero(tag, 0, 32), "a tag without a passphrase");
    }

    private static boolean join(Thread thread) {
        try {
            thread.join();
            return true;
        } catch (InterruptedException e) {
            return false;
        }
    }

    @Test
    void thePlanIsWhatIsTaken() {
        assertEquals(SMALL.memoryBytes(), SMALL.plan().totalBytes());
        assertEquals((64L << 20) + 4480, Argon2Cost.SECOND_RECOMMENDED.memoryBytes());
        try (Region region = Region.open(RegionConfig.defaults("argon2"), new Argon2Cost(64, 1, 1).plan())) {
            assertFalse(region.toString().isEmpty());
        }
    }

    @ParameterizedTest
    @EnumSource(HeapMode.class)
    void noDerivationMakesAnObject(HeapMode mode) {
        SteadyPaths.check(mode, List.of(Derivation.class));
    }

    static final class Derivation implements SteadyPath {
        private final Argon2Cost cost = new Argon2Cost(32, 2, 3);
        private final MemorySegment memory = Arena.global().allocate(cost.memoryBytes(), 64);
        private final MemorySegment text = Arena.global().allocate(200).fill((byte) 3);

        @Override
        public void run() {
            Argon2id.derive(cost, text, 0, 30, text, 30, 16, text, 60, 8, text, 70, 10, text, 100, 100, memory, 0);
        }

        @Override
        public int operations() {
            return 1;
        }
    }
}
