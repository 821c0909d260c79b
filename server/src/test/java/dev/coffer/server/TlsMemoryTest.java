package dev.coffer.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.key.KeyAlgorithm;
import dev.coffer.crypto.packet.CipherSuite;
import dev.coffer.memory.Account;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.server.drive.Loop;
import dev.coffer.server.files.FileSite;
import dev.coffer.server.time.Time;
import dev.coffer.server.tls.Certified;
import dev.coffer.server.tls.Tls;
import dev.coffer.server.tls.TlsLane;
import dev.coffer.testkit.ObjectBytes;
import dev.coffer.tls.TlsServerConfig;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What an idle connection of HTTPS holds: as the plan says, as the ledger's row says, as JOL says.
class TlsMemoryTest {
    /// All told, objects included: gate 4,096.
    private static final long IDLE_BYTES_MAX = 2048;
    private static final int MORE = 1000;

    @TempDir
    Path root;

    private static ServerConfig config(int connections) throws Exception {
        TlsServerConfig tls = TlsServerConfig.defaults().withSuites(CipherSuite.AES_256_GCM_SHA384);
        return ServerConfig.standard().withSize(1, connections, 64).withTls(Tls.of(tls, Certified.make(KeyAlgorithm.ED25519, "localhost").identity()));
    }

    private static TlsLane lane(ServerConfig config, Site site) {
        return new TlsLane(config.tls(), new HttpLane(config, site, 0, new LoopStatistics()), config.connectionsOf(0), config.http().sentHeadBytesMax());
    }

    private static Loop loop(ServerConfig config, Site site) throws Exception {
        LoopStatistics statistics = new LoopStatistics();
        return new Loop(config.loop(0), lane(config, site), statistics.tally(), Time.SYSTEM);
    }

    @Test
    void anIdleConnectionHoldsTwoKibibytesAtMostAllTold() throws Exception {
        Site site = FileSite.of(root, 16);
        MemoryPlan less = Server.plan(config(MORE), site);
        MemoryPlan more = Server.plan(config(2 * MORE), site);
        double off = (more.totalBytes() - less.totalBytes()) / (double) MORE;
        double on = (more.heapBytes() - less.heapBytes()) / (double) MORE;
        System.out.printf("an idle connection of HTTPS, AES-256: %.1f bytes off the heap, %.1f of objects%n", off, on);
        assertTrue(off > 256 && on > 0 && off + on <= IDLE_BYTES_MAX, off + " off the heap, " + on + " of objects");
        long jol = 0;
        long row = 0;
        for (int connections : new int[] {MORE, 2 * MORE}) {
            try (Loop loop = loop(config(connections), site)) {
                jol = ObjectBytes.of(loop) - jol;
                row = Arrays.stream(loop.accounts()).filter(account -> account.name().equals("tls connections")).mapToLong(Account::capacityBytes)
                        .sum() - row;
            }
        }
        assertEquals(256 * MORE, row, "as the ledger's row says: secrets and keys of both directions");
        assertEquals(more.heapBytes() - less.heapBytes(), jol, 0.01 * jol, "as JOL counts what a loop reaches, rows of the plan aside");
    }
}
