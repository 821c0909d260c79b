package dev.coffer.instruments;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChildJvmTest {
    private static final PlantedSecrets SECRETS = new PlantedSecrets(11, 2);

    @TempDir
    Path folder;

    /// Holds secret 0 on the heap and secret 1 off it, and ends with exit code 7.
    static final class Holder {
        private Holder() {}

        public static void main(String[] arguments) {
            byte[] onHeap = new byte[PlantedSecrets.BYTES];
            MemorySegment offHeap = Arena.global().allocate(PlantedSecrets.BYTES);
            for (int i = 0; i < PlantedSecrets.BYTES; i++) {
                onHeap[i] = SECRETS.at(0, i);
                offHeap.set(ValueLayout.JAVA_BYTE, i, SECRETS.at(1, i));
            }
            System.out.println("said " + arguments[0]);
            ChildJvm.pause("held " + offHeap.address());
            System.exit(onHeap[0] == SECRETS.at(0, 0) ? 7 : 8);
        }
    }

    private static ChildJvm start() {
        return ChildJvm.start(List.of(), List.of("-Xmx32m", "-XX:+UseSerialGC"), Holder.class, "hello");
    }

    @Test
    void keepsInStepAndReportsTheExitCode() {
        try (ChildJvm child = start()) {
            assertThrows(IllegalStateException.class, () -> child.await("elsewhere"));
            child.resume();
            assertEquals(7, child.exitCode());
            assertTrue(child.output().contains("said hello"), child.output());
            IllegalStateException ended = assertThrows(IllegalStateException.class, () -> child.await("more"));
            assertTrue(ended.getMessage().contains("exit code 7"), ended.getMessage());
        }
    }

    @Test
    void processMemoryShowsWhatTheChildHolds() {
        try (ChildJvm child = start()) {
            long address = Long.parseLong(child.await("held"));
            try (ProcessMemory memory = ProcessMemory.of(child.pid())) {
                assertEquals(SECRETS.at(1, 3), memory.read(address + 3, 1)[0]);
            }
            ResidueScan scan = ResidueScan.of(SECRETS);
            scan.search(child.pid());
            assertEquals(2, scan.found(0, 2));
            assertTrue(Mapping.of(child.pid()).stream().anyMatch(m -> m.start() <= address && address < m.end()));
        }
    }

    @Test
    void heapDumpShowsTheHeapAlone() {
        Assumptions.assumeTrue(Dumps.heapObstacle().isEmpty(), () -> Dumps.heapObstacle().orElse(""));
        try (ChildJvm child = start()) {
            child.await("held");
            ResidueScan scan = ResidueScan.of(SECRETS);
            scan.search(Dumps.heap(child.pid(), folder));
            assertTrue(scan.found(0));
            assertFalse(scan.found(1));
        }
    }

    @Test
    void coreShowsBoth() {
        Assumptions.assumeTrue(Dumps.coreObstacle().isEmpty(), () -> Dumps.coreObstacle().orElse(""));
        try (ChildJvm child = start()) {
            child.await("held");
            ResidueScan scan = ResidueScan.of(SECRETS);
            scan.search(Dumps.core(child.pid(), folder));
            assertEquals(2, scan.found(0, 2));
        }
    }
}
