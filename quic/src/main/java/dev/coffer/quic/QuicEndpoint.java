package dev.coffer.quic;

import dev.coffer.memory.Entropy;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.engine.DatagramEngine;
import dev.coffer.memory.engine.DatagramHeader;
import dev.coffer.memory.engine.NetworkPath;
import dev.coffer.memory.layout.Align;
import dev.coffer.memory.layout.HeapLayout;
import dev.coffer.memory.time.TimerWheel;
import dev.coffer.quic.packet.PacketReader;
import dev.coffer.quic.packet.PacketReader.Found;
import dev.coffer.quic.packet.PacketType;
import dev.coffer.quic.token.ConnectionIdSource;
import dev.coffer.quic.token.ResetTokens;
import dev.coffer.tls.QuicHandshake;
import dev.coffer.tls.ServerContext;
import dev.coffer.tls.TicketKeys;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// All connections of a server behind one UDP socket, in the memory of one [QuicLoop], which is its own.
///
/// A datagram goes to the connection that its destination ID is of: each ID that was given out, and what a client chose for its first packets. One that is nobody's
/// is answered without state, or begins a connection where there is a place ([StatelessAnswers][dev.coffer.quic.token.StatelessAnswers]). Connections speak in turns. No call walks
/// over all connections but [#shutdown], [#reset] and [#close].
///
/// ```java
/// for (QuicEvent event; (event = endpoint.pollEvent()) != null;) {
///     QuicConnection connection = endpoint.connection(endpoint.number());
///     ...
/// }
/// ```
///
/// | when full | answer |
/// |---|---|
/// | handshakes' places | a Retry while few are free, as [EndpointConfig#retryBelow] says; where none is, the packet is passed over and comes again |
/// | connections' places | CONNECTION_REFUSED (RFC 9000, section 5.2.2) |
/// | connection IDs of a source that counts (QUIC-LB) | CONNECTION_REFUSED; those that are there go on, with no other ID |
/// | answers to strangers | nothing is said: they ask again |
///
/// **What throws** in a connection's turn, which is nothing that a peer can do, ends that connection with INTERNAL_ERROR, and is thrown on when that is done: the endpoint goes on, its
/// caller only says so.
///
/// A connection may tell [QuicEvent#CLOSED] without [QuicEvent#CONNECTED] before it. After CLOSED its place is taken by another as soon as its time of closing is over and all of its
/// events are polled; [#number] and what the connection says of its end hold until the next call of the endpoint.
///
/// The loop's thread alone. 0 heap bytes after construction but for what a handshake's verifier makes.
@SuppressWarnings("exports")  // annotations that users need not have
public final class QuicEndpoint implements DatagramEngine<QuicEvent> {
    private static final int QUEUES = 4;

    private final QuicLoop loop;
    private final EndpointConfig config;
    private final MemorySegment memory;
    private final QuicConnection[] connections;
    private final IdTable table;
    private final NumberQueue free;
    private final NumberQueue output;    // those that may have something to say
    private final NumberQueue events;    // those that may have something to tell
    final Waiting lacking;               // those that wait for a block
    private final TimerWheel wheel;
    private final TimerWheel.Expiry expiry = this::expired;
    private final Strangers strangers;
    private long lastNanos;
    private int number;
    private boolean ackAlone;            // was what was polled last
    private boolean ready;
    private boolean refusing;            // whoever is new
    private boolean stopping;
    private boolean closed;
    private @Nullable Throwable expiryFault;  // of a connection whose time has come

