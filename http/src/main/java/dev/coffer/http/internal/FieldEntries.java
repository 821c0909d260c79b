package dev.coffer.http.internal;

import dev.coffer.http.FieldName;
import dev.coffer.http.Fields;
import dev.coffer.memory.Wipe;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;

/// Received fields in off-heap memory, one long an entry, all offsets relative to the message's first byte:
///
/// ```
/// bits 0..15 name offset | 16..31 value offset | 32..47 value length | 48..55 name length | 56..63 FieldName ordinal
/// ```
///
/// A head and its trailers share the entries: the trailers' view begins where the head's ends.
public class FieldEntries implements Fields {
    public static final int ENTRY_BYTES = Long.BYTES;
    /// Largest name in bytes: one byte of the entry. A longer one is refused with 431.
    public static final int NAME_BYTES_MAX = 255;
    private static final ValueLayout.OfLong ENTRY = ValueLayout.JAVA_LONG_UNALIGNED;

    protected final MemorySegment memory;
    private long entriesAt;
    private final int capacity;
    protected long messageAt;  // offset of the message's first byte in memory
    private int first;
    private int count;
    // One bit for each name that is there, as most names that are looked for are not. Past 64 names two share one: then a clear
    // bit still says that neither is there.
    private long present;

    public FieldEntries(MemorySegment memory, long entriesAt, int capacity) {
        this.memory = memory;
        this.entriesAt = entriesAt;
        this.capacity = capacity;
    }

    /// Empties the view; its entries begin behind `before` others.
    public void clear(long newMessageAt, int before) {
        messageAt = newMessageAt;
        first = before;
        count = 0;
        present = 0;
    }

    /// {@return offset of the message's first byte}
    public final long messageAt() {
        return messageAt;
    }

    /// The message's bytes were moved.
    public final void moveTo(long newMessageAt) {
        messageAt = newMessageAt;
    }

    /// The entries lie elsewhere from here on: those that there are were moved.
    public final void entriesTo(long newEntriesAt) {
        entriesAt = newEntriesAt;
    }

    /// Wipes the entries, which there are none of any more.
    public final void wipeEntries() {
        Wipe.bytes(memory, entriesAt + (long) first * ENTRY_BYTES, (long) count * ENTRY_BYTES);
        count = 0;
        present = 0;
    }

    /// Moves the entries, those before the view aside, down to where the message ends; behind them it is zero then.
    ///
    /// @param newAt  of the first, at or before where it lies
    /// @return bytes that they take
    public final int moveEntries(long newAt) {
        long oldAt = entriesAt + (long) first * ENTRY_BYTES;
        int bytes = count * ENTRY_BYTES;
        MemorySegment.copy(memory, oldAt, memory, newAt, bytes);
        long from = Math.max(oldAt, newAt + bytes);
        Wipe.bytes(memory, from, oldAt + bytes - from);
        entriesAt = newAt - (long) first * ENTRY_BYTES;
        return bytes;
    }

    /// {@return whether no entry is left}
    public final boolean isFull() {
        return first + count == capacity;
    }

    /// {@return entries in use, those before the view included}
    public final int end() {
        return first + count;
    }

    /// Adds a field; there is an entry, and both lie within 65,535 bytes from the message's first.
    public final void append(long nameAt, int nameLength, long valueAt, int valueLength) {
        FieldName name = FieldName.of(memory, nameAt, nameLength);
        present |= 1L << name.ordinal();
        memory.set(ENTRY, entriesAt + (long) (first + count) * ENTRY_BYTES, nameAt - messageAt | valueAt - messageAt << 16
                | (long) valueLength << 32 | (long) nameLength << 48 | (long) name.ordinal() << 56);
        count++;
    }

    /// The value of a field has grown where it lies.
    public final void lengthen(int index, int bytes) {
        put(index, entry(index) + ((long) bytes << 32));
    }

    /// A field has moved, name and value.
    ///
    /// @param bytes  further from the message's first byte; still within 65,535
    public final void shift(int index, int bytes) {
        put(index, entry(index) + bytes + ((long) bytes << 16));
    }

    /// Takes a field out; those behind it move up.
    public final void remove(int index) {
        for (int i = Objects.checkIndex(index, count); i < count - 1; i++) {
            put(i, entry(i + 1));
        }
        count--;
        memory.set(ENTRY, entriesAt + (long) (first + count) * ENTRY_BYTES, 0);
    }

    private void put(int index, long entry) {
        memory.set(ENTRY, entriesAt + (long) (first + Objects.checkIndex(index, count)) * ENTRY_BYTES, entry);
    }

    private long entry(int index) {
        return memory.get(ENTRY, entriesAt + (long) (first + Objects.checkIndex(index, count)) * ENTRY_BYTES);
    }

    @Override
    public MemorySegment segment() {
        return memory;
    }

    @Override
    public int count() {
        return count;
    }

    @Override
    public int find(FieldName name, int from) {
        return (present & 1L << name.ordinal()) == 0 ? -1 : Fields.super.find(name, from);
    }

    @Override
    public FieldName name(int index) {
        return FieldName.of((int) (entry(index) >>> 56));
    }

    @Override
    public long nameAt(int index) {
        return messageAt + (entry(index) & 0xffff);
    }

    @Override
    public int nameLength(int index) {
        return (int) (entry(index) >>> 48) & 0xff;
    }

    @Override
    public long valueAt(int index) {
        return messageAt + (entry(index) >>> 16 & 0xffff);
    }

    @Override
    public int valueLength(int index) {
        return (int) (entry(index) >>> 32) & 0xffff;
    }
}
