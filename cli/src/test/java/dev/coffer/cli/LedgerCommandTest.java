package dev.coffer.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.server.LedgerPage;
import dev.coffer.server.Server;
import dev.coffer.server.ServerConfig;
import dev.coffer.server.files.FileSite;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class LedgerCommandTest {
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
        int port;
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = taken.getLocalPort();
        }
        assertEquals(1, run("ledger", "--url", url(port)));
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

    private static void answer(ServerSocket server, String answer) {
        try (Socket socket = server.accept()) {
            socket.getInputStream().read(new byte[4096]);
            OutputStream to = socket.getOutputStream();
            to.write(answer.getBytes(StandardCharsets.US_ASCII));
            to.flush();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aUrlThatIsNoneIsAWrongCommandLine() {
        assertEquals(2, run("ledger", "--url", "file:///etc/passwd"));
        assertEquals(2, run("ledger", "--url", "http://a b"));
    }
}
