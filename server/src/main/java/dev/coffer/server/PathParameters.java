package dev.coffer.server;

import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.HeapLayout;
import dev.coffer.memory.layout.LittleEndian;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/// What routers have found out about a request's path: how much of it mounts have dealt with, and its parameters.
final class PathParameters {
    private static final int OFFSET_MAX = 0xffff;                       // a head is no longer

    /// Bytes of memory: of each where it lies, u16 from the path's first byte, and its length, u16.
    static final int PLACES_BYTES = Exchange.PARAMETERS_MAX * Integer.BYTES;

    private final MemorySegment memory;
    private final long places;
    private final String[] name = new String[Exchange.PARAMETERS_MAX];  // constants of whoever noted them
    private byte count;
    private char skipped;               // bytes of the path
    private boolean used;               // some were noted, though they may have been dropped

    /// @param at  of [#PLACES_BYTES], zero
    PathParameters(MemorySegment memory, long at) {
        this.memory = memory;
        this.places = at;
    }

    /// {@return bytes of its Java objects}
    static long heapBytes() {
        return HeapLayout.instance(PathParameters.class) + HeapLayout.array(String.class, Exchange.PARAMETERS_MAX);
    }

    int skipped() {
        return skipped;
    }

    void skip(int bytes) {
        skipped = (char) (skipped + bytes);
    }

    void add(String newName, int newAt, int newLength) {
        if (count == Exchange.PARAMETERS_MAX) {
            throw new IllegalStateException(
                    "parameters: " + Exchange.PARAMETERS_MAX + " are there already, which is the most");
        }
        if (newAt < 0 || newAt > OFFSET_MAX || newLength < 0 || newLength > OFFSET_MAX) {
            throw new IllegalArgumentException("parameter: " + newLength + " bytes, " + newAt + " behind the path's first (expected in the request's head)");
        }
        name[count] = Objects.requireNonNull(newName);
        used = true;
        LittleEndian.u16(memory, place(count), newAt);
        LittleEndian.u16(memory, place(count++) + Short.BYTES, newLength);
    }

    private long place(int index) {
        return places + (long) index * Integer.BYTES;
    }

    void drop(int from) {
        count = (byte) Math.min(count, from);
    }

    int count() {
        return count;
    }

    /// {@return index of the last of that name, -1 for none}
    int find(String wanted) {
        int index = count - 1;
        while (index >= 0 && !name[index].equals(wanted)) {
            index--;
        }
        return index;
    }

    String name(int index) {
        return name[Objects.checkIndex(index, count)];
    }

    int at(int index) {
        return LittleEndian.u16(memory, place(Objects.checkIndex(index, count)));
    }

    int length(int index) {
        return LittleEndian.u16(memory, place(Objects.checkIndex(index, count)) + Short.BYTES);
    }

    void clear() {
        if (used) {
            Wipe.bytes(memory, places, PLACES_BYTES);
            used = false;
        }
        count = 0;
        skipped = 0;
    }
}
