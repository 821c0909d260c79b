package dev.coffer.server;

import dev.coffer.http.http3.Http3Config;
import dev.coffer.http.http3.Http3Streams;
import dev.coffer.memory.Account;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.SlotAccount;
import dev.coffer.memory.engine.DatagramEngine;
import dev.coffer.memory.engine.NetworkPath;
import dev.coffer.memory.internal.os.SocketAddress;
import dev.coffer.memory.internal.os.SocketCalls;
import dev.coffer.memory.layout.Align;
import dev.coffer.memory.layout.HeapLayout;
import dev.coffer.quic.EndpointConfig;
import dev.coffer.quic.EndpointKeys;
import dev.coffer.quic.QuicConnection;
import dev.coffer.quic.QuicEndpoint;
import dev.coffer.quic.QuicEvent;
import dev.coffer.quic.QuicLoop;
import dev.coffer.server.drive.DatagramDriver;
import dev.coffer.server.drive.DatagramProtocol;
import dev.coffer.server.drive.Kept;
import dev.coffer.server.drive.Lane;
import dev.coffer.server.drive.LoopContext;
import dev.coffer.server.drive.Protocol;
import dev.coffer.server.net.Datagrams;
import dev.coffer.server.time.Now;
import dev.coffer.server.time.Timer;
import dev.coffer.server.tls.TlsLane;
import dev.coffer.tls.TicketKeys;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// HTTP/3 in one loop, beside what another lane speaks over TCP: an endpoint of QUIC behind one UDP socket, which brings its events to a [Http3Connection] for each number,
/// and has its handshakes in the context of that lane's TLS. Exchanges and their handler are those of the lane that serves all versions.
final class Http3Lane implements Lane, DatagramProtocol {
    private static final String HTTP3 = "http3";
    private static final String ENGINES = "connection";
    private static final String STREAMS = "streams";
    private static final long MILLIS = 1000;
    private static final long HANDSHAKE_NANOS_MIN = 1_000_000_000L;  // of an endpoint's

    private final Http3Serving serving;
    private final boolean portable;
    private final TlsLane tls;
    private final HttpLane http;
    private final SlotAccount account;

    private @Nullable LoopContext context;
    private @Nullable QuicLoop quic;
    private @Nullable QuicEndpoint endpoint;
    private @Nullable TicketKeys ticketKeys;
    private @Nullable Http3Streams streams;
    private @Nullable DatagramDriver driver;
    private Http3Connection[] connections = {};
    private MemorySegment memory = MemorySegment.NULL;
    private long addressAt;         // of a socket address, while it is written as text
    private int openCount;
    private @Nullable Http3Connection dueFirst;  // who has something to say from outside of his own events, a list
    private @Nullable Http3Connection dueLast;
    private boolean stopping;
    private boolean shut;           // the endpoint was told

    /// @param tls   what is spoken over TCP, with places for the handshakes of so many connections more
    /// @param http  behind it
    Http3Lane(Http3Serving serving, boolean portable, TlsLane tls, HttpLane http) {
        this.serving = serving;
        this.portable = portable;
        this.tls = tls;
        this.http = http;
        this.account = new SlotAccount(HTTP3 + "/" + ENGINES, engineBytes(), serving.connections());
    }

    private EndpointConfig endpointConfig() {
        return EndpointConfig.defaults(serving.connections(), serving.handshakes())
                .withHandshake(Math.max(HANDSHAKE_NANOS_MIN, tls.config().handshakeNanosMax()));
    }

    private MemoryPlan quicPlan() {
        return QuicLoop.planOfServer(serving.quic(), serving.connections(), serving.handshakes(), tls.config().suites());
    }

    private long engineBytes() {
        return serving.config().plan().totalBytes() + Http3Connection.PATH_BYTES;
    }

    private QuicEndpoint endpoint() {
        return Objects.requireNonNull(endpoint, "opened");
    }

    private QuicLoop quic() {
        return Objects.requireNonNull(quic, "opened");
    }

    private DatagramDriver driver() {
        return Objects.requireNonNull(driver, "opened");
    }

    private LoopContext context() {
        return Objects.requireNonNull(context, "opened");
    }

    HttpLane http() {
        return http;
    }

    LoopStatistics statistics() {
        return http.statistics();
    }

    long nowNanos() {
        return context().now().nanos();
    }

    Timer timer(Http3Connection of) {
        return context().timer(of);
    }

    @Override
    public MemoryPlan plan() {
        return MemoryPlan.group("all versions", tls.plan(), quicPlan(), QuicEndpoint.plan(endpointConfig()), Datagrams.plan(serving.datagrams(), portable),
                http3());
    }

