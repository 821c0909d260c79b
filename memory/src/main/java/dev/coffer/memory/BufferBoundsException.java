package dev.coffer.memory;

/// The refusal of a [Buffer], [dev.coffer.memory.ring.CircularBuffer] or [CryptoBuffer]: an operation asked for more bytes than there are to give or
/// room to take. Nothing was written, no offset moved. Whose fault it is depends on who chose the number: a parser checks
/// what its peer sent with [Buffer#remaining] or [Buffer#stringBytes] first, and so never meets it.
public final class BufferBoundsException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final long requested;
    private final long available;

    /// @param what  what was asked, as `ring "r" read`
    public BufferBoundsException(String what, long requested, long available) {
        super(what + ": asked " + requested + " bytes, left " + available);
        this.requested = requested;
        this.available = available;
    }

    /// {@return bytes asked for}
    public long requested() {
        return requested;
    }

    /// {@return bytes that were there to read, or room there was to write}
    public long available() {
        return available;
    }
}
