package dev.coffer.crypto.slhdsa;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonObject;
import dev.coffer.crypto.AcvpPrehash;
import dev.coffer.crypto.Memory;
import dev.coffer.crypto.VectorCases;
import dev.coffer.testkit.Vectors;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// NIST's ACVP cases. A normal run takes what is quick: all verifying, all keys of the fast sets and one of each slow one, signatures of
/// every form by the smallest fast sets, one by each other fast set and by the smallest slow ones. The long profile takes all. What a
/// file holds is counted in both.
class SlhDsaVectorTest {
    private static final String KEYS = "acvp/SLH-DSA-keyGen-FIPS205.json.gz";
    private static final String SIGNATURES = "acvp/SLH-DSA-sigGen-FIPS205-digests.json.gz";

    private static String text(JsonObject test, String field) {
        return test.get(field).getAsString().toLowerCase(Locale.ROOT);
    }

    private static MemorySegment bytes(JsonObject test, String field) {
        return Memory.hex(text(test, field));
    }

    private static MemorySegment joined(MemorySegment... parts) {
        StringBuilder hex = new StringBuilder();
        for (MemorySegment part : parts) {
            hex.append(Memory.hex(part));
        }
        return Memory.hex(hex.toString());
    }

    private static VectorCases.Ran generates(JsonObject group, JsonObject test) {
        SlhDsaCase.Keys keys = SlhDsaCase.of(group.get("parameterSet").getAsString())
                .keyPair(joined(bytes(test, "skSeed"), bytes(test, "skPrf"), bytes(test, "pkSeed")));
        assertEquals(text(test, "pk"), Memory.hex(keys.pk()));
        assertEquals(text(test, "sk"), Memory.hex(keys.sk()));
        return VectorCases.Ran.PASSED;
    }

    @Test
    void acvpKeyGeneration() {
        Set<String> seen = new HashSet<>();
        VectorCases.run(KEYS, (group, test, arena) -> isSlow(group) && !seen.add(text(group, "parameterSet"))
                ? VectorCases.Ran.LEFT_TO_THE_LONG_PROFILE : generates(group, test));
        assertEquals(6, seen.size(), "slow sets of which one was run");
    }

    @Test
    @Tag("long")
    void allOfAcvpKeyGeneration() {
        VectorCases.run(KEYS, (group, test, arena) -> generates(group, test));
    }

    private static boolean isSlow(JsonObject group) {
        return group.get("parameterSet").getAsString().endsWith("s");
    }

