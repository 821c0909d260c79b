package dev.coffer.bench;

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
public record Row(String label, String benchmark, int threads, Map<String, String> params, List<String> jvm, String none) {
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
        return new Row(label, benchmark, count, params, jvm, none);
    }

    /// {@return this row with a `@Param` set}
    public Row param(String name, String value) {
        Map<String, String> more = new TreeMap<>(params);
        more.put(name, value);
        return new Row(label, benchmark, threads, more, jvm, none);
    }

    /// {@return this row with more flags}
    public Row jvm(String... flags) {
        List<String> more = new ArrayList<>(jvm);
        more.addAll(List.of(flags));
        return new Row(label, benchmark, threads, params, more, none);
    }
}
