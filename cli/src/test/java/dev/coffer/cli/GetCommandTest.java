package dev.coffer.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.cli.Cli.Answer;
import dev.coffer.server.Server;
import dev.coffer.server.ServerConfig;
import dev.coffer.server.easy.Easy;
import dev.coffer.server.easy.Response;
import dev.coffer.server.files.FileSite;
import dev.coffer.server.route.Route;
import dev.coffer.server.route.Router;
import dev.coffer.testkit.RequestHead;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// `coffer get` against our own server, and against servers that do wrong.
@Timeout(600)
class GetCommandTest {
    @TempDir
    private Path folder;
    @TempDir
    private Path served;
    @TempDir
    private Path streams;

    private Cli cli;
    private Server server;
    private String base;

    @BeforeEach
    void open() throws IOException {
        cli = new Cli(streams);
        Router router = Router.of(
                Route.post("/echo", Easy.answering(request -> Response.text(request.header("content-type").orElse("none") + ": " + request.text()))),
                Route.put("/echo", Easy.answering(request -> Response.text("put " + request.header("x-mine").orElse("none")))),
                Route.get("/gone", Easy.answering(request -> Response.status(410))),
                Route.get("/away", Easy.answering(request -> Response.redirect("/hello.txt"))),
                Route.under("/", FileSite.of(served, 8)));
        Files.writeString(served.resolve("hello.txt"), "hello\n");
        server = Server.open(ServerConfig.standard(), router);
        server.start();
        base = "http://127.0.0.1:" + server.address().getPort();
    }

    @AfterEach
    void close() {
        server.close();
    }