    private QuicEndpoint(QuicLoop loop, ServerContext context, int firstNumber, EndpointConfig config, EndpointKeys keys, MemorySegment memory, long nowNanos) {
        this.loop = loop;
        this.config = config;
        this.memory = memory;
        int count = config.connections();
        this.connections = new QuicConnection[count];
        Connection[] states = new Connection[count];
        for (int i = 0; i < count; i++) {
            connections[i] = QuicConnection.server(loop, context, i, firstNumber + i);
            states[i] = connections[i].c;
        }
        Entropy entropy = loop.entropy;
        long at = 0;
        entropy.fill(memory, at, SipHash.KEY_BYTES);
        this.table = new IdTable(memory, at, states);
        at += IdTable.bytes(count);
        long turnBytes = NumberQueue.bytes(count);
        this.output = new NumberQueue(memory, at);
        this.events = new NumberQueue(memory, at + turnBytes);
        this.lacking = new Waiting(loop, memory, at + 2 * turnBytes, at + 3 * turnBytes);
        this.free = new NumberQueue(memory, at + 3 * turnBytes);
        at += QUEUES * turnBytes;
        long wheelBytes = TimerWheel.plan(config.timers()).totalBytes();
        this.wheel = TimerWheel.over(config.timers(), memory.asSlice(at, wheelBytes), nowNanos);
        at += Align.up(wheelBytes, Align.CACHE_LINE_BYTES);
        long resetsAt = at;
        long strangersAt = resetsAt + Align.up(ResetTokens.MEMORY_BYTES, Align.CACHE_LINE_BYTES);
        ResetTokens resets = keys.resetKey() == null ? loop.ids.resets() : new ResetTokens(memory, resetsAt, keys.resetKey(), keys.resetAt(), keys.server());
        ConnectionIdSource ids = Objects.requireNonNullElseGet(keys.ids(), () -> ConnectionIdSource.random(entropy, Connection.LOCAL_ID_BYTES));
        this.strangers = new Strangers(config, memory, strangersAt, resets, ids, entropy);
        strangers.tokens.keys(keys.tickets());
        loop.ids.serve(ids, table, resets);
        loop.serve(strangers, context, config.handshakeNanos());
    }

    /// {@return the plan's rows, beside those of the loop}
    public static MemoryPlan plan(EndpointConfig config) {
        int count = config.connections();
        MemoryPlan timers = TimerWheel.plan(config.timers());
        long rounding = Align.up(timers.totalBytes(), Align.CACHE_LINE_BYTES) - timers.totalBytes();
        return MemoryPlan.group("quic endpoint", MemoryPlan.block("quic IDs", IdTable.bytes(count)),
                MemoryPlan.block("quic turns", NumberQueue.bytes(count), QUEUES, "free, to speak, to tell, to wait"), timers,
                MemoryPlan.block("quic strangers", rounding + Align.up(ResetTokens.MEMORY_BYTES, Align.CACHE_LINE_BYTES) + Strangers.bytes(config), 1,
                        "answers without state, keys of tokens"))
                .withHeap(HeapLayout.instance(QuicEndpoint.class) + count * (QuicConnection.heapBytes() + QuicHandshake.heapBytesOfServer())
                        + HeapLayout.array(QuicConnection.class, count)
                        + HeapLayout.array(Connection.class, count));
    }

    /// {@return a server's endpoint, after [#reset] of its own}
    ///
    /// @param loop         with as many connections and handshakes as the configuration says, and no others
    /// @param context      of TLS
    /// @param firstNumber  of the context's connections: as many from there on are the endpoint's own
    /// @param keys         what is known beyond its life
    /// @param memory       exactly as many bytes as [#plan] says, zero, writable, off the heap, nobody else's; locked, as keys lie there
    /// @param nowNanos     of the caller's clock
    /// @throws IllegalArgumentException  memory of another size, or another loop (caller's fault)
    /// @throws IllegalStateException     the loop has an endpoint (caller's fault)
    public static QuicEndpoint server(QuicLoop loop, ServerContext context, int firstNumber, EndpointConfig config, EndpointKeys keys, MemorySegment memory,
            long nowNanos) {
        long bytes = plan(config).totalBytes();
        if (memory.byteSize() != bytes || memory.isReadOnly() || !memory.isNative()) {
            throw new IllegalArgumentException("quic endpoint: " + memory.byteSize() + " bytes of memory (expected " + bytes + ", writable, off the heap)");
        }
        if (loop.connections() != config.connections() || loop.handshakeCount() != config.handshakes()) {
            throw new IllegalArgumentException("quic endpoint: a loop of " + loop.connections() + " connections, " + loop.handshakeCount()
                    + " handshakes (expected " + config.connections() + ", " + config.handshakes() + ")");
        }
        if (loop.ids.areFound()) {
            throw new IllegalStateException("quic endpoint: a second one of a loop (expected one)");
        }
        boolean opened = false;
        try {
            QuicEndpoint endpoint = new QuicEndpoint(loop, context, firstNumber, config, keys, memory, nowNanos);
            endpoint.reset(nowNanos);
            opened = true;
            return endpoint;
        } finally {
            if (!opened) {
                loop.alone();
                Wipe.segment(memory);
            }
        }
    }

