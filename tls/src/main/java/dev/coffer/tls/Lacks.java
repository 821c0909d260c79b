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
    /// The one place for a hello that is longer than a handshake's.
    static final int HELLO = 16;

    private static final long NEVER = Long.MAX_VALUE;
    private static final long ASK_AGAIN_NANOS = 5_000_000;

    private final TlsContext context;
    private final boolean asks;     // others to make way, who were given a record's slot and do not go on
    private int what;
    private long until;
    private boolean granted;  // it has waited for a slot, and what comes next may take one

    Lacks(TlsContext context, boolean asks) {
        this.context = context;
        this.asks = asks;
    }

    /// Nothing is lacking any more: who waits behind this one is told so.
    void begin() {
        noteSlot(HANDSHAKE, false);
        noteSlot(SLOT, false);
        what = 0;
        granted = false;
    }

    /// Looks for the slots that what comes next needs.
    ///
    /// @param handshake  whether it needs one of a handshake
    /// @param record     whether it needs one of a record
    /// @return whether there are such: where not it waits
    boolean hasSlots(boolean handshake, boolean record) {
        boolean lacksHandshake = handshake && isShort(HANDSHAKE);
        boolean lacksRecord = record && isShort(SLOT);
        boolean lacking = lacksHandshake || lacksRecord;
        granted = !lacking && (granted || isForSlot());
        noteSlot(HANDSHAKE, lacksHandshake);
        noteSlot(SLOT, lacksRecord);
        return !lacking;
    }

    /// The slots were taken.
    void taken() {
        granted = false;
    }

    private static int kind(int slot) {
        return slot == SLOT ? TlsContext.KIND_RECORD : TlsContext.KIND_HANDSHAKE;
    }

    /// {@return whether a slot of a kind cannot be had: none is free, or those that are free are for others who wait}
    private boolean isShort(int slot) {
        return granted || isFor(slot) ? context.isSpent(kind(slot)) : context.isShort(kind(slot));
    }

    private void noteSlot(int slot, boolean lacking) {
        if (lacking != isFor(slot)) {
            context.lacking(kind(slot), lacking);
            note(slot, lacking);
        }
    }

    /// Notes that something is lacking, or is not. The time that it may be lacking begins when the engine is next told it: what it knows of
    /// may be a long silence ago.
    void note(int one, boolean lacking) {
        if (lacking && what == 0) {
            until = NEVER;
        }
        what = lacking ? what | one : what & ~one;
    }

    /// It is told the time. Where a slot is lacking, who was given one and does not go on has to make way.
    void tell(long nowNanos) {
        if (what != 0 && until == NEVER) {
            until = nowNanos + context.recordNanosMax();
        }
        if (isFor(SLOT) && asks) {
            context.makeWay(nowNanos);
        }
        if (isFor(HANDSHAKE)) {
            context.makeWayForHandshake(nowNanos);
        }
    }

    /// {@return whether memory is lacking for what has come}
    boolean isForSlot() {
        return isFor(HANDSHAKE) || isFor(SLOT);
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
