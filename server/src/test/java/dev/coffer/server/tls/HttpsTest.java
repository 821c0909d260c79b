package dev.coffer.server.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.key.KeyAlgorithm;
import dev.coffer.http.Limits;
import dev.coffer.http.http1.Http1Config;
import dev.coffer.memory.Entropy;
import dev.coffer.server.Server;
import dev.coffer.server.ServerConfig;
import dev.coffer.server.easy.Easy;
import dev.coffer.server.easy.Response;
import dev.coffer.server.files.FileSite;
import dev.coffer.server.websocket.Frames;
import dev.coffer.server.websocket.WebSocketConfig;
import dev.coffer.server.websocket.WebSocketHub;
import dev.coffer.testkit.Eventually;
import dev.coffer.tls.TicketKeys;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A server that speaks TLS, over real sockets, with the JDK's client.
class HttpsTest {
    @TempDir
    Path folder;

    private static ServerConfig config(boolean portable) {
        return ServerConfig.tight().withSize(1, 8, 2).withPortable(portable);
    }

    @Test
    void aSocketRestsBehindTlsAndIsSentToByAnyThread() throws Exception {
        WebSocketHub hub = WebSocketHub.of(WebSocketConfig.standard(), (socket, text, data, at, length, last) -> socket.send(text, data, at, length));
        Certified identity = Certified.make(KeyAlgorithm.P256, "localhost");
        try (Server server = Server.open(config(false).withTls(Tls.of(Certified.patient(), identity.identity())), hub)) {
            server.start();
            List<SSLSocket> all = new ArrayList<>();
            for (int i = 0; i < 5; i++) {  // more than can be active
                SSLSocket socket = identity.connect(server.address());
                all.add(socket);
                socket.getOutputStream().write((Frames.OPENING + "\r\n").getBytes(StandardCharsets.US_ASCII));
                assertTrue(head(socket).startsWith("HTTP/1.1 101 "));
            }
            hub.broadcast("to all");
            for (SSLSocket socket : all) {
                assertEquals("to all", new String(socket.getInputStream().readNBytes(8), 2, 6, StandardCharsets.US_ASCII));
            }
            for (SSLSocket socket : all) {
                socket.getOutputStream().write(Frames.frame(0x81, "again"));
                assertEquals("again", new String(socket.getInputStream().readNBytes(7), 2, 5, StandardCharsets.US_ASCII));
            }
            server.stop();
            for (SSLSocket socket : all) {
                assertEquals(1001, java.nio.ByteBuffer.wrap(socket.getInputStream().readNBytes(4)).getShort(2));
                socket.getOutputStream().write(Frames.close(1001));
                assertEquals(-1, socket.getInputStream().read(), "a close_notify, no cut");
                socket.close();
            }
            server.join();
        }
    }

