package dev.coffer.tls;

import dev.coffer.crypto.Aead;
import dev.coffer.crypto.packet.CipherSuite;
import dev.coffer.memory.engine.Engine;
import dev.coffer.memory.layout.HeapLayout;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// What a connection of TLS is made of, and what there is to ask of it: what was agreed on, how far it is, what was said of its end. What it does is
/// [TlsConnection]'s.
///
/// @param <E>  events of the engine that is carried
abstract sealed class ConnectionParts<E> implements Engine<E> permits TlsConnection {
    enum State { CLOSED, HANDSHAKE, OPEN, ENDED }

    /// Bytes that a record takes beside its content: header, type, tag; padding aside.
    public static final int OVERHEAD_BYTES = Wire.RECORD_HEADER_BYTES + 1 + Aead.TAG_BYTES;

    final TlsContext context;
    private final int connection;
    final RecordKeys keys;
    final RecordReader reader;
    final RecordWriter writer;
    final Shaking shaking;
    final Incoming incoming;
    final Outgoing outgoing;
    final Lacks lacks;

    State state = State.CLOSED;
    long clock;                             // as it was told last
    boolean truncated;

    /// @param connection  0..`connections`-1: which place of the context is its own
    ConnectionParts(TlsContext context, int connection) {
        Objects.checkIndex(connection, context.connections());
        if (context.records() == 0) {
            throw new IllegalArgumentException("tls: a connection with records in a context for QUIC alone (expected records of 1 or more)");
        }
        TlsConnection<E> whole = (TlsConnection<E>) this;
        this.context = context;
        this.connection = connection;
        this.keys = context.keys(connection);
        this.writer = new RecordWriter(keys, context.paddingBytes());
        writer.begin();
        this.shaking = new Shaking(context, whole, keys, writer);
        this.incoming = new Incoming(whole, shaking, keys);
        this.outgoing = new Outgoing(whole, keys, writer, shaking, incoming.late());
        this.reader = new RecordReader(context, connection, keys, incoming);
        this.lacks = new Lacks(context, !speaksFirst());  // a client has asked for what comes so slowly
    }

    /// {@return bytes of the objects that a connection is made of, itself aside}
    static long partsHeapBytes() {
        return RecordKeys.heapBytes() + RecordReader.heapBytes() + HeapLayout.instance(RecordWriter.class)
                + HeapLayout.instance(Shaking.class) + HeapLayout.instance(HandshakeSlot.class) + HeapLayout.instance(Line.Place.class)
                + HeapLayout.instance(Incoming.class) + HeapLayout.instance(LateMessages.class)
                + HeapLayout.instance(Outgoing.class) + HeapLayout.instance(Lacks.class);
    }

    /// {@return the handshake in the slot that was lent}
    abstract Handshake handshake(HandshakeSlot in);

    /// {@return whether the handshake begins with us}
    abstract boolean speaksFirst();

    final void checkBegun() {
        if (state == State.CLOSED) {
            throw new IllegalStateException("tls: a connection that is closed (expected reset() first)");
        }
    }

    /// {@return whether nothing more is heard}
    final boolean isDeaf() {
        return reader.isEnded() || isEnded();
    }

    /// {@return whether the handshake is not done, though something is carried: **what it hears, or of a client what it says, may be said again by who listened**
    /// (RFC 8446, section 8). It does or asks then for what is harmless twice, and nothing else, or waits until this is no longer so (RFC 8470, section 3)}
    public final boolean isEarly() {
        return state == State.HANDSHAKE && shaking.wasEarly();
    }

    /// Records that cannot be opened may be early data, so many bytes of them.
    final void allowEarly(int bytes) {
        reader.allowEarly(bytes);
    }

    /// The peer keeps to the limit of records that it was told (RFC 8449), and we keep to its.
    final void limitRecords() {
        reader.limit(context.recordSizeLimit());
    }

    /// Says next that our key is updated (section 4.6.3), where the connection is open.
    public final void updateKey() {
        incoming.late().updateNow();
    }

    /// {@return which place of the context is its own}
    final int connection() {
        return connection;
    }

    /// {@return the room that the carried engine may need}
    final int carriedOutputBytesMin() {
        return context.carriedOutputBytesMin();
    }

    final long clock() {
        return clock;
    }

    /// {@return the application protocol that was agreed on (RFC 7301), one of those configured; null for none}
    public final @Nullable String protocol() {
        return agreed() < 0 ? null : context.protocolNames().get(agreed());
    }

    /// {@return the same by its place in the configuration; below 0 for none}
    final int agreed() {
        return shaking.protocol();
    }

    /// {@return whether this connection resumed an earlier session (section 2.2): whoever was verified was so then}
    public final boolean isResumed() {
        return shaking.isResumed();
    }

    /// {@return whether the handshake is done}
    public final boolean isOpen() {
        return state == State.OPEN;
    }

    final boolean isShaking() {
        return state == State.HANDSHAKE;
    }

    /// {@return what protects a connection that [#isOpen], or was}
    ///
    /// @throws IllegalStateException  it never was since the last [#reset] (caller's fault)
    public final CipherSuite suite() {
        if (group() == null) {
            throw new IllegalStateException("tls: no suite is agreed on yet");
        }
        return context.suite(shaking.suite());
    }

    /// {@return the group in which the keys of a connection were exchanged; null before it [#isOpen]}
    public final @Nullable NamedGroup group() {
        return shaking.group();
    }

    /// {@return the alert that is to be said next, or null}
    public final @Nullable Alert alertPending() {
        return outgoing.pending();
    }

    /// {@return the alert that was said, or null}
    public final @Nullable Alert alertSent() {
        return outgoing.said();
    }

    /// {@return the alert that the peer has said, a number that nobody knows as `UNEXPECTED_MESSAGE`; or null}
    public final @Nullable Alert alertReceived() {
        return incoming.heard();
    }

    /// {@return whether the stream ended without the peer's close_notify}
    public final boolean isTruncated() {
        return truncated;
    }

    @Override
    public String toString() {
        Alert said = outgoing.said();
        Alert heard = incoming.heard();
        return getClass().getSimpleName() + "[" + state + (said == null ? "" : ", said " + said) + (heard == null ? "" : ", heard " + heard)
                + "]";
    }
}
