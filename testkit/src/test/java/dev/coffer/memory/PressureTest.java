package dev.coffer.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.testkit.HeapBytes;
import dev.coffer.testkit.ObjectBytes;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PressureTest {
    private final Budget budget = Budget.root("b", 1000);
    private final Pressure pressure = new Pressure(budget, new Pressure.Config(4, 90, 50));
    private final List<String> asked = new ArrayList<>();

    /// Holds some empty and some full bytes of the budget.
    private final class Holder implements Pressure.Owner {
        private final String name;
        private final boolean idle;
        private long empty;
        private long full;

        Holder(String name, boolean idle, long empty, long full) {
            this.name = name;
            this.idle = idle;
            this.empty = empty;
            this.full = full;
            budget.reserve(empty + full);
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public boolean isIdle() {
            return idle;
        }

        @Override
        public long shrink(boolean everything) {
            asked.add(name + (everything ? " all" : ""));
            assertEquals(0, pressure.relieve(), "no relief inside a relief");
            assertThrows(IllegalStateException.class, () -> pressure.register(this));
            assertThrows(IllegalStateException.class, () -> pressure.unregister(this));
            long back = empty + (everything ? full : 0);
            empty = 0;
            full = everything ? 0 : full;
            budget.release(back);
            return back;
        }
    }

    @Test
    void asksIdleOwnersFirstInOrderAndStopsAtTheLowMark() {
        Holder busy = new Holder("busy", false, 300, 100);
        Holder idleA = new Holder("idle a", true, 50, 250);
        Holder idleB = new Holder("idle b", true, 0, 100);
        pressure.register(busy);
        pressure.register(idleA);
        pressure.register(idleB);
        assertEquals(0, pressure.relieve(), "800 of 1000 is below 90 %");
        assertEquals(List.of(), asked);
        budget.reserve(100);
        assertEquals(400, pressure.relieve());
        assertEquals(List.of("idle a", "idle b", "idle a all", "idle b all"), asked);
        assertEquals(500, budget.usedBytes());
        assertEquals(400, pressure.reclaimedBytes());
        assertEquals(300, pressure.givenBytes(idleA));
        assertEquals(0, pressure.givenBytes(busy));
        assertEquals(1, pressure.reliefs());
        asked.clear();
        budget.reserve(450);
        assertEquals(300, pressure.relieve(), "the busy one gives what is empty, and no more");
        assertEquals("busy", asked.getLast());
        assertEquals(100, busy.full);
    }

    @Test
    void reservesAfterRelief() {
        Holder idle = new Holder("idle", true, 600, 300);
        pressure.register(idle);
        assertFalse(pressure.tryReserve(1001), "no answer could help");
        assertEquals(List.of(), asked);
        assertTrue(pressure.tryReserve(200));
        assertEquals(List.of("idle"), asked);
        assertEquals(500, budget.usedBytes());
        assertTrue(pressure.tryReserve(0));
        assertFalse(pressure.tryReserve(1000));
        assertThrows(IllegalArgumentException.class, () -> pressure.tryReserve(-1));
        assertEquals(200, budget.usedBytes(), "the idle one gave the rest");
        assertTrue(pressure.unregister(idle));
        assertFalse(pressure.unregister(idle));
        assertThrows(IllegalArgumentException.class, () -> pressure.givenBytes(idle));
        assertEquals(900, pressure.reclaimedBytes());
    }

    @Test
    void theTableIsFixedAndHoldsEachOwnerOnce() {
        Holder[] holders = new Holder[5];
        for (int i = 0; i < 4; i++) {
            holders[i] = new Holder("h" + i, true, 0, 0);
            pressure.register(holders[i]);
        }
        String full = assertThrows(IllegalStateException.class, () -> pressure.register(new Holder("x", true, 0, 0)))
                .getMessage();
        assertEquals("pressure on \"b\": owner \"x\" is one more than 4", full);
        assertTrue(pressure.unregister(holders[1]));
        assertThrows(IllegalStateException.class, () -> pressure.register(holders[2]));
        assertThrows(NullPointerException.class, () -> pressure.register(null));
        pressure.register(holders[1]);
        budget.reserve(1000);
        pressure.relieve();
        assertEquals(List.of("h0", "h2", "h3", "h1"), asked.subList(0, 4));
    }

    @Test
    void anOwnerThatGivesLessThanNothingIsABug() {
        Pressure.Owner wrong = new Pressure.Owner() {
            @Override
            public String name() {
                return "wrong";
            }

            @Override
            public boolean isIdle() {
                return true;
            }

            @Override
            public long shrink(boolean everything) {
                return -1;
            }
        };
        pressure.register(wrong);
        budget.reserve(950);
        assertThrows(IllegalStateException.class, pressure::relieve);
        assertEquals(0, pressure.reclaimedBytes());
        assertTrue(pressure.unregister(wrong));
    }

    @Test
    void askingAllocatesNothingAndItsHeapIsWhatJolCounts() {
        budget.reserve(950);
        Pressure.Owner none = new Pressure.Owner() {
            @Override
            public String name() {
                return "none";
            }

            @Override
            public boolean isIdle() {
                return true;
            }

            @Override
            public long shrink(boolean everything) {
                return 0;
            }
        };
        pressure.register(none);
        assertEquals(0, HeapBytes.least(3, 3, () -> {
            for (int i = 0; i < 20_000; i++) {
                pressure.relieve();
                pressure.tryReserve(100);
            }
        }));
        assertEquals(950, budget.usedBytes());
        assertEquals(Pressure.plan("p", new Pressure.Config(4, 90, 50)).heapBytes(), ObjectBytes.beside(pressure, budget, none));
    }

    @Test
    void refusesMarksThatCannotStand() {
        int[][] wrong = {{0, 90, 75}, {1, 0, 0}, {1, 101, 75}, {1, 50, 51}, {1, 50, -1}, {Integer.MAX_VALUE, 90, 75}};
        for (int[] w : wrong) {
            assertThrows(IllegalArgumentException.class, () -> new Pressure.Config(w[0], w[1], w[2]));
        }
        for (int[] right : new int[][] {{1, 1, 0}, {1, 1, 1}, {1 << 20, 100, 100}}) {
            assertEquals(right[0], new Pressure.Config(right[0], right[1], right[2]).ownersMax());
        }
        assertThrows(IllegalArgumentException.class, () -> new Pressure.Config((1 << 20) + 1, 90, 75));
        Budget huge = Budget.root("huge", Long.MAX_VALUE);
        Pressure onHuge = new Pressure(huge, Pressure.Config.defaults());
        assertEquals(0, onHuge.relieve());
        assertTrue(onHuge.tryReserve(Long.MAX_VALUE));
        assertFalse(onHuge.tryReserve(1));
    }

    @Test
    void asksWhereAnAncestorIsFull() {
        Budget loop = budget.child("loop", 10_000);
        Pressure ofLoop = new Pressure(loop, Pressure.Config.defaults());
        loop.reserve(300);
        ofLoop.register(new Pressure.Owner() {
            @Override
            public String name() {
                return "cache";
            }

            @Override
            public boolean isIdle() {
                return true;
            }

            @Override
            public long shrink(boolean everything) {
                loop.release(100);
                return 100;
            }
        });
        budget.reserve(650);  // a sibling's: 50 bytes are left, although the loop is far from its own limit
        assertTrue(ofLoop.tryReserve(140));
        assertEquals(990, budget.usedBytes());
        assertEquals(1, ofLoop.reliefs());
        assertFalse(ofLoop.tryReserve(1001), "more than the ancestor's limit");
        assertEquals(1, ofLoop.reliefs());
    }

    @Test
    void theTypedFormSaysWhichBudgetIsShort() {
        Budget child = budget.child("child", 500);
        Pressure onChild = new Pressure(child, Pressure.Config.defaults());
        onChild.reserve(300);
        assertEquals(300, child.usedBytes());
        BudgetExceededException refusal = assertThrows(BudgetExceededException.class, () -> onChild.reserve(201));
        assertEquals("child", refusal.budget());
        assertEquals(201, refusal.requested());
        assertEquals(200, refusal.available());
        budget.reserve(600);
        assertEquals("b", assertThrows(BudgetExceededException.class, () -> onChild.reserve(101)).budget());
        assertThrows(IllegalArgumentException.class, () -> onChild.reserve(-1));
        assertEquals(300, child.usedBytes());
        onChild.reserve(100);
        assertEquals(400, child.usedBytes());
    }

    @Test
    void anOwnerThatThrowsLeavesNothingReserved() {
        pressure.register(new Pressure.Owner() {
            @Override
            public String name() {
                return "throws";
            }

            @Override
            public boolean isIdle() {
                return true;
            }

            @Override
            public long shrink(boolean everything) {
                throw new StackOverflowError();
            }
        });
        assertTrue(pressure.tryReserve(899));
        assertThrows(StackOverflowError.class, () -> pressure.tryReserve(50));
        assertThrows(StackOverflowError.class, () -> pressure.reserve(50));
        assertEquals(899, budget.usedBytes());
        budget.release(899);
        assertTrue(pressure.tryReserve(899), "and asking goes on");
    }

    @Test
    void whatIsLeftKeepsItsOrderAndItsFigures() {
        Holder[] holders = new Holder[3];
        for (int i = 0; i < 3; i++) {
            holders[i] = new Holder("h" + i, true, 10 * (i + 1), 0);
            pressure.register(holders[i]);
        }
        budget.reserve(900 - budget.usedBytes());
        assertEquals(60, pressure.relieve());
        assertTrue(pressure.unregister(holders[0]));
        assertEquals(20, pressure.givenBytes(holders[1]));
        assertEquals(30, pressure.givenBytes(holders[2]));
        pressure.register(holders[0]);
        assertEquals(0, pressure.givenBytes(holders[0]), "counted since it was registered");
        asked.clear();
        budget.reserve(900 - budget.usedBytes());
        pressure.relieve();
        assertEquals(List.of("h1", "h2", "h0", "h1 all", "h2 all", "h0 all"), asked);
        assertEquals(2, pressure.reliefs());
    }
}
