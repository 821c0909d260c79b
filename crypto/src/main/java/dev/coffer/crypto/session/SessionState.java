package dev.coffer.crypto.session;

/// Where a [Session] is in its life.
///
/// ```
///   IDLE --acquire--> ALLOCATED --loadKey--> KEY_LOADED --activate--> ACTIVE
///     ^                   |                      |                      |
///     |                   +----------------------+----------------------+
///     |                                          | expire, lifetime, half open, violations, end of the key
///     +------------- release ---------------- EXPIRED
/// ```
///
/// `release` leads to IDLE from every state but IDLE. Whatever leads to EXPIRED or IDLE wipes the session's key and
/// buffers at once. Every other step is refused: with an answer where the session may have expired by itself, with
/// [IllegalStateException] where only the caller can be wrong.
public enum SessionState {
    /// The handle names no session: not acquired, or released.
    IDLE,
    /// Acquired, without a key.
    ALLOCATED,
    /// Has a key, seals and opens nothing yet.
    KEY_LOADED,
    /// Seals and opens.
    ACTIVE,
    /// Wiped; answers EXPIRED until it is released.
    EXPIRED
}
