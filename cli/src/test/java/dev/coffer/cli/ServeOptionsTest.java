package dev.coffer.cli;

import static dev.coffer.testkit.RecordRanges.differences;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.http.Limits;
import dev.coffer.memory.Protection.Level;
import dev.coffer.memory.RegionConfig;
import dev.coffer.server.Annex;
import dev.coffer.server.Http2Serving;
import dev.coffer.server.ServerConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// Each option of `serve` changes what it says and nothing else; each number is taken at the edges of its range and refused past them, by
/// the name that the command line has for it.
class ServeOptionsTest {
    static {
        FirstLibrary.opened();
    }

    @TempDir
    Path folder;

    @Command
    private static final class Serving {
        @Mixin
        private ServeOptions options;
    }

    private ServeOptions options(String... words) {
        List<String> all = new ArrayList<>(List.of(words));
        all.add(folder.toString());
        Serving serving = new Serving();
        new CommandLine(serving).setCaseInsensitiveEnumValuesAllowed(true).parseArgs(all.toArray(String[]::new));
        return serving.options;
    }

    private ServerConfig config(String... words) {
        return options(words).config();
    }

    private static String limits(ServerConfig one, ServerConfig other) {
        return differences(one.http().limits(), other.http().limits());
    }

    @Test
    void withoutOptionsItIsTheStandardServerAt8080OfThisMachine() {
        ServerConfig config = config();
        assertEquals("127.0.0.1", config.address().getAddress().getHostAddress());
        assertEquals(8080, config.address().getPort());
        assertEquals("address", differences(ServerConfig.standard().withHttp2(Http2Serving.defaults()), config));
        assertEquals("address", differences(ServerConfig.standard(), config("--http1.1")));
        assertEquals("address", differences(ServerConfig.tight(), config("--profile", "tight")));
        assertEquals("address http outputBytes", differences(ServerConfig.standard(), config("--http1.1", "--header", "X: y")), "room for what a site says");
        assertEquals(folder, options().folder());
        assertEquals(List.of(), options().annexes());
        assertTrue(!options().logsToOutput());
    }

    @Test
    void eachOptionChangesWhatItSaysAndNothingElse() {
        ServerConfig plain = config();
        assertEquals(17, config("-p", "17").address().getPort());
        assertEquals("address", differences(plain, config("--port", "65535")));
        assertEquals("127.0.0.2", config("-b", "127.0.0.2").address().getHostString());
        assertEquals("connections", differences(plain, config("-c", "300")));
        assertEquals(300, config("-c", "300").connections());
        assertEquals("active", differences(plain, config("--active", "100")));
        assertEquals(100, config("--active", "100").active());
        assertEquals("loops", differences(plain, config("--loops", "3")));
        assertEquals("locked", differences(plain, config("--locked", "off")));
        assertEquals(Level.REQUIRED, config("--locked", "required").locked());
        assertEquals(RegionConfig.Commit.ON_TOUCH, config("--commit", "touch").commit());
        assertEquals(RegionConfig.Commit.ON_OPEN, config("--commit", "open").commit());
        assertEquals("commit", differences(config("--commit", "open"), config("--commit", "touch")));
        assertEquals("portable", differences(plain, config("--portable")));
        assertEquals("startLineBytesMax fieldBytesMax headBytesMax", limits(plain, config("--header-bytes", "5000")));
        assertEquals(5000, config("--header-bytes", "5000").http().limits().headBytesMax());
        assertEquals("fieldsMax", limits(plain, config("--header-fields", "7")));
        assertEquals(7, config("--header-fields", "7").http().limits().fieldsMax());
        assertEquals(new Limits(5000, 5000, 5000, 7, 1 << 20, 10_000_000_000L, 60_000_000_000L, 20_000_000_000L, 256),
                config("--header-bytes", "5000", "--header-fields", "7").http().limits());
        assertEquals("bodyBytesMax", limits(plain, config("--body-bytes", "9")));
        assertEquals(9, config("--body-bytes", "9").http().limits().bodyBytesMax());
        assertEquals("idleNanosMax", limits(plain, config("--idle-seconds", "9")));
        assertEquals(9_000_000_000L, config("--idle-seconds", "9").http().limits().idleNanosMax());
        assertEquals(1, options("--pages", "0").annexes().size());
        assertTrue(options("--access-log", "-").logsToOutput());
    }

    @Test
    void connectionsThatAreNotSaidGrowWithTheLoopsAndActiveOnesShrinkWithTheConnections() {
        ServerConfig few = config("-c", "5");
        assertEquals(5, few.connections());
        assertEquals(5, few.active());
        ServerConfig many = config("--profile", "tight", "--loops", "64");
        assertEquals(128, many.connections());
        assertEquals(64, many.active());
        assertThrows(Failure.class, () -> config("-c", "3", "--loops", "4"));
        assertEquals(4, config("-c", "4", "--loops", "4").active());
    }

