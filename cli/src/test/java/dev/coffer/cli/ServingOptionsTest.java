package dev.coffer.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonParser;
import dev.coffer.cli.Cli.Answer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The options of `serve` and `plan` that say how files are served.
@Timeout(600)
class ServingOptionsTest {
    @TempDir
    private Path folder;
    @TempDir
    private Path streams;

    private Answer run(String command, String... options) {
        List<String> all = new ArrayList<>(List.of(command));
        all.addAll(List.of(options));
        all.add(folder.toString());
        return new Cli(streams).run(all.toArray(String[]::new));
    }

    private long planned(String... options) {
        List<String> all = new ArrayList<>(List.of("--json"));
        all.addAll(List.of(options));
        Answer answer = run("plan", all.toArray(String[]::new));
        assertEquals(0, answer.exitCode(), answer::toString);
        return JsonParser.parseString(answer.out()).getAsJsonObject().get("totalBytes").getAsLong();
    }

    @Test
    void everyOptionIsTaken() throws IOException {
        Files.writeString(folder.resolve("index.html"), "x");
        Files.writeString(folder.resolve("404.html"), "x");
        for (String profile : new String[] {"tight", "standard"}) {
            Answer checked = run("serve", "--check", "--port", "0", "--profile", profile, "--spa", "--not-found", "404.html",
                    "--precompressed", "--cache-control", "/assets/* max-age=31536000, immutable", "--cache-control", "no-cache",
                    "--header", "X-Frame-Options: DENY", "--header", "X-Long: " + "x".repeat(8100));
            assertEquals(0, checked.exitCode(), checked::toString);
        }
    }

    @Test
    void headersAreInThePlan() {
        long more = planned("--header", "X: " + "y".repeat(59)) - planned();
        assertEquals(256 * 64, more, "64 bytes for each active connection");
        assertEquals(2 * more, planned("--header", "X: " + "y".repeat(60)) - planned());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"--header | Content-Length: 1 | Content-Length is the server's own", "--header | nothing | expected NAME: VALUE",
            "--header | X: a\u0007b | character 1", "--not-found | ../x | page", "--fallback | a//b | page", "--cache-control | /assets/* | value behind",
            "--cache-control | a\tb\u0001c | character 3", "--header-bytes | 63 | --header-bytes 63 (expected 64..63488)",
            "--header-bytes | 65535 | --header-bytes 65535 (expected 64..63488)", "--header-fields | 0 | --header-fields 0 (expected 1..4096)",
            "--header-fields | 4097 | --header-fields 4097", "--idle-seconds | 0 | --idle-seconds 0", "--body-bytes | -1 | --body-bytes -1"})
    void whatMakesNoSenseIsNamedAsItWasGivenAndExitsTwo(String option, String value, String named) {
        for (Answer answer : new Answer[] {run("plan", option, value), run("serve", "--check", "--port", "0", option, value)}) {
            assertEquals(2, answer.exitCode(), answer::toString);
            assertTrue(answer.err().contains(named), answer::toString);
            assertFalse(answer.err().contains("Max"), answer::toString);
        }
    }

    /// What everyone asked for is not for everyone: a log within the folder would be served like any other file.
    @Test
    void aLogThatWouldBeServedIsRefusedWhateverItIsCalled() throws IOException {
        Files.createDirectories(folder.resolve("below/.hidden"));
        Files.createDirectory(folder.resolve(".well-known"));
        Files.createSymbolicLink(streams.resolve("link"), folder.resolve("below"));
        Files.createFile(folder.resolve("below/there.log"));
        Files.createSymbolicLink(streams.resolve("file"), folder.resolve("below/there.log"));
        Files.createSymbolicLink(folder.resolve("out.log"), streams.resolve("outside.log"));
        Files.createFile(streams.resolve("outside.log"));
        for (Path log : new Path[] {folder.resolve("a.log"), folder.resolve("below/there.log"), folder.resolve(".hidden/../a.log"),
                folder.resolve(".well-known/a.log"), streams.resolve("link/a.log"), streams.resolve("file")}) {
            Files.createDirectories(folder.resolve(".hidden"));
            Answer answer = run("serve", "--check", "--port", "0", "--access-log", log.toString());
            assertEquals(2, answer.exitCode(), answer::toString);
            assertTrue(answer.err().contains("--access-log " + log + " would be served with " + folder), answer::toString);
        }
        assertFalse(Files.exists(folder.resolve("a.log")), "nothing was made");
        for (Path log : new Path[] {folder.resolve(".a.log"), folder.resolve("below/.hidden/a.log"), streams.resolve("a.log"),
                folder.resolve("out.log")}) {
            Answer answer = run("serve", "--check", "--port", "0", "--access-log", log.toString());
            assertEquals(0, answer.exitCode(), answer::toString);
        }
    }

    @Test
    void bothFallbacksAreOneTooMany() {
        Answer answer = run("plan", "--spa", "--fallback", "x");
        assertEquals(2, answer.exitCode());
        assertTrue(answer.err().contains("--spa and --fallback"), answer::toString);
    }

    @Test
    void theLongestHeadThatIsAllowedIsAllowed() {
        planned("--header-bytes", "63488");
        planned("--header-bytes", "65024", "--profile", "tight");
    }

    @Test
    void aPageThatIsMissingIsOneLineAndExitsOne() {
        Answer answer = run("serve", "--check", "--port", "0", "--not-found", "404.html");
        assertEquals(1, answer.exitCode(), answer::toString);
        assertEquals("coffer serve: " + folder + ": page 404.html: no such file\n", answer.err());
    }
}
