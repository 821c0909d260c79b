package dev.coffer.cli.evm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// The files of tests that a name stands for. Stateless.
public final class TestFiles {
    private TestFiles() {}

    /// {@return the name itself; or, where it is a folder's, those of all files of JSON below it, zipped or not, in their order; without what is hidden: releases of tests
    /// have a list of them in `.meta`}
    ///
    /// @throws IOException  the folder, or one below it, cannot be read
    public static List<String> of(String place) throws IOException {
        Path path = Path.of(place);
        if (!Files.isDirectory(path)) {
            return List.of(place);
        }
        try (Stream<Path> all = Files.walk(path)) {
            return all.filter(Files::isRegularFile).filter(file -> !isHidden(path.relativize(file))).map(Path::toString)
                    .filter(name -> name.endsWith(".json") || name.endsWith(".json.gz")).sorted().toList();
        } catch (java.io.UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private static boolean isHidden(Path below) {
        for (Path name : below) {
            if (name.toString().startsWith(".")) {
                return true;
            }
        }
        return false;
    }
}