    private static VectorCases.Ran signs(JsonObject group, JsonObject test) throws Exception {
        SlhDsaCase set = SlhDsaCase.of(group.get("parameterSet").getAsString());
        MemorySegment random = group.get("deterministic").getAsBoolean() ? null : bytes(test, "additionalRandomness");
        MemorySegment sk = bytes(test, "sk");
        MemorySegment pk = sk.asSlice(set.dsa().publicKeyBytes());
        MemorySegment message = bytes(test, "message");
        MemorySegment signature;
        boolean verifies;
        if (text(group, "signatureInterface").equals("internal")) {
            signature = set.signInternal(random, sk, message);
            verifies = set.verifyInternal(pk, message, signature);
        } else if (text(group, "preHash").equals("pure")) {
            signature = set.sign(random, sk, message, bytes(test, "context"));
            verifies = set.verify(pk, message, bytes(test, "context"), signature);
        } else {
            String function = test.get("hashAlg").getAsString();
            MemorySegment digest = AcvpPrehash.digest(function, message);
            signature = set.signPrehashed(random, sk, AcvpPrehash.function(function), digest, bytes(test, "context"));
            verifies = set.verifyPrehashed(pk, AcvpPrehash.function(function), digest, bytes(test, "context"), signature);
        }
        assertEquals(test.get("signatureLength").getAsInt(), signature.byteSize());
        assertEquals(text(test, "signatureHead"), Memory.hex(signature.asSlice(0, 48)));
        assertEquals(text(test, "signatureSha256"),
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Memory.bytes(signature))));
        assertTrue(verifies);
        return VectorCases.Ran.PASSED;
    }

    private static VectorCases.Ran signed(JsonObject group, JsonObject test) {
        try {
            return signs(group, test);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /// The first case of every group of 128f, and of every other set but the slowest.
    @Test
    void acvpSigning() {
        Set<String> seen = new HashSet<>();
        VectorCases.run(SIGNATURES, (group, test, arena) -> {
            String set = group.get("parameterSet").getAsString();
            String once = set.endsWith("128f") ? set + text(group, "tgId") : set;
            boolean slowest = isSlow(group) && !set.endsWith("128s");
            return slowest || !seen.add(once) ? VectorCases.Ran.LEFT_TO_THE_LONG_PROFILE : signed(group, test);
        });
        assertTrue(seen.size() > 12, "groups seen: " + seen);
    }

    @Test
    @Tag("long")
    void allOfAcvpSigning() {
        VectorCases.run(SIGNATURES, (group, test, arena) -> signed(group, test));
    }

    /// Cases of the older form: `name = value` a line, an empty line between cases.
    private static List<Map<String, String>> cases(String file) throws IOException {
        assumeTrue(Vectors.present(file), Vectors.absence(file));
        List<Map<String, String>> all = new ArrayList<>();
        Map<String, String> one = new HashMap<>();
        try (BufferedReader reader = new BufferedReader(Vectors.reader(file))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                int equals = line.indexOf(" = ");
                if (equals > 0) {
                    one.put(line.substring(0, equals), line.substring(equals + 3));
                } else if (!one.isEmpty()) {
                    all.add(one);
                    one = new HashMap<>();
                }
            }
        }
        if (!one.isEmpty()) {
            all.add(one);
        }
        long messages = all.stream().filter(c -> c.containsKey("message")).count();
        try (BufferedReader reader = Vectors.reader(file)) {
            assertEquals(reader.lines().filter(line -> line.startsWith("signature")).count(), messages, "cases of " + file);
        }
        assertEquals(all.size(), messages, "cases of " + file);
        assertTrue(messages > 0, "no case in " + file);
        return all;
    }

    /// {@return the parameter sets of which there is such a file, whichever these are}
    private static List<String> sets(String kind) throws IOException {
        Path folder = Vectors.file("acvp");
        assumeTrue(Files.isDirectory(folder), Vectors.absence("acvp"));
        Pattern name = Pattern.compile("slhdsa-internal-" + kind + "-(.*)\\.txt\\.gz");
        try (Stream<Path> files = Files.list(folder)) {
            List<String> sets = files.map(file -> name.matcher(file.getFileName().toString())).filter(Matcher::matches).map(found -> found.group(1))
                    .sorted().toList();
            assertTrue(sets.size() >= 5, "sets of " + kind + ": " + sets);  // as many as there were when this was written
            return sets;
        }
    }

    static List<String> signing() throws IOException {
        return sets("sigGen");
    }

    static List<String> quickSigning() throws IOException {
        return signing().stream().filter(set -> set.endsWith("f")).toList();
    }

    static List<String> verifying() throws IOException {
        return sets("sigVer");
    }

    private static MemorySegment value(Map<String, String> one, String name) {
        return one.containsKey(name) ? Memory.hex(one.get(name)) : null;
    }

    private static void internalSigning(String set, int most) throws IOException {
        List<Map<String, String>> cases = cases("acvp/slhdsa-internal-sigGen-" + set + ".txt.gz");
        int run = 0;
        for (Map<String, String> one : cases.subList(0, Math.min(most, cases.size()))) {
            MemorySegment message = value(one, "message");
            assertEquals(Long.parseLong(one.get("messageLength")), 8 * message.byteSize());
            assertEquals(one.get("signature").toLowerCase(Locale.ROOT), Memory.hex(SlhDsaCase.of("SLH-DSA-" + set)
                    .signInternal(value(one, "additionalRandomness"), value(one, "sk"), message)), "case " + run);
            run++;
        }
        System.out.println("vectors slhdsa-internal-sigGen-" + set + ": " + cases.size() + " held, " + run + " run");
        assertEquals(Math.min(most, cases.size()), run);
        assertTrue(run > 0);
    }

    @ParameterizedTest
    @MethodSource("quickSigning")
    void internalSigningGivesWholeSignatures(String set) throws IOException {
        internalSigning(set, set.endsWith("128f") ? Integer.MAX_VALUE : 1);
    }

    @ParameterizedTest
    @Tag("long")
    @MethodSource("signing")
    void internalSigningGivesAllWholeSignatures(String set) throws IOException {
        internalSigning(set, Integer.MAX_VALUE);
    }

    @ParameterizedTest
    @MethodSource("verifying")
    void internalVerifying(String set) throws IOException {
        List<Map<String, String>> cases = cases("acvp/slhdsa-internal-sigVer-" + set + ".txt.gz");
        int valid = 0;
        for (Map<String, String> one : cases) {
            boolean expected = one.get("testPassed").equalsIgnoreCase("true");
            assertEquals(expected, SlhDsaCase.of("SLH-DSA-" + set).verifyInternal(value(one, "pk"), value(one, "message"),
                    value(one, "signature")), one.get("reason"));
            valid += expected ? 1 : 0;
        }
        System.out.println("vectors slhdsa-internal-sigVer-" + set + ": " + cases.size() + " held and run, " + valid + " valid");
    }
}
