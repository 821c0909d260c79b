package dev.coffer.crypto.mlkem;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.gson.JsonObject;
import dev.coffer.crypto.Memory;
import dev.coffer.crypto.VectorCases;
import dev.coffer.crypto.WycheproofCases;
import java.lang.foreign.MemorySegment;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// NIST's ACVP cases and Wycheproof's, every one by the encoded and by the expanded key.
class MlKemVectorTest {
    private static String text(JsonObject test, String field) {
        return test.get(field).getAsString().toLowerCase(Locale.ROOT);
    }

    private static MemorySegment bytes(JsonObject test, String field) {
        return Memory.hex(text(test, field));
    }

    @Test
    void acvpKeyGeneration() {
        VectorCases.run("acvp/ML-KEM-keyGen-FIPS203.json.gz", (group, test, arena) -> {
            MlKemCase set = MlKemCase.of(group.get("parameterSet").getAsString());
            MlKemCase.Keys keys = set.keyPair(Memory.hex(text(test, "d") + text(test, "z")));
            assertEquals(text(test, "ek"), Memory.hex(keys.ek()));
            assertEquals(text(test, "dk"), Memory.hex(keys.dk()));
            return VectorCases.Ran.PASSED;
        });
    }

    @Test
    void acvpEncapsulationDecapsulationAndKeyChecks() {
        VectorCases.run("acvp/ML-KEM-encapDecap-FIPS203.json.gz", (group, test, arena) -> {
            MlKemCase set = MlKemCase.of(group.get("parameterSet").getAsString());
            MemorySegment workspace = Memory.zeros(set.kem().workspaceBytes());
            switch (group.get("function").getAsString()) {
                case "encapsulation" -> {
                    MlKemCase.Shared shared = set.encapsulate(bytes(test, "ek"), bytes(test, "m"));
                    assertEquals(text(test, "c"), Memory.hex(shared.ciphertext()));
                    assertEquals(text(test, "k"), Memory.hex(shared.secret()));
                }
                case "decapsulation" -> assertEquals(text(test, "k"),
                        Memory.hex(set.decapsulate(bytes(test, "dk"), bytes(test, "c"))));
                case "encapsulationKeyCheck" -> assertEquals(test.get("testPassed").getAsBoolean(),
                        set.kem().isEncapsulationKey(bytes(test, "ek"), 0, workspace, 0));
                case "decapsulationKeyCheck" -> assertEquals(test.get("testPassed").getAsBoolean(),
                        set.kem().isDecapsulationKey(bytes(test, "dk"), 0, workspace, 0));
                default -> throw new AssertionError(group.get("function"));
            }
            return VectorCases.Ran.PASSED;
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"mlkem_512_keygen_seed_test", "mlkem_768_keygen_seed_test", "mlkem_1024_keygen_seed_test"})
    void wycheproofKeyGeneration(String file) {
        MlKemCase set = MlKemCase.ofFile(file);
        WycheproofCases.run(file, 0, (group, test) -> {
            assertEquals("valid", text(test, "result"));
            MlKemCase.Keys keys = set.keyPair(bytes(test, "seed"));
            assertEquals(text(test, "ek"), Memory.hex(keys.ek()));
            assertEquals(text(test, "dk"), Memory.hex(keys.dk()));
            return true;
        });
    }

    /// A wrong length is refused as a range that does not lie in its segment, or is longer than the standard's.
    @ParameterizedTest
    @ValueSource(strings = {"mlkem_512_test", "mlkem_768_test", "mlkem_1024_test"})
    void wycheproofDecapsulationFromSeeds(String file) {
        MlKemCase set = MlKemCase.ofFile(file);
        WycheproofCases.run(file, 0, (group, test) -> {
            MemorySegment seed = bytes(test, "seed");
            MemorySegment ciphertext = bytes(test, "c");
            if (text(test, "result").equals("valid")) {
                MlKemCase.Keys keys = set.keyPair(seed);
                if (test.has("ek")) {
                    assertEquals(text(test, "ek"), Memory.hex(keys.ek()));
                }
                assertEquals(text(test, "K"), Memory.hex(set.decapsulate(keys.dk(), ciphertext)));
            } else if (seed.byteSize() < MlKem.SEED_BYTES) {
                assertThrows(IndexOutOfBoundsException.class, () -> set.keyPair(seed));
            } else if (seed.byteSize() == MlKem.SEED_BYTES && ciphertext.byteSize() < set.kem().ciphertextBytes()) {
                assertThrows(IndexOutOfBoundsException.class, () -> set.decapsulate(set.keyPair(seed).dk(), ciphertext));
            } else {
                assertNotEquals(set.kem().ciphertextBytes() + MlKem.SEED_BYTES, ciphertext.byteSize() + seed.byteSize(),
                        "an invalid case of the right lengths");
            }
            return true;
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"mlkem_512_encaps_test", "mlkem_768_encaps_test", "mlkem_1024_encaps_test"})
    void wycheproofEncapsulation(String file) {
        MlKemCase set = MlKemCase.ofFile(file);
        WycheproofCases.run(file, 0, (group, test) -> {
            MemorySegment ek = bytes(test, "ek");
            if (text(test, "result").equals("valid")) {
                MlKemCase.Shared shared = set.encapsulate(ek, bytes(test, "m"));
                assertEquals(text(test, "c"), Memory.hex(shared.ciphertext()));
                assertEquals(text(test, "K"), Memory.hex(shared.secret()));
            } else if (ek.byteSize() == set.kem().encapsulationKeyBytes()) {
                assertNull(set.encapsulate(ek, bytes(test, "m")), "a key with a coefficient of q or more");
            } else if (ek.byteSize() < set.kem().encapsulationKeyBytes()) {
                assertThrows(IndexOutOfBoundsException.class, () -> set.encapsulate(ek, bytes(test, "m")));
            }
            return true;
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"mlkem_512_semi_expanded_decaps_test", "mlkem_768_semi_expanded_decaps_test", "mlkem_1024_semi_expanded_decaps_test"})
    void wycheproofDecapsulationFromExpandedKeys(String file) {
        MlKemCase set = MlKemCase.ofFile(file);
        WycheproofCases.run(file, 0, (group, test) -> {
            MemorySegment dk = bytes(test, "dk");
            MemorySegment ciphertext = bytes(test, "c");
            boolean fits = dk.byteSize() == set.kem().decapsulationKeyBytes()
                    && ciphertext.byteSize() == set.kem().ciphertextBytes();
            if (text(test, "result").equals("valid")) {
                MemorySegment secret = set.decapsulate(dk, ciphertext);
                assertNotNull(secret);
                assertEquals(text(test, "K"), Memory.hex(secret));
            } else if (fits) {
                assertNull(set.decapsulate(dk, ciphertext));
            } else if (dk.byteSize() < set.kem().decapsulationKeyBytes()
                    || ciphertext.byteSize() < set.kem().ciphertextBytes()) {
                assertThrows(IndexOutOfBoundsException.class, () -> set.decapsulate(dk, ciphertext));
            }
            return true;
        });
    }
}
