package dev.coffer.client;

import dev.coffer.http.http1.Http1Config;
import dev.coffer.http.http3.Http3Client;
import dev.coffer.http.http3.Http3Config;
import dev.coffer.http.http3.Http3Streams;
import dev.coffer.memory.Account;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.engine.DatagramEngine;
import dev.coffer.memory.engine.NetworkPath;
import dev.coffer.memory.layout.BigEndian;
import dev.coffer.memory.layout.HeapLayout;
import dev.coffer.quic.QuicConfig;
import dev.coffer.quic.QuicConnection;
import dev.coffer.quic.QuicEvent;
import dev.coffer.quic.QuicLoop;
import dev.coffer.server.drive.DatagramDriver;
import dev.coffer.server.drive.DatagramProtocol;
import dev.coffer.server.drive.LoopContext;
import dev.coffer.server.net.DatagramConfig;
import dev.coffer.server.net.Datagrams;
import dev.coffer.tls.ClientContext;
import dev.coffer.tls.TlsClientConfig;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The client's UDP socket and the connections of HTTP/3 over it, made at start: a datagram is offered to each of them, and the one to whose IDs it is sent takes it.
///
/// On the client's thread. 0 heap bytes once it is open, save for what a handshake's verifier makes.
final class Http3Socket implements DatagramProtocol, DatagramEngine<QuicEvent> {
    private static final String ENGINES = "engines";
    private static final String STREAMS = "streams";
    private static final String TLS = "quic tls";
    private static final String QUIC = "quic";
    private static final String DATAGRAMS = "datagrams";
    private static final String PATH = "path";
    private static final String EARLY = "early terms";
    private static final String TOKENS = "tokens";
    private static final String PROTOCOL = "h3";
    private static final long PATIENCE_NANOS = 10_000_000_000L;  // more than an answer's first byte may take
    private static final int PATH_BYTES = 64;

    private final ClientLane lane;
    private final ClientConfig config;
    private final Http3Asking asking;
    private final ClientTls secure;
    private final Http3Config http;
    private final QuicConfig quic;
    private final TlsClientConfig tls;
    private final AltServices alternatives;
    private final Http3Connection[] all;
    private @Nullable ClientContext context;
    private @Nullable QuicLoop loop;
    private @Nullable Http3Streams streams;
    private @Nullable EarlySessions early;          // null where nothing is said with a hello
    private @Nullable ServerTokens tokens;          // likewise
    private @Nullable DatagramDriver driver;
    private @Nullable Http3Connection current;      // whose application is asked
    private MemorySegment path = MemorySegment.NULL;
    private int turn;               // whose output comes first
    private boolean stopping;

    /// @param http1  with the limits of all versions
    Http3Socket(ClientLane lane, ClientConfig config, Http3Asking asking, ClientTls secure, Http1Config http1) {
        this.lane = lane;
        this.config = config;
        this.asking = asking;
        this.secure = secure;
        this.http = asking.engine(http1);
        this.quic = asking.quic(http, config.times().firstByte() + PATIENCE_NANOS);
        this.tls = secure.config().withCounts(asking.connections(), asking.connections(), 1).withProtocols(PROTOCOL).withEarlyBytes(0);
        this.alternatives = new AltServices(config.origins());
        this.all = new Http3Connection[asking.connections()];
    }

    private ClientContext context() {
        return Objects.requireNonNull(context, "opened");
    }

    private QuicLoop loop() {
        return Objects.requireNonNull(loop, "opened");
    }

    private Http3Streams streams() {
        return Objects.requireNonNull(streams, "opened");
    }

    private DatagramDriver driver() {
        return Objects.requireNonNull(driver, "opened");
    }

    static MemoryPlan nothing(String name) {
        return MemoryPlan.block(name, 0, 1, "not spoken");
    }

    MemoryPlan plan(String name) {
        int connections = asking.connections();
        return MemoryPlan.group(name,
                http.clientPlan().named(ENGINES).times(connections)
                        .withHeap(connections * (Http3Connection.heapBytes() + QuicConnection.heapBytes() + secure.verifier().heapBytes())
                                + HeapLayout.array(Http3Connection.class, connections) + HeapLayout.instance(Http3Socket.class)),
                Http3Streams.planOfClient(http, asking.streams()),
                tls.plan().named(TLS),
                QuicLoop.plan(quic, connections, connections, tls.suites()),
                Datagrams.plan(asking.datagrams(), config.portable()),
                MemoryPlan.block(PATH, PATH_BYTES, 1, "where the next one goes"),
                lane.saysEarly() ? EarlySessions.plan(EARLY, connections) : nothing(EARLY),
                lane.saysEarly() ? ServerTokens.plan(TOKENS, config.origins()) : nothing(TOKENS),
                AltServices.plan(config.origins()));
    }

