package dev.coffer.crypto.libcrypto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.coffer.instruments.ChildJvm;
import dev.coffer.instruments.Dumps;
import dev.coffer.instruments.PlantedSecrets;
import dev.coffer.instruments.ResidueScan;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// libcrypto in processes of their own: what is left of keys, who was first, memory that is spent at the very start, threads that end.
class LibcryptoProcessTest {

    @BeforeEach
    void isThere() {
        assumeTrue(LibraryCalls.OBSTACLE.isEmpty(), LibraryCalls.OBSTACLE);
    }

    private static ChildJvm child(String... words) {
        return ChildJvm.start(List.of(), List.of("-XX:+UseSerialGC", "-Xmx128m", "-XX:TieredStopAtLevel=1"), LibcryptoChild.class, words);
    }

    private static String said(String... words) {
        try (ChildJvm child = child(words)) {
            assertEquals(0, child.exitCode(), child::output);
            return child.output();
        }
    }

    /// In use keys are found in the process, and not on its heap; wiped they are nowhere, in any segment of the process; after the close none
    /// is, of those too that were not wiped by their `AeadKey`.
    @Test
    void noKeyIsLeftInTheProcessWhenItIsWipedNorAnyAtTheClose(@TempDir Path folder) {
        PlantedSecrets secrets = new PlantedSecrets(0x5eedL, 6);
        try (ChildJvm child = child("residue", Long.toString(secrets.seed()))) {
            child.await("used");
            assertEquals(3, found(child, secrets, 0), "keys in use are not found: the search sees nothing");
            if (Dumps.heapObstacle().isEmpty()) {
                ResidueScan heap = scan(secrets);
                heap.search(Dumps.heap(child.pid(), folder));
                assertEquals(0, heap.found(0, 6), "on the Java heap");
            }
            child.resume();
            child.await("wiped");
            assertEquals(0, found(child, secrets, 0), "of three keys that are wiped");
            child.resume();
            child.await("used again");
            assertEquals(3, found(child, secrets, 3), "keys in use are not found");
            child.resume();
            child.await("closed");
            ResidueScan scan = scan(secrets);
            scan.search(child.pid());
            assertEquals(0, scan.found(0, 6), "after the close");
            child.resume();
            assertEquals(0, child.exitCode(), child::output);
        }
    }

    private static int found(ChildJvm child, PlantedSecrets secrets, int from) {
        ResidueScan scan = scan(secrets);
        scan.search(child.pid());
        return scan.found(from, from + 3);
    }

    /// Of a key of 16 bytes those alone, which also begin its expanded form; of the others both halves.
    private static ResidueScan scan(PlantedSecrets secrets) {
        ResidueScan scan = new ResidueScan();
        for (int i = 0; i < secrets.count(); i++) {
            scan.add(i, i % 3 == 0 ? Arrays.copyOf(secrets.bytes(i), 16) : secrets.bytes(i));
        }
        return scan;
    }

    @Test
    void whereSomethingElseWasFirstTheLibraryKeepsItsHeapAndThatIsSaid() {
        String said = said("second");
        assertTrue(said.contains("libcrypto keeps a heap of its own"), said);
        assertTrue(said.contains("planned false, libcrypto 3.") && said.contains(", heap of its own, mapped true, accounts 0"), said);
    }

    /// The first allocations of a process, some in the middle, and some that a version makes or does not. Not the first two: version 3.5 waits
    /// for itself there, in its own start; at least 512 KiB are free by then.
    @ParameterizedTest
    @ValueSource(longs = {2, 3, 7, 40, 300, 2000, 4000, 4460})
    void memoryThatIsSpentAtTheStartIsARefusal(long blocks) {
        String said = said("spent", Long.toString(blocks));
        int refused = said.split("refused: libcrypto: ", -1).length - 1;
        int served = said.split("served", -1).length - 1;
        assertEquals(2, refused + served, said);
        assertEquals(blocks > 300 ? served : 0, served, said);
    }

    @Test
    void threadsOnWhichTheLibraryKeptErrorsEnd() {
        assertEquals("threads more 0, faults 0", said("threads"));
    }

    @Test
    void anOpenThatIsRefusedAtAnyStepHoldsNothingAndTheLibraryIsToBeHadThen() {
        try (ChildJvm child = child("refused")) {
            assertFalse(child.await("refused").contains(" 0 steps"));
            child.resume();
            assertEquals(0, child.exitCode(), child.output());
        }
    }
}
