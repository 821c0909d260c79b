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
    private final Object[] names = new Object[Exchange.FIELDS_MAX];     // FieldNames, and Asciis that are none of those
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
        return 2 * HeapLayout.array(Object.class, Exchange.FIELDS_MAX) + HeapLayout.array(long.class, Exchange.FIELDS_MAX);
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
        names[count] = other == null ? name : other;
        constants[count] = null;
        return count++;
    }

    void write(HeadWriter head) {
        fixed.write(head);
        for (int i = 0; i < count; i++) {
            if (names[i] instanceof Ascii other) {
                head.field(other, constants[i]);
            } else {
                write(head, (FieldName) names[i], i);
            }
        }
    }

    private void write(HeadWriter head, FieldName name, int index) {
        if (constants[index] != null) {
            head.field(name, constants[index]);
        } else if ((numbers & 1 << index) != 0) {
            head.field(name, values[index]);
        } else {
            head.field(name, memory, base + (values[index] & 0xffff_ffffL), (int) (values[index] >>> 32));
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
