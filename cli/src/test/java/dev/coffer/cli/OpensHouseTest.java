package dev.coffer.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaConstructor;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaModifier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Whatever has a `close` can be refused when it is opened: each factory of such a thing that is public is in the table of [dev.coffer.cli.opens.OpensTest],
/// or here with the reason why not. The next one cannot be forgotten.
class OpensHouseTest {
    static {
        FirstLibrary.opened();
    }

    private static final Path ROOT = Path.of(System.getProperty("coffer.root", ".."));
    private static final Set<String> UNSHIPPED = Set.of("testkit", "bench", "stress", "mutants");
    private static final Path TABLE = ROOT.resolve("cli/src/test/java/dev/coffer/cli/opens");
    private static final Pattern NAME = Pattern.compile("\"((?:memory|crypto|http|tls|quic|server|client|evm|cli)\\.[\\w.]+)[\", ]");

    /// Factories that are not in the table: the beginning of a name, and why.
    private static final Map<String, String> ELSEWHERE = new TreeMap<>(Map.ofEntries(
            Map.entry("cli.certificate.FileWatch.new", "holds nothing but what it remembers, until it is started"),
            Map.entry("cli.certificate.ServerKeys.development", "ServerKeys.of, after files were made"),
            Map.entry("crypto.key.EncodedRsaKey.in", "one object over the caller's memory"),
            Map.entry("crypto.key.Pkcs12.in", "one object over the caller's memory"),
            Map.entry("tls.ReplayGuard.over", "a step of ServerTickets.of with a guard"),
            Map.entry("client.easy.Easy.over", "the client stays the caller's"),
            Map.entry("crypto.AeadKey.new", "AeadKey.in, anywhere in the memory"),
            Map.entry("crypto.hpke.HpkeReceiver.new", "HpkeReceiver.in, anywhere in the memory"),
            Map.entry("crypto.hpke.HpkeSender.new", "HpkeSender.in, anywhere in the memory"),
            Map.entry("crypto.easy.", "views of the caller's memory: one object"),
            Map.entry("crypto.falcon.Expanded", "one object over the caller's memory, which a key is expanded into by another call"),
            Map.entry("crypto.mldsa.Expanded", "as Falcon's"),
            Map.entry("crypto.mlkem.Expanded", "as Falcon's"),
            Map.entry("crypto.key.EncodedKey.in", "one object over the caller's memory"),
            Map.entry("crypto.libcrypto.Libcrypto.open", "once a process: LibcryptoProcessTest.anOpenThatIsRefused..."),
            Map.entry("memory.pool.PooledBuffer$Lease.new", "a handle that a pool makes"),
            Map.entry("memory.pool.SizeClassPools.", "the process's own: as SizeClassPools.open"),
            Map.entry("memory.time.TimerWheel.over", "TimerWheel.open, in memory of the caller's"),
            Map.entry("quic.", "QuicOpensTest"),
            Map.entry("server.drive.Loop.new", "a step of Server.open and Client.open"),
            Map.entry("server.files.", "steps of Server.open"),
            Map.entry("server.net.Datagrams.of", "DatagramRefusalTest"),
            Map.entry("server.net.EpollSockets.new", "a step of Server.open and Client.open"),
            Map.entry("server.net.LinuxDatagrams.new", "DatagramRefusalTest"),
            Map.entry("server.net.NioDatagrams.new", "DatagramRefusalTest"),
            Map.entry("server.net.NioSockets.new", "a step of Server.open and Client.open"),
            Map.entry("server.tls.TicketKeyFile.new", "a step of ServerTickets.of"),
            Map.entry("server.tls.TlsLane.new", "a step of Server.open"),
            Map.entry("tls.ServerIdentity.", "a step of ServerKeys.of; the pair stays the caller's where it is refused")));

