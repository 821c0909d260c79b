package dev.coffer.tls;

import dev.coffer.crypto.Aead;
import dev.coffer.memory.engine.Engine;
import dev.coffer.memory.layout.HeapLayout;
import dev.coffer.memory.pool.SlotPool;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// One connection of TLS 1.3 (RFC 8446), of either side, which carries another engine: HTTP, or whatever is spoken inside. Towards the wire it
/// is an [Engine] like any other, and its events are those of the engine that it carries. That one comes from a [Carrier], to a server with the
/// first byte of content, to a client as soon as it may speak; it may go again when it is at rest ([#rest]), so that an idle connection has
/// keys and nothing else.
///
/// ```
///   reset --> HANDSHAKE --Finished--> OPEN --carried output ended--> close_notify said --carried ended, or the peer's end--> ended
///                 |                   ^  '--content--> a carrier's engine --rest--' |                                         ^
///                 '------- any fault, ours or the peer's, or too slow ----------> its alert said ---------------------------'
/// ```
///
/// **Memory.** The traffic secrets of both directions lie in the connection's own place; the keys that are expanded from them in one that is lent
/// while records go through ([TlsContext]). A handshake is lent a slot from its first byte to its last message; a record is lent one while it
/// is under way or its content waits for the application. While that one has yet to take what it was given ([Engine#isHolding]) nothing
/// more is taken from the system. Where no slot is left a connection waits ([#feedRoom] is 0) and asks again every 5 ms, at most as long as a
/// record may take; the same where the carrier has no engine for what has come. Meanwhile who has been in the middle of a handshake or a
/// record for long, or whose application lets content wait for long, makes way and ends. Everything is wiped when it is given back.
///
/// **What the peer gets wrong** ends the connection with the alert of the standard: [#alertSent]. A record that does not verify, a message
/// out of its order, a length that does not fit: none makes an object or an exception. **Truncation**: an end of the stream without a
/// close_notify is told by [#isTruncated].
///
/// One thread at a time; 0 heap bytes but for the carrier's.
///
/// @param <E>  events of the engine that is carried
@SuppressWarnings("exports")  // annotations that users need not have
public abstract sealed class TlsConnection<E> implements Engine<E> permits TlsServer, TlsClient {
    /// Has an engine for a connection with nobody to hear or speak.
    ///
    /// @param <E>  its events
    @FunctionalInterface
    public interface Carrier<E> {
        /// {@return the engine to be carried, reset; null where there is none now. It stays the carrier's, who closes it when this
        /// connection [#isEnded], is closed, or was told to [#rest]}
        ///
        /// @param connection  whose [TlsConnection#protocol] says what is to be spoken
        @Nullable
        Engine<E> carry(TlsConnection<E> connection, long nowNanos);
    }

    enum State { CLOSED, HANDSHAKE, OPEN, ENDED }

    /// Bytes that a record takes beside its content: header, type, tag.
    public static final int OVERHEAD_BYTES = Wire.RECORD_HEADER_BYTES + 1 + Aead.TAG_BYTES;

    private static final long NEVER = Long.MAX_VALUE;
    /// Records that are left to a key when ours is updated (section 5.5).
    private static final long SEALS_LEFT_MIN = 1 << 10;
    /// Times that a peer may say that its user has given up, and go on.
    private static final int CANCELS_MAX = 4;

    private final TlsContext context;
    private final int connection;
    private final Carrier<E> carrier;
    private final RecordKeys keys;
    private final RecordReader reader;
    private final RecordWriter writer;
    private final Lacks lacks = new Lacks();
    private final LateMessages late;

    private State state = State.CLOSED;
    private @Nullable Engine<E> carried;
    private long handshakeSlot = SlotPool.NONE;
    private final Line.Place<TlsConnection<?>> shaking = new Line.Place<>(this);  // among those with such a slot
    private long shakesSince;
    private long handshakeUntil;
    private boolean granted;                // it has waited for a slot, and what comes next may take one
    private long restsUntil;                // while nothing is carried
    private long clock;                     // as it was told last
    private @Nullable Alert pending;        // to be said
    private @Nullable Alert said;
    private @Nullable Alert heard;
    private boolean helloHeard;             // or said, or a part of it
    private int cancels;
    private boolean streamEnded;
    private boolean truncated;
    private boolean gaveWay;                // its deadline is now
    private int protocol;
    private boolean resumed;