    /// Takes other keys of address tokens; null: none is given, none is right.
    public void tickets(@Nullable TicketKeys keys) {
        strangers.tokens.keys(keys);
    }

    /// Tells the time of day, which tokens are dated with: told at least once before tokens are to hold, and now and then, as the clock may be set.
    ///
    /// @param nowNanos  of the engines' clock
    /// @param millis    since 1970, at the same moment
    public void clock(long nowNanos, long millis) {
        strangers.clock(nowNanos, millis);
    }

    /// Tells clients, from the next connection on, where the server would rather be spoken to once the handshake is done (RFC 9000, section 9.6): at addresses whose datagrams are fed here, too.
    ///
    /// @param ipv4  memory with a [NetworkPath] at `ipv4At`, whose local address and port are meant; null for none
    /// @param ipv6  as well
    public void prefer(@Nullable MemorySegment ipv4, long ipv4At, @Nullable MemorySegment ipv6, long ipv6At) {
        loop.prefer(ipv4, ipv4At, ipv6, ipv6At);
    }

    private void checkReady() {
        if (!ready) {
            throw new IllegalStateException("quic endpoint: closed (expected one that is open)");
        }
    }

    /// {@return a connection}
    ///
    /// @param of  0..the configuration's connections - 1
    public QuicConnection connection(int of) {
        return connections[Objects.checkIndex(of, connections.length)];
    }

    /// {@return whose the last event was}
    public int number() {
        return number;
    }

    /// {@return connections that are not over}
    public int connectionCount() {
        return connections.length - free.count();
    }

    int idCount() {
        return table.used();
    }

    /// The application has done something to a connection that it was not just told of: what follows is polled, and its deadline looked at.
    public void turnSoon(int of) {
        checkReady();
        output.add(Objects.checkIndex(of, connections.length));
        events.add(of);
    }

    @Override
    public void feed(MemorySegment input, long at, long length, MemorySegment header, long headerAt, long nowNanos) {
        checkReady();
        Objects.checkFromIndexSize(at, length, input.byteSize());
        Objects.checkFromIndexSize(headerAt, DatagramHeader.BYTES, header.byteSize());
        lastNanos = nowNanos;
        if (length < 1 || length > feedBytesMax()) {
            return;
        }
        PacketReader reader = loop.packets;
        reader.begin(input, at, length, loop.ids.bytes());
        Found found = reader.next();
        int owner = found == Found.PACKET ? table.find(input, reader.destinationAt(), reader.destinationLength()) : IdTable.NONE;
        if (owner == IdTable.NONE) {
            stranger(reader, found, input, at, length, header, headerAt, nowNanos);
        } else if (IdTable.which(owner) != IdTable.ORIGINAL || reader.type() == PacketType.INITIAL || reader.type() == PacketType.ZERO_RTT) {
            int of = IdTable.connection(owner);
            try {
                connections[of].feed(input, at, length, header, headerAt, nowNanos);
            } catch (RuntimeException | Error thrown) {
                fault(of);
                throw thrown;
            }
            turn(of);
        }
    }

    /// Something that should not have been thrown was thrown in the midst of a connection: it is closed with INTERNAL_ERROR, or ends at once where that fails too, and is told as
    /// CLOSED. The others go on. What the endpoint's own methods throw has been through here.
    public void fault(int of) {
        checkReady();
        connections[of].fault(lastNanos);
        turn(of);
    }