    /// What a class would make once, in its initialiser: refused there, by the system or for want of heap, it is refused for ever.
    private static final Pattern MADE_BY_A_CLASS = Pattern.compile("(?m)^ *(?:private |public )?static final (?:@\\w+ )?(?:\\w+\\.)?"
            + "(Cleaner|Region|Thread|Selector|FileChannel|ServerSocketChannel|(?:Scheduled)?ExecutorService|Timer)\\b[^;(]*=");

    @Test
    void everyFactoryOfWhatIsClosedIsRefusedAtEachOfItsSteps() throws IOException {
        Set<String> listed = listed();
        Set<String> factories = factories(true);
        Set<String> missing = new TreeSet<>(factories);
        missing.removeAll(listed);
        missing.removeIf(name -> ELSEWHERE.keySet().stream().anyMatch(name::startsWith));
        assertEquals(Set.of(), missing, "factories that are neither in the table of OpensTest nor excused");
        Set<String> gone = new TreeSet<>(listed);
        gone.removeAll(factories);
        gone.removeAll(factories(false));
        assertEquals(Set.of(), gone, "in the table, and no factory");
        for (String excused : ELSEWHERE.keySet()) {
            assertTrue(factories.stream().anyMatch(name -> name.startsWith(excused) && !listed.contains(name)), () -> "excused for nothing: " + excused);
        }
    }

    @Test
    void noClassMakesInItsInitialiserWhatTheSystemMayRefuse() throws IOException {
        assertTrue(MADE_BY_A_CLASS.matcher("    private static final Cleaner CLEANER = Cleaner.create(task -> {").find());
        List<String> found = new ArrayList<>();
        for (String folder : Files.readString(ROOT.resolve("pom.xml")).lines().filter(line -> line.contains("<module>"))
                .map(line -> line.replaceAll(".*<module>(.*)</module>.*", "$1")).filter(name -> !UNSHIPPED.contains(name)).toList()) {
            Path sources = ROOT.resolve(folder).resolve("src/main/java");
            if (Files.isDirectory(sources)) {
                try (Stream<Path> files = Files.walk(sources)) {
                    for (Path file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
                        MADE_BY_A_CLASS.matcher(Files.readString(file)).results().forEach(one -> found.add(file + ": " + one.group()));
                    }
                }
            }
        }
        assertEquals(List.of(), found);
    }

    private static Set<String> listed() throws IOException {
        Set<String> names = new TreeSet<>();
        try (Stream<Path> files = Files.list(TABLE)) {
            for (Path file : files.toList()) {
                NAME.matcher(Files.readString(file)).results().forEach(found -> names.add(found.group(1)));
            }
        }
        return names;
    }

    /// {@return names of constructors, and of methods that answer something with a close}
    ///
    /// @param ofClasses  static ones
    private static Set<String> factories(boolean ofClasses) {
        Set<String> names = new TreeSet<>();
        for (JavaClass type : HouseTest.CLASSES) {
            if (!isPublic(type) || type.getName().contains(".internal.") || type.getName().startsWith("dev.coffer.instruments.")) {
                continue;
            }
            String name = type.getName().substring("dev.coffer.".length());
            boolean made = type.isAssignableTo(AutoCloseable.class) && !type.isInterface() && !type.getModifiers().contains(JavaModifier.ABSTRACT);
            for (JavaConstructor constructor : type.getConstructors()) {
                if (made && constructor.getModifiers().contains(JavaModifier.PUBLIC)) {
                    names.add(name + ".new");
                }
            }
            for (JavaMethod method : type.getMethods()) {
                if (method.getModifiers().contains(JavaModifier.PUBLIC) && method.getModifiers().contains(JavaModifier.STATIC) == ofClasses
                        && method.getRawReturnType().isAssignableTo(AutoCloseable.class)) {
                    names.add(name + "." + method.getName());
                }
            }
        }
        return names;
    }

    private static boolean isPublic(JavaClass type) {
        return type.getModifiers().contains(JavaModifier.PUBLIC) && type.getEnclosingClass().map(OpensHouseTest::isPublic).orElse(true);
    }
}