    /// Makes everything and opens the socket.
    ///
    /// @param memory  the bytes of [#plan], zero
    /// @throws IOException  the system gives none
    void open(LoopContext of, MemorySegment memory) throws IOException {
        MemoryPlan plan = plan(QUIC);
        context = ClientContext.over(tls, secure.verifier(), Entropy.SYSTEM, row(memory, plan, TLS));
        context.identity(secure.identity());
        context.keyLog(secure.keyLog());
        loop = QuicLoop.over(quic, all.length, all.length, tls.suites(), Entropy.SYSTEM, row(memory, plan, QUIC));
        streams = Http3Streams.ofClient(http, asking.streams(), memory, plan.offsetOf(STREAMS));
        path = row(memory, plan, PATH);
        long engineBytes = http.clientPlan().totalBytes();
        for (int i = 0; i < all.length; i++) {
            Http3Client engine =
                    new Http3Client(http, config.times().idle(), config.http().continueNanosMax(), memory, plan.offsetOf(ENGINES) + i * engineBytes,
                            streams);
            all[i] = new Http3Connection(lane, this, QuicConnection.client(loop, context, i), engine, i);
        }
        if (lane.saysEarly()) {
            EarlySessions sessions = new EarlySessions(all, row(memory, plan, EARLY));
            early = sessions;
            loop.early(sessions);
            tokens = new ServerTokens(config.origins(), row(memory, plan, TOKENS));
        }
        DatagramConfig socket = asking.datagrams();
        driver = of.drive(Datagrams.of(socket, config.portable(), row(memory, plan, DATAGRAMS)), this);
        try {
            driver().bind(new InetSocketAddress("::", 0));
        } catch (IOException e) {
            driver = null;
            throw e;
        }
    }

    private static MemorySegment row(MemorySegment memory, MemoryPlan plan, String name) {
        return memory.asSlice(plan.offsetOf(name), plan.child(name).totalBytes());
    }

    /// An account whose name says where its row lies: HTTP/2 and TLS have rows of the same names.
    record Placed(String name, Account of) implements Account {
        /// {@return them with the path to their rows}
        static List<Account> in(String path, List<Account> accounts) {
            return accounts.stream().<Account>map(one -> new Placed(path + "/" + one.name(), one)).toList();
        }

        @Override
        public long capacityBytes() {
            return of.capacityBytes();
        }

        @Override
        public long usedBytes() {
            return of.usedBytes();
        }

        @Override
        public long peakBytes() {
            return of.peakBytes();
        }
    }

    /// @param name  of the row that all of it lies in
    List<Account> accounts(String name) {
        List<Account> accounts = new ArrayList<>(Placed.in(name + "/" + STREAMS, streams().accounts()));
        accounts.addAll(Placed.in(name + "/" + TLS + "/tls lent", context().accounts()));
        accounts.add(loop().blocksAccount());
        accounts.add(loop().handshakesAccount());
        accounts.add(driver().account());
        return accounts;
    }

    AltServices alternatives() {
        return alternatives;
    }

    /// {@return tokens of servers; null where nothing is said with a hello}
    @Nullable
    ServerTokens tokens() {
        return tokens;
    }

    Http3Asking asking() {
        return asking;
    }

    boolean hasStream() {
        return streams().hasFree();
    }

    void turnSoon() {
        driver().turnSoon();
    }

    /// {@return connections that are open or under way}
    int count() {
        int count = 0;
        for (Http3Connection connection : all) {
            count += connection.state() == Http3Connection.State.DIALING || connection.state() == Http3Connection.State.OPEN ? 1 : 0;
        }
        return count;
    }

    /// {@return a connection whose place can be had; null where there is none: then one that has carried nothing for the longest ends, if there is one}
    @Nullable
    Http3Connection free() {
        Http3Connection idle = null;
        for (Http3Connection connection : all) {
            if (connection.isGone()) {
                return connection;
            }
            if (connection.idleSince() < (idle == null ? Long.MAX_VALUE : idle.idleSince())) {
                idle = connection;
            }
        }
        if (idle != null) {
            idle.endIdle();
        }
        return null;
    }

    /// Begins a connection to an origin at one of its addresses.
    ///
    /// @param port  of UDP
    /// @return whether there is memory for it
    boolean dial(Http3Connection connection, OriginPool pool, int address, InetSocketAddress to, int port, long untilNanos, long holdNanos, long now) {
        write(to.getAddress(), port);
        if (early != null) {
            early.begin(connection.number());
        }
        boolean dialed = connection.dial(pool, address, path, 0, untilNanos, holdNanos, now);
        if (dialed) {
            turnSoon();
        }
        return dialed;
    }