    /// The numbers that are taken at the ends, and the name in the refusal past them.
    @ParameterizedTest
    @CsvSource({"--port, port, 0, 65535", "--header-bytes, --header-bytes, 64, 63488", "--header-fields, --header-fields, 1, 4096",
            "--body-bytes, --body-bytes, 0, 9223372036854775807", "--idle-seconds, --idle-seconds, 1, 2147483647", "--loops, loops, 1, 64",
            "--connections, connections, 1, 1048576", "--active, active, 1, 512"})
    void numbersAreTakenAtTheirEndsAndRefusedPastThem(String option, String name, long least, long most) {
        config(option, Long.toString(least));
        config(option, Long.toString(most));
        refused(option, name, least - 1);
        if (most < Integer.MAX_VALUE) {
            refused(option, name, most + 1);
        }
    }

    @Test
    void sizesOfHttp3AreRefusedWhereItIsNotSpoken() throws Exception {
        for (String option : new String[] {"--http3-connections", "--http3-streams"}) {
            for (String[] why : new String[][] {{"without --tls"}, {"beside --http1.1", "--tls", "--http1.1"}, {"beside --no-http3", "--tls", "--no-http3"},
                    {"beside --client-ca", "--tls", "--client-ca", "x"}}) {
                String[] words = Arrays.copyOfRange(why, 1, why.length + 1);
                words[words.length - 1] = option + "=64";
                Failure failure = assertThrows(Failure.class, () -> options(words).speaksHttp3(), option + " " + why[0]);
                assertTrue(failure.exitCode() == ExitCode.USAGE && failure.getMessage().startsWith(option + " " + why[0] + ": "), failure.getMessage());
            }
            assertTrue(options("--tls", option + "=64").speaksHttp3(), option);
        }
        assertFalse(options("--tls", "--no-http3").speaksHttp3());
    }

    private void refused(String option, String name, long number) {
        Failure failure = assertThrows(Failure.class, () -> config(option + "=" + number), option + " " + number);
        assertEquals(ExitCode.USAGE, failure.exitCode());
        assertTrue(failure.getMessage().contains(name + " " + number) || failure.getMessage().contains(name + ": " + number), failure.getMessage());
    }

    @Test
    void filesAndTheirCopiesAreThoseOfTheProfileUnlessSaid() {
        long standard = options().site().plan(ServerConfig.standard(), 1).totalBytes();
        assertEquals(standard, options("--files", "256", "--hot-bytes", "524288").site().plan(ServerConfig.standard(), 1).totalBytes());
        long tight = options("--profile", "tight").site().plan(ServerConfig.standard(), 1).totalBytes();
        assertEquals(tight, options("--files", "64", "--hot-bytes", "0").site().plan(ServerConfig.standard(), 1).totalBytes());
        assertTrue(options("--files", "65", "--hot-bytes", "0").site().plan(ServerConfig.standard(), 1).totalBytes() > tight);
        for (String wrong : new String[] {"--files=0", "--hot-bytes=-1", "--hot-bytes=255"}) {
            assertEquals(ExitCode.USAGE, assertThrows(Failure.class, () -> options(wrong).site(), wrong).exitCode());
        }
    }

    @Test
    void aPageOfItsOwnPortIsNeededForItsPaths() {
        for (String path : new String[] {"--health-path", "--metrics-path"}) {
            Failure failure = assertThrows(Failure.class, () -> options(path, "/x").annexes());
            assertTrue(failure.getMessage().startsWith(path + " without --pages"), failure.getMessage());
            assertNotNull(options(path, "/x", "--pages", "0").annexes());
        }
        assertThrows(Failure.class, () -> options("--pages", "65536").annexes());
        assertNotNull(options("--pages", "65535").annexes());
        assertThrows(Failure.class, () -> options("--pages=-1").annexes());
    }

    @Test
    void theWayToHttpsNeedsHttpsAndAPortOfItsOwn() {
        refuseAnnexes("--redirect without --tls", "--redirect", "80");
        refuseAnnexes("--redirect 8080: the port of https itself", "--tls", "--redirect", "8080");
        refuseAnnexes("--redirect 81: the port of --pages", "--tls", "--redirect", "81", "--pages", "81");
        refuseAnnexes("--redirect 65536 (expected 0..65535)", "--tls", "--redirect", "65536");
        refuseAnnexes("--redirect -1 (expected 0..65535)", "--tls", "--redirect=-1");
        assertEquals(2, options("--tls", "--redirect", "65535", "--pages", "8081").annexes().size());
        assertEquals(2, options("--tls", "--port", "0", "--redirect", "0", "--pages", "0").annexes().size(), "the system chooses three");
        Annex longest = options("--tls", "--redirect", "80", "--header-bytes", "63488").annexes().getFirst();
        assertEquals(63_488, longest.size().http().limits().startLineBytesMax());
        assertEquals(80, longest.address().getPort());
    }

    private void refuseAnnexes(String words, String... line) {
        Failure failure = assertThrows(Failure.class, () -> options(line).annexes());
        assertEquals(ExitCode.USAGE, failure.exitCode());
        assertTrue(failure.getMessage().startsWith(words), failure.getMessage());
    }

    @Test
    void aLogThatWouldBeServedIsRefused() {
        for (String served : new String[] {"log", "sub.log"}) {
            Failure failure = assertThrows(Failure.class, () -> options("--access-log", folder.resolve(served).toString()).site());
            assertTrue(failure.getMessage().contains("would be served"), failure.getMessage());
        }
        assertNotNull(options("--access-log", folder.resolve(".log").toString()).site());
        assertNotNull(options("--access-log", folder.resolveSibling("log").toString()).site());
    }
}
