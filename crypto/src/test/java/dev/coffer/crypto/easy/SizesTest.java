package dev.coffer.crypto.easy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// The sums of the types of fixed size beside what the algorithms say, and `docs/sizes.md` beside both.
class SizesTest {
    private static final Path PAGE = Path.of(System.getProperty("coffer.root", ".."), "docs/sizes.md");

    /// {@return every set there is, found by the sealed types, so that a new one is looked at too}
    static List<ParameterSet> sets() {
        List<ParameterSet> sets = new ArrayList<>();
        collect(ParameterSet.class, sets);
        return sets;
    }

    private static void collect(Class<?> type, List<ParameterSet> sets) {
        if (type.isSealed()) {
            for (Class<?> permitted : type.getPermittedSubclasses()) {
                collect(permitted, sets);
            }
            return;
        }
        try {
            sets.add((ParameterSet) type.getField("SET").get(null));
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }

    private static int constant(ParameterSet set, String name) {
        try {
            return set.getClass().getField(name).getInt(null);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }

    /// Public key, secret key, and what is sent.
    private static List<Integer> sums(ParameterSet set) {
        List<Integer> sums = new ArrayList<>(List.of(constant(set, "PUBLIC_KEY_BYTES"), constant(set, "SECRET_KEY_BYTES")));
        if (set instanceof KemSet) {
            sums.add(constant(set, "CIPHERTEXT_BYTES"));
            sums.add(constant(set, "SHARED_SECRET_BYTES"));
        } else {
            sums.add(constant(set, "SIGNATURE_BYTES"));
        }
        return sums;
    }

    @Test
    void theSumsAreWhatTheAlgorithmsSay() {
        assertEquals(4 + 3 + 12 + 2, sets().size());
        for (ParameterSet set : sets()) {
            if (set instanceof KemSet kem) {
                assertEquals(List.of(kem.kem().encapsulationKeyBytes(), kem.kem().decapsulationKeyBytes(), kem.kem().ciphertextBytes(),
                        kem.kem().sharedBytes()), sums(set), set.name());
                assertEquals(sums(set), List.of(kem.publicKeyBytes(), kem.secretKeyBytes(), kem.ciphertextBytes(), kem.sharedSecretBytes()));
            } else if (set instanceof SignatureSet signature) {
                assertEquals(List.of(signature.scheme().publicKeyBytes(), signature.scheme().privateKeyBytes(),
                        signature.scheme().signatureBytes()), sums(set), set.name());
                assertEquals(sums(set), List.of(signature.publicKeyBytes(), signature.secretKeyBytes(), signature.signatureBytes()));
            }
            assertTrue(set.category() >= 1 && set.category() <= 5);
        }
    }

    @Test
    void thePageSaysTheSame() throws IOException {
        Map<String, List<Integer>> rows = new LinkedHashMap<>();
        Map<String, String> older = new LinkedHashMap<>();
        try (Stream<String> lines = Files.lines(PAGE)) {
            for (String line : lines.filter(l -> l.startsWith("| ") && l.matches(".*\\d.*") && !l.contains("public key |")).toList()) {
                String[] cells = Arrays.stream(line.split("\\|")).skip(1).map(String::strip).toArray(String[]::new);
                List<Integer> numbers = Arrays.stream(cells).skip(3).takeWhile(c -> c.matches("\\d+")).map(Integer::valueOf).toList();
                rows.put(cells[2], numbers);
                older.put(cells[0], cells[1]);
            }
        }
        for (ParameterSet set : sets()) {
            assertEquals(sums(set), rows.remove(set.name()), set.name() + " in docs/sizes.md");
        }
        assertEquals(Map.of(), rows, "rows of docs/sizes.md that are of no set");
        Map<String, String> seeds = Map.of("Kyber512, Kyber1", "800, 1632, 768, 32", "Kyber768, Kyber3", "1184, 2400, 1088, 32",
                "Kyber1024, Kyber5", "1568, 3168, 1568, 32", "Dilithium2", "1312, 2528, 2420", "Dilithium3", "1952, 4000, 3293",
                "Dilithium5", "2592, 4864, 4595", "Falcon-512", "897, 2305, 690", "Falcon-1024", "1793, 4609, 1380", "SPHINCS+-128s",
                "signature 8080", "SPHINCS+-192s", "signature 16588");
        seeds.forEach((name, sizes) -> assertEquals(sizes, older.get(name), name));
        assertEquals("signature 29792", older.get("SPHINCS+-256s"));
    }
}
