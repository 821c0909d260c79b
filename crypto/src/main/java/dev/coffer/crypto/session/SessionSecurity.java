package dev.coffer.crypto.session;

/// How a session stands, in one word: [Session#security], and for all of them [SessionWorkspace#security]. Later ones are
/// worse.
public enum SessionSecurity {
    /// Nothing to do, or nothing there to judge.
    SECURE,
    /// The sending key is past its age or count; the next message replaces it, or [Session#rotate] does now.
    ROTATION_DUE,
    /// Expired for another reason than violations: [Session#expiry].
    EXPIRED,
    /// Ended by violations: another holder of the key, or a broken peer.
    VIOLATED
}
