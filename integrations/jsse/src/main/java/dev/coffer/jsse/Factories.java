package dev.coffer.jsse;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import javax.net.ssl.SSLServerSocketFactory;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/// What makes the sockets of a context. Any thread.
final class Factories {
    private Factories() {}

    /// {@return what makes sockets of a context}
    static SSLSocketFactory sockets(TlsContextSpi context) {
        return new Sockets(context);
    }

    /// {@return what makes server sockets of a context}
    static SSLServerSocketFactory serverSockets(TlsContextSpi context) {
        return new ServerSockets(context);
    }

    private static final class Sockets extends SSLSocketFactory {
        private final TlsContextSpi context;

        Sockets(TlsContextSpi context) {
            this.context = context;
        }

        @Override
        public Socket createSocket() {
            return new TlsSocket(context, new Socket(), null, -1, true);
        }

        @Override
        public Socket createSocket(String host, int port) throws IOException {
            return connected(new InetSocketAddress(host, port), null);
        }

        @Override
        public Socket createSocket(String host, int port, @Nullable InetAddress local, int localPort) throws IOException {
            return connected(new InetSocketAddress(host, port), new InetSocketAddress(local, localPort));
        }

        @Override
        public Socket createSocket(InetAddress host, int port) throws IOException {
            return connected(new InetSocketAddress(host, port), null);
        }

        @Override
        public Socket createSocket(InetAddress host, int port, @Nullable InetAddress local, int localPort) throws IOException {
            return connected(new InetSocketAddress(host, port), new InetSocketAddress(local, localPort));
        }

        private Socket connected(InetSocketAddress to, @Nullable SocketAddress from) throws IOException {
            Socket made = createSocket();
            boolean connected = false;
            try {
                if (from != null) {
                    made.bind(from);
                }
                made.connect(to);
                connected = true;
                return made;
            } finally {
                if (!connected) {
                    made.close();
                }
            }
        }

        @Override
        public Socket createSocket(Socket wire, @Nullable String host, int port, boolean autoClose) throws IOException {
            return TlsSocket.over(context, wire, host, port, true, autoClose, InputStream.nullInputStream());
        }

        @Override
        public Socket createSocket(Socket wire, @Nullable InputStream consumed, boolean autoClose) throws IOException {
            InetAddress peer = wire.getInetAddress();
            return TlsSocket.over(context, wire, peer == null ? null : peer.getHostAddress(), wire.getPort(), false, autoClose,
                    consumed == null ? InputStream.nullInputStream() : consumed);
        }

        @Override
        public String[] getDefaultCipherSuites() {
            return Names.suites();
        }

        @Override
        public String[] getSupportedCipherSuites() {
            return Names.suites();
        }
    }

    private static final class ServerSockets extends SSLServerSocketFactory {
        private static final int BACKLOG = 50;  // java.net's own

        private final TlsContextSpi context;

        ServerSockets(TlsContextSpi context) {
            this.context = context;
        }

        @Override
        public ServerSocket createServerSocket() throws IOException {
            return new TlsServerSocket(context);
        }

        @Override
        public ServerSocket createServerSocket(int port) throws IOException {
            return new TlsServerSocket(context, port, BACKLOG, null);
        }

        @Override
        public ServerSocket createServerSocket(int port, int backlog) throws IOException {
            return new TlsServerSocket(context, port, backlog, null);
        }

        @Override
        public ServerSocket createServerSocket(int port, int backlog, @Nullable InetAddress at) throws IOException {
            return new TlsServerSocket(context, port, backlog, at);
        }

        @Override
        public String[] getDefaultCipherSuites() {
            return Names.suites();
        }

        @Override
        public String[] getSupportedCipherSuites() {
            return Names.suites();
        }
    }
}
