package dev.coffer.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.client.Client.Count;
import dev.coffer.http.Method;
import dev.coffer.server.ContentSink;
import dev.coffer.server.Exchange;
import dev.coffer.server.Http2Serving;
import dev.coffer.server.MediaType;
import dev.coffer.server.Server;
import dev.coffer.server.ServerConfig;
import dev.coffer.server.Site;
import dev.coffer.testkit.Eventually;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Calls over HTTP/2, in the clear, to the server of ours: several at a time on one connection, and nothing of that is seen by who asks.
class Http2CallsTest {
    private static final int BYTES = 100_000;
    private static final String CONTENT = "c".repeat(3000);

    /// Takes content and answers with as many bytes.
    private static Site echo() {
        MemorySegment bytes = Arena.global().allocate(BYTES);
        ContentSink sink = new ContentSink() {
            @Override
            public long take(Exchange exchange, MemorySegment content, long at, long length) {
                return length;
            }

            @Override
            public void end(Exchange exchange) {
                exchange.respond(200, MediaType.TEXT, bytes, 0, BYTES);
            }
        };
        return Site.of(exchange -> exchange.receive(sink, 1 << 20));
    }

    private static Server server(int streams) throws IOException {
        Http2Serving http2 = Http2Serving.defaults().withSize(128, 64);
        Server server = Server.open(ServerConfig.tight().withHttp2(http2.withConfig(http2.config().withStreamsMax(streams))), echo());
        server.start();
        return server;
    }

    private static ClientConfig config() {
        return ClientConfig.standard().withHttp2(Http2Asking.defaults().withAlone(true));
    }

    private static String url(Server server) {
        return "http://127.0.0.1:" + server.address().getPort() + "/";
    }

    private static List<Asked> ask(Client client, Server server, Method method, int count) {
        List<Asked> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            all.add(new Asked(method, url(server) + i, method == Method.GET ? null : CONTENT).by(client));
        }
        return all;
    }

    private static void areAnswered(List<Asked> all) {
        for (Asked asked : all) {
            asked.await();
            assertNull(asked.failure, asked.failure + " " + asked);
            assertEquals(200, asked.status);
            assertEquals(BYTES, asked.got.size());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void manyCallsShareOneConnection(boolean portable) throws Exception {
        try (Server server = server(100); Client client = Client.open(config().withPortable(portable))) {
            long before = client.ledger().usedBytes();
            for (int round = 0; round < 3; round++) {
                areAnswered(ask(client, server, Method.GET, 40));
                areAnswered(ask(client, server, Method.POST, 40));
            }
            assertEquals(1, client.count(Count.CONNECTIONS));
            assertEquals(239, client.count(Count.REUSED));
            Eventually.holds("all is given back but the connection", () -> client.ledger().usedBytes() - before <= 40_000);
        }
    }

    @Test
    void anotherConnectionIsMadeWhereTheServerAllowsNoMore() throws Exception {
        try (Server server = server(2); Client client = Client.open(config().withSize(8, 3, 8, 64))) {
            areAnswered(ask(client, server, Method.PUT, 60));
            assertTrue(client.count(Count.CONNECTIONS) <= 3, "connections " + client.count(Count.CONNECTIONS));
            assertEquals(60, client.count(Count.ANSWERED));
        }
    }

    @Test
    void anIdleConnectionMakesRoomForAnotherOrigin() throws Exception {
        List<Server> servers = new ArrayList<>();
        try (Client client = Client.open(config().withSize(1, 1, 1, 8).withOrigins(1))) {
            for (int i = 0; i < 3; i++) {
                servers.add(server(10));
            }
            for (int i = 0; i < 6; i++) {
                areAnswered(ask(client, servers.get(i % 3), Method.GET, 2));
            }
            assertEquals(6, client.count(Count.CONNECTIONS));
        } finally {
            for (Server server : servers) {
                server.close();
            }
        }
    }

    @Test
    void oneIsCancelledAndTheOthersGoOn() throws Exception {
        try (Server server = server(100); Client client = Client.open(config())) {
            for (int round = 0; round < 20; round++) {
                List<Asked> all = ask(client, server, Method.PUT, 9);
                Asked late = new Asked(Method.PUT, url(server), CONTENT).by(client);
                client.cancel(late.ticket);
                areAnswered(all);
                late.await();
                assertTrue(late.failure == null || late.failure == Failure.CANCELLED, "failure " + late.failure);
            }
            assertEquals(1, client.count(Count.CONNECTIONS));
        }
    }

    @Test
    void aServerWithoutItIsNotAsked() throws Exception {
        try (Server server = Server.open(ServerConfig.tight(), echo()); Client client = Client.open(config())) {
            server.start();
            Asked asked = ask(client, server, Method.GET, 1).getFirst();
            asked.await();
            assertTrue(asked.failure == Failure.PROTOCOL || asked.failure == Failure.BROKEN || asked.failure == Failure.TRUNCATED, "" + asked.failure);
        }
    }
}
