package dev.coffer.tls;

import dev.coffer.crypto.Aead;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.engine.Engine;
import dev.coffer.memory.layout.BigEndian;
import dev.coffer.memory.pool.SlotPool;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// One connection of a TLS 1.3 server (RFC 8446), which carries another engine: HTTP, or whatever is spoken inside. Towards the wire it is
/// an [Engine] like any other, and its events are those of the engine that it carries. That one comes from a [Carrier] with the first byte
/// of content after the client has proven that it heard us, and may go again when it is at rest ([#rest]), so that an idle connection
/// has keys and nothing else.
///
/// ```
///   reset --> HANDSHAKE --Finished--> OPEN --carried output ended--> close_notify said --carried ended, or the peer's end--> ended
///                 |                   ^  '--content--> a carrier's engine --rest--' |                                         ^
///                 '------- any fault, ours or the peer's, or too slow ----------> its alert said ---------------------------'
/// ```
///
/// **Memory.** The keys of both directions lie in the connection's own place. A handshake is lent a slot from its first record to the
/// client's Finished; a record is lent one while it is under way or its content waits for the application. Where no slot is left for a
/// handshake the connection ends with `internal_error`; for a record it waits ([#feedRoom] is 0) and asks again every 5 ms, at most
/// [TlsServerConfig#recordNanosMax]; the same where the carrier has no engine for what has come. Everything is wiped when it is given back.
///
/// **What the peer gets wrong** ends the connection with the alert of the standard: [#alertSent]. A record that does not verify, a message
/// out of its order, a length that does not fit: none makes an object or an exception. **Truncation**: an end of the stream without a
/// close_notify is told to the carried engine as an end, and here by [#isTruncated]; HTTP's messages know their own end.
///
/// Not done here: resumption, client certificates. One thread at a time; 0 heap bytes but for the carrier's.
///
/// @param <E>  events of the engine that is carried
public final class TlsServer<E> implements Engine<E> {
    /// Has an engine for a connection with content that nobody hears yet.
    ///
    /// @param <E>  its events
    @FunctionalInterface
    public interface Carrier<E> {
        /// {@return the engine to be carried, reset; null where there is none now. It stays the carrier's, who closes it when this
        /// connection [#isEnded], is closed, or was told to [#rest]}
        ///
        /// @param connection  whose [TlsServer#protocol] says what is to be spoken
        @Nullable
        Engine<E> carry(TlsServer<E> connection, long nowNanos);
    }

    enum State { CLOSED, HANDSHAKE, OPEN, ENDED }

    private static final long NEVER = Long.MAX_VALUE;
    private static final long ASK_AGAIN_NANOS = 5_000_000;
    /// Bytes that a record takes beside its content: header, type, tag.
    public static final int OVERHEAD_BYTES = Wire.RECORD_HEADER_BYTES + 1 + Aead.TAG_BYTES;
    /// Early data that is passed over (section 4.2.10): we never offered any, so a client has none but by mistake.
    private static final int EARLY_BYTES_MAX = 1 << 16;
    /// Updates of the peer's key without a byte of content between them: more are a way to make us work.
    private static final int UPDATES_MAX = 32;
    /// Records under one key after which ours is updated, where the limit of the suite is not nearer (section 5.5).
    private static final long SEALS_LEFT_MIN = 1 << 10;
    private static final int LACKS_SLOT = 1;      // for a record
    private static final int LACKS_ENGINE = 2;    // for what a record holds
    private static final int LACKS_ROOM = 4;      // for output
    private static final int KEY_UPDATE_BYTES = Wire.MESSAGE_HEADER_BYTES + 1;

    private final ServerContext context;
    private final int connection;
    private final Carrier<E> carrier;
    private final RecordKeys keys;

    private State state = State.CLOSED;
    private @Nullable Engine<E> carried;
    private long handshakeSlot = SlotPool.NONE;
    private long recordSlot = SlotPool.NONE;
    private long handshakeUntil;
    private long recordUntil;               // of a record that has begun or waits for a slot, else NEVER
    private int lacks;                      // what it waits for: LACKS_ bits
    private long lacksUntil;
    private long restsUntil;                // while nothing is carried
    private long clock;                     // as it was told last
    private boolean outputProtected;
    private @Nullable Alert pending;        // to be said
    private @Nullable Alert said;
    private @Nullable Alert heard;
    private boolean inputEnded;             // nothing more is opened
    private boolean truncated;
    private boolean updateDue;              // of our key
    private int updates;                    // of the peer's, in a row
    private int early;                      // bytes that could not be opened and may be early data, still allowed
    private long message;                   // a message after the handshake: its bytes so far
    private int messageBytes;
    private int protocol;

