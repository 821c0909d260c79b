package dev.coffer.memory.pool;

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
    /// @param name         the plan's row
    /// @param slotBytes    off the heap, of one: a multiple of 8 from 0 to 2^30. Slots lie one behind the other, so they begin
    ///                     at multiples of 64 where this and the sizes of all kinds before are such
    /// @param slots        how many may be lent at a time, 0..2^20
    /// @param objectBytes  on the heap, of what is made for one slot; 0 where nothing is
    public record Kind(String name, long slotBytes, int slots, long objectBytes) {
        /// @throws IllegalArgumentException  a number out of its range
        public Kind {
            if (slotBytes < 0 || slotBytes > 1 << 30 || slotBytes % Long.BYTES != 0 || slots < 0 || slots > 1 << 20
                    || objectBytes < 0) {
                throw new IllegalArgumentException("slots \"" + name + "\": " + slots + " of " + slotBytes + " bytes with "
                        + objectBytes + " bytes of objects (expected 0..2^20 of a multiple of 8 up to 2^30, 0 or more)");
            }
        }

        /// {@return a kind of memory alone}
        public static Kind of(String name, long slotBytes, int slots) {
            return new Kind(name, slotBytes, slots, 0);
        }

        /// {@return this with so many heap bytes of objects a slot}
        public Kind withObjectBytes(long newObjectBytes) {
            return new Kind(name, slotBytes, slots, newObjectBytes);
        }

        long bytes() {
            return slots * slotBytes;
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