    private MemoryPlan http3() {
        Http3Config config = serving.config();
        int count = serving.connections();
        return MemoryPlan.group(HTTP3,
                MemoryPlan.group(ENGINES, config.plan(), MemoryPlan.block("path", Http3Connection.PATH_BYTES)).times(count).noted("QPACK's tables")
                        .withHeap(count * Http3Connection.heapBytes() + HeapLayout.array(Http3Connection.class, count)),
                Http3Streams.plan(config, serving.streams()), MemoryPlan.block("address", Align.CACHE_LINE_BYTES, 1, "while it is written as text"));
    }

    @Override
    public int timers() {
        return tls.timers() + serving.connections();
    }

    @Override
    public int datagrams() {
        return 1;
    }

    @Override
    public void open(LoopContext of, MemorySegment carved) throws IOException {
        context = of;
        MemoryPlan plan = plan();
        tls.open(of, row(carved, plan, tls.plan()));
        quic = QuicLoop.ofServer(serving.quic(), serving.connections(), serving.handshakes(), tls.config().suites(), Entropy.SYSTEM,
                row(carved, plan, quicPlan()));
        quic.early(tls.config().tickets().earlyBytes() > 0 ? this::terms : null);
        ticketKeys = tls.ticketKeys();
        EndpointKeys keys = new EndpointKeys(ticketKeys, tls.resetKey(), 0, machine(), null);
        endpoint = QuicEndpoint.server(quic, tls.context(), tls.connections(), endpointConfig(), keys, row(carved, plan, QuicEndpoint.plan(endpointConfig())),
                nowNanos());
        MemoryPlan http3 = http3();
        memory = row(carved, plan, http3);
        addressAt = http3.offsetOf("address");
        streams = new Http3Streams(serving.config(), serving.streams(), memory, http3.offsetOf(STREAMS), http.date());
        connections = new Http3Connection[serving.connections()];
        for (int i = 0; i < connections.length; i++) {
            long at = http3.offsetOf(ENGINES) + i * engineBytes();
            connections[i] = new Http3Connection(this, i, serving.config(), memory, at, at + serving.config().plan().totalBytes(), streams);
        }
        for (MemoryPlan own : List.of(quicPlan(), QuicEndpoint.plan(endpointConfig()), Datagrams.plan(serving.datagrams(), portable), http3)) {
            of.own(row(carved, plan, own));
        }
        driver = of.drive(Datagrams.of(serving.datagrams(), portable, row(carved, plan, Datagrams.plan(serving.datagrams(), portable))), this);
    }

    /// {@return what the system calls this machine, or this container: the same after a restart; "" where it does not say}
    private static String machine() {
        try {
            return Files.readString(Path.of("/proc/sys/kernel/hostname"), StandardCharsets.ISO_8859_1).strip();
        } catch (IOException e) {
            return "";
        }
    }

    /// Writes what of our settings early requests count on (RFC 9114, section 7.2.4.2).
    private int terms(int connection, MemorySegment target, long at) {
        return serving.config().writeTerms(target, at);
    }

    private static MemorySegment row(MemorySegment memory, MemoryPlan plan, MemoryPlan child) {
        return memory.asSlice(plan.offsetOf(child.name()), child.totalBytes());
    }

    /// Receives from here on.
    ///
    /// @param address  port 0 for one that the system chooses
    /// @return where
    /// @throws IOException  the system refused: its message says why in a few words
    InetSocketAddress bind(InetSocketAddress address) throws IOException {
        driver().bind(address);
        return Objects.requireNonNull(driver().address(), "bound");
    }

    @Override
    public List<Account> accounts() {
        List<Account> all = new ArrayList<>(tls.accounts());
        all.add(account);
        all.add(quic().blocksAccount());
        all.add(quic().handshakesAccount());
        all.addAll(Objects.requireNonNull(streams, "opened").accounts());
        all.add(driver().account());
        return all;
    }

    // What the socket brings.

    @Override
    public DatagramEngine<?> engine() {
        return endpoint();
    }

    /// What the endpoint tells comes first: of a connection that is gone nobody asks any more.
    @Override
    public boolean event(long nowNanos) {
        boolean any = next(nowNanos);
        if (Objects.requireNonNull(streams, "opened").takeFreed(nowNanos) instanceof QuicConnection waits) {
            due(connections[waits.number()]);  // a head of its has room; who waits behind it is asked for when it has gone on
        }
        return any;
    }

    private boolean next(long nowNanos) {
        QuicEvent event = endpoint().pollEvent();
        if (event != null) {
            int number = endpoint().number();
            try {
                heard(event, connections[number], nowNanos);
            } catch (RuntimeException | Error thrown) {
                endpoint().fault(number);  // what was not heard would be missing for as long as it lives
                throw thrown;
            }
            return true;
        }
        Http3Connection next = dueFirst;
        if (next == null) {
            return false;
        }
        dueFirst = next.nextDue;
        dueLast = dueFirst == null ? null : dueLast;
        next.nextDue = null;
        next.due = false;
        next.turn(nowNanos);
        if (next.isOpen()) {
            endpoint().turnSoon(next.number);
        }
        return true;
    }

