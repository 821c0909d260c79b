package dev.coffer.tls;

import dev.coffer.memory.Wipe;
import dev.coffer.memory.engine.Engine;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// What a connection says, in the order in which it goes: an alert that is fatal, its handshake's flight, an update of its key, what it carries,
/// and close_notify behind all that. The connection's thread alone; 0 heap bytes.
final class Outgoing {
    /// Records that are left to a key when ours is updated (RFC 8446, section 5.5).
    private static final long SEALS_LEFT_MIN = 1 << 10;

    private final TlsConnection<?> connection;
    private final RecordKeys keys;
    private final RecordWriter writer;
    private final Shaking shaking;
    private final LateMessages late;
    private @Nullable Alert pending;  // to be said
    private @Nullable Alert said;

    Outgoing(TlsConnection<?> connection, RecordKeys keys, RecordWriter writer, Shaking shaking, LateMessages late) {
        this.connection = connection;
        this.keys = keys;
        this.writer = writer;
        this.shaking = shaking;
        this.late = late;
    }

    /// Begins for a connection.
    void begin() {
        pending = null;
        said = null;
    }

    /// An alert is to be said, in the place of one that was to be; null: none is.
    void owe(@Nullable Alert alert) {
        pending = alert;
    }

    /// {@return the alert that is to be said, or null}
    @Nullable
    Alert pending() {
        return pending;
    }

    /// {@return whether an alert is to be said}
    boolean owesAlert() {
        return pending != null;
    }

    /// {@return whether there is something to say that is not the carried engine's. A driver without any room is asked again for it; one that
    /// offers the last of a buffer comes back of itself when that is sent}
    boolean owes() {
        return pending != null || late.isUpdateDue() || shaking.hasOutput();
    }

    /// {@return the alert that was said, or null}
    @Nullable
    Alert said() {
        return said;
    }

    /// Writes one record, where there is something to say and nothing was said that ends it all.
    ///
    /// @param length  room: [TlsConnection#outputBytesMin] or more
    /// @return its bytes, or 0
    long poll(MemorySegment output, long at, long length, long nowNanos) {
        if (pending != null && pending != Alert.CLOSE_NOTIFY) {
            return say(output, at, pending);
        }
        if (shaking.hasOutput()) {
            return shaking.say(output, at, length, nowNanos);
        }
        if (late.isUpdateDue() || connection.isOpen() && keys.sealsLeft() < SEALS_LEFT_MIN) {
            late.updated();
            return writer.update(output, at);
        }
        Engine<?> carried = connection.carried();
        if (carried != null && connection.speaksFirst() && !connection.isOpen()) {
            return pollEarly(carried, output, at, length, nowNanos);
        }
        if (carried != null) {
            int fits = writer.contentRoom(length);
            int room = Math.max(fits, connection.carriedOutputBytesMin());
            int content = (int) carried.pollOutput(output, at + Wire.RECORD_HEADER_BYTES, room, nowNanos);
            if (content > fits) {
                Wipe.bytes(output, at + Wire.RECORD_HEADER_BYTES, content);
                connection.fail(Alert.INTERNAL_ERROR, nowNanos);  // a head that has no room in pieces as small as the peer wants them
                return say(output, at, Alert.INTERNAL_ERROR);
            }
            if (content > 0) {
                return writer.cut(output, at, content, Wire.APPLICATION_DATA);
            }
            if (carried.isOutputEnded()) {
                pending = Alert.CLOSE_NOTIFY;
            }
        }
        return pending != null ? say(output, at, pending) : 0;
    }

    /// What a client says before it has heard anything.
    private long pollEarly(Engine<?> carried, MemorySegment output, long at, long length, long nowNanos) {
        int left = shaking.earlyRoom();
        if (left >= connection.carriedOutputBytesMin()) {
            int room = Math.min(left, writer.contentOfOne(length));
            int content = (int) carried.pollOutput(output, at + Wire.RECORD_HEADER_BYTES, room, nowNanos);
            if (content > 0) {
                return shaking.sayEarly(output, at, content);
            }
        }
        return pending != null ? say(output, at, pending) : 0;
    }

    private long say(MemorySegment output, long at, Alert alert) {
        pending = null;
        said = alert;
        long written = writer.alert(output, at, alert);
        keys.wipeWrite();
        if (alert.isFatal() || connection.carried() == null) {
            connection.end();
        }
        return written;
    }
}
