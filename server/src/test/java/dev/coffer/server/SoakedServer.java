package dev.coffer.server;

import dev.coffer.instruments.ChildJvm;
import dev.coffer.memory.ledger.LedgerSnapshot;
import dev.coffer.server.LoopStatistics.Count;
import dev.coffer.server.files.FileSite;
import dev.coffer.server.log.AccessLog;
import dev.coffer.server.log.LogFormat;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;

/// The server of a soak, in a process of its own: `FOLDER PORTABLE END`. Whenever it is resumed it does the next of three
/// things: takes every file descriptor, gives them back, says what it holds. Once the file END exists it stops instead.
final class SoakedServer {
    static final int LOOPS = 2;
    static final int CONNECTIONS = 12;
    private static final int FILES = 16;
    private static final int LISTED_NAMES = 64;
    private static final long SECOND = 1_000_000_000L;

    private SoakedServer() {}

    static Setup config(Path root, boolean portable) {
        Setup base = Setup.standard(root).sized(LOOPS, CONNECTIONS, FILES).withBlocks(3, 1 << 14)
                .withPortable(portable);
        return base.with(base.http().withLimits(base.http().limits().withTimes(2 * SECOND, 2 * SECOND, SECOND)));
    }

    /// All that files are served with, and a log on a disk that is full.
    private static Site site(Path root) {
        return AccessLog.to(Path.of("/dev/full"), LogFormat.COMBINED, LedgerPage.before(StatusPages.before(
                FileSite.of(root, FILES).withListing(LISTED_NAMES).withPrecompressed())));
    }

    public static void main(String... arguments) throws IOException {
        Path end = Path.of(arguments[2]);
        Deque<FileInputStream> hoard = new ArrayDeque<>(1 << 10);
        Path root = Path.of(arguments[0]);
        Setup setup = config(root, Boolean.parseBoolean(arguments[1]));
        try (Server server = Server.open(setup.config(), site(root))) {
            server.start();
            ChildJvm.pause("ready " + server.address().getPort());
            while (!Files.exists(end)) {
                ChildJvm.pause("exhausted " + exhaust(hoard));
                while (!hoard.isEmpty()) {
                    hoard.pop().close();
                }
                ChildJvm.pause("freed");
                ChildJvm.pause("holds " + held(server));
            }
        }
        ChildJvm.pause("closed");
    }

    private static int exhaust(Deque<FileInputStream> hoard) {
        try {
            while (true) {
                hoard.push(new FileInputStream("/dev/null"));
            }
        } catch (IOException e) {
            return hoard.size();
        }
    }

    /// {@return ledger, connections, heap, and the counts of the loops, as numbers with blanks between them}
    private static String held(Server server) {
        Runtime runtime = Runtime.getRuntime();
        System.gc();
        StringBuilder text = new StringBuilder().append(server.hasFailed() ? 1 : 0);
        long used = 0;
        LedgerSnapshot ledger = server.ledger().snapshot();
        ledger.refresh();
        for (int i = 0; i < server.ledger().lines().size(); i++) {  // rows of every kind: what one gave another has too
            used += ledger.usedBytes(i);
        }
        text.append(' ').append(used).append(' ').append(server.connections()).append(' ')
                .append(runtime.totalMemory() - runtime.freeMemory());
        for (Count what : Count.values()) {
            text.append(' ').append(server.count(what));
        }
        return text.toString();
    }
}