    private void write(InetAddress address, int port) {
        byte[] bytes = address.getAddress();
        if (address instanceof Inet4Address) {
            NetworkPath.ipv4(path, 0, (bytes[0] & 0xff) << 24 | (bytes[1] & 0xff) << 16 | (bytes[2] & 0xff) << 8 | bytes[3] & 0xff, port, 0, 0);
            return;
        }
        path.fill((byte) 0);
        MemorySegment.copy(MemorySegment.ofArray(bytes), 0, path, NetworkPath.REMOTE, bytes.length);
        BigEndian.u16(path, NetworkPath.REMOTE_PORT, port);
        BigEndian.i32(path, NetworkPath.ZONE, ((Inet6Address) address).getScopeId());
    }

    // As its driver sees it.

    @Override
    public DatagramEngine<?> engine() {
        return this;
    }

    @Override
    public boolean event(long nowNanos) {
        for (Http3Connection connection : all) {
            if (connection.state() != Http3Connection.State.FREE) {
                current = connection;
                if (connection.event(nowNanos)) {
                    return true;
                }
            }
        }
        current = null;
        return false;
    }

    @Override
    public boolean failed(Throwable thrown) {
        Http3Connection of = current;
        current = null;
        if (of != null && !of.failed(thrown)) {
            of.fault(lane.nowNanos());  // nobody's but that connection's
        }
        return of != null;
    }

    /// Something has thrown in the midst of a connection: that one ends, and the others have their turn.
    private void faulted(Http3Connection of, Throwable thrown, long nowNanos) {
        lane.thrown(thrown);
        of.fault(nowNanos);
    }

    @Override
    public void feed(MemorySegment input, long at, long length, MemorySegment header, long headerAt, long nowNanos) {
        for (Http3Connection connection : all) {
            try {
                connection.feed(input, at, length, header, headerAt, nowNanos);
            } catch (RuntimeException | Error thrown) {
                faulted(connection, thrown, nowNanos);
            }
        }
    }

    @Override
    public int feedBytesMax() {
        return all[0].quic().feedBytesMax();
    }

    @Override
    public long pollOutput(MemorySegment output, long at, long length, MemorySegment header, long headerAt, long nowNanos) {
        for (int i = 0; i < all.length; i++) {
            Http3Connection connection = all[(turn + i) % all.length];
            long wrote = 0;
            try {
                wrote = connection.pollOutput(output, at, length, header, headerAt, nowNanos);
            } catch (RuntimeException | Error thrown) {
                faulted(connection, thrown, nowNanos);
            }
            if (wrote > 0) {
                turn = (turn + i + 1) % all.length;
                return wrote;
            }
        }
        return 0;
    }

    @Override
    public int outputBytesMin() {
        return quic.datagramBytes();
    }

    /// {@return null: each connection hears its own events}
    @Override
    public @Nullable QuicEvent pollEvent() {
        return null;
    }

    @Override
    public long deadlineNanos() {
        long deadline = Long.MAX_VALUE;
        for (Http3Connection connection : all) {
            deadline = Math.min(deadline, connection.deadlineNanos());
        }
        return deadline;
    }

    @Override
    public void onDeadline(long nowNanos) {
        for (Http3Connection connection : all) {
            try {
                connection.onDeadline(nowNanos);
            } catch (RuntimeException | Error thrown) {
                faulted(connection, thrown, nowNanos);
            }
        }
    }

    /// Calls that are under way are waited for as long as the configuration says.
    @Override
    public void shutdown(long nowNanos) {
        stopping = true;
        lane.stops();
        for (Http3Connection connection : all) {
            connection.shutdown(config.times().stop() == 0, nowNanos);
        }
    }

    @Override
    public boolean isEnded() {
        boolean ended = stopping;
        for (Http3Connection connection : all) {
            ended &= connection.isGone();
        }
        return ended;
    }

    /// It is made ready by [#open], connection by connection.
    @Override
    public void reset(long nowNanos) {
        throw new IllegalStateException("a client's connections are begun one by one");
    }

    @Override
    public void close() {
        for (Http3Connection connection : all) {
            if (connection != null) {
                connection.close();
            }
        }
        if (loop != null) {
            loop.close();
        }
        if (context != null) {
            context.close();
        }
    }

    @Override
    public String toString() {
        return "Http3Socket[" + count() + " of " + all.length + " connections]";
    }
}
