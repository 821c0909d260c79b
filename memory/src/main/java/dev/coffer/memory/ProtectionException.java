package dev.coffer.memory;

/// A required protection that the system refused: the region was not opened, nothing is held. The machine's fault; the
/// message names the call, what it was asked, its answer and the remedy.
public final class ProtectionException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final Protection protection;

    ProtectionException(Protection protection, String message) {
        super(message);
        this.protection = protection;
    }

    /// {@return what was refused}
    public Protection protection() {
        return protection;
    }
}
