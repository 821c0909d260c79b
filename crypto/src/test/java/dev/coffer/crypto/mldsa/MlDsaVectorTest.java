package dev.coffer.crypto.mldsa;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import dev.coffer.crypto.AcvpPrehash;
import dev.coffer.crypto.Memory;
import dev.coffer.crypto.VectorCases;
import dev.coffer.crypto.WycheproofCases;
import java.lang.foreign.MemorySegment;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// NIST's ACVP cases and Wycheproof's, by encoded and expanded keys, in one piece and in many.
class MlDsaVectorTest {
    private static String text(JsonObject test, String field) {
        return test.get(field).getAsString().toLowerCase(Locale.ROOT);
    }

    private static MemorySegment bytes(JsonObject test, String field) {
        return Memory.hex(text(test, field));
    }

    private static MemorySegment context(JsonObject test, String field) {
        return test.has(field) ? bytes(test, field) : MlDsaCase.NONE;
    }

    private static boolean flag(JsonObject group, String field) {
        return group.has(field) && group.get(field).getAsBoolean();
    }

    @Test
    void acvpKeyGeneration() {
        VectorCases.run("acvp/ML-DSA-keyGen-FIPS204.json.gz", (group, test, arena) -> {
            MlDsaCase.Keys keys = MlDsaCase.of(group.get("parameterSet").getAsString()).keyPair(bytes(test, "seed"));
            assertEquals(text(test, "pk"), Memory.hex(keys.pk()));
            assertEquals(text(test, "sk"), Memory.hex(keys.sk()));
            return VectorCases.Ran.PASSED;
        });
    }

    @Test
    void acvpSigning() {
        VectorCases.run("acvp/ML-DSA-sigGen-FIPS204.json.gz", (group, test, arena) -> {
            MlDsaCase set = MlDsaCase.of(group.get("parameterSet").getAsString());
            MemorySegment rnd = flag(group, "deterministic") ? null : bytes(test, "rnd");
            MemorySegment sk = bytes(test, "sk");
            MemorySegment signature;
            if (group.get("signatureInterface").getAsString().equals("internal")) {
                signature = flag(group, "externalMu") ? set.signMu(rnd, sk, bytes(test, "mu"))
                        : set.signInternal(rnd, sk, bytes(test, "message"));
            } else if (group.get("preHash").getAsString().equals("pure")) {
                signature = set.sign(rnd, sk, bytes(test, "message"), bytes(test, "context"));
            } else {
                String function = test.get("hashAlg").getAsString();
                signature = set.signPrehashed(rnd, sk, AcvpPrehash.function(function),
                        AcvpPrehash.digest(function, bytes(test, "message")), bytes(test, "context"));
            }
            assertEquals(text(test, "signature"), Memory.hex(signature));
            return VectorCases.Ran.PASSED;
        });
    }

