package dev.coffer.quic;

import dev.coffer.crypto.packet.CipherSuite;
import dev.coffer.memory.Entropy;
import dev.coffer.testkit.RawMemory;
import dev.coffer.testkit.SeededEntropy;
import dev.coffer.tls.ClientContext;
import dev.coffer.tls.ServerContext;
import dev.coffer.tls.TlsClientConfig;
import dev.coffer.tls.TlsServerConfig;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/// A server's endpoint, and a loop of clients, with their contexts of TLS, whose randomness a seed decides.
final class EndpointEnds implements AutoCloseable {
    private SeededEntropy seeded = new SeededEntropy(1);
    private final Entropy entropy = this::fill;
    boolean entropyFails;         // as nothing does that a peer can do
    final EndpointConfig config;
    final ServerContext serverContext;
    final ClientContext clientContext;
    final QuicLoop serverLoop;
    final QuicLoop clientLoop;
    final List<QuicConnection> clients = new ArrayList<>();
    QuicEndpoint endpoint;
    private final List<CipherSuite> serverSuites;
    private final List<CipherSuite> clientSuites;
    private final MemorySegment serverMemory;
    private MemorySegment endpointMemory;

    EndpointEnds(QuicConfig ofServer, QuicConfig ofClients, EndpointConfig config, EndpointKeys keys, int clientCount) {
        this(ofServer, ofClients, config, keys, clientCount, Ends.tls(), TlsClientConfig.defaults().withProtocols("h3"));
    }

    EndpointEnds(QuicConfig ofServer, QuicConfig ofClients, EndpointConfig config, EndpointKeys keys, int clientCount, TlsServerConfig ofServerTls,
            TlsClientConfig ofClientTls) {
        this.config = config;
        TlsServerConfig serverTls = ofServerTls.withCounts(config.connections() + 1, config.handshakes(), 0);
        TlsClientConfig clientTls = ofClientTls.withCounts(clientCount, clientCount, 1);
        serverSuites = serverTls.suites();
        clientSuites = clientTls.suites();
        serverContext = ServerContext.over(serverTls, List.of(Identity.OURS), entropy, memory(serverTls.plan().totalBytes()));
        clientContext = ClientContext.over(clientTls, Ends.trusting(), entropy, memory(clientTls.plan().totalBytes()));
        serverMemory = memory(QuicLoop.planOfServer(ofServer, config.connections(), config.handshakes(), serverTls.suites()).totalBytes());
        serverLoop = QuicLoop.ofServer(ofServer, config.connections(), config.handshakes(), serverTls.suites(), entropy, serverMemory);
        clientLoop = QuicLoop.over(ofClients, clientCount, clientCount, clientTls.suites(), entropy,
                memory(QuicLoop.plan(ofClients, clientCount, clientCount, clientTls.suites()).totalBytes()));
        for (int i = 0; i < clientCount; i++) {
            clients.add(QuicConnection.client(clientLoop, clientContext, i));
        }
        open(keys, 0);
    }

    private void fill(MemorySegment segment, long at, long length) {
        if (entropyFails) {
            throw new IllegalStateException("no entropy");
        }
        seeded.fill(segment, at, length);
    }

    private static MemorySegment memory(long bytes) {
        return Arena.ofAuto().allocate(bytes, 64);
    }

    /// An endpoint begins, with nothing but the keys of one before.
    void open(EndpointKeys keys, long nowNanos) {
        endpointMemory = memory(QuicEndpoint.plan(config).totalBytes());
        endpoint = QuicEndpoint.server(serverLoop, serverContext, 1, config, keys, endpointMemory, nowNanos);
    }

    void seed(long seed) {
        seeded = new SeededEntropy(seed);
    }

    long held() {
        return serverLoop.blocksAccount().usedBytes() + clientLoop.blocksAccount().usedBytes() + serverLoop.handshakesAccount().usedBytes()
                + clientLoop.handshakesAccount().usedBytes();
    }

    @Override
    public void close() {
        endpoint.close();
        clients.forEach(QuicConnection::close);
        Ends.assertWiped(serverLoop, serverSuites);
        Ends.assertWiped(clientLoop, clientSuites);
        serverLoop.close();
        clientLoop.close();
        serverContext.close();
        clientContext.close();
        if (RawMemory.nonZero(serverMemory) + RawMemory.nonZero(endpointMemory) != 0) {
            throw new AssertionError("left in memory");
        }
    }
}
