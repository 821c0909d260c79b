package dev.coffer.crypto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.testkit.RawMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;

/// What an operation of [Signature] or [Kem] owes its caller for each range that it is given, whatever the algorithm: one that lies outside
/// its segment, on the heap, in memory that cannot be written, over another one or in memory that is closed is refused by the error that the
/// outline names, and nothing was written. For [SignatureContractTest] and [KemContractTest].
final class RangesContract {
    /// What a range is for.
    enum Role {
        /// Read, and on the heap if one likes.
        OPEN,
        /// Read, and never on the heap.
        SECRET,
        /// Written, and on the heap if one likes.
        OPEN_OUTPUT,
        /// Written, and never on the heap.
        SECRET_OUTPUT,
        /// Written while all others are read, and zero afterwards; never on the heap.
        WORKSPACE;

        boolean isWritten() {
            return compareTo(OPEN_OUTPUT) >= 0;
        }

        boolean isSecret() {
            return this == SECRET || this == SECRET_OUTPUT || this == WORKSPACE;
        }
    }

    /// @param content  what is read there; null for what is written
    record Place(String name, Role role, byte[] content, long bytes) {
        static Place in(String name, Role role, MemorySegment content) {
            return new Place(name, role, Memory.bytes(content), content.byteSize());
        }

        static Place out(String name, Role role, long bytes) {
            return new Place(name, role, null, bytes);
        }
    }

    /// Runs the operation over its places, in their order.
    interface Call {
        boolean run(MemorySegment[] segments, long[] at);
    }

    private static final byte MARK = 0x5a;

    private final String name;
    private final List<Place> places;
    private final Call call;
    private final List<String> sameStart;  // two places that may begin at one address

    RangesContract(String name, Call call, List<String> sameStart, Place... places) {
        this.name = name;
        this.places = List.of(places);
        this.call = call;
        this.sameStart = sameStart;
    }

    private MemorySegment[] fresh(Arena arena) {
        return places.stream().map(place -> fresh(place, arena)).toArray(MemorySegment[]::new);
    }

    private static MemorySegment fresh(Place place, Arena arena) {
        MemorySegment segment = arena.allocate(place.bytes, 1).fill(MARK);
        if (place.content != null) {
            MemorySegment.copy(place.content, 0, segment, ValueLayout.JAVA_BYTE, 0, place.content.length);
        }
        return segment;
    }

    /// All of it; {@return how many ways of misuse were tried}
    ///
    /// @param slow  whether the operation takes long before it writes: an output that is closed is left out
    int tried(boolean slow) {
        int count = 0;
        for (int i = 0; i < places.size(); i++) {
            count += outside(i) + outsideIntoEach(i) + wrongMemory(i);
            count += slow && places.get(i).role.isWritten() && places.get(i).role != Role.WORKSPACE ? 0 : closed(i);
            for (int j = 0; j < places.size(); j++) {
                count += i == j ? 0 : overlap(i, j);
            }
        }
        return count;
    }

    private void refused(Class<? extends Exception> error, MemorySegment[] segments, long[] at, String how) {
        byte[][] before = Arrays.stream(segments).map(Memory::bytes).toArray(byte[][]::new);
        assertThrows(error, () -> call.run(segments, at), () -> name + ": " + how);
        for (int i = 0; i < before.length; i++) {
            assertTrue(Arrays.equals(before[i], Memory.bytes(segments[i])), name + ": " + how + ": " + places.get(i).name + " was written");
        }
    }

    private int outside(int place) {
        long bytes = places.get(place).bytes;
        long[][] wrong = {{1, bytes}, {-1, bytes}, {0, bytes - 1}, {bytes, bytes}, {Long.MAX_VALUE, bytes}, {Long.MIN_VALUE, bytes}};
        try (Arena arena = Arena.ofConfined()) {
            for (long[] range : wrong) {
                MemorySegment[] segments = fresh(arena);
                long[] at = new long[segments.length];
                at[place] = range[0];
                segments[place] = segments[place].asSlice(0, range[1]);
                refused(IndexOutOfBoundsException.class, segments, at, places.get(place).name + " at " + range[0] + " of " + range[1]);
            }
        }
        return wrong.length;
    }

    /// One byte past its segment, where another begins: outside, before it is an overlap.
    private int outsideIntoEach(int place) {
        Place which = places.get(place);
        try (Arena arena = Arena.ofConfined()) {
            for (int i = 0; i < places.size(); i++) {
                if (i == place) {
                    continue;
                }
                MemorySegment[] segments = fresh(arena);
                MemorySegment both = arena.allocate(which.bytes + segments[i].byteSize(), 1);
                segments[place] = both.asSlice(0, which.bytes).copyFrom(segments[place]);
                segments[i] = both.asSlice(which.bytes).copyFrom(segments[i]);
                long[] at = new long[segments.length];
                at[place] = 1;
                refused(IndexOutOfBoundsException.class, segments, at, which.name + " one byte into " + places.get(i).name);
            }
        }
        return places.size() - 1;
    }

