package dev.coffer.testkit;

import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// The frame of the long profile's loops over hostile inputs: how many, from which seed, how far it is, and how to replay one.
/// Each input has a generator of its own, so one seed makes one input.
///
/// | property | default | what |
/// |---|---|---|
/// | `coffer.long.inputs` | 100,000,000, fewer for worlds | inputs for each decoder |
/// | `coffer.long.seconds` | none | a decoder ends early after that long, and says how far it came |
/// | `coffer.long.seed` | 1 | the first seed |
/// | `coffer.seed` | none | that one input and no other |
public final class LongRun {
    private static final long INPUTS = 100_000_000L;
    private static final long SAY_EVERY_NANOS = TimeUnit.SECONDS.toNanos(30);
    private static final int LOOK_EVERY = 1 << 10;  // inputs between two looks at the clock

    private LongRun() {}

    /// As [#of(String, long, Consumer)], of 100,000,000 inputs.
    public static long of(String name, Consumer<SplittableRandom> one) {
        return of(name, INPUTS, one);
    }

    /// Gives `one` a generator for each seed, tells its progress on standard output, and its rate at the end.
    ///
    /// @param name   of the decoder
    /// @param usual  inputs, where `coffer.long.inputs` says nothing: fewer where one is a world and not a message
    /// @return inputs that ran
    /// @throws AssertionError  one failed; the message names its seed and how to replay it
    public static long of(String name, long usual, Consumer<SplittableRandom> one) {
        Long only = Long.getLong("coffer.seed");
        long first = only == null ? Long.getLong("coffer.long.seed", 1) : only;
        long inputs = only == null ? Long.getLong("coffer.long.inputs", usual) : 1;
        long limitNanos = TimeUnit.SECONDS.toNanos(Long.getLong("coffer.long.seconds", Long.MAX_VALUE / 1_000_000_000L));
        long start = System.nanoTime();
        long said = start;
        long done = 0;
        while (done < inputs) {
            long seed = first + done;
            try {
                one.accept(new SplittableRandom(seed));
            } catch (Throwable e) {
                throw new AssertionError(name + ": seed " + seed + ", replay with -Dcoffer.seed=" + seed + ": " + e, e);
            }
            if (++done % LOOK_EVERY == 0) {
                long now = System.nanoTime();
                if (now - said >= SAY_EVERY_NANOS) {
                    said = now;
                    say(name, done, inputs, first, now - start);
                }
                if (now - start >= limitNanos) {
                    break;
                }
            }
        }
        say(name, done, inputs, first, System.nanoTime() - start);
        return done;
    }

    private static void say(String name, long done, long inputs, long first, long nanos) {
        System.out.printf(Locale.ROOT, "%s: %,d of %,d inputs from seed %d in %d s, %,d a second%n", name, done, inputs, first,
                TimeUnit.NANOSECONDS.toSeconds(nanos), (long) (done / Math.max(nanos / 1e9, 1e-9)));
    }
}
