package dev.coffer.stress.memory;

import dev.coffer.memory.pool.BufferPool;
import dev.coffer.memory.pool.BufferPoolConfig;
import dev.coffer.memory.pool.PooledBuffer;
import java.lang.foreign.MemorySegment;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.ZZI_Result;

/// The pool under every interleaving that jcstress finds: nothing handed out twice, nothing lost, released bytes seen as
/// zero by the next holder, numbers exact afterwards. Heap memory stands in for a region: a state a sample is cheap so.
public final class PoolStress {
    private PoolStress() {}

    static BufferPool pool(int slots, int threadCaches, int stripes, int cacheSlots) {
        BufferPoolConfig config = BufferPoolConfig.of("p", 64, slots).withCaches(threadCaches, stripes, cacheSlots);
        return BufferPool.over(config, MemorySegment.ofArray(new long[slots * 8]));
    }

    /// One buffer, two takers, free list alone.
    @JCStressTest
    @Outcome(id = {"true, false, 1", "false, true, 1"}, expect = Expect.ACCEPTABLE, desc = "one has it")
    @Outcome(expect = Expect.FORBIDDEN, desc = "handed out twice, or lost")
    @State
    public static class OneForTwo {
        private final BufferPool pool = pool(1, 0, 1, 0);

        @Actor
        public void first(ZZI_Result result) {
            result.r1 = pool.tryAcquire() != null;
        }

        @Actor
        public void second(ZZI_Result result) {
            result.r2 = pool.tryAcquire() != null;
        }

        @Arbiter
        public void after(ZZI_Result result) {
            result.r3 = (int) pool.inUse();
        }
    }

    /// Two buffers, two takers, one stripe that both want: none is refused while one is idle.
    @JCStressTest
    @Outcome(id = "1, 1, 2", expect = Expect.ACCEPTABLE, desc = "each has one")
    @Outcome(id = {"1, 0, 1", "0, 1, 1"}, expect = Expect.ACCEPTABLE_INTERESTING,
            desc = "one was refused: both buffers were in the hands of the other's call at that moment")
    @Outcome(expect = Expect.FORBIDDEN, desc = "handed out twice, or lost")
    @State
    public static class TwoForTwoOverAStripe {
        private final BufferPool pool = pool(2, 0, 1, 4);
        private PooledBuffer ofFirst;
        private PooledBuffer ofSecond;

        @Actor
        public void first(III_Result result) {
            ofFirst = pool.tryAcquire();
            result.r1 = ofFirst == null ? 0 : 1;
        }

        @Actor
        public void second(III_Result result) {
            ofSecond = pool.tryAcquire();
            result.r2 = ofSecond == null ? 0 : 1;
        }

        @Arbiter
        public void after(III_Result result) {
            result.r3 = ofFirst != null && ofFirst == ofSecond ? -1 : (int) pool.inUse();
        }
    }

    /// Both lease, write and release; whoever leases next finds zeros, and both buffers are there.
    @JCStressTest
    @Outcome(id = "0, 0, 2", expect = Expect.ACCEPTABLE, desc = "as new, and none lost")
    @Outcome(expect = Expect.FORBIDDEN, desc = "dirty, lost or twice there")
    @State
    public static class LeaseWriteRelease {
        private final BufferPool pool = pool(2, 2, 1, 1);

        @Actor
        public void first(III_Result result) {
            result.r1 = cycle();
        }

        @Actor
        public void second(III_Result result) {
            result.r2 = cycle();
        }

        /// {@return how many bits of earlier leases were seen}
        private int cycle() {
            int seen = 0;
            for (int i = 0; i < 3; i++) {
                PooledBuffer buffer = pool.tryAcquire();
                if (buffer != null) {
                    buffer.claim(8);
                    seen += Long.bitCount(buffer.i64At(0));
                    buffer.i64At(0, -1);
                    buffer.close();
                }
            }
            return seen;
        }

