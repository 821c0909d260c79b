package dev.coffer.memory.pool;

/// A request for a size that no class of that use can hold, or for none at all. Nothing was taken. The caller's fault;
/// where a peer chooses the size, ask [SizeClassPools#refusal] first.
public final class SizeNotSupportedException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    private final SizeClassPools.Usage usage;
    private final long requested;
    private final long max;

    SizeNotSupportedException(String pools, SizeClassPools.Usage usage, long requested, long max) {
        super("size classes \"" + pools + "\": " + requested + " bytes for " + usage + " (expected 1.." + max + ")");
        this.usage = usage;
        this.requested = requested;
        this.max = max;
    }

    /// {@return what the buffer was to be for}
    public SizeClassPools.Usage usage() {
        return usage;
    }

    /// {@return bytes asked for}
    public long requested() {
        return requested;
    }

    /// {@return the most bytes that this use may ask for}
    public long max() {
        return max;
    }
}
