package dev.coffer.crypto.session;

/// Why a message was not opened, or not sealed. [Session#open] and [Session#seal] answer with [#code], a negative
/// number, and make no object; [#of] finds the reason again.
public enum SessionRefusal {
    /// The tag does not verify: a violation, counted.
    FORGED,
    /// Too short or too long to be a message of this workspace: a violation, counted.
    MALFORMED,
    /// Opened before, or older than the window of 128 messages. Networks repeat; this is no violation, and counted apart.
    REPLAYED,
    /// Of a key that is gone: older than the one before the current. No violation, counted with the repeated.
    STALE,
    /// The session has expired: by age, by violations, or because its last key is used up.
    EXPIRED;

    private static final SessionRefusal[] ALL = values();

    /// {@return the negative number that stands for this reason}
    public int code() {
        return -1 - ordinal();
    }

    /// {@return the reason of an answer, or null for an answer that is a length}
    ///
    /// @throws IllegalArgumentException  a negative number that no reason has (caller's fault)
    public static SessionRefusal of(int answer) {
        if (answer >= 0) {
            return null;
        }
        if (-1 - answer >= ALL.length) {
            throw new IllegalArgumentException("answer " + answer + ": no such refusal");
        }
        return ALL[-1 - answer];
    }
}
