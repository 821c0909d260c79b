package dev.coffer.client;

/// Every call that a client was planned with is under way. Nothing was asked.
public final class CallsExhaustedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int calls;

    CallsExhaustedException(int calls) {
        super("calls: all " + calls + " are under way; ask again when one has ended, or plan more");
        this.calls = calls;
    }

    /// {@return how many there are}
    public int calls() {
        return calls;
    }
}