    private void heard(QuicEvent event, Http3Connection connection, long nowNanos) {
        switch (event) {
            case EARLY, CONNECTED -> {
                if (!connection.isOpen()) {
                    openCount++;
                    account.taken();
                    connection.connected(endpoint().connection(connection.number), nowNanos);
                    if (stopping) {
                        connection.shutdown(nowNanos);
                    }
                }
                connection.turn(nowNanos);
            }
            case STREAMS -> connection.turn(nowNanos);
            case DATAGRAMS -> {}  // nobody here has asked for them
            case CLOSED -> {
                if (connection.isOpen()) {
                    openCount--;
                    account.released();
                    try {
                        connection.closed(nowNanos);
                    } finally {
                        shutIfDone(nowNanos);
                    }
                }
            }
        }
    }

    /// Something outside of a connection's own events has changed what it has to say.
    void due(Http3Connection connection) {
        if (connection.due) {
            return;
        }
        connection.due = true;
        if (dueLast == null) {
            dueFirst = connection;
        } else {
            dueLast.nextDue = connection;
        }
        dueLast = connection;
        driver().turnSoon();
    }

    /// {@return true: what is thrown ends with its own connection, see [Http3Connection] and [QuicEndpoint], and the others go on}
    @Override
    public boolean failed(Throwable thrown) {
        http.failures().thrown(thrown);
        return true;
    }

    @Override
    public void shutdown(long nowNanos) {
        stopping = true;
        endpoint().refuseNewcomers();  // else clients that come again where GOAWAY sent them away would keep it from ending
        for (Http3Connection connection : connections) {
            if (connection.isOpen()) {
                connection.shutdown(nowNanos);
            }
        }
        shutIfDone(nowNanos);
    }

    /// Every connection has said its farewell: handshakes are cut.
    private void shutIfDone(long nowNanos) {
        if (stopping && openCount == 0 && !shut) {
            shut = true;
            endpoint().shutdown(nowNanos);
        }
    }

    /// {@return whether the peer of a path is this machine}
    boolean isLoopback(MemorySegment of, long pathAt) {
        socketAddress(of, pathAt);
        return SocketAddress.isLoopback(memory, addressAt);
    }

    /// Writes the address of a path's peer as text.
    int peer(MemorySegment of, long pathAt, MemorySegment target, long at) {
        socketAddress(of, pathAt);
        return SocketAddress.writeText(memory, addressAt, target, at);
    }

    private void socketAddress(MemorySegment of, long pathAt) {
        memory.set(ValueLayout.JAVA_SHORT_UNALIGNED, addressAt + SocketAddress.FAMILY, (short) SocketCalls.AF_INET6);
        MemorySegment.copy(of, pathAt + NetworkPath.REMOTE, memory, addressAt + SocketAddress.IN6_ADDRESS, NetworkPath.ADDRESS_BYTES);
    }

    // What the lane over TCP does.

    @Override
    public @Nullable Protocol acquire() {
        return tls.acquire();
    }

    @Override
    public void release(Protocol protocol) {
        tls.release(protocol);
    }

    @Override
    public void forsake(Kept kept) {
        tls.forsake(kept);
    }

    @Override
    public void stopping(Kept kept) {
        tls.stopping(kept);
    }

    @Override
    public long silenceNanosMax() {
        return tls.silenceNanosMax();
    }

    @Override
    public long graceNanos() {
        return tls.graceNanos();
    }

    @Override
    public long bytesPerSecondMin() {
        return tls.bytesPerSecondMin();
    }

    @Override
    public byte[] refusal() {
        return tls.refusal();
    }

    @Override
    public void tick() {
        tls.tick();
        TicketKeys keys = tls.ticketKeys();
        if (keys != ticketKeys) {
            ticketKeys = keys;
            endpoint().tickets(keys);
        }
        Now now = context().now();
        endpoint().clock(now.nanos(), now.epochSeconds() * MILLIS);
    }

    @Override
    public void takeIn() {
        tls.takeIn();
    }

    @Override
    public boolean dispatch() {
        return tls.dispatch();
    }

    @Override
    public void close() {
        try {
            for (Http3Connection connection : connections) {
                if (connection != null && connection.isOpen()) {
                    connection.end();
                }
            }
            if (endpoint != null) {
                endpoint.close();
            }
            if (quic != null) {
                quic.close();
            }
        } finally {
            tls.close();
        }
    }
}
