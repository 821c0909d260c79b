package dev.coffer.quic;

import dev.coffer.crypto.packet.CipherSuite;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.engine.DatagramEngine;
import dev.coffer.memory.engine.DatagramHeader;
import dev.coffer.memory.engine.NetworkPath;
import dev.coffer.memory.layout.HeapLayout;
import dev.coffer.quic.frame.TransportError;
import dev.coffer.quic.packet.ConnectionId;
import dev.coffer.quic.packet.Version;
import dev.coffer.quic.parameter.TransportParameters;
import dev.coffer.tls.ClientContext;
import dev.coffer.tls.EarlyData;
import dev.coffer.tls.NamedGroup;
import dev.coffer.tls.QuicHandshake;
import dev.coffer.tls.ServerContext;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// One connection of QUIC version 1 (RFC 9000): an engine of datagrams towards the wire, many streams towards the protocol on it. Of a client it begins with
/// [#connect], of a server with the first packet of a client that comes after [#reset].
///
/// All that it holds lies in the memory of its [QuicLoop], which it shares with others: the same loop, the same thread. 0 heap bytes but for what a
/// handshake's verifier makes.
@SuppressWarnings("exports")  // annotations that users need not have
public final class QuicConnection extends ConnectionStreams implements DatagramEngine<QuicEvent> {
    /// Bytes of the longest token that is kept for another time.
    public static final int TOKEN_BYTES_MAX = ConnectionLayout.TOKEN_BYTES_MAX;

    private boolean ready;
    private boolean streamsTold;   // or found to have nothing to tell, since something last changed
    private boolean mayEarly;      // a client's next handshake may be early

    private QuicConnection(QuicLoop loop, Connection c) {
        super(loop, c);
    }

    /// {@return a server's connection}
    ///
    /// @param number  0.. the loop's connections - 1, and of the context's, whose own it is
    public static QuicConnection server(QuicLoop loop, ServerContext context, int number) {
        return server(loop, context, number, number);
    }

    static QuicConnection server(QuicLoop loop, ServerContext context, int number, int ofContext) {
        return new QuicConnection(loop, new Connection(loop, number, false, transport -> QuicHandshake.server(context, ofContext, transport)));
    }

    /// {@return a client's connection}
    ///
    /// @param number  as of [#server]
    /// @throws IllegalArgumentException  the loop is [QuicLoop#ofServer] (caller's fault)
    public static QuicConnection client(QuicLoop loop, ClientContext context, int number) {
        if (loop.server) {
            throw new IllegalArgumentException("quic: a client's connection in a loop of a server's (expected QuicLoop.over)");
        }
        return new QuicConnection(loop, new Connection(loop, number, true, transport -> QuicHandshake.client(context, number, transport)));
    }

    /// {@return 0.. the loop's connections - 1: as an endpoint numbers its connections}
    public int number() {
        return c.number;
    }

    /// {@return bytes of the Java objects of one, its handshake's aside}
    public static long heapBytes() {
        return HeapLayout.instance(QuicConnection.class) + HeapLayout.instance(Connection.class);
    }

    /// {@return the plan's row of one connection, as a part of [QuicLoop#plan]: what it keeps while it says nothing}
    public static MemoryPlan plan(QuicConfig config) {
        return MemoryPlan.block("quic core", ConnectionLayout.coreBytes(config)).withHeap(heapBytes());
    }

    /// Begins a client's connection; the first packet is polled then.
    ///
    /// @param host    whom the certificate must name
    /// @param path    memory with a [NetworkPath], where to
    /// @return whether there is memory for a handshake; where not nothing is held
    /// @throws IllegalStateException     not a client's, or not as [#reset] left it (caller's fault)
    /// @throws IllegalArgumentException  no name (caller's fault)
    public boolean connect(String host, Version version, MemorySegment path, long pathAt, long nowNanos) {
        return connect(host, version, path, pathAt, MemorySegment.NULL, 0, 0, nowNanos);
    }

