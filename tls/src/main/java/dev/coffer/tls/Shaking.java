package dev.coffer.tls;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// How a connection carries its handshake, while there is one: in a slot that is lent with the first byte and given back, wiped, with the last
/// message; and what remains of it. The connection's thread alone; 0 heap bytes.
final class Shaking {
    private final TlsContext context;
    private final TlsConnection<?> connection;
    private final RecordKeys keys;
    private final RecordWriter writer;
    private final Line.Place<Shaking> place = new Line.Place<>(this);  // among those with such a slot
    private final HandshakeSlot slot;
    private long since;
    private long until;         // it must be over
    private int protocol;       // that was agreed on, by its place in the configuration; below 0 for none
    private boolean resumed;
    private int suite;          // as the protocol
    private @Nullable NamedGroup group;
    private boolean early;      // something may have been said early

    Shaking(TlsContext context, TlsConnection<?> connection, RecordKeys keys, RecordWriter writer) {
        this.context = context;
        this.connection = connection;
        this.keys = keys;
        this.writer = writer;
        this.slot = new HandshakeSlot(context, connection.connection());
    }

    /// A connection begins, and with its first byte or first word the handshake.
    void reset(long nowNanos) {
        until = nowNanos + context.handshakeNanosMax();
        protocol = -1;
        resumed = false;
        group = null;
        early = false;
    }

    /// Goes on with what was agreed on elsewhere.
    ///
    /// @param protocolHere  its place in this context's configuration; below 0 for none
    /// @param suiteHere     the same
    void goOn(Shaking from, int protocolHere, int suiteHere) {
        until = from.until;
        protocol = protocolHere;
        resumed = from.resumed;
        suite = suiteHere;
        group = from.group;
    }

    /// {@return when the handshake must be over}
    long until() {
        return until;
    }

    int protocol() {
        return protocol;
    }

    boolean isResumed() {
        return resumed;
    }

    int suite() {
        return suite;
    }

    /// {@return whether something may have been said before the handshake was done}
    boolean wasEarly() {
        return early;
    }

    /// {@return the group that was agreed on; null before}
    @Nullable
    NamedGroup group() {
        return group;
    }

    /// {@return whether there is a handshake}
    boolean isUnderWay() {
        return slot.isLent();
    }

    /// {@return whether there is a handshake, begun before or now}
    boolean begin(long nowNanos) {
        if (!slot.isLent()) {
            if (!slot.lend()) {
                return false;
            }
            since = nowNanos;
            context.shaking().join(place);
            Handshake begun = handshake();
            begun.tell(nowNanos);
            begun.begin(keys);
        }
        return true;
    }

    void end() {
        if (slot.isLent()) {
            handshake().end();
            slot.release();
            place.leave();
        }
    }

    /// What waits for the peer's last word goes on in little memory, where there is some: who lacks a slot has this one.
    ///
    /// @return whether it does from here on
    private boolean shrink() {
        boolean shrunk = slot.isLent() && slot.shrink(handshake());
        if (shrunk) {
            place.leave();
        }
        return shrunk;
    }

    /// {@return the handshake, of which there is one}
    Handshake handshake() {
        return connection.handshake(slot);
    }

    /// Somebody lacks a slot for a handshake: this one gives its own, if it can do with less, or has had it for so long. Not in a turn of its own. Where nothing but
    /// tickets is left to go it does without them, and goes on.
    void giveWay(long nowNanos, long patienceNanos) {
        if (shrink() || nowNanos < since + patienceNanos) {
            return;
        }
        if (connection.isOpen() && handshake().owesTicketsAlone()) {
            connection.goOnWithoutHandshake();
        } else {
            connection.giveWay(nowNanos);
        }
    }

    boolean isMidMessage() {
        return isUnderWay() && handshake().isMidMessage();
    }

    boolean hasOutput() {
        return isUnderWay() && handshake().hasOutput();
    }

    /// {@return whether these are better not taken yet: they begin a hello whose place is another's for a second at most}
    boolean mustWait(RecordInput record, int bytes, long nowNanos) {
        Handshake handshake = handshake();
        handshake.tell(nowNanos);
        return handshake.mustWait(record.memory(), record.contentAt(), bytes);
    }

