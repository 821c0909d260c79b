package dev.coffer.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.coffer.testkit.Seeds;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// A tree of budgets beside plain numbers: who refuses, with which figures, and what every ancestor holds after each step.
class BudgetPropertyTest {
    private static final int NODES = 7;

    @Test
    void aTreeOfBudgetsAgreesWithTheModel() {
        Seeds.forEach(1, 40, random -> new Model(random).run(3_000));
    }

    private static final class Model {
        private final SplittableRandom random;
        private final Budget[] budgets = new Budget[NODES];
        private final int[] parents = new int[NODES];
        private final long[] limits = new long[NODES];
        private final long[] own = new long[NODES];    // reserved here, not by those below
        private final long[] used = new long[NODES];
        private final long[] peaks = new long[NODES];

        Model(SplittableRandom random) {
            this.random = random;
            for (int i = 0; i < NODES; i++) {
                parents[i] = i == 0 ? -1 : random.nextInt(i);
                limits[i] = random.nextInt(6) == 0 ? 0 : random.nextLong(1, 2000);
                budgets[i] = i == 0 ? Budget.root("b0", limits[0]) : budgets[parents[i]].child("b" + i, limits[i]);
            }
        }

        void run(int operations) {
            for (int i = 0; i < operations; i++) {
                int at = random.nextInt(NODES);
                long bytes = random.nextLong(random.nextBoolean() ? 50 : 900);
                if (random.nextBoolean()) {
                    reserve(at, bytes);
                } else {
                    release(at, random.nextInt(3) == 0 ? own[at] : bytes);
                }
                check();
            }
        }

        private void reserve(int at, long bytes) {
            int refusing = -1;
            for (int up = at; up >= 0 && refusing < 0; up = parents[up]) {
                refusing = bytes > limits[up] - used[up] ? up : -1;
            }
            if (refusing >= 0) {
                if (random.nextBoolean()) {
                    assertEquals(false, budgets[at].tryReserve(bytes));
                } else {
                    BudgetExceededException refusal =
                            assertThrows(BudgetExceededException.class, () -> budgets[at].reserve(bytes));
                    assertEquals("b" + refusing, refusal.budget());
                    assertEquals(bytes, refusal.requested());
                    assertEquals(limits[refusing] - used[refusing], refusal.available());
                    assertEquals(limits[refusing], refusal.limit());
                }
                return;
            }
            if (random.nextBoolean()) {
                assertEquals(true, budgets[at].tryReserve(bytes));
            } else {
                budgets[at].reserve(bytes);
            }
            own[at] += bytes;
            for (int up = at; up >= 0; up = parents[up]) {
                used[up] += bytes;
                peaks[up] = Math.max(peaks[up], used[up]);
            }
        }

        private void release(int at, long bytes) {
            if (bytes > used[at]) {
                assertThrows(IllegalStateException.class, () -> budgets[at].release(bytes));
                return;
            }
            if (bytes <= own[at]) {  // else it would be what a child has reserved
                budgets[at].release(bytes);
                own[at] -= bytes;
                for (int up = at; up >= 0; up = parents[up]) {
                    used[up] -= bytes;
                }
            }
        }

        private void check() {
            for (int i = 0; i < NODES; i++) {
                assertEquals(used[i], budgets[i].usedBytes(), budgets[i].toString());
                assertEquals(peaks[i], budgets[i].peakBytes(), budgets[i].toString());
                assertEquals(limits[i] - used[i], budgets[i].availableBytes());
                assertEquals(limits[i], budgets[i].capacityBytes());
                assertEquals(new Budget.Snapshot("b" + i, limits[i], used[i], peaks[i]), budgets[i].snapshot());
            }
        }
    }
}