    /// As above, with a token that the server gave another time ([#takeToken]): it knows the address again, and asks for no Retry.
    ///
    /// @param token        with `tokenLength` bytes, 0..[#TOKEN_BYTES_MAX]
    /// @throws IllegalArgumentException  as above, or a longer token (caller's fault)
    public boolean connect(String host, Version version, MemorySegment path, long pathAt, MemorySegment token, long tokenAt, int tokenLength,
            long nowNanos) {
        checkReady();
        if (tokenLength < 0 || tokenLength > TOKEN_BYTES_MAX) {
            throw new IllegalArgumentException("quic: a token of " + tokenLength + " bytes (expected 0.." + TOKEN_BYTES_MAX + ")");
        }
        Objects.checkFromIndexSize(tokenAt, tokenLength, token.byteSize());
        if (!c.client || c.phase != Connection.IDLE) {
            throw new IllegalStateException("quic: connect of " + c + " (expected a client's after reset)");
        }
        c.tls().to(host).early(mayEarly && version == Version.V1 && loop.early != null);
        if (!c.begin(version, nowNanos)) {
            return false;
        }
        NetworkPath.copy(path, pathAt, c.memory, c.core + ConnectionLayout.PATH);
        long original = c.handshakeAt + ConnectionLayout.ORIGINAL_ID;
        loop.tokenBytes = loop.tokenOf == c.number ? 0 : loop.tokenBytes;
        MemorySegment.copy(token, tokenAt, c.memory, c.handshakeAt + ConnectionLayout.TOKEN, tokenLength);
        c.tokenBytes = tokenLength;
        LocalIds.begin(c);
        c.drawId(original, Connection.LOCAL_ID_BYTES);
        ConnectionId.copy(c.memory, original, c.memory, c.peerIdAt());
        c.ids = 1;
        c.initialKeys(c.memory, original + ConnectionId.VALUE, Connection.LOCAL_ID_BYTES);
        if (!c.shake(nowNanos)) {
            c.reset(nowNanos);
            return false;
        }
        return true;
    }

    /// Says whether a client's connections from the next on may say something early, where the session allows it and [QuicLoop#early] has terms (0-RTT, RFC 9001, section 4.6), in version 1;
    /// off at first. Then EARLY is told when it has begun. What is refused is said again behind the handshake; what that server does not let be said again closes the connection with NO_ERROR.
    public void early(boolean may) {
        mayEarly = may;
    }

    /// {@return of a server whether what comes now may be somebody's who says again what another has said (RFC 8446, section 8), and of a client whether what is said now is said early}
    public boolean isEarly() {
        return c.phase == Connection.OPEN && c.early;
    }

    /// {@return what became of what a client said early, as far as this side knows}
    public EarlyData earlyData() {
        return c.tls().earlyData();
    }

    /// Writes the path to where the server would rather be spoken to (RFC 9000, section 9.6), to be moved to once the handshake is confirmed. Known from CONNECTED until then.
    ///
    /// @param to  room for a [NetworkPath], with our side as it is; written where the answer is true
    /// @return whether there is such an address, of the family in which the server is spoken to now
    public boolean preferredPath(MemorySegment to, long toAt) {
        Objects.checkFromIndexSize(toAt, NetworkPath.BYTES, to.byteSize());
        long at = c.handshakeAt + ConnectionLayout.PARAMETERS;
        return c.client && c.complete && c.handshakeAt >= 0 && TransportParameters.hasPreferred(c.memory, at)
                && PeerIds.preferredPath(c, at, to, toAt);
    }

    /// Takes the token that the server gave this client for another time (RFC 9000, section 8.1.3). A loop keeps one: who does not take it before another connection is given one,
    /// or is reset and connected anew, has none.
    ///
    /// @param out  room for [#TOKEN_BYTES_MAX]
    /// @return its bytes, 0 for none
    public int takeToken(MemorySegment out, long at) {
        int bytes = loop.tokenOf == c.number ? loop.tokenBytes : 0;
        if (bytes > 0) {
            MemorySegment.copy(c.memory, loop.tokenAt, out, at, bytes);
            Wipe.bytes(c.memory, loop.tokenAt, bytes);
            loop.tokenBytes = 0;
        }
        return bytes;
    }

    @Override
    void checkReady() {
        if (!ready) {
            throw new IllegalStateException("quic: closed, or never reset (expected reset first)");
        }
    }

    @Override
    public void feed(MemorySegment input, long at, long length, MemorySegment header, long headerAt, long nowNanos) {
        checkReady();
        Objects.checkFromIndexSize(at, length, input.byteSize());
        Objects.checkFromIndexSize(headerAt, DatagramHeader.BYTES, header.byteSize());
        streamsTold = false;
        if (length <= feedBytesMax()) {
            Incoming.feed(c, input, at, length, header, headerAt, nowNanos);
        }
    }

    @Override
    public int feedBytesMax() {
        return QuicConfig.DATAGRAM_BYTES_MAX;
    }

    @Override
    public long pollOutput(MemorySegment output, long at, long length, MemorySegment header, long headerAt, long nowNanos) {
        checkReady();
        Objects.checkFromIndexSize(at, length, output.byteSize());
        Objects.checkFromIndexSize(headerAt, DatagramHeader.BYTES, header.byteSize());
        return length < outputBytesMin() ? 0 : loop.outgoing.poll(c, output, at, length, header, headerAt, nowNanos);
    }

    @Override
    public int outputBytesMin() {
        return loop.config.datagramBytes();
    }

