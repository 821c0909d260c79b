package dev.coffer.memory.pool;

/// A pool's refusal: every buffer is leased or in the hands of another call, and growth is spent. Nothing was taken, everyone
/// else goes on. The machine's fault, not the caller's.
///
/// Carries no stack trace and writes its message when asked: refusing stays cheap. Where a peer can drive it, use
/// [BufferPool#tryAcquire], which makes no object at all.
public final class PoolExhaustedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final String pool;
    private final long bufferBytes;
    private final long inUse;
    private final long slots;

    PoolExhaustedException(String pool, long bufferBytes, long inUse, long slots) {
        super(null, null, false, false);
        this.pool = pool;
        this.bufferBytes = bufferBytes;
        this.inUse = inUse;
        this.slots = slots;
    }

    @Override
    public String getMessage() {
        return "pool \"" + pool + "\": asked 1 buffer of " + bufferBytes + " bytes, " + inUse + " of " + slots
                + " leased" + (inUse < slots ? ", the rest in the hands of other calls or in slabs that the budget refuses" : "");
    }

    /// {@return the pool's name}
    public String pool() {
        return pool;
    }

    /// {@return bytes asked for: one buffer}
    public long requestedBytes() {
        return bufferBytes;
    }

    /// {@return buffers leased at the moment of the refusal}
    public long inUse() {
        return inUse;
    }

    /// {@return most buffers there can be}
    public long slots() {
        return slots;
    }
}
