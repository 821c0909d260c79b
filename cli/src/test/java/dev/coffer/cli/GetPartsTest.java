package dev.coffer.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.cli.Cli.Answer;
import dev.coffer.cli.GetMannersTest.Script;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// `coffer get`: what a server says of a part, and what it sends, are two things.
@Timeout(600)
class GetPartsTest {
    private static final String WHOLE = "HTTP/1.1 200 OK\r\nETag: \"v1\"\r\nContent-Length: 200";
    private static final String PART = "HTTP/1.1 206 Partial Content\r\nETag: \"v1\"\r\nContent-Range: bytes 100-199/200";
    private static final String CHUNKED = "\r\nTransfer-Encoding: chunked";
    private static final String ALL = "a".repeat(100) + "b".repeat(100);

    @TempDir
    private Path folder;
    @TempDir
    private Path streams;
    private Cli cli;

    @BeforeEach
    void make() {
        cli = new Cli(streams);
    }

    private Path out() {
        return folder.resolve("d");
    }

    private Path part() {
        return folder.resolve("d.coffer-part");
    }

    private static byte[] answer(String head, String content) {
        String body = head.endsWith(CHUNKED) ? Integer.toHexString(content.length()) + "\r\n" + content + "\r\n0\r\n\r\n" : content;
        return (head + "\r\n\r\n" + body).getBytes(StandardCharsets.ISO_8859_1);
    }

    private Answer get(Script server) {
        return cli.run("get", "--resume", "-q", "-o", out().toString(), server.url());
    }

    /// The first half has come; what is asked for next is answered so.
    ///
    /// @param part  bytes that are kept then
    private void halfThen(int exitCode, long kept, byte[] answer, byte[]... more) throws IOException {
        try (Script server = new Script(Stream.concat(Stream.of(answer(WHOLE, "a".repeat(100)), answer), Stream.of(more)).toArray(byte[][]::new))) {
            assertEquals(GetExit.PARTIAL, get(server).exitCode());
            assertEquals(100, Files.size(part()));
            Answer second = get(server);
            assertEquals(exitCode, second.exitCode(), second::toString);
            assertFalse(Files.exists(out()), "a part is not the whole");
            assertEquals(kept, Files.size(part()));
            if (more.length > 0) {
                Answer third = get(server);
                assertEquals(0, third.exitCode(), third::toString);
                assertEquals(ALL, Files.readString(out()));
                Files.delete(out());
            }
        }
        Files.deleteIfExists(part());
    }

    @Test
    void aPartThatBringsLessThanItSaysIsCutShortAndGoneOnFrom() throws IOException {
        byte[] rest = answer("HTTP/1.1 206 Partial Content\r\nETag: \"v1\"\r\nContent-Range: bytes 105-199/200" + CHUNKED, "b".repeat(95));
        halfThen(GetExit.PARTIAL, 105, answer(PART + CHUNKED, "bbbbb"), rest);
        halfThen(GetExit.PARTIAL, 105, answer(PART + "\r\nConnection: close", "bbbbb"), rest);
        halfThen(GetExit.RANGE, 100, answer(PART + "\r\nContent-Length: 5", "bbbbb"), answer(PART + "\r\nContent-Length: 100", "b".repeat(100)));
        halfThen(GetExit.PARTIAL, 100, answer(PART + "\r\nConnection: close", ""), answer(PART + CHUNKED, "b".repeat(100)));
    }

    @Test
    void aPartThatBringsMoreThanItSaysIsNotTaken() throws IOException {
        byte[] right = answer(PART + "\r\nContent-Length: 100", "b".repeat(100));
        halfThen(GetExit.PARTIAL, 100, answer(PART + CHUNKED, "b".repeat(101)), right);
        halfThen(GetExit.PARTIAL, 100, answer(PART + "\r\nConnection: close", ALL), right);
        halfThen(GetExit.RANGE, 100, answer(PART + "\r\nContent-Length: 200", ALL), right);
    }

    @Test
    void aPartOfOtherBytesIsNotTaken() throws IOException {
        String anonymous = "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 100-";
        byte[] right = answer(anonymous + "199/200" + CHUNKED, "b".repeat(100));
        String several = "\r\nContent-Type: Multipart/byteranges; boundary=x";
        halfThen(GetExit.RANGE, 100, answer(PART + several + CHUNKED, "b".repeat(100)), right);
        halfThen(GetExit.RANGE, 100, answer(PART + "\r\nContent-Range: bytes 100-199/200" + CHUNKED, "b".repeat(100)), right);
        halfThen(GetExit.RANGE, 100, answer(PART + "\r\nContent-Encoding: gzip" + CHUNKED, "b".repeat(100)), right);
        halfThen(GetExit.RANGE, 100, answer(anonymous + "149/150" + CHUNKED, "b".repeat(50)), right);
        halfThen(GetExit.RANGE, 100, answer(anonymous + "199/150" + CHUNKED, "b".repeat(100)), right);
        halfThen(GetExit.RANGE, 100, answer("HTTP/1.1 416 no\r\nContent-Range: bytes */100\r\nContent-Length: 0", ""), right);
    }

    /// A date is that of the file and not of what it was coded to.
    @Test
    void whatIsCodedIsKeptByItsTagAlone() throws IOException {
        String coded = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 200\r\n";
        String dates = "Last-Modified: Thu, 26 Nov 2026 09:00:01 GMT\r\nDate: Thu, 26 Nov 2026 10:00:01 GMT";
        try (Script server =
                new Script(answer(coded + dates, "aa"), answer(coded + "ETag: \"v1\"", "a".repeat(100)), answer(PART + CHUNKED, "b".repeat(100)))) {
            assertEquals(GetExit.PARTIAL, get(server).exitCode());
            assertFalse(Files.exists(part()));
            assertEquals(GetExit.PARTIAL, get(server).exitCode());
            assertEquals(0, get(server).exitCode(), "a part need not say it again");
            assertEquals(ALL, Files.readString(out()));
        }
    }

