package dev.coffer.bench.table;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// One row of a [Table]: one JMH benchmark under one set of flags.
///
/// @param label      what the reader sees
/// @param benchmark  `Class.method`, the end of the benchmark's full name
/// @param threads    that run it at one time
/// @param params     values of the benchmark's `@Param` fields; each must be given
/// @param jvm        flags beside the common ones
/// @param none       why there is no figure; empty where there is one
/// @param timesLeast how many times the bold row's time this should take; 0 where nothing is aimed at
public record Row(String label, String benchmark, int threads, Map<String, String> params, List<String> jvm, String none,
        double timesLeast) {
    /// A row that nothing is aimed at.
    public Row(String label, String benchmark, int threads, Map<String, String> params, List<String> jvm, String none) {
        this(label, benchmark, threads, params, jvm, none, 0);
    }

    /// {@return a row of one thread without further flags}
    public static Row of(String label, String benchmark) {
        return new Row(label, benchmark, 1, Map.of(), List.of(), "");
    }

    /// {@return a row that says why a peer cannot run it}
    public static Row none(String label, String why) {
        return new Row(label, "", 1, Map.of(), List.of(), why);
    }

    /// {@return this row, run by as many threads}
    public Row threads(int count) {
        return new Row(label, benchmark, count, params, jvm, none, timesLeast);
    }

    /// {@return this row with a `@Param` set}
    public Row param(String name, String value) {
        Map<String, String> more = new TreeMap<>(params);
        more.put(name, value);
        return new Row(label, benchmark, threads, more, jvm, none, timesLeast);
    }

    /// {@return this row with more flags}
    public Row jvm(String... flags) {
        List<String> more = new ArrayList<>(jvm);
        more.addAll(List.of(flags));
        return new Row(label, benchmark, threads, params, more, none, timesLeast);
    }

    /// {@return this row, of a peer, which should take at least so many times the time of the bold row above}
    public Row timesLeast(double times) {
        return new Row(label, benchmark, threads, params, jvm, none, times);
    }

    /// {@return whether it measures Coffer, not a peer}
    boolean isOwn() {
        return none.isEmpty() && label.contains("Coffer");
    }

    /// {@return what a measured ratio is worth: nothing where nothing is aimed at}
    String verdict(double ratio) {
        return timesLeast == 0 ? "" : (ratio >= timesLeast ? ", met" : ", **missed**") + " (aim: at least " + timesLeast + ")";
    }
}
