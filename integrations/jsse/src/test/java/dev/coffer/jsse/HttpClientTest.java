package dev.coffer.jsse;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.coffer.jsse.Certificates.Side;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// The JDK's own `HttpClient` and `HttpsServer` on our context, on either side and on both.
final class HttpClientTest {
    static Stream<Arguments> pairs() {
        return NettyTest.pairs();
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void questionsAreAnswered(Side client, Side server) throws Exception {
        HttpsServer https = HttpsServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        https.setHttpsConfigurator(new HttpsConfigurator(server.server("EC")));
        https.createContext("/", exchange -> {
            byte[] body = exchange.getRequestBody().readAllBytes();
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        https.start();
        try (HttpClient http = HttpClient.newBuilder().sslContext(client.client()).build()) {
            URI at = URI.create("https://localhost:" + https.getAddress().getPort() + "/");
            for (int bytes : new int[] {1, 100_000, 1}) {
                byte[] body = new byte[bytes];
                HttpResponse<byte[]> answer = http.send(HttpRequest.newBuilder(at).POST(HttpRequest.BodyPublishers.ofByteArray(body)).build(),
                        HttpResponse.BodyHandlers.ofByteArray());
                assertArrayEquals(body, answer.body());
                assertEquals("TLSv1.3", answer.sslSession().orElseThrow().getProtocol());
            }
        } finally {
            https.stop(0);
        }
    }
}
