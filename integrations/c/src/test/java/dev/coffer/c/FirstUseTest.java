package dev.coffer.c;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.instruments.ChildJvm;
import dev.coffer.testkit.Vectors;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Once the table is open no call initialises a class of ours: one that a caller's stack or the heap ended in would be broken for everyone.
class FirstUseTest {
    @Test
    void noCallInitialisesAClassOfOurs(@TempDir Path folder) throws Exception {
        Path log = folder.resolve("classes.log");
        try (ChildJvm child = ChildJvm.start(List.of(), List.of("-Xlog:class+init=info:file=" + log, "-XX:+UseSerialGC", "-Xmx256m"), FirstUseChild.class,
                List.of(CTable.class, Vectors.class))) {
            String codes = child.await("used");
            assertEquals("0", codes, child.output());
            child.resume();
            assertEquals(0, child.exitCode());
        }
        List<String> initialised = Files.readAllLines(log).stream().filter(line -> line.matches(".*[Ii]nitializ.*dev[./]coffer.*")).toList();
        assertTrue(initialised.size() > 100, () -> "initialised: " + initialised);
        List<String> names = initialised.stream().map(line -> line.replaceAll(".*'(dev[^']*)'.*", "$1")).toList();
        int opened = names.indexOf("dev/coffer/c/FirstUseChild$Opened");
        assertTrue(opened > 100, "the table was opened at class " + opened);
        List<String> late = names.subList(opened + 1, names.size()).stream().distinct()
                .filter(name -> !name.matches("dev/coffer/(c/KeyCallsTest|instruments/ChildJvm).*")).toList();
        assertEquals(List.of(), late, "initialised by a call");
    }
}
