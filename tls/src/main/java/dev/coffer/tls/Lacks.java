package dev.coffer.tls;

/// What a connection cannot go on without and waits for, though its peer has done its part: memory for a record or
/// a handshake, an engine to be carried, room
/// for output. It asks again in a moment, and gives up in the end. The connection's thread alone; 0 heap bytes.
final class Lacks {
    /// Memory for a record.
    static final int SLOT = 1;
    /// An engine for what a record holds.
    static final int ENGINE = 2;
    /// Room for output.
    static final int ROOM = 4;
    /// Memory for a handshake.
    static final int HANDSHAKE = 8;

    private static final long NEVER = Long.MAX_VALUE;
    private static final long ASK_AGAIN_NANOS = 5_000_000;

    private int what;
    private long until;

    void begin() {
        what = 0;
    }

    /// Notes that something is lacking, or is not. The time that it may be lacking begins when the engine is next told it: what it knows of
    /// may be a long silence ago.
    void note(int one, boolean lacking) {
        if (lacking && what == 0) {
            until = NEVER;
        }
        what = lacking ? what | one : what & ~one;
    }

    void tell(long nowNanos, long nanosMax) {
        if (what != 0 && until == NEVER) {
            until = nowNanos + nanosMax;
        }
    }

    boolean isFor(int one) {
        return (what & one) != 0;
    }

    /// {@return whether something has been lacking for too long}
    boolean isOver(long nowNanos) {
        return what != 0 && nowNanos >= until;
    }

    /// {@return when to ask again}
    long deadlineNanos(long clock) {
        return what == 0 ? NEVER : Math.min(clock + ASK_AGAIN_NANOS, until);
    }
}
