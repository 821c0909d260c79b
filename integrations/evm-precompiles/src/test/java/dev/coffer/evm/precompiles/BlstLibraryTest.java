package dev.coffer.evm.precompiles;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Where blst's library may not be found or loaded: each obstacle is said, and no file stays.
class BlstLibraryTest {
    private static final FunctionDescriptor NOTHING = FunctionDescriptor.ofVoid();
    private static final Function<String, InputStream> JAR = BlstLibraryTest.class.getClassLoader()::getResourceAsStream;

    @TempDir
    private Path folder;

    private BlstLibrary library(String own, String system, String machine, Function<String, InputStream> resource) {
        return new BlstLibrary(own, system, machine, folder.toString(), resource);
    }

    private void expect(String obstacle, BlstLibrary library) throws IOException {
        assertTrue(library.obstacle().contains(obstacle), library.obstacle());
        assertEquals(0, library.bind("blst_p1_add", FunctionDescriptor.of(ValueLayout.JAVA_INT)).type().parameterCount());
        assertTrue(library.obstacle().contains(obstacle), library.obstacle());
        try (Stream<Path> left = Files.list(folder)) {
            assertEquals(List.of(), left.toList());
        }
    }

    @Test
    void whatIsMissingIsSaid() throws IOException {
        String none = "no jar of tech.pegasys:jblst with supranational/blst/";
        expect(none + "Linux/amd64/libblst.so", library("", "Linux", "amd64", name -> null));
        expect(none + "Linux/riscv64/libblst.so", library("", "Linux", "riscv64", JAR));
        expect(none + "Windows11/amd64/", library("", "Windows 11", "amd64", JAR));
        expect("could not be loaded", library(folder.resolve("absent.so").toString(), "Linux", "amd64", JAR));
        expect("could not be loaded", library("\0", "Linux", "amd64", JAR));
    }

    @Test
    void theLibraryOfAnotherProcessorOrNoneIsNotLoaded() throws IOException {
        String other = System.getProperty("os.arch").equals("amd64") ? "aarch64" : "amd64";
        expect("could not be loaded", library("", "Linux", other, JAR));
        expect("could not be loaded", library("", "Linux", "amd64", name -> new ByteArrayInputStream(new byte[1000])));
        expect("could not be loaded", library("", "Linux", "amd64", name -> InputStream.nullInputStream()));
        BlstLibrary libm = library("libm.so.6", "Linux", "amd64", JAR);
        expect("libm.so.6", libm);
    }

    @Test
    void aFolderThatTakesNoFileIsSaid() throws IOException {
        Path file = Files.createFile(folder.resolve("file"));
        BlstLibrary library = new BlstLibrary("", "Linux", System.getProperty("os.arch"), file.toString(), JAR);
        assertTrue(library.obstacle().contains("could not be put down below " + file), library.obstacle());
        assertTrue(library.obstacle().contains("-Djava.io.tmpdir"), library.obstacle());
        library = new BlstLibrary("", "Linux", System.getProperty("os.arch"), folder.resolve("absent").toString(), JAR);
        assertTrue(library.obstacle().contains("could not be put down"), library.obstacle());
        Files.delete(file);
        expect("could not be put down", library);
    }

    /// Reads the jar's file slowly enough to look at the folder meanwhile.
    @Test
    void theFileIsItsOwnersAloneAndGoneBeforeAnythingIsCalled() throws IOException {
        Set<String> seen = ConcurrentHashMap.newKeySet();
        BlstLibrary library = library("", "Linux", System.getProperty("os.arch"), name -> new java.io.FilterInputStream(JAR.apply(name)) {
            @Override
            public int read(byte[] bytes, int from, int length) throws IOException {
                try (Stream<Path> there = Files.list(folder)) {
                    for (Path path : there.toList()) {
                        seen.add(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)));
                    }
                }
                return super.read(bytes, from, length);
            }
        });
        assertEquals("", library.obstacle());
        assertEquals(Set.of("rwx------"), seen);
        try (Stream<Path> left = Files.list(folder)) {
            assertEquals(List.of(), left.toList());
        }
        library.bind("blst_no_such_function", NOTHING);
        assertTrue(library.obstacle().contains("has no blst_no_such_function"), library.obstacle());
    }

    @Test
    void aWordThatNamesNoLibraryIsTheCallers() {
        assertThrows(IllegalArgumentException.class, () -> LibraryPrecompiles.open("blest"));
        assertEquals(CurveLibrary.BLST, CurveLibrary.named("auto"));
        try (LibraryPrecompiles chosen = LibraryPrecompiles.open("Bouncy-Castle"); LibraryPrecompiles best = LibraryPrecompiles.open()) {
            assertEquals(CurveLibrary.BOUNCY_CASTLE, chosen.library());
            assertEquals("precompiles 10 to 17 by Bouncy Castle", chosen.choice());
            assertEquals(CurveLibrary.BLST, best.library());
            assertTrue(best.choice().startsWith("precompiles 10 to 17 by blst (jblst, "), best::choice);
        }
    }
}
