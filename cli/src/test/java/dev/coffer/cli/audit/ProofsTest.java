package dev.coffer.cli.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.coffer.cli.audit.Verdict.Outcome;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ProofsTest {
    @TempDir
    Path folder;

    private static Stream<String> proofs() {
        return Proofs.all().stream().map(Proof::name);
    }

    private static Stream<String> faults() {
        return Proofs.all().stream().flatMap(p -> p.faults().stream().map(fault -> p.name() + ":" + fault));
    }

    private Verdict run(String name, Optional<String> fault) {
        Proof proof = Proofs.all().stream().filter(p -> p.name().equals(name)).findFirst().orElseThrow();
        Verdict verdict = Proofs.run(proof, new Setting(fault, List.of(Collector.SERIAL), folder));
        System.out.println(verdict.outcome() + " " + name + fault.map(f -> " under " + f).orElse("") + ": "
                + verdict.figure());
        return verdict;
    }

    @ParameterizedTest
    @MethodSource("proofs")
    void everyPromiseHoldsWhereItCanBeRun(String name) {
        Verdict verdict = run(name, Optional.empty());
        assertNotEquals(Outcome.FAIL, verdict.outcome(), () -> verdict.figure() + verdict.details());
        Assumptions.assumeTrue(verdict.outcome() == Outcome.PASS, verdict::figure);
    }

    @ParameterizedTest
    @MethodSource("faults")
    void everyDeliberateFaultIsFound(String proofAndFault) {
        int colon = proofAndFault.indexOf(':');
        Verdict verdict = run(proofAndFault.substring(0, colon), Optional.of(proofAndFault.substring(colon + 1)));
        Assumptions.assumeFalse(verdict.outcome() == Outcome.NOT_RUN, verdict::figure);
        assertEquals(Outcome.FAIL, verdict.outcome(), () -> verdict.figure() + verdict.details());
        assertFalse(verdict.figure().startsWith("broke down"), "found by measuring, not by breaking: " + verdict.figure());
    }

    @Test
    void namesAndFaultsAreUniqueAndEveryProofHasAFault() {
        Set<String> seen = new HashSet<>();
        for (Proof proof : Proofs.all()) {
            assertFalse(proof.faults().isEmpty(), proof.name());
            assertEquals(true, seen.add(proof.name()), proof.name());
            proof.faults().forEach(fault -> assertEquals(true, seen.add(fault), fault));
        }
    }

    @Test
    void aProofThatBreaksDownHasFailed() {
        Proof broken = new Proof() {
            @Override
            public String name() {
                return "broken";
            }

            @Override
            public String claim() {
                return "";
            }

            @Override
            public List<String> faults() {
                return List.of();
            }

            @Override
            public Verdict run(Setting setting) {
                throw new IllegalStateException("no such thing");
            }
        };
        Verdict verdict = Proofs.run(broken, new Setting(Optional.empty(), List.of(), folder));
        assertEquals(Outcome.FAIL, verdict.outcome());
        assertEquals("broke down: java.lang.IllegalStateException: no such thing", verdict.figure());
    }
}
