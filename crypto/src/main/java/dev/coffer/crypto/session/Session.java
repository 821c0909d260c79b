package dev.coffer.crypto.session;

import dev.coffer.crypto.Aead;
import dev.coffer.crypto.internal.Ranges;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.BigEndian;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/// One conversation of a [SessionWorkspace]: made with it, reused for ever. See [SessionState] for its life and the
/// package for the form of a message.
///
/// A session belongs to the thread of its workspace. [#seal] and [#open] allocate nothing, whatever the peer sends; what
/// the peer got wrong is a negative answer ([SessionRefusal]), what the caller got wrong an exception, before anything
/// changes.
public final class Session {
    /// Bytes of a message before its ciphertext: epoch u32 and sequence u64, both big-endian and authenticated.
    public static final int HEADER_BYTES = Integer.BYTES + Long.BYTES;
    /// Bytes that a message is longer than its text: header and tag.
    public static final int OVERHEAD_BYTES = HEADER_BYTES + Aead.TAG_BYTES;
    /// How far the epoch of an incoming message may lie ahead: so many HKDF expansions can one forged message cost.
    public static final int EPOCHS_AHEAD_MAX = 16;
    /// The buffers of a session: two to read into, two to write from.
    public static final int BUFFERS = 4;

    private static final long EPOCH_MAX = 0xffff_ffffL;

    private final SessionWorkspace workspace;
    private final SessionConfig config;
    private final Suite suite;
    private final MemorySegment memory;
    private final long buffersAt;
    private final SessionScratch scratch;

    private SessionState state = SessionState.IDLE;
    private int keySlot = -1;           // index in the workspace, -1 for none
    private long keyAt;                 // offset of the slot
    private long activatedNanos;
    private long violations;
    private long repeated;              // replayed and stale messages refused
    private int locked;                 // bit i: buffer i is in use

    Session(SessionWorkspace workspace, MemorySegment memory, long buffersAt) {
        this.workspace = workspace;
        this.config = workspace.config();
        this.suite = config.suite();
        this.memory = memory;
        this.buffersAt = buffersAt;
        this.scratch = workspace.scratch();
    }

    /// Which half of the keys is one's own.
    public enum Role {
        INITIATOR,
        RESPONDER
    }

    void allocate() {
        step(SessionState.IDLE, SessionState.ALLOCATED);
        violations = 0;
        repeated = 0;
    }

    /// Takes a key slot and derives both directions' keys of epoch 0.
    ///
    /// **A secret is for one session of each party**: keys and nonces follow from it alone, so two sessions of one secret
    /// would seal different texts under the same nonces.
    ///
    /// @param secret  32 bytes that both parties have, used for nothing else before or after; read, not kept
    /// @param role    one party is the initiator, the other the responder
    /// @throws IllegalStateException      not ALLOCATED (caller's fault)
    /// @throws IndexOutOfBoundsException  the secret does not lie in its segment (caller's fault)
    /// @throws SessionExhaustedException  every key slot is in use
    public void loadKey(MemorySegment secret, long at, Role role) {
        check(SessionState.ALLOCATED, "loadKey");
        Objects.checkFromIndexSize(at, SessionKey.SECRET_BYTES, secret.byteSize());
        Objects.requireNonNull(role);
        int slot = workspace.takeKeySlot();
        keySlot = slot;
        keyAt = workspace.keySlotAt(slot);
        try {
            deriveSecrets(secret, at, role == Role.INITIATOR);
            state = SessionState.KEY_LOADED;
        } finally {
            scratch.wipe();
            if (state != SessionState.KEY_LOADED) {  // the secret could not be read: its memory is closed, or another thread's
                workspace.giveKeySlot(slot);
                keySlot = -1;
            }
        }
    }

