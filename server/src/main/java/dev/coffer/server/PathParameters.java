package dev.coffer.server;

import dev.coffer.memory.layout.HeapLayout;
import java.util.Objects;

/// What routers have found out about a request's path: how much of it mounts have dealt with, and its parameters.
final class PathParameters {
    private static final int OFFSET_MAX = 0xffff;                       // a head is no longer

    private final int[] place = new int[Exchange.PARAMETERS_MAX];       // from the path's first byte << 16 | length
    private final String[] name = new String[Exchange.PARAMETERS_MAX];  // constants of whoever noted them
    private int count;
    private int skipped;                // bytes of the path

    /// {@return bytes of its Java objects}
    static long heapBytes() {
        return HeapLayout.instance(PathParameters.class) + HeapLayout.array(int.class, Exchange.PARAMETERS_MAX)
                + HeapLayout.array(String.class, Exchange.PARAMETERS_MAX);
    }

    int skipped() {
        return skipped;
    }

    void skip(int bytes) {
        skipped += bytes;
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
        place[count++] = newAt << Short.SIZE | newLength;
    }

    void drop(int from) {
        count = Math.min(count, from);
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
        return place[Objects.checkIndex(index, count)] >>> Short.SIZE;
    }

    int length(int index) {
        return place[Objects.checkIndex(index, count)] & OFFSET_MAX;
    }

    void clear() {
        count = 0;
        skipped = 0;
    }
}
