package dev.coffer.tls;

import dev.coffer.crypto.packet.PacketProtection;
import java.lang.foreign.MemorySegment;

/// The keys of a connection in both directions, where they lie, and the fingers of its loop that are pointed at them for each use.
/// The connection's thread alone; 0 heap bytes.
final class RecordKeys {
    private final MemorySegment memory;
    private final long readAt;
    private final long writeAt;
    private PacketProtection finger;  // of the suite; null until there is one

    /// @param memory  two places of `each` bytes
    RecordKeys(MemorySegment memory, long at, long each) {
        this.memory = memory;
        this.readAt = at;
        this.writeAt = at + each;
    }

    void suite(PacketProtection of) {
        finger = of;
    }

    boolean canRead() {
        return finger != null && finger.at(memory, readAt).isLoaded();
    }

    boolean canWrite() {
        return finger != null && finger.at(memory, writeAt).isLoaded();
    }

    void read(MemorySegment secret, long at) {
        finger.at(memory, readAt).load(secret, at);
    }

    void write(MemorySegment secret, long at) {
        finger.at(memory, writeAt).load(secret, at);
    }

    void updateRead() {
        finger.at(memory, readAt).update();
    }

    void updateWrite() {
        finger.at(memory, writeAt).update();
    }

    /// {@return records that may still be sealed under this key}
    long sealsLeft() {
        return finger.at(memory, writeAt).sealsLeft();
    }

    /// Opens a record where it lies.
    ///
    /// @return whether it is authentic
    boolean open(MemorySegment record, long at, int length) {
        finger.at(memory, readAt);
        return finger.open(finger.nextNumber(), record, at, Wire.RECORD_HEADER_BYTES, length);
    }

    /// Seals a record where it lies: header, content, type; the tag goes behind.
    void seal(MemorySegment record, long at, int length) {
        finger.at(memory, writeAt);
        finger.seal(finger.nextNumber(), record, at, Wire.RECORD_HEADER_BYTES, length);
    }

    void wipeRead() {
        if (finger != null) {
            finger.at(memory, readAt).wipe();
        }
    }

    void wipe() {
        if (finger != null) {
            finger.at(memory, readAt).wipe();
            finger.at(memory, writeAt).wipe();
            finger = null;
        }
    }
}