    /// Makes a connection that [#reset] begins.
    ///
    /// @param connection  0..[TlsServerConfig#connections]-1: which place of the context is its own
    /// @throws IndexOutOfBoundsException  another number (caller's fault)
    public TlsServer(ServerContext context, int connection, Carrier<E> carrier) {
        Objects.checkIndex(connection, context.config().connections());
        this.context = context;
        this.connection = connection;
        this.carrier = carrier;
        this.keys = context.keys(connection);
    }

    @Override
    public void reset(long nowNanos) {
        forget();
        clock = nowNanos;
        state = State.HANDSHAKE;
        handshakeUntil = nowNanos + context.config().handshakeNanosMax();
        pending = null;
        said = null;
        heard = null;
        inputEnded = false;
        truncated = false;
        outputProtected = false;
        updateDue = false;
        updates = 0;
        early = 0;
        messageBytes = 0;
        protocol = -1;
    }

    /// Gives everything back, wiped.
    private void forget() {
        endHandshake();
        releaseRecord();
        keys.wipe();
        lacks = 0;
        recordUntil = NEVER;
        restsUntil = NEVER;
        message = 0;
        carried = null;
    }

    private void endHandshake() {
        if (handshakeSlot != SlotPool.NONE) {
            context.pool().release(handshakeSlot);
            handshakeSlot = SlotPool.NONE;
        }
    }

    private void releaseRecord() {
        if (recordSlot != SlotPool.NONE) {
            context.pool().release(recordSlot, context.record(recordSlot).dirtyBytes());
            recordSlot = SlotPool.NONE;
        }
    }

    private void checkBegun() {
        if (state == State.CLOSED) {
            throw new IllegalStateException("tls: a connection that is closed (expected reset() first)");
        }
    }

    @Override
    public long feedRoom() {
        if (inputEnded || state == State.ENDED) {
            return NEVER;
        }
        return recordSlot != SlotPool.NONE ? context.record(recordSlot).room() : hasSlot() ? Wire.RECORD_BYTES_MAX : 0;
    }

    /// {@return whether a record could be lent memory now; where not, the deadline asks again}
    private boolean hasSlot() {
        boolean none = context.pool().lent(TlsServerConfig.KIND_RECORD) == context.config().records();
        lack(LACKS_SLOT, none);
        return !none;
    }

    @Override
    public long feed(MemorySegment input, long at, long length, long nowNanos) {
        checkBegun();
        Objects.checkFromIndexSize(at, length, input.byteSize());
        clock = nowNanos;
        if (inputEnded || state == State.ENDED || length == 0) {
            return length;
        }
        if (recordSlot == SlotPool.NONE && !lendRecord()) {
            return 0;
        }
        RecordInput record = context.record(recordSlot);
        int taken = (int) Math.min(length, record.room());
        if (taken > 0) {
            record.append(input, at, taken);
            pump(nowNanos);
        }
        return taken;
    }

    private boolean lendRecord() {
        if (!hasSlot()) {
            return false;
        }
        recordSlot = context.pool().tryLend(TlsServerConfig.KIND_RECORD, connection);
        context.record(recordSlot).begin();
        return true;
    }

    /// Deals with whole records, as far as the application takes what they hold.
    private void pump(long nowNanos) {
        while (recordSlot != SlotPool.NONE && !inputEnded) {
            RecordInput record = context.record(recordSlot);
            if (record.contentBytes() > 0 && !deliver(record, nowNanos)) {
                recordUntil = NEVER;  // it is the application that is slow
                return;
            }
            int type = record.next();
            if (type == RecordInput.INCOMPLETE) {
                rest(record, nowNanos);
                return;
            }
            Alert alert = type == RecordInput.TOO_LONG ? Alert.RECORD_OVERFLOW
                    : type == RecordInput.NO_RECORD ? Alert.UNEXPECTED_MESSAGE : onRecord(type, record, nowNanos);
            if (alert != null) {
                fail(alert, nowNanos);
            } else if (recordSlot != SlotPool.NONE && record.contentBytes() == 0) {
                record.taken(0);
            }
        }
        if (inputEnded) {
            releaseRecord();
        }
    }

