package dev.coffer.testkit;

import java.util.List;

/// The ways in which HotSpot executes a program, by what they leave of an object that the code asks for and drops.
public enum HeapMode {
    /// Every object is made.
    INTERPRETER(2, "-Xint"),
    /// Compiled at once and in the foreground, so that it is this compiler whose code runs; it drops no object.
    C1(10, "-XX:TieredStopAtLevel=1", "-Xbatch"),
    /// C2's code, after a tenth of the usual calls; the analysis that drops objects is off.
    C2_WITHOUT_ESCAPE_ANALYSIS(20, "-XX:-DoEscapeAnalysis", "-Xbatch", "-XX:CompileThresholdScaling=0.1"),
    /// As every user runs it: the interpreter first, then whatever the compilers have ready.
    DEFAULT(20);

    private final int passes;
    private final List<String> options;

    HeapMode(int passes, String... options) {
        this.passes = passes;
        this.options = List.of(options);
    }

    /// {@return how many passes are counted}
    int passes() {
        return passes;
    }

    /// {@return the options of the JVM}
    public List<String> options() {
        return options;
    }
}
