package dev.coffer.testkit;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.zip.GZIPInputStream;

/// The official test vectors: a folder beside the repository, named by the system property `coffer.vectors`; `docs/vectors.md`
/// says where they come from. A test of a file that is absent skips by name (`Assumptions.assumeTrue(Vectors.present(file),
/// Vectors.absence(file))`); where it is there, fewer cases run than it holds is a failure. [#held] is what there should be.
public final class Vectors {
    private static final Path ROOT = Path.of(System.getProperty("coffer.vectors", "../shared/vectors"));

    private Vectors() {}

    /// {@return whether a file is there}
    ///
    /// @param name  path below the folder, with slashes
    public static boolean present(String name) {
        return Files.isRegularFile(file(name));
    }

    /// {@return why the test on a file is skipped}
    public static String absence(String name) {
        return "no vectors at " + file(name).toAbsolutePath().normalize() + "; see docs/vectors.md";
    }

    /// {@return the folder}
    public static Path folder() {
        return ROOT.toAbsolutePath().normalize();
    }

    /// {@return what the tests of this house read, each file with its number of cases in the set that it was made with}
    public static Map<String, Integer> held() {
        Map<String, Integer> held = new LinkedHashMap<>();
        try (InputStream in = Objects.requireNonNull(Vectors.class.getResourceAsStream("vectors.tsv"));
                BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (!line.startsWith("#")) {
                    int tab = line.indexOf('\t');
                    held.put(line.substring(0, tab), Integer.parseInt(line, tab + 1, line.length(), 10));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return held;
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
