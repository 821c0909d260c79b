package dev.coffer.cli;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaAccess.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.conditions.ArchConditions.callConstructorWhere;
import static com.tngtech.archunit.lang.conditions.ArchConditions.callMethodWhere;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import dev.coffer.crypto.key.EncodedKey;
import dev.coffer.crypto.key.KeyPair;
import dev.coffer.crypto.key.PublicKey;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.FileReader;
import java.io.FileWriter;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.Timer;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// The house of `design.md`, kept: arrows only point down, packages say what they are, no drawers.
class HouseTest {
    private static final Path ROOT = Path.of(System.getProperty("coffer.root", ".."));

    /// Each module and those that it may use. Integrations stand beside, on what they translate.
    private static final Map<String, List<String>> ARROWS = new LinkedHashMap<>();

    static {
        ARROWS.put("memory", List.of());
        ARROWS.put("instruments", List.of());
        ARROWS.put("crypto", List.of("memory"));
        ARROWS.put("evm", List.of("memory", "crypto"));
        ARROWS.put("http", List.of("memory", "crypto"));
        ARROWS.put("tls", List.of("memory", "crypto"));
        ARROWS.put("quic", List.of("memory", "crypto", "tls"));
        ARROWS.put("server", List.of("memory", "crypto", "http", "tls", "quic"));
        ARROWS.put("client", List.of("memory", "crypto", "http", "tls", "quic", "server"));
        ARROWS.put("cli", List.of("memory", "instruments", "crypto", "evm", "http", "tls", "quic", "server", "client"));
    }

    /// Modules that speak a protocol, now and later.
    private static final List<String> PROTOCOLS = List.of("http", "tls", "quic");
    /// What stands beside the house.
    private static final List<String> BESIDE = List.of("testkit", "bench", "stress", "mutants", "integrations/netty",
            "integrations/micrometer", "integrations/jca", "integrations/jsse", "integrations/c",
            "integrations/evm-precompiles", "examples");
    /// Exported packages that do not say yet what may be null (decision 0017).
    private static final List<String> UNMARKED = List.of("dev.coffer.memory.internal.os", "dev.coffer.instruments", "dev.coffer.testkit",
            "dev.coffer.testkit.simulation", "dev.coffer.evm", "dev.coffer.evm.memory", "dev.coffer.evm.word", "dev.coffer.evm.gas", "dev.coffer.evm.trie",
            "dev.coffer.evm.opcode", "dev.coffer.evm.vectors", "dev.coffer.netty", "dev.coffer.micrometer", "dev.coffer.jca",
            "dev.coffer.c", "dev.coffer.evm.precompiles");
    /// What makes another one of its own type that is no changed copy (decision 0018).
    private static final List<String> NO_COPIES = List.of("MemoryPlan.times", "MemoryPlan.named", "MemoryPlan.noted", "MemoryPlan.typically",
            "MemoryPlan.rounded", "Question.redirected");
    private static final Pattern PACKAGE = Pattern.compile("(?m)^package ([\\w.]+);");
    private static final Pattern IMPORT = Pattern.compile("(?m)^import (?:static )?(dev\\.coffer[a-z0-9.]*)\\.");

    /// What nothing of the house stands on, and is read with it.
    private static final List<String> ABOVE = List.of("crypto-vector", "crypto-native", "evm-vectors");
    static final JavaClasses CLASSES = new ClassFileImporter()
            .importPaths(Stream.concat(ARROWS.keySet().stream(), ABOVE.stream())
                    .map(HouseTest::built).toList());

    /// {@return where a module's classes lie}
    ///
    /// @throws IllegalStateException  it is not built: nothing of it would be looked at
    static Path built(String module) {
        Path classes = ROOT.resolve(module).resolve("target/classes");
        if (!Files.isDirectory(classes)) {
            throw new IllegalStateException(module + " is not built, which is looked at here: mvn -pl cli -am test-compile");
        }
        return classes;
    }

    @Test
    void arrowsOnlyPointDown() {
        assertTrue(CLASSES.size() > 100, "classes of the house: " + CLASSES.size());
        ARROWS.forEach((module, allowed) -> {
            for (String other : ARROWS.keySet()) {
                if (!other.equals(module) && !allowed.contains(other)) {
                    noClasses().that().resideInAPackage("dev.coffer." + module + "..").should().dependOnClassesThat()
                            .resideInAPackage("dev.coffer." + other + "..").allowEmptyShould(true).check(CLASSES);
                }
            }
            noClasses().that().resideInAPackage("dev.coffer." + module + "..").should().dependOnClassesThat()
                    .resideInAPackage("dev.coffer.testkit..").allowEmptyShould(true).check(CLASSES);
        });
    }

