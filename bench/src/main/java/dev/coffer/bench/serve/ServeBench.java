package dev.coffer.bench.serve;

import dev.coffer.bench.table.Machine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/// Files over HTTP/1.1 from one processor: the shipped command, Netty with native epoll, and nginx, each a process bound to the
/// first processor, loaded by `wrk` on the second, by turns. What is compared is the server's processor time a request:
/// one thread of `wrk` is soon the limit of requests a second.
public final class ServeBench {
    public static final String NAME = "serve";
    public static final String TITLE = "files over HTTP/1.1, server processor time a request, beside Netty (epoll) and nginx";

    private static final int WARM_UP_SECONDS = 6;
    static final int[] CONNECTIONS = {32, 256};
    static final Path WORK = Path.of("bench", "target", "serve").toAbsolutePath();

    /// @param aims  most that our time may be of Netty's and of nginx's; 0 for none
    private record File(String path, int bytes, double netty, double nginx) {}

    private static final List<File> FILES = List.of(
            new File("/small.txt", 14, 0.91, 0),
            new File("/page.html", 22_000, 0.91, 0),
            new File("/large.bin", 1_000_000, 0, 1.0));

    private ServeBench() {}

    /// Prints the table. Needs `wrk`, `nginx` and `taskset` (Debian: wrk, nginx, util-linux) and two processors.
    public static void run() throws IOException, InterruptedException {
        if (!Loads.areThere(NAME, "wrk nginx util-linux", "wrk", "taskset", "nginx")) {
            System.exit(2);
        }
        Servers.build();
        Path folder = WORK.resolve("files");
        Files.createDirectories(folder);
        for (File file : FILES) {
            byte[] bytes = new byte[file.bytes];
            Arrays.fill(bytes, (byte) 'c');
            Files.write(folder.resolve(file.path.substring(1)), bytes);
        }
        try (Served coffer = Served.start("Coffer", WORK.resolve("coffer.log"), port -> Servers.coffer(folder, port));
                Served netty = Served.start("Netty", WORK.resolve("netty.log"), port -> Servers.netty(folder, port));
                Served nginx = Served.start("nginx", WORK.resolve("nginx.log"), port -> Servers.nginx(folder, port))) {
            measure(List.of(coffer, netty, nginx));
        }
    }

    private static void measure(List<Served> servers) throws IOException, InterruptedException {
        System.out.println("**" + NAME + "**: " + TITLE + "; medians of " + Turns.ROUNDS + " rounds of " + Turns.SECONDS + " s  ");
        System.out.println(Machine.line() + ", load before: " + Files.readString(Path.of("/proc/loadavg")).split(" ")[0]);
        System.out.println();
        System.out.println("| file, connections | Coffer us | Netty us | nginx us | to Netty | to nginx | requests/s, Coffer / Netty / nginx |");
        System.out.println("|---|---|---|---|---|---|---|");
        for (Served server : servers) {
            for (File file : FILES) {
                Loads.http1(server, file.path, 256, WARM_UP_SECONDS);
            }
        }
        for (File file : FILES) {
            for (int connections : CONNECTIONS) {
                row(servers, file, connections);
            }
        }
        System.out.println();
    }

    private static void row(List<Served> servers, File file, int connections) throws IOException, InterruptedException {
        List<Turns.Measured> all = Turns.measure(NAME, file.path + " c" + connections, servers, Turns.ROUNDS, Turns.SECONDS,
                (server, seconds) -> Loads.http1(server, file.path, connections, seconds));
        Turns.Measured coffer = all.getFirst();
        System.out.println(String.format(Locale.ROOT, "| %,d B, %d | %.2f | %.2f | %.2f | %s | %s | %,.0f / %,.0f / %,.0f |", file.bytes,
                connections, coffer.micros(), all.get(1).micros(), all.get(2).micros(), coffer.to(all.get(1), file.netty),
                coffer.to(all.get(2), file.nginx), coffer.perSecond(), all.get(1).perSecond(), all.get(2).perSecond()));
    }
}
