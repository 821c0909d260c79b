package dev.coffer.jsse;

import dev.coffer.memory.internal.vault.Piece;
import dev.coffer.tls.SessionKeeper;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// How one client's connection resumes: it offers a session of its context's, and gives the context those that it gets. It outlives its engine's handshake with the
/// connection, and refers to no engine. The connection's thread.
final class Resumption implements SessionKeeper {
    private final Sessions sessions;
    private final Sessions.@Nullable Key key;    // null where nothing is resumed: nobody knows with whom
    private final boolean keeps;
    private @Nullable Session offered;
    private @Nullable Session session;           // of the connection, once it is open

    /// @param keeps  whether sessions that come are kept
    Resumption(Sessions sessions, Sessions.@Nullable Key key, boolean keeps) {
        this.sessions = sessions;
        this.key = key;
        this.keeps = keeps;
    }

    /// {@return the session that was offered; null for none}
    @Nullable
    Session offered() {
        return offered;
    }

    /// The handshake is done: what comes of it from here on.
    void opened(Session of) {
        session = of;
    }

    @Override
    public boolean offer(MemorySegment target, long at) {
        Sessions.Kept taken = key == null ? null : sessions.take(key);
        if (taken == null) {
            return false;
        }
        try (Piece secret = taken.secret()) {
            MemorySegment.copy(secret.segment(), 0, target, at, SESSION_BYTES);
        }
        offered = taken.session();
        return true;
    }

    @Override
    public void keep(MemorySegment from, long at) {
        Session of = session;
        if (key != null && keeps && of != null) {
            sessions.keep(key, of.next(), from, at, SESSION_BYTES);
        }
    }
}
