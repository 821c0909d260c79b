package dev.coffer.tls;

import java.lang.foreign.MemorySegment;

/// Who keeps the sessions of one client's connections in the place of its context ([TlsClient#sessions]): for a program whose sessions outlive their
/// context, or are chosen by more than the host's name. What a session consists of is secret, opaque, and this process's: as long as it lies anywhere
/// it lies in locked memory.
///
/// **A session is resumed once** (RFC 8446, appendix C.4), and only as it came into being: who offers one vouches that this connection trusts whom that
/// one trusted, under the name that it asks for. The connection's thread alone. What it throws passes to whom the connection was driven by.
public interface SessionKeeper {
    /// Bytes of a session.
    int SESSION_BYTES = SessionStore.ENTRY_BYTES;

    /// A server's ticket came.
    ///
    /// @param session  memory with the session, [#SESSION_BYTES] from `at`; wiped when this returns
    void keep(MemorySegment session, long at);

    /// A handshake begins.
    ///
    /// @param target  room for [#SESSION_BYTES]
    /// @return whether a session was written that is to be resumed; one that is too old is passed over. Where not, nothing was written
    boolean offer(MemorySegment target, long at);
}
