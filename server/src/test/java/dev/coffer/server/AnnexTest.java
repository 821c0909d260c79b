package dev.coffer.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.http.Status;
import dev.coffer.memory.Protection;
import dev.coffer.memory.Region;
import dev.coffer.server.LoopStatistics.Count;
import dev.coffer.testkit.Eventually;
import dev.coffer.testkit.FreePort;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A second site at an address of its own: who gets there, what it costs, and what happens when it cannot listen.
class AnnexTest {
    private static final Site CREATED = Site.of(exchange -> exchange.respond(Status.CREATED));

    private static Annex pages() {
        return Annex.local(0, LedgerPage.before(StatusPages.before(Site.of(exchange -> exchange.respond(Status.NOT_FOUND)))));
    }

    /// {@return head and content, asked for as a proxy of this machine does that says nothing of itself}
    private static String ask(InetSocketAddress address, String path) throws IOException {
        try (Socket socket = new Socket(address.getAddress(), address.getPort())) {
            socket.getOutputStream().write(("GET " + path + " HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @ParameterizedTest
    @CsvSource({"1,false", "3,false", "64,false", "1,true"})
    void whatComesInAtTheServersAddressNeverReachesTheAnnex(int loops, boolean portable) throws IOException {
        ServerConfig config = ServerConfig.tight().withSize(loops, 128, 64).withPortable(portable);
        try (Server server = Server.open(config, CREATED, pages())) {
            server.start();
            for (String path : new String[] {"/-/ledger.json", StatusPages.HEALTH, StatusPages.METRICS}) {
                assertTrue(ask(server.address(), path).startsWith("HTTP/1.1 201"), "the server's own site, whatever Host says");
                assertTrue(ask(server.annexAddress(0), path).startsWith("HTTP/1.1 200"), path);
            }
            assertTrue(ask(server.annexAddress(0), "/").startsWith("HTTP/1.1 404"));
            assertEquals(3, server.count(Count.REQUESTS), "what the annex answers is not counted");
            String ledger = ask(server.annexAddress(0), "/-/ledger.json");
            assertTrue(ledger.contains("\"planBytes\":" + server.plan().totalBytes()), "every region is told of, the annex's too: " + ledger);
            // Who has read the end of an answer is there until the loop has closed; who asks the annex would be there for ever.
            Eventually.holds("nor who is there", () -> ask(server.annexAddress(0), StatusPages.METRICS).contains("\ncoffer_connections 0\n"));
            Eventually.equal(0, server::connections);
            assertEquals(server.ledger().regionBytes(), server.plan().totalBytes());
            assertEquals(Server.plan(config, CREATED, pages()).totalBytes(), server.plan().totalBytes());
            assertEquals(loops + 1, server.regions().size());
        }
    }

    @Test
    void anAnnexIsAsLockedAsTheServer() throws IOException {
        try (Server server = Server.open(ServerConfig.tight().withLocked(Protection.Level.OFF), CREATED, pages())) {
            assertEquals(levels(server.regions().getFirst()), levels(server.regions().getLast()));
        }
    }

    private static List<Protection.Level> levels(Region region) {
        return region.protections().stream().map(Protection.Status::level).toList();
    }

    @Test
    void anAddressThatIsTakenIsItsOwnFaultAndNothingIsHeld() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Annex annex = Annex.local(taken.getLocalPort(), CREATED);
            FreePort.with(port -> {
                ServerConfig own = ServerConfig.tight().withAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
                IOException e = assertThrows(IOException.class, () -> Server.open(own, CREATED, annex));
                assertEquals("address in use", e.getMessage());
                assertInstanceOf(Annex.AddressException.class, e);
                Server.open(own, CREATED).close();  // the server's own is free again
            });
        }
    }

    @Test
    void aServerWithoutOneSaysSo() throws IOException {
        try (Server server = Server.open(ServerConfig.tight(), CREATED)) {
            assertThrows(IndexOutOfBoundsException.class, () -> server.annexAddress(0));
            for (Region region : server.regions()) {
                assertTrue(region.plan().name().startsWith("loop-"), region.plan().name());
            }
        }
        assertThrows(IllegalArgumentException.class, () -> new Annex(InetSocketAddress.createUnresolved("nowhere.invalid", 1), CREATED));
    }
}
