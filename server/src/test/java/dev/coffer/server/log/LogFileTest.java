package dev.coffer.server.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonParser;
import dev.coffer.http.Status;
import dev.coffer.server.Client;
import dev.coffer.server.LedgerPage;
import dev.coffer.server.LoopStatistics.Count;
import dev.coffer.server.Server;
import dev.coffer.server.ServerConfig;
import dev.coffer.server.Site;
import dev.coffer.server.StatusPages;
import dev.coffer.server.files.FileSite;
import dev.coffer.server.route.Route;
import dev.coffer.server.route.Router;
import dev.coffer.testkit.Eventually;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.logging.Filter;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The file that lines go to: what it may be, how it is opened anew, shared by loops, and what becomes of lines that it does not take.
@Timeout(600)
class LogFileTest extends LoggedServer {
    /// Who asked for what is for nobody else's eyes; the rights of a file that is there are its owner's choice.
    @Test
    void aFileThatIsMadeIsNotForEveryone() throws IOException {
        open(LogFormat.COMMON).close();
        Set<PosixFilePermission> made = Files.getPosixFilePermissions(file());
        assertTrue(made.containsAll(PosixFilePermissions.fromString("rw-------")), made.toString());
        assertTrue(PosixFilePermissions.fromString("rw-r-----").containsAll(made), made.toString());
        server.close();
        Files.setPosixFilePermissions(file(), PosixFilePermissions.fromString("rw-rw-rw-"));
        open(LogFormat.COMMON).close();
        assertEquals(PosixFilePermissions.fromString("rw-rw-rw-"), Files.getPosixFilePermissions(file()));
    }

    @Test
    void linesGoToAFileOfTheOldNameOnceItIsReopened() throws IOException {
        Path old = folder.resolve("access.log.1");
        Files.writeString(file(), "older\n");
        try (Client client = open(LogFormat.COMMON)) {
            client.get("/x");
            assertEquals("older", lines(2).getFirst(), "appended");
            Files.move(file(), old);
            client.get("/x");
            lines(old, 3);
            log.reopen();
            Eventually.holds("a new file", () -> Files.exists(file()));
            client.get("/x");
            lines(1);
            lines(old, 3);
            Files.delete(file());
            Files.createDirectory(file());
            log.reopen();  // cannot be: the old file goes on
            client.get("/x");
            client.get("/x");
        }
        server.close();  // every line was written or counted
        assertEquals(0, server.count(Count.UNLOGGED));
    }

    /// What a process that was killed left of its last line takes no line of the next one's with it; nor where it is reopened.
    @Test
    void aLineThatAProcessBeforeLeftCutIsEndedFirst() throws IOException {
        Files.writeString(file(), "older, and cu");
        try (Client client = open(LogFormat.COMMON)) {
            client.get("/x");
            assertEquals("older, and cu", lines(2).getFirst());
            Files.writeString(file(), "another, and c");
            log.reopen();
            Eventually.holds("its end", () -> {
                client.get("/x");
                return Files.readString(file()).endsWith("\n");
            });
            assertEquals("another, and c", Files.readAllLines(file()).getFirst());
        }
    }

    /// Whoever may write to the log's folder may not have the server write wherever the server may.
    @Test
    void aLinkInThePlaceOfTheOldNameIsNotWrittenTo() throws IOException {
        Path old = folder.resolve("access.log.1");
        Path key = Files.writeString(folder.resolve("key"), "secret\n");
        try (Client client = open(LogFormat.COMMON)) {
            client.get("/x");
            lines(1);
            Files.move(file(), old);
            Files.createLink(file(), key);
            log.reopen();
            client.get("/x");
            lines(old, 2);
            Files.delete(file());
            Files.createSymbolicLink(file(), key);
            log.reopen();
            client.get("/x");
            lines(old, 3);
            Files.delete(file());
            Files.createSymbolicLink(file(), folder.resolve("made"));
            log.reopen();
            client.get("/x");
            lines(old, 4);
            Files.delete(file());
            log.reopen();
            Eventually.holds("a new file", () -> Files.exists(file()));
        }
        assertEquals("secret\n", Files.readString(key));
        assertTrue(Files.notExists(folder.resolve("made")));
    }

