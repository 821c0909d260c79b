package dev.coffer.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.CodeElement;
import java.lang.classfile.MethodModel;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.instruction.FieldInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.NewObjectInstruction;
import java.lang.reflect.AccessFlag;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// How the house's classes are initialised, read from their bytecode. A class whose static initialiser waits for another
/// one's, which waits for the first (a subclass's does), is a deadlock for two threads that begin at both ends.
///
/// It is here because the examples are built last: every module that is shipped is looked at, and one that is not built is a failure.
class InitialisationTest {
    private static final Path ROOT = Path.of(System.getProperty("coffer.root", ".."));
    private static final Pattern MODULE = Pattern.compile("<module>(.+?)</module>");
    private static final List<String> MODULES = new ArrayList<>();  // with sources, and shipped
    private static final Map<String, ClassModel> CLASSES = new TreeMap<>();

    @BeforeAll
    static void read() throws IOException {
        Set<String> missing = new TreeSet<>();
        for (String module : MODULE.matcher(Files.readString(ROOT.resolve("pom.xml"))).results().map(found -> found.group(1)).toList()) {
            Path sources = ROOT.resolve(module).resolve("src/main/java");
            if (!Files.isDirectory(sources) || Files.readString(ROOT.resolve(module).resolve("pom.xml")).contains("<coffer.unshipped>true")) {
                continue;
            }
            MODULES.add(module);
            Path classes = ROOT.resolve(module).resolve("target/classes");
            try (Stream<Path> files = Files.walk(sources)) {
                files.map(file -> sources.relativize(file).toString()).filter(name -> name.endsWith(".java") && !name.endsWith("-info.java"))
                        .map(name -> name.replaceFirst("java$", "class")).filter(name -> !Files.isRegularFile(classes.resolve(name)))
                        .forEach(name -> missing.add(module + ": " + name));
            }
            if (Files.isDirectory(classes)) {
                try (Stream<Path> files = Files.walk(classes)) {
                    for (Path file : files.filter(f -> f.toString().endsWith(".class")).toList()) {
                        ClassModel model = ClassFile.of().parse(file);
                        CLASSES.put(model.thisClass().asInternalName(), model);
                    }
                }
            }
        }
        assertEquals(Set.of(), missing, "classes that are not built, and not looked at");
        assertTrue(CLASSES.size() > 300 && MODULES.contains("integrations/netty"), "classes of the house: " + CLASSES.size() + ", " + MODULES);
    }

    @Test
    void noStaticInitialiserMakesAnInstanceOfASubclass() {
        List<String> found = new ArrayList<>();
        CLASSES.forEach((name, model) -> initialised(model).forEach(other -> {
            if (!other.equals(name) && supers(other).contains(name) && !isOwnBody(name, other) && beginsWithSubclasses(model)) {
                found.add(name + " makes " + other);
            }
        }));
        assertEquals(List.of(), found, "classes that wait for their subclasses");
    }

    @Test
    void staticInitialisersWaitForEachOtherInNoCircle() {
        Map<String, Set<String>> waits = new TreeMap<>();
        CLASSES.forEach((name, model) -> {
            Set<String> others = new TreeSet<>(initialised(model));
            model.superclass().map(ClassEntry::asInternalName).filter(CLASSES::containsKey).ifPresent(others::add);
            others.removeIf(other -> other.equals(name) || isOwnBody(name, other) || isOwnBody(other, name));
            waits.put(name, others);
        });
        assertEquals(Set.of(), circles(waits), "classes whose initialisers wait for each other");
    }

    @Test
    void packagesOfCryptoDependOnEachOtherInNoCircle() {
        Map<String, Set<String>> arrows = new TreeMap<>();
        CLASSES.forEach((name, model) -> {
            if (name.startsWith("dev/coffer/crypto/")) {
                Set<String> to = arrows.computeIfAbsent(packageOf(name), p -> new TreeSet<>());
                model.constantPool().forEach(entry -> {
                    if (entry instanceof ClassEntry e && e.asInternalName().startsWith("dev/coffer/crypto/")
                            && !packageOf(e.asInternalName()).equals(packageOf(name))) {
                        to.add(packageOf(e.asInternalName()));
                    }
                });
            }
        });
        assertTrue(arrows.size() > 10, "packages: " + arrows.keySet());
        assertEquals(Set.of(), circles(arrows), "packages that know each other");
    }

    private static String packageOf(String name) {
        return name.substring(0, name.lastIndexOf('/'));
    }

    /// {@return whether a class is the body of one constant of the other (`A { ... }` of an enum, an anonymous class): no
    /// one but the outer class can begin with it, so there is no other end}
    private static boolean isOwnBody(String outer, String inner) {
        return inner.matches(Pattern.quote(outer) + "\\$\\d+");
    }

    /// {@return whether a class that stands below this one initialises it: a class, or an interface with a default method (JLS
    /// 12.4.1)}
    private static boolean beginsWithSubclasses(ClassModel model) {
        return !model.flags().has(AccessFlag.INTERFACE) || model.methods().stream()
                .anyMatch(method -> !method.flags().has(AccessFlag.ABSTRACT) && !method.flags().has(AccessFlag.STATIC));
    }

