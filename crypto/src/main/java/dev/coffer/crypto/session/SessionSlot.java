package dev.coffer.crypto.session;

import dev.coffer.crypto.internal.Ranges;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.HeapLayout;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// One place for a session in a workspace, made with it and reused for ever: the state of whoever has it now, its key
/// slot, its buffers and its counts. Handles name it together with a generation; see [Session].
final class SessionSlot {
    final SessionWorkspace workspace;
    final SessionConfig config;
    final Suite suite;
    final MemorySegment keys;
    final SessionScratch scratch;
    final MemorySegment[] buffers;      // two for input, two for output
    long generation;                    // odd while somebody has it

    SessionState state = SessionState.IDLE;
    SessionExpiry expiry = SessionExpiry.NONE;
    long acquiredNanos;
    long activatedNanos;
    long lastUseNanos;                  // of the last message sealed or opened; before that when it was acquired
    long sealed;
    long opened;
    final long[] refused = new long[SessionRefusal.COUNT];
    int locked;                         // bit i: buffer i is in use

    private int keySlot = -1;           // index in the workspace, -1 for none
    private long keyAt;                 // offset of the key slot
    private int lastInput;              // 0 or 1: which one lockInput gave last
    private int lastOutput;             // 2 or 3
    private long forgedRemembered;
    private long forgedSinceNanos;
    private long violatedEpoch;         // of the last violation that was counted; -1 for none
    private long violatedSequence;      // unsigned

    SessionSlot(SessionWorkspace workspace, MemorySegment keys, SessionScratch scratch, MemorySegment[] buffers) {
        this.workspace = workspace;
        this.config = workspace.config();
        this.suite = config.suite();
        this.keys = keys;
        this.scratch = scratch;
        this.buffers = buffers;
    }

    /// {@return heap bytes of one slot with its arrays and segments}
    static long heapBytes() {
        return HeapLayout.instance(SessionSlot.class) + HeapLayout.array(long.class, SessionRefusal.COUNT)
                + HeapLayout.array(MemorySegment.class, Session.BUFFERS)
                + Session.BUFFERS * HeapLayout.instance(MemorySegment.NULL.getClass());
    }

    /// {@return whether `limit` has passed since a moment; never, where it is `Long.MAX_VALUE`}
    static boolean isOver(long sinceNanos, long nowNanos, long limitNanos) {
        return limitNanos != Long.MAX_VALUE && nowNanos - sinceNanos >= limitNanos;
    }

    void allocate(long nowNanos) {
        assert state == SessionState.IDLE && keySlot < 0 && locked == 0 : state;
        generation++;
        state = SessionState.ALLOCATED;
        expiry = SessionExpiry.NONE;
        acquiredNanos = nowNanos;
        lastUseNanos = nowNanos;
        sealed = 0;
        opened = 0;
        for (int i = 0; i < refused.length; i++) {
            refused[i] = 0;
        }
        lastInput = 1;
        lastOutput = 3;
        forgedRemembered = 0;
        violatedEpoch = -1;
        violatedSequence = 0;
    }

    /// Takes a key slot and derives ids and secrets of both directions.
    ///
    /// @return null, or why not
    @Nullable
    SessionRefusal loadKey(MemorySegment secret, long at, boolean initiates) {
        int taken = workspace.takeKeySlot();
        if (taken < 0) {
            return SessionRefusal.EXHAUSTED;
        }
        keySlot = taken;
        keyAt = workspace.keySlotAt(taken);
        boolean loaded = false;
        try {
            scratch.extract(secret, at);
            derive(SessionKey.SEND, initiates);
            derive(SessionKey.RECEIVE, !initiates);
            state = SessionState.KEY_LOADED;
            loaded = true;
        } finally {
            try {
                scratch.wipe();
            } finally {
                if (!loaded) {  // the secret could not be read
                    giveKeySlot();
                }
            }
        }
        return null;
    }

    private void derive(int which, boolean initiator) {
        long at = direction(which);
        scratch.expandExtracted(initiator ? SessionScratch.LABEL_INITIATOR : SessionScratch.LABEL_RESPONDER, keys,
                at + SessionKey.SECRET, SessionKey.SECRET_BYTES);
        scratch.expandExtracted(initiator ? SessionScratch.LABEL_INITIATOR_ID : SessionScratch.LABEL_RESPONDER_ID, keys,
                at + SessionKey.ID, SessionKey.ID_BYTES);
    }

    void activate(long nowNanos) {
        boolean active = false;
        try {
            SessionKey.start(keys, direction(SessionKey.SEND), 0, nowNanos, scratch);
            SessionKey.start(keys, direction(SessionKey.RECEIVE), 0, nowNanos, scratch);
            activatedNanos = nowNanos;
            state = SessionState.ACTIVE;
            active = true;
        } finally {
            if (!active) {
                expire(SessionExpiry.FAULT);
            }
        }
    }

    /// {@return whether the session is expired, after finding out whether its time is over}
    boolean isExpired(long nowNanos) {
        if (state == SessionState.ACTIVE) {
            if (isOver(activatedNanos, nowNanos, config.lifetimeNanos())) {
                expire(SessionExpiry.LIFETIME);
            }
        } else if (state != SessionState.IDLE && state != SessionState.EXPIRED
                && isOver(acquiredNanos, nowNanos, config.halfOpenNanosMax())) {
            expire(SessionExpiry.HALF_OPEN);
        }
        return state == SessionState.EXPIRED;
    }

