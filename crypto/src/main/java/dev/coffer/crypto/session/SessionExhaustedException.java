package dev.coffer.crypto.session;

/// Every slot of a kind is in use; nothing was taken. The machine's fault: the workspace was planned too small.
public final class SessionExhaustedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    SessionExhaustedException(String kind, int count) {
        super("session workspace: " + count + " of " + count + " " + kind + " in use");
    }
}
