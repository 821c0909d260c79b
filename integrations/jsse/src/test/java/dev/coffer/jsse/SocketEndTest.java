package dev.coffer.jsse;

import static dev.coffer.jsse.SocketTest.ends;
import static dev.coffer.jsse.SocketTest.other;
import static dev.coffer.jsse.SocketTest.serve;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.jsse.Certificates.Side;
import dev.coffer.jsse.SocketTest.Pair;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.reflect.Field;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Sockets whose program leaves first: what was said before is heard, and what came of the handshake stays good.
@SuppressWarnings("try")  // what is closed twice is closed twice on purpose
final class SocketEndTest {
    static Stream<Arguments> pairs() {
        return CrossedTest.pairs();
    }

    /// A socket that takes nothing more once it has said something and listens again, as one whose peer has gone.
    private static final class Mute extends Socket {
        private volatile boolean said;
        private volatile boolean gone;

        @Override
        public InputStream getInputStream() throws IOException {
            gone = said;
            return super.getInputStream();
        }

        @Override
        public OutputStream getOutputStream() throws IOException {
            if (gone) {
                throw new SocketException("Broken pipe");
            }
            said = true;
            return super.getOutputStream();
        }
    }

    @ParameterizedTest
    @EnumSource(Side.class)
    void whoSpeaksAndLeavesIsHeardThoughNobodyTakesItsTickets(Side clients) throws Exception {
        try (ServerSocket listening = new ServerSocket(0, 5, InetAddress.getByName("127.0.0.1")) {
            @Override
            public Socket accept() throws IOException {
                Socket made = new Mute();
                implAccept(made);
                return made;
            }
        }; SSLSocket client = (SSLSocket) clients.client().getSocketFactory().createSocket("localhost", listening.getLocalPort());
                Socket accepted = listening.accept()) {
            SSLSocket server = (SSLSocket) Side.OURS.server("EC").getSocketFactory().createSocket(accepted, null, true);
            Future<byte[]> heard = other(() -> {
                byte[] all = server.getInputStream().readAllBytes();
                SocketException lost = assertThrows(SocketException.class, () -> server.getOutputStream().write(1));
                assertTrue(lost.getMessage().startsWith("a record before this"), lost.getMessage());
                return all;
            });
            client.getOutputStream().write("all that there is to say".getBytes());
            client.close();
            assertArrayEquals("all that there is to say".getBytes(), ends(heard));
            server.close();
        }
    }

    @Test
    void whatWasReadAndWhatNobodyReadIsWiped() throws Exception {
        byte[] said = "what nobody else is to know".getBytes();
        try (Pair pair = Pair.of(Side.OURS, Side.OURS).shake()) {
            pair.server().getOutputStream().write(said);
            assertArrayEquals(Arrays.copyOf(said, 9), pair.client().getInputStream().readNBytes(9));
            byte[] waits = waiting(pair.client());
            byte[] expected = new byte[waits.length];
            System.arraycopy(said, 9, expected, 9, said.length - 9);
            assertArrayEquals(expected, waits, "what was read is wiped, and the rest waits");
            pair.client().close();
            assertArrayEquals(new byte[waits.length], waits, "the rest too, where its socket is closed");
        }
    }

    /// {@return the array in which content waits to be read}
    private static byte[] waiting(SSLSocket socket) throws Exception {
        Field traffic = TlsSocket.class.getDeclaredField("traffic");
        Field content = Traffic.class.getDeclaredField("content");
        traffic.setAccessible(true);
        content.setAccessible(true);
        return ((ByteBuffer) content.get(traffic.get(socket))).array();
    }

    @ParameterizedTest
    @EnumSource(Side.class)
    void aSocketThatIsGivenAnAddressOfItsOwnSpeaksFromThere(Side side) throws Exception {
        InetAddress own = InetAddress.getByName("127.0.0.2");
        InetAddress there = InetAddress.getByName("127.0.0.1");
        SSLSocketFactory factory = side.client().getSocketFactory();
        try (ServerSocket listening = new ServerSocket(0, 5, there);
                Socket byName = factory.createSocket("127.0.0.1", listening.getLocalPort(), own, 0);
                Socket byAddress = factory.createSocket(there, listening.getLocalPort(), own, 0)) {
            for (Socket each : List.of(byName, byAddress)) {
                assertEquals(own, each.getLocalAddress());
                try (Socket accepted = listening.accept()) {
                    assertEquals(own, accepted.getInetAddress());
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void whoClosesFirstMayResume(Side clients, Side servers) throws Exception {
        SSLContext asking = clients.client();
        List<Object> known = new ArrayList<>();
        try (SSLServerSocket listening = serve(servers.server("EC"))) {
            for (int i = 0; i < 2; i++) {
                SSLSocket client = (SSLSocket) asking.getSocketFactory().createSocket("localhost", listening.getLocalPort());
                try (Pair pair = new Pair(client, (SSLSocket) listening.accept()).shake()) {
                    pair.server().getOutputStream().write(1);
                    assertEquals(1, client.getInputStream().read(), "behind the tickets");
                    client.close();
                    SSLSession session = client.getSession();
                    assertTrue(session.isValid());
                    known.add(session.getValue("round"));
                    session.putValue("round", i);
                }
            }
        }
        assertEquals(Arrays.asList(null, 0), known);
    }
}