    /// Nothing whole is left: the slot goes back where nothing at all is.
    private void rest(RecordInput record, long nowNanos) {
        if (record.isEmpty()) {
            releaseRecord();
            recordUntil = NEVER;
        } else if (recordUntil == NEVER) {
            recordUntil = nowNanos + context.config().recordNanosMax();
        }
    }

    /// {@return whether the application took all}
    private boolean deliver(RecordInput record, long nowNanos) {
        if (carried == null) {
            carried = carrier.carry(this, nowNanos);
            lack(LACKS_ENGINE, carried == null);
        }
        Engine<E> to = carried;
        if (to == null) {
            return false;
        }
        int bytes = record.contentBytes();
        int taken = (int) to.feed(record.memory(), record.contentAt(), bytes, nowNanos);
        record.taken(taken);
        return taken == bytes;
    }

    /// Notes that something is lacking, or is not: then the deadline asks again in a moment, and once anything was lacking for too long
    /// the connection ends.
    private void lack(int what, boolean lacking) {
        if (lacking && lacks == 0) {
            lacksUntil = clock + context.config().recordNanosMax();
        }
        lacks = lacking ? lacks | what : lacks & ~what;
    }

    /// {@return null, or why the connection fails}
    private @Nullable Alert onRecord(int type, RecordInput record, long nowNanos) {
        recordUntil = NEVER;
        boolean opens = keys.canRead();
        if (type == Wire.CHANGE_CIPHER_SPEC) {
            return onChange(record);
        }
        if (opens != (type == Wire.APPLICATION_DATA)) {
            return onOdd(type, record, opens, nowNanos);
        }
        if (!opens) {
            return record.contentBytes() > Wire.CONTENT_BYTES_MAX ? Alert.RECORD_OVERFLOW
                    : onContent(type, record, nowNanos);
        }
        int length = record.contentBytes();
        if (!keys.open(record.memory(), record.headerAt(), length)) {
            return skip(length, record) ? null : Alert.BAD_RECORD_MAC;
        }
        early = 0;
        return onOpened(record, length - Aead.TAG_BYTES, nowNanos);
    }

    /// A record of the other kind, protected or not: data that came too early, an alert of a client that has no keys, or nothing good.
    private @Nullable Alert onOdd(int type, RecordInput record, boolean opens, long nowNanos) {
        if (!opens && handshakeSlot != SlotPool.NONE && skip(record.contentBytes(), record)) {
            return null;
        }
        boolean alert = opens && type == Wire.ALERT && state == State.HANDSHAKE;
        return alert ? onContent(type, record, nowNanos) : Alert.UNEXPECTED_MESSAGE;
    }

    private boolean skip(int bytes, RecordInput record) {
        if (bytes > early) {
            return false;
        }
        early -= Math.max(bytes, 1);
        record.taken(bytes);
        return true;
    }

    /// A ChangeCipherSpec of a client that has middleboxes in mind: passed over between its first hello and its Finished (section 5).
    private @Nullable Alert onChange(RecordInput record) {
        boolean right = state == State.HANDSHAKE && handshakeSlot != SlotPool.NONE && record.contentBytes() == 1
                && Wire.u8(record.memory(), record.contentAt()) == 1;
        record.taken(right ? 1 : 0);
        return right ? null : Alert.UNEXPECTED_MESSAGE;
    }

    /// A record was opened: behind its content are its type and padding (section 5.4).
    private @Nullable Alert onOpened(RecordInput record, int length, long nowNanos) {
        int bytes = length;
        while (bytes > 0 && Wire.u8(record.memory(), record.contentAt() + bytes - 1) == 0) {
            bytes--;
        }
        if (bytes == 0) {
            return Alert.UNEXPECTED_MESSAGE;
        }
        if (length - 1 > Wire.CONTENT_BYTES_MAX) {
            return Alert.RECORD_OVERFLOW;
        }
        int type = Wire.u8(record.memory(), record.contentAt() + bytes - 1);
        record.opened(bytes - 1);
        return onContent(type, record, nowNanos);
    }