    private void stranger(PacketReader reader, Found found, MemorySegment input, long at, long length, MemorySegment header, long headerAt, long nowNanos) {
        int left = config.handshakes() - loop.handshakesLent();
        boolean wantRetry = left < config.retryBelow() && !loop.ids.areUsedUp() && strangers.mayRetry(nowNanos);
        if (!strangers.look(reader, found, length, header, headerAt, wantRetry, nowNanos)) {
            return;
        }
        if (refusing || free.first() == NumberQueue.NONE || loop.ids.areUsedUp()) {
            strangers.refuse(reader, header, headerAt, nowNanos);
        } else if (left > 0) {
            accept(input, at, length, header, headerAt, nowNanos);
        }
    }

    private void accept(MemorySegment input, long at, long length, MemorySegment header, long headerAt, long nowNanos) {
        int of = free.first();
        QuicConnection connection = connections[of];
        connection.c.admit(strangers.isShown(), strangers.isValidated(), strangers.isRetried());
        loop.originalIn = strangers.originalIn();
        loop.originalAt = strangers.originalAt();
        boolean begun = false;
        try {
            connection.feed(input, at, length, header, headerAt, nowNanos);
            begun = connection.c.phase != Connection.IDLE;
        } finally {
            if (!begun) {  // its place stays free, also where something was thrown
                connection.reset(nowNanos);
            }
        }
        if (begun) {
            free.poll();
            turn(of);
        } else if (loop.ids.areUsedUp()) {
            loop.packets.begin(input, at, length, loop.ids.bytes());
            loop.packets.next();
            strangers.refuse(loop.packets, header, headerAt, nowNanos);
        }
    }

    /// Something has happened to a connection.
    private void turn(int of) {
        output.add(of);
        events.add(of);
        wheel.arm(of, connections[of].deadlineNanos());
    }

    @Override
    public int feedBytesMax() {
        return QuicConfig.DATAGRAM_BYTES_MAX;
    }

    @Override
    public long pollOutput(MemorySegment to, long at, long length, MemorySegment header, long headerAt, long nowNanos) {
        checkReady();
        Objects.checkFromIndexSize(at, length, to.byteSize());
        Objects.checkFromIndexSize(headerAt, DatagramHeader.BYTES, header.byteSize());
        lastNanos = nowNanos;
        if (length < outputBytesMin()) {
            return 0;
        }
        long wrote = strangers.poll(to, at, header, headerAt);
        ackAlone = false;
        while (wrote == 0) {
            ask(nowNanos);
            int of = output.poll();
            if (of == NumberQueue.NONE) {
                return 0;
            }
            long owner = loop.ownerAt(of);
            try {
                wrote = connections[of].pollOutput(to, at, length, header, headerAt, nowNanos);
            } catch (RuntimeException | Error thrown) {
                fault(of);
                throw thrown;
            }
            boolean back = loop.blocks.wereReleased(owner);  // between when it was asked for and now, by itself too
            wheel.arm(of, connections[of].deadlineNanos());
            events.add(of);
            ackAlone = wrote > 0 && loop.outgoing.hasAcknowledgedLate();
            if (wrote > 0 && !loop.outgoing.hasSaidAll()) {
                output.add(of);
            }
            if (lacking.isAsked(of)) {
                if (lacking.isHeard(of) || !connections[of].hasNews()) {
                    lacking.looked(of);
                }
            } else if (loop.blocks.lacked(owner)) {
                lacking.add(of, back);
            }
        }
        return wrote;
    }

    @Override
    public boolean hasAcknowledgedAlone() {
        return ackAlone;
    }

    /// Who lacked a block tries again when some were given back, as [Waiting] says; who waits for the place of a long hello when it is its turn.
    private void ask(long nowNanos) {
        loop.askLongHello(output, nowNanos);
        for (int of = lacking.next(nowNanos); of != Waiting.NONE; of = lacking.next(nowNanos)) {
            connections[of].roomCame();
            output.add(of);
            events.add(of);
        }
    }

