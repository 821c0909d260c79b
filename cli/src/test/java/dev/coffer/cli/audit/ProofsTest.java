package dev.coffer.cli.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.coffer.cli.audit.Verdict.Outcome;
import dev.coffer.memory.RegionConfig.Commit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Each proof as it is and under each of its faults. Those that look at processes of their own are run two at a time; those that look
/// at this one's mappings one by one, on the test's thread.
class ProofsTest {
    private static final int AT_ONCE = 2;
    private static final String TOUCHED = "@touch";  // with memory that is committed when touched
    private static final Set<String> OF_THIS_PROCESS = Set.of("plan", "protection", "canary", "wipe");
    private static final Map<String, FutureTask<Verdict>> VERDICTS = new HashMap<>();

    @TempDir
    static Path folder;

    private static ExecutorService running;

    @BeforeAll
    static void begin() throws IOException {
        running = Executors.newFixedThreadPool(AT_ONCE);
        for (String each : Stream.concat(proofs(), faults()).toList()) {
            Path own = Files.createDirectory(folder.resolve(each.replace(':', '-')));
            FutureTask<Verdict> task = new FutureTask<>(() -> run(each, own));
            VERDICTS.put(each, task);
            if (!OF_THIS_PROCESS.contains(each.split("[:@]")[0])) {
                running.execute(task);
            }
        }
    }

    @AfterAll
    static void end() {
        running.close();
    }

    private static Stream<String> proofs() {
        return Stream.concat(Proofs.all().stream().map(Proof::name), Stream.of("plan" + TOUCHED, "budget" + TOUCHED));
    }

    private static Stream<String> faults() {
        return Proofs.all().stream().flatMap(p -> p.faults().stream().map(fault -> p.name() + ":" + fault));
    }

    private static Verdict run(String proofAndFault, Path folder) {
        String[] words = proofAndFault.replace(TOUCHED, "").split(":");
        Proof proof = Proofs.all().stream().filter(p -> p.name().equals(words[0])).findFirst().orElseThrow();
        Optional<String> fault = words.length == 1 ? Optional.empty() : Optional.of(words[1]);
        return Proofs.run(proof, new Setting(fault, List.of(Collector.SERIAL), folder, proofAndFault.endsWith(TOUCHED) ? Commit.ON_TOUCH : Commit.ON_OPEN));
    }

    private static Verdict verdict(String proofAndFault) throws Exception {
        FutureTask<Verdict> task = VERDICTS.get(proofAndFault);
        if (OF_THIS_PROCESS.contains(proofAndFault.split("[:@]")[0])) {
            task.run();
        }
        Verdict verdict = task.get();
        System.out.println(verdict.outcome() + " " + proofAndFault.replace(":", " under ") + ": " + verdict.figure());
        return verdict;
    }

    @ParameterizedTest
    @MethodSource("proofs")
    void everyPromiseHoldsWhereItCanBeRun(String name) throws Exception {
        Verdict verdict = verdict(name);
        assertNotEquals(Outcome.FAIL, verdict.outcome(), () -> verdict.figure() + verdict.details());
        Assumptions.assumeTrue(verdict.outcome() == Outcome.PASS, verdict::figure);
    }

    @ParameterizedTest
    @MethodSource("faults")
    void everyDeliberateFaultIsFound(String proofAndFault) throws Exception {
        Verdict verdict = verdict(proofAndFault);
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
        Verdict verdict = Proofs.run(broken, new Setting(Optional.empty(), List.of(), folder, Commit.ON_OPEN));
        assertEquals(Outcome.FAIL, verdict.outcome());
        assertEquals("broke down: java.lang.IllegalStateException: no such thing", verdict.figure());
    }
}
