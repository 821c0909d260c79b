package dev.coffer.client;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/// A server that does what a test tells it to, connection by connection, right or wrong.
final class Peer implements AutoCloseable {
    /// What is done on the n-th connection, from 0; it is closed when this returns.
    interface Script {
        void run(Socket socket, int n) throws Exception;
    }

    static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    private final ServerSocket listener;
    private final List<Socket> open = new CopyOnWriteArrayList<>();
    final AtomicInteger connections = new AtomicInteger();
    final AtomicInteger requests = new AtomicInteger();

    Peer(Script script) throws IOException {
        this(InetAddress.getLoopbackAddress(), 0, script);
    }

    Peer(InetAddress at, int port, Script script) throws IOException {
        this(new ServerSocket(), at, port, script);
    }

    /// One with a listener of another kind, which is not bound yet.
    Peer(ServerSocket unbound, Script script) throws IOException {
        this(unbound, InetAddress.getLoopbackAddress(), 0, script);
    }

    private Peer(ServerSocket unbound, InetAddress at, int port, Script script) throws IOException {
        listener = unbound;
        listener.bind(new InetSocketAddress(at, port), 64);
        Thread.ofVirtual().start(() -> {
            try {
                while (true) {
                    Socket socket = listener.accept();
                    open.add(socket);
                    int n = connections.getAndIncrement();
                    Thread.ofVirtual().start(() -> {
                        try (socket) {
                            script.run(socket, n);
                        } catch (Exception e) {
                            // the client went away, or the test is over
                        }
                    });
                }
            } catch (IOException e) {
                // closed
            }
        });
    }

    /// A peer that answers whatever comes.
    static Peer answering(String answer) throws IOException {
        Peer[] self = new Peer[1];
        self[0] = new Peer((socket, n) -> {
            while (readHead(socket) != null) {
                self[0].requests.incrementAndGet();
                write(socket, answer);
            }
        });
        return self[0];
    }

    String uri(String path) {
        return "http://127.0.0.1:" + port() + path;
    }

    String secureUri(String path) {
        return "https://localhost:" + port() + path;
    }

    int port() {
        return listener.getLocalPort();
    }

    /// {@return a request's head, null at the end}
    static String readHead(Socket socket) throws IOException {
        InputStream in = socket.getInputStream();
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        while (!head.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
            int b = in.read();
            if (b < 0) {
                return null;
            }
            head.write(b);
        }
        return head.toString(StandardCharsets.ISO_8859_1);
    }

    static void write(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    static void reset(Socket socket) throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    /// Waits until the client has gone.
    static void awaitEnd(Socket socket) throws IOException {
        while (socket.getInputStream().read() >= 0) {
            // what is said does not matter
        }
    }

    /// Takes no more connections; those that are open go on. Returns when the system refuses: who waits to accept holds the listener for a
    /// moment.
    void closeListener() throws IOException {
        InetSocketAddress address = (InetSocketAddress) listener.getLocalSocketAddress();
        listener.close();
        while (true) {
            try {
                new Socket(address.getAddress(), address.getPort()).close();
            } catch (ConnectException e) {
                return;
            }
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket socket : open) {
            socket.close();
        }
    }
}