    @Override
    public int outputBytesMin() {
        return connections[0].outputBytesMin();
    }

    @Override
    public @Nullable QuicEvent pollEvent() {
        for (int of = events.first(); of != NumberQueue.NONE; of = events.first()) {
            QuicEvent event = connections[of].pollEvent();
            if (event != null) {
                number = of;
                output.add(of);
                return event;
            }
            events.poll();
            if (lacking.heard(of)) {
                output.add(of);
            }
            if (connections[of].isEnded()) {
                vacate(of);
            }
        }
        return null;
    }

    /// A connection is over, and all is told of it.
    private void vacate(int of) {
        try {
            connections[of].reset(lastNanos);
        } finally {
            lacking.leave(of);
            wheel.cancel(of);
            free.add(of);
        }
    }

    @Override
    public long deadlineNanos() {
        return ready ? Math.min(wheel.nextDeadlineNanos(), Math.min(lacking.deadlineNanos(lastNanos), loop.longHelloNanos(lastNanos))) : Long.MAX_VALUE;
    }

    @Override
    public void onDeadline(long nowNanos) {
        checkReady();
        lastNanos = nowNanos;
        lacking.onDeadline(nowNanos);
        wheel.advance(nowNanos, expiry);
        Throwable thrown = expiryFault;
        expiryFault = null;
        if (thrown instanceof Error error) {
            throw error;
        } else if (thrown != null) {
            throw (RuntimeException) thrown;
        }
    }

    private void expired(int of) {
        try {
            connections[of].onDeadline(lastNanos);
            turn(of);
        } catch (RuntimeException | Error thrown) {
            expiryFault = expiryFault == null ? thrown : expiryFault;  // the first one is told when all others had their turn
            fault(of);
        }
    }

    /// Who asks for a connection from now on is refused with CONNECTION_REFUSED; those that are there, in handshake too, go on. The first step of an orderly end: while the protocol on
    /// them says its farewell nobody comes to make it longer. Until [#reset].
    public void refuseNewcomers() {
        checkReady();
        refusing = true;
    }

    /// As of the outline: who asks for a connection from now on is refused; every connection is closed with NO_ERROR. What the protocol on them has to say
    /// before (HTTP/3: GOAWAY, then its streams) is the caller's to have done, behind [#refuseNewcomers].
    @Override
    public void shutdown(long nowNanos) {
        checkReady();
        lastNanos = nowNanos;
        if (stopping) {
            return;
        }
        refusing = true;
        stopping = true;
        for (int of = 0; of < connections.length; of++) {
            if (connections[of].c.phase != Connection.IDLE) {
                connections[of].shutdown(nowNanos);
                turn(of);
            }
        }
    }

    @Override
    public boolean isEnded() {
        return !ready || stopping && free.count() == connections.length && strangers.isEmpty();
    }

    /// As of the outline, but not after [#close]: keys are gone with that. Its clock goes on: an earlier time than it was told before counts as that.
    ///
    /// @throws IllegalStateException  closed (caller's fault)
    @Override
    public void reset(long nowNanos) {
        if (closed) {
            throw new IllegalStateException("quic endpoint: reset of one that is closed (expected one that is open)");
        }
        lastNanos = nowNanos;
        refusing = false;
        stopping = false;
        output.clear();
        events.clear();
        lacking.clear();
        free.clear();
        for (int of = 0; of < connections.length; of++) {
            connections[of].reset(nowNanos);
            wheel.cancel(of);
            free.add(of);
        }
        strangers.clear();
        ready = true;
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        ready = false;
        for (QuicConnection connection : connections) {
            connection.close();
        }
        loop.alone();
        wheel.close();
        Wipe.segment(memory);
    }

    @Override
    public String toString() {
        return "QuicEndpoint[" + connectionCount() + " of " + connections.length + " connections, " + loop + (closed ? ", closed" : "") + "]";
    }
}
