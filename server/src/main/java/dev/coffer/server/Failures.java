package dev.coffer.server;

import dev.coffer.server.LoopStatistics.Count;
import java.lang.System.Logger;

/// What comes out of an application's code and should not have: counted, and logged in one line that names the class of the
/// throwable and where it was thrown. Its message may hold what the request held, so it is not told.
final class Failures {
    private static final Logger LOG = System.getLogger("dev.coffer.server");

    private final LoopStatistics statistics;
    private final Logger.Level level;

    /// @param statistics  of the loop
    /// @param level       at which it is logged
    Failures(LoopStatistics statistics, Logger.Level level) {
        this.statistics = statistics;
        this.level = level;
    }

    /// Counts and logs.
    ///
    /// @throws InternalError  or another error of the virtual machine that nobody survives: the thrown one itself
    void thrown(Throwable thrown) {
        if (thrown instanceof VirtualMachineError fatal && !(thrown instanceof StackOverflowError)
                && !(thrown instanceof OutOfMemoryError)) {
            throw fatal;
        }
        statistics.add(Count.FAILED);
        try {
            StackTraceElement[] trace = thrown.getStackTrace();
            LOG.log(level, "a handler failed: " + thrown.getClass().getName()
                    + (trace.length == 0 ? "" : " at " + trace[0]));
        } catch (RuntimeException | Error e) {
            // the log's own trouble, or no memory for a line: it was counted
        }
    }

    /// A handler returned and left its request unanswered.
    void unanswered() {
        statistics.add(Count.FAILED);
        LOG.log(level, "a handler failed: it neither answered nor took the content nor said that it will answer later");
    }
}
