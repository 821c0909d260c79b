package dev.coffer.bench.serve;

import dev.coffer.bench.table.Machine;
import dev.coffer.http.Status;
import dev.coffer.server.LoopStatistics.Count;
import dev.coffer.server.Server;
import dev.coffer.server.ServerConfig;
import dev.coffer.server.Site;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/// What idle connections cost: as many as a process may have descriptors for, kept alive after a request each, by clients in a
/// process of their own. Bytes of one by the plan, the ledger and the system's word on this process; then whether one that is
/// busy disturbs them, and whether all are served again. Over TLS the clients forget their keys once they were answered, which spares the
/// machine their memory, and so are not served again.
public final class IdleBench {
    public static final String NAME = "idle";
    public static final String TITLE = "bytes of an idle connection, by plan, ledger and resident memory";

    private static final int CONNECTIONS = Integer.getInteger("coffer.bench.connections", 15_000);
    private static final int ACTIVE = 256;
    private static final int WARM_UP_REQUESTS = 30_000;
    private static final int BUSY_REQUESTS = 5_000;
    private static final long SECOND = 1_000_000_000L;
    private static final long KIB = 1024;
    private static final byte[] GET = "GET / HTTP/1.1\r\nHost: t\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private IdleBench() {}

    /// Prints the table.
    public static void run() throws IOException, InterruptedException {
        run(config(CONNECTIONS), "clear");
    }

    /// Prints the table of connections over TLS.
    static void run(Servers.Identity as) throws IOException, InterruptedException {
        try (OwnTls tls = new OwnTls(as)) {
            run(config(TlsBench.IDLE).withTls(tls.tls()), "tls");
        }
    }

    private static ServerConfig config(int connections) {
        ServerConfig base = ServerConfig.standard();
        return base.withSize(1, connections, ACTIVE)
                .withHttp(base.http().withLimits(base.http().limits().withTimes(60 * SECOND, 3600 * SECOND, 20 * SECOND)));
    }

    private static void run(ServerConfig config, String form) throws IOException, InterruptedException {
        Site site = Site.of(exchange -> exchange.respond(Status.OK));
        serveOnce(site);
        long before = resident();
        try (Server server = Server.open(config, site)) {
            server.start();
            long used = server.ledger().usedBytes();
            long opened = resident();
            Process clients = clients(server.address().getPort(), config.connections(), form);
            if (config.tls() != null) {
                try (BufferedReader told = clients.inputReader()) {
                    expect(told, "connected");
                    Thread.sleep(1000);
                    print(config, site, server.ledger().usedBytes() - used, before, opened, resident());
                    System.out.println();
                } finally {
                    clients.destroy();
                }
                return;
            }
            try (BufferedReader told = clients.inputReader(); SocketChannel busy = SocketChannel.open(server.address())) {
                expect(told, "connected");
                Thread.sleep(1000);
                long held = server.ledger().usedBytes() - used;
                long resident = resident();
                print(config, site, held, before, opened, resident);
                long start = System.nanoTime();
                for (int i = 0; i < BUSY_REQUESTS; i++) {
                    ask(busy);
                }
                System.out.printf(Locale.ROOT, "%n%,d requests on one connection beside them: %.1f us each; turned away %d, broken %d, starved %d%n",
                        BUSY_REQUESTS, (System.nanoTime() - start) / 1e3 / BUSY_REQUESTS, server.count(Count.TURNED_AWAY),
                        server.count(Count.BROKEN), server.count(Count.STARVED));
                clients.outputWriter().append('\n').flush();
                expect(told, "served again");
                System.out.println("all " + CONNECTIONS + " were served again");
            } finally {
                clients.destroy();
            }
        }
    }

