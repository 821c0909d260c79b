package dev.coffer.memory;

/// A [Region] that would commit more than the container of this process allows: it was not opened, nothing is held. The
/// machine's fault, or that of who chose the limit; the message says what to do. Without this refusal the kernel would end
/// the process.
public final class MemoryLimitException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final long requested;
    private final long available;
    private final long limit;

    MemoryLimitException(String message, long requested, long available, long limit) {
        super(message);
        this.requested = requested;
        this.available = available;
        this.limit = limit;
    }

    /// {@return bytes of the mapping that was asked for}
    public long requested() {
        return requested;
    }

    /// {@return bytes that the tightest control group could still give}
    public long available() {
        return available;
    }

    /// {@return the limit of that control group, in bytes}
    public long limit() {
        return limit;
    }
}