    @Test
    void librariesStandOnTheJdkAlone() {
        classes().that().resideInAPackage("dev.coffer..").and().resideOutsideOfPackage("dev.coffer.cli..").should()
                .onlyDependOnClassesThat().resideInAnyPackage("dev.coffer..", "java..", "javax..", "jdk..", "com.sun.management", "org.jspecify.annotations")
                .check(CLASSES);
    }

    /// Beside it one module binds one library, in one class.
    @Test
    void systemCallsAreBoundInOnePlace() {
        noClasses().that().resideOutsideOfPackage("dev.coffer.memory.internal.os..").and()
                .haveNameNotMatching("dev\\.coffer\\.crypto\\.libcrypto\\.Library(Calls|Binder)(\\$.*)?").should().dependOnClassesThat()
                .haveFullyQualifiedName("java.lang.foreign.Linker").check(CLASSES);
        noClasses().should().dependOnClassesThat().resideInAnyPackage("sun..").check(CLASSES);
    }

    /// The kernels on vectors are a module of their own, found as a service: an incubator warns everyone who sees it.
    @Test
    void theIncubatorIsSeenByOneModuleThatNobodyNames() {
        noClasses().that().resideOutsideOfPackage("dev.coffer.crypto.vector..").should().dependOnClassesThat()
                .resideInAnyPackage("jdk.incubator..", "dev.coffer.crypto.vector..").check(CLASSES);
    }

    /// A command that opened files by itself could write where it reads.
    @Test
    void commandsReadAndWriteThroughCommandFilesAlone() {
        noClasses().that().resideInAPackage("dev.coffer.cli").and().doNotHaveFullyQualifiedName("dev.coffer.cli.AuditCommand")
                .and(not(belongToAnyOf(CommandFiles.class, Input.class, Output.class, Standard.class, FileIdentity.class,
                        Place.class, KeptPart.class)))
                .should(callMethodWhere(target(owner(type(Files.class)))
                        .or(target(owner(type(FileChannel.class))).and(target(name("open"))))
                        .or(target(owner(assignableTo(System.class))).and(target(nameMatching("setIn|setOut|setErr"))))
                        .or(target(owner(type(KeyPair.class)).or(owner(type(PublicKey.class))).or(owner(type(EncodedKey.class))))
                                .and(target(nameMatching("read|write"))))))
                .orShould(callConstructorWhere(target(owner(assignableTo(FileInputStream.class)
                        .or(assignableTo(FileOutputStream.class)).or(assignableTo(FileReader.class))
                        .or(assignableTo(FileWriter.class)).or(assignableTo(RandomAccessFile.class))))))
                .orShould().accessField(System.class, "in").orShould().accessField(System.class, "out")
                .check(CLASSES);
    }

    @Test
    void noPackageStandsInACycle() {
        slices().matching("dev.coffer.(**)").should().beFreeOfCycles().check(CLASSES);
    }

    /// By their sources, as modules that are built after this one have no classes yet.
    @Test
    void noPackageOfABenchOrAnIntegrationStandsInACycle() throws IOException {
        Map<String, Set<String>> above = new TreeMap<>();  // each package and those that it names
        for (String module : BESIDE) {
            try (Stream<Path> all = Files.walk(ROOT.resolve(module).resolve("src/main/java"))) {
                for (Path file : all.filter(f -> f.toString().endsWith(".java")).toList()) {
                    String source = Files.readString(file);
                    Matcher own = PACKAGE.matcher(source);
                    if (own.find()) {
                        Set<String> named = above.computeIfAbsent(own.group(1), k -> new TreeSet<>());
                        IMPORT.matcher(source).results().map(found -> found.group(1)).forEach(named::add);
                    }
                }
            }
        }
        above.forEach((name, named) -> named.remove(name));
        assertTrue(above.size() > 10, "packages beside the house: " + above.keySet());
        while (above.values().removeIf(named -> above.keySet().stream().noneMatch(named::contains))) {
            // those that name no other are no part of a cycle: without them the next are at the end of the way
        }
        assertEquals(Map.of(), above, "packages in a cycle, or on the way to one, and what they name");
    }

    /// What protocols know of time, of the network and of chance, their driver tells them: so every run can be had again. A file's channel is none of these: by
    /// it a certificate is read off the heap.
    @Test
    void protocolsImportNoClockNoSocketAndNoRandomSource() {
        for (String protocol : PROTOCOLS) {
            noClasses().that().resideInAPackage("dev.coffer." + protocol + "..").should()
                    .dependOnClassesThat(resideInAnyPackage("java.net..", "java.nio.channels..", "java.util.concurrent..",
                            "java.util.random..", "dev.coffer.memory.internal.os..").and(not(type(SeekableByteChannel.class)))
                            .or(assignableTo(RandomGenerator.class)).or(assignableTo(Clock.class)).or(assignableTo(Timer.class))
                            .or(assignableTo(Thread.class)))
                    .orShould().accessTargetWhere(describe("a clock or a random source", HouseTest::isClockOrChance))
                    .allowEmptyShould(true).check(CLASSES);
        }
    }