    /// What a scripted server answers, once.
    private Answer against(String answer, String... arguments) throws IOException {
        try (ServerSocket listener = new ServerSocket(0, 8, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual().start(() -> {
                try (Socket socket = listener.accept()) {
                    RequestHead.read(socket.getInputStream());
                    socket.getOutputStream().write(answer.getBytes(StandardCharsets.ISO_8859_1));
                } catch (IOException e) {
                    // the test is over
                }
            });
            String[] all = Stream.concat(Stream.of("get", "http://127.0.0.1:" + listener.getLocalPort() + "/x"), Stream.of(arguments))
                    .toArray(String[]::new);
            return cli.run(all);
        }
    }

    private List<String> left() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    private String file(String name) {
        return folder.resolve(name).toString();
    }

    @Test
    void writesToStandardOutputAndToAFileOfAnySize() throws IOException {
        Answer answer = cli.run("get", base + "/hello.txt");
        assertEquals(0, answer.exitCode(), answer::toString);
        assertEquals("hello\n", answer.out());
        byte[] large = new byte[3_000_001];
        new Random(7).nextBytes(large);
        Files.write(served.resolve("large.bin"), large);
        answer = cli.run("get", base + "/large.bin", "-o", file("large"));
        assertEquals(0, answer.exitCode(), answer::toString);
        assertArrayEquals(large, Files.readAllBytes(folder.resolve("large")));
        assertEquals(List.of("large"), left());
    }

    @Test
    void aFileThatExistsIsReplacedByForceAlone() throws IOException {
        Files.writeString(folder.resolve("there"), "mine");
        assertEquals(ExitCode.FAILED, cli.run("get", base + "/hello.txt", "-o", file("there")).exitCode());
        assertEquals("mine", Files.readString(folder.resolve("there")));
        assertEquals(0, cli.run("get", base + "/hello.txt", "-f", "-o", file("there")).exitCode());
        assertEquals("hello\n", Files.readString(folder.resolve("there")));
    }

    @Test
    void contentCutShortIsAnErrorAndLeavesNoFile() throws IOException {
        Answer answer = against("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", "-o", file("cut"));
        assertEquals(GetExit.PARTIAL, answer.exitCode(), answer::toString);
        assertTrue(answer.err().contains("cut short"), answer.err());
        assertEquals(List.of(), left());
        Files.writeString(folder.resolve("there"), "mine");
        assertEquals(GetExit.PARTIAL, against("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", "-f", "-o", file("there")).exitCode());
        assertEquals("mine", Files.readString(folder.resolve("there")), "what was there before stays");
        answer = against("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");
        assertEquals(GetExit.PARTIAL, answer.exitCode());
        assertEquals("abc", answer.out());
    }

    @Test
    void whatIsNoHttpIsSaidInWords() throws IOException {
        Answer answer = against("SSH-2.0-OpenSSH_9.6\r\n\r\n", "-o", file("x"));
        assertEquals(GetExit.ANSWER, answer.exitCode(), answer::toString);
        assertTrue(answer.err().contains("breaks HTTP"), answer.err());
        assertEquals(1, answer.err().lines().count());
        assertEquals(List.of(), left());
    }

    @Test
    void anErrorsStatusIsTheExitCodesAndLeavesNoFile() throws IOException {
        Answer answer = cli.run("get", base + "/gone", "-o", file("gone"));
        assertEquals(GetExit.STATUS, answer.exitCode());
        assertTrue(answer.err().contains("410 Gone"), answer.err());
        assertEquals(List.of(), left());
        answer = cli.run("get", base + "/gone");
        assertEquals(GetExit.STATUS, answer.exitCode());
        assertTrue(answer.out().contains("Gone"), "its content is shown: " + answer.out());
    }

    @Test
    void redirectsAreFollowedWhenAsked() throws IOException {
        Answer answer = cli.run("get", base + "/away", "-o", file("away"));
        assertEquals(ExitCode.FAILED, answer.exitCode());
        assertTrue(answer.err().contains("-L follows it"), answer.err());
        assertEquals(List.of(), left());
        assertEquals("hello\n", cli.run("get", "-L", base + "/away").out());
        answer = cli.run("get", "-i", base + "/away");
        assertEquals(0, answer.exitCode(), answer::toString);
        assertTrue(answer.out().startsWith("HTTP/1.1 303 See Other\r\n"), answer.out());
    }

    @Test
    void headsAreWrittenAndFieldsAndDataSent() throws IOException {
        Answer answer = cli.run("get", "-i", base + "/hello.txt");
        assertTrue(answer.out().startsWith("HTTP/1.1 200 OK\r\n"), answer.out());
        assertTrue(answer.out().contains("\r\ncontent-length: 6\r\n") && answer.out().endsWith("\r\n\r\nhello\n"), answer.out());
        answer = cli.run("get", "-I", base + "/hello.txt");
        assertEquals(0, answer.exitCode(), answer::toString);
        assertTrue(answer.out().endsWith("\r\n\r\n"), answer.out());
        assertEquals("application/octet-stream: some", cli.run("get", "--data", "some", base + "/echo").out());
        assertEquals("text/x: h\u00e9", cli.run("get", "-H", "Content-Type: text/x", "-d", "h\u00e9", base + "/echo").out());
        assertEquals("put yes", cli.run("get", "-X", "PUT", "-H", "X-Mine: yes", base + "/echo").out());
        Path data = Files.writeString(folder.resolve("data"), "from a file");
        assertEquals("application/octet-stream: from a file", cli.run("get", "--data-file", data.toString(), base + "/echo").out());
        assertEquals("application/octet-stream: from a file", cli.from(data, "get", "--data-file", "-", base + "/echo").out());
        answer = cli.run("get", "--data-file", data.toString(), "-f", "-o", data.toString(), base + "/echo");
        assertEquals(ExitCode.USAGE, answer.exitCode(), "what it reads it does not write");
        assertEquals("from a file", Files.readString(data));
        assertEquals(GetExit.READ, cli.run("get", "--data-file", file("none"), base + "/echo").exitCode());
    }

    @Test
    void contentAtTheLimitIsWrittenAndOneByteMoreIsNot() throws IOException {
        assertEquals(0, cli.run("get", "--limit", "6", "-o", file("six"), base + "/hello.txt").exitCode());
        Answer answer = cli.run("get", "--limit", "5", "-o", file("five"), base + "/hello.txt");
        assertEquals(GetExit.TOO_LARGE, answer.exitCode());
        assertTrue(answer.err().contains("more than 5 bytes"), answer.err());
        String chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nabcdef\r\n0\r\n\r\n";
        assertEquals(GetExit.TOO_LARGE, against(chunked, "--limit", "5", "-o", file("five")).exitCode());
        assertEquals(0, against(chunked, "--limit", "6", "-o", file("chunked")).exitCode());
        assertEquals(List.of("chunked", "six"), left());
    }

    @Test
    void aTimeLimitEndsIt() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 8, InetAddress.getLoopbackAddress())) {
            Answer answer = cli.run("get", "-t", "0.1", "-o", file("x"), "http://127.0.0.1:" + silent.getLocalPort() + "/");
            assertEquals(GetExit.TIME, answer.exitCode());
            assertTrue(answer.err().contains("longer than it may"), answer.err());
            assertEquals(List.of(), left());
        }
    }

    @Test
    void whatCannotBeAskedIsAWrongCommandLine() {
        Answer answer = cli.run("get", "--cacert", "x", base);
        assertEquals(ExitCode.USAGE, answer.exitCode());
        assertTrue(answer.err().contains("--cacert"), answer.err());
        for (String[] arguments : new String[][] {{"get"}, {"get", "example.org"}, {"get", "-H", "x", base}, {"get", "-H", "Host: x", base},
                {"get", "-X", "CONNECT", base}, {"get", "-X", "get it", base}, {"get", "-I", "-d", "x", base}, {"get", "-t", "0", base},
                {"get", "-t", "-1", base}, {"get", "-t", "NaN", base}, {"get", "--limit", "-1", base}, {"get", "-d", "x", "--data-file", "y", base},
                {"get", "http://user:pass@host/"}, {"get", "http://host/ x"}}) {
            answer = cli.run(arguments);
            assertEquals(ExitCode.USAGE, answer.exitCode(), String.join(" ", arguments) + ": " + answer);
        }
        assertEquals(GetExit.CONNECT, cli.run("get", "http://127.0.0.1:1/").exitCode());
        assertEquals(GetExit.HOST, cli.run("get", "http://nowhere.invalid/").exitCode());
    }

    @Test
    void aUsersNameAndPasswordInTheUrlAreNeverShown() throws IOException {
        for (String url : new String[] {"http://hunter2:hunter2@host/", "https://u:hunter2@host/", "http://u:hunter2@host/ x", "http://u:hun ter2hunter2@host/",
                "http://u:x/hunter2@host/", "http://a@hunter2@host/", "hunter2@host"}) {
            for (String option : new String[] {"-i", "--debug"}) {
                Answer answer = cli.run("get", option, url);
                assertEquals(ExitCode.USAGE, answer.exitCode(), answer::toString);
                assertTrue(!answer.toString().contains("hunter2"), answer::toString);
            }
        }
        Answer away = against("HTTP/1.1 302 Found\r\nLocation: http://u:hunter2@host/\r\nContent-Length: 0\r\n\r\n", "-L");
        assertEquals(ExitCode.FAILED, away.exitCode(), away::toString);
        assertTrue(!away.toString().contains("hunter2"), away::toString);
    }

    @Test
    void whoReadsNoMoreEndsItAsASignalWould() throws IOException {
        Answer full = cli.with(Path.of("/dev/null"), Path.of("/dev/full"), null, "get", base + "/hello.txt");
        assertEquals(ExitCode.FAILED, full.exitCode(), full::toString);
        assertTrue(full.err().contains("No space left"), full.err());
    }
}
