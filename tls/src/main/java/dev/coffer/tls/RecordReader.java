package dev.coffer.tls;

import dev.coffer.crypto.Aead;
import dev.coffer.memory.layout.HeapLayout;
import dev.coffer.memory.pool.SlotPool;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// The receiving half of a connection (RFC 8446, section 5): takes bytes into a slot that is lent while there are any, cuts them into records,
/// opens those that are protected, and brings what they hold to its connection. The connection's thread alone; 0 heap bytes.
final class RecordReader {
    /// Who hears what records hold.
    interface Hearer {
        /// Content of one record: it is taken ([RecordInput#taken]), or, of the application's, left for [#deliver].
        ///
        /// @return null, or why the connection fails
        @Nullable
        Alert onContent(int type, RecordInput record, long nowNanos);

        /// {@return whether the application took all that is left of its content, or a hello that had to wait was taken}
        boolean deliver(RecordInput record, long nowNanos);

        /// The connection is lost.
        void fail(Alert alert, long nowNanos);

        /// The connection gives its slot to another: it has begun a record too long ago and not ended it. Not in a turn of its own.
        void giveWay(long nowNanos);

        /// {@return whether a handshake has begun and not ended: then a ChangeCipherSpec may come}
        boolean isShaking();

        /// {@return whether the peer may have no keys yet, though we have: then an alert without protection may come}
        boolean hearsPlainAlerts();

        /// {@return whether a handshake message has begun and not ended}
        boolean isMidMessage();
    }

    private static final long NEVER = Long.MAX_VALUE;
    /// ChangeCipherSpecs that are passed over: a peer that has middleboxes in mind sends one or two.
    private static final int CHANGES_MAX = 16;

    private final TlsContext context;
    private final int connection;
    private final RecordKeys keys;
    private final Hearer hearer;
    private long slot = SlotPool.NONE;
    private long until = NEVER;     // of a record that has begun
    private boolean ended;          // nothing more is opened
    private long since;             // the record has begun, or its content waits: while it stands in one of the context's lines
    private final Line.Place<RecordReader> place = new Line.Place<>(this);
    private int changes;            // ChangeCipherSpecs that came
    private int limit;              // of what is protected in a record, its type and padding among it
    private int early;              // bytes that may be early data that is passed over, still allowed

    RecordReader(TlsContext context, int connection, RecordKeys keys, Hearer hearer) {
        this.context = context;
        this.connection = connection;
        this.keys = keys;
        this.hearer = hearer;
    }

    /// {@return bytes of the objects}
    static long heapBytes() {
        return HeapLayout.instance(RecordReader.class) + HeapLayout.instance(Line.Place.class);
    }

    void begin() {
        release();
        ended = false;
        changes = 0;
        early = 0;
        limit = Wire.INNER_BYTES_MAX;
    }

    /// Nothing more is opened; what is under way in [#feed] is let go when that returns.
    void end() {
        ended = true;
        whole();
    }

    boolean isEnded() {
        return ended;
    }

    /// {@return whether anything that came was not taken yet}
    boolean isHolding() {
        return slot != SlotPool.NONE;
    }

    /// {@return when a record that has begun must have come whole}
    long until() {
        return until;
    }

    /// Somebody lacks a slot.
    ///
    /// @return whether this one gives its own: the record in it was begun so long ago, or its content waits for so long
    boolean giveWay(long nowNanos, long patienceNanos) {
        boolean gives = nowNanos >= since + patienceNanos;
        if (gives) {
            hearer.giveWay(nowNanos);
        }
        return gives;
    }

    /// Records that are opened from here on, this one among them, hold so much at most: the peer was told so, and heeds it (RFC 8449).
    void limit(int innerBytes) {
        limit = innerBytes;
    }

    /// Records that cannot be opened may be early data (section 4.2.10), so many bytes of them, until the first that can.
    void allowEarly(int bytes) {
        early = bytes;
    }

    /// Goes on where an open connection's is, between two records: no ChangeCipherSpec may come any more, and nothing early.
    void goOn(RecordReader from) {
        assert from.early == 0 : from.early + " bytes may yet be early";
        limit = from.limit;
    }

    /// No record is under way.
    private void whole() {
        until = NEVER;
        place.leave();
    }

    /// {@return whether what came waits for the application}
    boolean isWaiting() {
        return slot != SlotPool.NONE && context.record(slot).contentBytes() > 0;
    }

    void release() {
        whole();
        if (slot != SlotPool.NONE) {
            context.pool().release(slot, context.record(slot).dirtyBytes());
            slot = SlotPool.NONE;
        }
    }

    /// {@return bytes that [#feed] takes; where all slots are lent not past the end of the record under way, with which this one is free for
    /// whoever waits}
    ///
    /// @param full  whether the application has yet to take what it was given: then what comes stays with the system, unopened, rather than
    ///              here
    int room(boolean full) {
        if (slot == SlotPool.NONE) {
            return full || context.isSpent(TlsContext.KIND_RECORD) ? 0 : Wire.RECORD_BYTES_MAX;
        }
        RecordInput record = context.record(slot);
        return context.isSpent(TlsContext.KIND_RECORD) ? Math.min(record.room(), record.missing()) : record.room();
    }

