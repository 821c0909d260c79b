package dev.coffer.client;

import dev.coffer.http.http3.Http3Client;
import dev.coffer.http.http3.Http3Config;
import dev.coffer.http.http3.Http3Server;
import dev.coffer.http.http3.Http3Streams;
import dev.coffer.memory.Account;
import dev.coffer.memory.Entropy;
import dev.coffer.quic.QuicConfig;
import dev.coffer.quic.QuicConnection;
import dev.coffer.quic.QuicLoop;
import dev.coffer.testkit.RawMemory;
import dev.coffer.testkit.SeededEntropy;
import dev.coffer.tls.Alert;
import dev.coffer.tls.ClientContext;
import dev.coffer.tls.PeerVerifier;
import dev.coffer.tls.ServerContext;
import dev.coffer.tls.ServerIdentity;
import dev.coffer.tls.TlsClientConfig;
import dev.coffer.tls.TlsServerConfig;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/// A client's and a server's end of one connection of HTTP/3 over QUIC, with all that they stand on, whose randomness a seed decides.
final class Http3Ends implements AutoCloseable {
    private static final long HOUR = 3_600_000_000_000L;

    /// Trusts whoever answers: what is signed is the business of another module's tests.
    private static final class Trusting implements PeerVerifier {
        @Override
        public int[] schemes() {
            return new int[] {0x0403};
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
    private final List<MemorySegment> memories = new ArrayList<>();
    private final ServerContext serverContext;
    private final ClientContext clientContext;
    private final QuicLoop serverLoop;
    private final QuicLoop clientLoop;
    private final Http3Streams serverStreams;
    private final Http3Streams clientStreams;
    final Http3Server server;
    final Http3Client client;
    final Http3End serverEnd;
    final Http3End clientEnd;

    /// @param streams  of HTTP/3 that each side has places for
    Http3Ends(ServerIdentity identity, QuicConfig quic, Http3Config http, int streams) {
        TlsServerConfig serverTls = TlsServerConfig.defaults().withProtocols("h3").withCounts(1, 1, 1);
        TlsClientConfig clientTls = TlsClientConfig.defaults().withCounts(1, 1, 1).withProtocols("h3");
        QuicConfig patient = quic.withIdle(HOUR / 10);
        Http3Config slow = http.withLimits(http.limits().withTimes(HOUR, HOUR, HOUR));
        serverContext = ServerContext.over(serverTls, List.of(identity), entropy, memory(serverTls.plan().totalBytes()));
        clientContext = ClientContext.over(clientTls, new Trusting(), entropy, memory(clientTls.plan().totalBytes()));
        serverLoop = QuicLoop.over(patient, 1, 1, serverTls.suites(), entropy, memory(QuicLoop.plan(patient, 1, 1, serverTls.suites()).totalBytes()));
        clientLoop = QuicLoop.over(patient, 1, 1, clientTls.suites(), entropy, memory(QuicLoop.plan(patient, 1, 1, clientTls.suites()).totalBytes()));
        serverStreams = new Http3Streams(slow, streams, memory(Http3Streams.plan(slow, streams).totalBytes()), 0, null);
        clientStreams = Http3Streams.ofClient(slow, streams, memory(Http3Streams.planOfClient(slow, streams).totalBytes()), 0);
        server = new Http3Server(slow, memory(slow.plan().totalBytes()), 0, serverStreams);
        client = new Http3Client(slow, HOUR, HOUR, memory(slow.clientPlan().totalBytes()), 0, clientStreams);
        serverEnd = Http3End.of(QuicConnection.server(serverLoop, serverContext, 0), server);
        clientEnd = Http3End.of(QuicConnection.client(clientLoop, clientContext, 0), client);
    }

    private MemorySegment memory(long bytes) {
        MemorySegment memory = Arena.ofAuto().allocate(bytes, 64);
        memories.add(memory);
        return memory;
    }

    void seed(long seed) {
        seeded = new SeededEntropy(seed);
    }

    /// {@return bytes of all that is lent to connections and streams}
    long held() {
        List<Account> all = new ArrayList<>(serverStreams.accounts());
        all.addAll(clientStreams.accounts());
        all.addAll(List.of(serverLoop.blocksAccount(), clientLoop.blocksAccount(), serverLoop.handshakesAccount(), clientLoop.handshakesAccount()));
        return all.stream().mapToLong(Account::usedBytes).sum();
    }

    @Override
    public void close() {
        serverEnd.close();
        clientEnd.close();
        serverLoop.close();
        clientLoop.close();
        serverContext.close();
        clientContext.close();
        for (MemorySegment memory : memories) {
            if (RawMemory.nonZero(memory) != 0) {
                throw new AssertionError("left in " + memory.byteSize() + " bytes of memory");
            }
        }
    }
}
