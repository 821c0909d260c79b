package dev.coffer.testkit;

import java.io.IOException;

/// What a program does over and over once it runs: a lease, a hash, a request. It must put nothing on the heap, whoever
/// executes it: the interpreter, C1, C2 with and without escape analysis. [SteadyPaths] counts.
///
/// An implementation has a constructor without arguments, which opens what the path needs.
public interface SteadyPath extends AutoCloseable {
    /// Does it once, each time the same way: what was not linked by the first pass would be counted in the second.
    void run() throws Exception;

    /// {@return how often a pass does it; the JDK adapts a method handle at its 127th call, which the first pass must
    /// have behind it. One is for a path that does all of it each time: where turns differ there are two at least}
    default int operations() {
        return 256;
    }

    /// {@return the id of the living thread whose heap bytes are counted}
    default long thread() {
        return Thread.currentThread().threadId();
    }

    @Override
    default void close() throws IOException {}
}
