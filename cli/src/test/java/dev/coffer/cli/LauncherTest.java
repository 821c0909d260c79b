package dev.coffer.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.coffer.testkit.Eventually;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The launcher in a house that is simulated: its folder has a blank in its name, the JDK and Maven are scripts that say what they
/// were told. Nothing is built.
@Timeout(600)
class LauncherTest {
    private static final int PATIENCE = 150;  // turns: three times what the launcher gives a lock whose owner it does not find

    @TempDir
    Path folder;

    private Path house;
    private Path jdk;
    private Path tools;

    /// What the launcher printed, on both streams, and how it ended.
    private record Run(int exitCode, String text) {}

    @BeforeEach
    void build() throws IOException {
        Path real = Path.of("..", "coffer");
        assumeTrue(Files.isRegularFile(real) && Files.isExecutable(Path.of("/bin/bash")), "no launcher beside the module, or no bash");
        house = Files.createDirectories(folder.resolve("a house"));
        Files.copy(real, house.resolve("coffer"), java.nio.file.StandardCopyOption.COPY_ATTRIBUTES);
        Files.writeString(house.resolve("pom.xml"), "<project/>");
        for (String module : new String[] {"memory", "cli"}) {
            Files.writeString(Files.createDirectories(house.resolve(module + "/src/main")).resolve("A.java"), "class A {}");
        }
        jdk = jdk("jdk", 25);
        tools = Files.createDirectories(folder.resolve("tools"));
    }

    private Path jdk(String name, int version) throws IOException {
        Path home = folder.resolve(name);
        Files.createDirectories(home.resolve("bin"));
        Files.writeString(home.resolve("release"), "JAVA_VERSION=\"" + version + ".0.1\"\n");
        script(home.resolve("bin/java"), "printf 'arg %s\\n' \"$@\"");
        script(home.resolve("bin/javac"), "exit 1");
        return home;
    }

    private static void script(Path path, String body) throws IOException {
        Files.writeString(path, "#!/bin/bash\n" + body + "\n");
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwx------"));
    }

    /// The house was built after its sources were last changed.
    private void built() throws IOException {
        Files.createDirectories(house.resolve("cli/target/lib"));
        Files.writeString(house.resolve("cli/target/coffer-cli.jar"), "a jar");
        Path stamp = Files.writeString(house.resolve("cli/target/coffer.built"), "7\n");
        Files.setLastModifiedTime(stamp, FileTime.from(Instant.now().plusSeconds(60)));
    }

    /// A Maven that makes a jar, talks, and notes that it was called; before that `more`.
    private void maven(String more) throws IOException {
        script(tools.resolve("mvn"), more + "\necho noise; echo \"with $JAVA25_HOME\" >> '" + folder + "/builds'\n"
                + "mkdir -p cli/target/lib; echo a jar > cli/target/coffer-cli.jar");
    }

    /// A VM that notes each training, makes a cache and says that it serves at `port`; else says what it was told.
    private void training(int port) throws IOException {
        script(jdk.resolve("bin/java"), """
                for word in "$@"; do
                    case $word in
                        -XX:AOTCacheOutput=*)
                            echo trained >> '%1$s/trainings'
                            echo "$XDG_CONFIG_HOME $*" > '%1$s/server'
                            echo cache > "${word#*=}"
                            mkdir -p "$XDG_CONFIG_HOME/coffer"; echo key > "$XDG_CONFIG_HOME/coffer/localhost-key.pem"
                            echo "serving /x at http://127.0.0.1:%2$d/"
                            trap 'exit 0' TERM
                            for i in {1..300}; do sleep 0.1; done
                            exit 1 ;;
                        get) echo "$*" >> '%1$s/fetched' ;;
                    esac
                done
                printf 'arg %%s\\n' "$@"
                """.formatted(folder, port));
    }

    private int count(String notes) throws IOException {
        Path file = folder.resolve(notes);
        return Files.exists(file) ? Files.readAllLines(file).size() : 0;
    }

