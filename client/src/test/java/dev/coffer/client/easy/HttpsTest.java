package dev.coffer.client.easy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.client.ClientConfig;
import dev.coffer.client.ClientTls;
import dev.coffer.client.Failure;
import dev.coffer.client.Localhost;
import dev.coffer.client.Origin;
import dev.coffer.http.Ascii;
import dev.coffer.server.LoopStatistics.Count;
import dev.coffer.server.Server;
import dev.coffer.server.ServerConfig;
import dev.coffer.server.Site;
import dev.coffer.server.files.FileSite;
import dev.coffer.server.tls.Tls;
import dev.coffer.testkit.Eventually;
import dev.coffer.tls.ClientAuthentication;
import dev.coffer.tls.ClientVerifier;
import dev.coffer.tls.JdkClientVerifier;
import dev.coffer.tls.ServerIdentity;
import dev.coffer.tls.TlsServerConfig;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The client over TLS, to the server over TLS, with a certificate of the JDK's own tool.
class HttpsTest {
    @TempDir
    private static Path folder;
    private static Localhost localhost;
    private static ServerIdentity identity;
    private static Path trusted;

    @BeforeAll
    static void make() throws Exception {
        localhost = Localhost.in(folder);
        identity = localhost.identity();
        trusted = localhost.trusted();
    }

    private static Server server(Path root) throws IOException {
        Server server = Server.open(ServerConfig.tight().withTls(Tls.of(localhost.serving("http/1.1"), identity)),
                FileSite.of(root, 8));
        server.start();
        return server;
    }

    private static String url(Server server, String host, String path) {
        return "https://" + host + ":" + server.address().getPort() + path;
    }

    @Test
    void filesComeOverTlsInBothForms() throws Exception {
        Path root = Files.createDirectories(folder.resolve("site"));
        byte[] large = new byte[500_000];
        new SplittableRandom(3).nextBytes(large);
        Files.write(root.resolve("large.bin"), large);
        Files.writeString(root.resolve("small.txt"), "hello");
        for (boolean portable : new boolean[] {false, true}) {
            try (Server server = server(root);
                    Easy http = Easy.open(localhost.client(0).withPortable(portable))) {
                for (int i = 0; i < 3; i++) {
                    assertEquals("hello", http.get(url(server, "localhost", "/small.txt")).text());
                    assertArrayEquals(large, http.get(url(server, "localhost", "/large.bin")).bytes());
                    assertEquals(404, http.get(url(server, "localhost", "/none")).status());
                }
            }
        }
    }

    @Test
    void aHandlerHearsWhoTheClientIsAndWhoIsNobodyIsTurnedAway() throws Exception {
        TlsServerConfig asks = localhost.serving("http/1.1").withClientAuthentication(ClientAuthentication.OPTIONAL);
        byte[] pin = MessageDigest.getInstance("SHA-256").digest(identity.certificate().getPublicKey().getEncoded());
        MemorySegment said = Arena.ofAuto().allocate(ClientVerifier.KEY_BYTES);
        Site tells = Site.of(exchange -> exchange.respond(200, Ascii.of("text/plain"), said, 0, exchange.peerKey(said, 0)));
        try (Server server = Server.open(ServerConfig.tight().withTls(Tls.of(asks, identity).withClients(JdkClientVerifier.of(trusted))), tells)) {
            server.start();
            ClientConfig config = localhost.client(0);
            try (Easy http = Easy.open(config.withTls(config.tls().withIdentity(identity)))) {
                for (int i = 0; i < 3; i++) {
                    assertArrayEquals(pin, http.get(url(server, "localhost", "/")).bytes());
                }
            }
            try (Easy http = Easy.open(localhost.client(0))) {
                assertEquals("", http.get(url(server, "localhost", "/")).text());
            }
        }
        Tls required = Tls.of(asks.withClientAuthentication(ClientAuthentication.REQUIRED), identity).withClients(JdkClientVerifier.of(trusted));
        try (Server server = Server.open(ServerConfig.tight().withTls(required), tells);
                Easy http = Easy.open(localhost.client(0))) {
            server.start();
            assertThrows(FetchException.class, () -> http.get(url(server, "localhost", "/")));
        }
    }

    @Test
    void whatTlsCouldNotSayIsRefusedBefore() throws Exception {
        assertEquals(253, Origin.https("a".repeat(253), 443).host().length());
        assertThrows(IllegalArgumentException.class, () -> Origin.https("a".repeat(254), 443));
        ClientConfig secure = ClientConfig.standard().withTls(ClientTls.trusting(trusted));
        int own = secure.outputBytes();
        assertThrows(IllegalArgumentException.class, () -> secure.withOutput(own - 64, 4, 1 << 14), "no room for a record around the longest head");
        assertEquals(own - 64, ClientConfig.standard().withOutput(own - 64, 4, 1 << 14).outputBytes());
    }