    /// @param connection  0..`connections`-1: which place of the context is its own
    TlsConnection(TlsContext context, int connection, Carrier<E> carrier) {
        Objects.checkIndex(connection, context.connections());
        this.context = context;
        this.connection = connection;
        this.carrier = carrier;
        this.keys = context.keys(connection);
        Hears hears = new Hears();
        this.late = new LateMessages(keys, speaksFirst() ? hears : null);
        this.writer = new RecordWriter(keys);
        this.reader = new RecordReader(context, connection, keys, hears);
    }

    /// {@return bytes of the objects that a connection is made of, itself aside}
    static long partsHeapBytes() {
        return RecordKeys.heapBytes() + HeapLayout.instance(Line.Place.class) + HeapLayout.instance(LateMessages.class)
                + HeapLayout.instance(RecordWriter.class)
                + HeapLayout.instance(Lacks.class) + RecordReader.heapBytes();
    }

    /// {@return the handshake in the slot that was lent}
    abstract Handshake handshake(long slot);

    @Override
    public void reset(long nowNanos) {
        forget();
        clock = nowNanos;
        state = State.HANDSHAKE;
        handshakeUntil = nowNanos + context.handshakeNanosMax();
        pending = null;
        said = null;
        heard = null;
        helloHeard = speaksFirst();
        cancels = 0;
        streamEnded = false;
        truncated = false;
        gaveWay = false;
        protocol = -1;
        resumed = false;
    }

    /// Gives everything back, wiped.
    private void forget() {
        endHandshake();
        reader.begin();
        writer.begin();
        keys.wipe();
        onForget();
        late.begin();
        endLacks();
        restsUntil = NEVER;
        carried = null;
    }

    private void endHandshake() {
        if (handshakeSlot != SlotPool.NONE) {
            context.pool().release(handshakeSlot);
            handshakeSlot = SlotPool.NONE;
            shaking.leave();
        }
    }

    private void checkBegun() {
        if (state == State.CLOSED) {
            throw new IllegalStateException("tls: a connection that is closed (expected reset() first)");
        }
    }

    private boolean isDeaf() {
        return reader.isEnded() || isEnded();
    }

    @Override
    public long feedRoom() {
        if (isDeaf()) {
            return NEVER;
        }
        return room();
    }

    /// {@return bytes that are taken now: none where there is no memory to take them to, or where the application has yet to take what it was
    /// given, so that what comes stays with the system, unopened}
    private int room() {
        boolean lacksHandshake = state == State.HANDSHAKE && !speaksFirst() && handshakeSlot == SlotPool.NONE
                && isShort(Lacks.HANDSHAKE, TlsContext.KIND_HANDSHAKE);
        boolean full = carried != null && carried.isHolding();
        boolean lacksSlot = !full && !reader.isHolding() && isShort(Lacks.SLOT, TlsContext.KIND_RECORD);
        granted = !lacksHandshake && !lacksSlot && (granted || lacks.isFor(Lacks.HANDSHAKE) || lacks.isFor(Lacks.SLOT));
        note(Lacks.HANDSHAKE, TlsContext.KIND_HANDSHAKE, lacksHandshake);
        note(Lacks.SLOT, TlsContext.KIND_RECORD, lacksSlot);
        return lacksHandshake || lacksSlot ? 0 : reader.room(full);
    }

    /// {@return whether a slot of a kind cannot be had: none is free, or those that are free are for others who wait}
    private boolean isShort(int what, int kind) {
        return granted || lacks.isFor(what) ? context.isSpent(kind) : context.isShort(kind);
    }

    private void note(int what, int kind, boolean lacking) {
        if (lacking != lacks.isFor(what)) {
            context.lacking(kind, lacking);
            lacks.note(what, lacking);
        }
    }

    private void endLacks() {
        note(Lacks.HANDSHAKE, TlsContext.KIND_HANDSHAKE, false);
        note(Lacks.SLOT, TlsContext.KIND_RECORD, false);
        lacks.begin();
        granted = false;
    }

    @Override
    public long feed(MemorySegment input, long at, long length, long nowNanos) {
        checkBegun();
        Objects.checkFromIndexSize(at, length, input.byteSize());
        tell(nowNanos);
        if (isDeaf() || length == 0) {
            return length;
        }
        int room = room();
        if (room == 0 || state == State.HANDSHAKE && !shakes()) {
            return 0;
        }
        granted = false;
        return reader.feed(input, at, Math.min(length, room), nowNanos);
    }

    /// It is told the time. Where a record's slot is lacking, who was given one and does not go on has to make way.
    private void tell(long nowNanos) {
        clock = nowNanos;
        lacks.tell(nowNanos, context.recordNanosMax());
        if (lacks.isFor(Lacks.SLOT) && !speaksFirst()) {  // a client has asked for what comes so slowly
            context.makeWay(nowNanos);
        }
        if (lacks.isFor(Lacks.HANDSHAKE)) {
            context.makeWayForHandshake(nowNanos);
        }
    }

