package dev.coffer.quic;

import dev.coffer.crypto.packet.CipherSuite;
import dev.coffer.memory.Entropy;
import dev.coffer.testkit.RawMemory;
import dev.coffer.testkit.SeededEntropy;
import dev.coffer.tls.Alert;
import dev.coffer.tls.ClientContext;
import dev.coffer.tls.PeerVerifier;
import dev.coffer.tls.ReplayGuard;
import dev.coffer.tls.ServerContext;
import dev.coffer.tls.TicketKeys;
import dev.coffer.tls.TlsClientConfig;
import dev.coffer.tls.TlsServerConfig;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/// A server's loop and a client's with their contexts of TLS, whose randomness a seed decides.
final class Ends implements AutoCloseable {
    /// Trusts whoever answers: what is signed is the business of another module's tests.
    private static final class Trusting implements PeerVerifier {
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
            return null;
        }

        @Override
        public boolean verifies(int scheme, MemorySegment covered, long coveredAt, int coveredLength, MemorySegment signature, long signatureAt,
                int signatureLength) {
            return true;
        }
    }

    private SeededEntropy seeded = new SeededEntropy(1);
    private final Entropy entropy = (segment, at, length) -> seeded.fill(segment, at, length);
    final ServerContext serverContext;
    final ClientContext clientContext;
    final QuicLoop serverLoop;
    final QuicLoop clientLoop;
    final QuicConnection server;
    final QuicConnection client;
    private final List<CipherSuite> serverSuites;
    private final List<CipherSuite> clientSuites;
    private TicketKeys keys;
    private ReplayGuard guard;
    private final MemorySegment serverMemory;
    private final MemorySegment clientMemory;

    Ends(QuicConfig ofServer, QuicConfig ofClient, TlsServerConfig tls) {
        TlsServerConfig serverTls = tls.withCounts(1, 1, 1);
        TlsClientConfig clientTls = TlsClientConfig.defaults().withCounts(1, 1, 1).withProtocols("h3");
        serverSuites = serverTls.suites();
        clientSuites = clientTls.suites();
        serverContext = ServerContext.over(serverTls, List.of(Identity.OURS), entropy, memory(serverTls.plan().totalBytes()));
        clientContext = ClientContext.over(clientTls, new Trusting(), entropy, memory(clientTls.plan().totalBytes()));
        serverMemory = memory(QuicLoop.plan(ofServer, 1, 1, serverTls.suites()).totalBytes());
        clientMemory = memory(QuicLoop.plan(ofClient, 1, 1, clientTls.suites()).totalBytes());
        serverLoop = QuicLoop.over(ofServer, 1, 1, serverTls.suites(), entropy, serverMemory);
        clientLoop = QuicLoop.over(ofClient, 1, 1, clientTls.suites(), entropy, clientMemory);
        server = QuicConnection.server(serverLoop, serverContext, 0);
        client = QuicConnection.client(clientLoop, clientContext, 0);
    }

    private static MemorySegment memory(long bytes) {
        return Arena.ofAuto().allocate(bytes, 64);
    }

    static PeerVerifier trusting() {
        return new Trusting();
    }

    static TlsServerConfig tls() {
        return TlsServerConfig.defaults().withProtocols("h3");
    }

    /// Lets the client resume, and say something early.
    ///
    /// @return this
    Ends resuming() {
        keys = TicketKeys.fresh(memory(TicketKeys.BYTES), entropy, 3600);
        guard = ReplayGuard.over(memory(ReplayGuard.bytes(64)), entropy);
        serverContext.ticketKeys(keys);
        serverContext.replayGuard(guard);
        serverContext.clock(0, 1_800_000_000_000L);
        return this;
    }

    void seed(long seed) {
        seeded = new SeededEntropy(seed);
    }

    /// {@return what is held that connections were lent: blocks, handshakes of both}
    long held() {
        return serverLoop.blocksAccount().usedBytes() + clientLoop.blocksAccount().usedBytes() + serverLoop.handshakesAccount().usedBytes()
                + clientLoop.handshakesAccount().usedBytes();
    }

    /// What connections left in a loop that goes on: nothing where their state, blocks and handshakes lie, and of what they share nothing where secrets and the handshake's words pass.
    static void assertWiped(QuicLoop loop, List<CipherSuite> suites) {
        assertWiped(loop, "of connections", 0, loop.ackRangesAt - PacketKeys.bytes(suites, loop.connections()));
        assertWiped(loop, "of secrets", loop.secretAt, loop.initialWorkAt);
        assertWiped(loop, "of words", loop.cryptoAt, loop.cryptoAt + QuicLoop.CRYPTO_PIECE_BYTES);
    }

    private static void assertWiped(QuicLoop loop, String what, long from, long to) {
        if (to <= from || RawMemory.nonZero(loop.memory, from, (int) (to - from)) != 0) {
            throw new AssertionError("left in the loop's memory " + what + ", " + (to - from) + " bytes");
        }
    }

    @Override
    public void close() {
        server.close();
        client.close();
        assertWiped(serverLoop, serverSuites);
        assertWiped(clientLoop, clientSuites);
        serverLoop.close();
        clientLoop.close();
        serverContext.close();
        clientContext.close();
        if (keys != null) {
            keys.close();
            guard.close();
        }
        if (RawMemory.nonZero(serverMemory) + RawMemory.nonZero(clientMemory) != 0) {
            throw new AssertionError("left in memory");
        }
    }
}