    private void deriveSecrets(MemorySegment secret, long at, boolean initiates) {
        scratch.extract(secret, at);
        scratch.expandExtracted(initiates ? SessionScratch.LABEL_INITIATOR : SessionScratch.LABEL_RESPONDER,
                workspace.keys(), direction(SessionKey.SEND) + SessionKey.SECRET);
        scratch.expandExtracted(initiates ? SessionScratch.LABEL_RESPONDER : SessionScratch.LABEL_INITIATOR,
                workspace.keys(), direction(SessionKey.RECEIVE) + SessionKey.SECRET);
    }

    /// Starts sealing and opening; ages count from here.
    ///
    /// @param nowNanos  the caller's monotonic clock
    /// @throws IllegalStateException  not KEY_LOADED (caller's fault)
    public void activate(long nowNanos) {
        step(SessionState.KEY_LOADED, SessionState.ACTIVE);
        activatedNanos = nowNanos;
        SessionKey.start(workspace.keys(), direction(SessionKey.SEND), suite, 0, nowNanos, scratch);
        SessionKey.start(workspace.keys(), direction(SessionKey.RECEIVE), suite, 0, nowNanos, scratch);
    }

    /// Seals a text into a message, with a fresh sequence number; replaces the key first where its time or count is up.
    ///
    /// @param text    in place: `textAt` is `outputAt + HEADER_BYTES` in the same memory; else apart from the output
    /// @param length  bytes of text, 0..[#textBytesMax]
    /// @param output  writable, room for `length + OVERHEAD_BYTES`
    /// @param room    bytes of it
    /// @return bytes of the message, or the code of [SessionRefusal#EXPIRED]: by age, or the last key is used up
    /// @throws IllegalStateException      not ACTIVE nor EXPIRED (caller's fault)
    /// @throws IllegalArgumentException   length or room outside their range, a read-only output, or one that overlaps the
    ///                                    text otherwise than in place (caller's fault); nothing changes
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault)
    public int seal(MemorySegment text, long textAt, int length, MemorySegment output, long outputAt, int room,
            long nowNanos) {
        if (!ready("seal", nowNanos)) {
            return SessionRefusal.EXPIRED.code();
        }
        if (length < 0 || length > textBytesMax() || room < length + OVERHEAD_BYTES) {
            throw new IllegalArgumentException("seal: text " + length + " bytes, room " + room + " (expected 0.."
                    + textBytesMax() + ", and " + OVERHEAD_BYTES + " more room than text)");
        }
        Objects.checkFromIndexSize(textAt, length, text.byteSize());
        Ranges.checkWritable("seal", output, outputAt, length + OVERHEAD_BYTES);
        Ranges.inPlaceOrApart("seal", text, textAt, length, output, outputAt + HEADER_BYTES, length + Aead.TAG_BYTES);
        Ranges.apart("seal", text, textAt, length, output, outputAt, HEADER_BYTES);
        MemorySegment keys = workspace.keys();
        long send = direction(SessionKey.SEND);
        if (!rotateWhenDue(keys, send, nowNanos)) {
            expire();
            return SessionRefusal.EXPIRED.code();
        }
        long sequence = SessionKey.sent(keys, send);
        SessionKey.sent(keys, send, sequence + 1);  // before it is used: a number is never used twice, come what may
        BigEndian.u32(output, outputAt, SessionKey.epoch(keys, send));
        BigEndian.i64(output, outputAt + Integer.BYTES, sequence);
        scratch.seal(suite, keys, send, sequence, output, outputAt, text, textAt, length);
        return length + OVERHEAD_BYTES;
    }

    /// Verifies and opens a message.
    ///
    /// @param message  in place: `outputAt` is `messageAt + HEADER_BYTES` in the same memory; else apart from the output
    /// @param length   bytes of it
    /// @param output   writable; untouched where the answer is negative
    /// @param room     bytes of it, at least the text's
    /// @return bytes of the text, or the code of a [SessionRefusal]
    /// @throws IllegalStateException      not ACTIVE nor EXPIRED (caller's fault)
    /// @throws IllegalArgumentException   no room for the text of a message of allowed length, a read-only output, or one
    ///                                    that overlaps the message otherwise than in place (caller's fault); nothing
    ///                                    changes
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault)
    public int open(MemorySegment message, long messageAt, int length, MemorySegment output, long outputAt, int room,
            long nowNanos) {
        if (!ready("open", nowNanos)) {
            return SessionRefusal.EXPIRED.code();
        }
        Objects.checkFromIndexSize(messageAt, length, message.byteSize());
        if (length < OVERHEAD_BYTES || length > config.bufferBytes()) {
            return violated(SessionRefusal.MALFORMED);
        }
        int textLength = length - OVERHEAD_BYTES;
        if (room < textLength) {
            throw new IllegalArgumentException("open: room " + room + " (expected at least " + textLength + ")");
        }
        Ranges.checkWritable("open", output, outputAt, textLength);
        Ranges.inPlaceOrApart("open", message, messageAt + HEADER_BYTES, textLength + Aead.TAG_BYTES, output, outputAt,
                textLength);
        long epoch = BigEndian.u32(message, messageAt);
        long sequence = BigEndian.i64(message, messageAt + Integer.BYTES);
        MemorySegment keys = workspace.keys();
        long receive = direction(SessionKey.RECEIVE);
        long ahead = epoch - SessionKey.epoch(keys, receive);
        if (sequence < 0 || sequence >= suite.messagesMax()) {
            return violated(SessionRefusal.FORGED);  // no honest sender gets there
        }
        if (ahead > EPOCHS_AHEAD_MAX) {
            return repeated(SessionRefusal.STALE);
        }
        if (ahead > 0) {
            return openNext(epoch, sequence, message, messageAt, textLength, output, outputAt, nowNanos);
        }
        long before = direction(SessionKey.RECEIVE_BEFORE);
        long with = ahead == 0 ? receive
                : SessionKey.isReady(keys, before) && SessionKey.epoch(keys, before) == epoch ? before : -1;
        if (with < 0) {
            return repeated(SessionRefusal.STALE);
        }
        if (!ReplayWindow.isNew(keys, with + SessionKey.WINDOW, sequence)) {
            return repeated(SessionRefusal.REPLAYED);
        }
        if (!scratch.open(suite, keys, with, sequence, message, messageAt, textLength, output, outputAt)) {
            return violated(SessionRefusal.FORGED);
        }
        ReplayWindow.mark(keys, with + SessionKey.WINDOW, sequence);
        return textLength;
    }

    /// A message of a later epoch: its key is derived beside the current one, and only a tag that verifies moves on.
    private int openNext(long epoch, long sequence, MemorySegment message, long messageAt, int textLength,
            MemorySegment output, long outputAt, long nowNanos) {
        MemorySegment keys = workspace.keys();
        long receive = direction(SessionKey.RECEIVE);
        long next = direction(SessionKey.RECEIVE_NEXT);
        SessionKey.ratchet(keys, receive, next, scratch);
        for (long at = SessionKey.epoch(keys, receive) + 1; at < epoch; at++) {
            SessionKey.ratchet(keys, next, next, scratch);
        }
        SessionKey.start(keys, next, suite, epoch, nowNanos, scratch);
        boolean verified = scratch.open(suite, keys, next, sequence, message, messageAt, textLength, output, outputAt);
        if (verified) {
            long bytes = SessionKey.directionBytes(suite);
            ReplayWindow.mark(keys, next + SessionKey.WINDOW, sequence);
            MemorySegment.copy(keys, receive, keys, direction(SessionKey.RECEIVE_BEFORE), bytes);
            MemorySegment.copy(keys, next, keys, receive, bytes);
            // The old epoch keeps its key for late messages, not the secret that leads to the new one.
            Wipe.bytes(keys, direction(SessionKey.RECEIVE_BEFORE) + SessionKey.SECRET, SessionKey.SECRET_BYTES);
        }
        SessionKey.wipe(keys, next, suite);
        return verified ? textLength : violated(SessionRefusal.FORGED);
    }

    /// {@return whether there is a key to seal with, after replacing it where its time has come}
    private boolean rotateWhenDue(MemorySegment keys, long send, long nowNanos) {
        long sent = SessionKey.sent(keys, send);
        boolean byCount = sent >= config.rotateAfterMessages() && config.rotateAfterMessages() < suite.messagesMax();
        boolean byAge = nowNanos - SessionKey.startedNanos(keys, send) >= config.rotateAfterNanos();
        if (byCount || byAge) {
            return rotate(keys, send, nowNanos);
        }
        return sent < suite.messagesMax();
    }

    private boolean rotate(MemorySegment keys, long send, long nowNanos) {
        long epoch = SessionKey.epoch(keys, send);
        if (epoch == EPOCH_MAX) {
            return false;
        }
        SessionKey.ratchet(keys, send, send, scratch);
        SessionKey.start(keys, send, suite, epoch + 1, nowNanos, scratch);
        return true;
    }

    /// Replaces the sending key now; the peer follows with the next message it gets.
    ///
    /// @throws IllegalStateException  not ACTIVE (caller's fault)
    public void rotate(long nowNanos) {
        check(SessionState.ACTIVE, "rotate");
        if (!rotate(workspace.keys(), direction(SessionKey.SEND), nowNanos)) {
            expire();
        }
    }

    /// Wipes key and buffers at once; the session refuses from now on.
    ///
    /// @throws IllegalStateException  IDLE (caller's fault)
    public void expire() {
        if (state == SessionState.IDLE) {
            throw illegal("expire");
        }
        wipe();
        state = SessionState.EXPIRED;
    }

    /// Expires the session where its lifetime is over.
    ///
    /// @return whether it is EXPIRED now
    public boolean expireWhenDue(long nowNanos) {
        if (state == SessionState.ACTIVE && nowNanos - activatedNanos >= config.lifetimeNanos()) {
            expire();
        }
        return state == SessionState.EXPIRED;
    }

    /// Wipes key and buffers and gives the session back to its workspace.
    ///
    /// @throws IllegalStateException  IDLE already (caller's fault)
    public void release() {
        if (state == SessionState.IDLE) {
            throw illegal("release");
        }
        wipe();
        state = SessionState.IDLE;
        workspace.released();
    }

    private void wipe() {
        if (keySlot >= 0) {
            workspace.giveKeySlot(keySlot);
            keySlot = -1;
        }
        Wipe.bytes(memory, buffersAt, (long) BUFFERS * config.bufferBytes());
        locked = 0;
    }

    /// Locks a buffer for its owner.
    ///
    /// @param index  0 or 1 for input, 2 or 3 for output: fill one while the other is in flight
    /// @return whether it was free; where it was, it is locked and all zero
    /// @throws IllegalStateException      IDLE or EXPIRED (caller's fault)
    /// @throws IndexOutOfBoundsException  not 0..3 (caller's fault)
    public boolean lock(int index) {
        Objects.checkIndex(index, BUFFERS);
        if (state == SessionState.IDLE || state == SessionState.EXPIRED) {
            throw illegal("lock");
        }
        int bit = 1 << index;
        if ((locked & bit) != 0) {
            return false;
        }
        locked |= bit;
        return true;
    }

    /// Unlocks a buffer and wipes it at once.
    ///
    /// @throws IllegalStateException      not locked (caller's fault)
    /// @throws IndexOutOfBoundsException  not 0..3 (caller's fault)
    public void unlock(int index) {
        checkLocked(index);
        Wipe.bytes(memory, bufferAt(index), config.bufferBytes());
        locked &= ~(1 << index);
    }

    private void checkLocked(int index) {
        Objects.checkIndex(index, BUFFERS);
        if ((locked & 1 << index) == 0) {
            throw new IllegalStateException("session buffer " + index + " is not locked");
        }
    }

    /// Seals what lies in a locked input buffer into a locked output buffer.
    ///
    /// @param from    0 or 1
    /// @param length  bytes of text in it
    /// @param to      2 or 3
    /// @return as [#seal(MemorySegment, long, int, MemorySegment, long, int, long)]
    /// @throws IllegalStateException  a buffer that is not locked, or as above (caller's fault)
    public int seal(int from, int length, int to, long nowNanos) {
        if (state != SessionState.EXPIRED) {
            checkLocked(from);
            checkLocked(to);
        }
        return seal(memory, bufferAt(from), length, memory, bufferAt(to), config.bufferBytes(), nowNanos);
    }

    /// Opens what lies in a locked input buffer into a locked output buffer.
    ///
    /// @return as [#open(MemorySegment, long, int, MemorySegment, long, int, long)]
    /// @throws IllegalStateException  a buffer that is not locked, or as above (caller's fault)
    public int open(int from, int length, int to, long nowNanos) {
        if (state != SessionState.EXPIRED) {
            checkLocked(from);
            checkLocked(to);
        }
        Objects.checkFromIndexSize(0, length, config.bufferBytes());
        return open(memory, bufferAt(from), length, memory, bufferAt(to), config.bufferBytes(), nowNanos);
    }

    /// {@return memory of the buffers; address them with [#bufferAt], for [#bufferBytes], while they are locked}
    public MemorySegment buffers() {
        return memory;
    }

    /// {@return offset of a buffer in [#buffers]}
    public long bufferAt(int index) {
        return buffersAt + (long) Objects.checkIndex(index, BUFFERS) * config.bufferBytes();
    }

    public int bufferBytes() {
        return config.bufferBytes();
    }

    /// {@return the longest text of a message: a buffer less the overhead}
    public int textBytesMax() {
        return config.bufferBytes() - OVERHEAD_BYTES;
    }

    public SessionState state() {
        return state;
    }

    /// {@return forged and malformed messages since the session was acquired}
    public long violations() {
        return violations;
    }

    /// {@return messages refused as repeated or too old since the session was acquired}
    public long repeated() {
        return repeated;
    }

    /// {@return the epoch of the sending key, 0..2^32-1}
    ///
    /// @throws IllegalStateException  not ACTIVE (caller's fault)
    public long sendEpoch() {
        check(SessionState.ACTIVE, "sendEpoch");
        return SessionKey.epoch(workspace.keys(), direction(SessionKey.SEND));
    }

    /// {@return when to call [#expireWhenDue], on the caller's clock; `Long.MAX_VALUE` for never}
    public long deadlineNanos() {
        return state != SessionState.ACTIVE || config.lifetimeNanos() == Long.MAX_VALUE ? Long.MAX_VALUE
                : activatedNanos + config.lifetimeNanos();
    }

    private long direction(int which) {
        return keyAt + which * SessionKey.directionBytes(suite);
    }

    private int violated(SessionRefusal reason) {
        if (++violations > config.violationsMax()) {
            expire();
        }
        return reason.code();
    }

    private int repeated(SessionRefusal reason) {
        repeated++;
        return reason.code();
    }

    /// {@return whether the session is active; false when it is expired, or now found to be}
    private boolean ready(String operation, long nowNanos) {
        if (expireWhenDue(nowNanos)) {
            return false;
        }
        check(SessionState.ACTIVE, operation);
        return true;
    }

    private void step(SessionState from, SessionState to) {
        check(from, "becoming " + to);
        state = to;
    }

    private void check(SessionState expected, String operation) {
        if (state != expected) {
            throw illegal(operation);
        }
    }

    private IllegalStateException illegal(String operation) {
        return new IllegalStateException("session is " + state + ": " + operation + " is not allowed");
    }

    @Override
    public String toString() {
        return "Session[" + state + ", " + violations + " violations]";
    }
}
