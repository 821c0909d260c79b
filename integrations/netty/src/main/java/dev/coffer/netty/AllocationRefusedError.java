package dev.coffer.netty;

/// A refused allocation: nothing was taken, everyone else goes on. An [OutOfMemoryError] because that is what Netty
/// expects of an allocator: its channels answer one by closing the connection that wanted the memory.
public final class AllocationRefusedError extends OutOfMemoryError {
    private static final long serialVersionUID = 1;

    private final long requested;

    AllocationRefusedError(String message, long requested) {
        super(message);
        this.requested = requested;
    }

    /// {@return bytes asked for}
    public long requested() {
        return requested;
    }
}
