package dev.coffer.server;

import dev.coffer.memory.Protection.Level;
import dev.coffer.memory.internal.os.Errno;
import dev.coffer.memory.ledger.Ledger;
import dev.coffer.server.drive.Loop;
import dev.coffer.server.time.Time;
import dev.coffer.server.tls.Tls;
import dev.coffer.tls.ClientVerifier;
import dev.coffer.tls.ServerIdentity;
import java.io.IOException;
import java.lang.System.Logger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Every path that a request, a connection or a stop can take, run once before the doors open: on two small loops with
/// sockets, a clock and a [RehearsalStage] of their own, from one thread. A class that is loaded, a call that is linked or a jar that is
/// opened for the first time when descriptors or memory have run out is a failure that waits for the worst moment.
///
/// The listener is a loopback port that closes before the rehearsal ends. What a stranger does there meanwhile is served like anything else and disturbs nothing.
final class Rehearsal implements Overview, AutoCloseable {
    private static final int CONNECTIONS = 6;   // of both loops
    private static final int ACTIVE = 4;        // of them
    private static final int TURNS_MAX = 400;
    private static final int HASTY_TURNS = 100;  // which do not wait: what is sent to oneself is there at once
    private static final int QUIET_TURNS = 2;
    private static final long WAIT_NANOS = 1_000_000L;
    private static final int HTTP2_STREAMS = 32;
    private static final int HTTP2_WINDOWS = 4;
    private static final long SECOND = 1_000_000_000L;
    private static final long HUNGER_NANOS = 6 * SECOND;  // more than a connection may wait for memory

