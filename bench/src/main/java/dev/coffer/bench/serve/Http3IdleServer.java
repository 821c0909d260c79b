package dev.coffer.bench.serve;

import dev.coffer.http.Limits;
import dev.coffer.http.Status;
import dev.coffer.http.http3.Http3Config;
import dev.coffer.memory.Account;
import dev.coffer.quic.QuicConfig;
import dev.coffer.server.Http3Serving;
import dev.coffer.server.LoopStatistics;
import dev.coffer.server.Server;
import dev.coffer.server.ServerConfig;
import dev.coffer.server.Site;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Objects;

/// Our server for many connections of HTTP/3 that say nothing, in a process of its own: the tight profile with a place for each.
public final class Http3IdleServer {
    private static final int HANDSHAKES = 64;
    private static final int STREAMS = 256;
    /// Blocks of 128 octets a connection: an idle one holds four, for three streams of its client's and one of ours, and a sixteenth of all is kept for packets under way.
    private static final int BLOCKS = 5;
    private static final int BLOCKS_SHARED = 4096;  // for those that say something
    private static final long HOUR_NANOS = 3_600_000_000_000L;

    private Http3IdleServer() {}

    /// Serves until its input ends; each line that comes is answered by what is held.
    ///
    /// @param args  connections, certificate and key
    public static void main(String[] args) throws Exception {
        int connections = Integer.parseInt(args[0]);
        Http3Serving tight = Http3Serving.tight();
        QuicConfig quic = tight.quic().withBlocks(tight.quic().blockBytes(), BLOCKS * connections + BLOCKS_SHARED).withIdle(HOUR_NANOS);
        Limits limits = tight.config().limits();
        Http3Config http = tight.config().withLimits(limits.withTimes(limits.headNanosMax(), HOUR_NANOS, limits.graceNanos()));
        Http3Serving serving = new Http3Serving(http, quic, true, connections, Math.min(HANDSHAKES, connections), STREAMS);  // grouped, as 0.7 MB are nothing here
        ServerConfig config = ServerConfig.tight().withSize(1, 4, 4);
        try (OwnTls own = new OwnTls(new Servers.Identity(Path.of(args[1]), Path.of(args[2])));
                Server server = Server.open(
                        config.withTls(own.quic()).withHttp3(serving), Site.of(exchange -> exchange.respond(Status.NO_CONTENT)))) {
            server.start();
            System.out.println("serving " + server.address().getPort() + " plan " + server.plan().totalBytes() + " " + server.plan().heapBytes());
            BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
            while (in.readLine() != null) {
                System.gc();
                Runtime runtime = Runtime.getRuntime();
                System.out.printf(Locale.ROOT, "%d %d %d %d%n", runtime.totalMemory() - runtime.freeMemory(), server.count(LoopStatistics.Count.ACCEPTED),
                        server.ledger().lines().stream().map(line -> line.account()).filter(Objects::nonNull).filter(a -> a.name().endsWith("quic blocks"))
                                .mapToLong(Account::usedBytes).sum(),
                        server.count(LoopStatistics.Count.REFUSED));
            }
        }
    }
}
