package dev.coffer.jsse;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.jsse.Certificates.Side;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.net.ssl.HandshakeCompletedEvent;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// The contract of `SSLSocket` and `SSLServerSocket`: the same steps with ours and with the JDK's, alone and crossed, over sockets of the loopback. What the
/// JDK does is what is expected, but where a row says otherwise.
@SuppressWarnings("try")  // what is closed twice is closed twice on purpose
final class SocketTest {
    private static final long MINUTES = 5;
    private static final ExecutorService OTHERS = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "other end");
        thread.setDaemon(true);
        return thread;
    });

    static Stream<Arguments> pairs() {
        return CrossedTest.pairs();
    }

    static SSLServerSocket serve(SSLContext context) throws IOException {
        return (SSLServerSocket) context.getServerSocketFactory().createServerSocket(0, 5, InetAddress.getByName("127.0.0.1"));
    }

    static <T> T ends(Future<T> of) throws Exception {
        try {
            return of.get(MINUTES, TimeUnit.MINUTES);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }

    /// Two sockets that are connected, no handshake done.
    record Pair(SSLSocket client, SSLSocket server) implements AutoCloseable {
        static Pair of(Side clients, Side servers) throws Exception {
            return of(clients.client(), servers.server("EC"));
        }

        static Pair of(SSLContext clients, SSLContext servers) throws Exception {
            try (SSLServerSocket listening = serve(servers)) {
                SSLSocket client = (SSLSocket) clients.getSocketFactory().createSocket("localhost", listening.getLocalPort());
                return new Pair(client, (SSLSocket) listening.accept());
            }
        }

        /// Does both sides' handshake.
        Pair shake() throws Exception {
            Future<?> other = other(() -> {
                server.startHandshake();
                return null;
            });
            client.startHandshake();
            ends(other);
            return this;
        }

        @Override
        public void close() throws IOException {
            client.close();
            server.close();
        }
    }

    static <T> Future<T> other(Callable<T> what) {
        return OTHERS.submit(what);
    }

    private static byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        new Random(count).nextBytes(bytes);
        return bytes;
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void streamsGoThroughBothWaysAndHalvesEndApart(Side clients, Side servers) throws Exception {
        try (Pair pair = Pair.of(clients, servers)) {
            Future<byte[]> heard = other(() -> {
                byte[] all = pair.server.getInputStream().readAllBytes();  // the first use shakes hands
                pair.server.getOutputStream().write(all);
                pair.server.close();
                return all;
            });
            byte[] said = bytes(300_000);
            OutputStream out = pair.client.getOutputStream();
            out.write(said[0]);
            out.write(said, 1, 99);
            out.write(said, 100, said.length - 100);
            pair.client.shutdownOutput();
            assertTrue(pair.client.isOutputShutdown());
            assertFalse(pair.client.isInputShutdown());
            assertArrayEquals(said, pair.client.getInputStream().readAllBytes());
            assertArrayEquals(said, ends(heard));
            pair.client.shutdownOutput();  // which it is
            assertThrows(SocketException.class, () -> out.write(1));
            assertThrows(SocketException.class, pair.client::getOutputStream);
        }
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void sessionsAreKnownAndListenersTold(Side clients, Side servers) throws Exception {
        try (Pair pair = Pair.of(clients, servers)) {
            CompletableFuture<HandshakeCompletedEvent> told = new CompletableFuture<>();
            pair.client.addHandshakeCompletedListener(told::complete);
            assertThrows(IllegalArgumentException.class, () -> pair.client.addHandshakeCompletedListener(null));
            assertThrows(IllegalArgumentException.class, () -> pair.client.removeHandshakeCompletedListener(event -> {}));
            assertEquals(null, pair.client.getHandshakeSession());
            Future<SSLSession> other = other(pair.server::getSession);
            SSLSession session = pair.client.getSession();  // which shakes hands
            assertTrue(session.isValid());
            assertEquals("TLSv1.3", session.getProtocol());
            assertEquals("localhost", session.getPeerHost());
            assertEquals("CN=EC", session.getPeerPrincipal().getName());
            assertTrue(ends(other).isValid());
            HandshakeCompletedEvent event = ends(told);
            assertSame(pair.client, event.getSocket());
            assertEquals(session.getCipherSuite(), event.getCipherSuite());
        }
    }

    @ParameterizedTest
    @EnumSource(Side.class)
    void whatIsNotConnectedOrClosedSaysSo(Side side) throws Exception {
        SSLSocket socket = (SSLSocket) side.client().getSocketFactory().createSocket();
        assertFalse(socket.isConnected() || socket.isBound() || socket.isClosed());
        assertThrows(SocketException.class, socket::getInputStream);
        assertThrows(SocketException.class, socket::getOutputStream);
        assertThrows(SocketException.class, socket::startHandshake);
        assertFalse(socket.getSession().isValid());
        assertThrows(SocketException.class, () -> socket.sendUrgentData(1));
        assertThrows(SocketException.class, () -> socket.setOOBInline(true));
        socket.setSoTimeout(1234);
        assertEquals(1234, socket.getSoTimeout());
        socket.setTcpNoDelay(true);
        assertTrue(socket.getTcpNoDelay());
        socket.close();
        socket.close();
        assertTrue(socket.isClosed());
        assertThrows(SocketException.class, socket::getInputStream);
        assertThrows(SocketException.class, socket::startHandshake);
        assertThrows(SocketException.class, () -> socket.connect(new InetSocketAddress("127.0.0.1", 1)));
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void aTimeLimitInterruptsAndNothingIsLost(Side clients, Side servers) throws Exception {
        try (Pair pair = Pair.of(clients, servers).shake()) {
            pair.client.setSoTimeout(30);
            InputStream in = pair.client.getInputStream();
            assertThrows(SocketTimeoutException.class, in::read);
            assertThrows(SocketTimeoutException.class, in::read);
            pair.client.setSoTimeout(0);
            pair.server.getOutputStream().write(bytes(50_000));
            assertArrayEquals(bytes(50_000), in.readNBytes(50_000));
            assertEquals(0, in.available());
        }
    }

    @Test
    void aHandshakeThatTookTooLongGoesOn() throws Exception {
        try (Pair pair = Pair.of(Side.OURS, Side.OURS)) {
            pair.client.setSoTimeout(30);
            assertThrows(SocketTimeoutException.class, pair.client::startHandshake);
            pair.client.setSoTimeout(0);
            pair.shake();
            assertTrue(pair.client.getSession().isValid());
        }
    }

    private static boolean isEnded(Future<?> of) {
        try {
            of.get(MINUTES, TimeUnit.MINUTES);
            return true;
        } catch (ExecutionException e) {
            return true;
        } catch (InterruptedException | java.util.concurrent.TimeoutException e) {
            return false;
        }
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void anotherThreadMayCloseWhileOneReads(Side clients, Side servers) throws Exception {
        try (Pair pair = Pair.of(clients, servers).shake()) {
            CountDownLatch reads = new CountDownLatch(1);
            Future<Integer> reading = other(() -> {
                InputStream in = pair.client.getInputStream();
                reads.countDown();
                return in.read();
            });
            assertTrue(reads.await(MINUTES, TimeUnit.MINUTES));
            pair.client.close();
            if (clients == Side.OURS) {
                assertThrows(SocketException.class, () -> ends(reading));
            } else {
                assertTrue(isEnded(reading), "the JDK's tells an end at times, at others throws");
            }
            assertTrue(pair.client.isClosed());
            assertEquals(-1, pair.server.getInputStream().read(), "the peer was told");
        }
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void anotherThreadMayCloseWhileOneWritesToNobody(Side clients, Side servers) throws Exception {
        try (Pair pair = Pair.of(clients, servers).shake()) {
            CountDownLatch writes = new CountDownLatch(1);
            Future<Object> writing = other(() -> {
                OutputStream out = pair.client.getOutputStream();
                byte[] much = new byte[1 << 16];
                while (true) {
                    out.write(much);
                    writes.countDown();
                }
            });
            assertTrue(writes.await(MINUTES, TimeUnit.MINUTES));
            pair.client.setSoLinger(true, 0);
            pair.client.close();
            assertThrows(IOException.class, () -> ends(writing));
        }
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void endingTheInputBeforeThePeerDoesIsAFault(Side clients, Side servers) throws Exception {
        try (Pair pair = Pair.of(clients, servers).shake()) {
            assertThrows(SSLException.class, pair.client::shutdownInput);
            assertTrue(pair.client.isInputShutdown());
            pair.client.shutdownInput();  // which it is
            assertThrows(SocketException.class, pair.client::getInputStream);
            pair.client.getOutputStream().write(7);
            assertEquals(7, pair.server.getInputStream().read());
        }
    }

    /// The JDK's takes it for an end, unless `com.sun.net.ssl.requireCloseNotify` is set.
    @Test
    void aStreamThatIsCutIsAFaultAndNoEnd() throws Exception {
        try (ServerSocket listening = new ServerSocket(0, 5, InetAddress.getByName("127.0.0.1"));
                Socket below = new Socket("127.0.0.1", listening.getLocalPort());
                Socket accepted = listening.accept()) {
            SSLSocket client = (SSLSocket) Side.OURS.client().getSocketFactory().createSocket(below, "localhost", 443, true);
            SSLSocket server = (SSLSocket) Side.OURS.server("EC").getSocketFactory().createSocket(accepted, null, true);
            new Pair(client, server).shake();
            accepted.close();
            SSLException cut = assertThrows(SSLException.class, client.getInputStream()::read);
            assertTrue(cut.getMessage().contains("without close_notify"), cut.getMessage());
            assertThrows(SSLException.class, client.getInputStream()::read, "again");
            client.close();
            server.close();
        }
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void whatIsLayeredLeavesTheSocketBelowWhereItWasAskedTo(Side clients, Side servers) throws Exception {
        try (ServerSocket listening = new ServerSocket(0, 5, InetAddress.getByName("127.0.0.1"));
                Socket below = new Socket("127.0.0.1", listening.getLocalPort());
                Socket accepted = listening.accept()) {
            below.getOutputStream().write("STARTTLS\n".getBytes());
            assertEquals("STARTTLS\n", new String(accepted.getInputStream().readNBytes(9)));
            SSLSocket client = (SSLSocket) clients.client().getSocketFactory().createSocket(below, "localhost", 443, false);
            SSLSocket server = (SSLSocket) servers.server("EC").getSocketFactory().createSocket(accepted, "localhost", 443, false);
            server.setUseClientMode(false);
            new Pair(client, server).shake();
            client.getOutputStream().write(1);
            assertEquals(1, server.getInputStream().read());
            Future<Object> closing = other(() -> {
                server.close();
                return null;
            });
            client.close();
            ends(closing);
            assertTrue(client.isClosed() && server.isClosed());
            assertFalse(below.isClosed() || accepted.isClosed());
            if (servers == Side.OURS) {  // the JDK's leaves what it has not read of TLS where it lies
                below.getOutputStream().write("in the clear".getBytes());
                assertEquals("in the clear", new String(accepted.getInputStream().readNBytes(12)));
            }
            if (clients == Side.OURS) {
                accepted.getOutputStream().write("in the clear".getBytes());
                assertEquals("in the clear", new String(below.getInputStream().readNBytes(12)));
            }
            assertThrows(IOException.class, () -> clients.client().getSocketFactory().createSocket(new Socket(), "localhost", 443, true));
        }
    }

    @ParameterizedTest
    @EnumSource(Side.class)
    void aServerGoesOnWithWhatWasReadBefore(Side side) throws Exception {
        try (ServerSocket listening = new ServerSocket(0, 5, InetAddress.getByName("127.0.0.1"))) {
            Future<SSLSession> asking = other(() -> {
                try (SSLSocket client = (SSLSocket) Side.JDK.client().getSocketFactory().createSocket("localhost", listening.getLocalPort())) {
                    client.getInputStream().readAllBytes();
                    return client.getSession();
                }
            });
            Socket accepted = listening.accept();
            byte[] peeked = accepted.getInputStream().readNBytes(50);
            assertEquals(22, peeked[0]);
            SSLSocket server = (SSLSocket) side.server("EC").getSocketFactory().createSocket(accepted, new ByteArrayInputStream(peeked), true);
            assertFalse(server.getUseClientMode());
            server.startHandshake();
            server.close();
            assertTrue(accepted.isClosed());
            assertEquals("CN=EC", ends(asking).getPeerPrincipal().getName());
        }
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void anUntrustedServerIsRefusedOnBothSides(Side clients, Side servers) throws Exception {
        try (Pair pair = Pair.of(clients.context(null, null), servers.server("EC"))) {
            Future<Object> other = other(() -> {
                pair.server.startHandshake();
                pair.server.getInputStream().read();
                return null;
            });
            assertThrows(SSLHandshakeException.class, pair.client::startHandshake);
            assertFalse(pair.client.getSession().isValid());
            assertThrows(IOException.class, () -> ends(other));
        }
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void namesAreCheckedWhereThatIsAskedFor(Side clients, Side servers) throws Exception {
        for (String host : List.of("localhost", "elsewhere.example")) {
            try (ServerSocket listening = serve(servers.server("EC")); Socket below = new Socket("127.0.0.1", listening.getLocalPort())) {
                Future<Object> other = other(() -> {
                    try (Socket accepted = listening.accept()) {
                        ((SSLSocket) accepted).startHandshake();
                        return accepted.getInputStream().read();
                    }
                });
                SSLSocket client = (SSLSocket) clients.client().getSocketFactory().createSocket(below, host, 443, true);
                SSLParameters parameters = client.getSSLParameters();
                parameters.setEndpointIdentificationAlgorithm("HTTPS");
                client.setSSLParameters(parameters);
                if (host.equals("localhost")) {
                    client.startHandshake();
                    client.close();
                    assertEquals(-1, ends(other));
                } else {
                    assertThrows(SSLHandshakeException.class, client::startHandshake);
                    assertThrows(IOException.class, () -> ends(other));  // it may find the socket closed before it finds the alert
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void aServerSocketTellsWhatItWasTold(Side clients, Side servers) throws Exception {
        try (SSLServerSocket listening = (SSLServerSocket) servers.server("EC").getServerSocketFactory().createServerSocket()) {
            listening.bind(new InetSocketAddress("127.0.0.1", 0));
            listening.setNeedClientAuth(true);
            listening.setEnabledCipherSuites(new String[] {"TLS_AES_256_GCM_SHA384"});
            SSLParameters parameters = listening.getSSLParameters();
            parameters.setApplicationProtocols(new String[] {"imap"});
            listening.setSSLParameters(parameters);
            assertTrue(listening.getNeedClientAuth());
            assertFalse(listening.getUseClientMode());
            SSLSocket client = (SSLSocket) clients.context(Certificates.keys("Ed25519"), Certificates.trust()).getSocketFactory()
                    .createSocket(InetAddress.getByName("127.0.0.1"), listening.getLocalPort());
            SSLParameters asks = client.getSSLParameters();
            asks.setApplicationProtocols(new String[] {"smtp", "imap"});
            client.setSSLParameters(asks);
            SSLSocket server = (SSLSocket) listening.accept();
            try (Pair pair = new Pair(client, server).shake()) {
                assertEquals("CN=Ed25519", pair.server.getSession().getPeerPrincipal().getName());
                assertEquals("TLS_AES_256_GCM_SHA384", pair.client.getSession().getCipherSuite());
                assertEquals("imap", pair.client.getApplicationProtocol());
                assertEquals("imap", pair.server.getApplicationProtocol());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void aSelectorSeesTheSocket(Side clients, Side servers) throws Exception {
        try (Pair pair = Pair.of(clients, servers)) {
            SSLParameters asks = pair.client.getSSLParameters();
            asks.setApplicationProtocols(new String[] {"one", "two"});
            pair.client.setSSLParameters(asks);
            CompletableFuture<SSLSession> seen = new CompletableFuture<>();
            pair.server.setHandshakeApplicationProtocolSelector((socket, offered) -> {
                seen.complete(socket.getHandshakeSession());
                return socket == pair.server ? offered.get(1) : null;
            });
            assertNotNull(pair.server.getHandshakeApplicationProtocolSelector());
            pair.shake();
            assertEquals("two", pair.client.getApplicationProtocol());
            assertInstanceOf(SSLSession.class, ends(seen));
        }
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void aSecondHandshakeUpdatesTheKey(Side clients, Side servers) throws Exception {
        try (Pair pair = Pair.of(clients, servers).shake()) {
            pair.client.startHandshake();
            pair.client.getOutputStream().write(5);
            assertEquals(5, pair.server.getInputStream().read());
            pair.server.getOutputStream().write(6);
            assertEquals(6, pair.client.getInputStream().read());
        }
    }

    @Test
    void aClosedSocketHoldsNothing() throws Exception {
        try (CofferJsseProvider provider = new CofferJsseProvider(CofferJsseConfig.defaults().withEngines(4))) {
            SSLContext clients = SSLContext.getInstance("TLSv1.3", provider);
            clients.init(null, Certificates.trust(), null);
            SSLContext servers = Side.JDK.server("EC");
            for (int i = 0; i < 8; i++) {
                try (Pair pair = Pair.of(clients, servers).shake()) {
                    pair.server.getOutputStream().write(bytes(100));
                    assertEquals(bytes(100)[0], (byte) pair.client.getInputStream().read());  // the rest is never read
                }
            }
            assertEquals(0, provider.accounts().stream().filter(each -> each.name().equals("jsse engines")).mapToLong(each -> each.usedBytes()).sum());
        }
    }
}