    private static void print(ServerConfig config, Site site, long held, long before, long opened, long resident) {
        ServerConfig one = config.withSize(1, ACTIVE, ACTIVE);
        int connections = config.connections();
        double count = connections - ACTIVE;
        double off = (Server.plan(config, site).totalBytes() - Server.plan(one, site).totalBytes()) / count;
        double on = (Server.plan(config, site).heapBytes() - Server.plan(one, site).heapBytes()) / count;
        System.out.println(Machine.line());
        System.out.printf(Locale.ROOT, "%n%,d idle connections%s, %d active at most%n%n| bytes each | |%n|---|---|%n", connections,
                config.tls() == null ? "" : " over TLS", ACTIVE);
        System.out.printf(Locale.ROOT, "| plan, off the heap | %.1f |%n| plan, objects | %.1f |%n", off, on);
        System.out.printf(Locale.ROOT, "| ledger, in use since they came | %.1f |%n", held / (double) connections);
        System.out.printf(Locale.ROOT, "| resident memory, since they came | %.1f |%n", (resident - opened) / (double) connections);
        System.out.printf(Locale.ROOT, "| resident memory, with the server's opening (%,d KiB in all) | %.1f |%n", (resident - before) / KIB,
                (resident - before) / (double) connections);
        for (int many : new int[] {100_000, 1_000_000}) {
            System.out.printf(Locale.ROOT, "| plan for %,d, all of it | %.1f |%n", many,
                    (Server.plan(config.withSize(1, many, ACTIVE), site).totalBytes()
                            + Server.plan(config.withSize(1, many, ACTIVE), site).heapBytes()) / (double) many);
        }
    }

    /// What a first server makes the virtual machine load and compile is not these connections'.
    private static void serveOnce(Site site) throws IOException {
        try (Server server = Server.open(ServerConfig.standard(), site)) {
            server.start();
            try (SocketChannel client = SocketChannel.open(server.address())) {
                for (int i = 0; i < WARM_UP_REQUESTS; i++) {
                    ask(client);
                }
            }
        }
    }

    /// @param form  `clear` or `tls`
    static Process clients(int port, int connections, String form) throws IOException {
        return new ProcessBuilder(Servers.java(List.of("-Xmx256m"), IdleBench.class, Integer.toString(port), Integer.toString(connections), form))
                .redirectError(ProcessBuilder.Redirect.INHERIT).start();
    }

    static void expect(BufferedReader told, String what) throws IOException {
        String line = told.readLine();
        if (!what.equals(line)) {
            throw new IOException("clients: " + line + " (expected: " + what + ")");
        }
    }

    /// {@return bytes of this process that are in memory, after a collection}
    private static long resident() throws IOException {
        System.gc();
        return residentBytes("self");
    }

    /// {@return bytes of a process that are in memory}
    static long residentBytes(String process) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc", process, "status"))) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("[^0-9]", "")) * KIB;
            }
        }
        throw new IOException("no VmRSS");
    }

    private static void ask(SocketChannel channel) throws IOException {
        channel.write(ByteBuffer.wrap(GET));
        ByteBuffer heard = ByteBuffer.allocate(512);
        do {
            if (channel.read(heard) < 0) {
                throw new IOException("ended");
            }
        } while (heard.position() < 3 || heard.get(heard.position() - 1) != '\n' || heard.get(heard.position() - 2) != 'K');
    }

    /// The clients: `PORT CONNECTIONS FORM`.
    public static void main(String[] args) throws Exception {
        InetSocketAddress server = new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(args[0]));
        boolean secure = args[2].equals("tls");
        SSLSocketFactory tls = secure ? believing() : null;
        List<SocketChannel> all = new ArrayList<>();
        for (int i = 1; i < Integer.parseInt(args[1]); i++) {  // one is left for who is busy
            SocketChannel channel = SocketChannel.open(server);
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);  // or the request waits 40 ms for the Finished to be acknowledged
            if (secure) {
                askSecurely(tls, channel);
            } else {
                ask(channel);
            }
            all.add(channel);
        }
        System.out.println("connected");
        System.in.read();
        for (SocketChannel channel : all) {
            ask(channel);
        }
        System.out.println("served again");
    }

    /// A handshake and a request over a socket that stays open; what TLS holds for it here is dropped.
    private static void askSecurely(SSLSocketFactory tls, SocketChannel channel) throws IOException {
        SSLSocket socket = (SSLSocket) tls.createSocket(channel.socket(), "localhost", channel.socket().getPort(), false);
        socket.setEnabledProtocols(new String[] {"TLSv1.3"});
        socket.getOutputStream().write(GET);
        byte[] heard = new byte[512];
        if (socket.getInputStream().read(heard) <= 0) {
            throw new IOException("ended");
        }
    }

    /// Believes everybody: the clients are not what is measured.
    private static SSLSocketFactory believing() throws GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLSv1.3");
        context.init(null, InsecureTrustManagerFactory.INSTANCE.getTrustManagers(), null);
        return context.getSocketFactory();
    }
}
