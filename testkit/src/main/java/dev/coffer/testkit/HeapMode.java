package dev.coffer.testkit;

import java.util.List;

/// The ways in which HotSpot executes a program, by what they leave of an object that the code asks for and drops.
public enum HeapMode {
    /// Every object is made. Without asserts, as users run it: whether a slot was wiped is asked of each of its words, which takes the interpreter ten
    /// times as long as all the rest. The other modes have them.
    INTERPRETER(1, 1, "-Xint", "-da"),
    /// Compiled early and in the foreground, so that it is this compiler whose code runs; it drops no object.
    C1(5, 1000, "-XX:TieredStopAtLevel=1", "-Xbatch"),
    /// C2's code, after a tenth of the usual calls; the analysis that drops objects is off. That tenth is of our methods, into which those of the JDK are
    /// compiled that they call: its loader, which the start calls as often, took a third of C2's time.
    C2_WITHOUT_ESCAPE_ANALYSIS(8, 1000, "-XX:-DoEscapeAnalysis", "-Xbatch", "-XX:CompileCommand=quiet",
            "-XX:CompileCommand=CompileThresholdScaling,dev.coffer*::*,0.1"),
    /// As every user runs it: the interpreter first, then whatever the compilers have ready.
    DEFAULT(8, 1000);

    private static final int COUNTED_MIN = 2;
    private static final int COUNTED_PART = 4;

    private final int quietPasses;
    private final int passesMax;
    private final List<String> options;

    HeapMode(int quietPasses, int passesMax, String... options) {
        this.quietPasses = quietPasses;
        this.passesMax = passesMax;
        this.options = List.of(options);
    }

    /// {@return how many passes in a row must make nothing}
    int quietPasses() {
        return quietPasses;
    }

    /// {@return how many operations one of these passes has, of so many of the first}: all, and in the interpreter, which takes fifty times as
    /// long, a quarter. It does the same each time, and what comes once in many operations is seen by the compilers' passes. Two at least,
    /// for what comes at every other one, where the first pass has as many.
    int countedOperations(int operations) {
        return this == INTERPRETER ? Math.max(Math.min(COUNTED_MIN, operations), (operations + COUNTED_PART - 1) / COUNTED_PART) : operations;
    }

    /// {@return how many passes there are at most, after the first, for these. In the interpreter it is the same number:
    /// the second pass is counted. Where there are compilers a class is linked in two steps: when one of
    /// its methods is first handed to a compiler, the VM makes a `String` of each literal of the class that was not
    /// reached before, on the thread that handed it over (CompileBroker::compile_method, resolve_string_constants). That
    /// happens once a class, whenever the compiler's queue lets it; so a row of empty passes is waited for}
    int passesMax() {
        return passesMax;
    }

    /// {@return the options of the JVM}
    public List<String> options() {
        return options;
    }
}