    /// On the heap, in bytes and in longs; read-only.
    private int wrongMemory(int place) {
        Place which = places.get(place);
        int count = 0;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment[] segments = fresh(arena);
            long[] at = new long[segments.length];
            if (which.role.isSecret()) {
                MemorySegment[] heap = {MemorySegment.ofArray(new byte[(int) which.bytes]),
                    MemorySegment.ofArray(new long[(int) which.bytes / 8 + 1])};
                for (MemorySegment on : heap) {
                    segments[place] = on;
                    refused(IllegalArgumentException.class, segments, at, which.name + " on the heap");
                    count++;
                }
            }
            if (which.role.isWritten()) {
                segments[place] = fresh(which, arena).asReadOnly();
                refused(IllegalArgumentException.class, segments, at, which.name + " read-only");
                count++;
            }
        }
        return count;
    }

    /// A byte of one in the other at either end, and both at one start.
    private int overlap(int one, int other) {
        Place a = places.get(one);
        Place b = places.get(other);
        if (!a.role.isWritten()) {
            return 0;  // who reads may read anything
        }
        int count = 0;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment both = arena.allocate(a.bytes + b.bytes, 1).fill(MARK);
            for (long[] starts : new long[][] {{0, a.bytes - 1}, {b.bytes - 1, 0}, {0, 0}}) {
                if (starts[0] == starts[1] && sameStart.contains(a.name) && sameStart.contains(b.name)) {
                    continue;
                }
                MemorySegment[] segments = fresh(arena);
                long[] at = new long[segments.length];
                segments[one] = both;
                segments[other] = both;
                at[one] = starts[0];
                at[other] = starts[1];
                refused(IllegalArgumentException.class, segments, at, a.name + " at " + starts[0] + " over " + b.name + " at " + starts[1]);
                count++;
            }
        }
        return count;
    }

    /// Memory that its owner has given back by now: nothing of a secret stays behind, and no output is half there.
    private int closed(int place) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment[] segments = fresh(arena);
            try (Arena gone = Arena.ofConfined()) {
                segments[place] = fresh(places.get(place), gone);
            }
            assertThrows(IllegalStateException.class, () -> call.run(segments, new long[segments.length]),
                    () -> name + ": " + places.get(place).name + " closed");
            for (int i = 0; i < segments.length; i++) {
                Role role = places.get(i).role;
                if (i != place && role.isWritten()) {
                    byte[] left = Memory.bytes(segments[i]);
                    byte first = left[0];
                    for (byte b : left) {
                        assertTrue(b == first && (b == 0 || b == MARK),
                                name + ": " + places.get(place).name + " closed: " + places.get(i).name + " is neither unchanged nor wiped");
                    }
                }
            }
        }
        return 1;
    }

    /// Runs it with all that may lie on the heap there; {@return what is written, by place}
    MemorySegment[] runsOnTheHeap() {
        MemorySegment[] segments = fresh(Arena.ofAuto());
        for (int i = 0; i < segments.length; i++) {
            segments[i] = places.get(i).role.isSecret() ? segments[i] : MemorySegment.ofArray(Memory.bytes(segments[i]));
        }
        assertTrue(call.run(segments, new long[segments.length]), name + " on the heap");
        return segments;
    }

    /// Runs it as it should be, at odd places of one segment, back to back; {@return what is written, by place}
    MemorySegment[] runs(boolean expected) {
        long total = places.stream().mapToLong(Place::bytes).sum();
        MemorySegment all = Memory.zeros(total + 1).fill(MARK);
        MemorySegment[] segments = new MemorySegment[places.size()];
        long[] at = new long[segments.length];
        long next = 1;
        for (int i = 0; i < segments.length; i++) {
            segments[i] = all;
            at[i] = next;
            byte[] content = places.get(i).content;
            if (content != null) {
                MemorySegment.copy(content, 0, all, ValueLayout.JAVA_BYTE, next, content.length);
            }
            next += places.get(i).bytes;
        }
        assertEquals(expected, call.run(segments, at), name);
        MemorySegment[] out = new MemorySegment[segments.length];
        for (int i = 0; i < segments.length; i++) {
            out[i] = all.asSlice(at[i], places.get(i).bytes);
            if (places.get(i).role == Role.WORKSPACE) {
                assertEquals(0, RawMemory.nonZero(out[i]), name + ": workspace");
            } else if (places.get(i).content != null) {
                assertTrue(Arrays.equals(places.get(i).content, Memory.bytes(out[i])), name + ": " + places.get(i).name + " was written");
            } else if (!expected) {
                for (byte b : Memory.bytes(out[i])) {
                    assertTrue(b == 0 || b == MARK, name + ": " + places.get(i).name + " is neither unchanged nor wiped");
                }
            }
        }
        return out;
    }
}