    /// Takes messages of the peer's.
    ///
    /// @return null, or why the handshake fails
    @Nullable
    Alert take(RecordInput record, int bytes, long nowNanos) {
        Handshake handshake = handshake();
        handshake.tell(nowNanos);
        Alert refused = handshake.take(record.memory(), record.contentAt(), bytes);
        handshake = handshake();  // its end may have begun
        writer.protect(handshake.isKeyed());
        if (refused == null) {
            if (handshake.earlyBytes() > 0) {
                connection.allowEarly(handshake.earlyBytes());
            }
            if (handshake.recordSizeLimit() > 0) {
                writer.limit(handshake.recordSizeLimit());
                if (!handshake.takesEarly()) {
                    connection.limitRecords();  // what is said early is said before our limit is known
                }
            }
            agree(handshake, nowNanos);
            settle(handshake, nowNanos);
        }
        return refused;
    }

    /// {@return whether what comes now is said early: before the peer has proven that it heard us}
    boolean takesEarly() {
        return isUnderWay() && handshake().takesEarly();
    }

    /// Content came early.
    ///
    /// @return whether it is no more than may come
    boolean takeEarly(int bytes) {
        return handshake().takeEarly(bytes);
    }

    /// {@return bytes of content that may yet be said early, now}
    int earlyRoom() {
        return isUnderWay() ? handshake().earlyRoom() : 0;
    }

    /// Makes a record of content that is said early, and keeps it.
    ///
    /// @return its bytes
    long sayEarly(MemorySegment output, long at, int content) {
        Handshake handshake = handshake();
        int zeros = handshake.keepEarly(output, at + Wire.RECORD_HEADER_BYTES, content, writer.padding(content));
        writer.protect(true);
        long written = writer.sealEarly(output, at, content, zeros);
        writer.protect(handshake.isKeyed());
        return written;
    }

    /// What is carried may begin before the handshake is done: what was agreed on so far is known.
    private void agree(Handshake handshake, long nowNanos) {
        if (handshake.takesEarly() && !early) {
            early = true;
            adopt(handshake);
            connection.onAgreed(handshake, nowNanos);
        }
    }

    private void adopt(Handshake handshake) {
        protocol = handshake.protocol();
        resumed = handshake.isResumed();
        suite = handshake.suiteIndex();
        group = handshake.group();
    }

    /// The handshake may be over, in both directions.
    private void settle(Handshake handshake, long nowNanos) {
        boolean over = handshake.isDone() && !handshake.hasOutput();
        if (handshake.isDone() && connection.isShaking()) {
            adopt(handshake);
            connection.open(handshake, nowNanos);
        }
        if (over) {
            end();
        } else {
            shrink();
        }
    }

    /// Writes a record of our flight, of which there is something.
    ///
    /// @return its bytes
    long say(MemorySegment output, long at, long length, long nowNanos) {
        Handshake handshake = handshake();
        handshake.tell(nowNanos);
        try {
            return say(handshake, output, at, length, nowNanos);
        } catch (IllegalStateException noKey) {  // of an identity, destroyed by whom it does not belong to
            connection.fail(Alert.INTERNAL_ERROR, nowNanos);
            return 0;
        }
    }

    private long say(Handshake handshake, MemorySegment output, long at, long length, long nowNanos) {
        boolean plain = handshake.isPlain();
        writer.protect(!plain);
        int type = handshake.contentType();
        int room = plain ? (int) Math.min(length - Wire.RECORD_HEADER_BYTES, Wire.CONTENT_BYTES_MAX) : writer.contentOfOne(length);
        long written = writer.seal(output, at, handshake.fill(output, at + Wire.RECORD_HEADER_BYTES, room), type);
        writer.protect(handshake.isKeyed());
        if (handshake.isFlightOver()) {
            handshake.flightSealed();
            settle(handshake(), nowNanos);
        }
        if (isUnderWay() && handshake().earlyRoom() > 0 && !early) {
            early = true;
            protocol = handshake().protocol();
            connection.onAgreed(handshake(), nowNanos);
        }
        return written;
    }
}
