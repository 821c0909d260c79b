package dev.coffer.memory.pool;

/// A [BlockAllocator]'s refusal: no run of free blocks is long enough. Nothing was taken. The machine's fault, not the
/// caller's; where `available` is more than was asked, the memory is too broken up.
///
/// Carries no stack trace and writes its message when asked. Where a peer can drive it, use
/// [BlockAllocator#tryAllocate], which makes no object at all.
public final class BlocksExhaustedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final String allocator;
    private final long requested;
    private final long available;
    private final long largest;

    BlocksExhaustedException(String allocator, long requested, long available, long largest) {
        super(null, null, false, false);
        this.allocator = allocator;
        this.requested = requested;
        this.available = available;
        this.largest = largest;
    }

    @Override
    public String getMessage() {
        return "blocks \"" + allocator + "\": asked " + requested + " bytes, left " + available
                + ", the longest free run " + largest;
    }

    /// {@return bytes asked for}
    public long requested() {
        return requested;
    }

    /// {@return bytes of all free blocks at that moment}
    public long available() {
        return available;
    }

    /// {@return bytes of the longest run of free blocks at that moment}
    public long largest() {
        return largest;
    }
}
