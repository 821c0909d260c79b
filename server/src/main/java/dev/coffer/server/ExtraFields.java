package dev.coffer.server;

import dev.coffer.http.Ascii;
import dev.coffer.http.FieldName;
import dev.coffer.http.HeadWriter;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.HeapLayout;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// Fields that are said of an answer before it is given: names and constants by reference, other values copied into the
/// exchange's memory.
final class ExtraFields {
    private final MemorySegment memory;
    private final long base;
    private final int capacity;
    private final FieldName[] names = new FieldName[Exchange.FIELDS_MAX];
    private final Ascii[] others = new Ascii[Exchange.FIELDS_MAX];      // the name where it is none of those
    private final Ascii[] constants = new Ascii[Exchange.FIELDS_MAX];   // the value, null where it was copied or is a number
    private final long[] values = new long[Exchange.FIELDS_MAX];        // the number, or length << 32 | offset of the copy
    private FixedFields fixed = FixedFields.NONE;
    private int count;
    private int numbers;        // one bit for each field that is one
    private int used;

    ExtraFields(MemorySegment memory, long base, int capacity) {
        this.memory = memory;
        this.base = base;
        this.capacity = capacity;
    }

    /// {@return bytes of the arrays}
    static long arrayBytes() {
        return 3 * HeapLayout.array(Ascii.class, Exchange.FIELDS_MAX) + HeapLayout.array(long.class, Exchange.FIELDS_MAX);
    }

    void add(FieldName name, @Nullable Ascii other, Ascii value) {
        int index = next(name, other);
        constants[index] = value;
    }

    void add(FieldName name, long number) {
        int index = next(name, null);
        numbers |= 1 << index;
        values[index] = number;
    }

    void add(FieldName name, MemorySegment value, long at, int length) {
        if (length < 0 || length > capacity - used) {
            throw new IllegalStateException("fields: " + length + " bytes of a value, left are " + (capacity - used) + " of "
                    + capacity);
        }
        int index = next(name, null);
        long offset = used;
        used += length;
        MemorySegment.copy(value, at, memory, base + offset, length);
        values[index] = (long) length << 32 | offset;
    }

    void add(FixedFields some) {
        fixed = some;
    }

    private int next(FieldName name, @Nullable Ascii other) {
        if (count == Exchange.FIELDS_MAX) {
            throw new IllegalStateException("fields: " + count + " are there already, which is the most");
        }
        names[count] = name;
        others[count] = other;
        constants[count] = null;
        return count++;
    }

    void write(HeadWriter head) {
        fixed.write(head);
        for (int i = 0; i < count; i++) {
            if (others[i] != null) {
                head.field(others[i], constants[i]);
            } else if (constants[i] != null) {
                head.field(names[i], constants[i]);
            } else if ((numbers & 1 << i) != 0) {
                head.field(names[i], values[i]);
            } else {
                head.field(names[i], memory, base + (values[i] & 0xffff_ffffL), (int) (values[i] >>> 32));
            }
        }
    }

    /// Forgets them and wipes what was copied.
    void clear() {
        Wipe.bytes(memory, base, used);
        fixed = FixedFields.NONE;
        used = 0;
        numbers = 0;
        count = 0;
    }
}