    private static boolean isClockOrChance(JavaAccess<?> access) {
        String owner = access.getTargetOwner().getName();
        String name = access.getTarget().getName();
        return switch (owner) {
            case "java.lang.System" -> Set.of("nanoTime", "currentTimeMillis").contains(name);
            case "java.lang.Math" -> name.equals("random");
            case "java.util.UUID" -> name.equals("randomUUID");
            case "java.util.Date", "java.util.GregorianCalendar" -> access.getTarget().getFullName().endsWith("<init>()");
            case "java.util.Calendar" -> name.equals("getInstance");
            case "dev.coffer.memory.Entropy" -> access.getTarget().resolveMember()
                    .map(member -> member.getModifiers().contains(JavaModifier.STATIC)).orElse(true);  // the type itself is handed in
            default -> owner.startsWith("java.time.") && name.equals("now");
        };
    }

    @Test
    void noDrawers() {
        for (String drawer : new String[] {"util", "utils", "common", "helper", "helpers", "misc"}) {
            noClasses().should().resideInAPackage("dev.coffer.." + drawer + "..").check(CLASSES);
        }
        noClasses().should().haveSimpleNameEndingWith("Manager").orShould().haveSimpleNameEndingWith("Helper").orShould()
                .haveSimpleNameEndingWith("Impl").orShould().haveSimpleNameEndingWith("Util").orShould()
                .haveSimpleNameEndingWith("Utils").orShould().haveSimpleNameStartingWith("Abstract").orShould()
                .haveSimpleNameStartingWith("Default").check(CLASSES);
    }

    /// Decisions 0015 and 0018: of whatever cannot change, not of configurations alone.
    @Test
    void whoHandsOutAChangedCopySaysWithAndWhatIsChanged() {
        List<String> others = new ArrayList<>();
        int changed = 0;
        for (JavaClass one : CLASSES) {
            for (JavaMethod method : one.getMethods()) {
                if (isChangedCopy(one, method) && !NO_COPIES.contains(one.getSimpleName() + "." + method.getName())) {
                    changed++;
                    if (!method.getName().matches("with(out)?[A-Z]\\w*")) {
                        others.add(method.getFullName());
                    }
                }
            }
        }
        assertEquals(List.of(), others, "methods that make a changed copy (expected with..., or a reason in decision 0018)");
        assertTrue(changed > 120, "ways to make a changed copy: " + changed);
    }

    /// {@return whether a method that others may call makes another one of its own type, which has no state that changes}
    private static boolean isChangedCopy(JavaClass one, JavaMethod method) {
        boolean fixed = one.getAllFields().stream().allMatch(field -> field.getModifiers().contains(JavaModifier.STATIC)
                || field.getModifiers().contains(JavaModifier.FINAL));
        boolean offered = !method.getModifiers().contains(JavaModifier.STATIC) && !method.getModifiers().contains(JavaModifier.PRIVATE)
                && !method.getModifiers().contains(JavaModifier.SYNTHETIC);
        return fixed && offered && method.getRawReturnType().equals(one)
                && Stream.concat(method.getConstructorCallsFromSelf().stream(), method.getMethodCallsFromSelf().stream()
                        .filter(call -> call.getName().equals("with")))
                        .anyMatch(call -> call.getTargetOwner().equals(one));
    }

    @Test
    void thePictureOfTheHouseShowsEveryModule() throws IOException {
        String readme = Files.readString(ROOT.resolve("README.md"));
        int from = readme.indexOf("```", readme.indexOf("## The house"));
        Set<String> shown = Pattern.compile("[a-z]+(-[a-z]+)?").matcher(readme.substring(from, readme.indexOf("```", from + 3))).results()
                .map(MatchResult::group).collect(Collectors.toSet());
        List<String> modules = modules();
        List<String> missing = new ArrayList<>(modules.stream().map(m -> m.substring(m.lastIndexOf('/') + 1)).filter(m -> !shown.contains(m)).toList());
        missing.remove("bom");  // a list of the others
        assertTrue(modules.size() > 20, "modules: " + modules);
        assertEquals(List.of(), missing, "modules that the picture in the README does not show");
    }

    @Test
    void everyModuleIsOfTheHouseOrBesideIt() throws IOException {
        Set<String> known = new TreeSet<>(ARROWS.keySet());
        known.addAll(ABOVE);
        known.addAll(BESIDE);
        known.add("bom");  // a list of the others
        assertEquals(known, new TreeSet<>(modules()), "modules under a rule, and those that are built");
    }

