package dev.coffer.crypto.session;

import org.jspecify.annotations.Nullable;

/// Why a message was not opened or sealed, or a step of a [Session] not taken. [Session#open], [Session#seal] and
/// [Session#lock] answer with [#code], a negative number, and make no object; [#of] finds the reason again. Each is
/// counted: [Session#refused], [SessionWorkspace#refused].
///
/// | refusal | who brings it about |
/// |---|---|
/// | FOREIGN, FORGED, MALFORMED, REPLAYED, STALE, AHEAD, AGED | the network, or who injects packets into it |
/// | VIOLATION | only who holds the key |
/// | EXPIRED, BUSY, EXHAUSTED | this side |
@SuppressWarnings("exports")  // annotations that users need not have
public enum SessionRefusal {
    /// The tag does not verify, though the message names this session: forged, or damaged on the way; nothing tells these
    /// apart. Ends nothing, save by a policy that is off by default: [SessionConfig#withForged].
    FORGED,
    /// Of another session, or one's own message that came back: its id is not that of the peer's direction. Ends nothing.
    FOREIGN,
    /// Too short or too long to be a message of this workspace. Ends nothing.
    MALFORMED,
    /// Opened before, or older than the window of 128 messages of its key. Ends nothing.
    REPLAYED,
    /// Of an epoch before the two that are kept: the newest one that was opened, and the one right before it.
    STALE,
    /// Of an epoch more than [Session#EPOCHS_AHEAD_MAX] after the newest one that was opened: too many rotations were
    /// lost. [Session#resynchronise] follows further.
    AHEAD,
    /// Of a key that is in use for longer than [SessionConfig#receiveKeyNanosMax]; the peer's next key is welcome.
    AGED,
    /// Authentic, and past the number of messages that one key may seal: no honest peer gets there. Ends the session once
    /// there are more than [SessionConfig#violationsMax].
    VIOLATION,
    /// The session has expired; [Session#expiry] says why.
    EXPIRED,
    /// The buffer, or both of its kind, are locked already.
    BUSY,
    /// Every key slot of the workspace is in use.
    EXHAUSTED;

    static final int COUNT = values().length;
    private static final SessionRefusal[] ALL = values();

    /// {@return the negative number that stands for this reason}
    public int code() {
        return -1 - ordinal();
    }

    /// {@return the reason of an answer, or null for an answer that is a length or an index}
    ///
    /// @throws IllegalArgumentException  a negative number that no reason has (caller's fault)
    public static @Nullable SessionRefusal of(int answer) {
        if (answer >= 0) {
            return null;
        }
        if (-1 - answer >= ALL.length) {
            throw new IllegalArgumentException("answer " + answer + ": no such refusal");
        }
        return ALL[-1 - answer];
    }
}
