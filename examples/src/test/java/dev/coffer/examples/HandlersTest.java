package dev.coffer.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.testkit.Eventually;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The examples of handlers, each started as a user starts it and asked by the JDK's client.
@Timeout(600)
class HandlersTest {
    private static final Path SOURCES = Path.of(System.getProperty("coffer.root", ".."), "examples/src/main/java/dev/coffer/examples");
    private static final int LINES_MAX = 60;

    private final HttpClient client = HttpClient.newHttpClient();
    private Process process;
    private URI root;

    private String start(Class<?> example, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin/java").toString(), "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED", "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")), example.getName(), "0"));
        command.addAll(List.of(arguments));
        process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        String line = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8)).readLine();
        root = URI.create(line.split(" ")[0]).resolve("/");
        assertTrue(Files.readAllLines(SOURCES.resolve(example.getSimpleName() + ".java")).size() < LINES_MAX, "lines");
        return line;
    }

    @AfterEach
    void stop() throws InterruptedException {
        client.close();
        Eventually.ended(process.destroyForcibly());
    }

    private HttpResponse<String> ask(String method, String path, String content) throws IOException, InterruptedException {
        return client.send(HttpRequest.newBuilder(root.resolve(path)).method(method,
                content == null ? BodyPublishers.noBody() : BodyPublishers.ofString(content)).build(), BodyHandlers.ofString());
    }

    @Test
    void echo() throws Exception {
        start(OneEcho.class);
        assertEquals("h\u00e9llo\n", ask("POST", "/echo", "h\u00e9llo\n").body());
        HttpResponse<String> json = ask("GET", "/hello/%22you%22", null);
        assertEquals("{\"hello\":\"\\\"you\\\"\"}", json.body());
        assertEquals("application/json", json.headers().firstValue("content-type").orElseThrow());
        assertEquals(405, ask("GET", "/echo", null).statusCode());
    }

    @Test
    void json() throws Exception {
        start(JsonApi.class);
        assertEquals(404, ask("GET", "/numbers/answer", null).statusCode());
        assertEquals(204, ask("PUT", "/numbers/answer", "42").statusCode());
        assertEquals("{\"number\":42}", ask("GET", "/numbers/answer", null).body());
        assertEquals(400, ask("PUT", "/numbers/answer", "many").statusCode());
        assertEquals(413, ask("PUT", "/numbers/answer", "1".repeat(21)).statusCode());
        assertEquals(204, ask("DELETE", "/numbers/answer", null).statusCode());
        assertEquals(404, ask("DELETE", "/numbers/answer", null).statusCode());
    }

    @Test
    void events() throws Exception {
        start(EventClock.class);
        assertTrue(ask("GET", "/", null).body().contains("EventSource"));
        HttpResponse<InputStream> stream = client.send(HttpRequest.newBuilder(root.resolve("/events")).build(), BodyHandlers.ofInputStream());
        assertEquals("text/event-stream", stream.headers().firstValue("content-type").orElseThrow());
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(stream.body(), StandardCharsets.UTF_8))) {
            String line;
            do {
                line = lines.readLine();
            } while (!line.startsWith("data: "));
            assertTrue(line.matches("data: \\d\\d:\\d\\d(:\\d\\d)?"), line);
        }
    }

    @Test
    void chat() throws Exception {
        start(ChatRoom.class);
        assertTrue(ask("GET", "/", null).body().contains("WebSocket"));
        CompletableFuture<String> heard = new CompletableFuture<>();
        WebSocket.Listener listener = new WebSocket.Listener() {
            @Override
            public CompletionStage<?> onText(WebSocket socket, CharSequence text, boolean last) {
                heard.complete(text.toString());
                return null;
            }
        };
        URI place = URI.create(root.resolve("/chat").toString().replace("http", "ws"));
        WebSocket reader = Eventually.done(client.newWebSocketBuilder().buildAsync(place, listener));
        WebSocket writer = Eventually.done(client.newWebSocketBuilder().buildAsync(place, new WebSocket.Listener() {}));
        Eventually.done(writer.sendText("h\u00e9llo", true));
        assertEquals("h\u00e9llo", Eventually.done(heard));
        reader.abort();
        writer.abort();
    }

    @Test
    void upload(@TempDir Path folder) throws Exception {
        start(Uploads.class, folder.toString());
        String content = "0123456789".repeat(500_000);
        assertEquals(201, ask("PUT", "/files/a.txt", content).statusCode());
        assertEquals(content, ask("GET", "/files/a.txt", null).body());
        assertEquals(content, Files.readString(folder.resolve("a.txt")));
        assertEquals(409, ask("PUT", "/files/a.txt", "other").statusCode());
    }

    @Test
    void router() throws Exception {
        start(MemoryRoutes.class);
        assertEquals("M\u00fcller", ask("GET", "/users/M%C3%BCller/posts/7", null).body());
        assertEquals(403, ask("GET", "/users/me/posts/7", null).statusCode());
        assertEquals(418, ask("PATCH", "/teapot", "tea").statusCode());
        assertEquals("7", ask("GET", "/v2/users/7", null).body());
        assertEquals(404, ask("GET", "/v3/users/7", null).statusCode());
    }

    /// The client asks the other example, as a user would have it ask.
    @Test
    void fetch() throws Exception {
        start(OneEcho.class);
        Process asks = new ProcessBuilder(process.info().command().orElseThrow(), "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED", "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")), OneFetch.class.getName(),
                root.resolve("/hello/you").toString(), root.resolve("/none").toString()).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(asks.getInputStream(), StandardCharsets.UTF_8))) {
            assertEquals(root.resolve("/hello/you") + ": 200, 15 bytes", lines.readLine());
            assertTrue(lines.readLine().startsWith(root.resolve("/none") + ": 404, "));
        } finally {
            asks.destroyForcibly();
        }
        assertTrue(Files.readAllLines(SOURCES.resolve("OneFetch.java")).size() < LINES_MAX, "lines");
    }
}
