package dev.coffer.tls;

import dev.coffer.memory.engine.Engine;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// What a connection's records hold, on its way to the handshake, the application or nobody, and what they say of the connection itself: alerts
/// (RFC 8446, section 6), and messages after the handshake (section 4.6). The connection's thread alone; 0 heap bytes.
final class Incoming implements RecordReader.Hearer, LateMessages.TicketHearer {
    /// Times that a peer may say that its user has given up, and go on.
    private static final int CANCELS_MAX = 4;

    private final TlsConnection<?> connection;
    private final Shaking shaking;
    private final LateMessages late;
    private @Nullable Alert heard;
    private boolean begun;        // a hello was heard or said, or a part of it
    private int cancels;
    private boolean waits;        // a hello, which lies in its record, for the place of a long one

    Incoming(TlsConnection<?> connection, Shaking shaking, RecordKeys keys) {
        this.connection = connection;
        this.shaking = shaking;
        this.late = new LateMessages(keys, connection.speaksFirst() ? this : null);
    }

    /// Begins for a connection.
    void begin() {
        heard = null;
        begun = connection.speaksFirst();
        cancels = 0;
        waits = false;
        late.begin();
    }

    LateMessages late() {
        return late;
    }

    /// {@return the alert that was heard last, but for those that end nothing}
    @Nullable
    Alert heard() {
        return heard;
    }

    @Override
    public @Nullable Alert onTicket(MemorySegment from, long at, int length) {
        // Not while our Finished, which its key covers, has yet to go (section 4.6.1).
        return shaking.isUnderWay() ? null : connection.onTicket(from, at, length, connection.clock());
    }

    @Override
    public @Nullable Alert onPiece(MemorySegment from, long at, int length, int before, int total) {
        ClientResumption resumption = connection.resumption();
        long whole = resumption.gather(connection.connection(), from, at, length, before, total);
        if (whole < 0) {
            return null;
        }
        try {
            return onTicket(resumption.memory(), whole, total);
        } finally {
            resumption.forgetGathered();
        }
    }

    @Override
    public @Nullable Alert onContent(int type, RecordInput record, long nowNanos) {
        int bytes = record.contentBytes();
        return switch (type) {
            case Wire.APPLICATION_DATA -> onData(bytes);
            case Wire.ALERT -> onAlert(record, bytes, nowNanos);
            case Wire.HANDSHAKE -> onMessages(record, bytes, nowNanos);
            default -> Alert.UNEXPECTED_MESSAGE;
        };
    }

    private @Nullable Alert onData(int bytes) {
        if (isMidMessage() || !connection.isOpen() && !(shaking.takesEarly() && shaking.takeEarly(bytes))) {
            return Alert.UNEXPECTED_MESSAGE;
        }
        late.content(bytes);
        return null;
    }

    private @Nullable Alert onAlert(RecordInput record, int bytes, long nowNanos) {
        if (bytes != 2) {
            return bytes == 0 ? Alert.UNEXPECTED_MESSAGE : Alert.DECODE_ERROR;  // section 5.4
        }
        Alert alert = Alert.of(Wire.u8(record.memory(), record.contentAt() + 1));
        record.taken(bytes);
        if (alert != null && !alert.isFatal() && isMidMessage()) {
            return Alert.UNEXPECTED_MESSAGE;  // section 5.1; after a fatal one there is no other half that it could stand before
        }
        if (alert == Alert.USER_CANCELED) {
            return ++cancels > CANCELS_MAX ? Alert.UNEXPECTED_MESSAGE : null;
        }
        heard = alert != null ? alert : Alert.UNEXPECTED_MESSAGE;  // a number that nobody knows is fatal (section 6)
        connection.onAlert(heard, nowNanos);
        return null;
    }

    private @Nullable Alert onMessages(RecordInput record, int bytes, long nowNanos) {
        if (bytes == 0) {
            return Alert.UNEXPECTED_MESSAGE;  // section 5.1
        }
        Alert refused = connection.isOpen() ? late.take(record.memory(), record.contentAt(), bytes) : onHandshake(record, bytes, nowNanos);
        if (refused == null && !waits) {
            record.taken(bytes);
        }
        return refused;
    }

    private @Nullable Alert onHandshake(RecordInput record, int bytes, long nowNanos) {
        if (!shaking.begin(nowNanos)) {
            return Alert.INTERNAL_ERROR;
        }
        begun = true;
        waits = shaking.mustWait(record, bytes, nowNanos);
        connection.lacksHello(waits);
        return waits ? null : shaking.take(record, bytes, nowNanos);
    }

    /// Asks again for the place that a hello waits for.
    ///
    /// @return whether it waits no more: it was taken, or the connection has failed
    private boolean askAgain(RecordInput record, long nowNanos) {
        Alert refused = onMessages(record, record.contentBytes(), nowNanos);
        if (refused != null) {
            connection.fail(refused, nowNanos);
        }
        return !waits;
    }

    @Override
    public boolean deliver(RecordInput record, long nowNanos) {
        if (waits) {
            return askAgain(record, nowNanos);
        }
        Engine<?> to = connection.carry(nowNanos);
        if (to == null) {
            return false;
        }
        int bytes = record.contentBytes();
        int taken = (int) to.feed(record.memory(), record.contentAt(), bytes, nowNanos);
        record.taken(taken);
        return taken == bytes;
    }

    @Override
    public void fail(Alert alert, long nowNanos) {
        connection.fail(alert, nowNanos);
    }

    @Override
    public void giveWay(long nowNanos) {
        connection.giveWay(nowNanos);
    }

    @Override
    public boolean isShaking() {
        return begun && connection.isShaking();
    }

    @Override
    public boolean hearsPlainAlerts() {
        return isShaking() && !connection.speaksFirst();  // a server says nothing in the clear once its hello has gone
    }

    @Override
    public boolean isMidMessage() {
        return connection.isOpen() ? late.isMidMessage() : shaking.isMidMessage();
    }
}
