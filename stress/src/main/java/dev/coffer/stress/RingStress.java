package dev.coffer.stress;

import dev.coffer.memory.ring.CircularBuffer;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;

/// One writer and one reader on a [CircularBuffer], without a lock.
public final class RingStress {
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

    private RingStress() {}

    private static CircularBuffer ring(long capacity) {
        return CircularBuffer.over("r", Arena.ofAuto().allocate(capacity), 0, capacity);
    }

    /// What is readable was written: no count without its bytes.
    @JCStressTest
    @Outcome(id = "0, 0, 0", expect = Expect.ACCEPTABLE, desc = "before the write")
    @Outcome(id = "2, 7, 8", expect = Expect.ACCEPTABLE, desc = "after it")
    @State
    public static class CommitPublishesBytes {
        private final CircularBuffer ring = ring(4);
        private final MemorySegment two = MemorySegment.ofArray(new byte[] {7, 8});
        private final MemorySegment out = MemorySegment.ofArray(new byte[2]);

        @Actor
        public void writer() {
            ring.tryWrite(two, 0, 2);
        }

        @Actor
        public void reader(III_Result r) {
            r.r1 = (int) ring.readSome(out, 0, 2);
            r.r2 = out.get(BYTE, 0);
            r.r3 = out.get(BYTE, 1);
        }
    }

    /// Room that the reader gave back is zero when the writer sees it, and the write lands whole or not at all.
    @JCStressTest
    @Outcome(id = "0, 0", expect = Expect.ACCEPTABLE, desc = "no room yet")
    @Outcome(id = "1, 0", expect = Expect.ACCEPTABLE, desc = "room, and zero")
    @State
    public static class RoomIsWiped {
        private final CircularBuffer ring = ring(1);

        public RoomIsWiped() {
            ring.tryWriteU8(0x5a);
        }

        @Actor
        public void reader() {
            ring.consume(1);
        }

        @Actor
        public void writer(II_Result r) {
            r.r1 = (int) ring.room();
            r.r2 = r.r1 == 0 ? 0 : ring.segment().get(BYTE, ring.firstRoomAt());
        }
    }

    /// Nothing is lost, doubled or torn over the wrap; the counts agree when both are done.
    @JCStressTest
    @Outcome(id = "0, 2, 5", expect = Expect.ACCEPTABLE, desc = "the old two, then the new three")
    @Outcome(id = "1, 2, 5", expect = Expect.ACCEPTABLE, desc = "refused for want of room, written afterwards")
    @State
    public static class WrapKeepsOrder {
        private final CircularBuffer ring = ring(4);
        private final MemorySegment three = MemorySegment.ofArray(new byte[] {3, 4, 5});
        private final MemorySegment out = MemorySegment.ofArray(new byte[8]);
        private int refused;
        private int first;

        public WrapKeepsOrder() {
            ring.tryWrite(MemorySegment.ofArray(new byte[] {9, 1, 2}), 0, 3);
            ring.consume(1);
        }

        @Actor
        public void writer() {
            refused = ring.tryWrite(three, 0, 3) ? 0 : 1;
        }

        @Actor
        public void reader() {
            first = (int) ring.readSome(out, 0, 2);
        }

        @Arbiter
        public void both(III_Result r) {
            r.r1 = refused;
            r.r2 = first;
            if (refused == 1) {
                ring.tryWrite(three, 0, 3);
            }
            long rest = ring.readSome(out, first, 6);
            boolean ordered = first + rest == 5 && ring.usedBytes() == 0;
            for (int i = 0; i < 5; i++) {
                ordered &= out.get(BYTE, i) == i + 1;
            }
            r.r3 = ordered ? 5 : -1;
        }
    }
}