        @Arbiter
        public void after(III_Result result) {
            if (pool.inUse() != 0) {
                result.r3 = -1;
                return;
            }
            int had = 0;
            while (pool.tryAcquire() != null) {
                had++;
            }
            result.r3 = had;  // also those in the caches of the actors, who live on
        }
    }

    /// An owner leases and releases while another empties its cache: each has a buffer of its own or none, and none is lost.
    @JCStressTest
    @Outcome(id = {"1, 1, 2", "1, 0, 2"}, expect = Expect.ACCEPTABLE, desc = "each slot once, both there")
    @Outcome(expect = Expect.FORBIDDEN, desc = "a slot twice, or lost")
    @State
    public static class OwnerAndThief {
        private final BufferPool pool = pool(2, 2, 1, 2);
        private PooledBuffer stolen;

        @Actor
        public void owner(III_Result result) {
            PooledBuffer one = pool.tryAcquire();   // claims a cache, filled with what there is
            if (one != null) {
                one.close();
            }
            PooledBuffer two = pool.tryAcquire();
            PooledBuffer three = pool.tryAcquire();
            result.r1 = two != null && (two == three || two == stolen || three != null && three == stolen) ? -1 : 1;
            if (two != null) {
                two.close();
            }
            if (three != null) {
                three.close();
            }
        }

        @Actor
        public void thief(III_Result result) {
            PooledBuffer buffer = pool.tryAcquire();
            result.r2 = buffer == null ? 0 : 1;
            if (buffer != null) {
                buffer.close();
            }
        }

        @Arbiter
        public void after(III_Result result) {
            PooledBuffer one = pool.tryAcquire();
            PooledBuffer two = pool.tryAcquire();
            result.r3 = one == null || two == null || one == two || pool.tryAcquire() != null ? -1 : 2;
        }
    }

    /// Two close one lease: one does, the other is refused, the slot is there once.
    @JCStressTest
    @Outcome(id = {"1, 0, 1", "0, 1, 1"}, expect = Expect.ACCEPTABLE, desc = "one ended it")
    @Outcome(expect = Expect.FORBIDDEN, desc = "both or neither, or the slot is lost or twice there")
    @State
    public static class TwoClose {
        private final BufferPool pool = pool(1, 2, 1, 1);
        private final PooledBuffer buffer = pool.acquire();

        @Actor
        public void first(III_Result result) {
            result.r1 = close();
        }

        @Actor
        public void second(III_Result result) {
            result.r2 = close();
        }

        private int close() {
            try {
                buffer.close();
                return 1;
            } catch (IllegalStateException e) {
                return 0;
            }
        }

        @Arbiter
        public void after(III_Result result) {
            result.r3 = pool.tryAcquire() == buffer && pool.tryAcquire() == null && pool.inUse() == 1 ? 1 : -1;
        }
    }

    /// The owner of a lease closes it while another thread does: the fast way against the lock.
    @JCStressTest
    @Outcome(id = {"1, 0, 1", "0, 1, 1", "1, -1, 1"}, expect = Expect.ACCEPTABLE, desc = "one ended it, or the other saw none")
    @Outcome(expect = Expect.FORBIDDEN, desc = "both, or the slot is lost or twice there")
    @State
    public static class OwnerAndStrangerClose {
        private final BufferPool pool = pool(1, 2, 1, 1);
        private volatile PooledBuffer.Lease lease;

        @Actor
        public void owner(III_Result result) {
            lease = pool.acquire().lease();
            result.r1 = close(lease);
        }

        @Actor
        public void stranger(III_Result result) {
            PooledBuffer.Lease seen = lease;
            result.r2 = seen == null ? -1 : close(seen);
        }

        private static int close(PooledBuffer.Lease lease) {
            try {
                lease.close();
                return 1;
            } catch (IllegalStateException e) {
                return 0;
            }
        }

        @Arbiter
        public void after(III_Result result) {
            result.r3 = pool.tryAcquire() != null && pool.tryAcquire() == null && pool.inUse() == 1 ? 1 : -1;
        }
    }

