package dev.coffer.quic;

import dev.coffer.crypto.packet.CipherSuite;
import dev.coffer.memory.ConstantTime;
import dev.coffer.memory.Entropy;
import dev.coffer.quic.packet.OpeningKeys;
import dev.coffer.quic.packet.SealingKeys;
import dev.coffer.quic.packet.Version;
import dev.coffer.testkit.Refusals.Opening;
import dev.coffer.tls.Alert;
import dev.coffer.tls.ClientContext;
import dev.coffer.tls.PeerVerifier;
import dev.coffer.tls.ServerContext;
import dev.coffer.tls.TlsClientConfig;
import dev.coffer.tls.TlsServerConfig;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

/// Whatever of QUIC has a `close`. Loaded anew, with a look in front of each step of what it opens.
public final class QuicOpenings {
    private static final PeerVerifier NOBODY = new PeerVerifier() {
        @Override
        public int[] schemes() {
            return new int[] {0x0807};
        }

        @Override
        public PeerVerifier another() {
            return this;
        }

        @Override
        public Alert trust(MemorySegment chain, long at, int length, String host) {
            throw new AssertionError("a chain");
        }

        @Override
        public boolean verifies(int scheme, MemorySegment covered, long coveredAt, int coveredLength, MemorySegment signature, long signatureAt,
                int signatureLength) {
            throw new AssertionError("a signature");
        }
    };

    private QuicOpenings() {}

    /// {@return them all, under the names that the house's list has}
    public static List<Opening> all() {
        QuicConfig config = QuicConfig.tight();
        TlsServerConfig serving = TlsServerConfig.defaults().withProtocols("h3").withCounts(2, 1, 1);
        TlsClientConfig asking = TlsClientConfig.defaults().withProtocols("h3").withCounts(2, 1, 1);
        ServerContext servers = ServerContext.over(serving, List.of(Identity.OURS), Entropy.SYSTEM, memory(serving.plan().totalBytes()));
        ClientContext clients = ClientContext.over(asking, NOBODY, Entropy.SYSTEM, memory(asking.plan().totalBytes()));
        List<CipherSuite> suites = serving.suites();
        long loop = QuicLoop.plan(config, 2, 1, suites).totalBytes();
        CipherSuite suite = suites.getFirst();
        long server = QuicLoop.planOfServer(config, 2, 1, suites).totalBytes();
        return List.of(over("quic.QuicLoop.over", loop, memory -> QuicLoop.over(config, 2, 1, suites, Entropy.SYSTEM, memory)),
                over("quic.QuicLoop.ofServer", server, memory -> QuicLoop.ofServer(config, 2, 1, suites, Entropy.SYSTEM, memory)),
                new Opening("quic.QuicConnection.server", connection(config, loop, suites, of -> QuicConnection.server(of, servers, 1))::get),
                endpoint(config, servers, suites),
                new Opening("quic.QuicConnection.client", connection(config, loop, suites, of -> QuicConnection.client(of, clients, 1))::get),
                over("quic.packet.SealingKeys.new", SealingKeys.workspaceBytes(suite), memory -> new SealingKeys(Version.V1, suite, memory, 0)),
                over("quic.packet.OpeningKeys.new", OpeningKeys.workspaceBytes(suite), memory -> new OpeningKeys(Version.V1, suite, memory, 0)));
    }

    private static Supplier<AutoCloseable> connection(QuicConfig config, long bytes, List<CipherSuite> suites,
            Function<QuicLoop, QuicConnection> how) {
        QuicLoop loop = QuicLoop.over(config, 2, 1, suites, Entropy.SYSTEM, memory(bytes));
        return () -> how.apply(loop);
    }

    private static Opening endpoint(QuicConfig config, ServerContext servers, List<CipherSuite> suites) {
        EndpointConfig endpoint = EndpointConfig.defaults(1, 1);
        QuicLoop loop = QuicLoop.over(config, 1, 1, suites, Entropy.SYSTEM, memory(QuicLoop.plan(config, 1, 1, suites).totalBytes()));
        return over("quic.QuicEndpoint.server", QuicEndpoint.plan(endpoint).totalBytes(),
                memory -> QuicEndpoint.server(loop, servers, 1, endpoint, EndpointKeys.none(), memory, 0));
    }

    private static MemorySegment memory(long bytes) {
        return Arena.global().allocate(bytes, 64);
    }

    /// {@return an opening in memory of the caller's, which is zero where that is refused, and after its close}
    private static Opening over(String name, long bytes, Function<MemorySegment, AutoCloseable> how) {
        MemorySegment memory = memory(bytes);
        Runnable untouched = () -> {
            if (!ConstantTime.isZero(memory, 0, bytes)) {
                throw new IllegalStateException("the caller's memory is written to");
            }
        };
        return new Opening(name, () -> {
            AutoCloseable opened = how.apply(memory);
            return () -> {
                opened.close();
                untouched.run();
            };
        }, untouched);
    }
}
