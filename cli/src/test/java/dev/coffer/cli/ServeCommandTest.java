package dev.coffer.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonParser;
import dev.coffer.http.Status;
import dev.coffer.server.Annex;
import dev.coffer.server.Http2Serving;
import dev.coffer.server.LedgerPage;
import dev.coffer.server.Server;
import dev.coffer.server.ServerConfig;
import dev.coffer.server.Site;
import dev.coffer.server.StatusPages;
import dev.coffer.server.files.FileSite;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/// `serve` as far as it does not serve, and `plan`, which takes the same options.
@Timeout(600)
class ServeCommandTest {
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

    private long plannedBytes(String... arguments) {
        out.getBuffer().setLength(0);
        assertEquals(0, run(arguments), err::toString);
        return JsonParser.parseString(out.toString()).getAsJsonObject().get("totalBytes").getAsLong();
    }

    @Test
    void thePlanIsWhatTheServerOfTheSameOptionsHolds() {
        assertEquals(Server.plan(ServerConfig.standard().withHttp2(Http2Serving.defaults()), site(FileSite.FILES, FileSite.HOT_BYTES)).totalBytes(),
                plannedBytes("plan", "--json", folder.toString()));
        ServerConfig tight = ServerConfig.tight().withSize(3, 31, 31);
        assertEquals(Server.plan(tight, site(7, 0)).totalBytes(), plannedBytes("plan", "--json", "--profile", "tight", "--loops", "3",
                "--connections", "31", "--files", "7", folder.toString()));
        try (Server server = open(tight, site(7, 0))) {
            assertEquals(server.ledger().regionBytes(), plannedBytes("plan", "--json", "--profile", "tight", "--loops", "3",
                    "-c", "31", "--files", "7"));
        }
        Site none = Site.of(exchange -> exchange.respond(Status.NOT_FOUND));
        assertEquals(2, run("plan", "--pages", "0", "--health-path", "x"));
        assertEquals(Server.plan(tight, site(7, 0), Annex.local(0, LedgerPage.before(StatusPages.before(none)))).totalBytes(),
                plannedBytes("plan", "--json", "--profile", "tight", "--loops", "3", "-c", "31", "--files", "7", "--pages", "0"));
    }

    private Site site(int files, int hotBytes) {
        return FileSite.of(folder, files).withHotBytes(hotBytes);
    }

    private static Server open(ServerConfig config, Site site) {
        try {
            return Server.open(config, site);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void theTableOfThePlanEndsWithItsTotal() {
        assertEquals(0, run("plan", folder.toString()), err::toString);
        String total = String.format("%,d",
                Server.plan(ServerConfig.standard().withHttp2(Http2Serving.defaults()), site(FileSite.FILES, FileSite.HOT_BYTES)).totalBytes());
        assertTrue(out.toString().contains(total), out + "lacks " + total);
    }

    @ParameterizedTest
    @CsvSource({"--port=65536,port 65536", "--port=-1,port -1", "--pages=65536,--pages 65536", "--health-path=/x,--health-path without --pages",
            "--metrics-path=/x,--metrics-path without", "--port=http,http", "--connections=0,connections: 0",
            "--loops=65,loops: 65", "--files=0,files: 0", "--locked=perhaps,perhaps", "--commit=never,never", "--profile=huge,huge", "--no-such,--no-such"})
    void aWrongOptionIsNamedAndExitsTwo(String option, String named) {
        for (String command : new String[] {"serve", "plan"}) {
            err.getBuffer().setLength(0);
            assertEquals(2, run(command, option, folder.toString()));
            String first = err.toString().lines().findFirst().orElseThrow();
            assertTrue(first.startsWith("coffer " + command + ": ") && first.contains(named), err::toString);
        }
    }

    @ParameterizedTest
    @CsvSource({"::1,[::1]:80", "::,[::]:80", "1:2:3:4:5:6:7:8,[1:2:3:4:5:6:7:8]:80", "fe80::1:0:0:1,[fe80::1:0:0:1]:80",
            "1:0:0:2:0:0:0:3,[1:0:0:2::3]:80", "1:0:2:3:4:5:6:7,[1:0:2:3:4:5:6:7]:80", "1::,[1::]:80", "127.0.0.1,127.0.0.1:80"})
    void anAddressIsPrintedAsAUrlHasIt(String address, String text) throws IOException {
        assertEquals(text, ServeCommand.text(new java.net.InetSocketAddress(InetAddress.getByName(address), 80)));
    }

    @ParameterizedTest
    @CsvSource({"127.0.0.1,127.0.0.1", "::1,[::1]", "[::1],[::1]"})
    void checkDoesAllButServe(String address, String host) throws IOException {
        Files.writeString(folder.resolve("index.html"), "x");
        assertEquals(0, run("serve", "--check", "--port", "0", "-b", address, folder.toString()), err::toString);
        assertTrue(out.toString().startsWith("serving " + folder + " at http://" + host + ":"), out::toString);
    }

    @Test
    void limitsOfARequestHaveOptions() throws IOException {
        long standard = plannedBytes("plan", "--json", folder.toString());
        long larger = plannedBytes("plan", "--json", "--header-bytes", "32768", folder.toString());
        assertEquals(256L * (32_768 - 16_384) + 256L * (32_768 - 8192), larger - standard, "active connections, and streams of HTTP/2");
        assertEquals(256L * (32_768 - 16_384), plannedBytes("plan", "--json", "--http1.1", "--header-bytes", "32768", folder.toString())
                - plannedBytes("plan", "--json", "--http1.1", folder.toString()));
        for (String[] wrong : new String[][] {{"--header-bytes", "63"}, {"--header-bytes", "65535"}, {"--header-fields", "0"},
                {"--idle-seconds", "0"}, {"--body-bytes", "-1"}}) {
            assertEquals(2, run("serve", wrong[0], wrong[1], folder.toString()), wrong[0]);
        }
    }

    @Test
    void aFolderThatIsNoneIsOneLineAndExitsOne() throws IOException {
        String missing = folder.resolve("missing").toString();
        assertEquals(1, run("serve", "--port", "0", missing));
        assertEquals("coffer serve: " + missing + ": no such folder\n", err.toString());
        err.getBuffer().setLength(0);
        String file = Files.writeString(folder.resolve("file"), "x").toString();
        assertEquals(1, run("serve", "--port", "0", file));
        assertEquals("coffer serve: " + file + ": not a folder\n", err.toString());
        assertEquals("", out.toString());
    }

    @Test
    void aPortInUseIsOneLineAndExitsOne() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            assertEquals(1, run("serve", "--port", String.valueOf(taken.getLocalPort()), folder.toString()));
            assertEquals("coffer serve: 127.0.0.1:" + taken.getLocalPort() + ": address in use\n", err.toString());
            err.getBuffer().setLength(0);
            assertEquals(1, run("serve", "--port", "0", "--pages", String.valueOf(taken.getLocalPort()), folder.toString()));
            assertEquals("coffer serve: 127.0.0.1:" + taken.getLocalPort() + ": address in use (--pages)\n", err.toString());
        }
    }
}
