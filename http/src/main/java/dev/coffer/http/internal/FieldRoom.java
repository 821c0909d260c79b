package dev.coffer.http.internal;

import dev.coffer.http.Ascii;
import dev.coffer.memory.Wipe;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Where the names and values of a block or section (HPACK, QPACK) are written: the caller's room, one behind the other; past that a place of the table's size, for one
/// field at a time, as a field that is larger never enters the table.
public final class FieldRoom implements OctetSink {
    private final MemorySegment place;
    private final long placeAt;
    private final int placeBytes;
    private boolean placeUsed;          // it was written to: it is wiped

    private boolean open;              // a block is under way
    private MemorySegment out = MemorySegment.NULL;
    private long to;                    // next octet
    private long end;                   // of the room
    private boolean skipping;           // the caller's room is not used any more
    private boolean dropped;            // this field is larger than the table, and its octets are gone
    private long nameAt;
    private int nameLength;
    private long valueAt;
    private int valueLength;

    /// @param bytes  of the place: the table's, or 0 where a field that is skipped need not be kept
    public FieldRoom(MemorySegment memory, long at, int bytes) {
        this.place = memory;
        this.placeAt = at;
        this.placeBytes = bytes;
    }

    /// Forgets all and wipes it.
    public void clear() {
        if (placeUsed) {
            Wipe.bytes(place, placeAt, placeBytes);
            placeUsed = false;
        }
        open = false;
        out = MemorySegment.NULL;
    }

    public boolean isOpen() {
        return open;
    }

    /// Begins a block.
    public void open(MemorySegment target, long at, int room) {
        open = true;
        out = target;
        to = at;
        end = at + room;
        skipping = false;
        dropped = false;
        nameAt = at;
    }

    public void close() {
        open = false;
        out = MemorySegment.NULL;
    }

    public boolean isSkipping() {
        return skipping;
    }

    /// From here on the caller's room is not used any more.
    ///
    /// @param within  a field is under way, which goes on in the place
    public void skip(boolean within) {
        if (!skipping) {
            leave(within ? nameAt : to);
        }
    }

    /// Goes on in the field's place, with what has come of the field that began there.
    private void leave(long began) {
        MemorySegment before = out;
        int so = (int) (to - began);
        skipping = true;
        enter();
        if (so <= end - to) {
            MemorySegment.copy(before, began, out, to, so);
            valueAt = valueAt - began + to;
            nameAt = to;
            to += so;
        } else {
            dropped = true;
        }
        Wipe.bytes(before, began, so);
    }

    private void enter() {
        placeUsed = true;
        out = place;
        to = placeAt;
        end = placeAt + placeBytes;
    }

    /// A field begins.
    public void beginField() {
        if (skipping) {
            enter();
        }
        dropped = false;
        nameAt = to;
        nameLength = 0;
        valueLength = 0;
    }

    /// Its name is complete.
    public void beginValue() {
        valueAt = to;
    }

    /// {@return whether so many octets more of this field can be written; where the block's room ends it goes on in the field's place}
    private boolean has(int octets) {
        if (octets <= end - to && !dropped) {
            return true;
        }
        if (!skipping) {
            leave(nameAt);
        }
        dropped |= octets > end - to;
        return !dropped;
    }

    @Override
    public void put(byte octet) {
        if (to < end || has(1)) {
            out.set(ValueLayout.JAVA_BYTE, to++, octet);
        }
    }

    @Override
    public void put(MemorySegment input, long from, int octets) {
        if (has(octets)) {
            MemorySegment.copy(input, from, out, to, octets);
            to += octets;
        }
    }

    public void put(Ascii text) {
        if (has(text.length())) {
            text.write(out, to);
            to += text.length();
        }
    }

    public void putName(DynamicTable table, int entry) {
        int length = table.nameLength(entry);
        if (has(length)) {
            table.copyName(entry, out, to);
            to += length;
        }
    }

    public void putValue(DynamicTable table, int entry) {
        int length = table.valueLength(entry);
        if (has(length)) {
            table.copyValue(entry, out, to);
            to += length;
        }
    }

    /// So many octets more belong to the name, whether or not they are kept.
    public void nameGrows(int octets) {
        nameLength += octets;
    }

    public void valueGrows(int octets) {
        valueLength += octets;
    }

    /// Adds the field to the table: one that was dropped is larger than that, and empties it.
    public void addTo(DynamicTable table) {
        table.add(out, nameAt, nameLength, valueAt, valueLength);
    }

    public long nameAt() {
        return nameAt;
    }

    public int nameLength() {
        return nameLength;
    }

    public long valueAt() {
        return valueAt;
    }

    public int valueLength() {
        return valueLength;
    }

    public long writtenTo() {
        return to;
    }
}
