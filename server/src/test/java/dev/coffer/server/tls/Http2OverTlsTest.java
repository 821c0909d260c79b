package dev.coffer.server.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.key.KeyAlgorithm;
import dev.coffer.server.Http2Serving;
import dev.coffer.server.Server;
import dev.coffer.server.ServerConfig;
import dev.coffer.server.easy.Easy;
import dev.coffer.server.easy.Response;
import dev.coffer.server.files.FileSite;
import dev.coffer.tls.TlsServerConfig;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// HTTP/2 by ALPN over TLS 1.3, with the JDK's client.
class Http2OverTlsTest {
    @TempDir
    Path folder;

    private static ServerConfig config(Certified identity, boolean http2) {
        TlsServerConfig tls = Certified.patient();
        return ServerConfig.tight().withSize(1, 8, 4).withHttp2(http2 ? Http2Serving.defaults().withSize(128, 8) : null)
                .withTls(Tls.of(http2 ? tls.withProtocols("h2", "http/1.1") : tls.withProtocols("http/1.1"), identity.identity()));
    }

    private static HttpRequest.Builder to(Server server, String path) {
        return HttpRequest.newBuilder(URI.create("https://localhost:" + server.address().getPort() + path));
    }

    @Test
    void aPageWithTwoHundredPartsOverOneConnection() throws Exception {
        byte[] large = new byte[500_000];
        new Random(5).nextBytes(large);
        Files.write(folder.resolve("large.bin"), large);
        for (int i = 0; i < 20; i++) {
            Files.writeString(folder.resolve("part" + i), "part " + i);
        }
        Certified identity = Certified.make(KeyAlgorithm.P256, "localhost");
        try (Server server = Server.open(config(identity, true), FileSite.of(folder, 32));
                HttpClient client = HttpClient.newBuilder().sslContext(identity.trusting()).build()) {
            server.start();
            HttpResponse<byte[]> page = client.send(to(server, "/large.bin").build(), BodyHandlers.ofByteArray());
            assertEquals(HttpClient.Version.HTTP_2, page.version());
            assertTrue(Arrays.equals(large, page.body()));
            for (int round = 0; round < 4; round++) {
                List<CompletableFuture<HttpResponse<String>>> parts = new ArrayList<>();
                for (int i = 0; i < 50; i++) {
                    parts.add(client.sendAsync(to(server, "/part" + i % 20).build(), BodyHandlers.ofString()));
                }
                for (int i = 0; i < 50; i++) {
                    assertEquals("part " + i % 20, parts.get(i).get().body());
                }
            }
            assertEquals(1, server.connections());
        }
    }

    @Test
    void contentInBothDirections() throws Exception {
        byte[] content = new byte[300_000];
        new Random(7).nextBytes(content);
        Certified identity = Certified.make(KeyAlgorithm.P256, "localhost");
        try (Server server = Server.open(config(identity, true), Easy.answering(request -> Response.bytes("a/b", request.bytes())));
                HttpClient client = HttpClient.newBuilder().sslContext(identity.trusting()).build()) {
            server.start();
            for (int i = 0; i < 3; i++) {
                HttpResponse<byte[]> answer = client.send(to(server, "/").POST(BodyPublishers.ofByteArray(content)).build(), BodyHandlers.ofByteArray());
                assertEquals(HttpClient.Version.HTTP_2, answer.version());
                assertTrue(Arrays.equals(content, answer.body()));
            }
        }
    }

    @Test
    void whoDoesNotOfferItSpeaksHttp1() throws Exception {
        Certified identity = Certified.make(KeyAlgorithm.P256, "localhost");
        for (boolean http2 : new boolean[] {true, false}) {
            try (Server server = Server.open(config(identity, http2), Easy.answering(request -> Response.text("hello")));
                    HttpClient client = HttpClient.newBuilder().version(http2 ? HttpClient.Version.HTTP_1_1 : HttpClient.Version.HTTP_2)
                            .sslContext(identity.trusting()).build()) {
                server.start();
                HttpResponse<String> answer = client.send(to(server, "/").build(), BodyHandlers.ofString());
                assertEquals(HttpClient.Version.HTTP_1_1, answer.version());
                assertEquals("hello", answer.body());
            }
        }
    }
}
