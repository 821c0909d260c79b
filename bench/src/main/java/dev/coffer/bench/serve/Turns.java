package dev.coffer.bench.serve;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/// Servers under one load by turns: rounds over all of them, every other one backwards, so that nobody is always behind the same one.
final class Turns {
    /// Rounds over all servers, `-Dcoffer.bench.rounds`; the median counts.
    static final int ROUNDS = Integer.getInteger("coffer.bench.rounds", 5);
    /// Of one server under one load, `-Dcoffer.bench.seconds`.
    static final int SECONDS = Integer.getInteger("coffer.bench.seconds", 3);

    private Turns() {}

    /// Loads a server for so many seconds.
    interface Load {
        /// {@return what was answered}
        long run(Served server, int seconds) throws IOException, InterruptedException;
    }

    /// Of one server, medians.
    ///
    /// @param micros     processor time of the server for each of what was answered; not a number where it cannot do this, or answered nothing
    /// @param perSecond  answered
    record Measured(double micros, double perSecond) {
        static final Measured NONE = new Measured(Double.NaN, Double.NaN);

        /// {@return its processor time to another's, as the table has it}
        ///
        /// @param most  that is aimed at; 0 for nothing
        String to(Measured other, double most) {
            double ratio = micros / other.micros;
            if (Double.isNaN(ratio)) {
                return "-";
            }
            return String.format(Locale.ROOT, "%.2f", ratio)
                    + (most == 0 ? "" : (ratio <= most ? ", met" : ", **missed**") + " (at most " + most + ")");
        }
    }

    /// {@return what each server takes}
    ///
    /// @param bench    and `what`: for the progress on standard error
    /// @param servers  null for one that cannot do this
    static List<Measured> measure(String bench, String what, List<Served> servers, int rounds, int seconds, Load load)
            throws IOException, InterruptedException {
        List<List<Measured>> all = servers.stream().map(server -> (List<Measured>) new ArrayList<Measured>()).toList();
        for (int round = 0; round < rounds; round++) {
            for (int i = 0; i < servers.size(); i++) {
                int of = round % 2 == 0 ? i : servers.size() - 1 - i;
                Served server = servers.get(of);
                if (server != null) {
                    Measured measured = once(server, seconds, load);
                    all.get(of).add(measured);
                    System.err.printf(Locale.ROOT, "bench %s: %s %s: %.2f us, %.0f/s%n", bench, server.name(), what, measured.micros,
                            measured.perSecond);
                }
            }
        }
        return all.stream().map(some -> some.isEmpty() ? Measured.NONE
                : new Measured(median(some.stream().mapToDouble(Measured::micros).toArray()),
                        median(some.stream().mapToDouble(Measured::perSecond).toArray())))
                .toList();
    }

    private static Measured once(Served server, int seconds, Load load) throws IOException, InterruptedException {
        double before = server.processorMicros();
        long count = load.run(server, seconds);
        double micros = server.processorMicros() - before;
        return new Measured(count == 0 ? Double.NaN : micros / count, count / (double) seconds);  // no answer is no figure, and meets no aim
    }

    static double median(double[] values) {
        Arrays.sort(values);
        return values[values.length / 2];
    }
}
