package dev.coffer.cli.audit;

import dev.coffer.cli.budget.Target;
import dev.coffer.client.Client;
import dev.coffer.client.ClientConfig;
import dev.coffer.client.ClientTls;
import dev.coffer.client.Http3Asking;
import dev.coffer.client.easy.Easy;
import dev.coffer.client.easy.Question;
import dev.coffer.memory.Protection.Level;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.DatagramChannel;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/// The five clients of the target, over real sockets, in another process than the server: one of HTTPS/1.1 that waits for its answer, two of HTTP/3 that wait for four each, and two of HTTP/3 that
/// hear nothing of what the server says, so that their handshakes stay where they are.
final class BudgetClients implements AutoCloseable {
    private static final int DATAGRAM_BYTES = 2048;
    private static final long SECOND = 1_000_000_000L;
    private static final long MOST_NANOS = 120 * SECOND;

    private static final long STEP_NANOS = 1_000_000;

    private final List<AutoCloseable> open = new ArrayList<>();

    private final Path folder;
    private final int port;

    /// @param folder  of the server's certificate
    BudgetClients(Path folder, int port) {
        this.folder = folder;
        this.port = port;
    }

    /// All five come.
    void come() throws IOException {
        try {
            ClientConfig base = ClientConfig.standard().withLocked(Level.OFF).withSize(2, 2, 2, 2 * Target.STREAMS)
                    .withTimes(new ClientConfig.Times(MOST_NANOS, MOST_NANOS, MOST_NANOS, MOST_NANOS, 0))
                    .withTls(ClientTls.trusting(folder.resolve("localhost.pem")));
            ClientConfig third = base.withHttp3(Http3Asking.defaults().withWhen(Http3Asking.When.ALONE));
            ask(base, port, 1);
            for (int i = 0; i < Target.HTTP3 - Target.HANDSHAKES; i++) {
                connected(ask(third, port, Target.STREAMS));  // before the others take all places of handshakes, for as long as those may last
            }
            for (int i = 0; i < Target.HANDSHAKES; i++) {
                ask(third, deaf(), 1);
            }
        } catch (GeneralSecurityException e) {
            throw new IOException(e);
        }
    }

    private Client ask(ClientConfig config, int to, int questions) throws IOException {
        Client client = Client.open(config);
        open.add(client);
        for (int i = 0; i < questions; i++) {
            var unused = Easy.over(client).sendLater(Question.get("https://localhost:" + to + "/" + i));
        }
        return client;
    }

    private static void connected(Client client) {
        long end = System.nanoTime() + MOST_NANOS;
        while (client.count(Client.Count.CONNECTIONS) == 0 && System.nanoTime() - end < 0) {
            LockSupport.parkNanos(STEP_NANOS);
        }
    }

    /// {@return a port whose datagrams go on to the server, whose answers go nowhere}
    private int deaf() throws IOException {
        DatagramChannel in = DatagramChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        open.add(in);
        DatagramChannel out = DatagramChannel.open().connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        open.add(out);
        Thread.ofPlatform().daemon().name("budget-deaf").start(() -> pass(in, out));
        return ((InetSocketAddress) in.getLocalAddress()).getPort();
    }

    private static void pass(DatagramChannel in, DatagramChannel out) {
        ByteBuffer datagram = ByteBuffer.allocate(DATAGRAM_BYTES);
        try {
            while (true) {
                in.receive(datagram.clear());
                out.write(datagram.flip());
            }
        } catch (AsynchronousCloseException e) {
            return;  // it is over
        } catch (IOException e) {
            return;  // the child sees that a connection is missing
        }
    }

    @Override
    public void close() throws IOException {
        for (AutoCloseable each : open.reversed()) {
            try {
                each.close();
            } catch (IOException | RuntimeException e) {
                throw e;
            } catch (Exception e) {
                throw new IOException(e);
            }
        }
    }
}
