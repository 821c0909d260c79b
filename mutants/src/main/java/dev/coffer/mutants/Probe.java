package dev.coffer.mutants;

/// Which breaks the running test comes by: the unbroken classes of a first run call [#hit] where each break would be. One array
/// made at start, so a test that counts heap bytes still counts 0.
public final class Probe {
    static final boolean[] HIT = new boolean[QuickMutants.COUNT_MAX];

    private Probe() {}

    /// @param number the break's place in the sample
    public static void hit(int number) {
        HIT[number] = true;
    }
}
