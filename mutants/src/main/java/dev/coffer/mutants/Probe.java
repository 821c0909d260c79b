package dev.coffer.mutants;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Which breaks the running test comes by: the unbroken classes of a first run call [#hit] where each break would be. One array
/// made at start, so a test that counts heap bytes still counts 0. A JVM that a test starts leaves a file for each in the folder that the
/// environment names.
public final class Probe {
    static final String FOLDER = "COFFER_MUTANTS_HITS";
    static final boolean[] HIT = new boolean[QuickMutants.COUNT_MAX];
    private static final String TOLD = System.getenv(FOLDER);
    /// Whether this is the JVM that [Judge] runs in, and reads the array.
    static volatile boolean judged;

    private Probe() {}

    /// @param number the break's place in the sample
    public static void hit(int number) {
        if (!HIT[number]) {
            HIT[number] = true;
            if (TOLD != null && !judged) {
                tell(number);
            }
        }
    }

    private static void tell(int number) {
        try {
            Files.write(Path.of(TOLD, Integer.toString(number)), new byte[0]);
        } catch (IOException e) {
            // the test judges that break in its own JVM or not at all
        }
    }
}
