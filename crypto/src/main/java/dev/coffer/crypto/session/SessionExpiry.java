package dev.coffer.crypto.session;

/// Why a [Session] has expired.
public enum SessionExpiry {
    /// It has not.
    NONE,
    /// Its lifetime is over.
    LIFETIME,
    /// It was not activated in time: [SessionConfig#halfOpenNanosMax].
    HALF_OPEN,
    /// The peer, or another holder of the key, broke the rules more often than allowed.
    VIOLATIONS,
    /// More forged messages in a time than the policy allows, and none that verified between them.
    FORGERIES,
    /// The sending key has sealed all that it may, and no other may follow.
    KEY_USED_UP,
    /// Its owner said so.
    OWNER,
    /// An error struck while keys were replaced; they are gone, so no number can be used twice.
    FAULT;

    static final int COUNT = values().length;
}
