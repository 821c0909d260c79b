package dev.coffer.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.server.LedgerPage;
import dev.coffer.server.Server;
import dev.coffer.server.ServerConfig;
import dev.coffer.server.files.FileSite;
import dev.coffer.testkit.FreePort;
import dev.coffer.testkit.RequestHead;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class LedgerCommandTest {
    static {
        FirstLibrary.opened();
    }

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir
    Path folder;

    private int run(String... arguments) {
        CommandLine line = Main.commandLine(Standard.ofProcess());
        line.setOut(new PrintWriter(out, true));
        line.setErr(new PrintWriter(err, true));
        return line.execute(arguments);
    }

    private String url(int port) {
        return "http://127.0.0.1:" + port;
    }

    @Test
    void printsTheLedgerOfARunningServer() throws IOException {
        Files.writeString(folder.resolve("index.html"), "x");
        try (Server server = Server.open(ServerConfig.standard(),
                LedgerPage.before(FileSite.of(folder, FileSite.FILES)))) {
            server.start();
            assertEquals(0, run("ledger", "--url", url(server.address().getPort())), err.toString());
            String plan = String.format("%,d", server.plan().totalBytes());
            assertTrue(out.toString().contains("mapped " + plan + " bytes, as planned"), out.toString());
            assertTrue(out.toString().contains("connections"), out.toString());
            assertTrue(out.toString().contains("guard"), out.toString());
            assertEquals(0, run("ledger", "--json", "--url", url(server.address().getPort())));
            assertTrue(out.toString().contains("\"planBytes\":" + server.plan().totalBytes()), out.toString());
        }
    }

    @Test
    void nobodyThereIsOneLineAndExitCodeOne() throws IOException {
        try (Socket nobody = FreePort.refusing()) {
            assertEquals(1, run("ledger", "--url", url(nobody.getLocalPort())));
        }
        assertTrue(err.toString().contains("is a server running there?"), err.toString());
        assertEquals(1, err.toString().lines().count(), err.toString());
    }

    @Test
    void anythingButALedgerIsSaidToBeNone() throws IOException {
        for (String answer : new String[] {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]",
                "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n{",
                "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"}) {
            try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                Thread answering = Thread.ofVirtual().start(() -> answer(server, answer));
                assertEquals(1, run("ledger", "--url", url(server.getLocalPort())), answer);
                answering.interrupt();
            }
        }
        assertTrue(err.toString().contains("not a ledger") && err.toString().contains("status 404"), err.toString());
    }

    private String printed(String ledger, String... options) throws IOException {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread answering = Thread.ofVirtual()
                    .start(() -> answer(server, "HTTP/1.1 200 OK\r\nContent-Length: " + ledger.length() + "\r\n\r\n" + ledger));
            List<String> words = new ArrayList<>(List.of("ledger", "--url", url(server.getLocalPort())));
            words.addAll(List.of(options));
            assertEquals(0, run(words.toArray(String[]::new)), err.toString());
            answering.interrupt();
            return out.toString();
        }
    }

    @Test
    void aLedgerIsATreeOfNumbersAndNames() throws IOException {
        String ledger = """
                {"name":"all","planBytes":4096,"usedBytes":1024,"peakBytes":2048,"regionBytes":4095,"requests":7,"heapUsedBytes":1234567,
                "tree":[{"kind":"region","name":"loop","planBytes":4000,"usedBytes":1,"peakBytes":2,"portable":false,
                         "protections":{"LOCKED":true,"NO_DUMP":false,"WIPE_ON_FORK":true},
                         "children":[{"kind":"budget","name":"calls","limitBytes":500,"usedBytes":3,"peakBytes":4},
                                     {"kind":"pool","name":"blocks","planBytes":600,"usedBytes":5,"peakBytes":6}]},
                        {"kind":"region","name":"bare","planBytes":1,"usedBytes":0,"peakBytes":0,"portable":false,"protections":{"LOCKED":false}},
                        {"kind":"region","name":"jdk","planBytes":1,"usedBytes":0,"peakBytes":0,"portable":true}]}""";
        assertEquals("""
                  plan or limit             used             peak  name
                          4,096            1,024            2,048  all
                          4,000                1                2    loop (locked, wipe on fork)
                            500                3                4      calls (budget)
                            600                5                6      blocks
                              1                0                0    bare (nothing in force)
                              1                0                0    jdk (portable: nothing in force)

                mapped 4,095 bytes, which is NOT what was planned
                requests 7
                heapUsedBytes 1,234,567
                """, printed(ledger));
    }

    /// What answers there is whoever has the port: its names are spelt out, and command no terminal.
    @Test
    void namesOfAnAnswerCommandNoTerminal() throws IOException {
        String ledger =
                """
                        {"name":"a\\u001b[31m","planBytes":1,"usedBytes":1,"peakBytes":1,"regionBytes":1,
                        "tree":[{"kind":"region","name":"b\\r\\nc\\u009b","planBytes":1,"usedBytes":1,"peakBytes":1,"portable":false,"protections":{"D\\u0007":true}}]}""";
        String text = printed(ledger);
        assertTrue(text.contains("a\\x1b[31m") && text.contains("b\\r\\nc\\x9b") && text.contains("d\\x07"), text);
        assertTrue(text.chars().noneMatch(c -> Character.isISOControl(c) && c != '\n'), text);
    }

    @Test
    void anAnswerOfAMebibyteIsReadAndOneByteMoreIsRefused() throws IOException {
        String most = "{" + " ".repeat((1 << 20) - 2) + "}";
        assertEquals(most, printed(most, "--json").strip());
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread answering = Thread.ofVirtual().start(() -> answer(server,
                    "HTTP/1.1 200 OK\r\nContent-Length: " + (most.length() + 1) + "\r\n\r\n" + most + "\n"));
            assertEquals(1, run("ledger", "--json", "--url", url(server.getLocalPort())));
            assertTrue(err.toString().contains("more than 1048576 bytes"), err.toString());
            answering.interrupt();
        }
    }

    private static void answer(ServerSocket server, String answer) {
        try (Socket socket = server.accept()) {
            RequestHead.read(socket.getInputStream());
            OutputStream to = socket.getOutputStream();
            to.write(answer.getBytes(StandardCharsets.US_ASCII));
            to.flush();
        } catch (IOException e) {
            // who has read enough leaves, and what the command says of that is looked at
        }
    }

    @Test
    void aUrlThatIsNoneIsAWrongCommandLine() {
        assertEquals(2, run("ledger", "--url", "file:///etc/passwd"));
        assertEquals(2, run("ledger", "--url", "http://a b"));
    }
}
