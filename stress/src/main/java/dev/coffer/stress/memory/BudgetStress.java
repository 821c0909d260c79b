package dev.coffer.stress.memory;

import dev.coffer.memory.Budget;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IIJ_Result;
import org.openjdk.jcstress.infra.results.JJ_Result;

/// The budget under every interleaving that jcstress finds.
public final class BudgetStress {
    private BudgetStress() {}

    /// Room for one of two requests, over two levels.
    @JCStressTest
    @Outcome(id = {"1, 0, 64", "0, 1, 64"}, expect = Expect.ACCEPTABLE, desc = "one has it")
    @Outcome(expect = Expect.FORBIDDEN, desc = "past the limit, or lost")
    @State
    public static class OneForTwo {
        private final Budget root = Budget.root("root", 64);
        private final Budget left = root.child("left", 64);
        private final Budget right = root.child("right", 64);

        @Actor
        public void first(IIJ_Result result) {
            result.r1 = left.tryReserve(64) ? 1 : 0;
        }

        @Actor
        public void second(IIJ_Result result) {
            result.r2 = right.tryReserve(64) ? 1 : 0;
        }

        @Arbiter
        public void after(IIJ_Result result) {
            result.r3 = root.usedBytes();
        }
    }

    /// A reader never sees more than the limit while two take and give back.
    @JCStressTest
    @Outcome(id = {"0, 0", "40, 0"}, expect = Expect.ACCEPTABLE, desc = "within the limit, and all given back")
    @Outcome(expect = Expect.FORBIDDEN, desc = "past the limit, or lost")
    @State
    public static class NeverPast {
        private final Budget root = Budget.root("root", 79);
        private final Budget leaf = root.child("leaf", 100);

        @Actor
        public void first() {
            if (leaf.tryReserve(40)) {
                leaf.release(40);
            }
        }

        @Actor
        public void second() {
            if (leaf.tryReserve(40)) {
                leaf.release(40);
            }
        }

        @Actor
        public void reader(JJ_Result result) {
            result.r1 = root.usedBytes();
        }

        @Arbiter
        public void after(JJ_Result result) {
            result.r2 = root.usedBytes() + leaf.usedBytes();
        }
    }
}
