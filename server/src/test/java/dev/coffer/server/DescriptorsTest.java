package dev.coffer.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.instruments.ChildJvm;
import dev.coffer.server.Client.Response;
import dev.coffer.server.files.FileSite;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// File descriptors: counted before the start, and what happens when strangers took them all.
@Timeout(600)
class DescriptorsTest {
    private static final int FILES_MIN = 8;

    @TempDir
    Path folder;

    /// A limit that is the test's.
    private static final class SimulatedLimit implements Descriptors.Limit {
        long now;
        final long hard;
        final boolean raises;

        SimulatedLimit(long now, long hard, boolean raises) {
            this.now = now;
            this.hard = hard;
            this.raises = raises;
        }

        @Override
        public long now() {
            return now;
        }

        @Override
        public long hard() {
            return hard;
        }

        @Override
        public long open() {
            return 20;
        }

        @Override
        public boolean raise(long to) {
            now = raises ? to : now;
            return raises;
        }
    }

    @Test
    void theLimitIsRaisedAsFarAsNeededOrFilesAreFewerOrItIsRefused() throws IOException {
        Setup setup = Setup.standard(folder).sized(2, 100, 50);
        long wanted = 20 + Descriptors.RESERVE + Descriptors.needed(setup.config(), setup.site());
        assertEquals(1 + 8 + 4 + 100 + 2 * (6 + 50), Descriptors.needed(setup.config(), setup.site()));
        assertEquals(50, files(setup, new SimulatedLimit(wanted, wanted, false)));
        SimulatedLimit raised = new SimulatedLimit(10, Long.MAX_VALUE, true);
        assertEquals(50, files(setup, raised));
        assertEquals(wanted, raised.now);
        assertEquals(49, files(setup, new SimulatedLimit(wanted - 1, wanted, false)));
        assertEquals(49, files(setup, new SimulatedLimit(10, wanted - 2, true)));
        assertEquals(48, files(setup, new SimulatedLimit(10, wanted - 3, true)));
        long least = wanted - 2 * (50 - FILES_MIN);
        assertEquals(FILES_MIN, files(setup, new SimulatedLimit(least, least, true)));
        IOException e = assertThrows(IOException.class, () -> files(setup, new SimulatedLimit(least - 1, least - 1, true)));
        assertTrue(e.getMessage().contains("limit is " + (least - 1) + ", wanted are " + wanted), e::getMessage);
        Site site = setup.site();
        assertSame(site, Descriptors.provide(setup.config(), site, List.of(), new SimulatedLimit(-1, -1, false)), "a filter forbids to ask");
        Setup few = setup.sized(1, 10, 3);
        SimulatedLimit enough = new SimulatedLimit(20 + Descriptors.RESERVE + Descriptors.needed(few.config(), few.site()), 0,
                false);
        assertEquals(3, files(few, enough));
        enough.now--;
        assertThrows(IOException.class, () -> files(few, enough), "fewer than asked for, and few already");
    }

    private static int files(Setup setup, SimulatedLimit limit) throws IOException {
        LedgerPage page = (LedgerPage) Descriptors.provide(setup.config(), setup.site(), List.of(), limit);
        return ((FileSite) page.next()).files();
    }

    private static Client connect(int port) throws IOException {
        return new Client(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    }

    /// Every kind of request, on an open connection.
    private static List<Integer> everything(Client client) throws IOException {
        List<Integer> statuses = new ArrayList<>();
        statuses.add(client.get("/a.txt").status());
        statuses.add(client.get("/a.txt", "Range: bytes=2-3").status());
        statuses.add(client.get("/a.txt", "If-None-Match: *").status());
        statuses.add(client.get("/a.txt", "Range: bytes=99-").status());
        statuses.add(client.get("/none").status());
        statuses.add(client.request("HEAD", "/a.txt").status());
        statuses.add(client.request("DELETE", "/a.txt").status());
        statuses.add(client.get("/-/ledger.json").status());
        statuses.add(client.get("/sub").status());
        statuses.add(client.get("/%zz").status());
        return statuses;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void serversOutliveDescriptorsThatRunOutBeforeTheFirstRequest(boolean portable) throws IOException {
        Path root = Files.createDirectories(folder.resolve("root/sub")).getParent();
        Files.writeString(root.resolve("a.txt"), "0123456789");
        Path log = folder.resolve("classes.log");
        try (ChildJvm child = ChildJvm.start(List.of("prlimit", "--nofile=160"),
                List.of("-ea", "-XX:+UseSerialGC", "-Xlog:class+load:file=" + log), PressedServer.class,
                List.of(Server.class, dev.coffer.http.Ascii.class, dev.coffer.memory.MemoryPlan.class), root.toString(),
                Boolean.toString(portable))) {
            int port = Integer.parseInt(child.await("ready"));
            int loaded = Files.readAllLines(log).size();
            List<Client> clients = new ArrayList<>();
            try {
                Client open = connect(port);
                Client faulty = connect(port);
                clients.addAll(List.of(open, faulty));
                child.resume();
                assertTrue(Integer.parseInt(child.await("exhausted")) > 20);
                for (int status : everything(open)) {
                    assertTrue(status >= 200 && status <= 503, "status " + status);
                }
                faulty.send("GET / HTTP/9.0\r\n\r\n");
                assertEquals(505, faulty.read().status());
                assertTrue(faulty.atEnd());
                for (int i = 0; i < 10; i++) {
                    clients.add(connect(port).send("GET /a.txt HTTP/1.1\r\nHost: t\r\n\r\n"));
                }
                Response told = clients.get(2).read();
                assertTrue(told.status() == 503 || told.status() == 200, "status " + told.status());
                child.resume();
                assertEquals("false", child.await("freed"));
                for (Client waiting : clients.subList(3, clients.size())) {
                    int status = waiting.read().status();
                    assertTrue(status == 503 || status == 200, "status " + status);
                }
                assertEquals(List.of(200, 206, 304, 416, 404, 200, 405, 200, 301, 400), everything(open));
                child.resume();
                child.await("exhausted-again");
                child.resume();
                child.await("closed");
                List<String> late = Files.readAllLines(log).stream().skip(loaded)
                        .filter(line -> line.contains("dev.coffer") || line.contains("source: jrt:/")
                                || line.contains("source: file:"))
                        .toList();
                assertEquals(List.of(), late, "loaded after the doors were open");
                child.resume();
                assertEquals(0, child.exitCode(), child.output());
            } finally {
                for (Client client : clients) {
                    client.close();
                }
            }
        }
    }

    /// Descriptors, memory and the port refused at each step of an open: nothing is held, and a retry succeeds.
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anOpenThatIsRefusedHoldsNothing(boolean portable) {
        try (ChildJvm child = ChildJvm.start(List.of("prlimit", "--nofile=400"),
                List.of("-ea", "-XX:+UseSerialGC", "-Xmx64m", "-XX:TieredStopAtLevel=1"), RefusedOpens.class,
                List.of(Server.class, dev.coffer.http.Ascii.class, dev.coffer.memory.MemoryPlan.class), folder.toString(),
                Boolean.toString(portable))) {
            int descriptors = Integer.parseInt(child.await("descriptors"));
            assertTrue(descriptors >= 3 + 3 + 4 + 1, "refused " + descriptors + " times");
            child.resume();
            assertEquals(3, Integer.parseInt(child.await("memory")), "refused regions");
            child.resume();
            assertEquals("address in use", child.await("port"));
            child.resume();
            assertEquals(0, child.exitCode(), child.output());
        }
    }
}
