package dev.coffer.crypto.easy;

/// What was to be opened does not open: the fault of who made it, or of who changed it on its way. It says which of three things went
/// wrong, and nothing of the content.
public final class OpenException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /// What went wrong.
    public enum Reason {
        /// It is no sealed message of this kind of key, or of another version.
        UNKNOWN_FORMAT,
        /// It was sealed to another key, or its head was changed.
        WRONG_KEY,
        /// It was changed on its way, or the associated data is another.
        CHANGED
    }

    /// What went wrong.
    private final Reason reason;

    OpenException(Reason reason) {
        super("sealed message: " + switch (reason) {
            case UNKNOWN_FORMAT -> "none of this kind of key";
            case WRONG_KEY -> "sealed to another key, or its head was changed";
            case CHANGED -> "changed on its way, or other associated data";
        });
        this.reason = reason;
    }

    /// {@return what [EasySealing] answered, where it is a length}
    static long checked(long answer) {
        if (answer >= 0) {
            return answer;
        }
        throw new OpenException(answer == EasySealing.UNKNOWN_FORMAT ? Reason.UNKNOWN_FORMAT
                : answer == EasySealing.WRONG_KEY ? Reason.WRONG_KEY : Reason.CHANGED);
    }

    /// {@return what went wrong}
    public Reason reason() {
        return reason;
    }
}
