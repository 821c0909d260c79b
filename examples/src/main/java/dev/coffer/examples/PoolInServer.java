package dev.coffer.examples;

import dev.coffer.memory.Budget;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import dev.coffer.memory.pool.BufferPool;
import dev.coffer.memory.pool.BufferPoolConfig;
import dev.coffer.memory.pool.PooledBuffer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/// An echo server with one virtual thread a connection and one pool for all: a thousand connections come from sixteen clients at
/// once, at most 8 are served at a time, the others are turned away at once, and the pool ends where it began.
public final class PoolInServer {
    private static final int CONNECTIONS = 1000;
    private static final int CLIENTS = 16;

    private PoolInServer() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        BufferPoolConfig config = BufferPoolConfig.of("echo", 4096, 8);
        Budget budget = Budget.root("server", 1 << 20);
        AtomicInteger turnedAway = new AtomicInteger();
        try (Region region = Region.open(RegionConfig.defaults("server"), MemoryPlan.group("server", BufferPool.plan(config)));
                BufferPool pool = BufferPool.open(config, region, budget)) {
            ServerSocketChannel server = ServerSocketChannel.open();
            server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            InetSocketAddress address = (InetSocketAddress) server.getLocalAddress();
            Thread acceptor = Thread.ofVirtual().start(() -> accept(server, pool, turnedAway));
            int echoed = 0;
            try (ExecutorService clients = Executors.newFixedThreadPool(CLIENTS)) {
                List<Callable<Boolean>> exchanges = new ArrayList<>();
                for (int i = 0; i < CONNECTIONS; i++) {
                    String text = "hello " + i;
                    exchanges.add(() -> exchange(address, text));
                }
                for (Future<Boolean> exchange : clients.invokeAll(exchanges)) {
                    echoed += exchange.resultNow() ? 1 : 0;
                }
            }
            server.close();
            acceptor.join();
            System.out.println(echoed + " of " + CONNECTIONS + " echoed, " + turnedAway + " turned away");
            while (pool.statistics().inUse() > 0) {
                Thread.onSpinWait();  // the last connection is being closed
            }
            System.out.println(pool.statistics());
            System.out.println(budget);
        }
    }

    private static void accept(ServerSocketChannel server, BufferPool pool, AtomicInteger turnedAway) {
        while (server.isOpen()) {
            try {
                SocketChannel channel = server.accept();
                PooledBuffer buffer = pool.tryAcquire();
                if (buffer == null) {
                    turnedAway.incrementAndGet();
                    channel.close();
                } else {
                    Thread.ofVirtual().start(() -> echo(channel, buffer));
                }
            } catch (IOException closed) {
                return;
            }
        }
    }

    private static void echo(SocketChannel channel, PooledBuffer buffer) {
        try (channel; buffer) {
            ByteBuffer bytes = buffer.writableBytes();
            while (channel.read(bytes.clear()) > 0) {
                bytes.flip();
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
            }
        } catch (IOException reset) {
            System.err.println("connection lost: " + reset.getMessage());
        }
    }

    private static boolean exchange(InetSocketAddress address, String text) throws IOException {
        try (Socket socket = new Socket(address.getAddress(), address.getPort())) {
            byte[] sent = text.getBytes(StandardCharsets.US_ASCII);
            socket.getOutputStream().write(sent);
            return new String(socket.getInputStream().readNBytes(sent.length), StandardCharsets.US_ASCII).equals(text);
        } catch (SocketException turnedAway) {
            return false;
        }
    }
}
