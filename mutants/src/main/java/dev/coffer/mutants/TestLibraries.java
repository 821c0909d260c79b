package dev.coffer.mutants;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// What a module's tests need from elsewhere, as Maven gives it to them: the scripts have it written beside the module's classes. A list of our own
/// would be right until the next module takes a library for its tests.
final class TestLibraries {
    static final String FILE = "target/tests.classpath";

    private TestLibraries() {}

    /// {@return jars, in Maven's order}
    ///
    /// @throws IOException  the module has no such list: it was not built by `mutants/run` or `mutants/quick`
    static List<String> of(Path root, String module) throws IOException {
        String text = Files.readString(root.resolve(module).resolve(FILE)).strip();
        return Stream.of(text.split(File.pathSeparator)).filter(part -> !part.isEmpty()).toList();
    }
}
