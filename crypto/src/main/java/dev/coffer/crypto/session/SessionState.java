package dev.coffer.crypto.session;

/// Where a [Session] is in its life.
///
/// ```
///   IDLE --acquire--> ALLOCATED --loadKey--> KEY_LOADED --activate--> ACTIVE
///     ^                   |                      |                      |
///     |                   +----------------------+----------------------+
///     |                                          | expire, lifetime, violations, end of the key
///     +------------- release ---------------- EXPIRED
/// ```
///
/// `release` leads to IDLE from every state but IDLE. Whatever leads to EXPIRED or IDLE wipes the session's key and
/// buffers at once. Every other step is refused with [IllegalStateException].
public enum SessionState {
    /// In the workspace, nobody's.
    IDLE,
    /// Somebody's, without a key.
    ALLOCATED,
    /// Has a key, seals and opens nothing yet.
    KEY_LOADED,
    /// Seals and opens.
    ACTIVE,
    /// Wiped; refuses everything but `release`.
    EXPIRED
}