    /// {@return when the time of what it is now is over; `Long.MAX_VALUE` for never}
    long deadlineNanos() {
        long since = state == SessionState.ACTIVE ? activatedNanos : acquiredNanos;
        long limit = state == SessionState.ACTIVE ? config.lifetimeNanos()
                : state == SessionState.IDLE || state == SessionState.EXPIRED ? Long.MAX_VALUE : config.halfOpenNanosMax();
        long deadline = since + limit;
        return limit == Long.MAX_VALUE || deadline < since ? Long.MAX_VALUE : deadline;
    }

    /// Wipes key and buffers; the first reason stays.
    void expire(SessionExpiry reason) {
        if (state == SessionState.EXPIRED) {
            return;
        }
        state = SessionState.EXPIRED;
        expiry = reason;
        workspace.countExpired(reason);
        wipe();
    }

    void release() {
        wipe();
        state = SessionState.IDLE;
        generation++;
        workspace.released();
    }

    /// For a workspace whose memory is closed and wiped already: nothing is left but to end the handles.
    void abandon() {
        state = SessionState.IDLE;
        keySlot = -1;
        locked = 0;
        generation++;
    }

    private void wipe() {
        try {
            if (keySlot >= 0) {
                giveKeySlot();
            }
        } finally {
            for (int i = 0; i < buffers.length; i++) {
                Wipe.segment(buffers[i]);
            }
            locked = 0;
        }
    }

    private void giveKeySlot() {
        workspace.giveKeySlot(keySlot);
        keySlot = -1;
    }

    /// {@return offset of a direction's key; the session has a key slot}
    long direction(int which) {
        return keyAt + which * SessionKey.directionBytes(suite);
    }

    /// {@return the index of the one that was not given last, or of the other where that is locked, or a refusal's code}
    ///
    /// @param first  0 for input, 2 for output
    int lockEither(int first) {
        int other = first + 1 - ((first == 0 ? lastInput : lastOutput) & 1);
        int index = (locked & 1 << other) == 0 ? other : other ^ 1;
        return lock(index);
    }

    /// {@return the index, or a refusal's code}
    int lock(int index) {
        if ((locked & 1 << index) != 0) {
            return refuse(SessionRefusal.BUSY);
        }
        locked |= 1 << index;
        if (index < 2) {
            lastInput = index;
        } else {
            lastOutput = index;
        }
        return index;
    }

    void unlock(int index) {
        Wipe.segment(buffers[index]);
        locked &= ~(1 << index);
    }

    /// Counts a refusal.
    ///
    /// @return its code
    int refuse(SessionRefusal reason) {
        refused[reason.ordinal()]++;
        workspace.countRefused(reason);
        return reason.code();
    }

    /// Counts a message with the session's id whose tag does not verify, and ends the session where the policy says so.
    int forged(long nowNanos) {
        if (config.forgedMax() != SessionConfig.OFF) {
            long passed = Math.max(0, nowNanos - forgedSinceNanos) / config.forgedForgottenNanos();
            if (passed >= forgedRemembered) {
                forgedRemembered = 0;
                forgedSinceNanos = nowNanos;
            } else {
                forgedRemembered -= passed;
                forgedSinceNanos += passed * config.forgedForgottenNanos();
            }
            if (++forgedRemembered > config.forgedMax()) {
                expire(SessionExpiry.FORGERIES);
            }
        }
        return refuse(SessionRefusal.FORGED);
    }

    /// Counts an authentic message that breaks the rules, once: who repeats it on the way brings nothing about.
    int violated(long epoch, long sequence) {
        if (epoch < violatedEpoch
                || epoch == violatedEpoch && Long.compareUnsigned(sequence, violatedSequence) <= 0) {
            return refuse(SessionRefusal.REPLAYED);
        }
        violatedEpoch = epoch;
        violatedSequence = sequence;
        int answer = refuse(SessionRefusal.VIOLATION);
        if (refused[SessionRefusal.VIOLATION.ordinal()] > config.violationsMax()) {
            expire(SessionExpiry.VIOLATIONS);
        }
        return answer;
    }

    void countSealed(long nowNanos) {
        sealed++;
        lastUseNanos = nowNanos;
        workspace.countSealed();
    }

    void countOpened(long nowNanos) {
        opened++;
        lastUseNanos = nowNanos;
        forgedRemembered = 0;
        workspace.countOpened();
    }

    /// Refuses a range of the caller's that lies in keys or scratch: an output there would change the keys, a text give them
    /// away. Buffers are for that.
    void checkApart(String operation, MemorySegment segment, long at, long length) {
        Ranges.apart(operation, segment, at, length, keys, 0, keys.byteSize());
        scratch.checkApart(operation, segment, at, length);
    }

    void check(SessionState expected, String operation) {
        if (state != expected) {
            throw new IllegalStateException("session is " + state + ": " + operation + " is not allowed");
        }
    }

    /// {@return how it stands, after finding out whether its time is over}
    SessionSecurity security(long nowNanos) {
        if (isExpired(nowNanos)) {
            return expiry == SessionExpiry.VIOLATIONS ? SessionSecurity.VIOLATED : SessionSecurity.EXPIRED;
        }
        return state == SessionState.ACTIVE && Sealing.isRotationDue(this, nowNanos) ? SessionSecurity.ROTATION_DUE
                : SessionSecurity.SECURE;
    }

    boolean hasKey() {
        return keySlot >= 0;
    }
}
