package dev.coffer.server;

import dev.coffer.memory.layout.HeapLayout;
import java.util.Objects;

/// What routers have found out about a request's path: how much of it mounts have dealt with, and its parameters.
final class PathParameters {
    private final int[] at = new int[Exchange.PARAMETERS_MAX];          // from the path's first byte
    private final int[] length = new int[Exchange.PARAMETERS_MAX];
    private final String[] name = new String[Exchange.PARAMETERS_MAX];  // constants of whoever noted them
    private int count;
    private int skipped;                // bytes of the path

    /// {@return bytes of its Java objects}
    static long heapBytes() {
        return HeapLayout.instance(PathParameters.class) + 2 * HeapLayout.array(int.class, Exchange.PARAMETERS_MAX)
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
        name[count] = Objects.requireNonNull(newName);
        at[count] = newAt;
        length[count++] = newLength;
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
        return at[Objects.checkIndex(index, count)];
    }

    int length(int index) {
        return length[Objects.checkIndex(index, count)];
    }

    void clear() {
        count = 0;
        skipped = 0;
    }
}
