package dev.coffer.tls;

import java.lang.foreign.MemorySegment;

/// Who decides whether a server's clients are trusted, as of [PeerVerifier]: its `host` is empty. Of whom it has trusted last it tells two things more,
/// which the server remembers of the connection and of its tickets.
public interface ClientVerifier extends PeerVerifier {
    /// Bytes of [#key].
    int KEY_BYTES = 32;

    @Override
    ClientVerifier another();

    /// Writes who the client is that was trusted last: the SHA-256 of its certificate's SubjectPublicKeyInfo, as pins of keys are
    /// (RFC 7469, section 2.4).
    ///
    /// @param target  room for [#KEY_BYTES]
    void key(MemorySegment target, long at);

    /// {@return until when its chain is valid, seconds since 1970: no session of it is resumed after that}
    long untilSeconds();

    /// {@return a number for whom it trusts, another one where it trusts others: a session that was verified under another is not resumed}
    long policy();
}