    /// Its owner's wish, as it was named.
    @Test
    void aLogThatIsALinkMayBeOneAgain() throws IOException {
        Files.createSymbolicLink(file(), folder.resolve("first"));
        try (Client client = open(LogFormat.COMMON)) {
            client.get("/x");
            lines(folder.resolve("first"), 1);
            Files.delete(file());
            Files.createSymbolicLink(file(), folder.resolve("second"));
            log.reopen();
            Eventually.holds("a new file", () -> Files.exists(folder.resolve("second")));
        }
    }

    private static boolean noWriters() {
        return Thread.getAllStackTraces().keySet().stream().noneMatch(t -> t.getName().startsWith("coffer-log-"));
    }

    @Test
    void whatWaitsWhenTheServerEndsIsWritten() throws IOException {
        try (Client client = open(LogFormat.COMMON)) {
            for (int i = 0; i < 100; i++) {
                client.get("/x");
            }
        }
        server.close();
        assertEquals(100, lines(100).size());
        assertTrue(noWriters(), "its thread has ended");
    }

    /// A full disk costs lines, which are counted, and no request.
    @Test
    void aFileThatRefusesIsCounted() throws IOException {
        Site site = Site.of(exchange -> exchange.respond(Status.OK));
        server = Server.open(ServerConfig.standard(), AccessLog.to(Path.of("/dev/full"), LogFormat.COMMON, site));
        server.start();
        long[] asked = {0};
        try (Client client = new Client(server.address())) {
            Eventually.holds("lost lines are counted", () -> {
                assertEquals(200, client.get("/").status());
                asked[0]++;
                return server.count(Count.UNLOGGED) > 0;
            });
        }
        assertTrue(server.count(Count.UNLOGGED) <= asked[0], "no line is counted twice");
    }

    /// The last ones too, for which no later request comes along and which are written when the loop has ended.
    @Test
    void whatIsLostWhenTheServerEndsIsCounted() throws IOException {
        AccessLog full = AccessLog.to(Path.of("/dev/full"), LogFormat.COMMON, Site.of(exchange -> exchange.respond(Status.OK)));
        server = Server.open(ServerConfig.standard(), full);
        server.start();
        Thread loop = Thread.getAllStackTraces().keySet().stream().filter(t -> t.getName().equals("coffer-loop-0")).findFirst().orElseThrow();
        full.file().writing().lock();  // as a disk that hangs would
        Thread closing;
        try {
            try (Client client = new Client(server.address())) {
                for (int i = 0; i < 3; i++) {
                    assertEquals(200, client.get("/").status());
                }
            }
            closing = Thread.ofPlatform().start(server::close);
            Eventually.ended(loop);
        } finally {
            full.file().writing().unlock();
        }
        Eventually.ended(closing);
        assertEquals(3, server.count(Count.UNLOGGED));
    }

    /// Without a descriptor the program's own log may fail with an error, and the first line that it is asked for is told then.
    @Test
    void aProgramsLogThatThrowsDoesNotEndTheWriter() throws IOException {
        Logger log = Logger.getLogger("dev.coffer.server");
        Filter broken = line -> {
            throw new NoClassDefFoundError("no descriptor left");
        };
        Site site = Site.of(exchange -> exchange.respond(Status.OK));
        server = Server.open(ServerConfig.standard(), AccessLog.to(Path.of("/dev/full"), LogFormat.COMMON, site));
        server.start();
        log.setFilter(broken);
        try (Client client = new Client(server.address())) {
            for (int i = 1; i <= 3; i++) {  // each line is tried by itself, those after the first that was lost too
                assertEquals(200, client.get("/").status());
                Eventually.equal(i, () -> server.count(Count.UNLOGGED));
            }
        } finally {
            log.setFilter(null);
        }
    }

