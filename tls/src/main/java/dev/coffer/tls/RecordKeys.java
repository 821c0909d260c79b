package dev.coffer.tls;

import dev.coffer.crypto.packet.PacketProtection;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The keys of a connection in both directions, where they lie, and the fingers of its loop that are pointed at them for each use.
/// The connection's thread alone; 0 heap bytes.
final class RecordKeys {
    private final MemorySegment memory;
    private final long readAt;
    private final long writeAt;
    private @Nullable PacketProtection finger;  // of the suite; null until there is one

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

    private PacketProtection finger(long at) {
        return Objects.requireNonNull(finger, "a suite").at(memory, at);
    }

    void read(MemorySegment secret, long at) {
        finger(readAt).load(secret, at);
    }

    void write(MemorySegment secret, long at) {
        finger(writeAt).load(secret, at);
    }

    void updateRead() {
        finger(readAt).update();
    }

    void updateWrite() {
        finger(writeAt).update();
    }

    /// {@return records that may still be sealed under this key}
    long sealsLeft() {
        return finger(writeAt).sealsLeft();
    }

    /// Opens a record where it lies.
    ///
    /// @return whether it is authentic
    boolean open(MemorySegment record, long at, int length) {
        PacketProtection reading = finger(readAt);
        return reading.open(reading.nextNumber(), record, at, Wire.RECORD_HEADER_BYTES, length);
    }

    /// Seals a record where it lies: header, content, type; the tag goes behind.
    void seal(MemorySegment record, long at, int length) {
        PacketProtection writing = finger(writeAt);
        writing.seal(writing.nextNumber(), record, at, Wire.RECORD_HEADER_BYTES, length);
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