    /// {@return the classes that lie on a circle}
    private static Set<String> circles(Map<String, Set<String>> arrows) {
        Set<String> found = new TreeSet<>();
        arrows.keySet().forEach(from -> {
            Set<String> reached = new HashSet<>();
            List<String> next = new ArrayList<>(arrows.get(from));
            while (!next.isEmpty()) {
                String at = next.removeLast();
                if (reached.add(at)) {
                    next.addAll(arrows.getOrDefault(at, Set.of()));
                }
            }
            if (reached.contains(from)) {
                found.add(from);
            }
        });
        return found;
    }

    private static Set<String> supers(String name) {
        Set<String> all = new HashSet<>();
        List<String> next = new ArrayList<>(List.of(name));
        while (!next.isEmpty()) {
            ClassModel model = CLASSES.get(next.removeLast());
            if (model != null) {
                model.superclass().ifPresent(s -> next.add(s.asInternalName()));
                model.interfaces().forEach(i -> next.add(i.asInternalName()));
                if (!model.thisClass().asInternalName().equals(name)) {
                    all.add(model.thisClass().asInternalName());
                }
            }
        }
        return all;
    }

    /// {@return the house's classes that a static initialiser may initialise: those that its code, and whatever code of the
    /// house that calls for certain, makes, calls statically or reads a static field of}
    private static Set<String> initialised(ClassModel model) {
        Set<String> found = new HashSet<>();
        Set<String> visited = new HashSet<>();
        model.methods().stream().filter(m -> m.methodName().equalsString("<clinit>"))
                .forEach(m -> follow(model, m, found, visited));
        return found;
    }

    private static void follow(ClassModel model, MethodModel method, Set<String> found, Set<String> visited) {
        if (!visited.add(model.thisClass().asInternalName() + "." + method.methodName().stringValue()
                + method.methodType().stringValue())) {
            return;
        }
        method.code().ifPresent(code -> {
            for (CodeElement element : code) {
                switch (element) {
                    case NewObjectInstruction made -> touch(made.className().asInternalName(), found);
                    case FieldInstruction field when field.opcode().name().endsWith("STATIC") ->
                        touch(field.owner().asInternalName(), found);
                    case InvokeInstruction call -> {
                        String owner = call.owner().asInternalName();
                        if (call.opcode().name().equals("INVOKESTATIC")) {
                            touch(owner, found);
                        }
                        ClassModel callee = CLASSES.get(owner);
                        if (callee != null) {
                            callee.methods().stream()
                                    .filter(m -> m.methodName().equalsString(call.name().stringValue())
                                            && m.methodType().equalsString(call.type().stringValue())
                                            && !m.flags().has(AccessFlag.ABSTRACT))
                                    .forEach(m -> follow(callee, m, found, visited));
                        }
                    }
                    default -> {}
                }
            }
        });
    }

    private static void touch(String name, Set<String> found) {
        if (CLASSES.containsKey(name)) {
            found.add(name);
        }
    }

    /// Every pair of a class that has a static initialiser and one below it, in both orders, in fresh class loaders again and
    /// again: two threads that begin at both ends come through.
    @Test
    void twoThreadsThatBeginAtBothEndsComeThrough() throws Exception {
        List<String> pairs = new ArrayList<>();
        CLASSES.keySet().forEach(name -> supers(name).stream().filter(above -> !isOwnBody(above, name)
                && CLASSES.get(above).methods().stream().anyMatch(m -> m.methodName().equalsString("<clinit>")))
                .forEach(above -> pairs.add(above.replace('/', '.') + " " + name.replace('/', '.'))));
        // What was once made of subclasses, with what it is made of now.
        for (String pair : new String[] {"Aead aead.AesGcm", "Aead aead.ChaCha20Poly1305", "Hash sha2.Sha256",
                "Hash keccak.Sha3", "Mac hmac.Hmac", "Mac keccak.Kmac", "Xof keccak.Shake"}) {
            pairs.add("dev.coffer.crypto." + pair.replace(" ", " dev.coffer.crypto."));
        }
        Path list = Files.createTempFile("coffer-pairs", ".txt");
        try {
            Files.write(list, pairs);
            List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "--enable-native-access=ALL-UNNAMED", "-XX:TieredStopAtLevel=1", "-Xshare:auto", "-cp",
                    Path.of(InitialisationRace.class.getProtectionDomain().getCodeSource().getLocation().toURI()).toString(),
                    InitialisationRace.class.getName(), list.toString()));
            for (String module : MODULES) {
                command.add(ROOT.resolve(module).resolve("target/classes").toUri().toString());
            }
            Process child = new ProcessBuilder(command).redirectErrorStream(true).start();
            String said = new String(child.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
            assertEquals(0, child.waitFor(), said);
        } finally {
            Files.delete(list);
        }
    }
}