    private static void expect(Failure why, Easy http, String url) {
        FetchException thrown = assertThrows(FetchException.class, () -> http.get(url));
        assertEquals(Optional.of(why), thrown.failure(), thrown.toString());
    }

    @Test
    void whoIsNotTrustedIsNotAsked() throws Exception {
        try (Server server = server(Files.createDirectories(folder.resolve("none")))) {
            try (Easy http = Easy.open(ClientConfig.standard().withTls(ClientTls.ofSystem()))) {
                expect(Failure.UNTRUSTED, http, url(server, "localhost", "/"));
            }
            try (Easy http = Easy.open(localhost.client(0))) {
                expect(Failure.UNTRUSTED, http, url(server, "127.0.0.1", "/"));
            }
            try (Easy http = Easy.open(ClientConfig.standard())) {
                expect(Failure.NO_TLS, http, url(server, "localhost", "/"));
            }
            assertEquals(0, server.count(Count.REQUESTS));
        }
    }

    @Test
    void aServerThatSpeaksSomethingElseOrNothing() throws Exception {
        try (ServerSocket other = new ServerSocket(0); Easy http = Easy.open(ClientConfig.standard().withTls(ClientTls.trusting(trusted)))) {
            Thread plain = Thread.ofVirtual().start(() -> {
                try (var socket = other.accept()) {
                    socket.getOutputStream().write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                    socket.getInputStream().readAllBytes();
                } catch (IOException e) {
                    // it has heard enough
                }
            });
            expect(Failure.HANDSHAKE, http, "https://localhost:" + other.getLocalPort() + "/");
            plain.join();
            CompletableFuture<Reply> waits = http.withNanosMax(300_000_000L).sendLater(Question.get("https://localhost:" + other.getLocalPort() + "/"));
            Exception why = assertThrows(Exception.class, () -> waits.get(Eventually.MILLIS, TimeUnit.MILLISECONDS));
            assertTrue(String.valueOf(why.getCause()).contains(Failure.TIMED_OUT.words()), why.toString());
        }
    }

    /// Passes connections on to a server, and cuts each off hard after so many bytes of what that says.
    private static void cutting(ServerSocket front, int port, int after) {
        Thread.ofVirtual().start(() -> {
            while (true) {
                try (Socket client = front.accept(); Socket server = new Socket("localhost", port)) {
                    Thread.ofVirtual().start(() -> {
                        try {
                            client.getInputStream().transferTo(server.getOutputStream());
                        } catch (IOException e) {
                            // cut
                        }
                    });
                    byte[] piece = new byte[512];
                    for (int left = after, read = 0; left > 0 && read >= 0; left -= read) {  // as it comes: who waits for more is not cut
                        read = server.getInputStream().read(piece, 0, Math.min(left, piece.length));
                        client.getOutputStream().write(piece, 0, Math.max(read, 0));
                    }
                } catch (IOException e) {
                    if (front.isClosed()) {
                        return;
                    }
                }
            }
        });
    }

    @Test
    void anAnswerOrAHandshakeThatIsCutIsNeverTakenForAWholeOne() throws Exception {
        Path root = Files.createDirectories(folder.resolve("cut"));
        byte[] large = new byte[50_000];
        new SplittableRandom(9).nextBytes(large);
        Files.write(root.resolve("large.bin"), large);
        try (Server server = server(root); Easy http = Easy.open(localhost.client(0))) {
            for (int after : new int[] {0, 3, 100, 700, 1500, 5_000, 30_000, 50_000}) {
                try (ServerSocket front = new ServerSocket(0)) {
                    cutting(front, server.address().getPort(), after);
                    FetchException thrown = assertThrows(FetchException.class, () -> http.get("https://localhost:" + front.getLocalPort()
                            + "/large.bin"), "cut after " + after);
                    assertTrue(thrown.failure().isPresent(), () -> "cut after " + after + ": " + thrown);
                }
            }
            assertArrayEquals(large, http.get(url(server, "localhost", "/large.bin")).bytes());
        }
    }

    @Test
    void aCallThatIsGivenUpInTheMiddleOfAHandshakeLeavesItsConnection() throws Exception {
        try (ServerSocket silent = new ServerSocket(0); Easy http = Easy.open(ClientConfig.standard().withTls(ClientTls.trusting(trusted)))) {
            CompletableFuture<Reply> waits = http.sendLater(Question.get("https://localhost:" + silent.getLocalPort() + "/"));
            try (Socket peer = silent.accept()) {
                peer.setSoTimeout(Eventually.MILLIS);
                assertEquals(22, peer.getInputStream().read(), "a hello");
                waits.cancel(false);
                byte[] rest = peer.getInputStream().readAllBytes();  // to the end of the connection
                assertEquals(21, rest[rest.length - 7], "an alert comes last");
            }
        }
    }
}
