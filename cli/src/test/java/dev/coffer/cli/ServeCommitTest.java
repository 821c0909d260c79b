package dev.coffer.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.coffer.instruments.Mapping;
import dev.coffer.testkit.Eventually;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// `serve --profile tight --tls` as a process, under both of `--commit`: what the kernel says that it holds at the start, with 100 connections of HTTP/3 and when they are gone.
@Tag("long")
@Timeout(600)
class ServeCommitTest extends TlsServing {
    private static final int CLIENTS = 100;
    private static final String OURS = "lo";            // the flag of locked memory: nobody else in the process locks
    private static final long CLIENT_BYTES = 1024;     // and more: a core, blocks of its streams
    private static final long SLACK_BYTES = 16 * 4096;  // pages of which a place that is still in use has a part

    /// @param rssBytes     of the whole process, JVM and all
    /// @param lockedBytes  of it, locked
    /// @param ourBytes     resident, of our regions
    private record Held(long rssBytes, long lockedBytes, long ourBytes) {
        @Override
        public String toString() {
            return String.format(Locale.ROOT, "Rss %,d, Locked %,d, regions %,d", rssBytes, lockedBytes, ourBytes);
        }
    }

    private Held held() {
        long rss = 0;
        long locked = 0;
        try {
            for (String line : Files.readAllLines(Path.of("/proc/" + process.pid() + "/smaps_rollup"))) {
                rss += line.startsWith("Rss:") ? kibibytes(line) : 0;
                locked += line.startsWith("Locked:") ? kibibytes(line) : 0;
            }
        } catch (IOException e) {
            throw new IllegalStateException("the server's memory", e);
        }
        return new Held(rss, locked, Mapping.of(process.pid()).stream().filter(each -> each.flags().contains(OURS)).mapToLong(Mapping::rssBytes).sum());
    }

    private static long kibibytes(String line) {
        return 1024 * Long.parseLong(line.replaceAll("\\D", ""));
    }

    private Held start(String commit) throws Exception {
        start("--profile", "tight", "--commit", commit, "--http3-connections", Integer.toString(CLIENTS), "--idle-seconds", "3600");
        Held held = held();
        assumeFalse(held.ourBytes() == 0, "memory cannot be locked here");
        return held;
    }

    /// {@return what it holds once two looks at it, with passes of the sweep between them, are the same}
    private Held settled() {
        long[] last = {-1};
        return Eventually.found("what it holds stays", () -> {
            Held held = held();
            boolean same = held.ourBytes() == last[0];
            last[0] = held.ourBytes();
            Thread.sleep(2_500);  // two passes of the sweep
            return same ? held : null;
        });
    }

    private ManyHttp3Clients clients() throws Exception {
        ManyHttp3Clients clients = new ManyHttp3Clients();
        boolean there = false;
        try {
            clients.come(folder.resolve("config/coffer/localhost.pem"), url.resolve("a.txt"), CLIENTS);
            there = true;
            return clients;
        } finally {
            if (!there) {
                clients.close();
            }
        }
    }

    private static void say(String commit, Held start, Held with, Held after) {
        System.out.println("--commit " + commit + ": at the start " + start + "; with " + CLIENTS + " connections " + with + "; after them " + after);
    }

    @Test
    void whatIsCommittedWhenTouchedComesWithConnectionsAndGoesWithThem() throws Exception {
        start("touch");
        Held before = settled();
        Held with;
        try (ManyHttp3Clients clients = clients()) {
            with = settled();
            assertEquals(CLIENTS, clients.count());
        }
        Eventually.holds("their memory is given back", () -> held().ourBytes() <= before.ourBytes() + SLACK_BYTES);
        Held after = settled();
        say("touch", before, with, after);
        assertTrue(with.ourBytes() - before.ourBytes() >= CLIENTS * CLIENT_BYTES, () -> before + "; " + with);
        assertEquals(List.of(before.ourBytes(), with.ourBytes(), after.ourBytes()), List.of(before.lockedBytes(), with.lockedBytes(), after.lockedBytes()),
                "locked when it is touched");
    }

    @Test
    void whatIsCommittedAtTheStartStaysTheSame() throws Exception {
        Held before = start("open");
        Held with;
        try (ManyHttp3Clients clients = clients()) {
            with = held();
            assertEquals(CLIENTS, clients.count());
        }
        Held after = settled();
        say("open", before, with, after);
        assertEquals(List.of(before.ourBytes(), before.ourBytes()), List.of(with.ourBytes(), after.ourBytes()));
    }
}