    @Override
    public @Nullable QuicEvent pollEvent() {
        if ((c.events & Connection.TELL_EARLY) != 0) {
            c.events &= ~Connection.TELL_EARLY;
            if (c.phase == Connection.OPEN && c.early) {
                return QuicEvent.EARLY;
            }
        }
        if ((c.events & Connection.TELL_CONNECTED) != 0) {
            c.events &= ~Connection.TELL_CONNECTED;
            return QuicEvent.CONNECTED;
        }
        if ((c.events & Connection.TELL_DATAGRAMS) != 0) {
            c.events &= ~Connection.TELL_DATAGRAMS;
            return QuicEvent.DATAGRAMS;
        }
        if ((c.events & Connection.TELL_CLOSED) != 0 && !Lingering.holdsBack(c)) {
            c.events &= ~Connection.TELL_CLOSED;
            Lingering.end(c);
            return QuicEvent.CLOSED;
        }
        boolean more = (c.events & Connection.TELL_STREAMS) != 0 || areBlocksBack();  // which another connection may have given back, so nothing need have come
        if (c.hasStreams() && (more || !streamsTold)) {
            more |= StreamNews.told(c, false) >= 0;
            streamsTold = more || c.phase == Connection.OPEN;  // looked at once for all that came
            if (more) {
                c.events &= ~Connection.TELL_STREAMS;
                return QuicEvent.STREAMS;
            }
        }
        return null;
    }

    @Override
    public long deadlineNanos() {
        return ready ? Timers.deadlineNanos(c) : Long.MAX_VALUE;
    }

    @Override
    public void onDeadline(long nowNanos) {
        checkReady();
        Timers.onDeadline(c, nowNanos);
    }

    @Override
    public void shutdown(long nowNanos) {
        checkReady();
        c.lastNanos = nowNanos;
        if (c.phase == Connection.IDLE) {
            c.end();
        } else {
            c.close(TransportError.NO_ERROR, 0, false, nowNanos);
        }
    }

    @Override
    public boolean isEnded() {
        return c.phase == Connection.ENDED;
    }

    @Override
    public void reset(long nowNanos) {
        c.reset(nowNanos);
        ready = true;
        streamsTold = false;
    }

    @Override
    public void close() {
        try {
            c.release();
        } finally {
            c.phase = Connection.ENDED;
            ready = false;
        }
    }

    /// Something was thrown in the midst of it that nobody but we can be blamed for: it is closed with INTERNAL_ERROR, or ends at once where that is what throws. Who drives it hears of
    /// CLOSED.
    public void fault(long nowNanos) {
        Ending.fault(c, nowNanos);
    }

    /// {@return whether there may be something to tell}
    boolean hasNews() {
        return c.events != 0 || c.hasStreams() && StreamNews.looks(c) > 0;
    }

    /// There are blocks again: streams that waited for room are told.
    void roomCame() {
        if (c.phase == Connection.OPEN) {
            Streams.roomCame(c);
            streamsTold = false;
        }
    }

    /// {@return bytes of the largest datagram (RFC 9221) that [#sendDatagram] takes as of now: what the path carries, and the peer takes, so it changes; 0 where none may go: the plan has no
    /// room for them ([QuicConfig#datagramQueueBytes]), the peer takes none, or there are no keys for them yet}
    public int datagramBytesMax() {
        return DatagramFrames.most(c);
    }