    @Test
    void whoAsksForARangeHasItWholeAndWhoDoesNotHasNone() throws IOException {
        byte[] content = "b".repeat(100).getBytes(StandardCharsets.US_ASCII);
        try (Script server = new Script(answer(PART + CHUNKED, "b".repeat(100)), answer(PART + CHUNKED, "b"), answer(PART + CHUNKED, "b".repeat(101)),
                answer(PART + CHUNKED, "b".repeat(100)), answer(PART + CHUNKED, "b".repeat(100)), answer(PART.replace("100-199", "0-199") + CHUNKED, ALL),
                answer(PART + "\r\nContent-Length: 100", ""))) {
            String[] ranged = {"get", "-q", "-o", out().toString(), "-H", "Range: bytes=100-", server.url()};
            assertEquals(0, cli.run(ranged).exitCode());
            assertArrayEquals(content, Files.readAllBytes(out()));
            Files.delete(out());
            assertEquals(GetExit.PARTIAL, cli.run(ranged).exitCode());
            assertEquals(GetExit.PARTIAL, cli.run(ranged).exitCode());
            Answer unasked = cli.run("get", "-q", "-o", out().toString(), server.url());
            assertEquals(GetExit.RANGE, unasked.exitCode(), unasked::toString);
            assertFalse(Files.exists(out()));
            assertEquals(GetExit.RANGE, cli.run("get", server.url()).exitCode());
            assertEquals(ALL, cli.run("get", server.url()).out(), "the whole, by another name");
            assertEquals(0, cli.run("get", "-X", "HEAD", "-H", "Range: bytes=100-", server.url()).exitCode(), "a head has no content");
        }
    }

    @Test
    void aLimitIsOfContentThatComesAndOfWhatWasThere() throws IOException {
        byte[] none = answer("HTTP/1.1 416 no\r\nETag: \"v1\"\r\nContent-Range: bytes */100\r\nContent-Length: 2000", "w".repeat(2000));
        try (Script server = new Script(answer("HTTP/1.1 200 OK\r\nContent-Length: 2000", ""))) {
            assertEquals(0, cli.run("get", "-I", "-q", "--limit", "5", server.url()).exitCode());
        }
        byte[] cut = answer("HTTP/1.1 200 OK\r\nETag: \"v1\"" + CHUNKED, "a".repeat(100));
        try (Script server = new Script(java.util.Arrays.copyOf(cut, cut.length - 5), none, none)) {
            assertEquals(GetExit.PARTIAL, get(server).exitCode());
            String[] limited = {"get", "--resume", "-q", "--limit", "99", "-o", out().toString(), server.url()};
            assertEquals(GetExit.TOO_LARGE, cli.run(limited).exitCode());
            limited[4] = "100";
            assertEquals(0, cli.run(limited).exitCode(), "words about a range are no content");
            assertEquals(100, Files.size(out()));
        }
    }

    @Test
    void aRedirectThatIsNoneIsNotCounted() throws IOException {
        String there = "\r\nLocation: /x\r\nConnection: close\r\nContent-Length: 0";
        try (Script server = new Script(answer("HTTP/1.1 399 Odd" + there, ""), answer("HTTP/1.1 200 OK", "x"), answer("HTTP/1.1 305 Use Proxy" + there, ""))) {
            assertEquals("x", cli.run("get", "-L", server.url()).out(), "as 300");
            Answer proxy = cli.run("get", "-L", server.url());
            assertEquals(ExitCode.FAILED, proxy.exitCode(), proxy::toString);
            assertFalse(proxy.err().contains("-L"), proxy.err());
        }
        try (Script server = new Script("HTTP/1.1 200 OK\r\nContent-Le".getBytes(StandardCharsets.US_ASCII), new byte[0])) {
            assertEquals(GetExit.PARTIAL, cli.run("get", server.url()).exitCode(), "something was said");
            Answer nothing = cli.run("get", server.url());
            assertEquals(GetExit.NOTHING, nothing.exitCode());
            assertTrue(nothing.err().contains("had said nothing"), nothing.err());
        }
    }

    /// The usual way to freshen a copy.
    @Test
    void whatIsNotModifiedStaysAsItIs() throws IOException {
        Path copy = Files.writeString(folder.resolve("copy"), "precious\n");
        byte[] unmodified = answer("HTTP/1.1 304 Not Modified\r\nConnection: close", "");
        try (Script server = new Script(unmodified, unmodified, answer("HTTP/1.1 200 OK", ""))) {
            Answer answer = cli.run("get", "-q", "--force", "-o", copy.toString(), "-H", "If-None-Match: \"a\"", server.url());
            assertEquals(0, answer.exitCode(), answer::toString);
            assertEquals("precious\n", Files.readString(copy));
            assertEquals(0, cli.run("get", "-q", "-o", folder.resolve("none").toString(), server.url()).exitCode());
            assertTrue(Files.notExists(folder.resolve("none")), "nothing is made");
            assertEquals(0, cli.run("get", "-q", "--force", "-o", copy.toString(), server.url()).exitCode());
            assertEquals("", Files.readString(copy), "empty content is content");
        }
        try (Stream<Path> left = Files.list(folder)) {
            assertEquals(List.of(copy), left.toList(), "nothing else is left");
        }
    }
}
