package dev.coffer.jca;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.instruments.ChildJvm;
import dev.coffer.instruments.Dumps;
import dev.coffer.instruments.ResidueScan;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Keys that were made and used by the JCA never were on the heap: its dump, with what the collector has not taken yet, is searched for them.
class JcaResidueTest {
    @Test
    void noKeyIsOnTheHeap(@TempDir Path folder) throws Exception {
        Assumptions.assumeTrue(Dumps.heapObstacle().isEmpty(), () -> Dumps.heapObstacle().orElseThrow());
        try (ChildJvm child = ChildJvm.start(List.of(), List.of("-XX:+UseSerialGC", "-Xmx256m"), JcaResidueChild.class, List.of(CofferProvider.class),
                folder.toString())) {
            child.await("used");
            ResidueScan scan = new ResidueScan();
            for (int i = 0; i < JcaResidueChild.SECRETS.size(); i++) {
                scan.add(i, Files.readAllBytes(folder.resolve(JcaResidueChild.SECRETS.get(i))));
            }
            scan.search(Dumps.heap(child.pid(), Files.createDirectory(folder.resolve("dump"))));
            child.resume();
            int control = JcaResidueChild.SECRETS.indexOf("control");
            assertTrue(scan.found(control), "the control is found");
            List<String> found = new ArrayList<>();
            for (int i = 0; i < control; i++) {
                if (scan.found(i)) {
                    found.add(JcaResidueChild.SECRETS.get(i));
                }
            }
            assertEquals(List.of(), found, "keys on the heap");
            System.out.println("residue of the JCA: none of " + control + " keys in " + scan.searchedBytes() + " bytes, the control found");
        }
    }
}