    /// A difference of two of JOL's layouts goes by addresses, which a collection changes: the testkit counts by sums. `memory` stands below it.
    @Test
    void bytesOfObjectsAreCountedByTheTestkitAlone() throws IOException {
        assertEquals(Set.of("HeapLayoutTest.java", "ObjectBytes.java"), sourcesWith("\\bGraph(Layout|Walker)\\b"),
                "sources that go to JOL's layouts themselves");
    }

    /// Memory of an automatic arena that nobody else knows any more is given to somebody else in the midst of a look by its address: `RawMemory` keeps it, where it is
    /// given the segment.
    @Test
    void memoryIsLookedAtByItsSegmentWhereThereIsOne() throws IOException {
        assertEquals(Set.of(), sourcesWith("RawMemory\\s*\\.(nonZero|read)\\([^;,]*\\.address\\(\\)"));
    }

    private static Set<String> sourcesWith(String pattern) throws IOException {
        Pattern wanted = Pattern.compile(pattern);
        Set<String> found = new TreeSet<>();
        int sources = 0;
        for (String module : modules()) {
            Path folder = ROOT.resolve(module).resolve("src");
            try (Stream<Path> all = Files.isDirectory(folder) ? Files.walk(folder) : Stream.empty()) {
                for (Path file : all.filter(f -> f.toString().endsWith(".java")).toList()) {
                    sources++;
                    if (wanted.matcher(Files.readString(file)).find()) {
                        found.add(file.getFileName().toString());
                    }
                }
            }
        }
        assertTrue(sources > 1500, "sources: " + sources);
        return found;
    }

    private static List<String> modules() throws IOException {
        return Pattern.compile("<module>([\\w/-]+)</module>").matcher(Files.readString(ROOT.resolve("pom.xml"))).results()
                .map(found -> found.group(1)).toList();
    }

    @Test
    void everyModuleHasAReadmeThatNamesWhatItExports() throws IOException {
        Pattern export = Pattern.compile("(?m)^ *exports dev\\.coffer\\.([\\w.]+);");
        List<String> missing = new ArrayList<>();
        int exports = 0;
        for (String module : modules()) {
            Path folder = ROOT.resolve(module);
            Path descriptor = folder.resolve("src/main/java/module-info.java");
            String readme = Files.isRegularFile(folder.resolve("README.md")) ? Files.readString(folder.resolve("README.md")) : "";
            if (readme.isEmpty()) {
                missing.add(folder + "/README.md");
            }
            String text = Files.isRegularFile(descriptor) ? Files.readString(descriptor) : "";
            for (MatchResult exported : export.matcher(text).results().toList()) {
                String name = exported.group(1);
                exports++;
                if (!readme.contains(name) && !readme.contains("`" + name.substring(name.lastIndexOf('.')) + "`")) {
                    missing.add(name + " in " + folder + "/README.md");
                }
            }
        }
        assertTrue(exports > 20, "exported packages: " + exports);
        assertEquals(List.of(), missing);
    }

    /// Decision 0017.
    @Test
    void everyExportedPackageSaysWhatMayBeNull() throws IOException {
        Pattern export = Pattern.compile("(?m)^ *exports ([\\w.]+)(?: to [^;]+)?;");
        List<String> unmarked = new ArrayList<>();
        int exports = 0;
        for (String module : modules()) {
            Path source = ROOT.resolve(module).resolve("src/main/java");
            Path descriptor = source.resolve("module-info.java");
            String text = Files.isRegularFile(descriptor) ? Files.readString(descriptor) : "";
            for (MatchResult exported : export.matcher(text).results().toList()) {
                exports++;
                String name = exported.group(1);
                if (!Files.readString(source.resolve(name.replace('.', '/')).resolve("package-info.java")).contains("NullMarked")) {
                    unmarked.add(name);
                }
            }
        }
        assertTrue(exports > 50, "exported packages: " + exports);
        assertEquals(UNMARKED, unmarked, "exported packages that do not say what may be null");
    }

    @Test
    void everyPackageSaysWhatItIs() throws IOException {
        List<String> silent = new ArrayList<>();
        int packages = 0;
        for (String module : modules()) {
            Path source = ROOT.resolve(module).resolve("src/main/java");
            if (!Files.isDirectory(source)) {
                continue;
            }
            try (Stream<Path> all = Files.walk(source)) {
                for (Path folder : all.filter(Files::isDirectory).filter(f -> !f.equals(source)).toList()) {
                    try (Stream<Path> files = Files.list(folder)) {
                        if (files.anyMatch(f -> f.toString().endsWith(".java"))) {
                            packages++;
                            if (!Files.isRegularFile(folder.resolve("package-info.java"))) {
                                silent.add(folder.toString());
                            }
                        }
                    }
                }
            }
        }
        assertTrue(packages > 15, "packages of the house: " + packages);
        assertEquals(List.of(), silent, "packages without package-info.java");
    }
}
