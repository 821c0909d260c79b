package dev.coffer.server.net;

import java.lang.System.Logger;

/// A line for whoever runs the process, in the log `dev.coffer.server`. Never throws: a log is somebody's code, which may need memory, a
/// class or a file that is not to be had just when something is amiss, and the thread that tells of it has work to go on with.
public final class Notice {
    private static final Logger LOG = System.getLogger("dev.coffer.server");

    private Notice() {}

    /// Tells it, or lets it be.
    public static void tell(Logger.Level level, String line) {
        try {
            LOG.log(level, line);
        } catch (RuntimeException | Error e) {
            // the log's own trouble: nobody is left to hear of it
        }
    }

    /// Tells it with the class of what was thrown, whose message may hold what nobody shall read; or lets it be. The line is made in here: there may be
    /// no heap for it.
    public static void tell(Logger.Level level, String line, Throwable thrown) {
        try {
            LOG.log(level, line + ": " + thrown.getClass().getName());
        } catch (RuntimeException | Error e) {
            // as above
        }
    }
}
