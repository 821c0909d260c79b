package dev.coffer.tls;

import dev.coffer.crypto.packet.PacketProtection;
import dev.coffer.memory.layout.HeapLayout;
import dev.coffer.memory.pool.SlotPool;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The keys of a connection in both directions. What lasts is two states, with the traffic secrets; the keys that are expanded from these lie in
/// a slot that is lent while records go through, and goes to who needs one next: then these rest, and are expanded again by the next record.
/// The fingers that are pointed at them are the loop's. The connection's thread alone; 0 heap bytes.
final class RecordKeys implements TrafficKeys {
    private final TlsContext context;
    private final int connection;
    private final MemorySegment memory;
    private final long readAt;
    private final long writeAt;
    private final Line.Place<RecordKeys> place = new Line.Place<>(this);  // among those with a slot
    private @Nullable PacketProtection finger;  // of the suite; null until there is one
    private long slot = SlotPool.NONE;

    /// @param memory  [TlsSizes#connectionBytes]
    RecordKeys(TlsContext context, int connection, MemorySegment memory, long at) {
        this.context = context;
        this.connection = connection;
        this.memory = memory;
        this.readAt = at;
        this.writeAt = at + PacketProtection.STATE_BYTES;
    }

    /// {@return bytes of the objects}
    static long heapBytes() {
        return HeapLayout.instance(RecordKeys.class) + HeapLayout.instance(Line.Place.class);
    }

    /// Goes on with another connection's keys, which rest; that one wipes them.
    void goOn(RecordKeys from, PacketProtection suite) {
        from.rest();
        finger = suite;
        MemorySegment.copy(from.memory, from.readAt, memory, readAt, 2 * PacketProtection.STATE_BYTES);
    }

    @Override
    public void suite(int index) {
        finger = context.protection(index);
    }

    boolean canRead() {
        return finger != null && look(readAt).isLoaded();
    }

    boolean canWrite() {
        return finger != null && look(writeAt).isLoaded();
    }

    /// Points to a state and, where there is one, to its key: nobody asks for the key where it rests.
    private PacketProtection look(long at) {
        PacketProtection of = Objects.requireNonNull(finger, "a suite");
        SlotPool pool = context.pool();
        long keyAt = slot == SlotPool.NONE ? 0 : pool.at(slot) + (at == readAt ? 0 : context.scheduleBytes());
        return of.at(memory, at, pool.segment(), keyAt);
    }

    /// As [#look], with a slot, where the key is if there is one.
    private PacketProtection take(long at) {
        if (slot == SlotPool.NONE) {
            slot = context.lendKeys(connection);
        }
        context.expanded().join(place);
        return look(at);
    }

    private PacketProtection use(long at) {
        PacketProtection of = take(at);
        of.resume();
        return of;
    }

    /// Gives the slot back: the next record expands the keys again.
    void rest() {
        restOne(readAt);
        restOne(writeAt);
        giveBack();
    }

    private void restOne(long at) {
        PacketProtection of = look(at);
        if (of.isLoaded()) {
            of.rest();
        }
    }

    private void giveBack() {
        if (slot != SlotPool.NONE) {
            context.pool().release(slot);
            slot = SlotPool.NONE;
            place.leave();
        }
    }

    @Override
    public void readEarly(MemorySegment secret, long at) {
        read(secret, at);
    }

    @Override
    public void writeEarly(MemorySegment secret, long at) {
        write(secret, at);
    }

    @Override
    public void read(MemorySegment secret, long at) {
        take(readAt).load(secret, at);
    }

    @Override
    public void write(MemorySegment secret, long at) {
        take(writeAt).load(secret, at);
    }

    void updateRead() {
        use(readAt).update();
    }

    void updateWrite() {
        use(writeAt).update();
    }

    /// {@return records that may still be sealed under this key}
    long sealsLeft() {
        return look(writeAt).sealsLeft();
    }

    /// Opens a record where it lies.
    ///
    /// @return whether it is authentic
    boolean open(MemorySegment record, long at, int length) {
        PacketProtection reading = use(readAt);
        return reading.open(reading.nextNumber(), record, at, Wire.RECORD_HEADER_BYTES, length);
    }

    /// Seals a record where it lies: header, content, type; the tag goes behind.
    void seal(MemorySegment record, long at, int length) {
        PacketProtection writing = use(writeAt);
        writing.seal(writing.nextNumber(), record, at, Wire.RECORD_HEADER_BYTES, length);
    }

    /// Nothing more is opened.
    void wipeRead() {
        wipeOne(readAt, writeAt);
    }

    /// Nothing more is sealed.
    @Override
    public void wipeWrite() {
        wipeOne(writeAt, readAt);
    }

    private void wipeOne(long at, long other) {
        if (finger != null) {
            look(at).wipe();
            if (!look(other).isLoaded()) {
                giveBack();
            }
        }
    }

    void wipe() {
        if (finger != null) {
            look(readAt).wipe();
            look(writeAt).wipe();
            giveBack();
            finger = null;
        }
    }
}
