package dev.coffer.tls;

import dev.coffer.memory.engine.Engine;
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
public abstract sealed class TlsConnection<E> extends ConnectionParts<E> permits TlsServer, TlsClient {
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

        /// {@return whether what is carried has a word to say when the time of a connection at [#rest] is over: it is carried once more then, and told of
        /// its deadline}
        default boolean hasLastWord() {
            return false;
        }
    }

    private static final long NEVER = Long.MAX_VALUE;

    private final Carrier<E> carrier;
    private @Nullable Engine<E> carried;
    private long restsUntil;                // while nothing is carried
    private boolean streamEnded;
    private boolean gaveWay;                // its deadline is now

    /// @param connection  0..`connections`-1: which place of the context is its own
    TlsConnection(TlsContext context, int connection, Carrier<E> carrier) {
        super(context, connection);
        this.carrier = carrier;
    }

    @Override
    public void reset(long nowNanos) {
        forget();
        clock = nowNanos;
        state = State.HANDSHAKE;
        shaking.reset(nowNanos);
        incoming.begin();
        outgoing.begin();
        streamEnded = false;
        truncated = false;
        gaveWay = false;
    }

    /// Gives everything back, wiped.
    private void forget() {
        shaking.end();
        reader.begin();
        writer.begin();
        keys.wipe();
        onForget();
        lacks.begin();
        restsUntil = NEVER;
        carried = null;
    }

    @Override
    public long feedRoom() {
        if (isDeaf()) {
            return NEVER;
        }
        return room();
    }

    /// {@return whether to listen: not where a slot is known to be lacking, nor while the application has yet to take what it was given. Whether
    /// there is a slot is not asked before something has come}
    @Override
    public boolean awaitsInput() {
        return isDeaf() || !lacks.isForSlot() && (reader.isHolding() ? reader.room(isFull()) > 0 : !isFull());
    }

    private boolean isFull() {
        return carried != null && carried.isHolding() && !isEarly();  // what ends the handshake is behind what is said early
    }

    /// {@return bytes that are taken now: none where there is no memory to take them to, or where the application has yet to take what it was
    /// given, so that what comes stays with the system, unopened}
    private int room() {
        boolean begins = state == State.HANDSHAKE && !speaksFirst() && !shaking.isUnderWay();
        boolean full = isFull();
        return lacks.hasSlots(begins, !full && !reader.isHolding()) ? reader.room(full) : 0;
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
        if (room == 0 || state == State.HANDSHAKE && !shaking.begin(nowNanos)) {
            return 0;
        }
        lacks.taken();
        return reader.feed(input, at, Math.min(length, room), nowNanos);
    }

    private void tell(long nowNanos) {
        clock = nowNanos;
        lacks.tell(nowNanos);
    }

    /// The connection is lost.
    final void fail(Alert alert, long nowNanos) {
        outgoing.owe(alert);
        drop(nowNanos);
    }

    /// Others need what it holds. Not in a turn of its own.
    final void giveWay(long nowNanos) {
        giveUp(nowNanos);
        gaveWay = true;
    }

    /// {@return the carried engine, which comes now if there is one to come; null where there is none. A carrier asks for it that has something to
    /// say although nothing came, while nothing is carried ([#rest])}
    @SuppressWarnings("exports")  // an annotation that users need not have
    public final @Nullable Engine<E> carry(long nowNanos) {
        if (carried == null) {
            carried = carrier.carry(this, nowNanos);
            lacks.note(Lacks.ENGINE, carried == null);
        }
        return carried;
    }

    /// Whether a hello waits for the one place of those that are long.
    final void lacksHello(boolean whether) {
        lacks.note(Lacks.HELLO, whether);
    }

    final @Nullable Engine<E> carried() {
        return carried;
    }

    /// An alert came that ends the connection, or what the peer has to say.
    final void onAlert(Alert alert, long nowNanos) {
        if (alert == Alert.CLOSE_NOTIFY) {
            endInput(nowNanos);
        } else {
            drop(nowNanos);
            end();
        }
    }

    /// Nothing more is heard or said.
    final void end() {
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
            outgoing.owe(Alert.CLOSE_NOTIFY);
        } else {
            drop(nowNanos);
            end();
        }
    }

    /// The handshake is done, though some of our flight may have to go: that goes first.
    final void open(Handshake handshake, long nowNanos) {
        state = State.OPEN;
        restsUntil = shaking.until();
        onOpen(handshake, nowNanos);
    }

    /// The handshake is done.
    void onOpen(Handshake handshake, long nowNanos) {}

    /// The handshake is not done, and what is carried may begin ([#isEarly]).
    void onAgreed(Handshake handshake, long nowNanos) {}

    /// A server's ticket came.
    ///
    /// @return null, or why the connection fails
    @Nullable
    Alert onTicket(MemorySegment from, long at, int length, long nowNanos) {
        return null;
    }

    /// {@return what a client keeps of tickets}
    ClientResumption resumption() {
        throw new IllegalStateException("no client");
    }

    /// What it held of its own is wiped.
    void onForget() {}

    /// Has an engine come although nothing has come for it: for a server that may speak first.
    ///
    /// @throws IllegalStateException  not [#isOpen] (caller's fault)
    public final void carryNow(long nowNanos) {
        if (state != State.OPEN) {
            throw new IllegalStateException("tls: nothing is carried by a connection that is not open");
        }
        carry(nowNanos);
    }

    /// {@return whether something is to be said that is not the carried engine's: of a handshake, an alert, an update of our key}
    public final boolean owesOutput() {
        boolean begins = speaksFirst() && state == State.HANDSHAKE && !shaking.isUnderWay();
        return (state == State.HANDSHAKE || state == State.OPEN) && outgoing.said() == null && (begins || outgoing.owes());
    }

    /// Nothing more is opened, and the application hears that all is over.
    private void drop(long nowNanos) {
        reader.end();
        if (carried != null) {
            carried.disconnect(nowNanos);
        }
        shaking.end();
        keys.wipeRead();
        lacks.begin();
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
            outgoing.owe(null);
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
        if (isOutputEnded()) {
            return 0;
        }
        lacks.note(Lacks.ROOM, length == 0 && outgoing.owes());
        if (length < writer.roomOfOne(context.carriedOutputBytesMin())) {
            return 0;
        }
        if (speaksFirst() && state == State.HANDSHAKE && !outgoing.owesAlert() && !shaking.begin(nowNanos)) {
            disconnect(nowNanos);
            return 0;
        }
        return outgoing.poll(output, at, length, nowNanos);
    }

    /// {@return room for what the carried engine may write at once, in a record; in as many as it takes where the peer wants shorter ones (RFC 8449).
    /// With less than that, and room for one record, what the carried engine writes may be too long for it: then the connection ends, `internal_error`}
    @Override
    public long outputBytesMin() {
        return writer.room(context.carriedOutputBytesMin());
    }

    @Override
    public boolean isOutputEnded() {
        return state == State.ENDED || outgoing.said() != null;
    }

    @Override
    public @Nullable E pollEvent() {
        return carried == null ? null : carried.pollEvent();
    }

    @Override
    public long deadlineNanos() {
        if (isEnded() || state == State.CLOSED) {
            return NEVER;  // whatever the carried engine waits for yet
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
        long own = !shaking.isUnderWay() && state == State.OPEN ? NEVER : shaking.until();
        return reader.isEnded() ? shaking.isUnderWay() ? own : NEVER
                : Math.min(Math.min(own, reader.until()), state == State.OPEN && carried == null ? restsUntil : NEVER);
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
        if (lacks.isForSlot() && !isDeaf()) {
            room();  // it asks again
        }
        if (carried == null && state == State.OPEN && nowNanos >= restsUntil && carrier.hasLastWord()) {
            Engine<E> last = carry(nowNanos);
            if (last != null) {
                last.onDeadline(nowNanos);
            }
        }
        if (nowNanos >= limit()) {
            giveUp(nowNanos);
        } else if (lacks.isFor(Lacks.ROOM) && lacks.isOver(nowNanos)) {
            disconnect(nowNanos);  // there is no room for a word either
        } else if (lacks.isOver(nowNanos)) {
            outgoing.owe(Alert.INTERNAL_ERROR);
            drop(nowNanos);
            reader.release();
        }
    }

    /// The peer was too slow, for which there is no alert, or is not wanted any more.
    private void giveUp(long nowNanos) {
        drop(nowNanos);
        reader.release();
        outgoing.owe(Alert.CLOSE_NOTIFY);
    }

    /// The handshake's slot is given to others, and what it had yet to say is not missed.
    final void goOnWithoutHandshake() {
        shaking.end();
        lacks.note(Lacks.ROOM, lacks.isFor(Lacks.ROOM) && outgoing.owes());
    }

    @Override
    public void shutdown(long nowNanos) {
        checkBegun();
        if (carried != null) {
            carried.shutdown(nowNanos);
        } else if (!isOutputEnded() && !outgoing.owesAlert()) {
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
        return state == State.ENDED || outgoing.said() != null && (reader.isEnded() || carried == null || carried.isEnded());
    }

    /// {@return whether another connection can go on with this one: it is open, and nothing is under way, of a record, a handshake, an alert, an end}
    public final boolean canMove() {
        return state == State.OPEN && !shaking.isUnderWay() && !isDeaf() && !reader.isHolding() && !incoming.isMidMessage() && !isOutputEnded()
                && !outgoing.owes() && !streamEnded && !gaveWay;
    }

    /// Goes on with a connection that is open, of another context: for a program that shakes hands in much memory and keeps open connections in little. The
    /// one before is closed, and all of it is here: keys, what was agreed on, who the client is, the engine that is carried.
    ///
    /// @param from  of the same side, with its context in the hands of the same thread
    /// @throws IllegalStateException     it is not [#canMove], or another side's (caller's fault); nothing changes
    /// @throws IllegalArgumentException  its suite or protocol is not configured here (caller's fault); nothing changes
    public final void goOn(TlsConnection<E> from, long nowNanos) {
        if (from == this || from.getClass() != getClass() || !from.canMove()) {
            throw new IllegalStateException("tls: " + from + " cannot move to " + this);
        }
        String spoken = from.protocol();
        int protocolHere = spoken == null ? -1 : context.protocolNames().indexOf(spoken);
        int suiteHere = context.indexOf(from.suite());
        if (suiteHere < 0 || spoken != null && protocolHere < 0 && !context.protocolNames().isEmpty()) {
            throw new IllegalArgumentException("tls: " + from.suite() + (spoken == null ? "" : ", " + spoken) + " (expected what is configured)");
        }
        reset(nowNanos);
        boolean moved = false;
        try {
            keys.goOn(from.keys, context.protection(suiteHere));
            writer.goOn(from.writer);
            reader.goOn(from.reader);
            shaking.goOn(from.shaking, protocolHere, suiteHere);
            state = State.OPEN;
            restsUntil = from.restsUntil;
            carried = from.carried;
            onMoved(from, suiteHere);
            moved = true;
        } finally {
            if (!moved) {
                close();
            }
        }
        from.close();
    }

    /// What a side has of its own moves too.
    ///
    /// @param suiteHere  by its place in the configuration
    abstract void onMoved(TlsConnection<E> from, int suiteHere);

    @Override
    public void close() {
        if (state != State.CLOSED) {
            forget();
            state = State.CLOSED;
        }
    }
}
