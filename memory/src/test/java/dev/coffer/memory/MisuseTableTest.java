package dev.coffer.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// `misuse.txt` names every public method of the module, its misuse, and the test that shows the answer. A method that
/// is not in the table, a row whose method is gone, and a row whose test is gone fail here.
class MisuseTableTest {
    private static final Set<String> EXPORTED = Set.of("", "engine", "layout", "ledger", "pool", "ring", "time");
    private static final Set<String> OF_OBJECT = Set.of("equals", "hashCode", "toString");

    private record Row(String misuse, String test) {}

    private static Map<String, Row> table() throws IOException {
        Map<String, Row> rows = new TreeMap<>();
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(
                MisuseTableTest.class.getResourceAsStream("misuse.txt"), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (!line.startsWith("#")) {
                    String[] cells = line.split(" \\| ");
                    assertEquals(3, cells.length, line);
                    assertEquals(null, rows.put(cells[0], new Row(cells[1], cells[2])), "twice: " + line);
                }
            }
        }
        return rows;
    }

    private static Set<String> publicMethods() throws Exception {
        List<Class<?>> types = new ArrayList<>();
        Path root = Path.of(Region.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.filter(f -> f.toString().endsWith(".class")).toList()) {
                String name = root.relativize(file).toString().replace('/', '.').replaceAll("\\.class$", "");
                if (!name.contains(".internal.") && !name.endsWith("-info")) {
                    types.add(Class.forName(name, false, Region.class.getClassLoader()));
                }
            }
        }
        Set<Class<?>> bases = new HashSet<>();  // package-private, with methods that are public through what extends them
        for (Class<?> type : types) {
            for (Class<?> at = type; at != null && Modifier.isPublic(type.getModifiers()); at = at.getSuperclass()) {
                bases.add(at);
            }
        }
        Set<String> names = new TreeSet<>();
        for (Class<?> type : types) {
            addMethods(names, type, bases.contains(type) && !Modifier.isPublic(type.getModifiers()));
        }
        return names;
    }

    private static void addMethods(Set<String> names, Class<?> type, boolean isBase) {
        boolean reachable = isBase;
        for (Class<?> at = type; !reachable && at != null && Modifier.isPublic(at.getModifiers()); at = at.getDeclaringClass()) {
            reachable = at.getDeclaringClass() == null;
        }
        if (!reachable || type.isEnum()) {
            return;
        }
        String prefix = type.getName().replace("dev.coffer.memory.", "");
        assertTrue(EXPORTED.contains(prefix.indexOf('.') < 0 ? "" : prefix.substring(0, prefix.indexOf('.'))), prefix);
        for (Constructor<?> constructor : type.getDeclaredConstructors()) {
            if (Modifier.isPublic(constructor.getModifiers())) {
                names.add(prefix + ".new" + parameters(constructor));
            }
        }
        List<String> components = type.isRecord()
                ? Stream.of(type.getRecordComponents()).map(RecordComponent::getName).toList() : List.of();
        for (Method method : type.getDeclaredMethods()) {
            boolean plain = method.getParameterCount() == 0 && components.contains(method.getName());
            boolean ofObject = OF_OBJECT.contains(method.getName()) && type != Secret.class
                    || method.getName().equals("getMessage") || method.getName().equals("toString")
                    || method.getName().equals("hashCode");
            if (Modifier.isPublic(method.getModifiers()) && !method.isSynthetic() && !plain && !ofObject) {
                names.add(prefix + "." + method.getName() + parameters(method));
            }
        }
    }

    private static String parameters(Executable executable) {
        StringJoiner types = new StringJoiner(",", "(", ")");
        for (Class<?> type : executable.getParameterTypes()) {
            types.add(type.getSimpleName());
        }
        return types.toString();
    }

    @Test
    void everyPublicMethodIsInTheTableAndNothingElse() throws Exception {
        Set<String> methods = publicMethods();
        Set<String> missing = new TreeSet<>(methods);
        missing.removeAll(table().keySet());
        Set<String> gone = new TreeSet<>(table().keySet());
        gone.removeAll(methods);
        assertTrue(missing.isEmpty() && gone.isEmpty(),
                () -> "add to misuse.txt: " + missing + "; take out of misuse.txt: " + gone);
        assertTrue(methods.size() > 400, "found only " + methods.size());
    }

    @Test
    void everyTestInTheTableExists() throws IOException {
        Path root = Path.of(System.getProperty("coffer.root", ".."));
        Map<String, String> sources = new TreeMap<>();
        for (String module : List.of("memory", "testkit")) {
            try (Stream<Path> files = Files.walk(root.resolve(module).resolve("src/test/java"))) {
                for (Path file : files.filter(f -> f.toString().endsWith("Test.java")).toList()) {
                    sources.put(file.getFileName().toString().replace(".java", ""), Files.readString(file));
                }
            }
        }
        int tested = 0;
        for (Map.Entry<String, Row> row : table().entrySet()) {
            if (row.getValue().misuse().equals("-") && !row.getValue().test().contains("Test.")) {
                continue;
            }
            String[] name = row.getValue().test().split("\\.");
            assertTrue(sources.containsKey(name[0]), () -> row.getKey() + ": no class " + name[0]);
            assertTrue(sources.get(name[0]).contains("void " + name[1] + "("), () -> row.getKey() + ": no test " + name[1]);
            tested++;
        }
        assertTrue(tested > 250, "only " + tested);
    }
}
