package dev.coffer.testkit;

import java.util.SplittableRandom;
import java.util.function.Consumer;

/// Seeded cases that replay: a failure names its seed, and `-Dcoffer.seed=N` runs that one alone.
public final class Seeds {
    private Seeds() {}

    /// Runs `property` with a generator for each of `count` seeds from `first`; with `-Dcoffer.seed=N` for N alone.
    ///
    /// @throws AssertionError  the property failed; the message names the seed and how to replay it
    public static void forEach(long first, int count, Consumer<SplittableRandom> property) {
        Long only = Long.getLong("coffer.seed");
        long from = only == null ? first : only;
        long to = only == null ? first + count : only + 1;
        for (long seed = from; seed < to; seed++) {
            try {
                property.accept(new SplittableRandom(seed));
            } catch (Throwable e) {
                throw new AssertionError("seed " + seed + ", replay with -Dcoffer.seed=" + seed + ": " + e, e);
            }
        }
    }
}