    private @Nullable Alert onContent(int type, RecordInput record, long nowNanos) {
        int bytes = record.contentBytes();
        switch (type) {
            case Wire.APPLICATION_DATA -> {
                if (state != State.OPEN || messageBytes > 0) {
                    return Alert.UNEXPECTED_MESSAGE;
                }
                updates = bytes > 0 ? 0 : updates;
                return null;  // it is delivered next
            }
            case Wire.ALERT -> {
                return onAlert(record, bytes, nowNanos);
            }
            case Wire.HANDSHAKE -> {
                if (bytes == 0) {
                    return Alert.UNEXPECTED_MESSAGE;  // section 5.1
                }
                Alert refused = state == State.OPEN ? onMessages(record, bytes) : onHandshake(record, bytes, nowNanos);
                if (refused == null) {
                    record.taken(bytes);
                }
                return refused;
            }
            default -> {
                return Alert.UNEXPECTED_MESSAGE;
            }
        }
    }

    private @Nullable Alert onAlert(RecordInput record, int bytes, long nowNanos) {
        if (bytes != 2) {
            return Alert.DECODE_ERROR;
        }
        Alert alert = Alert.of(Wire.u8(record.memory(), record.contentAt() + 1));
        record.taken(bytes);
        if (alert == Alert.USER_CANCELED) {
            return null;
        }
        heard = alert != null ? alert : Alert.UNEXPECTED_MESSAGE;  // a number that nobody knows is fatal (section 6)
        if (alert == Alert.CLOSE_NOTIFY) {
            endInput(nowNanos);
        } else {
            drop(nowNanos);
            state = State.ENDED;
        }
        return null;
    }

    /// The peer sends no more.
    private void endInput(long nowNanos) {
        inputEnded = true;
        if (carried != null) {
            carried.feedEnd(nowNanos);
        } else if (state == State.OPEN) {
            pending = Alert.CLOSE_NOTIFY;
        } else {
            drop(nowNanos);
            state = State.ENDED;
        }
    }

    private @Nullable Alert onHandshake(RecordInput record, int bytes, long nowNanos) {
        if (handshakeSlot == SlotPool.NONE) {
            handshakeSlot = context.pool().tryLend(TlsServerConfig.KIND_HANDSHAKE, connection);
            if (handshakeSlot == SlotPool.NONE) {
                return Alert.INTERNAL_ERROR;
            }
            handshake().begin(keys);
        }
        ServerHandshake handshake = handshake();
        boolean hello = handshake.awaitsHello();
        Alert refused = handshake.take(record.memory(), record.contentAt(), bytes);
        if (refused != null) {
            return refused;
        }
        if (hello && context.hello().hasEarlyData() && handshake.hasOutput()) {
            early = EARLY_BYTES_MAX;
        }
        if (handshake.isDone()) {
            protocol = handshake.protocol();
            endHandshake();
            state = State.OPEN;
            restsUntil = handshakeUntil;
        }
        return null;
    }

    private ServerHandshake handshake() {
        return context.handshake(handshakeSlot);
    }

    /// Messages after the handshake: of a client there is KeyUpdate alone (section 4.6.3), of five bytes.
    private @Nullable Alert onMessages(RecordInput record, int bytes) {
        for (int i = 0; i < bytes; i++) {
            message = message << 8 | Wire.u8(record.memory(), record.contentAt() + i);
            messageBytes++;
            if (messageBytes == 1 && message != Wire.KEY_UPDATE) {
                return Alert.UNEXPECTED_MESSAGE;
            }
            if (messageBytes == Wire.MESSAGE_HEADER_BYTES && (message & 0xffffff) != 1) {
                return Alert.DECODE_ERROR;
            }
            if (messageBytes == KEY_UPDATE_BYTES) {
                int request = (int) message & 0xff;
                message = 0;
                messageBytes = 0;
                if (request > 1) {
                    return Alert.ILLEGAL_PARAMETER;
                }
                if (i + 1 < bytes || ++updates > UPDATES_MAX) {
                    return Alert.UNEXPECTED_MESSAGE;
                }
                keys.updateRead();
                updateDue |= request == 1;
            }
        }
        return null;
    }

    /// The connection is lost, and the peer is told why.
    private void fail(Alert alert, long nowNanos) {
        pending = alert;
        drop(nowNanos);
    }

