package dev.coffer.quic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.testkit.Seeds;
import dev.coffer.testkit.SeededEntropy;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// The line of connections that lack a block, with connections that do nothing but want some, at once or not at all.
class WaitingTest {
    private static final int MANY = 10_000;
    private static final int BLOCKS = 1 << 16;  // far more than any may have: whose share it is does not count here

    private QuicLoop loop;
    private Waiting waiting;
    private int[] wants;
    private final Deque<Integer> asked = new ArrayDeque<>();
    private final List<Integer> served = new ArrayList<>();
    private final Deque<Integer> held = new ArrayDeque<>();  // blocks that nobody gives back yet
    private long now = 1;

    private void open(int connections) {
        QuicConfig config = QuicConfig.tight().withBlocks(128, BLOCKS);
        MemorySegment memory = Arena.ofAuto().allocate(QuicLoop.planOfServer(config, connections, 1, Ends.tls().suites()).totalBytes(), 64);
        loop = QuicLoop.ofServer(config, connections, 1, Ends.tls().suites(), new SeededEntropy(1), memory);
        loop.blocks.share(true);
        long bytes = NumberQueue.bytes(connections);
        waiting = new Waiting(loop, Arena.ofAuto().allocate(2 * bytes, 64), 0, bytes);
        wants = new int[connections];
        Blocks others = loop.blocks.of(-1);
        while (others.freeCount() > BLOCKS / 16) {
            held.add(others.tryTake(Blocks.LAST));
        }
        long hog = loop.ownerAt(connections - 1);  // has all but a sixteenth, so that what is given back is all that there is
        while (loop.blocks.freeCount() > 0) {
            loop.blocks.of(hog).tryTake(Blocks.LAST);
        }
    }

    @AfterEach
    void close() {
        loop.close();
    }

    private void giveBack() {
        loop.blocks.of(-1).release(held.removeFirst());
    }

    private void lack(int number, int blocks) {
        wants[number] = blocks;
        loop.blocks.of(loop.ownerAt(number)).lack();
        assertTrue(loop.blocks.lacked(loop.ownerAt(number)));
        waiting.add(number, false);
    }

    /// Whom it asks has a turn, at once.
    private void goOn() {
        do {
            for (int of; (of = waiting.next(now)) != Waiting.NONE;) {
                asked.add(of);
                waiting.checkInvariants();
            }
            Integer next = asked.poll();
            if (next == null) {
                return;
            }
            if (waiting.isAsked(next)) {
                turn(next);
            }
            waiting.checkInvariants();
        } while (true);
    }

    private void turn(int number) {
        Blocks blocks = loop.blocks.of(loop.ownerAt(number));
        if (wants[number] > 0 && blocks.freeCount() >= wants[number]) {
            for (int i = 0; i < wants[number]; i++) {
                held.add(blocks.tryTake(Blocks.LAST));
            }
            wants[number] = 0;
            served.add(number);
        } else if (wants[number] > 0) {
            blocks.lack();
        }
        waiting.heard(number);
        waiting.looked(number);
    }

    /// {@return how often it was told of the time}
    private int passTime(long nanos) {
        int ticks = 0;
        for (long until = now + nanos; waiting.deadlineNanos(now) <= until; ticks++) {
            now = Math.max(now, waiting.deadlineNanos(now));
            waiting.onDeadline(now);
            goOn();
        }
        return ticks;
    }

    private static List<Integer> numbers(int from, int to) {
        return IntStream.range(from, to).boxed().toList();
    }

    @Test
    void eachBlockCostsOneLookAndGoesToWhoHasWaitedLongest() {
        open(MANY + 1);
        for (int i = 0; i < MANY; i++) {
            lack(i, 1);
        }
        for (int i = 0; i < MANY; i++) {
            giveBack();
            goOn();
            assertEquals(i + 1, served.size());
            assertEquals(i + 1, waiting.looks());
        }
        assertEquals(numbers(0, MANY), served);
        assertEquals(0, waiting.count());
        assertEquals(Long.MAX_VALUE, waiting.deadlineNanos(now));
    }