    /// Takes bytes and deals with them.
    ///
    /// @return how many
    int feed(MemorySegment input, long at, long length, long nowNanos) {
        if (slot == SlotPool.NONE) {
            slot = context.pool().tryLend(TlsContext.KIND_RECORD, connection);
            context.record(slot).begin();
        }
        RecordInput record = context.record(slot);
        int taken = (int) Math.min(length, record.room());
        if (taken > 0) {
            record.append(input, at, taken);
            pump(nowNanos);
        }
        return taken;
    }

    /// Deals with whole records, as far as the application takes what they hold.
    void pump(long nowNanos) {
        while (slot != SlotPool.NONE && !ended) {
            RecordInput record = context.record(slot);
            if (record.contentBytes() > 0 && !hearer.deliver(record, nowNanos)) {
                waits(nowNanos);  // it is the application that is slow, or another with its hello
                return;
            }
            if (ended) {
                continue;  // what had waited was wrong
            }
            if (until == NEVER) {
                place.leave();  // its application goes on
            }
            int type = record.next();
            if (type == RecordInput.INCOMPLETE) {
                rest(record, nowNanos);
                return;
            }
            Alert alert = type == RecordInput.TOO_LONG ? Alert.RECORD_OVERFLOW
                    : type == RecordInput.NO_RECORD ? Alert.UNEXPECTED_MESSAGE : onRecord(type, record, nowNanos);
            if (alert != null) {
                hearer.fail(alert, nowNanos);
            } else if (record.contentBytes() == 0) {
                record.taken(0);
            }
        }
        if (ended) {
            release();
        }
    }

    /// Nothing whole is left: the slot goes back where nothing at all is.
    private void rest(RecordInput record, long nowNanos) {
        if (record.isEmpty()) {
            release();
        } else if (!place.isIn()) {
            since = nowNanos;
            until = nowNanos + context.recordNanosMax();
            context.begun().join(place);
        }
    }

    private void waits(long nowNanos) {
        if (!place.isIn()) {
            since = nowNanos;
            context.waiting().join(place);
        }
    }

    /// {@return null, or why the connection fails}
    private @Nullable Alert onRecord(int type, RecordInput record, long nowNanos) {
        whole();
        boolean opens = keys.canRead();
        if (type == Wire.CHANGE_CIPHER_SPEC) {
            return onChange(record);
        }
        if (opens != (type == Wire.APPLICATION_DATA)) {
            return onOdd(type, record, opens, nowNanos);
        }
        if (!opens) {
            early = 0;  // nothing is early any more behind a second hello (section 4.2.10)
            return record.contentBytes() > Wire.CONTENT_BYTES_MAX ? Alert.RECORD_OVERFLOW
                    : hearer.onContent(type, record, nowNanos);
        }
        int length = record.contentBytes();
        if (!keys.open(record.memory(), record.headerAt(), length)) {
            return skip(length, record) ? null : Alert.BAD_RECORD_MAC;
        }
        early = 0;
        return onOpened(record, length - Aead.TAG_BYTES, nowNanos);
    }

    /// A record of the other kind, protected or not: data that came too early, an alert of a peer that has no keys, or nothing good.
    private @Nullable Alert onOdd(int type, RecordInput record, boolean opens, long nowNanos) {
        if (!opens && !hearer.isMidMessage() && skip(record.contentBytes(), record)) {
            return null;
        }
        boolean alert = opens && type == Wire.ALERT && hearer.hearsPlainAlerts();
        return alert ? hearer.onContent(type, record, nowNanos) : Alert.UNEXPECTED_MESSAGE;
    }

    private boolean skip(int bytes, RecordInput record) {
        if (bytes >= early) {
            return false;
        }
        early -= Math.max(bytes, 1);
        record.taken(bytes);
        return true;
    }

    /// A ChangeCipherSpec of a peer that has middleboxes in mind: passed over between the first hello and Finished (section 5).
    private @Nullable Alert onChange(RecordInput record) {
        boolean right = hearer.isShaking() && !hearer.isMidMessage() && ++changes <= CHANGES_MAX && record.contentBytes() == 1
                && Wire.u8(record.memory(), record.contentAt()) == 1;
        record.taken(right ? 1 : 0);
        return right ? null : Alert.UNEXPECTED_MESSAGE;
    }

    /// A record was opened: behind its content are its type and padding (section 5.4).
    private @Nullable Alert onOpened(RecordInput record, int length, long nowNanos) {
        int bytes = Padding.before(record.memory(), record.contentAt(), length);
        if (bytes == 0) {
            return Alert.UNEXPECTED_MESSAGE;
        }
        if (length > limit) {
            return Alert.RECORD_OVERFLOW;
        }
        int type = Wire.u8(record.memory(), record.contentAt() + bytes - 1);
        record.opened(bytes - 1);
        Alert refused = hearer.onContent(type, record, nowNanos);
        return refused == null && length > limit ? Alert.RECORD_OVERFLOW : refused;  // a limit that it has brought counts for itself
    }
}