    /// Nobody takes the lines: the ring fills, the requests go on.
    @Test
    void aFullRingDropsLinesAndCountsThem() throws IOException, InterruptedException {
        try (Client client = open(LogFormat.COMBINED)) {
            client.get("/");
            lines(1);
            Thread writer = Thread.getAllStackTraces().keySet().stream().filter(t -> t.getName().equals("coffer-log-0")).findFirst().orElseThrow();
            LogFile file = log.file();
            file.writing().lock();  // as a disk that hangs would
            int asked = 0;
            try {
                String target = "/" + "t".repeat(1000);
                for (; asked < 2 * AccessLog.RING_BYTES / 1000; asked++) {
                    assertEquals(200, client.get(target).status());
                }
            } finally {
                file.writing().unlock();
            }
            long all = 1 + asked;
            Eventually.equal(all, () -> Files.readAllLines(file()).size() + server.count(Count.UNLOGGED));  // the last line follows its answer
            long unlogged = server.count(Count.UNLOGGED);
            assertTrue(unlogged > asked / 3 && unlogged < asked, unlogged + " of " + asked);
            assertTrue(writer.isAlive());
        }
    }

    @Test
    void whatCannotBeALogIsRefusedAtTheStart() throws IOException, InterruptedException {
        Site site = Site.of(exchange -> exchange.respond(Status.OK));
        Path pipe = folder.resolve("pipe");
        assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
        for (Path wrong : new Path[] {folder.resolve("none/x"), folder, pipe}) {
            IOException refused = assertThrows(IOException.class, () -> Server.open(ServerConfig.standard(), AccessLog.to(wrong, LogFormat.JSON, site)));
            assertTrue(refused.getMessage().startsWith("access log " + wrong + ": "), refused.getMessage());
        }
        assertTrue(noWriters());
    }

    @Test
    void severalLoopsShareAFileAndCutNoLine() throws Exception {
        try (Client first = open(LogFormat.JSON, ServerConfig.standard().withSize(3, 30, 30))) {
            first.get("/x");
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                threads.add(Thread.ofVirtual().start(() -> {
                    try (Client client = new Client(server.address())) {
                        for (int k = 0; k < 200; k++) {
                            client.get("/" + "y".repeat(100 + k));
                        }
                    } catch (IOException e) {
                        throw new AssertionError(e);
                    }
                }));
            }
            for (Thread thread : threads) {
                thread.join();
            }
        }
        for (String line : lines(1201)) {
            JsonParser.parseString(line).getAsJsonObject();
        }
    }

    /// What everyone asked for is not for everyone, whoever puts the sites together.
    @Test
    void aLogThatTheSiteWouldServeIsRefused() throws IOException {
        Files.createDirectories(folder.resolve("sub/.hidden"));
        Files.createSymbolicLink(folder.resolve("link"), folder.resolve("sub"));
        Site files = FileSite.of(folder, 8);
        for (Site site : new Site[] {files, StatusPages.before(files), Router.of(Route.under("/files/", files)),
                LedgerPage.before(AccessLog.toStandardOutput(LogFormat.JSON, files))}) {
            for (String served : new String[] {"log", "sub/log", "link/log", "sub/.hidden/../log", ".well-known"}) {
                assertThrows(IllegalArgumentException.class, () -> AccessLog.to(folder.resolve(served), LogFormat.COMMON, site), served);
            }
            for (String kept : new String[] {".log", "sub/.hidden/log", "../log", "none/log"}) {
                AccessLog.to(folder.resolve(kept), LogFormat.COMMON, site);
            }
        }
        AccessLog.to(folder.resolve("log"), LogFormat.COMMON, Site.of(exchange -> exchange.respond(Status.OK)));
    }
}
