package dev.coffer.c;

import static dev.coffer.c.Native.none;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.coffer.testkit.Vectors;
import java.io.IOException;
import java.io.Reader;
import java.lang.foreign.MemorySegment;
import java.util.Locale;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The official cases, asked through the table: NIST's ACVP and Wycheproof's for ML-KEM and ML-DSA, each counted.
class VectorsTest {
    private static final Set<String> REFUSED = Set.of("INVALID", "LENGTH");

    private Native c;

    @BeforeEach
    void open() {
        c = new Native();
    }

    @AfterEach
    void close() {
        c.close();
    }

    private interface Case {
        /// {@return whether the case is of what the table has}
        boolean run(JsonObject group, JsonObject test);
    }

    private static void each(String file, Case one) throws IOException {
        assumeTrue(Vectors.present(file), Vectors.absence(file));
        JsonObject root;
        try (Reader reader = Vectors.reader(file)) {
            root = JsonParser.parseReader(reader).getAsJsonObject();
        }
        int ran = 0;
        int others = 0;
        for (JsonElement group : root.getAsJsonArray("testGroups")) {
            for (JsonElement test : group.getAsJsonObject().getAsJsonArray("tests")) {
                try {
                    boolean isOurs = one.run(group.getAsJsonObject(), test.getAsJsonObject());
                    ran += isOurs ? 1 : 0;
                    others += isOurs ? 0 : 1;
                } catch (Throwable e) {
                    throw new AssertionError(file + " tcId " + test.getAsJsonObject().get("tcId") + ": " + e.getMessage(), e);
                }
            }
        }
        System.out.printf(Locale.ROOT, "vectors from C %s: %d held, %d run, %d of what the table has not%n", file,
                root.get("numberOfTests").getAsInt(), ran, others);
        assertEquals(root.get("numberOfTests").getAsInt(), ran + others);
        assertTrue(ran > 0);
    }

    private MemorySegment bytes(JsonObject test, String field) {
        return test.has(field) ? c.hex(test.get(field).getAsString()) : none();
    }

    private static String text(JsonObject test, String field) {
        return test.get(field).getAsString().toLowerCase(Locale.ROOT);
    }

    private static int kem(String name) {
        return KeyCallsTest.kems().filter(n -> Algorithms.kem(n).name().equals(name)).findFirst().orElseThrow();
    }

    private static int scheme(String name) {
        return KeyCallsTest.signatures().filter(n -> Algorithms.signature(n).name().equals(name)).findFirst().orElseThrow();
    }

    @ParameterizedTest
    @ValueSource(strings = "acvp/ML-KEM-encapDecap-FIPS203.json.gz")
    void acvpDecapsulationAndKeys(String file) throws IOException {
        each(file, (group, test) -> {
            int kem = kem(group.get("parameterSet").getAsString());
            MemorySegment shared = c.bytes(32);
            MemorySegment ciphertext = c.random(Algorithms.kem(kem).ciphertextBytes(), 1);
            switch (group.get("function").getAsString()) {
                case "decapsulation" -> {
                    assertEquals("OK", c.call("decapsulate", kem, bytes(test, "dk"), bytes(test, "c"), shared, none()));
                    assertEquals(text(test, "k"), Native.hex(shared));
                }
                case "encapsulationKeyCheck" -> assertEquals(test.get("testPassed").getAsBoolean() ? "OK" : "INVALID",
                        c.call("encapsulate", kem, bytes(test, "ek"), ciphertext, shared, none()));
                case "decapsulationKeyCheck" -> assertEquals(test.get("testPassed").getAsBoolean() ? "OK" : "INVALID",
                        c.call("decapsulate", kem, bytes(test, "dk"), ciphertext, shared, none()));
                default -> {
                    return false;  // encapsulation with given random bytes: the table draws its own
                }
            }
            return true;
        });
    }

    @ParameterizedTest
    @ValueSource(strings = "acvp/ML-KEM-keyGen-FIPS203.json.gz")
    void acvpKeyGeneration(String file) throws IOException {
        each(file, (group, test) -> {
            int kem = kem(group.get("parameterSet").getAsString());
            MemorySegment ek = c.bytes(Algorithms.kem(kem).encapsulationKeyBytes());
            MemorySegment dk = c.bytes(Algorithms.kem(kem).decapsulationKeyBytes());
            assertEquals("OK", c.call("keygen", kem, c.hex(text(test, "d") + text(test, "z")), ek, dk, none()));
            assertEquals(text(test, "ek"), Native.hex(ek));
            assertEquals(text(test, "dk"), Native.hex(dk));
            return true;
        });
    }

    @ParameterizedTest
    @ValueSource(strings = "acvp/ML-DSA-sigVer-FIPS204.json.gz")
    void acvpVerification(String file) throws IOException {
        each(file, (group, test) -> {
            if (!group.get("signatureInterface").getAsString().equals("external") || !group.get("preHash").getAsString().equals("pure")) {
                return false;
            }
            String answer = c.call("verify", scheme(group.get("parameterSet").getAsString()), bytes(test, "pk"), bytes(test, "message"),
                    bytes(test, "context"), bytes(test, "signature"), none());
            assertEquals(test.get("testPassed").getAsBoolean() ? "OK" : "INVALID", answer);
            return true;
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"wycheproof/mldsa_44_verify_test.json.gz", "wycheproof/mldsa_65_verify_test.json.gz",
            "wycheproof/mldsa_87_verify_test.json.gz"})
    void wycheproofVerification(String file) throws IOException {
        int scheme = scheme("ML-DSA-" + file.replaceAll("\\D+(\\d\\d).*", "$1"));
        each(file, (group, test) -> {
            if (!test.has("msg")) {
                return false;  // mu, from outside
            }
            String answer = c.call("verify", scheme, bytes(group, "publicKey"), bytes(test, "msg"), bytes(test, "ctx"), bytes(test, "sig"),
                    none());
            if (text(test, "result").equals("valid")) {
                assertEquals("OK", answer);
            } else {
                assertTrue(REFUSED.contains(answer), answer);
            }
            return true;
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"wycheproof/mlkem_512_test.json.gz", "wycheproof/mlkem_768_test.json.gz", "wycheproof/mlkem_1024_test.json.gz"})
    void wycheproofDecapsulationFromSeeds(String file) throws IOException {
        int kem = kem("ML-KEM-" + file.replaceAll("\\D+(\\d+)_.*", "$1"));
        each(file, (group, test) -> {
            MemorySegment ek = c.bytes(Algorithms.kem(kem).encapsulationKeyBytes());
            MemorySegment dk = c.bytes(Algorithms.kem(kem).decapsulationKeyBytes());
            MemorySegment shared = c.bytes(32);
            MemorySegment seed = bytes(test, "seed");
            String made = c.call("keygen", kem, seed.address(), seed.byteSize(), ek.address(), ek.byteSize(), dk.address(), dk.byteSize(), 0L, 0L);
            String answer = made.equals("OK") ? c.call("decapsulate", kem, dk, bytes(test, "c"), shared, none()) : made;
            if (text(test, "result").equals("valid")) {
                assertEquals("OK", answer);
                assertEquals(text(test, "K"), Native.hex(shared));
            } else {
                assertTrue(REFUSED.contains(answer), answer);
            }
            return true;
        });
    }
}
