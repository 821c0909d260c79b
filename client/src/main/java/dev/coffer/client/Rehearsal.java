package dev.coffer.client;

import dev.coffer.crypto.packet.CipherSuite;
import dev.coffer.http.Ascii;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Protection;
import dev.coffer.memory.Protection.Level;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import dev.coffer.memory.layout.Align;
import dev.coffer.server.time.Time;
import dev.coffer.tls.JdkVerifier;
import dev.coffer.tls.NamedGroup;
import dev.coffer.tls.ServerContext;
import dev.coffer.tls.TlsServerConfig;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.security.GeneralSecurityException;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Calls over TLS before the first one, to an origin in this process ([RehearsalOrigin]), in each suite and group: classes are loaded, calls linked and files of the JDK opened that a client needs for it, while there are
/// descriptors. Its memory, its keys and whom it trusts are its own, and gone when it ends: nothing of it is counted, no session kept, nobody's verifier asked.
///
/// Once a process for each kind of client. Where it does not work, as on a machine without a loopback address, nothing is said and the client opens all the same: it is a help and no test.
final class Rehearsal {
    private static final int TURNS_MAX = 4000;
    private static final int HASTY_TURNS = 100;
    private static final long WAIT_NANOS = 1_000_000L;
    private static final String IDENTITY = "identity";
    private static final String IO = "io";

    private static final Set<String> DONE = new HashSet<>();  // kinds; guarded by itself

    /// Hears the answer.
    private static final class Heard implements ResponseSink {
        private boolean over;
        private @Nullable Failure failure;

        @Override
        public void head(Call call) {}

        @Override
        public long take(Call call, MemorySegment content, long at, long length) {
            return length;
        }

        @Override
        public void end(Call call) {
            over = true;
        }

        @Override
        public void failed(Call call, Failure why) {
            over = true;
            failure = why;
        }
    }

    private Rehearsal() {}

    /// Rehearses for a client with TLS, unless that was done for its kind.
    ///
    /// @return whether the call was answered, now or before
    static boolean run(ClientConfig like) {
        ClientTls tls = Objects.requireNonNull(like.tls(), "with TLS");
        String kind = like.portable() + " " + (like.http2() != null) + " " + tls.config().suites() + " " + tls.config().groups();
        synchronized (DONE) {
            if (DONE.contains(kind)) {
                return true;
            }
            boolean answered = true;
            try {
                int choices = Math.max(tls.config().suites().size(), tls.config().groups().size());
                for (int i = 0; i < choices && answered; i++) {
                    answered = call(like, tls, i);
                }
            } catch (IOException | GeneralSecurityException | RuntimeException e) {
                return false;
            }
            if (answered) {
                DONE.add(kind);
            }
            return answered;
        }
    }

    /// @param choice  of a suite and a group; one that the client has sent no share in is asked for by a retry
    private static boolean call(ClientConfig like, ClientTls tls, int choice) throws IOException, GeneralSecurityException {
        List<CipherSuite> suites = tls.config().suites();
        List<NamedGroup> groups = tls.config().groups();
        TlsServerConfig serving = TlsServerConfig.defaults().withCounts(1, 1, 1).withGroups(groups.get(choice % groups.size()))
                .withSuites(suites.get(choice % suites.size())).withProtocols("h2", "http/1.1");
        MemoryPlan plan = MemoryPlan.group("rehearsal", serving.plan(), MemoryPlan.block(IDENTITY, Align.up(RehearsalIdentity.bytes(), Align.CACHE_LINE_BYTES)),
                MemoryPlan.block(IO, RehearsalOrigin.bytes()));
        try (Region region = Region.open(RegionConfig.defaults("rehearsal").withProtection(Protection.LOCKED, Level.OFF), plan);
                RehearsalIdentity who = RehearsalIdentity.in(region.carve(IDENTITY));
                ServerContext context = ServerContext.over(serving, List.of(who.server()), Entropy.SYSTEM, region.carve(serving.plan().name()));
                RehearsalOrigin origin = new RehearsalOrigin(context, region.carve(IO))) {
            ClientTls ours = new ClientTls(tls.config(), JdkVerifier.of(List.of(who.authority())), null, null);
            ClientConfig small = ClientConfig.standard().withPortable(like.portable()).withLocked(Level.OFF).withTls(ours).withHttp2(like.http2());
            return ask(Client.assemble(small, host -> new InetAddress[] {InetAddress.getLoopbackAddress()}, Time.SYSTEM, null, false), origin);
        }
    }

    private static boolean ask(Client client, RehearsalOrigin origin) throws IOException {
        try (client) {
            Origin where = Origin.https("localhost", origin.port());
            Ascii target = Ascii.of("/");
            Heard heard = new Heard();
            client.ask(new Request() {
                @Override
                public Origin origin() {
                    return where;
                }

                @Override
                public Ascii target() {
                    return target;
                }
            }, heard);
            for (int i = 0; i < TURNS_MAX && !heard.over; i++) {
                client.turn(i < HASTY_TURNS ? 0 : WAIT_NANOS);
                origin.turn(Time.SYSTEM.nanos());
            }
            return heard.over && heard.failure == null;
        }
    }
}