    private static String head(SSLSocket socket) throws Exception {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            head.append((char) socket.getInputStream().read());
        }
        return head.toString();
    }

    @Test
    void aFileAndAnotherOverOneConnection() throws Exception {
        byte[] large = new byte[300_000];
        new SplittableRandom(5).nextBytes(large);
        Files.write(folder.resolve("large.bin"), large);
        Files.writeString(folder.resolve("small.txt"), "hello");
        for (boolean portable : new boolean[] {false, true}) {
            Certified identity = Certified.make(KeyAlgorithm.P256, "localhost");
            try (Server server = Server.open(config(portable).withTls(Tls.of(Certified.patient(), identity.identity())), FileSite.of(folder, 8))) {
                server.start();
                try (SSLSocket socket = identity.connect(server.address())) {
                    assertEquals("hello", get(socket, "/small.txt"));
                    assertEquals(new String(large, StandardCharsets.ISO_8859_1), get(socket, "/large.bin"));
                    assertEquals("hello", get(socket, "/small.txt"));
                }
            }
        }
    }

    @Test
    void aClientResumesWithAnyOfTheLoopsWhereThereAreKeys() throws Exception {
        Certified identity = Certified.make(KeyAlgorithm.P256, "localhost");
        try (TicketKeys keys = TicketKeys.fresh(Arena.ofAuto().allocate(TicketKeys.BYTES), Entropy.SYSTEM, 1000)) {
            Tls tls = Tls.of(Certified.patient(), identity.identity()).ticketKeys(keys);
            try (Server server = Server.open(ServerConfig.tight().withSize(2, 8, 2).withTls(tls), Easy.answering(request -> Response.text("hello")))) {
                server.start();
                long first = 0;
                for (int i = 0; i < 6; i++) {
                    try (SSLSocket socket = identity.connect(server.address())) {
                        assertEquals("hello", get(socket, "/"));
                        // the JDK's session that resumes another has its time of creation
                        long created = socket.getSession().getCreationTime();
                        first = i == 0 ? created : first;
                        assertEquals(first, created, "connection " + i);
                    }
                    Thread.sleep(3);
                }
                tls.ticketKeys(null);
                for (int i = 0; created(identity, server) == first; i++) {
                    assertTrue(i < 1000, "still resumed without keys");
                }
            }
        }
    }

    private static long created(Certified identity, Server server) throws Exception {
        Thread.sleep(3);
        try (SSLSocket socket = identity.connect(server.address())) {
            get(socket, "/");
            return socket.getSession().getCreationTime();
        }
    }

    @Test
    void moreConnectionsAreOpenThanHaveMemoryForAnExchange() throws Exception {
        Certified identity = Certified.make(KeyAlgorithm.ED25519, "localhost");
        try (Server server = Server.open(config(false).withTls(Tls.of(Certified.patient(), identity.identity())),
                Easy.answering(request -> Response.text("hello")))) {
            server.start();
            List<SSLSocket> open = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                SSLSocket socket = identity.connect(server.address());
                open.add(socket);
                assertEquals("hello", get(socket, "/"));
            }
            for (SSLSocket socket : open) {
                assertEquals("hello", get(socket, "/"));
            }
            for (SSLSocket socket : open) {
                socket.close();
            }
        }
    }

    @Test
    void aHandshakeWaitsForTheOnlyBlockAndGoesOn() throws Exception {
        byte[] large = new byte[24 << 20];
        Files.write(folder.resolve("large.bin"), large);
        Files.writeString(folder.resolve("small.txt"), "hello");
        Certified identity = Certified.make(KeyAlgorithm.ED25519, "localhost");
        ServerConfig one = config(false).withBlocks(1, 1 << 14).withTls(Tls.of(Certified.patient(), identity.identity()));
        try (Server server = Server.open(one, FileSite.of(folder, 8))) {
            server.start();
            SSLSocket slow = identity.connect(server.address());
            slow.getOutputStream().write("GET /large.bin HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            assertEquals('H', slow.getInputStream().read());
            Thread.sleep(300);  // the system's buffers fill, and the block waits behind them
            CompletableFuture<String> other = CompletableFuture.supplyAsync(() -> {
                try (SSLSocket socket = identity.connect(server.address())) {
                    return get(socket, "/small.txt");
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            });
            Thread.sleep(300);
            assertTrue(slow.getInputStream().readNBytes(large.length).length > 0);
            assertEquals("hello", Eventually.done(other));
            slow.close();
        }
    }

    @Test
    void whoBeginsAHeadAndNeverEndsItGivesWay() throws Exception {
        Certified identity = Certified.make(KeyAlgorithm.ED25519, "localhost");
        Limits patient = Limits.tight();
        ServerConfig two = config(false)
                .withLimits(new Limits(patient.startLineBytesMax(), patient.fieldBytesMax(), patient.headBytesMax(), patient.fieldsMax(),
                        patient.bodyBytesMax(), 600_000_000_000L, patient.idleNanosMax(), patient.graceNanos(), patient.bytesPerSecondMin()))
                .withTimes(60_000_000_000L, 1_000_000_000L, 1_000_000_000L).withTls(Tls.of(Certified.patient(), identity.identity()));
        try (Server server = Server.open(two, Easy.answering(request -> Response.text("hello")))) {
            server.start();
            List<SSLSocket> slow = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                slow.add(identity.connect(server.address()));
                slow.get(i).getOutputStream().write("GET / HT".getBytes(StandardCharsets.US_ASCII));
            }
            Thread.sleep(200);  // they hold what there is
            try (SSLSocket socket = identity.connect(server.address())) {
                assertEquals("hello", get(socket, "/"));
            }
            for (SSLSocket socket : slow) {
                socket.close();
            }
        }
    }

    @Test
    void aFatalAlertIsNotOvertakenByAResetWhateverIsCarried() throws Exception {
        Certified identity = Certified.make(KeyAlgorithm.ED25519, "localhost");
        try (Server server = Server.open(config(false).withTls(Tls.of(Certified.patient(), identity.identity())),
                Easy.answering(request -> Response.text("hello")))) {
            server.start();
            for (String begun : new String[] {"", "GET / HT"}) {
                boolean heard = false;
                for (int i = 0; i < 20 && !heard; i++) {  // a machine that stands still for a second is slower than any lingering
                    heard = hearsAlert(identity, server, begun);
                }
                assertTrue(heard, "begun: " + begun);
            }
        }
    }

    /// {@return whether a client whose record is forged, and who goes on without listening, hears an alert and then the end}
    private static boolean hearsAlert(Certified identity, Server server, String begun) throws Exception {
        try (Socket below = new Socket()) {
            below.setSoTimeout(Eventually.MILLIS);
            below.connect(server.address());
            SSLSocket socket = (SSLSocket) identity.trusting().getSocketFactory().createSocket(below, "localhost", server.address().getPort(), false);
            socket.startHandshake();
            socket.getOutputStream().write(begun.getBytes(StandardCharsets.US_ASCII));
            byte[] forged = new byte[400_000];  // more than is received at once
            System.arraycopy(new byte[] {23, 3, 3, 0, 40}, 0, forged, 0, 5);
            below.getOutputStream().write(forged);
            byte[] heard = below.getInputStream().readAllBytes();
            assertEquals(23, heard[heard.length - 24], "an alert in a protected record comes last");
            return true;
        } catch (SocketException reset) {
            return false;
        }
    }

    @Test
    void aServerWithoutRoomForAHandshakesOutputIsRefused() throws Exception {
        Tls tls = Tls.of(Certified.patient(), Certified.make(KeyAlgorithm.ED25519, "localhost").identity());
        assertThrows(IllegalArgumentException.class, () -> ServerConfig.tight().withTls(tls).withBlocks(0, 1 << 14));
        assertThrows(IllegalArgumentException.class, () -> ServerConfig.tight().withBlocks(0, 1 << 14).withTls(tls));
        ServerConfig small = ServerConfig.tight().withTls(tls);
        assertThrows(IllegalArgumentException.class, () -> small.withHttp(Http1Config.defaults()));
    }

    static String get(SSLSocket socket, String path) throws Exception {
        OutputStream out = socket.getOutputStream();
        out.write(("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
        InputStream in = socket.getInputStream();
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        while (!head.toString(StandardCharsets.US_ASCII).endsWith("\r\n\r\n")) {
            int c = in.read();
            assertFalse(c < 0, "the end within a head: " + head);
            head.write(c);
        }
        String text = head.toString(StandardCharsets.US_ASCII);
        assertTrue(text.startsWith("HTTP/1.1 200 "), text);
        int at = text.toLowerCase(java.util.Locale.ROOT).indexOf("content-length: ") + 16;
        int length = Integer.parseInt(text.substring(at, text.indexOf('\r', at)).strip());
        return new String(in.readNBytes(length), StandardCharsets.ISO_8859_1);
    }
}
