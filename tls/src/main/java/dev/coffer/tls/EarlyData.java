package dev.coffer.tls;

/// What became of early data (RFC 8446, section 2.3) in a handshake.
public enum EarlyData {
    /// None is said.
    NONE,
    /// A client announced it, and has yet to hear whether it is taken.
    OFFERED,
    /// It is taken.
    TAKEN,
    /// It is not taken, and what was said is to be said again.
    REFUSED
}
