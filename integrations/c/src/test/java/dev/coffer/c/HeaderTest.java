package dev.coffer.c;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.Hash;
import dev.coffer.crypto.Kem;
import dev.coffer.crypto.Signature;
import java.io.IOException;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// `coffer.h` beside the code: each number, size, code and function that it declares, by its arithmetic; without a compiler.
class HeaderTest {
    private static final Pattern MACRO = Pattern.compile("(?m)^#define COFFER_(\\w+) (.+?)\\s*(/\\*.*)?$");
    private static final Pattern FUNCTION = Pattern.compile("int32_t \\(\\*(\\w+)\\)\\(([^)]*)\\);");
    private static final Map<String, Long> MACROS = new LinkedHashMap<>();
    private static String header;

    @BeforeAll
    static void read() throws IOException {
        header = Files.readString(Compiler.MODULE.resolve("include/coffer.h"));
        for (MatchResult macro : MACRO.matcher(header).results().toList()) {
            MACROS.put(macro.group(1), new Sum(macro.group(2)).value());
        }
    }

    /// Sums, products, parentheses, numbers and macros that were read before.
    private static final class Sum {
        private final Matcher tokens;
        private String token;

        Sum(String text) {
            tokens = Pattern.compile("[-+*/()]|0x[0-9A-F]+|\\d+|COFFER_\\w+").matcher(text);
            next();
        }

        private void next() {
            token = tokens.find() ? tokens.group() : "";
        }

        long value() {
            long value = product();
            while (token.equals("+")) {
                next();
                value += product();
            }
            return value;
        }

        private long product() {
            long value = factor();
            while (token.equals("*") || token.equals("/")) {
                boolean isTimes = token.equals("*");
                next();
                value = isTimes ? value * factor() : value / factor();
            }
            return value;
        }

        private long factor() {
            String here = token;
            next();
            if (here.equals("(")) {
                long value = value();
                next();
                return value;
            }
            return here.equals("-") ? -factor() : here.startsWith("COFFER_") ? MACROS.get(here.substring(7)) : Long.decode(here);
        }
    }

    private static String macro(String name) {
        return name.replace("P-256", "P256").replace(' ', '_').replace("SHA-", "SHA_")
                .replace('-', '_').toUpperCase(Locale.ROOT);
    }

    private static long size(String algorithm, String what) {
        Long exact = MACROS.get(algorithm + what);
        if (exact != null) {
            return exact;
        }
        String family = algorithm.replaceAll("SLH_DSA_(SHA2|SHAKE)_(\\d+)[SF]", "SLH_DSA_$2");
        String one = algorithm.replaceAll("SLH_DSA_(SHA2|SHAKE)_", "SLH_DSA_");
        return MACROS.getOrDefault(one + what, MACROS.getOrDefault(family + what, MACROS.getOrDefault("SLH_DSA" + what, -1L)));
    }

    @Test
    void eachAlgorithmHasItsNumberAndItsSizes() {
        Set<Long> numbers = new TreeSet<>();
        for (int n : KeyCallsTest.kems().toArray()) {
            Kem kem = Algorithms.kem(n);
            String name = macro(kem.name());
            assertEquals(n, MACROS.get(name), name);
            numbers.add((long) n);
            assertEquals(List.of((long) kem.seedBytes(), (long) kem.encapsulationKeyBytes(), (long) kem.decapsulationKeyBytes(),
                    (long) kem.ciphertextBytes(), (long) kem.sharedBytes()),
                    List.of(size(name, "_SEED"), size(name, "_PUBLIC_KEY"),
                            size(name, "_SECRET_KEY"), size(name, "_CIPHERTEXT"), size(name, "_SHARED")),
                    name);
        }
        for (int n : KeyCallsTest.signatures().toArray()) {
            Signature scheme = Algorithms.signature(n);
            String name = macro(scheme.name());
            assertEquals(n, MACROS.get(name), name);
            numbers.add((long) n);
            assertEquals(List.of((long) scheme.seedBytes(), (long) scheme.publicKeyBytes(), (long) scheme.privateKeyBytes(),
                    (long) scheme.signatureBytes(), (long) scheme.contextBytesMax()),
                    List.of(size(name, "_SEED"), size(name, "_PUBLIC_KEY"),
                            size(name, "_SECRET_KEY"), size(name, "_SIGNATURE"), size(name, "_CONTEXT_MAX")),
                    name);
        }
        for (int n : KeyCallsTest.hashes().toArray()) {
            Hash hash = Algorithms.hash(n);
            String name = macro(hash.name());
            assertEquals(n, MACROS.get(name), name);
            numbers.add((long) n);
            assertEquals(hash.digestBytes(), size(name, "_DIGEST"), name);
        }
        assertEquals(35, numbers.size());
    }

    @Test
    void codesAndLimitsAreThoseOfTheCode() throws ReflectiveOperationException {
        int codes = 0;
        for (Field code : Status.class.getDeclaredFields()) {
            assertEquals((long) code.getInt(null), MACROS.get(code.getName()), code.getName());
            codes++;
        }
        assertEquals(Native.MESSAGES.length, codes);
        assertEquals(CTable.VERSION, MACROS.get("VERSION"));
        assertEquals(CTableConfig.WORKSPACE_BYTES, MACROS.get("WORKSPACE_MAX"));
        assertEquals(SignatureCalls.HEDGED, MACROS.get("HEDGED"));
        assertEquals(SignatureCalls.DETERMINISTIC, MACROS.get("DETERMINISTIC"));
        assertEquals(32, MACROS.get("EVM_WORD"));
        assertEquals(KeyCalls.SIZES, Pattern.compile("(?m)^    uint64_t \\w+;").matcher(header.substring(0, header.indexOf("struct coffer {")))
                .results().count());
    }

    @Test
    void aWorkspaceOfTheLargestSizeFitsEachAlgorithm() {
        KeyCallsTest.kems().forEach(n -> assertTrue(Algorithms.kem(n).workspaceBytes() + Algorithms.SEED_ROOM_BYTES <= CTableConfig.WORKSPACE_BYTES));
        KeyCallsTest.signatures().forEach(n -> {
            assertTrue(KeyCalls.workspaceBytes(Algorithms.signature(n)) <= CTableConfig.WORKSPACE_BYTES);
            assertTrue(Algorithms.signature(n).seedBytes() <= Algorithms.SEED_ROOM_BYTES);
        });
    }

    @Test
    void functionsStandInTheTablesOrderWithTheirParameters() {
        List<String> declared = new ArrayList<>();
        for (MatchResult function : FUNCTION.matcher(header.replaceAll("\\s+", " ")).results().toList()) {
            StringBuilder text = new StringBuilder(function.group(1)).append(':');
            for (String parameter : function.group(2).split(",")) {
                text.append(parameter.contains("*") || parameter.contains("uint64_t") ? " long" : parameter.contains("uint32_t") ? " int" : "");
            }
            declared.add(text.toString());
        }
        List<String> made = new ArrayList<>();
        for (CTable.Entry entry : CTable.ENTRIES) {
            StringBuilder text = new StringBuilder(entry.name()).append(':');
            for (MemoryLayout parameter : entry.descriptor().argumentLayouts()) {
                text.append(parameter.equals(ValueLayout.JAVA_INT) ? " int" : " long");
            }
            made.add(text.toString());
        }
        assertEquals(made, declared);
    }
}
