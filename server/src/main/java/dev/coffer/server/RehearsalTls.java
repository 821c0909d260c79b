package dev.coffer.server;

import dev.coffer.memory.Entropy;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Protection;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import dev.coffer.memory.layout.Align;
import dev.coffer.server.drive.Loop;
import dev.coffer.server.time.Time;
import dev.coffer.server.tls.Tls;
import dev.coffer.server.tls.TlsLane;
import dev.coffer.tls.ClientAuthentication;
import dev.coffer.tls.NamedGroup;
import dev.coffer.tls.ReplayGuard;
import dev.coffer.tls.ServerIdentity;
import dev.coffer.tls.SignatureScheme;
import dev.coffer.tls.TicketKeys;
import dev.coffer.tls.TlsServerConfig;
import java.io.IOException;
import java.lang.System.Logger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// TLS before the doors open, as the [Rehearsal] is for what is served: handshakes with every suite, group and kind of key of the server's own
/// configuration, each signed with an identity's own key, by clients of ours and through sockets; HTTP/1.1 and HTTP/2 inside; a session
/// resumed; a retry; a client that is asked for its certificate; and those who speak no TLS, say nothing, or leave.
///
/// Loop, statistics and ticket keys are its own, and gone when it ends: nothing of it is counted, no ticket of it opens anything. Its memory is
/// locked as the server's will be, since what the private key computes lies there for a moment.
final class RehearsalTls implements AutoCloseable {
    private static final int CONNECTIONS = 4;
    private static final int TURNS_MAX = 4000;
    private static final int HASTY_TURNS = 100;
    private static final int QUIET_TURNS = 2;
    private static final long WAIT_NANOS = 1_000_000L;
    private static final long SECOND = 1_000_000_000L;
    private static final MemoryPlan KEYS = MemoryPlan.group("rehearsal", MemoryPlan.block("tickets", Align.up(TicketKeys.BYTES, Align.CACHE_LINE_BYTES)),
            MemoryPlan.block("guard", ReplayGuard.bytes(8)));

    private static final String GET = "GET /~status HTTP/1.1\r\nHost: localhost\r\n\r\n";
    private static final String POST = "POST /~take HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\nxx";

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

    private final Clock clock = new Clock();
    private final StringBuilder heard;
    private final Tls tls;
    private final Region keys;
    private Loop loop;
    private final InetSocketAddress address;

    /// @param tls  as it is rehearsed; its ticket keys are put in by this
    private RehearsalTls(ServerConfig like, Site site, Tls tls, StringBuilder heard) throws IOException {
        this.heard = heard;
        this.tls = tls;
        keys = Region.open(RegionConfig.defaults("rehearsal").withProtection(Protection.LOCKED, like.locked()), KEYS);
        try {
            tls.ticketKeys(TicketKeys.fresh(keys.carve("tickets"), Entropy.SYSTEM, 60)).replayGuard(ReplayGuard.over(keys.carve("guard"), Entropy.SYSTEM));
            ServerConfig config = ServerConfig.tight().withSize(1, CONNECTIONS, CONNECTIONS).withPortable(like.portable()).withLocked(like.locked())
                    .withHttp2(like.http2() == null ? null : Http2Serving.defaults().withSize(CONNECTIONS, CONNECTIONS).withResting(CONNECTIONS)).withTls(tls);
            LoopStatistics statistics = new LoopStatistics();
            HttpLane lane = new HttpLane(config, site, 0, statistics, new Failures(statistics, Logger.Level.TRACE));
            loop = new Loop(config.loop(0), new TlsLane(tls, lane, CONNECTIONS, config.headBytesMax()), statistics.tally(), clock);
            address = listen(like);
        } catch (IOException | RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    private InetSocketAddress listen(ServerConfig like) throws IOException {
        try {
            loop.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), new Loop[] {loop});
        } catch (IOException e) {  // a machine without that address; then where the server will be
            loop.listen(new InetSocketAddress(like.address().getAddress(), 0), new Loop[] {loop});
        }
        return loop.address();
    }

    /// {@return what was heard: of each handshake its protocol, `resumed` where it was, and the first octets of an answer or the alert}
    ///
    /// @param like  with TLS, as one identity at least
    static String run(ServerConfig like, Site.@Nullable Script script) throws IOException {
        StringBuilder heard = new StringBuilder();
        Site site = new RehearsalStage(script == null ? null : script.stage());
        Tls served = Objects.requireNonNull(like.tls(), "with TLS");
        TlsServerConfig config = served.config();
        List<ServerIdentity> identities = ofEachScheme(served.identities());
        Tls unasked = Tls.of(config.withClientAuthentication(ClientAuthentication.NONE), identities.toArray(ServerIdentity[]::new));
        try (RehearsalTls rehearsal = new RehearsalTls(like, site, unasked, heard)) {
            rehearsal.everyChoice(identities);
            rehearsal.faults();
            rehearsal.stop();
        }
        Tls strict = Tls.of(config.withGroups(retried(config)), identities.toArray(ServerIdentity[]::new));
        try (RehearsalTls rehearsal = new RehearsalTls(like, site, served.clients() == null ? strict : strict.withClients(served.clients()), heard)) {
            rehearsal.retry(identities.getFirst());
        }
        return heard.toString();
    }

