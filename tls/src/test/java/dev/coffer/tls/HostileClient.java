package dev.coffer.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.key.KeyAlgorithm;
import dev.coffer.crypto.packet.CipherSuite;
import dev.coffer.testkit.RawMemory;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/// A server before a client that does what it is told ([TestClient]): after every fault nothing is lent and the keys are gone.
abstract class HostileClient {
    static final CipherSuite SUITE = CipherSuite.CHACHA20_POLY1305_SHA256;
    static final TlsServerConfig CONFIG = TlsServerConfig.defaults().withCounts(3, 2, 2).withProtocols("http/1.1", "echo")
            .withNanosMax(5_000_000, 3_000_000);
    private static final ServerIdentity IDENTITY = identity();

    Place place;
    Echo echo;
    TlsServer<Echo.Event> server;
    TestClient client;

    private static ServerIdentity identity() {
        try {
            return Identities.of(KeyAlgorithm.ED25519, "coffer.test");
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @BeforeEach
    void open() {
        place = Place.of(config(), IDENTITY);
        begin();
    }

    TlsServerConfig config() {
        return CONFIG;
    }

    final void begin() {
        echo = new Echo(40_000);
        server = new TlsServer<>(place.context(), 1, (connection, now) -> echo);
        client = new TestClient(server, SUITE);
    }

    @AfterEach
    void close() {
        end();
        place.close();
    }

    /// Nothing is lent, and nothing of the connection is left in the region but the identities' public parts.
    final void end() {
        server.close();
        assertEquals(0, place.context().pool().usedBytes(), "lent at the end");
        assertEquals(0, RawMemory.nonZero(place.memory()), "left in the region");
    }

    final void expect(Alert alert, Consumer<TestClient> wrong) {
        begin();
        wrong.accept(client);
        client.listen();
        assertEquals(alert, client.alert(), server.toString());
        assertEquals(alert, server.alertSent());
        assertTrue(server.isEnded() || !alert.isFatal());
        assertEquals(0, place.context().pool().usedBytes(), "lent after a fault");
        assertEquals(Long.MAX_VALUE, server.feedRoom());
        end();
    }

    final void after(Alert alert, Consumer<TestClient> wrong) {
        expect(alert, c -> {
            c.handshake();
            c.say(Wire.APPLICATION_DATA, new byte[] {7});
            c.listen();
            wrong.accept(c);
        });
        assertTrue(!alert.isFatal() || echo.isEnded(), "the application has heard of it");
    }

    static List<byte[]> without(List<byte[]> extensions, int kind) {
        return extensions.stream().filter(each -> ((each[0] & 0xff) << 8 | each[1] & 0xff) != kind).toList();
    }

    static List<byte[]> with(List<byte[]> extensions, int kind, byte[] body) {
        List<byte[]> all = new ArrayList<>(without(extensions, kind));
        all.add(TestClient.extension(kind, body));
        return all;
    }
}
