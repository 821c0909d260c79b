package dev.coffer.testkit.simulation;

import java.util.ArrayDeque;

/// A simulated listening socket: connections that others made wait here until they are accepted. See [Network#listen].
public final class StreamListener {
    private final int backlog;
    private final ArrayDeque<StreamEnd> pending = new ArrayDeque<>();
    private boolean closed;
    private long refused;

    StreamListener(int backlog) {
        this.backlog = backlog;
    }

    /// A connection attempt arrives.
    ///
    /// @return whether it waits now; otherwise it is refused
    boolean arrive(StreamEnd end) {
        if (closed || pending.size() == backlog) {
            refused++;
            return false;
        }
        pending.add(end);
        return true;
    }

    /// {@return whether a connection waits}
    public boolean isReadable() {
        return !pending.isEmpty();
    }

    /// {@return the connection that has waited longest, or null; it may be broken by now}
    public StreamEnd accept() {
        return pending.poll();
    }

    /// {@return attempts that were refused}
    public long refused() {
        return refused;
    }

    /// Refuses what waits and what comes. Safe to call twice.
    public void close() {
        closed = true;
        for (StreamEnd end; (end = pending.poll()) != null;) {
            end.reset();
        }
    }
}
