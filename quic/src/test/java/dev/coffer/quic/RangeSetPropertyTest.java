package dev.coffer.quic;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.coffer.testkit.Seeds;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;
import org.junit.jupiter.api.Test;

/// Ranges beside a plain set of numbers.
class RangeSetPropertyTest {
    private static final int NUMBERS = 64;

    private static int ranges(BitSet set) {
        int ranges = 0;
        for (int i = set.nextSetBit(0); i >= 0; i = set.nextSetBit(set.nextClearBit(i))) {
            ranges++;
        }
        return ranges;
    }

    @Test
    void changesAreThoseOfASetOfNumbersOrAreRefusedWhole() {
        Seeds.forEach(1, 2000, random -> {
            int most = 1 + random.nextInt(6);
            int at = random.nextInt(9);
            MemorySegment memory = Arena.ofAuto().allocate(at + RangeSet.bytes(most) + 8);
            memory.fill((byte) 0);
            BitSet model = new BitSet();
            for (int step = 0; step < 60; step++) {
                int start = random.nextInt(NUMBERS);
                int end = start + 1 + random.nextInt(random.nextBoolean() ? 3 : 20);
                BitSet changed = (BitSet) model.clone();
                switch (random.nextInt(4)) {
                    case 0 -> {
                        changed.set(start, end);
                        assertEquals(ranges(changed) <= most, RangeSet.add(memory, at, most, start, end));
                    }
                    case 1 -> {
                        changed.clear(start, end);
                        assertEquals(ranges(changed) <= most, RangeSet.remove(memory, at, most, start, end));
                    }
                    case 2 -> {
                        changed.clear(0, start);
                        RangeSet.removeBelow(memory, at, start);
                    }
                    default -> {
                        RangeSet.cover(memory, at, most, start, end);
                        changed.set(start, end);
                        if (ranges(changed) > most) {
                            changed = numbers(memory, at);
                            assertEquals(end - start, changed.get(start, end).cardinality(), "all of it is in");
                            BitSet lost = (BitSet) model.clone();
                            lost.andNot(changed);
                            assertEquals(0, lost.cardinality(), "nothing that was in is out");
                        }
                    }
                }
                model = ranges(changed) <= most ? changed : model;
                RangeSet.checkInvariants(memory, at, most);
                assertEquals(model, numbers(memory, at));
                assertEquals(model.get(start), RangeSet.contains(memory, at, start));
                assertEquals(model.nextClearBit(start) >= end, RangeSet.covers(memory, at, start, end));
                assertEquals(0, memory.get(java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED, at + RangeSet.bytes(most)), "behind it");
            }
        });
    }

    private static BitSet numbers(MemorySegment memory, long at) {
        BitSet set = new BitSet();
        for (int i = 0; i < RangeSet.count(memory, at); i++) {
            set.set((int) RangeSet.start(memory, at, i), (int) RangeSet.end(memory, at, i));
        }
        return set;
    }
}
