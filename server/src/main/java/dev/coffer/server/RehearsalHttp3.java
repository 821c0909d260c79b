package dev.coffer.server;

import dev.coffer.http.Method;
import dev.coffer.memory.layout.Align;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Protection;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import dev.coffer.server.drive.Loop;
import dev.coffer.server.time.Time;
import dev.coffer.server.tls.Tls;
import dev.coffer.tls.NamedGroup;
import dev.coffer.tls.ReplayGuard;
import dev.coffer.tls.TicketKeys;
import java.io.IOException;
import java.lang.System.Logger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// HTTP/3 before the doors open, as [RehearsalTls] is for TLS: handshakes with every group of the server's own configuration over a UDP socket, requests of all kinds in
/// the first of them, a client that leaves without a word, datagrams that are nobody's, and a stop.
///
/// Loop, statistics and ticket keys are its own, and gone when it ends.
final class RehearsalHttp3 implements AutoCloseable {
    private static final int CONNECTIONS = 4;
    private static final int STREAMS = 32;
    private static final int BLOCKS = 512;
    private static final int TURNS_MAX = 4000;
    private static final int HASTY_TURNS = 100;
    private static final int QUIET_TURNS = 2;
    private static final long WAIT_NANOS = 1_000_000L;
    private static final long SECOND = 1_000_000_000L;
    private static final int DATAGRAM_BYTES = 1200;
    private static final long CONTENT_BYTES = 2000;
    private static final MemoryPlan KEYS = MemoryPlan.group("rehearsal", MemoryPlan.block("tickets", Align.up(TicketKeys.BYTES, Align.CACHE_LINE_BYTES)),
            MemoryPlan.block("guard", ReplayGuard.bytes(8)));
    private static final String[] PATHS = {"/~status", "/~bytes?q", "/~answer", "/~none", "/~hints", "/~later", "/~laterbytes", "/~lateranswer", "/~throw",
            "/~throwhead", "/~nothing"};

    /// A clock that goes on when told to, and otherwise as time does, as QUIC's timers want.
    private static final class Clock implements Time {
        private long ahead;

        @Override
        public long nanos() {
            return SYSTEM.nanos() + ahead;
        }

        @Override
        public long epochSeconds() {
            return SYSTEM.epochSeconds() + ahead / SECOND;
        }
    }

    private final Clock clock = new Clock();
    private final Tls tls;
    private final Region keys;
    private Loop loop;
    private final InetSocketAddress address;