    /// What records hold, on its way to the handshake, the application or nobody.
    final class Hears implements RecordReader.Hearer, LateMessages.TicketHearer {
        @Override
        public @Nullable Alert onTicket(MemorySegment from, long at, int length) {
            boolean early = handshakeSlot != SlotPool.NONE;  // our Finished, which its key covers, has yet to go (section 4.6.1)
            return early ? null : TlsConnection.this.onTicket(from, at, length, clock);
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
            if (state != State.OPEN || isMidMessage()) {
                return Alert.UNEXPECTED_MESSAGE;
            }
            late.content(bytes);
            return null;
        }

        private @Nullable Alert onMessages(RecordInput record, int bytes, long nowNanos) {
            if (bytes == 0) {
                return Alert.UNEXPECTED_MESSAGE;  // section 5.1
            }
            Alert refused = state == State.OPEN ? late.take(record.memory(), record.contentAt(), bytes) : onHandshake(record, bytes, nowNanos);
            if (refused == null) {
                record.taken(bytes);
            }
            return refused;
        }

        @Override
        public boolean deliver(RecordInput record, long nowNanos) {
            Engine<E> to = carried(nowNanos);
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
            pending = alert;
            drop(nowNanos);
        }

        @Override
        public void giveWay(long nowNanos) {
            giveUp(nowNanos);
            gaveWay = true;
        }

        @Override
        public boolean isShaking() {
            return state == State.HANDSHAKE && helloHeard;
        }

        @Override
        public boolean hearsPlainAlerts() {
            return isShaking() && !speaksFirst();  // a server says nothing in the clear once its hello has gone
        }

        @Override
        public boolean isMidMessage() {
            return TlsConnection.this.isMidMessage();
        }
    }

    private boolean isMidMessage() {
        return state == State.OPEN ? late.isMidMessage() : handshakeSlot != SlotPool.NONE && handshake(handshakeSlot).isMidMessage();
    }

    private @Nullable Engine<E> carried(long nowNanos) {
        if (carried == null) {
            carried = carrier.carry(this, nowNanos);
            lacks.note(Lacks.ENGINE, carried == null);
        }
        return carried;
    }

