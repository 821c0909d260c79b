package dev.coffer.c;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.Gson;
import dev.coffer.instruments.ChildJvm;
import dev.coffer.instruments.Dumps;
import dev.coffer.instruments.ResidueScan;
import dev.coffer.testkit.Vectors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Keys, seeds and secrets that went through the table, once their owner has wiped his: they are nowhere in the process's memory, neither on its
/// heap, garbage included, nor off it, stacks included.
class ResidueTest {
    /// Bytes of each file, at most.
    static final int SECRET_BYTES = 32;

    @Test
    void nothingOfASecretStaysBehind(@TempDir Path folder) throws Exception {
        Assumptions.assumeTrue(Dumps.heapObstacle().isEmpty(), () -> Dumps.heapObstacle().orElseThrow());
        try (ChildJvm child = ChildJvm.start(List.of(), List.of("-XX:+UseSerialGC", "-Xmx64m"), ResidueChild.class,
                List.of(CTable.class, Vectors.class, Gson.class), folder.toString())) {
            child.await("used");
            List<String> secrets;
            try (Stream<Path> files = Files.list(folder)) {
                secrets = files.map(file -> file.getFileName().toString()).filter(name -> name.endsWith(".secret")).sorted().toList();
            }
            assertTrue(secrets.size() > 25, () -> "secrets: " + secrets);
            assertOnlyTheControl("heap", folder, secrets, scan -> scan.search(Dumps.heap(child.pid(), Files.createDirectory(folder.resolve("dump")))));
            assertOnlyTheControl("memory", folder, secrets, scan -> scan.search(child.pid()));
            child.resume();
            child.await("closed");
            assertOnlyTheControl("memory of the closed", folder, secrets, scan -> scan.search(child.pid()));
            child.resume();
        }
    }

    private interface Search {
        void in(ResidueScan scan) throws IOException;
    }

    private static void assertOnlyTheControl(String where, Path folder, List<String> secrets, Search search) throws IOException {
        ResidueScan scan = new ResidueScan();
        for (int i = 0; i < secrets.size(); i++) {
            scan.add(i, Files.readAllBytes(folder.resolve(secrets.get(i))));
        }
        search.in(scan);
        List<String> found = new ArrayList<>();
        for (int i = 0; i < secrets.size(); i++) {
            if (scan.found(i)) {
                found.add(secrets.get(i));
            }
        }
        System.out.println("residue of the table for C: of " + (secrets.size() - 1) + " secrets in " + scan.searchedBytes() + " bytes of " + where + ", found "
                + found);
        assertEquals(List.of("control.secret"), found, where);
    }
}
