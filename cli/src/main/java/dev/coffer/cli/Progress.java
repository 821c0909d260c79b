package dev.coffer.cli;

import java.io.IOException;
import java.nio.file.Path;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/// A bar on standard error while long work goes on, where that is a terminal; else nothing at all.
final class Progress implements AutoCloseable {
    /// Work below this many bytes is over before anyone looks.
    private static final long BYTES_MIN = 64L << 20;
    private static final int WIDTH = 78;
    private static final long MEBIBYTE = 1 << 20;

    private final ProgressBar bar;  // null where none is shown

    private Progress(ProgressBar bar) {
        this.bar = bar;
    }

    /// @param bytes  of the work, or -1 where it is not known
    static Progress of(String task, long bytes) {
        return of(task, bytes, BYTES_MIN);
    }

    /// {@return none}
    static Progress none() {
        return new Progress(null);
    }

    /// @param bytes  of the work, or -1 where it is not known
    /// @param least  bytes below which none is shown
    static Progress of(String task, long bytes, long least) {
        if (bytes >= 0 && bytes < least || !standardErrorIsTerminal()) {
            return new Progress(null);
        }
        return new Progress(new ProgressBarBuilder().setTaskName(task).setInitialMax(bytes).setUnit(" MiB", MEBIBYTE)
                .setStyle(ProgressBarStyle.ASCII).setUpdateIntervalMillis(200).hideEta()
                .setConsumer(new ConsoleProgressBarConsumer(Standard.errorAsItIs(), WIDTH)).build());
    }

    /// A terminal that can go back to the start of a line.
    private static boolean standardErrorIsTerminal() {
        String terminal = System.getenv("TERM");
        try {
            return terminal != null && !terminal.equals("dumb")
                    && FileIdentity.of(Path.of("/proc/self/fd/2")).isTerminal();
        } catch (IOException e) {
            return false;
        }
    }

    void done(long bytes) {
        if (bar != null) {
            bar.stepBy(bytes);
        }
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
        }
    }
}