    private @Nullable Alert onAlert(RecordInput record, int bytes, long nowNanos) {
        if (bytes != 2) {
            return Alert.DECODE_ERROR;
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
        if (alert == Alert.CLOSE_NOTIFY) {
            endInput(nowNanos);
        } else {
            drop(nowNanos);
            end();
        }
        return null;
    }

    /// Nothing more is heard or said.
    private void end() {
        state = State.ENDED;
        keys.wipe();
    }

    /// The peer sends no more.
    private void endInput(long nowNanos) {
        reader.end();
        keys.wipeRead();
        if (carried != null) {
            carried.feedEnd(nowNanos);
        } else if (state == State.OPEN) {
            pending = Alert.CLOSE_NOTIFY;
        } else {
            drop(nowNanos);
            end();
        }
    }

    /// {@return whether there is a handshake's slot, lent before or now}
    private boolean shakes() {
        if (handshakeSlot == SlotPool.NONE) {
            handshakeSlot = context.pool().tryLend(TlsContext.KIND_HANDSHAKE, connection);
            if (handshakeSlot == SlotPool.NONE) {
                return false;
            }
            shakesSince = clock;
            context.shaking().join(shaking);
            Handshake begun = handshake(handshakeSlot);
            begun.tell(clock);
            begun.begin(keys);
        }
        return true;
    }

    private @Nullable Alert onHandshake(RecordInput record, int bytes, long nowNanos) {
        if (!shakes()) {
            return Alert.INTERNAL_ERROR;
        }
        helloHeard = true;
        Handshake handshake = handshake(handshakeSlot);
        handshake.tell(nowNanos);
        Alert refused = handshake.take(record.memory(), record.contentAt(), bytes);
        writer.protect(handshake.isKeyed());
        if (refused == null) {
            if (handshake.earlyBytes() > 0) {
                reader.allowEarly(handshake.earlyBytes());
            }
            settle(handshake, nowNanos);
        }
        return refused;
    }

    /// The handshake may be over, in both directions.
    private void settle(Handshake handshake, long nowNanos) {
        boolean over = handshake.isDone() && !handshake.hasOutput();
        if (handshake.isDone() && state == State.HANDSHAKE) {  // what goes yet of our flight goes first
            protocol = handshake.protocol();
            resumed = handshake.isResumed();
            state = State.OPEN;
            restsUntil = handshakeUntil;
            onOpen(handshake, nowNanos);
        }
        if (over) {
            endHandshake();
        }
    }

    /// The handshake is done.
    void onOpen(Handshake handshake, long nowNanos) {}

    /// A server's ticket came.
    ///
    /// @return null, or why the connection fails
    @Nullable
    Alert onTicket(MemorySegment from, long at, int length, long nowNanos) {
        return null;
    }

    /// What it held of its own is wiped.
    void onForget() {}

    /// {@return which place of the context is its own}
    final int connection() {
        return connection;
    }

    /// Has an engine come although nothing came for it.
    final void carryNow(long nowNanos) {
        carried(nowNanos);
    }

    /// Nothing more is opened, and the application hears that all is over.
    private void drop(long nowNanos) {
        reader.end();
        if (carried != null) {
            carried.disconnect(nowNanos);
        }
        endHandshake();
        keys.wipeRead();
        endLacks();
    }

    @Override
    public void feedEnd(long nowNanos) {
        checkBegun();
        streamEnded = true;
        reader.pump(nowNanos);
        endStream(nowNanos);
    }

    /// The stream has ended: that counts when all that came before it is taken, a close_notify among it.
    private void endStream(long nowNanos) {
        if (streamEnded && !isDeaf() && !reader.isWaiting()) {
            truncated = true;
            reader.release();
            if (carried != null && endsWithoutWord()) {
                disconnect(nowNanos);
            } else {
                endInput(nowNanos);
            }
        }
    }

    /// {@return whether an end of the stream without a close_notify must not be taken for the end of what is carried}
    abstract boolean endsWithoutWord();

    @Override
    public void disconnect(long nowNanos) {
        checkBegun();
        if (state != State.ENDED) {
            drop(nowNanos);
            reader.release();
            pending = null;
            end();
        }
    }

    @Override
    public long pollOutput(MemorySegment output, long at, long length, long nowNanos) {
        checkBegun();
        Objects.checkFromIndexSize(at, length, output.byteSize());
        tell(nowNanos);
        reader.pump(nowNanos);
        endStream(nowNanos);
        if (state == State.ENDED || said != null) {
            return 0;
        }
        lacks.note(Lacks.ROOM, length == 0 && owes());
        if (length < outputBytesMin()) {
            return 0;
        }
        if (pending != null && pending != Alert.CLOSE_NOTIFY) {
            return sayAlert(output, at, pending);
        }
        if (speaksFirst() && state == State.HANDSHAKE && pending == null && !shakes()) {
            disconnect(nowNanos);
            return 0;
        }
        if (handshakeSlot != SlotPool.NONE && handshake(handshakeSlot).hasOutput()) {
            return sayFlight(output, at, length, nowNanos);
        }
        if (late.isUpdateDue() || state == State.OPEN && keys.sealsLeft() < SEALS_LEFT_MIN) {
            late.updated();
            return writer.update(output, at);
        }
        if (carried != null) {
            int room = (int) Math.min(length - OVERHEAD_BYTES, Wire.CONTENT_BYTES_MAX);
            int content = (int) carried.pollOutput(output, at + Wire.RECORD_HEADER_BYTES, room, nowNanos);
            if (content > 0) {
                return writer.seal(output, at, content, Wire.APPLICATION_DATA);
            }
            if (carried.isOutputEnded()) {
                pending = Alert.CLOSE_NOTIFY;
            }
        }
        return pending != null ? sayAlert(output, at, pending) : 0;
    }

    /// {@return whether there is something to say that is not the carried engine's. A driver without any room is asked again for it; one that
    /// offers the last of a buffer comes back of itself when that is sent}
    private boolean owes() {
        return pending != null || late.isUpdateDue() || handshakeSlot != SlotPool.NONE && handshake(handshakeSlot).hasOutput();
    }

    /// {@return whether the handshake begins with us}
    abstract boolean speaksFirst();

    private long sayAlert(MemorySegment output, long at, Alert alert) {
        pending = null;
        said = alert;
        long written = writer.alert(output, at, alert);
        keys.wipeWrite();
        if (alert.isFatal() || carried == null) {
            end();
        }
        return written;
    }

    private long sayFlight(MemorySegment output, long at, long length, long nowNanos) {
        Handshake handshake = handshake(handshakeSlot);
        handshake.tell(nowNanos);
        boolean plain = handshake.isPlain();
        writer.protect(!plain);
        int type = handshake.contentType();
        int room = (int) Math.min(length - (plain ? Wire.RECORD_HEADER_BYTES : OVERHEAD_BYTES), Wire.CONTENT_BYTES_MAX);
        long written = writer.seal(output, at, handshake.fill(output, at + Wire.RECORD_HEADER_BYTES, room), type);
        writer.protect(handshake.isKeyed());
        if (handshake.isFlightOver()) {
            handshake.flightSealed();
            settle(handshake, nowNanos);
        }
        return written;
    }

    @Override
    public long outputBytesMin() {
        return (long) OVERHEAD_BYTES + context.carriedOutputBytesMin();
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
        if (gaveWay) {
            return clock;
        }
        long own = Math.min(limit(), lacks.deadlineNanos(clock));
        return carried == null ? own : Math.min(own, carried.deadlineNanos());
    }

    /// {@return when the peer has been too slow; what goes yet of a handshake, behind its end, has the handshake's time}
    private long limit() {
        if (isEnded()) {
            return NEVER;
        }
        long shaking = handshakeSlot == SlotPool.NONE && state == State.OPEN ? NEVER : handshakeUntil;
        return reader.isEnded() ? handshakeSlot == SlotPool.NONE ? NEVER : shaking
                : Math.min(Math.min(shaking, reader.until()), state == State.OPEN && carried == null ? restsUntil : NEVER);
    }

    @Override
    public void onDeadline(long nowNanos) {
        checkBegun();
        tell(nowNanos);
        gaveWay = false;
        if (state == State.ENDED) {
            return;
        }
        if (carried != null) {
            carried.onDeadline(nowNanos);
        }
        if (nowNanos >= limit()) {
            giveUp(nowNanos);
        } else if (lacks.isFor(Lacks.ROOM) && lacks.isOver(nowNanos)) {
            disconnect(nowNanos);  // there is no room for a word either
        } else if (lacks.isOver(nowNanos)) {
            pending = Alert.INTERNAL_ERROR;
            drop(nowNanos);
            reader.release();
        }
    }

    /// The peer was too slow, for which there is no alert, or is not wanted any more.
    private void giveUp(long nowNanos) {
        drop(nowNanos);
        reader.release();
        pending = Alert.CLOSE_NOTIFY;
    }

    /// Somebody lacks a slot for a handshake: this one gives its own, if it has had it for so long. Not in a turn of its own. Where nothing but
    /// tickets is left to go it does without them, and goes on.
    final void giveHandshakeWay(long nowNanos, long patienceNanos) {
        if (nowNanos < shakesSince + patienceNanos) {
            return;
        }
        if (state == State.OPEN && handshake(handshakeSlot).owesTicketsAlone()) {
            endHandshake();
            lacks.note(Lacks.ROOM, lacks.isFor(Lacks.ROOM) && owes());
        } else {
            giveUp(nowNanos);
            gaveWay = true;
        }
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
    public final boolean canRest() {
        return carried != null && state == State.OPEN && !isDeaf() && !reader.isHolding();
    }

    /// Lets the carried engine go, which is at rest: the carrier may give it to another connection. This one goes on without, until the
    /// next content comes.
    ///
    /// @param untilNanos  when the connection is ended, unless content comes before
    /// @throws IllegalStateException  not [#canRest] (caller's fault)
    public final void rest(long untilNanos) {
        if (!canRest()) {
            throw new IllegalStateException("tls: a connection with something under way (expected canRest())");
        }
        carried = null;
        restsUntil = untilNanos;
    }

    @Override
    public boolean isEnded() {
        return state == State.ENDED || said != null && (reader.isEnded() || carried == null || carried.isEnded());
    }

    /// {@return the application protocol that was agreed on (RFC 7301), one of those configured; null for none}
    public final @Nullable String protocol() {
        return protocol < 0 ? null : context.protocolNames().get(protocol);
    }

    /// {@return the same by its place in the configuration; below 0 for none}
    final int agreed() {
        return protocol;
    }

    /// {@return whether this connection resumed an earlier session (section 2.2): whoever was verified was so then}
    public final boolean isResumed() {
        return resumed;
    }

    /// {@return whether the handshake is done}
    public final boolean isOpen() {
        return state == State.OPEN;
    }

    /// {@return the alert that was said, or null}
    public final @Nullable Alert alertSent() {
        return said;
    }

    /// {@return the alert that the peer has said, a number that nobody knows as `UNEXPECTED_MESSAGE`; or null}
    public final @Nullable Alert alertReceived() {
        return heard;
    }

    /// {@return whether the stream ended without the peer's close_notify}
    public final boolean isTruncated() {
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
        return getClass().getSimpleName() + "[" + state + (said == null ? "" : ", said " + said) + (heard == null ? "" : ", heard " + heard)
                + "]";
    }
}