    /// {@return the first that signs with each scheme: of hundreds of names the others would run the same paths}
    private static List<ServerIdentity> ofEachScheme(List<ServerIdentity> all) {
        Map<SignatureScheme, ServerIdentity> first = new LinkedHashMap<>();
        all.forEach(identity -> first.putIfAbsent(identity.scheme(), identity));
        return List.copyOf(first.values());
    }

    /// {@return a group that a client has no share in at first, where there is one}
    private static NamedGroup retried(TlsServerConfig config) {
        return config.groups().stream().filter(NamedGroup.SECP256R1::equals).findFirst().orElse(config.groups().getLast());
    }

    /// Each suite, group and identity once, each way to speak, and the last session once more; where something may come with a hello once more with it.
    private void everyChoice(List<ServerIdentity> identities) throws IOException {
        TlsServerConfig config = tls.config();
        int choices = Math.max(Math.max(config.suites().size(), config.groups().size()), Math.max(identities.size(), 2));
        for (int i = 0; i < choices; i++) {
            ServerIdentity identity = identities.get(i % identities.size());
            tls.identities(List.of(identity));
            turn(0);
            String protocol = config.protocols().isEmpty() ? "" : config.protocols().get(i % config.protocols().size());
            try (RehearsalTlsPeer peer = new RehearsalTlsPeer(tls.config(), identity, config.suites().get(i % config.suites().size()),
                    List.of(config.groups().get(i % config.groups().size())), protocol)) {
                talk(peer, protocol);
                if (i + 1 == choices) {
                    talk(peer, protocol);
                }
                if (i + 1 == choices && config.tickets().earlyBytes() > 0) {
                    peer.early(true);
                    talk(peer, protocol);
                }
            }
        }
    }

    private void talk(RehearsalTlsPeer peer, String protocol) throws IOException {
        peer.connect(address, protocol.equals("h2") ? RehearsalHttp2.requests() : GET + POST, clock.nanos);
        hear(peer);
        heard.append(peer.told()).append(' ');
        peer.leave(clock.nanos);
        for (int i = 0; i < QUIET_TURNS; i++) {
            turn(0);
        }
    }

    /// Turns the loop until an answer has come and nothing follows, or the connection has ended.
    private void hear(RehearsalTlsPeer peer) throws IOException {
        int quiet = 0;
        for (int i = 0; i < TURNS_MAX && !peer.isEnded() && (!peer.isAnswered() || quiet < QUIET_TURNS); i++) {
            turn(i < HASTY_TURNS ? 0 : WAIT_NANOS);
            quiet = peer.exchange(clock.nanos) ? 0 : quiet + 1;
        }
    }

    private void turn(long waitNanos) {
        loop.turn(waitNanos);
    }

    /// Who speaks in the clear, who leaves in the middle, and who says nothing.
    private void faults() throws IOException {
        TlsServerConfig config = tls.config();
        try (RehearsalTlsPeer peer = new RehearsalTlsPeer(config, tls.identities().getFirst(), config.suites().getFirst(), config.groups(), "")) {
            peer.connectInTheClear(address, GET);
            hear(peer);
            heard.append(peer.told()).append(' ');
            peer.cut();
            peer.connect(address, GET, clock.nanos);
            turn(0);
            peer.cut();
            peer.connectInTheClear(address, "");
            turn(0);
            turn(0);
            clock.nanos += config.handshakeNanosMax() + 100 * SECOND;
            hear(peer);
            peer.cut();
        }
    }

    /// A first hello without a share that will do; and, where clients are asked who they are, one that shows the server's own certificate: whether or not it
    /// is trusted, the verifier has run.
    private void retry(ServerIdentity identity) throws IOException {
        TlsServerConfig config = tls.config();
        List<NamedGroup> groups = new ArrayList<>(List.of(NamedGroup.X25519));
        config.groups().stream().filter(group -> !groups.contains(group)).forEach(groups::add);
        try (RehearsalTlsPeer peer = new RehearsalTlsPeer(config, identity, config.suites().getFirst(), groups, "")) {
            if (identity.scheme().isForClients()) {
                peer.show(identity);
            }
            talk(peer, "");
        }
    }

    private void stop() throws IOException {
        TlsServerConfig config = tls.config();
        try (RehearsalTlsPeer peer = new RehearsalTlsPeer(config, tls.identities().getFirst(), config.suites().getFirst(),
                List.of(NamedGroup.X25519), "")) {
            peer.connect(address, GET, clock.nanos);
            hear(peer);
            loop.stop();
            for (int i = 0; i < TURNS_MAX && !loop.isDone(); i++) {
                clock.nanos += SECOND;
                turn(0);
                peer.exchange(clock.nanos);
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
