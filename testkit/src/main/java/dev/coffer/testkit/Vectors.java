package dev.coffer.testkit;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;

/// The official test vectors: a folder beside the repository, named by the system property `coffer.vectors`. Where it
/// is absent a test skips by name (`Assumptions.assumeTrue(Vectors.present(), Vectors.absence())`); where it is there, fewer cases run than the
/// files hold is a failure.
public final class Vectors {
    private static final Path ROOT = Path.of(System.getProperty("coffer.vectors", "../shared/vectors"));

    private Vectors() {}

    /// {@return whether the folder exists}
    public static boolean present() {
        return Files.isDirectory(ROOT);
    }

    /// {@return why the tests on it are skipped}
    public static String absence() {
        return "no vectors at " + ROOT.toAbsolutePath().normalize() + "; name them with -Dcoffer.vectors=DIR";
    }

    /// {@return a file of the folder}
    ///
    /// @param name  path below the folder, with slashes
    public static Path file(String name) {
        return ROOT.resolve(name);
    }

    /// {@return a file's text as a stream, unzipped where its name ends in `.gz`; the caller closes it}
    public static InputStream open(String name) {
        try {
            InputStream raw = Files.newInputStream(file(name));
            return name.endsWith(".gz") ? new GZIPInputStream(raw, 1 << 16) : raw;
        } catch (IOException e) {
            throw new UncheckedIOException("vectors " + name, e);
        }
    }

    /// {@return a reader of a file's lines, UTF-8; the caller closes it}
    public static BufferedReader reader(String name) {
        return new BufferedReader(new InputStreamReader(open(name), StandardCharsets.UTF_8), 1 << 16);
    }
}
