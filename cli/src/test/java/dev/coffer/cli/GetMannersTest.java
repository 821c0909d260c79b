package dev.coffer.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.cli.Cli.Answer;
import dev.coffer.server.Http2Serving;
import dev.coffer.server.Server;
import dev.coffer.server.ServerConfig;
import dev.coffer.server.files.FileSite;
import dev.coffer.testkit.RequestHead;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// `coffer get`: what it keeps and goes on from, which version it speaks, how it ends.
@Timeout(600)
class GetMannersTest {
    @TempDir
    private Path folder;
    @TempDir
    private Path served;
    @TempDir
    private Path streams;
    private Cli cli;
    private byte[] content;

    @BeforeEach
    void make() throws IOException {
        cli = new Cli(streams);
        content = new byte[300_000];
        new SplittableRandom(7).nextBytes(content);
        Files.write(served.resolve("a.bin"), content);
    }

    private Path out() {
        return folder.resolve("a.bin");
    }

    private Path part() {
        return folder.resolve("a.bin.coffer-part");
    }

    /// Takes connections, and answers each with the next of these; what was asked is kept.
    static final class Script implements AutoCloseable {
        final ServerSocket listener = new ServerSocket(0, 8, InetAddress.getLoopbackAddress());
        final List<String> asked = Collections.synchronizedList(new ArrayList<>());

        Script(byte[]... answers) throws IOException {
            Thread.ofVirtual().start(() -> {
                for (byte[] answer : answers) {
                    try (Socket socket = listener.accept()) {
                        socket.setSendBufferSize(4096);  // who leaves early always does so in the middle of an answer
                        asked.add(RequestHead.read(socket.getInputStream()));
                        socket.getOutputStream().write(answer);
                    } catch (IOException e) {
                        if (listener.isClosed()) {
                            return;
                        }
                        // it had read enough of this answer: the next asks for the next
                    }
                }
            });
        }

        String url() {
            return "http://127.0.0.1:" + listener.getLocalPort() + "/a.bin";
        }

        @Override
        public void close() throws IOException {
            listener.close();
        }
    }

    private byte[] answer(String head, int from, int to) {
        byte[] first = (head + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII);
        byte[] all = java.util.Arrays.copyOf(first, first.length + to - from);
        System.arraycopy(content, from, all, first.length, to - from);
        return all;
    }

    private static String whole(String tag, int length) {
        return "HTTP/1.1 200 OK\r\nETag: " + tag + "\r\nContent-Length: " + length;
    }

    /// Cut where it could have ended.
    private byte[] ofUnknownLength(String tag, int bytes) {
        byte[] all = answer("HTTP/1.1 200 OK\r\nETag: " + tag + "\r\nTransfer-Encoding: chunked\r\n\r\n" + Integer.toHexString(bytes), 0, bytes);
        int at = all.length - bytes;  // one empty line less
        System.arraycopy(all, at, all, at - 2, bytes);
        return java.util.Arrays.copyOf(all, all.length - 2);
    }

    private static String rest(String tag, int from, int length) {
        return "HTTP/1.1 206 Partial Content\r\nETag: " + tag + "\r\nContent-Range: bytes " + from + "-" + (length - 1) + "/" + length
                + "\r\nContent-Length: " + (length - from);
    }

    @Test
    void whatWasCutShortGoesOnFromWhereItWas() throws IOException {
        int length = content.length;
        try (Script server = new Script(answer(whole("\"v1\"", length), 0, 1000), answer(rest("\"v1\"", 1000, length), 1000, 200_000),
                answer(rest("\"v1\"", 200_000, length), 200_000, length))) {
            for (long kept : new long[] {1000, 200_000}) {
                Answer cut = cli.run("get", "--resume", "-o", out().toString(), server.url());
                assertEquals(GetExit.PARTIAL, cut.exitCode(), cut::toString);
                assertFalse(Files.exists(out()));
                assertEquals(kept, Files.size(part()));
            }
            Answer done = cli.run("get", "-C", "-", "-o", out().toString(), server.url());
            assertEquals(0, done.exitCode(), done::toString);
            assertFalse(server.asked.get(0).contains("range"), server.asked.get(0));
            assertTrue(server.asked.get(1).toLowerCase(java.util.Locale.ROOT).contains("range: bytes=1000-"), server.asked.get(1));
            assertTrue(server.asked.get(2).toLowerCase(java.util.Locale.ROOT).contains("if-range: \"v1\""), server.asked.get(2));
        }
        assertArrayEquals(content, Files.readAllBytes(out()));
        try (var left = Files.list(folder)) {
            assertEquals(List.of("a.bin"), left.map(path -> path.getFileName().toString()).toList());
        }
    }

