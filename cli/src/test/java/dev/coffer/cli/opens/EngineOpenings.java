package dev.coffer.cli.opens;

import dev.coffer.cli.certificate.ServerKeys;
import dev.coffer.crypto.packet.CipherSuite;
import dev.coffer.http.DateField;
import dev.coffer.http.http1.Http1Client;
import dev.coffer.http.http1.Http1Config;
import dev.coffer.http.http1.Http1Server;
import dev.coffer.http.http2.Http2Client;
import dev.coffer.http.http2.Http2Config;
import dev.coffer.http.http2.Http2Server;
import dev.coffer.http.http2.Http2Streams;
import dev.coffer.http.http3.Http3Client;
import dev.coffer.http.http3.Http3Config;
import dev.coffer.http.http3.Http3Server;
import dev.coffer.http.http3.Http3Streams;
import dev.coffer.memory.Entropy;
import dev.coffer.testkit.Refusals.Opening;
import dev.coffer.tls.ClientContext;
import dev.coffer.tls.JdkVerifier;
import dev.coffer.tls.QuicHandshake;
import dev.coffer.tls.QuicTransport;
import dev.coffer.tls.ServerContext;
import dev.coffer.tls.ServerIdentity;
import dev.coffer.tls.TicketKeys;
import dev.coffer.tls.TlsClient;
import dev.coffer.tls.TlsClientConfig;
import dev.coffer.tls.TlsServer;
import dev.coffer.tls.TlsServerConfig;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Engines of HTTP and TLS, and what their connections share.
final class EngineOpenings {
    /// A handshake that is opened and not begun says nothing.
    private static final QuicTransport UNHEARD = new QuicTransport() {
        @Override
        public int parameters(MemorySegment target, long at) {
            return 0;
        }

        @Override
        public void onParameters(MemorySegment from, long at, int length) {
            throw new AssertionError("parameters");
        }

        @Override
        public void onSecret(QuicHandshake.Level level, boolean ours, CipherSuite suite, MemorySegment secret, long at) {
            throw new AssertionError("a secret");
        }
    };

    private EngineOpenings() {}

    static List<Opening> all(Path folder) throws Exception {
        List<Opening> all = new ArrayList<>();
        http(all);
        tls(all, ServerKeys.of(folder.resolve("certificate.pem"), folder.resolve("key.pem"), Openings::none, (file, room) -> 0).identity(), folder);
        return all;
    }

    private static void http(List<Opening> all) {
        Http1Config one = Http1Config.defaults();
        all.add(Openings.over("http.http1.Http1Server.new", one.plan().totalBytes(), memory -> new Http1Server(one, memory, 0, new DateField())));
        all.add(Openings.over("http.http1.Http1Client.new", one.clientPlan().totalBytes(), memory -> new Http1Client(one, memory, 0)));
        Http2Config two = Http2Config.defaults();
        long shared = Http2Streams.plan(two, 4, 2).totalBytes();
        long ofClient = Http2Streams.planOfClient(two, 4).totalBytes();
        all.add(Openings.over("http.http2.Http2Server.new", shared + two.plan().totalBytes(),
                memory -> new Http2Server(two, memory, shared, new Http2Streams(two, 4, 2, memory, 0, new DateField()))));
        all.add(Openings.over("http.http2.Http2Client.new", ofClient + two.clientPlan().totalBytes(),
                memory -> new Http2Client(two, 1L << 40, 1L << 40, memory, ofClient, Http2Streams.ofClient(two, 4, memory, 0))));
        Http3Config three = Http3Config.defaults();
        long streams = Http3Streams.plan(three, 4).totalBytes();
        long clientStreams = Http3Streams.planOfClient(three, 4).totalBytes();
        all.add(Openings.over("http.http3.Http3Server.new", streams + three.plan().totalBytes(),
                memory -> new Http3Server(three, memory, streams, new Http3Streams(three, 4, memory, 0, new DateField()))));
        all.add(Openings.over("http.http3.Http3Client.new", clientStreams + three.clientPlan().totalBytes(),
                memory -> new Http3Client(three, 1L << 40, 1L << 40, memory, clientStreams, Http3Streams.ofClient(three, 4, memory, 0))));
    }

    private static void tls(List<Opening> all, ServerIdentity identity, Path folder) throws Exception {
        TlsServerConfig serving = TlsServerConfig.defaults().withCounts(4, 2, 2);
        long server = serving.plan().totalBytes();
        all.add(Openings.over("tls.ServerContext.over", server, memory -> ServerContext.over(serving, List.of(identity), Entropy.SYSTEM, memory)));
        TlsClientConfig asking = TlsClientConfig.defaults().withCounts(4, 2, 2);
        long client = asking.plan().totalBytes();
        JdkVerifier verifier = JdkVerifier.of(folder.resolve("certificate.pem"));
        all.add(Openings.over("tls.ClientContext.over", client, memory -> ClientContext.over(asking, verifier, Entropy.SYSTEM, memory)));
        ServerContext servers = ServerContext.over(serving, List.of(identity), Entropy.SYSTEM, Arena.global().allocate(server, 64));
        ClientContext clients = ClientContext.over(asking, verifier, Entropy.SYSTEM, Arena.global().allocate(client, 64));
        all.add(new Opening("tls.TlsServer.new", () -> new TlsServer<>(servers, 0, (connection, nanos) -> null)));
        all.add(new Opening("tls.TlsClient.new", () -> new TlsClient<>(clients, 0, (connection, nanos) -> null)));
        all.add(new Opening("tls.QuicHandshake.server", () -> QuicHandshake.server(servers, 1, UNHEARD)));
        all.add(new Opening("tls.QuicHandshake.client", () -> QuicHandshake.client(clients, 1, UNHEARD)));
        all.add(Openings.over("tls.TicketKeys.fresh", TicketKeys.BYTES, memory -> TicketKeys.fresh(memory, Entropy.SYSTEM, 60)));
        all.add(Openings.over("tls.TicketKeys.shared", TicketKeys.BYTES, TicketKeys::shared));
    }
}