    /// All want three at once, and one comes back at a time: of 10,000 a few look for each.
    @Test
    void whereAllWantMoreThanThereIsFewLookForEachBlock() {
        open(MANY + 1);
        for (int i = 0; i < MANY; i++) {
            lack(i, 3);
        }
        for (int back = 1; back <= 3000; back++) {
            giveBack();
            goOn();
            assertTrue(waiting.looks() <= (long) Waiting.LOOKS * back, waiting.looks() + " looks for " + back);
            assertEquals(back / 3, served.size());
        }
        assertEquals(numbers(0, 1000), served, "the first keeps its place until it has what it wants");
    }

    /// Whoever can do with what all before it cannot is asked in its time, and each once.
    @Test
    void nobodyIsForgottenThoughNothingMoreComesBack() {
        open(MANY + 1);
        for (int i = 0; i < MANY - 1; i++) {
            lack(i, 3);
        }
        lack(MANY - 1, 1);
        giveBack();
        goOn();
        int ticks = passTime(3_000_000_000L);
        assertEquals(List.of(MANY - 1), served);
        assertTrue(ticks <= MANY / Waiting.LOOKS + 1, ticks + " ticks");
        assertTrue(waiting.looks() <= MANY + 1, waiting.looks() + " looks");
        giveBack();
        goOn();
        passTime(10_000_000_000L);
        assertEquals(Long.MAX_VALUE, waiting.deadlineNanos(now), "all were asked for what came back: nobody asks them for nothing");
        assertTrue(waiting.looks() <= 2 * MANY + 10, waiting.looks() + " looks: one more for each time that the first stands last");
    }

    @Test
    void whoIsGoneOrNeedsNoneAnyMorePassesItOnInTheSameStep() {
        open(9);
        for (int i = 0; i < 8; i++) {
            lack(i, 1);
        }
        wants[0] = 0;           // it has found what it needs
        giveBack();
        goOn();
        assertEquals(List.of(1), served);
        giveBack();
        assertEquals(2, waiting.next(now));
        assertEquals(Waiting.NONE, waiting.next(now), "one block, one that was asked");
        waiting.leave(2);       // it is over in the midst of its turn
        assertFalse(waiting.isAsked(2));
        goOn();
        assertEquals(List.of(1, 3), served);
        waiting.leave(4);       // and before
        waiting.leave(7);
        waiting.leave(7);
        giveBack();
        giveBack();
        goOn();
        assertEquals(List.of(1, 3, 5, 6), served);
        assertEquals(0, waiting.count());
        lack(7, 1);
        lack(4, 1);
        giveBack();
        goOn();
        assertEquals(List.of(1, 3, 5, 6, 7), served, "it stands where it began to wait anew");
    }

    /// What came back before somebody began to wait is no reason to ask it; but what came back between its look and that is.
    @Test
    void whoHasJustLookedIsNotAskedAgain() {
        open(3);
        giveBack();
        lack(0, 2);
        goOn();
        assertEquals(0, waiting.looks());
        assertEquals(Long.MAX_VALUE, waiting.deadlineNanos(now));
        wants[1] = 1;
        waiting.add(1, true);
        goOn();
        assertEquals(List.of(1), served);
        assertEquals(1, waiting.looks());
    }

    /// As many as there are blocks are asked at once: nobody waits for another's turn.
    @Test
    void asManyAreAskedAsBlocksAreFree() {
        open(9);
        for (int i = 0; i < 8; i++) {
            lack(i, 1);
        }
        for (int i = 0; i < 3; i++) {
            giveBack();
        }
        assertEquals(List.of(0, 1, 2, Waiting.NONE), List.of(waiting.next(now), waiting.next(now), waiting.next(now), waiting.next(now)));
        asked.addAll(List.of(2, 0, 1));
        goOn();
        assertEquals(List.of(2, 0, 1), served);
    }