    private static void assertOnlyArguments(Run run) {
        assertEquals(0, run.exitCode(), run.text());
        assertTrue(run.text().lines().allMatch(line -> line.startsWith("arg ")), run.text());
    }

    private Run run(Path launcher, Map<String, String> more, String... arguments) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(launcher.toString());
        builder.command().addAll(List.of(arguments));
        builder.directory(folder.toFile()).redirectErrorStream(true);
        builder.environment().clear();
        builder.environment().putAll(Map.of("PATH", tools + ":/usr/bin:/bin", "COFFER_JAVA_HOME", jdk.toString(), "LC_ALL", "C"));
        builder.environment().putAll(more);
        Process process = builder.start();
        String text = new String(process.getInputStream().readAllBytes());
        return new Run(Eventually.ended(process), text);
    }

    private Run run(Map<String, String> more, String... arguments) throws IOException, InterruptedException {
        return run(house.resolve("coffer"), more, arguments);
    }

    @Test
    void givesTheCommandItsFlagsAndItsWordsUnchanged() throws IOException, InterruptedException {
        built();
        Run run = run(Map.of(), "plan", "two words", "*", "");
        assertEquals(0, run.exitCode(), run.text());
        List<String> words = run.text().lines().toList();
        assertEquals(List.of("arg plan", "arg two words", "arg *", "arg "), words.subList(words.size() - 4, words.size()));
        Path target = house.toRealPath().resolve("cli/target");
        for (String flag : new String[] {"--enable-native-access=dev.coffer.memory,dev.coffer.crypto.libcrypto,dev.coffer.evm.precompiles",
                "-XX:+UseCompactObjectHeaders",
                "-XX:+UseSerialGC", "-Xmx24m", "--module-path=" + target + "/coffer-cli.jar:" + target + "/lib"}) {
            assertTrue(words.contains("arg " + flag), flag + " in " + run.text());
        }
    }

    /// As cron and containers have it.
    @Test
    void namesAreUtf8WhereTheLocaleNamesNoCharacters() throws IOException, InterruptedException {
        built();
        script(jdk.resolve("bin/java"), "echo \"arg ${LC_ALL-} ${LC_CTYPE-} ${LANG-}\"");
        Map<Map<String, String>, String> locales =
                Map.of(Map.of("LC_ALL", "C"), "arg C.UTF-8  ", Map.of("LC_ALL", "POSIX", "LANG", "fr_FR.UTF-8"), "arg C.UTF-8  fr_FR.UTF-8",
                        Map.of("LC_ALL", ""), "arg C.UTF-8  ", Map.of("LC_ALL", "", "LANG", "fr_FR.UTF-8"), "arg   fr_FR.UTF-8",
                        Map.of("LC_ALL", "", "LC_CTYPE", "fr_FR", "LANG", "C"), "arg  fr_FR C", Map.of("LC_ALL", "fr_FR.ISO-8859-1"), "arg fr_FR.ISO-8859-1  ");
        for (Map.Entry<Map<String, String>, String> each : locales.entrySet()) {
            assertEquals(each.getValue(), run(each.getKey(), "plan").text().lines().toList().getLast(), each.getKey()::toString);
        }
    }

    @Test
    void aCollectorOrHeapOfOnesOwnReplacesTheLaunchers() throws IOException, InterruptedException {
        built();
        String text = run(Map.of("COFFER_JAVA_OPTS", "-XX:+UnlockExperimentalVMOptions -XX:+UseEpsilonGC -Dx=*"), "plan").text();
        assertTrue(text.contains("arg -XX:+UseEpsilonGC") && text.contains("arg -Dx=*\n") && text.contains("-Xmx24m"), text);
        assertFalse(text.contains("SerialGC"), text);
        text = run(Map.of("COFFER_JAVA_OPTS", "-Xmx64m"), "plan").text();
        assertTrue(text.contains("arg -Xmx64m") && text.contains("SerialGC") && !text.contains("-Xmx24m"), text);
    }

    @Test
    void findsItsHouseThroughLinksAndWhateverCdpathSays() throws IOException, InterruptedException {
        built();
        Path bin = Files.createDirectories(folder.resolve("bin"));
        Files.createSymbolicLink(bin.resolve("second"), Path.of("../a house/coffer"));
        Files.createSymbolicLink(bin.resolve("first"), Path.of("second"));
        Files.createDirectories(folder.resolve("elsewhere/bin"));
        Run run = run(Path.of("bin/first"), Map.of("CDPATH", folder.resolve("elsewhere").toString()), "plan");
        assertTrue(run.text().contains("--module-path=" + house.toRealPath()), run.text());
    }

    @Test
    void aJdkThatWasNamedAndIsNoneEndsWithTwoAndSaysWhy() throws IOException, InterruptedException {
        built();
        Run run = run(Map.of("COFFER_JAVA_HOME", "/nowhere"), "plan");
        assertEquals(2, run.exitCode(), run.text());
        assertTrue(run.text().contains("no JDK 25 or later found") && run.text().contains("/nowhere (COFFER_JAVA_HOME): no bin/java")
                && run.text().contains("COFFER_JAVA_HOME=/path/to/jdk"), run.text());
        run = run(Map.of("COFFER_JAVA_HOME", jdk("old", 21).toString()), "plan");
        assertEquals(2, run.exitCode(), run.text());
        assertTrue(run.text().contains("Java 21"), run.text());
    }

    @Test
    void withoutOneItTakesJavaHomeAndPassesAnOldOneBy() throws IOException, InterruptedException {
        built();
        Run run = run(Map.of("COFFER_JAVA_HOME", "", "JAVA_HOME", jdk.toString()), "plan");
        assertEquals(0, run.exitCode(), run.text());
        Files.createSymbolicLink(tools.resolve("java"), jdk.resolve("bin/java"));
        run = run(Map.of("COFFER_JAVA_HOME", "", "JAVA_HOME", jdk("old", 21).toString()), "plan");
        assertTrue(run.text().contains("arg plan"), run.text());
    }

    @Test
    void buildsOnceAndAgainAfterAChangeAndIsQuietInAPipe() throws IOException, InterruptedException {
        maven("");
        Map<String, String> untrained = Map.of("COFFER_JAVA_OPTS", "-Dx=1");
        assertOnlyArguments(run(untrained, "plan"));
        assertEquals(List.of("with " + jdk), Files.readAllLines(folder.resolve("builds")));
        assertOnlyArguments(run(untrained, "plan"));
        assertEquals(1, count("builds"), "nothing has changed");
        Files.setLastModifiedTime(house.resolve("memory/src/main/A.java"), FileTime.from(Instant.now().plusSeconds(120)));
        assertOnlyArguments(run(untrained, "plan"));
        assertEquals(2, count("builds"));
        Files.setLastModifiedTime(house.resolve("memory/src/main/A.java"), FileTime.from(Instant.now().minusSeconds(120)));
        Files.delete(house.resolve("cli/target/coffer-cli.jar"));
        assertOnlyArguments(run(untrained, "plan"));
        assertEquals(3, count("builds"), "the jar was gone");
    }

    @Test
    void onATerminalItSaysHowLongABuildTakes() throws IOException, InterruptedException {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/script")), "no script(1), which makes a terminal");
        maven("");
        String command = "'" + house.resolve("coffer") + "' plan";
        Map<String, String> untrained = Map.of("COFFER_JAVA_OPTS", "-Dx=1", "TERM", "dumb");
        Run first = run(Path.of("/usr/bin/script"), untrained, "-qec", command, "/dev/null");
        assertTrue(first.text().contains("coffer: building; a minute or two") && !first.text().contains("noise"), first.text());
        Files.setLastModifiedTime(house.resolve("memory/src/main/A.java"), FileTime.from(Instant.now().plusSeconds(120)));
        Run second = run(Path.of("/usr/bin/script"), untrained, "-qec", command, "/dev/null");
        assertTrue(second.text().matches("(?s).*coffer: building; it took \\d+ s the last time.*"), second.text());
    }

    @Test
    void jarsThatWereReplacedAreTrainedAnewAndNobodyHears() throws IOException, InterruptedException {
        built();
        training(1);
        Path jar = house.resolve("cli/target/coffer-cli.jar");
        Run run = run(Map.of(), "plan");
        assertOnlyArguments(run);
        assertTrue(run.text().contains("arg -XX:AOTCache=" + house.toRealPath().resolve("cli/target/coffer.aot")), run.text());
        assertOnlyArguments(run(Map.of(), "plan"));
        assertEquals(1, count("trainings"), "the jars are the same");
        Files.setLastModifiedTime(jar, FileTime.from(Instant.now().minusSeconds(1000)));
        assertOnlyArguments(run(Map.of(), "plan"));
        assertEquals(2, count("trainings"), "another time of the jar, even an earlier one");
        FileTime time = Files.getLastModifiedTime(jar);
        Files.writeString(jar, "another jar");
        Files.setLastModifiedTime(jar, time);
        assertOnlyArguments(run(Map.of(), "plan"));
        assertEquals(3, count("trainings"), "another size of the jar");
        Files.writeString(house.resolve("cli/target/lib/more.jar"), "");
        assertOnlyArguments(run(Map.of(), "plan"));
        assertEquals(4, count("trainings"), "another jar on the path");
        run = run(Map.of("COFFER_JAVA_OPTS", "-Dx=1"), "plan");
        assertFalse(run.text().contains("AOTCache"), "made with other flags: " + run.text());
    }

    @Test
    void whoAsksForWordsOfWhatIsBuiltDoesNotWaitForTheTraining() throws IOException, InterruptedException {
        built();
        training(1);
        for (String word : new String[] {"-V", "--version", "-h", "--help", "completion", "man"}) {
            assertOnlyArguments(run(Map.of(), word));
        }
        assertEquals(0, count("trainings"));
        assertOnlyArguments(run(Map.of(), "plan"));
        assertEquals(1, count("trainings"), "another command is trained for");
    }

    /// `coffer hash /dev/fd/9 9< file` on a start that builds and trains: locks and requests of the launcher's own are elsewhere.
    @Test
    void descriptorsThatTheUserGaveReachTheCommand() throws IOException, InterruptedException {
        maven("");
        training(1);
        String java = Files.readString(jdk.resolve("bin/java"));
        script(jdk.resolve("bin/java"), java.substring(java.indexOf('\n') + 1) + "echo \"eight $(cat <&8) nine $(cat <&9)\"");
        Path call = folder.resolve("call");
        script(call, "exec 8<<< e 9<<< n; exec '" + house.resolve("coffer") + "' plan");
        for (int i = 0; i < 2; i++) {
            Run run = run(call, Map.of());
            assertEquals(0, run.exitCode(), run.text());
            assertTrue(run.text().contains("eight e nine n"), run.text());
        }
        assertEquals(1, count("trainings"));
        assertEquals(1, count("builds"));
    }

    @Test
    void aVmThatMakesNoCacheIsAskedOnce() throws IOException, InterruptedException {
        built();
        script(jdk.resolve("bin/java"), "case \"$*\" in *AOTCacheOutput*) echo t >> '" + folder + "/trainings'; exit 1 ;; esac; printf 'arg %s\\n' \"$@\"");
        for (int i = 0; i < 2; i++) {
            Run run = run(Map.of(), "plan");
            assertOnlyArguments(run);
            assertFalse(run.text().contains("AOTCache"), run.text());
        }
        assertEquals(1, count("trainings"));
    }

    @Test
    void theCacheIsTrainedWithRequests() throws Exception {
        built();
        List<String> requests = new CopyOnWriteArrayList<>();
        try (var server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            training(server.getLocalPort());
            Thread.ofVirtual().start(() -> {
                while (!server.isClosed()) {
                    try (var socket = server.accept()) {
                        var in = new BufferedReader(new InputStreamReader(socket.getInputStream()));
                        requests.add(in.readLine());
                        while (!in.readLine().isEmpty()) {}
                        socket.getOutputStream().write("HTTP/1.1 200 OK\r\n\r\nhello".getBytes());
                    } catch (IOException | NullPointerException left) {
                        // who asks waits for five seconds; others come
                    }
                }
            });
            assertOnlyArguments(run(Map.of(), "plan"));
            for (String line : new String[] {"GET / HTTP/1.1", "HEAD /META-INF/LICENSE HTTP/1.1", "GET /no-such-file HTTP/1.1",
                    "GET /-/ledger.json HTTP/1.1"}) {
                Eventually.holds(line + " in " + requests, () -> requests.contains(line));
            }
        }
        String config = house.toRealPath().resolve("cli/target/coffer.training").toString();
        String server = Files.readString(folder.resolve("server"));
        assertTrue(server.startsWith(config + " ") && server.contains(" --tls "), "as a certificate of its own: " + server);
        List<String> fetched = Files.readAllLines(folder.resolve("fetched"));
        assertEquals(2, fetched.size(), fetched.toString());
        for (String how : new String[] {"--http1.1", "--http2"}) {
            assertTrue(
                    fetched.stream().anyMatch(
                            line -> line.contains(" get " + how + " ") && line.contains(" --cacert " + config + "/coffer/localhost.pem https://localhost:")),
                    how + " in " + fetched);
        }
        assertFalse(Files.exists(Path.of(config)), "the key goes with the training");
    }

    @Test
    void versionAndHelpAnswerBeforeAnythingIsBuilt() throws IOException, InterruptedException {
        maven("");
        Path here = Path.of("..").toRealPath();
        Files.createDirectories(house.resolve("bom"));
        Files.copy(here.resolve("bom/pom.xml"), house.resolve("bom/pom.xml"));
        Path commands = Files.createDirectories(house.resolve("cli/src/main/java/dev/coffer/cli"));
        try (var files = Files.list(here.resolve("cli/src/main/java/dev/coffer/cli"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.copy(file, commands.resolve(file.getFileName()));
            }
        }
        Files.writeString(jdk.resolve("release"), "JAVA_VERSION=\"25.0.3\"\nJAVA_RUNTIME_VERSION=\"25.0.3+9\"\n");
        for (String option : new String[] {"--version", "-V"}) {
            Run run = run(Map.of(), option);
            assertEquals(0, run.exitCode(), run.text());
            assertTrue(run.text().matches("coffer \\d+\\.\\d+\\.\\d+\\S*\nJava 25\\.0\\.3\\+9\n"), run.text());
        }
        String version = run(Map.of("COFFER_JAVA_HOME", "/nowhere"), "--version").text();
        assertTrue(version.matches("coffer \\S+\n"), version);
        String help = run(Map.of(), "--help").text();
        for (String command : Main.commandLine(Standard.ofProcess()).getSubcommands().keySet()) {
            assertTrue(help.matches("(?s).*\n  " + command + " +\\S.*"), command + " in " + help);
        }
        assertEquals(0, count("builds"));
        assertFalse(Files.exists(house.resolve("cli/target")), "nothing was written");
    }

    @Test
    void twoFirstStartsBuildOnce() throws Exception {
        Path few = few("", "");
        int builds = 0;
        for (String path : new String[] {tools + ":/usr/bin:/bin", tools + ":" + few}) {
            maven("sleep 0.5");
            Files.deleteIfExists(house.resolve("cli/target/coffer.built"));
            Map<String, String> environment = Map.of("PATH", path, "COFFER_JAVA_OPTS", "-Dx=1");
            var starts = new ArrayList<Future<Run>>();
            try (var pool = Executors.newVirtualThreadPerTaskExecutor()) {
                for (int i = 0; i < 4; i++) {
                    starts.add(pool.submit(() -> run(environment, "plan")));
                }
            }
            for (var start : starts) {
                assertOnlyArguments(start.get());
            }
            assertEquals(++builds, count("builds"), path);
            assertFalse(Files.exists(house.resolve("cli/target/coffer.locked")), "the lock is given back");
        }
    }

    /// A lock that a full disk cut short names nobody, and perhaps somebody else; one whose owner has ended nobody that runs.
    @Test
    void theLockOfADeadStartIsTakenWhateverIsLeftOfIt() throws IOException, InterruptedException {
        Path few = few("sleep", "exit 0");
        built();
        maven("");
        String runs = String.valueOf(ProcessHandle.current().pid());
        for (String left : new String[] {"", runs, "2147483647."}) {
            Files.deleteIfExists(house.resolve("cli/target/coffer.built"));
            Files.writeString(house.resolve("cli/target/coffer.locked"), left);
            assertOnlyArguments(run(Map.of("PATH", tools + ":" + few, "COFFER_JAVA_OPTS", "-Dx=1"), "plan"));
            assertFalse(Files.exists(house.resolve("cli/target/coffer.locked")), left);
        }
    }

    /// Who may not signal a process knows all the same that it runs: another user's start is waited for.
    @Test
    void theLockOfAnotherUsersStartIsWaitedFor() throws IOException, InterruptedException {
        boolean root = "root".equals(System.getProperty("user.name"));
        assumeTrue(!root || Files.isExecutable(Path.of("/usr/bin/setpriv")), "root may signal every process, and no setpriv(1) to be another");
        Path few = few("sleep", patience("rm -f '" + house + "/cli/target/coffer.locked'"));
        built();
        maven("");
        Files.delete(house.resolve("cli/target/coffer.built"));
        Files.delete(house.resolve("cli/target/coffer-cli.jar"));
        Files.writeString(house.resolve("cli/target/coffer.locked"), "1.");
        String launcher = house.resolve("coffer").toString();
        protect("rwxrwxrwx");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
        Map<String, String> environment = Map.of("PATH", tools + ":" + few, "COFFER_JAVA_OPTS", "-Dx=1");
        assertOnlyArguments(root ? run(Path.of("/usr/bin/setpriv"), environment, "--reuid=65534", "--regid=65534", "--clear-groups", launcher, "plan")
                : run(Path.of("/usr/bin/env"), environment, launcher, "plan"));
        assertEquals(PATIENCE, count("ticks"), "it waited until the lock was given back");
    }

    /// Of two who wait for a dead start's lock one takes it away; the other does not take away the first one's.
    @Test
    void whoTakesADeadLockAwayLooksWhoseItIsByThen() throws IOException, InterruptedException {
        Path few = few("sleep", "exit 0");
        built();
        maven("echo $$ > '" + folder + "/running'");
        Files.delete(house.resolve("cli/target/coffer.built"));
        Path own = Files.writeString(house.resolve("cli/target/coffer.locked"), "2147483647.");
        String other = ProcessHandle.current().pid() + ".";
        script(few.resolve("ln"), "/usr/bin/ln \"$@\" || exit; case $* in *.taking) [ -e '" + folder + "/once' ] || echo " + other + " > '" + own
                + "'; : > '" + folder + "/once' ;; esac");
        script(few.resolve("sleep"),
                patience("case $(/usr/bin/cat '" + own + "') in " + other + ") echo kept > '" + folder + "/kept'; rm -f '" + own + "' ;; esac"));
        assertOnlyArguments(run(Map.of("PATH", tools + ":" + few, "COFFER_JAVA_OPTS", "-Dx=1"), "plan"));
        assertTrue(Files.exists(folder.resolve("kept")), "the lock of a start that runs was taken away");
    }

    /// What a sleep does that does not: counts its turns, and at the last of them something else.
    private String patience(String then) {
        String ticks = folder + "/ticks";
        return "echo t >> '" + ticks + "'; [ $(/usr/bin/wc -l < '" + ticks + "') -ne " + PATIENCE + " ] || { " + then + "; }";
    }

    /// The cache is a shortcut, and what cannot be noted of it nobody's concern.
    @Test
    void aDiskThatIsFullBehindTheTrainingStopsNothing() throws IOException, InterruptedException {
        built();
        training(1);
        script(tools.resolve("rm"), "/usr/bin/rm \"$@\"; case $* in *coffer.aot.of*) ln -s /dev/full '" + house + "/cli/target/coffer.aot.of' ;; esac");
        assertOnlyArguments(run(Map.of(), "plan"));
        assertEquals(1, count("trainings"));
    }

    @Test
    void aLockThatCannotBeWrittenIsSaid() throws IOException, InterruptedException {
        Path few = few("cat", "exit 1");
        built();
        maven("");
        Files.delete(house.resolve("cli/target/coffer.built"));
        script(few.resolve("sleep"), "exit 0");
        Files.createSymbolicLink(house.resolve("cli/target/coffer.locked"), folder.resolve("no such/folder"));
        Run run = run(Map.of("PATH", tools + ":" + few, "COFFER_JAVA_OPTS", "-Dx=1"), "plan");
        assertEquals(2, run.exitCode(), run.text());
        assertTrue(run.text().contains("coffer.locked cannot be written"), run.text());
    }

    /// What the launcher needs and no flock; one of the tools is as it is told.
    private Path few(String other, String body) throws IOException {
        Path few = Files.createDirectories(folder.resolve("few"));
        for (String tool : "bash sed head dirname readlink grep awk find stat mkdir rm mv cat touch ln sleep".split(" ")) {
            script(few.resolve(tool), tool.equals(other) ? body : "exec /usr/bin/" + tool + " \"$@\"");
        }
        return few;
    }

    @Test
    void aCheckoutThatCannotBeWrittenRunsWhatIsBuilt() throws Exception {
        maven("");
        training(1);
        boolean root = "root".equals(System.getProperty("user.name"));
        assumeTrue(!root || Files.isExecutable(Path.of("/usr/bin/setpriv")), "root may write everywhere, and no setpriv(1) to be another");
        String launcher = house.resolve("coffer").toString();
        Path reader = Path.of(root ? "/usr/bin/setpriv" : "/usr/bin/env");
        String[] plan = root ? new String[] {"--reuid=65534", "--regid=65534", "--clear-groups", launcher, "plan"}
                : new String[] {launcher, "plan"};
        protect("r-xr-xr-x");
        try {
            Run run = run(reader, Map.of(), plan);
            assertEquals(2, run.exitCode(), run.text());
            assertTrue(run.text().contains("not built") && run.text().contains("cannot be written") && !run.text().contains("Permission denied"), run.text());
            protect("rwxr-xr-x");
            built();
            protect("r-xr-xr-x");
            assertOnlyArguments(run(reader, Map.of(), plan));
            assertEquals(0, count("trainings"), "there was nowhere to keep the cache");
            Files.setLastModifiedTime(house.resolve("memory/src/main/A.java"), FileTime.from(Instant.now().plusSeconds(120)));
            run = run(reader, Map.of(), plan);
            assertEquals(0, run.exitCode(), run.text());
            assertTrue(run.text().contains("this is the earlier build") && run.text().contains("arg plan"), run.text());
        } finally {
            protect("rwxr-xr-x");
        }
    }

    /// Everything below the test's folder may be read by all, its folders written as `mode` says.
    private void protect(String mode) throws IOException {
        try (var all = Files.walk(folder)) {
            for (Path path : all.toList()) {
                boolean own = path.startsWith(house) && Files.isDirectory(path);
                Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(own ? mode : "rwxr-xr-x"));
            }
        }
    }

    @Test
    void aBuildThatFailsStartsNothing() throws IOException, InterruptedException {
        script(tools.resolve("mvn"), "exit 7");
        Run run = run(Map.of(), "plan");
        assertEquals(2, run.exitCode(), run.text());
        assertTrue(run.text().contains("the build failed") && !run.text().contains("arg "), run.text());
        assertFalse(Files.exists(house.resolve("cli/target/coffer.built")));
    }
}
