package dev.coffer.crypto.session;

/// Every slot of a kind is in use, or every number of a key; nothing was taken. The machine's fault: it was planned too
/// small.
public final class SessionExhaustedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final long limit;

    SessionExhaustedException(String owner, String kind, long limit) {
        super(owner + ": " + limit + " of " + limit + " " + kind + " in use");
        this.limit = limit;
    }

    /// {@return how many there are}
    public long limit() {
        return limit;
    }
}
