package dev.coffer.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.instruments.ChildJvm;
import dev.coffer.testkit.Eventually;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// `serve` as a process of its own: its log, and the signals that only a process gets.
@Timeout(600)
class ServeProcessTest {
    @TempDir
    private Path folder;
    private Process process;
    private String url;

    /// Starts it and waits for its address.
    ///
    /// @param before  what the command is put behind
    private void start(List<String> before, boolean addressOnError, String... options) throws IOException, InterruptedException {
        Set<String> places = new LinkedHashSet<>();
        ChildJvm.place(Main.class).ifPresent(place -> places.add(place.toString()));  // before what another build left here
        places.add(Path.of("target/classes").toAbsolutePath().toString());
        for (String property : new String[] {"jdk.module.path", "java.class.path"}) {
            places.addAll(List.of(System.getProperty(property, "").split(File.pathSeparator)));
        }
        places.remove("");
        List<String> command = new ArrayList<>(before);
        command.addAll(List.of(System.getProperty("java.home") + "/bin/java", "-Xmx32m", "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1", "--enable-native-access=ALL-UNNAMED", "-cp", String.join(File.pathSeparator, places),
                "dev.coffer.cli.Main", "serve", "--port", "0"));
        command.addAll(List.of(options));
        command.add(folder.toString());
        process = new ProcessBuilder(command).redirectError(folder.resolve(".err").toFile()).redirectOutput(folder.resolve(".out").toFile()).start();
        Path said = folder.resolve(addressOnError ? ".err" : ".out");
        url = Eventually.found("its address", () -> {
            if (!process.isAlive()) {
                throw new IOException("ended: " + read(folder.resolve(".err")));
            }
            String text = read(said);
            int at = text.indexOf("serving ") < 0 ? -1 : text.indexOf("http://", text.indexOf("serving "));
            return at >= 0 && text.indexOf('\n', at) > 0 ? text.substring(at, text.indexOf('\n', at)) : null;
        });
    }

    private static String read(Path file) {
        try (BufferedReader reader = Files.newBufferedReader(file)) {
            return reader.readAllAsString();
        } catch (IOException e) {
            return "";
        }
    }

    @AfterEach
    void end() {
        if (process != null) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            Eventually.ended(process.destroyForcibly());  // before its files are deleted
        }
    }

    private int get(String path) throws IOException {
        HttpURLConnection connection = (HttpURLConnection) URI.create(url).resolve(path).toURL().openConnection();
        int status = connection.getResponseCode();
        (status < 400 ? connection.getInputStream() : connection.getErrorStream()).readAllBytes();
        return status;
    }

    private static void await(Path file, String part) {
        Eventually.holds(part + " in " + file, () -> read(file).contains(part));
    }

    @Test
    void hangupOpensTheLogAnewAndTheServerGoesOn() throws Exception {
        Path log = folder.resolve(".access.log");  // as the folder is served, hidden
        start(Hangups.meaning("default"), false, "--access-log", log.toString(), "--access-log-format", "common");
        assertEquals(404, get("/.access.log"));
        await(log, "GET /.access.log HTTP/1.1\" 404");
        Files.move(log, folder.resolve(".access.log.1"));
        Hangups.send(process);
        Eventually.holds("a new log", () -> Files.exists(log));
        assertEquals(404, get("/none"));
        await(log, "GET /none HTTP/1.1\" 404 10");
        process.destroy();
        Eventually.ended(process);
        assertTrue(read(folder.resolve(".out")).contains("stopped after 2 requests"), () -> read(folder.resolve(".out")));
    }

    /// As below `nohup`: the JVM leaves the signal ignored, and whoever counts on it is told.
    @Test
    void whereHangupIsIgnoredItIsSaid() throws Exception {
        start(Hangups.meaning("ignore"), false, "--access-log", folder.resolve(".access.log").toString());
        await(folder.resolve(".err"), "SIGHUP is ignored here (nohup does that): the access log is not opened anew");
        process.destroy();
        Eventually.ended(process);
    }

    /// The ledger and its like as a proxy of this machine asks for them that says nothing of itself: never at the server's own address.
    @Test
    void thePagesAreNowhereOrAtAPortOfTheirOwn() throws Exception {
        start(List.of(), false);
        for (String path : new String[] {"/-/ledger.json", "/-/health", "/-/metrics"}) {
            assertEquals(404, get(path), path);
        }
        end();
        start(List.of(), false, "--pages", "0", "--health-path", "/healthz");
        await(folder.resolve(".out"), "/-/\n");
        String said = read(folder.resolve(".out"));
        for (String path : new String[] {"/-/ledger.json", "/healthz", "/-/metrics"}) {
            assertEquals(404, get(path), path);
        }
        url = said.substring(said.indexOf("http://"), said.indexOf("/-/\n"));
        for (String path : new String[] {"/-/ledger.json", "/healthz", "/-/metrics"}) {
            assertEquals(200, get(path), path);
        }
        assertEquals(404, get("/"), "nothing else is there");
    }

    /// Services lead standard error into a file as a habit, and not always to its end: lines and messages come one after the other.
    @Test
    void standardErrorInAFileTakesTheLogBesideItsMessages() throws Exception {
        start(List.of("/bin/sh", "-c", "echo begun >&2; \"$@\"; echo ended >&2", "sh"), false, "--access-log", "/dev/stderr", "--access-log-format",
                "json", "--list");
        assertEquals(200, get("/"));
        assertEquals(404, get("/none"));
        process.children().forEach(ProcessHandle::destroy);
        Eventually.ended(process);
        List<String> lines = read(folder.resolve(".err")).lines().toList();
        assertEquals(4, lines.size(), lines::toString);
        assertEquals(List.of("begun", "ended"), List.of(lines.getFirst(), lines.getLast()), lines::toString);
        assertTrue(lines.get(1).contains("\"target\":\"/\"") && lines.get(2).contains("\"target\":\"/none\""), lines::toString);
        assertTrue(read(folder.resolve(".out")).contains("stopped after 2 requests"));
    }

    /// By whatever name of the stream.
    @Test
    void aStandardStreamThatIsLedIntoTheFolderTakesNoLog() {
        for (String name : new String[] {"-", "/dev/stdout"}) {
            AssertionError ended = assertThrows(AssertionError.class, () -> start(List.of("/bin/sh", "-c", "exec \"$@\" >>\"$0\"",
                    folder.resolve("public").toString()), true, "--access-log", name), name);
            assertTrue(ended.getMessage().contains("--access-log " + name + " would be served"), ended::getMessage);
            end();
        }
    }

    @Test
    void standardOutputIsTheLogsAlone() throws Exception {
        start(List.of(), true, "--access-log", "-", "--access-log-format", "json", "--list");
        assertEquals(200, get("/"));
        assertEquals(404, get("/none"));
        process.destroy();
        Eventually.ended(process);
        List<String> lines = read(folder.resolve(".out")).lines().toList();
        assertEquals(2, lines.size(), lines::toString);
        assertTrue(lines.get(0).contains("\"target\":\"/\"") && lines.get(1).contains("\"target\":\"/none\""), lines::toString);
        assertTrue(read(folder.resolve(".err")).contains("stopped after 2 requests"));
    }
}
