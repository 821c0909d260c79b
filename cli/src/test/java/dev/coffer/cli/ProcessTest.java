package dev.coffer.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.coffer.instruments.ChildJvm;
import dev.coffer.testkit.Eventually;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The command as a process of its own behind a shell: what only real descriptors, pipes, signals and terminals show.
@Timeout(600)
class ProcessTest {
    @TempDir
    private Path folder;

    @BeforeEach
    void command() throws IOException {
        assumeTrue(Files.isExecutable(Path.of("/bin/bash")), "no bash here");
        Path launcher = Files.writeString(folder.resolve("coffer"), "#!/bin/bash\nexec '" + System.getProperty("java.home")
                + "/bin/java' -Xmx24m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 --enable-native-access=ALL-UNNAMED -cp '" + classPath()
                + "' dev.coffer.cli.Main \"$@\"\n");
        Files.setPosixFilePermissions(launcher, PosixFilePermissions.fromString("rwx------"));
    }

    /// Where this process has its classes from, modules or not.
    private static String classPath() {
        Set<String> places = new LinkedHashSet<>();
        ChildJvm.place(Main.class).ifPresent(place -> places.add(place.toString()));  // before what another build left here
        places.add(Path.of("target/classes").toAbsolutePath().toString());
        for (String property : new String[] {"jdk.module.path", "java.class.path"}) {
            places.addAll(List.of(System.getProperty(property, "").split(File.pathSeparator)));
        }
        places.remove("");
        return String.join(File.pathSeparator, places);
    }

    /// Runs a script in the folder.
    ///
    /// @return what it printed on both streams
    private String bash(String script) throws IOException {
        Path said = folder.resolve("said");
        Process process = new ProcessBuilder("/bin/bash", "-c", "PATH=.:$PATH\n" + script).directory(folder.toFile())
                .redirectInput(new File("/dev/null")).redirectErrorStream(true).redirectOutput(said.toFile()).start();
        try {
            if (!process.waitFor(Eventually.MILLIS, TimeUnit.MILLISECONDS)) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
                throw new AssertionError("did not end: " + Files.readString(said));
            }
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
        return Files.readString(said);
    }

    @Test
    void redirectionsAndPipesOfAShell() throws IOException {
        String said = bash("""
                head -c 200000 /dev/urandom > m; cp m m.as.was
                coffer seal --generate -k K -o S m; coffer keygen -a p256 P; cp K K.as.was; cp S S.as.was
                coffer seal -k K -o K --force < K 2> /dev/null; echo "key read and written: $?"
                coffer open -k K S 2> /dev/null 1<> S; echo "sealed read and written: $?"
                coffer open -k K -o /dev/fd/3 3<> m -f m 2> /dev/null; echo "descriptor: $?"
                cmp K K.as.was && cmp S S.as.was && cmp m m.as.was && echo "all as it was"
                coffer sign -k <(cat P) - < <(cat m) > sig; echo "signed: $?"
                cat m | coffer verify -q -k <(cat P.pub) -s <(cat sig); echo "verified: $?"
                coffer hash <&- > out 2> err; echo "closed input: $? $(wc -c < out)"
                coffer hash m >&- 2> err; echo "closed output: $?"
                """);
        assertEquals("""
                key read and written: 2
                sealed read and written: 2
                descriptor: 2
                all as it was
                signed: 0
                verified: 0
                closed input: 1 0
                closed output: 1
                """, said);
    }

    /// Whoever gave it reads and writes there before and after: a file in its place would be seen by nobody.
    @Test
    void aDescriptorOfAFileIsNotReplacedUnderItsNumber() throws IOException {
        String said = bash("""
                echo text > m; coffer seal --generate -k K -o S m
                exec 5>> out; echo first >&5
                for force in "" --force; do coffer open -k K -o /dev/fd/5 $force S 2> err; echo "$? $(grep -c 'name the file' err)"; done
                echo last >&5; cat out; ls .coffer* 2> /dev/null
                """);
        assertEquals("""
                2 1
                2 1
                first
                last
                """, said);
    }