    /// Nothing more is opened, and the application hears that all is over.
    private void drop(long nowNanos) {
        inputEnded = true;
        if (carried != null) {
            carried.disconnect(nowNanos);
        }
        endHandshake();
        keys.wipeRead();
    }

    @Override
    public void feedEnd(long nowNanos) {
        checkBegun();
        if (!inputEnded && state != State.ENDED) {
            truncated = true;
            releaseRecord();
            endInput(nowNanos);
        }
    }

    @Override
    public void disconnect(long nowNanos) {
        checkBegun();
        if (state != State.ENDED) {
            drop(nowNanos);
            releaseRecord();
            pending = null;
            state = State.ENDED;
        }
    }

    @Override
    public long pollOutput(MemorySegment output, long at, long length, long nowNanos) {
        checkBegun();
        Objects.checkFromIndexSize(at, length, output.byteSize());
        clock = nowNanos;
        pump(nowNanos);
        if (state == State.ENDED || said != null) {
            return 0;
        }
        lack(LACKS_ROOM, length < outputBytesMin());
        if (length < outputBytesMin()) {
            return 0;
        }
        if (pending != null && pending != Alert.CLOSE_NOTIFY) {
            return sayAlert(output, at, pending);
        }
        if (handshakeSlot != SlotPool.NONE && handshake().hasOutput()) {
            return sayFlight(output, at, length);
        }
        if (updateDue || state == State.OPEN && keys.sealsLeft() < SEALS_LEFT_MIN) {
            return sayUpdate(output, at);
        }
        if (carried != null) {
            int room = (int) Math.min(length - OVERHEAD_BYTES, Wire.CONTENT_BYTES_MAX);
            int content = (int) carried.pollOutput(output, at + Wire.RECORD_HEADER_BYTES, room, nowNanos);
            if (content > 0) {
                return seal(output, at, content, Wire.APPLICATION_DATA);
            }
            if (carried.isOutputEnded()) {
                pending = Alert.CLOSE_NOTIFY;
            }
        }
        return pending != null ? sayAlert(output, at, pending) : 0;
    }

    private long sayAlert(MemorySegment output, long at, Alert alert) {
        Wire.u8(output, at + Wire.RECORD_HEADER_BYTES, alert.level());
        Wire.u8(output, at + Wire.RECORD_HEADER_BYTES + 1, alert.code());
        pending = null;
        said = alert;
        long written = seal(output, at, 2, Wire.ALERT);
        if (alert.isFatal() || carried == null) {
            state = State.ENDED;
            keys.wipe();
        }
        return written;
    }

    private long sayFlight(MemorySegment output, long at, long length) {
        ServerHandshake handshake = handshake();
        boolean plain = handshake.isPlain();
        outputProtected = !plain;
        int type = handshake.contentType();
        int room = (int) Math.min(length - (plain ? Wire.RECORD_HEADER_BYTES : OVERHEAD_BYTES), Wire.CONTENT_BYTES_MAX);
        long written = seal(output, at, handshake.fill(output, at + Wire.RECORD_HEADER_BYTES, room), type);
        if (handshake.isFlightOver()) {
            handshake.flightSealed();
        }
        return written;
    }

    private long sayUpdate(MemorySegment output, long at) {
        BigEndian.i32(output, at + Wire.RECORD_HEADER_BYTES, Wire.KEY_UPDATE << 24 | 1);
        Wire.u8(output, at + Wire.RECORD_HEADER_BYTES + Wire.MESSAGE_HEADER_BYTES, 0);  // the peer need not
        updateDue = false;
        long written = seal(output, at, KEY_UPDATE_BYTES, Wire.HANDSHAKE);
        keys.updateWrite();
        return written;
    }

    /// Makes a record of content that lies behind the room for a header.
    ///
    /// @return its bytes
    private long seal(MemorySegment output, long at, int content, int type) {
        boolean sealed = false;
        try {
            int length = outputProtected ? content + 1 + Aead.TAG_BYTES : content;
            Wire.u8(output, at, outputProtected ? Wire.APPLICATION_DATA : type);
            BigEndian.u16(output, at + 1, Wire.TLS_1_2);
            BigEndian.u16(output, at + 3, length);
            if (outputProtected) {
                Wire.u8(output, at + Wire.RECORD_HEADER_BYTES + content, type);
                keys.seal(output, at, content + 1);
            }
            sealed = true;
            return Wire.RECORD_HEADER_BYTES + length;
        } finally {
            if (!sealed) {
                Wipe.bytes(output, at, Wire.RECORD_HEADER_BYTES + content + 1 + Aead.TAG_BYTES);
            }
        }
    }

