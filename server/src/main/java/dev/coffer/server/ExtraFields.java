package dev.coffer.server;

import dev.coffer.http.Ascii;
import dev.coffer.http.FieldName;
import dev.coffer.http.HeadWriter;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.HeapLayout;
import dev.coffer.memory.layout.LittleEndian;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Fields that are said of an answer before it is given: names and constants by reference, other values copied into the
/// exchange's memory.
final class ExtraFields {
    /// Bytes of memory beside copies: of each field the number, or length << 32 | offset of the copy.
    static final int VALUES_BYTES = Exchange.FIELDS_MAX * Long.BYTES;

    private final MemorySegment memory;
    private final long base;
    private final char capacity;    // Exchange.FIELD_BYTES_MAX at most
    private final @Nullable Object[] said = new Object[2 * Exchange.FIELDS_MAX];  // of each its name, a FieldName or an Ascii that is none; its value, null where that was copied or is a number
    private FixedFields fixed = FixedFields.NONE;
    private byte count;
    private byte numbers;           // one bit for each field that is one
    private char used;

    /// @param base      of [#VALUES_BYTES] and `capacity` more, zero
    /// @param capacity  bytes of copies
    ExtraFields(MemorySegment memory, long base, int capacity) {
        this.memory = memory;
        this.base = base;
        this.capacity = (char) capacity;
    }

    /// {@return bytes of the arrays}
    static long arrayBytes() {
        return HeapLayout.array(Object.class, 2 * Exchange.FIELDS_MAX);
    }

    void add(FieldName name, @Nullable Ascii other, Ascii value) {
        int index = next(name, other);
        said[2 * index + 1] = value;
    }

    void add(FieldName name, long number) {
        int index = next(name, null);
        numbers = (byte) (numbers | 1 << index);
        value(index, number);
    }

    void add(FieldName name, MemorySegment value, long at, int length) {
        if (length < 0 || length > capacity - used) {
            throw new IllegalStateException("fields: " + length + " bytes of a value, left are " + (capacity - used) + " of "
                    + (int) capacity);
        }
        int index = next(name, null);
        long offset = used;
        used = (char) (used + length);
        MemorySegment.copy(value, at, memory, base + VALUES_BYTES + offset, length);
        value(index, (long) length << 32 | offset);
    }

    private void value(int index, long value) {
        LittleEndian.i64(memory, base + (long) index * Long.BYTES, value);
    }

    private long value(int index) {
        return LittleEndian.i64(memory, base + (long) index * Long.BYTES);
    }

    void add(FixedFields some) {
        fixed = some;
    }

    private int next(FieldName name, @Nullable Ascii other) {
        if (count == Exchange.FIELDS_MAX) {
            throw new IllegalStateException("fields: " + count + " are there already, which is the most");
        }
        said[2 * count] = other == null ? name : other;
        said[2 * count + 1] = null;
        return count++;
    }

    void write(HeadWriter head) {
        fixed.write(head);
        for (int i = 0; i < count; i++) {
            Ascii constant = (Ascii) said[2 * i + 1];
            if (said[2 * i] instanceof FieldName name) {
                write(head, name, constant, i);
            } else {
                head.field((Ascii) Objects.requireNonNull(said[2 * i]), Objects.requireNonNull(constant));
            }
        }
    }

    private void write(HeadWriter head, FieldName name, @Nullable Ascii constant, int index) {
        if (constant != null) {
            head.field(name, constant);
        } else if ((numbers & 1 << index) != 0) {
            head.field(name, value(index));
        } else {
            head.field(name, memory, base + VALUES_BYTES + (value(index) & 0xffff_ffffL), (int) (value(index) >>> 32));
        }
    }

    /// Forgets them and wipes what was copied.
    void clear() {
        Wipe.bytes(memory, base, (long) count * Long.BYTES);
        Wipe.bytes(memory, base + VALUES_BYTES, used);
        fixed = FixedFields.NONE;
        used = 0;
        numbers = 0;
        count = 0;
    }
}
