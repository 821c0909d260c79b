package dev.coffer.memory.pool;

import dev.coffer.memory.MemoryPlan;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// What a [SlotPool] lends, and to how many.
///
/// @param name       the plan's row
/// @param borrowers  numbers from 0: 1..2^28, 4 heap bytes each
/// @param kinds      1..16, each of another name
public record SlotPoolConfig(String name, int borrowers, List<Kind> kinds) {
    static final int KIND_BITS = 4;  // of a handle

    /// One kind of slot.
    ///
    /// @param name     the plan's row
    /// @param slots    how many may be lent at a time, 0..2^20
    /// @param typical  how many are as a rule, 0..`slots`, for [MemoryPlan#typicalBytes]
    /// @param each     what a slot holds, off the heap a multiple of 8 up to 2^30 bytes, on the heap its object. Slots lie one behind
    ///                 the other, so they begin at multiples of 64 where this and the sizes of all kinds before are such. A
    ///                 [MemoryPlan#oneOf] makes slots for whichever of its alternatives needs one
    public record Kind(String name, int slots, int typical, MemoryPlan each) {
        /// @throws IllegalArgumentException  a number out of its range
        public Kind {
            long bytes = each.totalBytes();
            if (bytes > 1 << 30 || bytes % Long.BYTES != 0 || slots < 0 || slots > 1 << 20 || typical < 0 || typical > slots) {
                throw new IllegalArgumentException("slots \"" + name + "\": " + slots + " of " + bytes + " bytes, typically "
                        + typical + " (expected 0..2^20 of a multiple of 8 up to 2^30, and no more than there are)");
            }
        }

        /// {@return slots of plain memory; all are expected to be in use}
        public static Kind of(String name, long slotBytes, int slots) {
            return new Kind(name, slots, slots, MemoryPlan.block(name, slotBytes));
        }

        /// {@return slots for that; all are expected to be in use}
        public static Kind of(String name, MemoryPlan each, int slots) {
            return new Kind(name, slots, slots, each);
        }

        /// {@return this with so many heap bytes of objects a slot}
        public Kind withObjectBytes(long newObjectBytes) {
            return new Kind(name, slots, typical, each.withHeap(newObjectBytes));
        }

        /// {@return this, saying how many slots are lent as a rule}
        public Kind withTypical(int newTypical) {
            return new Kind(name, slots, newTypical, each);
        }

        /// {@return bytes of a slot off the heap}
        public long slotBytes() {
            return each.totalBytes();
        }

        /// {@return bytes of a slot's object}
        public long objectBytes() {
            return each.heapBytes();
        }

        long bytes() {
            return slots * slotBytes();
        }

        /// {@return the plan's row: slots of plain memory, or what they are for}
        ///
        /// @param heapBytes  of the kind itself, the objects aside
        MemoryPlan plan(long heapBytes) {
            boolean plain = each.children().isEmpty();
            MemoryPlan[] of = each.shape() == MemoryPlan.Shape.ONE_OF && each.count() == 1
                    ? each.children().toArray(MemoryPlan[]::new) : new MemoryPlan[] {each};
            return (plain ? MemoryPlan.block(name, slotBytes(), slots, "lent by need").withHeap(heapBytes + slots * objectBytes())
                    : MemoryPlan.atMost(name, slots, of).noted("lent by need").withHeap(heapBytes)).typically(typical);
        }
    }

    /// @throws IllegalArgumentException  a number out of its range, or two kinds of one name
    public SlotPoolConfig {
        kinds = List.copyOf(kinds);
        Set<String> names = new HashSet<>();
        kinds.forEach(kind -> names.add(kind.name()));
        if (borrowers < 1 || borrowers > 1 << 28 || kinds.isEmpty() || kinds.size() > 1 << KIND_BITS
                || names.size() < kinds.size()) {
            throw new IllegalArgumentException("pool \"" + name + "\": " + borrowers + " borrowers, " + kinds.size()
                    + " kinds " + names + " (expected 1..2^28, and 1..16 kinds of different names)");
        }
    }

    /// {@return a pool of these kinds}
    public static SlotPoolConfig of(String name, int borrowers, Kind... kinds) {
        return new SlotPoolConfig(name, borrowers, List.of(kinds));
    }

    /// {@return this for another number of borrowers}
    public SlotPoolConfig withBorrowers(int newBorrowers) {
        return new SlotPoolConfig(name, newBorrowers, kinds);
    }

    long bytes() {
        return kinds.stream().mapToLong(Kind::bytes).sum();
    }

    int slots() {
        return kinds.stream().mapToInt(Kind::slots).sum();
    }

    /// {@return bits that the index of any slot within its kind takes}
    int indexBits() {
        int most = kinds.stream().mapToInt(Kind::slots).max().orElseThrow();
        return most == 0 ? 0 : Integer.SIZE - Integer.numberOfLeadingZeros(most - 1);
    }
}