    @Override
    public long outputBytesMin() {
        return (long) OVERHEAD_BYTES + context.config().carriedOutputBytesMin();
    }

    @Override
    public boolean isOutputEnded() {
        return state == State.ENDED || said != null;
    }

    @Override
    public @Nullable E pollEvent() {
        return carried == null ? null : carried.pollEvent();
    }

    @Override
    public long deadlineNanos() {
        if (state == State.ENDED || state == State.CLOSED) {
            return NEVER;
        }
        long own = Math.min(limit(), lacks != 0 ? Math.min(clock + ASK_AGAIN_NANOS, lacksUntil) : NEVER);
        return carried == null ? own : Math.min(own, carried.deadlineNanos());
    }

    /// {@return when the peer has been too slow}
    private long limit() {
        return inputEnded ? NEVER : state == State.HANDSHAKE ? Math.min(handshakeUntil, recordUntil)
                : carried == null ? Math.min(restsUntil, recordUntil) : recordUntil;
    }

    @Override
    public void onDeadline(long nowNanos) {
        checkBegun();
        clock = nowNanos;
        if (state == State.ENDED) {
            return;
        }
        if (carried != null) {
            carried.onDeadline(nowNanos);
        }
        if (nowNanos >= limit()) {
            giveUp(nowNanos);
        } else if (lacks != 0 && nowNanos >= lacksUntil) {
            fail(Alert.INTERNAL_ERROR, nowNanos);
        }
    }

    /// The peer was too slow, for which there is no alert, or is not wanted any more.
    private void giveUp(long nowNanos) {
        drop(nowNanos);
        releaseRecord();
        pending = Alert.CLOSE_NOTIFY;
    }

    @Override
    public void shutdown(long nowNanos) {
        checkBegun();
        if (carried != null) {
            carried.shutdown(nowNanos);
        } else if (state != State.ENDED && pending == null && said == null) {
            giveUp(nowNanos);
        }
    }

    /// {@return whether the carried engine can go, if it holds nothing that it will need: nothing that came waits for it}
    public boolean canRest() {
        return carried != null && state == State.OPEN && !inputEnded && recordSlot == SlotPool.NONE;
    }

    /// Lets the carried engine go, which is at rest: the carrier may give it to another connection. This one goes on without, until the
    /// next content comes.
    ///
    /// @param untilNanos  when the connection is ended, unless content comes before
    /// @throws IllegalStateException  not [#canRest] (caller's fault)
    public void rest(long untilNanos) {
        if (!canRest()) {
            throw new IllegalStateException("tls: a connection with something under way (expected canRest())");
        }
        carried = null;
        restsUntil = untilNanos;
    }

    @Override
    public boolean isEnded() {
        return state == State.ENDED || said != null && (inputEnded || carried == null || carried.isEnded());
    }

    /// {@return the application protocol that was agreed on (RFC 7301), one of [TlsServerConfig#protocols]; null for none}
    public @Nullable String protocol() {
        return protocol < 0 ? null : context.config().protocols().get(protocol);
    }

    /// {@return whether the handshake is done}
    public boolean isOpen() {
        return state == State.OPEN;
    }

    /// {@return the alert that was said, or null}
    public @Nullable Alert alertSent() {
        return said;
    }

    /// {@return the alert that the peer has said, a number that nobody knows as `UNEXPECTED_MESSAGE`; or null}
    public @Nullable Alert alertReceived() {
        return heard;
    }

    /// {@return whether the stream ended without the peer's close_notify}
    public boolean isTruncated() {
        return truncated;
    }

    @Override
    public void close() {
        if (state != State.CLOSED) {
            forget();
            state = State.CLOSED;
        }
    }

    @Override
    public String toString() {
        return "TlsServer[" + state + (said == null ? "" : ", said " + said) + (heard == null ? "" : ", heard " + heard) + "]";
    }
}