    private static final String GET = "GET /~status HTTP/1.1\r\nHost: localhost\r\n";
    private static final String LARGE = "GET /~large HTTP/1.1\r\nHost: a\r\n\r\n";
    /// Each on a connection of its own, which it ends.
    private static final String[] FAULTS = {
            "GET / HTTP/1.1\r\n\r\n", "GET / HTTP/3.0\r\nHost: a\r\n\r\n", "GET  / HTTP/1.1\r\n\r\n", "\u0000",
            "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n",
            "GET /" + "a".repeat(9000), "GET / HTTP/1.1\r\nHost: a\r\nX: " + "b".repeat(9000),
            "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nExpect: tea\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nx",
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nHost: b\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"};

    private static final Set<String> DONE = new HashSet<>();  // by driver, kind of site and kind of TLS; guarded by itself

    /// A clock that goes on when told to.
    private static final class Clock implements Time {
        private long nanos;

        @Override
        public long nanos() {
            return nanos;
        }

        @Override
        public long epochSeconds() {
            return SYSTEM.epochSeconds() + nanos / SECOND;
        }
    }

    /// One end of a connection, and what it has heard.
    private final class Peer {
        private final SocketChannel channel;
        private long heard;
        private boolean ended;

        Peer() throws IOException {
            channel = SocketChannel.open(address());
            channel.configureBlocking(false);
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        }

        void say(String text) throws IOException {
            channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1)));
        }

        /// {@return whether something new has come}
        boolean listen() {
            int got = 0;
            try {
                buffer.clear();
                got = channel.read(buffer);
            } catch (IOException e) {
                got = -1;
            }
            if (got > 0) {
                note(got);
                heard += got;
            }
            boolean news = got > 0 || got < 0 && !ended;
            ended |= got < 0;
            return news;
        }

        /// Turns the loops until an answer has come and nothing follows, or the connection has ended.
        void hear() throws IOException {
            long before = heard;
            int quiet = 0;
            for (int i = 0; i < TURNS_MAX && !ended && (heard == before || quiet < QUIET_TURNS); i++) {
                turn(i < HASTY_TURNS ? 0 : WAIT_NANOS);
                quiet = listen() ? 0 : quiet + 1;
            }
        }

        /// Hears the beginning of an answer that is too long to hear out.
        void glance() throws IOException {
            for (int i = 0; i < TURNS_MAX && !listen(); i++) {
                turn(i < HASTY_TURNS ? 0 : WAIT_NANOS);
            }
        }

        /// Turns the loops until the connection has ended.
        void hearTheEnd() throws IOException {
            for (int i = 0; i < TURNS_MAX && !ended; i++) {
                turn(i < HASTY_TURNS ? 0 : WAIT_NANOS);
                listen();
            }
        }

        void close() throws IOException {
            channel.close();
            for (int i = 0; i < QUIET_TURNS; i++) {
                turn(0);
            }
        }
    }

    private final Clock clock = new Clock();
    private final Loop[] loops = new Loop[2];
    private final ByteBuffer buffer = ByteBuffer.allocate(1 << 14);
    private final StringBuilder statuses = new StringBuilder();
    private final LoopStatistics[] statistics = new LoopStatistics[2];
    private final List<String> requests;
    private Ledger ledger;
    private ServerConfig config;
    private @Nullable InetSocketAddress address;

    private Rehearsal(ServerConfig like, Site.@Nullable Script script) throws IOException {
        ServerConfig config = ServerConfig.tight().withSize(2, CONNECTIONS, ACTIVE).withPortable(like.portable())
                .withLocked(Level.OFF)
                .withHttp2(like.http2() == null ? null : Http2Serving.defaults().withSize(HTTP2_STREAMS, HTTP2_WINDOWS).withResting(CONNECTIONS));
        requests = script == null ? List.of() : script.requests();
        Site stage = new RehearsalStage(script == null ? null : script.stage());
        List<HttpLane> lanes = new ArrayList<>();
        try {
            for (int i = 0; i < loops.length; i++) {
                statistics[i] = new LoopStatistics();
                HttpLane lane = new HttpLane(config, stage, i, statistics[i],
                        new Failures(statistics[i], Logger.Level.TRACE));  // what fails there fails on purpose
                loops[i] = new Loop(config.loop(i), lane, statistics[i].tally(), clock);
                lanes.add(lane);
            }
            ledger = Ledger.of("rehearsal", Ledger.region(loops[0].region(), loops[0].accounts()),
                    Ledger.region(loops[1].region(), loops[1].accounts()));
            this.config = config;
            listen(like);
            for (HttpLane lane : lanes) {
                lane.ready(this);
            }
        } catch (IOException | RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    @Override
    public Ledger ledger() {
        return ledger;
    }

    @Override
    public InetSocketAddress address() {
        return Objects.requireNonNull(address, "open");
    }

    @Override
    public ServerConfig config() {
        return config;
    }

    @Override
    public long count(LoopStatistics.Count what) {
        return statistics[0].of(what) + statistics[1].of(what);
    }

    @Override
    public long connections() {
        return loops[0].connections() + loops[1].connections();
    }

    private void listen(ServerConfig like) throws IOException {
        try {
            loops[0].listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), loops);
        } catch (IOException e) {  // a machine without that address; then where the server will be
            loops[0].listen(new InetSocketAddress(like.address().getAddress(), 0), loops);
        }
        address = loops[0].address();
    }

    /// Rehearses with the driver of that configuration and that kind of site, unless that was done in this process before.
    ///
    /// @throws IOException  the system gave no socket or descriptor; nothing is held
    static void once(ServerConfig like, Site site) throws IOException {
        Site.Script script = site.rehearsal();
        String what =
                Loop.isLinux(like.portable()) + "" + (like.http2() != null) + (script == null ? "" : site.getClass().getName() + script.requests().size());
        String secured = like.tls() == null || like.tls().identities().isEmpty() ? "" : what + kind(like.tls());
        synchronized (DONE) {
            if (!DONE.contains(what)) {
                run(like, script);
                DONE.add(what);
            }
            if (!secured.isEmpty() && !DONE.contains(secured)) {
                RehearsalTls.run(like, script);
                DONE.add(secured);
            }
            if (!secured.isEmpty() && like.http3() != null && !DONE.contains(secured + "h3")) {
                RehearsalHttp3.run(like, script);
                DONE.add(secured + "h3");
            }
        }
    }

    /// {@return what decides which code of TLS runs: the configuration, the kinds of keys and of who looks at clients; not whose they are, which a process may change often}
    private static String kind(Tls tls) {
        ClientVerifier clients = tls.clients();
        return tls.config() + " " + tls.identities().stream().map(ServerIdentity::scheme).distinct().toList() + " "
                + (clients == null ? "" : clients.getClass().getName());
    }

    /// {@return the statuses that were heard, in order, each followed by a space}
    static String run(ServerConfig like, Site.@Nullable Script script) throws IOException {
        try (Rehearsal rehearsal = new Rehearsal(like, script)) {
            rehearsal.refusals();
            rehearsal.requests();
            rehearsal.http2();
            rehearsal.faults();
            rehearsal.ends();
            rehearsal.slowness();
            rehearsal.hunger();
            rehearsal.crowd();
            rehearsal.stop();
            return rehearsal.statuses.toString();
        }
    }

    /// A second listener at the address is refused in words, and so is an open.
    private void refusals() throws IOException {
        try {
            loops[1].listen(address(), new Loop[] {loops[1]});
        } catch (IOException e) {
            statuses.append(e.getMessage()).append(": ").append(Errno.name(Errno.EMFILE)).append(' ');
        }
    }

    private void turn(long waitNanos) {
        for (Loop loop : loops) {
            loop.turn(waitNanos);
        }
    }

    private void requests() throws IOException {
        requests(RehearsalStage.REQUESTS);
        requests(requests);
    }

    private void requests(List<String> script) throws IOException {
        Peer peer = new Peer();
        for (String request : script) {
            if (peer.ended) {
                peer.close();
                peer = new Peer();
            }
            peer.say(request);
            peer.hear();
            clock.nanos += SECOND / 4;  // now and then a file is looked at again
        }
        peer.close();
    }

    /// The same over HTTP/2, where that is spoken.
    private void http2() throws IOException {
        if (config.http2() != null) {
            Peer peer = new Peer();
            peer.say(RehearsalHttp2.requests());
            peer.hear();
            clock.nanos += SECOND / 4;
            peer.hear();
            peer.say(RehearsalHttp2.fault());
            peer.hearTheEnd();
            peer.close();
            Peer left = new Peer();
            left.say(RehearsalHttp2.requests());
            left.glance();
            left.close();
        }
    }

    private void faults() throws IOException {
        for (String fault : FAULTS) {
            Peer peer = new Peer();
            peer.say(fault);
            peer.hearTheEnd();
            peer.close();
        }
    }

    private void ends() throws IOException {
        Peer reset = new Peer();
        reset.say(LARGE);
        reset.glance();
        reset.channel.setOption(StandardSocketOptions.SO_LINGER, 0);
        reset.close();
        Peer half = new Peer();
        half.say(GET + "\r\n" + GET);
        half.channel.shutdownOutput();
        half.hearTheEnd();
        half.close();
    }

    private void slowness() throws IOException {
        Peer idle = new Peer();
        idle.say(GET + "\r\n");
        idle.hear();
        Peer head = new Peer();
        head.say("GET / HTT");
        Peer content = new Peer();
        content.say("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 50000\r\n\r\n");
        Peer reader = new Peer();
        reader.say(LARGE);
        for (int i = 0; i < QUIET_TURNS; i++) {
            turn(0);
        }
        for (int i = 0; i < QUIET_TURNS; i++) {  // past every time limit
            clock.nanos += 100 * SECOND;
            turn(0);
            head.listen();
            content.listen();
        }
        idle.hearTheEnd();
        idle.close();
        head.close();
        content.close();
        reader.close();
    }

    /// More that have begun a request than there is memory for: the first who ends gives his to one who waits, the others of these
    /// wait for too long.
    private void hunger() throws IOException {
        Peer[] peers = new Peer[CONNECTIONS];
        for (int i = 0; i < peers.length; i++) {
            peers[i] = new Peer();
            peers[i].say(GET);
            for (int k = 0; k < QUIET_TURNS; k++) {
                turn(0);
            }
        }
        peers[0].say("\r\n");
        peers[0].hear();
        clock.nanos += HUNGER_NANOS;
        for (int i = 0; i < QUIET_TURNS; i++) {
            turn(0);
        }
        for (Peer peer : peers) {
            peer.listen();
            peer.close();
        }
        clock.nanos += SECOND;
        turn(0);
    }

    /// One more than there are seats, in both loops; then one after another where descriptors are out.
    private void crowd() throws IOException {
        Peer[] peers = new Peer[CONNECTIONS];
        for (int i = 0; i < peers.length; i++) {
            peers[i] = new Peer();
            peers[i].say(GET + "\r\n");
            peers[i].hear();
        }
        Peer late = new Peer();
        late.hearTheEnd();
        late.say(GET + "\r\n");
        late.close();
        Peer patient = new Peer();
        patient.hear();
        clock.nanos += SECOND;
        turn(0);
        patient.close();
        for (Peer peer : peers) {
            peer.close();
        }
        loops[0].pauseAccepting();
        Peer pending = new Peer();
        turn(0);
        clock.nanos += SECOND;
        pending.say(GET + "\r\n");
        pending.hear();
        pending.close();
    }

    private void stop() throws IOException {
        Peer idle = new Peer();
        idle.say(GET + "\r\n");
        idle.hear();
        Peer busy = new Peer();
        busy.say(LARGE);
        busy.glance();
        for (Loop loop : loops) {
            loop.stop();
        }
        idle.hearTheEnd();
        for (int i = 0; i < QUIET_TURNS && !(loops[0].isDone() && loops[1].isDone()); i++) {
            clock.nanos += 100 * SECOND;
            turn(0);
        }
        idle.close();
        busy.close();
    }

    /// Remembers the status of an answer that begins with what was heard last.
    private void note(int length) {
        if (length > 12 && buffer.get(0) == 'H' && buffer.get(1) == 'T') {
            for (int i = 9; i < 12; i++) {
                statuses.append((char) buffer.get(i));
            }
            statuses.append(' ');
        }
    }

    @Override
    public void close() {
        for (Loop loop : loops) {
            if (loop != null) {
                loop.close();
            }
        }
    }
}