    /// Sends a datagram: once, whole or not at all, in no order with anything else. It waits for the congestion window with all that is said, before streams, and is acknowledged, but never said
    /// again.
    ///
    /// @param length  0..[#datagramBytesMax]
    /// @return whether it waits to go; false where the queue is full, which has room again when output was polled, or it is longer than what may go as of now
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault)
    public boolean sendDatagram(MemorySegment from, long at, int length) {
        checkReady();
        Objects.checkFromIndexSize(at, length, from.byteSize());
        return DatagramFrames.send(c, from, at, length);
    }

    /// {@return bytes of the oldest datagram that came and was not taken, 0 or more; -1 for none. DATAGRAMS tells that there is one; where many wait, those that come behind them are
    /// dropped when the queue is full}
    public int datagramLength() {
        return DatagramFrames.receivedLength(c);
    }

    /// Takes the oldest datagram that came.
    ///
    /// @param to  room for [#datagramLength]
    /// @return its bytes; -1 where there is none
    /// @throws IndexOutOfBoundsException  less room (caller's fault); it waits still
    public int receiveDatagram(MemorySegment to, long at) {
        checkReady();
        int length = DatagramFrames.receivedLength(c);
        if (length >= 0) {
            Objects.checkFromIndexSize(at, length, to.byteSize());
            DatagramFrames.receive(c, to, at);
        }
        return length;
    }

    /// {@return datagrams of ours that are known to be lost, or no longer fitted the path; modulo 2^32. One that was only late counts, too}
    public long datagramsLost() {
        return DatagramFrames.lost(c);
    }

    /// {@return datagrams that came and were dropped, as the queue was full; modulo 2^32}
    public long datagramsDropped() {
        return DatagramFrames.dropped(c);
    }

    /// Says a PING (RFC 9000, section 19.2): the peer acknowledges it, and its idle time begins anew, as ours does (section 10.1.2). It goes with the next output, whatever the congestion
    /// window, and takes nothing else past that; one that waits already is the same. Nothing is said before the handshake is confirmed, nor of a connection that is closed.
    ///
    /// @throws IllegalStateException  closed, or never reset (caller's fault)
    public void ping() {
        checkReady();
        if (c.phase == Connection.OPEN && c.confirmed) {
            long space = c.spaceAt(PacketSpace.APPLICATION);
            PacketSpace.probes(c.memory, space, Math.max(1, PacketSpace.probes(c.memory, space)));
        }
    }

    /// Updates the keys of 1-RTT packets (RFC 9001, section 6.1).
    ///
    /// @return whether it is done; false where the handshake is not confirmed, where nothing of the phase before was acknowledged yet, or less than three probes
    ///         after the peer's keys turned last, so that what they have overtaken is opened still (section 6.5)
    public boolean updateKeys() {
        checkReady();
        if (c.phase != Connection.OPEN || !c.confirmed || !Timers.mayTurnKeys(c)) {
            return false;
        }
        c.sealing(PacketSpace.APPLICATION).update();
        return true;
    }

    /// Begins to move a client's connection to another path (RFC 9000, section 9): it is asked there first, and what follows goes there when it has answered;
    /// [#path] says so. Where it does not answer, all stays as it is.
    ///
    /// @param path  memory with a [NetworkPath]: the server's address as it is, another local one; or as of [#preferredPath]
    /// @return whether it is asked; false of a server, before the handshake is confirmed, where the server does not want it (disable_active_migration, which says nothing of where it
    ///         would rather be spoken to), where it has given no ID in reserve, where another path is being asked, or without a block
    public boolean migrate(MemorySegment path, long pathAt, long nowNanos) {
        checkReady();
        Objects.checkFromIndexSize(pathAt, NetworkPath.BYTES, path.byteSize());
        return c.client && c.phase == Connection.OPEN && c.confirmed && (!c.peerStays || Paths.isFromHere(c, path, pathAt))
                && Paths.migrate(c, path, pathAt, nowNanos);
    }

    /// {@return key updates of the packets that we send}
    public int keyGeneration() {
        return c.phase == Connection.OPEN && c.seals(PacketSpace.APPLICATION) ? c.sealing(PacketSpace.APPLICATION).generation() : 0;
    }

    /// {@return whether the handshake is complete}
    public boolean isConnected() {
        return c.complete && c.phase == Connection.OPEN;
    }

    /// {@return whether a client's connection is over, and what had come before is still to be read: CLOSED is told behind that. Bytes that were kept for the peer are gone, and
    /// streams of which nothing more is to be read}
    public boolean isLingering() {
        return c.lingers;
    }

    /// {@return whether the handshake is confirmed: both sides know that it is complete (RFC 9001, section 4.1.2)}
    public boolean isConfirmed() {
        return c.confirmed;
    }

    /// {@return the application protocol that was agreed on; null before}
    public @Nullable String protocol() {
        return c.tls().protocol();
    }

    /// {@return the cipher suite of what is said; AES_128_GCM_SHA256 before one was agreed on}
    public CipherSuite suite() {
        return c.suite();
    }

    /// {@return the group of the key exchange; null before the handshake is complete}
    public @Nullable NamedGroup group() {
        return c.tls().group();
    }

    /// {@return whether an earlier session was resumed}
    public boolean isResumed() {
        return c.tls().isResumed();
    }

    /// {@return the code with which the connection was closed, a [TransportError] or the application's; 0 before, and where its time was over}
    public long closeCode() {
        return c.error;
    }

    /// {@return whether that code is the application's}
    public boolean isClosedByApplication() {
        return c.errorOfApplication;
    }

    /// {@return whether the peer has closed}
    public boolean isClosedByPeer() {
        return c.errorOfPeer;
    }

    /// Copies the path on which the peer has shown that it is there, as of now: who the peer is. Whoever sends one packet under another's address is not that other: a server that
    /// follows it asks there first, and tells the path before until that has answered (RFC 9000, sections 9.3 and 21.5).
    ///
    /// @param target  room for [NetworkPath#BYTES]; zero before there is one
    public void path(MemorySegment target, long at) {
        if (!c.client && !c.validated && Paths.isOtherValidated(c)) {
            Paths.copyOther(c, target, at);
        } else {
            NetworkPath.copy(c.memory, c.core + ConnectionLayout.PATH, target, at);
        }
    }

    @Override
    public String toString() {
        return "QuicConnection[" + c + "]";
    }
}