    private RehearsalHttp3(ServerConfig like, Site site, Tls tls) throws IOException {
        this.tls = tls;
        keys = Region.open(RegionConfig.defaults("rehearsal").withProtection(Protection.LOCKED, like.locked()), KEYS);
        try {
            tls.ticketKeys(TicketKeys.fresh(keys.carve("tickets"), Entropy.SYSTEM, 60)).replayGuard(ReplayGuard.over(keys.carve("guard"), Entropy.SYSTEM));
            Http3Serving serving = Http3Serving.defaults().withSize(CONNECTIONS, CONNECTIONS, STREAMS);
            ServerConfig config =
                    ServerConfig.tight().withSize(1, CONNECTIONS, CONNECTIONS).withPortable(like.portable()).withLocked(like.locked()).withTls(tls)
                            .withHttp3(serving.withQuic(serving.quic().withBlocks(serving.quic().blockBytes(), BLOCKS)));
            LoopStatistics statistics = new LoopStatistics();
            HttpLane http = new HttpLane(config, site, 0, statistics, new Failures(statistics, Logger.Level.TRACE));
            Http3Lane lane = (Http3Lane) Server.secured(config, http, 0);
            loop = new Loop(config.loop(0), lane, statistics.tally(), clock);
            address = bind(lane, like);
        } catch (IOException | RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    private static InetSocketAddress bind(Http3Lane lane, ServerConfig like) throws IOException {
        try {
            return lane.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        } catch (IOException e) {  // a machine without that address; then where the server will be
            return lane.bind(new InetSocketAddress(like.address().getAddress(), 0));
        }
    }

    /// {@return what was heard: of each connection its protocol and the statuses of its answers}
    ///
    /// @param like  with HTTP/3, and as one identity at least
    static String run(ServerConfig like, Site.@Nullable Script script) throws IOException {
        Tls served = Objects.requireNonNull(like.tls(), "with TLS");
        Site site = new RehearsalStage(script == null ? null : script.stage());
        try (RehearsalHttp3 rehearsal = new RehearsalHttp3(like, site, Tls.of(served.config(), served.identities().getFirst()))) {
            String heard = rehearsal.requests();
            rehearsal.strangers();
            rehearsal.stop();
            return heard;
        }
    }

    private RehearsalHttp3Peer peer(NamedGroup group) {
        return new RehearsalHttp3Peer(tls.config(), tls.identities().getFirst(), group);
    }

    private String requests() throws IOException {
        StringBuilder heard = new StringBuilder();
        List<NamedGroup> groups = tls.config().groups();
        for (NamedGroup group : groups) {
            try (RehearsalHttp3Peer peer = peer(group)) {
                open(peer);
                if (group.equals(groups.getFirst())) {
                    everything(peer);
                } else {
                    ask(peer, Method.GET, "/~status", 0);  // what is asked does not depend on how keys were agreed on
                }
                heard.append(peer.told());
                peer.leave(clock.nanos());
                quiet();
                if (tls.config().tickets().earlyBytes() > 0 && group.equals(groups.getLast())) {
                    heard.append(early(peer));
                }
            }
        }
        return heard.toString();
    }

    private void everything(RehearsalHttp3Peer peer) throws IOException {
        for (String path : PATHS) {
            ask(peer, Method.GET, path, 0);
        }
        ask(peer, Method.POST, "/~take", CONTENT_BYTES);
        ask(peer, Method.POST, "/~hold", 2);
        ask(peer, Method.HEAD, "/~status", 0);
    }

    /// With the hello: a request that is answered, and one that is too early for its method.
    private String early(RehearsalHttp3Peer peer) throws IOException {
        peer.connectEarly(address, clock.nanos());
        peer.ask(Method.POST, "/~take", 2);
        peer.exchange(clock.nanos());  // the loop has no turn meanwhile: both have gone before it answers
        peer.ask(Method.GET, "/~status", 0);
        peer.exchange(clock.nanos());
        hear(peer);
        String told = peer.told();
        peer.leave(clock.nanos());
        quiet();
        return told;
    }

    /// Who leaves without a word, in the middle of an answer; who begins and says no more; and what is nobody's.
    private void strangers() throws IOException {
        try (RehearsalHttp3Peer peer = peer(tls.config().groups().getFirst())) {
            open(peer);
            peer.ask(Method.GET, "/~large", 0);
            for (int i = 0; i < HASTY_TURNS; i++) {
                turn(peer, 0);
            }
            peer.sayRaw(RehearsalHttp3Peer.ofNoVersion(DATAGRAM_BYTES));
            peer.sayRaw(new byte[] {0x40, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31});
            quiet();
            peer.cut();
            clock.ahead += 100 * SECOND;
            quiet();
            peer.connect(address, clock.nanos());
            peer.exchange(clock.nanos());
            quiet();
            peer.cut();
            clock.ahead += 100 * SECOND;
            quiet();
        }
    }

    private void open(RehearsalHttp3Peer peer) throws IOException {
        peer.connect(address, clock.nanos());
        for (int i = 0; i < TURNS_MAX && !peer.isOpen() && !peer.isEnded(); i++) {
            turn(peer, i);
        }
    }

    /// Asks, and turns the loop until the answer has ended.
    private void ask(RehearsalHttp3Peer peer, Method method, String path, long content) throws IOException {
        peer.ask(method, path, content);
        hear(peer);
    }

    private void hear(RehearsalHttp3Peer peer) throws IOException {
        for (int i = 0; i < TURNS_MAX && !peer.isEnded() && !peer.isAnswered(); i++) {
            turn(peer, i);
        }
    }

    private boolean turn(RehearsalHttp3Peer peer, int already) throws IOException {
        loop.turn(already < HASTY_TURNS ? 0 : WAIT_NANOS);
        return peer.exchange(clock.nanos());
    }

    private void quiet() {
        for (int i = 0; i < QUIET_TURNS; i++) {
            loop.turn(0);
        }
    }

    private void stop() throws IOException {
        try (RehearsalHttp3Peer peer = peer(tls.config().groups().getFirst())) {
            open(peer);
            ask(peer, Method.GET, "/~status", 0);
            loop.stop();
            for (int i = 0; i < TURNS_MAX && !loop.isDone(); i++) {
                clock.ahead += SECOND / 4;
                turn(peer, 0);
            }
            peer.cut();
        }
    }

    @Override
    public void close() {
        if (loop != null) {
            loop.close();
        }
        if (tls.ticketKeys() != null) {
            tls.ticketKeys().close();
        }
        if (tls.replayGuard() != null) {
            tls.replayGuard().close();
        }
        keys.close();
    }
}