    /// One leases and hands on, the other releases: the foreign release is counted once.
    @JCStressTest
    @Outcome(id = {"1, 1, 0", "1, 0, 1"}, expect = Expect.ACCEPTABLE, desc = "released by the other, or not seen yet")
    @Outcome(expect = Expect.FORBIDDEN, desc = "numbers wrong")
    @State
    public static class ForeignRelease {
        private final BufferPool pool = pool(2, 2, 1, 1);
        private volatile PooledBuffer handed;

        @Actor
        public void first(III_Result result) {
            handed = pool.tryAcquire();
            result.r1 = 1;
        }

        @Actor
        public void second(III_Result result) {
            PooledBuffer buffer = handed;
            if (buffer != null) {
                buffer.close();
                result.r2 = 1;
            }
        }

        @Arbiter
        public void after(III_Result result) {
            result.r3 = (int) pool.inUse();
        }
    }

    /// Two close one lease that is at home in no cache: one exchanges its generation, the other is refused.
    @JCStressTest
    @Outcome(id = {"1, 0, 1", "0, 1, 1"}, expect = Expect.ACCEPTABLE, desc = "one ended it")
    @Outcome(expect = Expect.FORBIDDEN, desc = "both or neither, or the slot is lost or twice there")
    @State
    public static class TwoCloseWithoutHome {
        private final BufferPool pool = pool(2, 0, 1, 0);
        private final PooledBuffer buffer = pool.acquire();

        @Actor
        public void first(III_Result result) {
            result.r1 = close();
        }

        @Actor
        public void second(III_Result result) {
            result.r2 = close();
        }

        private int close() {
            try {
                buffer.close();
                return 1;
            } catch (IllegalStateException e) {
                return 0;
            }
        }

        @Arbiter
        public void after(III_Result result) {
            boolean two = pool.tryAcquire() != null && pool.tryAcquire() != null;
            result.r3 = two && pool.tryAcquire() == null && pool.inUse() == 2 ? 1 : -1;
        }
    }

    /// A pool ends while an owner leases from its cache: the lease is refused or ended, and none is open afterwards.
    @JCStressTest
    @Outcome(id = {"0, 0, 0", "1, 0, 0"}, expect = Expect.ACCEPTABLE, desc = "refused, or ended")
    @Outcome(expect = Expect.FORBIDDEN, desc = "a lease of a pool that is closed")
    @State
    public static class EndWhileAnOwnerLeases {
        private final BufferPool pool = pool(1, 2, 1, 1);
        private PooledBuffer leased;

        @Actor
        public void owner(III_Result result) {
            try {
                pool.acquire().close();
                leased = pool.tryAcquire();
                result.r1 = 1;
            } catch (IllegalStateException e) {
                result.r1 = 0;
            }
        }

        @Actor
        public void ender() {
            pool.close();
        }

        @Arbiter
        public void after(III_Result result) {
            result.r2 = (int) pool.inUse();
            result.r3 = leased != null && leased.isLeased() ? 1 : 0;
        }
    }

    /// The same past every cache.
    @JCStressTest
    @Outcome(id = {"0, 0, 0", "1, 0, 0"}, expect = Expect.ACCEPTABLE, desc = "refused, or ended")
    @Outcome(expect = Expect.FORBIDDEN, desc = "a lease of a pool that is closed")
    @State
    public static class EndWhileAnotherLeases {
        private final BufferPool pool = pool(1, 0, 1, 0);
        private PooledBuffer leased;

        @Actor
        public void lessee(III_Result result) {
            try {
                leased = pool.tryAcquire();
                result.r1 = 1;
            } catch (IllegalStateException e) {
                result.r1 = 0;
            }
        }

        @Actor
        public void ender() {
            pool.close();
        }

        @Arbiter
        public void after(III_Result result) {
            result.r2 = (int) pool.inUse();
            result.r3 = leased != null && leased.isLeased() ? 1 : 0;
        }
    }
}