    /// Others take singly what the first wants together, and come again: what comes back is kept for it then, for a while.
    @Test
    void whoWantsMuchIsServedThoughOthersAreContentWithLittle() {
        open(9);
        lack(0, 3);
        for (int i = 1; i < 8; i++) {
            lack(i, 1);
        }
        long began = now;
        while (!served.contains(0) && now < began + 10_000_000_000L) {
            now += 20_000_000;
            waiting.onDeadline(now);
            giveBack();
            goOn();
            for (int i = 1; i < 8; i++) {
                if (wants[i] == 0 && !waiting.isIn(i)) {
                    lack(i, 1);
                }
            }
        }
        assertTrue(served.contains(0));
        assertTrue(now - began <= Waiting.PASS_NANOS + Waiting.HOLD_NANOS, (now - began) + " ns");
        assertTrue(served.size() > 40, "and the others went on meanwhile");
    }

    /// What was kept for it is for the others at once.
    @Test
    void whoGoesWhileBlocksAreKeptForItKeepsNobodyWaiting() {
        open(12);
        for (int i = 0; i < 10; i++) {
            lack(i, 5);
        }
        giveBack();
        goOn();
        passTime(Waiting.PASS_NANOS);
        lack(10, 1);
        now += Waiting.PASS_NANOS;
        giveBack();
        goOn();
        assertEquals(now + Waiting.HOLD_NANOS, waiting.deadlineNanos(now));
        waiting.leave(0);
        goOn();
        assertEquals(now + Waiting.TICK_NANOS, waiting.deadlineNanos(now), "those that were asked want more than there is");
        passTime(3 * Waiting.TICK_NANOS);
        assertEquals(List.of(10), served);
    }

    /// Who will never have enough keeps a fifth of the time from the others, no more.
    @Test
    void whoNeverHasEnoughDoesNotStopTheOthers() {
        open(9);
        lack(0, 1000);
        for (int i = 1; i < 8; i++) {
            lack(i, 1);
        }
        for (int i = 0; i < 1000; i++) {
            now += 10_000_000;
            passTime(0);
            giveBack();
            goOn();
            for (int k = 1; k < 8; k++) {
                if (wants[k] == 0 && !waiting.isIn(k)) {
                    lack(k, 1);
                }
            }
        }
        assertTrue(served.size() > 750, served.size() + " of 1,000");
        assertTrue(waiting.isIn(0));
    }

    /// Against a plain list: whatever happens, in whatever order, nobody who could go on is left, nobody is asked twice at a time, looks are paid for.
    @Test
    void nobodyIsLostWhateverHappens() {
        Seeds.forEach(1, 300, this::anything);
    }

    private void anything(SplittableRandom random) {
        int connections = 2 + random.nextInt(20);
        open(connections + 1);
        served.clear();
        asked.clear();
        int back = 0;
        int ticks = 0;
        List<Integer> joined = new ArrayList<>();
        for (int step = 0; step < 300; step++) {
            int of = random.nextInt(connections);
            switch (random.nextInt(6)) {
                case 0, 1 -> {
                    if (!waiting.isIn(of)) {
                        lack(of, loop.blocks.freeCount() + 1 + random.nextInt(3));
                        joined.add(of);
                    }
                }
                case 2, 3 -> {
                    giveBack();
                    back++;
                }
                case 4 -> {
                    if (random.nextInt(4) == 0) {
                        waiting.leave(of);
                        asked.remove(of);
                        wants[of] = 0;
                    } else if (random.nextInt(4) == 0) {
                        wants[of] = 0;
                    }
                }
                default -> {
                    if (waiting.deadlineNanos(now) < Long.MAX_VALUE) {
                        now = Math.max(now, waiting.deadlineNanos(now));
                        waiting.onDeadline(now);
                        ticks++;
                    }
                }
            }
            waiting.checkInvariants();
            if (random.nextInt(3) != 0) {
                goOn();
            }
            assertTrue(waiting.looks() <= (long) Waiting.LOOKS * (back + ticks), waiting.looks() + " looks for " + back + " blocks, " + ticks + " ticks");
        }
        goOn();
        passTime(60_000_000_000L);
        int free = loop.blocks.freeCount();
        for (int of = 0; of < connections; of++) {
            int number = of;
            assertTrue(!waiting.isIn(of) || wants[of] == 0 || wants[of] > free, () -> number + " wants " + wants[number] + " of " + free + ", " + joined);
        }
        Arrays.fill(wants, 0);
        held.clear();
        loop.close();
    }
}