    @Test
    void aFileThatChangedComesAnewAndIsNeverAppendedTo() throws IOException {
        int length = content.length;
        try (Script server = new Script(answer(whole("\"v1\"", length), 100, 1000), answer(whole("\"v2\"", length), 0, 5000),
                answer(rest("\"v3\"", 5000, length), 5000, length), answer(rest("\"v2\"", 5001, length), 5001, length),
                answer(whole("\"v2\"", length), 0, length))) {
            String[] get = {"get", "--resume", "-o", out().toString(), server.url()};
            assertEquals(GetExit.PARTIAL, cli.run(get).exitCode());
            assertEquals(900, Files.size(part()));
            assertEquals(GetExit.PARTIAL, cli.run(get).exitCode());
            assertEquals(5000, Files.size(part()), "anew");
            assertEquals(GetExit.RANGE, cli.run(get).exitCode(), "a part of another file");
            assertEquals(GetExit.RANGE, cli.run(get).exitCode(), "a part that was not asked for");
            assertFalse(Files.exists(out()));
            assertEquals(5000, Files.size(part()));
            assertEquals(0, cli.run(get).exitCode());
        }
        assertArrayEquals(content, Files.readAllBytes(out()));
    }

    @Test
    void whatHasNoValidatorIsOfAnotherAddressOrIsWholeIsNotGoneOnFrom() throws IOException {
        int length = content.length;
        try (Script server = new Script(answer("HTTP/1.1 200 OK\r\nETag: W/\"w\"\r\nContent-Length: " + length, 0, 1000))) {
            assertEquals(GetExit.PARTIAL, cli.run("get", "--resume", "-o", out().toString(), server.url()).exitCode());
            assertFalse(Files.exists(part()), "a weak tag says nothing of bytes");
        }
        try (Script server = new Script(answer(whole("\"v1\"", length), 0, length - 1),
                answer("HTTP/1.1 200 OK\r\nContent-Length: 5", 0, 5), ofUnknownLength("\"v1\"", length - 1),
                ("HTTP/1.1 416 Range Not Satisfiable\r\nContent-Range: bytes */" + (length - 1) + "\r\nContent-Length: 0\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII))) {
            assertEquals(GetExit.PARTIAL, cli.run("get", "--resume", "-o", out().toString(), server.url()).exitCode());
            assertEquals(0, cli.run("get", "--resume", "-o", out().toString(), server.url() + "?other").exitCode());
            assertFalse(server.asked.get(1).contains("bytes="), server.asked.get(1));
            Files.delete(out());
            assertEquals(GetExit.PARTIAL, cli.run("get", "--resume", "-o", out().toString(), server.url()).exitCode());
            assertEquals(0, cli.run("get", "--resume", "-o", out().toString(), server.url()).exitCode(), "nothing is left to come");
            assertEquals(length - 1, Files.size(out()));
        }
        Files.delete(out());
        String words = "HTTP/1.1 416 Range Not Satisfiable\r\nContent-Range: bytes */100\r\nContent-Length: ";
        try (Script server =
                new Script(ofUnknownLength("\"v1\"", 100), answer(words + Long.MAX_VALUE, 0, length))) {
            assertEquals(GetExit.PARTIAL, cli.run("get", "--resume", "-o", out().toString(), server.url()).exitCode());
            assertEquals(0, cli.run("get", "--resume", "-o", out().toString(), server.url()).exitCode(), "words that have no end are not waited for");
            assertEquals(100, Files.size(out()));
        }
    }

    /// RFC 9110, section 15.3.7: a server may send less than was asked for.
    @Test
    void aPartThatDoesNotReachTheEndIsNotTakenForTheWhole() throws IOException {
        int length = content.length;
        String shorter = "HTTP/1.1 206 Partial Content\r\nETag: \"v1\"\r\nContent-Length: 1000\r\nContent-Range: bytes 1000-1999/";
        String all = "HTTP/1.1 416 Range Not Satisfiable\r\nETag: \"v2\"\r\nContent-Length: 0\r\nContent-Range: bytes */1000";
        try (Script server = new Script(answer(whole("\"v1\"", length), 0, 1000), answer(shorter + length, 1000, 2000), answer(shorter + "*", 1000, 2000),
                answer(all, 0, 0), answer(rest("\"v1\"", 1000, length), 1000, length))) {
            String[] get = {"get", "--resume", "-o", out().toString(), server.url()};
            assertEquals(GetExit.PARTIAL, cli.run(get).exitCode());
            assertEquals(GetExit.RANGE, cli.run(get).exitCode(), "the middle of it");
            assertEquals(GetExit.RANGE, cli.run(get).exitCode(), "nobody says where it ends");
            assertEquals(GetExit.RANGE, cli.run(get).exitCode(), "all that there is, of another file as long");
            assertFalse(Files.exists(out()));
            assertEquals(1000, Files.size(part()));
            assertEquals(0, cli.run(get).exitCode());
        }
        assertArrayEquals(content, Files.readAllBytes(out()));
    }

    /// RFC 9110, section 8.8.2.2: what has changed just now may change again within the same second.
    @Test
    void aTimeSaysThatItIsTheSameOnlyWhereItWasLongOver() throws IOException {
        int length = content.length;
        String young = "HTTP/1.1 200 OK\r\nLast-Modified: Thu, 26 Nov 2026 09:00:01 GMT\r\nContent-Length: " + length;
        for (String date : new String[] {"", "\r\nDate: Thu, 26 Nov 2026 09:01:00 GMT", "\r\nDate: Thu, 26 Nov 2026 09:01:01 GMT"}) {
            boolean kept = date.contains("09:01:01");
            try (Script server = new Script(answer(young + date, 0, 1000), answer(young + date, 0, length))) {
                String[] get = {"get", "--resume", "-f", "-o", out().toString(), server.url()};
                assertEquals(GetExit.PARTIAL, cli.run(get).exitCode());
                assertEquals(kept, Files.exists(part()), date);
                assertEquals(0, cli.run(get).exitCode());
                assertEquals(kept, server.asked.get(1).contains("Thu, 26 Nov 2026 09:00:01 GMT"), server.asked.get(1));
            }
        }
        assertArrayEquals(content, Files.readAllBytes(out()));
    }

    @Test
    void whatIsKeptIsNeitherReadNorWrittenThroughAnothersLinksOrInputs() throws IOException {
        int length = content.length;
        Path victim = Files.writeString(folder.resolve("victim"), "mine");
        Path note = folder.resolve("a.bin.coffer-part.from");
        Files.createSymbolicLink(part(), victim);
        Files.createSymbolicLink(note, victim);
        try (Script server = new Script(answer(whole("\"v1\"", length), 0, 1000), answer(whole("\"v1\"", length), 0, length))) {
            assertEquals(GetExit.PARTIAL, cli.run("get", "--resume", "-o", out().toString(), server.url()).exitCode());
            assertEquals("mine", Files.readString(victim));
            assertEquals(1000, Files.size(part()));
            assertEquals(ExitCode.USAGE, cli.run("get", "--resume", "-L", "--cacert", note.toString(), "-o", out().toString(), server.url()).exitCode());
            assertEquals(ExitCode.USAGE, cli.run("get", "--resume", "-H", "Range: bytes=1-2", "-o", out().toString(), server.url()).exitCode());
            assertEquals(ExitCode.USAGE, cli.run("get", "--resume", "-o", "/dev/null", server.url()).exitCode());
            List<String> lines = Files.readAllLines(note);
            Files.write(note, List.of(lines.get(0), lines.get(1), "\"\u00e9\"", lines.get(3), lines.get(4)));
            assertEquals(0, cli.run("get", "--resume", "-o", out().toString(), server.url()).exitCode(), "a note that cannot be sent");
            assertFalse(server.asked.get(1).contains("bytes="), server.asked.get(1));
        }
    }

    /// A full disk cuts a note anywhere: its last line then says another coding.
    @Test
    void aNoteThatIsCutShortIsNone() throws IOException {
        Path note = folder.resolve("a.bin.coffer-part.from");
        int length = content.length;
        byte[] whole = answer(whole("\"v1\"", length), 0, length);
        try (Script server = new Script(answer(whole("\"v1\"", length) + "\r\nContent-Encoding: x-own", 0, 1000), whole, whole)) {
            String[] get = {"get", "--resume", "-o", out().toString(), server.url()};
            assertEquals(GetExit.PARTIAL, cli.run(get).exitCode());
            String text = Files.readString(note);
            byte[] part = Files.readAllBytes(part());
            for (int cut : new int[] {1, 3}) {
                Files.writeString(note, text.substring(0, text.length() - cut));
                Files.write(part(), part);
                assertEquals(0, cli.run(get).exitCode());
                assertFalse(server.asked.getLast().contains("bytes="), server.asked.getLast());
                Files.delete(out());
            }
        }
    }

    @Test
    void itGoesOnFromOurServer() throws IOException {
        try (Server server = Server.open(ServerConfig.standard(), FileSite.of(served, 8))) {
            server.start();
            String url = "http://127.0.0.1:" + server.address().getPort() + "/a.bin";
            assertEquals(GetExit.TOO_LARGE, cli.run("get", "--resume", "--limit", "1000", "-o", out().toString(), url).exitCode());
            assertEquals(0, cli.run("get", "--resume", "-o", out().toString(), url).exitCode());
            assertArrayEquals(content, Files.readAllBytes(out()));
        }
    }

    @Test
    void http2ByPriorKnowledgeIsSpokenAndTraced() throws IOException {
        try (Server server = Server.open(ServerConfig.standard().withHttp2(Http2Serving.defaults()), FileSite.of(served, 8))) {
            server.start();
            String url = "http://127.0.0.1:" + server.address().getPort() + "/a.bin";
            Answer answer = cli.run("get", "--http2-prior-knowledge", "-v", "-o", out().toString(), url);
            assertEquals(0, answer.exitCode(), answer::toString);
            assertArrayEquals(content, Files.readAllBytes(out()));
            assertTrue(answer.err().contains("HTTP/2, in the clear") && answer.err().contains("> HEADERS stream 1") && answer.err().contains("< DATA stream 1"),
                    answer::err);
            Answer first = cli.run("get", "-v", "--http1.1", "-f", "-o", out().toString(), url);
            assertTrue(first.err().contains("HTTP/1.1, in the clear"), first::err);
            assertEquals(ExitCode.USAGE, cli.run("get", "--http2", url).exitCode());
            assertEquals(ExitCode.USAGE, cli.run("get", "--http1.1", "--http2-prior-knowledge", url).exitCode());
        }
    }

    @Test
    void itEndsAsCurlDoes() throws IOException {
        assertEquals(GetExit.HOST, cli.run("get", "http://nowhere.invalid/").exitCode());
        assertEquals(GetExit.CONNECT, cli.run("get", "http://127.0.0.1:1/").exitCode());
        assertEquals(GetExit.READ, cli.run("get", "--data-file", folder.resolve("none").toString(), "http://127.0.0.1:1/").exitCode());
        assertEquals(GetExit.AUTHORITIES, cli.run("get", "--cacert", folder.resolve("none").toString(), "https://127.0.0.1:1/").exitCode());
        String no = "HTTP/1.1 404 Not Found\r\nContent-Length: 3";
        try (Script server = new Script(answer(no, 0, 3), answer(no, 0, 3), answer("no HTTP", 0, 0))) {
            Answer words = cli.run("get", server.url());
            assertEquals(GetExit.STATUS, words.exitCode());
            assertEquals(3, words.bytes().length, "the words of an error");
            Answer nothing = cli.run("get", "--fail", server.url());
            assertEquals(GetExit.STATUS, nothing.exitCode());
            assertEquals(0, nothing.bytes().length);
            assertEquals(GetExit.ANSWER, cli.run("get", server.url()).exitCode());
        }
        try (ServerSocket silent = new ServerSocket(0, 8, InetAddress.getLoopbackAddress())) {
            assertEquals(GetExit.TIME, cli.run("get", "-t", "0.2", "http://127.0.0.1:" + silent.getLocalPort() + "/").exitCode());
        }
        try (Script server = new Script(new byte[0], new byte[0], new byte[0])) {
            assertEquals(GetExit.NOTHING, cli.run("get", server.url()).exitCode());
        }
        try (Script server = new Script(answer("HTTP/1.1 200 OK", 0, 0))) {
            assertEquals(GetExit.HANDSHAKE, cli.run("get", server.url().replace("http:", "https:")).exitCode());
        }
    }

    /// Each answer comes in time, and all of them do not.
    @Test
    void theTimeoutIsOfAllUrlsTogether() throws IOException {
        byte[] one = answer("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1", 0, 1);
        try (ServerSocket listener = new ServerSocket(0, 8, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual().start(() -> {
                while (!listener.isClosed()) {
                    try (Socket socket = listener.accept()) {
                        RequestHead.read(socket.getInputStream());
                        Thread.sleep(250);
                        socket.getOutputStream().write(one);
                    } catch (IOException | InterruptedException e) {
                        // it was given up
                    }
                }
            });
            String url = "http://127.0.0.1:" + listener.getLocalPort() + "/";
            assertEquals(GetExit.TIME, cli.run("get", "-t", "0.6", url, url, url).exitCode());
        }
    }
}
