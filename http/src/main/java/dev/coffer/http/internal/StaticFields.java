package dev.coffer.http.internal;

import dev.coffer.http.Ascii;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// A static table of fields (RFC 7541, appendix A; RFC 9204, appendix A), found by name through a table of hashes, and by value along the entries of one
/// name. Immutable, thread-safe.
public final class StaticFields {
    /// From the finders: no such entry.
    public static final int NONE = -1;
    private static final int SLOTS = 256;       // about four times the names: short probes

    private final int first;
    private final Ascii[] names;
    private final Ascii[] values;
    private final IndexPolicy[] policies;
    private final byte[] nexts;                 // the next entry of the same name, NONE behind the last
    private final byte[] slots = new byte[SLOTS];   // the first entry of a name, by the name's hash

    /// @param first            number of the first entry
    /// @param namesAndValues  by turns, 127 of each at most
    public StaticFields(int first, String... namesAndValues) {
        int end = first + namesAndValues.length / 2;
        this.first = first;
        this.names = new Ascii[end];
        this.values = new Ascii[end];
        this.policies = new IndexPolicy[end];
        this.nexts = new byte[end];
        java.util.Arrays.fill(slots, (byte) NONE);
        for (int i = first; i < end; i++) {
            names[i] = Ascii.of(namesAndValues[2 * (i - first)]);
            values[i] = Ascii.of(namesAndValues[2 * (i - first) + 1]);
            policies[i] = IndexPolicy.of(names[i]);
            nexts[i] = NONE;
            add(i);
        }
    }

    private void add(int index) {
        Ascii name = names[index];
        int slot = slot(name.length(), name.at(0), name.at(name.length() - 1), name.at(name.length() >> 1));
        while (slots[slot] != NONE && !names[slots[slot]].equals(name)) {
            slot = slot + 1 & SLOTS - 1;
        }
        if (slots[slot] == NONE) {
            slots[slot] = (byte) index;
            return;
        }
        int last = slots[slot];
        while (nexts[last] != NONE) {
            last = nexts[last];
        }
        nexts[last] = (byte) index;
    }

    private static int slot(int length, byte begin, byte last, byte middle) {
        return length * 29 + begin * 7 + last * 59 + middle * 3 & SLOTS - 1;
    }

    /// {@return the number behind the last entry}
    public int end() {
        return names.length;
    }

    public boolean has(long index) {
        return index >= first && index < names.length;
    }

    public Ascii name(int index) {
        return names[index];
    }

    public Ascii value(int index) {
        return values[index];
    }

    IndexPolicy policy(int index) {
        return policies[index];
    }

    /// {@return the first entry of that name, or NONE}
    public int find(MemorySegment segment, long at, int length) {
        if (length == 0) {
            return NONE;
        }
        int slot = slot(length, segment.get(ValueLayout.JAVA_BYTE, at), segment.get(ValueLayout.JAVA_BYTE, at + length - 1),
                segment.get(ValueLayout.JAVA_BYTE, at + (length >> 1)));
        for (int index; (index = slots[slot]) != NONE; slot = slot + 1 & SLOTS - 1) {
            if (names[index].matches(segment, at, length)) {
                return index;
            }
        }
        return NONE;
    }

    /// {@return the entry of that value among those of one name, or NONE}
    ///
    /// @param named  the first of them, or NONE
    public int findValue(int named, MemorySegment segment, long at, int length) {
        int index = named;
        while (index != NONE && !values[index].matches(segment, at, length)) {
            index = nexts[index];
        }
        return index;
    }
}
