package dev.coffer.server;

import dev.coffer.server.time.Time;
import java.io.IOException;

/// A clock that goes on by itself, and further when told to: what a server does after a while is not waited for. Any thread.
public final class TurnedClock implements Time {
    private static final long SECOND = 1_000_000_000L;

    private volatile long ahead;

    /// A clock that is not turned on yet.
    public TurnedClock() {
    }

    @Override
    public long nanos() {
        return SYSTEM.nanos() + ahead;
    }

    @Override
    public long epochSeconds() {
        return SYSTEM.epochSeconds() + ahead / SECOND;
    }

    /// Turns it on. A loop that waits sees it when something comes.
    public synchronized void advanceMillis(long millis) {
        ahead = ahead + millis * 1_000_000L;
    }

    /// Opens a server that goes by it.
    public Server open(ServerConfig config, Site site) throws IOException {
        return Server.open(config, site, this);
    }
}