    /// The virtual machine's own files have numbers too: never forced here, or a failing test would replace one of them.
    @Test
    void descriptorsThatNobodyGaveAreNeitherReadNorWritten() throws IOException {
        String said = bash("""
                echo text > m; mkfifo F; coffer seal --generate -k K -o S m
                coffer hash /dev/fd/{3..40} /proc/self/fd/4 2> err; echo "none: $? $(grep -c 'was given' err)"
                coffer hash /dev/fd/7 < m 7<&0 > out; echo "given: $? $(wc -l < out)"
                for n in 3 4 5 6 7 8; do coffer seal -k K -o /dev/fd/$n m 2>&1 | grep -v 'was given'; done
                { coffer open -k K -o /dev/fd/8 S 8>&1; echo "written: $?"; } | cat
                exec 9<> F; coffer seal --generate -k F -o F m 2> err; echo "one pipe for two: $?"
                """);
        assertEquals("""
                none: 1 39
                given: 0 1
                text
                written: 0
                one pipe for two: 2
                """, said);
    }

    @Test
    void aReaderThatHasEnoughEndsTheCommandSilently() throws IOException {
        String said = bash("""
                touch m
                coffer hash $(yes m | head -n 30000) 2> err | head -n 1 > /dev/null; echo "${PIPESTATUS[0]} $(wc -c < err)"
                """);
        assertEquals("141 0\n", said);
    }

    @Test
    void aSignalLeavesNothingBehind() throws IOException {
        String said = bash("""
                mkfifo pipe; mkdir d
                coffer seal --generate -k d/K -o d/S pipe & pid=$!
                exec 4> pipe; echo text >&4
                for i in $(seq 300); do [ $(ls -A d | wc -l) = 2 ] && break; sleep 0.1; done
                ls -A d | wc -l
                kill -TERM $pid; wait $pid; echo "exit $?"; exec 4>&-
                ls -A d | wc -l
                """);
        assertTrue(said.startsWith("2\nexit 143\n0\n") || said.endsWith("\nexit 143\n0\n"), said);
    }

    @Test
    void aHeapThatIsFullIsOneLine() throws IOException {
        String said = bash("coffer evm run --code @/dev/zero > out 2> err; echo \"$? $(wc -l < err) $(wc -c < out)\"");
        assertTrue(said.equals("71 1 0\n") || said.equals("5 1 0\n"), said + Files.readString(folder.resolve("err")));
    }

    @Test
    void aTerminalGetsNoBinaryAndNoColoursItDoesNotWant() throws IOException {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/script")), "no script(1) here");
        String said = bash("""
                echo hello > m; coffer keygen K; coffer seal --generate -k G -o S m
                export TERM=xterm; mkfifo keyboard; exec 9<> keyboard; exec <&9
                script -qec 'coffer sign -k K - < m' /dev/null > t; grep -c 'standard output a terminal' t
                script -qec 'coffer ticket-keys -' /dev/null > t; grep -c 'standard output a terminal: name a file.$' t; grep -c CofferRK t
                script -qec 'coffer open -k G S' /dev/null | tr -d '\\r'
                printf 'a\\033[31mb' | coffer seal -k G -o S2; script -qec 'coffer open -k G S2' /dev/null > t; grep -c 'is no text' t
                script -qec 'coffer --help' /dev/null | grep -c $'\\033'
                TERM=dumb script -qec 'coffer --help' /dev/null | grep -c $'\\033'
                NO_COLOR=1 script -qec 'coffer --help' /dev/null | grep -c $'\\033'
                """);
        List<String> lines = said.lines().toList();
        assertEquals(List.of("1", "1", "0", "hello", "1"), lines.subList(0, 5), said);
        assertTrue(Integer.parseInt(lines.get(5)) > 5, said);
        assertEquals(List.of("0", "0"), lines.subList(6, 8), said);
    }
}