    @Test
    void acvpVerifying() {
        VectorCases.run("acvp/ML-DSA-sigVer-FIPS204.json.gz", (group, test, arena) -> {
            MlDsaCase set = MlDsaCase.of(group.get("parameterSet").getAsString());
            MemorySegment pk = bytes(test, "pk");
            MemorySegment signature = bytes(test, "signature");
            boolean valid;
            if (group.get("signatureInterface").getAsString().equals("internal")) {
                valid = flag(group, "externalMu") ? set.verifyMu(pk, bytes(test, "mu"), signature)
                        : set.verifyInternal(pk, bytes(test, "message"), signature);
            } else if (group.get("preHash").getAsString().equals("pure")) {
                valid = set.verify(pk, bytes(test, "message"), bytes(test, "context"), signature);
            } else {
                String function = test.get("hashAlg").getAsString();
                valid = set.verifyPrehashed(pk, AcvpPrehash.function(function), AcvpPrehash.digest(function, bytes(test, "message")),
                        bytes(test, "context"), signature);
            }
            assertEquals(test.get("testPassed").getAsBoolean(), valid, test.get("reason").getAsString());
            return VectorCases.Ran.PASSED;
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"mldsa_44_sign_seed_test", "mldsa_65_sign_seed_test", "mldsa_87_sign_seed_test"})
    void wycheproofSigningFromSeeds(String file) {
        MlDsaCase set = MlDsaCase.ofFile(file);
        WycheproofCases.run(file, 0, (group, test) -> {
            MemorySegment seed = bytes(group, "privateSeed");
            if (seed.byteSize() < MlDsa.SEED_BYTES) {
                assertEquals("invalid", text(test, "result"));
                assertThrows(IndexOutOfBoundsException.class, () -> set.keyPair(seed));
                return true;
            }
            if (seed.byteSize() > MlDsa.SEED_BYTES) {  // the caller's to see: our range has a fixed length
                assertEquals("invalid", text(test, "result"));
                return true;
            }
            MlDsaCase.Keys keys = set.keyPair(seed);
            assertEquals(text(group, "publicKey"), Memory.hex(keys.pk()));
            signs(set, keys, test);
            return true;
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"mldsa_44_sign_noseed_test", "mldsa_65_sign_noseed_test", "mldsa_87_sign_noseed_test"})
    void wycheproofSigningFromPrivateKeys(String file) {
        MlDsaCase set = MlDsaCase.ofFile(file);
        WycheproofCases.run(file, 0, (group, test) -> {
            MemorySegment sk = bytes(group, "privateKey");
            if (sk.byteSize() < set.dsa().privateKeyBytes()) {
                assertEquals("invalid", text(test, "result"));
                MemorySegment message = context(test, "msg");  // none where there is only mu
                assertThrows(IndexOutOfBoundsException.class, () -> set.sign(null, sk, message, context(test, "ctx")));
            } else if (sk.byteSize() > set.dsa().privateKeyBytes()) {  // the caller's to see: our range has a fixed length
                assertEquals("invalid", text(test, "result"));
            } else {
                MemorySegment pk = group.get("publicKey").isJsonNull() ? null : bytes(group, "publicKey");
                signs(set, new MlDsaCase.Keys(pk, sk), test);
            }
            return true;
        });
    }

    private static void signs(MlDsaCase set, MlDsaCase.Keys keys, JsonObject test) {
        MemorySegment rnd = test.has("rnd") ? bytes(test, "rnd") : null;
        MemorySegment context = context(test, "ctx");
        if (context.byteSize() > MlDsa.CONTEXT_BYTES_MAX) {
            assertEquals("invalid", text(test, "result"));
            MemorySegment message = context(test, "msg");  // none where there is only mu
            assertThrows(IllegalArgumentException.class, () -> set.sign(rnd, keys.sk(), message, context));
            return;
        }
        if (text(test, "result").equals("invalid")) {
            if (test.has("msg")) {
                assertNull(set.sign(rnd, keys.sk(), bytes(test, "msg"), context), "a private key that is none");
            }
            if (test.has("mu")) {
                refusesMu(set, keys, rnd, bytes(test, "mu"));
            }
            assertTrue(test.has("msg") || test.has("mu"), "nothing to sign");
            return;
        }
        assertTrue(test.has("msg") || test.has("mu"), "nothing to sign");
        if (test.has("msg")) {
            MemorySegment message = bytes(test, "msg");
            MemorySegment signature = set.sign(rnd, keys.sk(), message, context);
            assertEquals(text(test, "sig"), Memory.hex(signature));
            if (keys.pk() != null) {
                assertEquals(true, set.verify(keys.pk(), message, context, signature));
            }
        }
        if (test.has("mu")) {
            assertEquals(text(test, "sig"), Memory.hex(set.signMu(rnd, keys.sk(), bytes(test, "mu"))));
        }
    }

    /// A shorter mu lies outside its segment; a longer one is the caller's to see.
    private static void refusesMu(MlDsaCase set, MlDsaCase.Keys keys, MemorySegment rnd, MemorySegment mu) {
        if (mu.byteSize() < MlDsa.MU_BYTES) {
            assertThrows(IndexOutOfBoundsException.class, () -> set.signMu(rnd, keys.sk(), mu));
        } else if (mu.byteSize() == MlDsa.MU_BYTES) {
            assertNull(set.signMu(rnd, keys.sk(), mu), "a private key that is none");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"mldsa_44_verify_test", "mldsa_65_verify_test", "mldsa_87_verify_test"})
    void wycheproofVerifying(String file) {
        MlDsaCase set = MlDsaCase.ofFile(file);
        WycheproofCases.run(file, 0, (group, test) -> {
            MemorySegment pk = bytes(group, "publicKey");
            MemorySegment signature = bytes(test, "sig");
            boolean valid = text(test, "result").equals("valid");
            if (pk.byteSize() == set.dsa().publicKeyBytes()) {
                assertEquals(valid, set.verify(pk, bytes(test, "msg"), context(test, "ctx"), signature));
            } else {
                assertFalse(valid);
                assertNotEquals(set.dsa().publicKeyBytes(), pk.byteSize());
                if (pk.byteSize() < set.dsa().publicKeyBytes()) {
                    assertThrows(IndexOutOfBoundsException.class,
                            () -> set.verify(pk, bytes(test, "msg"), context(test, "ctx"), signature));
                }
            }
            return true;
        });
    }
}
