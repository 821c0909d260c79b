package dev.coffer.memory.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import dev.coffer.memory.pool.SlotPoolConfig.Kind;
import dev.coffer.testkit.ObjectBytes;
import dev.coffer.testkit.RawMemory;
import dev.coffer.testkit.Seeds;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Random loans beside a map of them: who holds what, what it reads, and every figure.
class SlotPoolPropertyTest {
    @Test
    void agreesWithTheModel() {
        Seeds.forEach(1, 12, random -> run(random, 10_000));
    }

    @Test
    @Tag("long")
    void agreesWithTheModelForTenMillionOperations() {
        Seeds.forEach(100, 10, random -> run(random, 1_000_000));
    }

    private static SlotPoolConfig config(SplittableRandom random) {
        Kind[] kinds = new Kind[random.nextInt(1, 17)];
        for (int i = 0; i < kinds.length; i++) {
            kinds[i] = Kind.of("k" + i, 8L * random.nextInt(20), random.nextInt(7));
        }
        return SlotPoolConfig.of("lent", 1 + random.nextInt(8), kinds);
    }

    private static void run(SplittableRandom random, int operations) {
        SlotPoolConfig config = config(random);
        try (Region region = Region.open(RegionConfig.defaults("t"), MemoryPlan.group("data", SlotPool.plan(config)))) {
            SlotPool pool = SlotPool.open(config, region, (segment, at, index) -> "0/" + index);
            Model model = new Model(random, config, pool);
            for (int i = 0; i < operations; i++) {
                model.step();
            }
            MemorySegment memory = pool.segment();
            pool.close();
            assertEquals(0, RawMemory.nonZero(memory));
        }
    }

    private record Loan(int kind, int borrower, byte mark, long dirty) {}

    private static final class Model {
        private final SplittableRandom random;
        private final SlotPoolConfig config;
        private final SlotPool pool;
        private final SlotObjects<String> objects;
        private final Map<Long, Loan> out = new HashMap<>();
        private final List<Long> ended = new ArrayList<>();
        private final long[] loans = new long[16];
        private final long[] refusals = new long[16];
        private final long[] most = new long[16];
        private long peak;

        Model(SplittableRandom random, SlotPoolConfig config, SlotPool pool) {
            this.random = random;
            this.config = config;
            this.pool = pool;
            this.objects = pool.objects(0, String.class);
        }

        void step() {
            int kind = random.nextInt(config.kinds().size());
            int borrower = random.nextInt(config.borrowers());
            switch (random.nextInt(8)) {
                case 0, 1, 2, 3 -> lend(kind, borrower);
                case 4, 5 -> release();
                case 6 -> stale();
                default -> {
                    if (random.nextInt(4) == 0) {
                        all(borrower);
                    }
                }
            }
            assertEquals(count(kind, -1), pool.lent(kind));
            assertEquals(count(kind, borrower), pool.held(kind, borrower));
            assertEquals(bytes(borrower), pool.heldBytes(borrower));
            assertEquals(bytes(-1), pool.usedBytes());
            assertEquals(peak, pool.peakBytes());
            assertEquals(most[kind], pool.lentMost(kind));
            assertEquals(loans[kind], pool.loans(kind));
            assertEquals(refusals[kind], pool.refusals(kind));
            pool.checkInvariants();
        }

        private long count(int kind, int borrower) {
            return out.values().stream().filter(l -> l.kind == kind && (borrower < 0 || l.borrower == borrower)).count();
        }

        private long bytes(int borrower) {
            return out.values().stream().filter(l -> borrower < 0 || l.borrower == borrower)
                    .mapToLong(l -> config.kinds().get(l.kind).slotBytes()).sum();
        }

        private void lend(int kind, int borrower) {
            long slot = pool.tryLend(kind, borrower);
            if (count(kind, -1) == config.kinds().get(kind).slots()) {
                assertEquals(SlotPool.NONE, slot);
                refusals[kind]++;
                return;
            }
            long bytes = config.kinds().get(kind).slotBytes();
            MemorySegment memory = pool.segment().asSlice(pool.at(slot), bytes);
            assertEquals(-1, memory.mismatch(MemorySegment.ofArray(new byte[(int) bytes])), "zero when lent");
            Loan loan = new Loan(kind, borrower, (byte) (1 + random.nextInt(127)), random.nextLong(bytes + 1));
            memory.asSlice(0, loan.dirty).fill(loan.mark);
            assertEquals(null, out.put(slot, loan));
            loans[kind]++;
            most[kind] = Math.max(most[kind], count(kind, -1));
            peak = Math.max(peak, bytes(-1));
        }

        private long pick() {
            return out.keySet().stream().sorted().skip(random.nextInt(out.size())).findFirst().orElseThrow();
        }

        private void check(long slot) {
            Loan loan = out.get(slot);
            assertTrue(pool.holds(slot));
            assertEquals(loan.borrower, pool.borrower(slot));
            for (long i = 0; i < loan.dirty; i++) {
                assertEquals(loan.mark, pool.segment().get(ValueLayout.JAVA_BYTE, pool.at(slot) + i));
            }
            if (loan.kind == 0) {
                assertEquals("0/" + pool.index(slot), objects.of(slot));
                assertSame(objects.of(slot), objects.of(slot));
            }
        }

        private void release() {
            if (!out.isEmpty()) {
                long slot = pick();
                check(slot);
                if (random.nextBoolean()) {
                    pool.release(slot);
                } else {
                    pool.release(slot, out.get(slot).dirty);
                }
                end(slot);
            }
        }

        private void end(long slot) {
            out.remove(slot);
            if (ended.size() < 100) {
                ended.add(slot);
            } else {
                ended.set(random.nextInt(100), slot);
            }
        }

        private void stale() {
            if (!ended.isEmpty()) {
                long slot = ended.get(random.nextInt(ended.size()));
                assertFalse(pool.holds(slot));
                assertThrows(IllegalStateException.class, () -> pool.release(slot));
                assertThrows(IllegalStateException.class, () -> pool.at(slot));
            }
        }

        private void all(int borrower) {
            List<Long> mine = out.keySet().stream().filter(s -> out.get(s).borrower == borrower).toList();
            mine.forEach(this::check);
            assertEquals(mine.size(), pool.releaseAll(borrower));
            mine.forEach(this::end);
        }
    }

    @Test
    void itsObjectsAreThoseOfThePlan() {
        SlotPoolConfig config = SlotPoolConfig.of("lent", 9, Kind.of("a", 64, 5), Kind.of("b", 8, 1),
                Kind.of("c", 16, 3).withObjectBytes(ObjectBytes.of(new int[5])));
        try (Region region = Region.open(RegionConfig.defaults("t"), MemoryPlan.group("data", SlotPool.plan(config)))) {
            SlotPool pool = SlotPool.open(config, region, null, null, (segment, at, index) -> new int[5]);
            assertEquals(SlotPool.plan(config).heapBytes(), ObjectBytes.beside(pool, config, pool.segment()));
        }
    }
}
