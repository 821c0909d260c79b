package dev.coffer.testkit.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;

/// One world: a clock, a network and those who act in it. Steps are bounded; a world in which nothing can happen any more though it is not
/// done is a failure, and so is one without an end. One seed decides all: run it in `Seeds.forEach`, which prints the seed of a failure
/// and replays it alone with `-Dcoffer.seed=N`; add `-Dcoffer.trace=true` and it tells what happens.
///
/// ```java
/// Seeds.forEach(1, 2000, random -> {
///     Simulation world = new Simulation(random);
///     Network.Stream stream = world.network().stream(Conditions.any(random, false), Conditions.any(random, false));
///     world.add(new StreamDriver<>("client", client, stream.client(), random.split(), application::handle));
///     world.add(new StreamDriver<>("server", server, stream.server(), random.split(), ...));
///     world.run(100_000, () -> model.isDone());
/// });
/// ```
public final class Simulation {
    private static final boolean TRACES = Boolean.getBoolean("coffer.trace");
    private static final int TURNS_WITHOUT_TIME_MAX = 20_000;
    private static final long QUIET_NANOS = 1_000_000_000;  // such a pause is worth a line

    private final SplittableRandom random;
    private final VirtualClock clock = new VirtualClock();
    private final Network network;
    private final List<Actor> actors = new ArrayList<>();
    private long steps;

    public Simulation(SplittableRandom random) {
        this.random = random.split();
        this.network = new Network(clock, random.split());
    }

    public VirtualClock clock() {
        return clock;
    }

    public Network network() {
        return network;
    }

    /// {@return turns of time so far}
    public long steps() {
        return steps;
    }

    /// Lets an actor take part.
    public <A extends Actor> A add(A actor) {
        actors.add(actor);
        return actor;
    }

    /// {@return whether [#trace] prints: look before making a text}
    public static boolean traces() {
        return TRACES;
    }

    /// Tells what happens, with the time, where `-Dcoffer.trace=true`.
    public void trace(Object what) {
        if (TRACES) {
            System.out.println(clock + "  " + what);
        }
    }

    /// Runs until `done`.
    ///
    /// @param stepsMax  rounds in which every actor has a turn
    /// @throws AssertionError  it is not done after so many, or nothing can happen any more, or an actor is busy without an end while
    ///                         time stands still
    public void run(long stepsMax, BooleanSupplier done) {
        int still = 0;
        for (long i = 0; i < stepsMax; i++) {
            steps++;
            boolean moved = false;
            int first = random.nextInt(Math.max(1, actors.size()));  // no actor is always before another
            for (int k = 0; k < actors.size(); k++) {
                moved |= actors.get((first + k) % actors.size()).turn(clock.nanos());
            }
            if (done.getAsBoolean()) {
                return;
            }
            if (moved && ++still < TURNS_WITHOUT_TIME_MAX) {
                continue;
            }
            if (moved) {
                throw new AssertionError("busy without an end at " + clock + ": " + actors);
            }
            still = 0;
            long next = clock.nextNanos();
            for (Actor actor : actors) {
                next = Math.min(next, actor.deadlineNanos());
            }
            if (next == Long.MAX_VALUE) {
                throw new AssertionError("stuck at " + clock + ": nothing is awaited by " + actors);
            }
            if (TRACES && next > clock.nanos() + QUIET_NANOS) {
                trace("quiet until something happens in " + (next - clock.nanos()) / 1_000_000 + " ms: " + actors);
            }
            clock.advanceTo(Math.max(next, clock.nanos()));
        }
        throw new AssertionError("not done after " + stepsMax + " steps, at " + clock + ": " + actors);
    }
}
