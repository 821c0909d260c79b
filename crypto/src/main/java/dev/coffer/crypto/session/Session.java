package dev.coffer.crypto.session;

import dev.coffer.crypto.Aead;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A handle to one conversation of a [SessionWorkspace]. Its user makes it, once, and may use it for one session after
/// the other: it names a session from [SessionWorkspace#acquire] to [#release].
///
/// A handle holds a generation. Once its session has ended (released through it, or by the workspace's close) it is
/// stale: every method refuses, before anything changes, also when the place belongs to someone else by then. See
/// [SessionState] for a session's life and the package for the form of a message.
///
/// A session belongs to the thread of its workspace. [#seal] and [#open] allocate nothing, whatever the peer sends; what
/// the peer got wrong, or what time brought about, is a negative answer ([SessionRefusal]); what the caller got wrong an
/// exception, before anything changes.
///
/// Every method but [#state], [#isLive] and `toString` throws [IllegalStateException] where the handle is stale, and for
/// the process-wide workspace outside [SessionWorkspace#with] (caller's fault).
///
/// Keys and texts lie off the heap: a secret, a text to seal or a place for an opened text on the heap is refused.
/// Messages, which are public, may lie anywhere.
@SuppressWarnings("exports")  // annotations that users need not have
public final class Session {
    /// Bytes of a message before its ciphertext: id 4, epoch u32 and sequence u64, authenticated.
    public static final int HEADER_BYTES = SessionHeader.BYTES;
    /// Bytes that a message is longer than its text: header and tag.
    public static final int OVERHEAD_BYTES = HEADER_BYTES + Aead.TAG_BYTES;
    /// How far the epoch of an incoming message may lie ahead for [#open]: so many HKDF expansions, about 4 microseconds
    /// each, can one forged message cost.
    public static final int EPOCHS_AHEAD_MAX = 16;
    /// How far it may lie ahead for [#resynchronise] at most: a quarter of a second.
    public static final int EPOCHS_RESYNCHRONISED_MAX = 1 << 16;
    /// The buffers of a session: two to read into, two to write from.
    public static final int BUFFERS = 4;

    private @Nullable SessionSlot slot;
    private long generation;

    /// Makes a handle that names no session yet.
    public Session() {}

    /// Which half of the keys is one's own.
    public enum Role {
        INITIATOR,
        RESPONDER
    }

    void bind(SessionSlot to) {
        slot = to;
        generation = to.generation;
    }

    /// {@return whether the handle names a session}
    public boolean isLive() {
        return slot != null && slot.generation == generation;
    }

    private SessionSlot live(String operation) {
        SessionSlot now = slot;
        if (now == null || now.generation != generation) {
            throw new IllegalStateException("session handle is stale: " + operation
                    + " is not allowed (expected a session that is acquired and not released)");
        }
        now.workspace.checkHeld();
        return now;
    }

    /// Takes a key slot and derives both directions' ids and keys of epoch 0.
    ///
    /// **A secret is for one session of each party**: keys and nonces follow from it alone, so two sessions of one secret
    /// would seal different texts under the same nonces.
    ///
    /// @param secret  off the heap; 32 bytes that both parties have, used for nothing else before or after; read, not kept
    /// @param role    one party is the initiator, the other the responder
    /// @throws IllegalStateException      not ALLOCATED (caller's fault), or expired before it had a key
    /// @throws IllegalArgumentException   the secret lies on the heap (caller's fault)
    /// @throws IndexOutOfBoundsException  the secret does not lie in its segment (caller's fault)
    /// @throws SessionExhaustedException  every key slot is in use; nothing changes
    public void loadKey(MemorySegment secret, long at, Role role) {
        SessionRefusal refusal = tryLoadKey(secret, at, role);
        if (refusal == SessionRefusal.EXHAUSTED) {
            throw new SessionExhaustedException("session workspace", "keys", live("loadKey").config.keys());
        } else if (refusal != null) {
            throw new IllegalStateException("session has expired: " + live("loadKey").expiry);
        }
    }

    /// The same as [#loadKey], and says no without making an object.
    ///
    /// @return null, or EXHAUSTED (nothing changes), or EXPIRED
    public @Nullable SessionRefusal tryLoadKey(MemorySegment secret, long at, Role role) {
        SessionSlot now = live("loadKey");
        if (now.state == SessionState.EXPIRED) {
            now.refuse(SessionRefusal.EXPIRED);
            return SessionRefusal.EXPIRED;
        }
        now.check(SessionState.ALLOCATED, "loadKey");
        Objects.checkFromIndexSize(at, SessionKey.SECRET_BYTES, secret.byteSize());
        Objects.requireNonNull(role);
        Places.checkSecret("loadKey", secret);
        now.checkApart("loadKey", secret, at, SessionKey.SECRET_BYTES);
        SessionRefusal refusal = now.loadKey(secret, at, role == Role.INITIATOR);
        if (refusal != null) {
            now.refuse(refusal);
        }
        return refusal;
    }

    /// Starts sealing and opening; the lifetime counts from here.
    ///
    /// @param nowNanos  the caller's monotonic clock
    /// @return whether it is active; false where it has expired, half open for too long
    /// @throws IllegalStateException  ALLOCATED or ACTIVE (caller's fault)
    public boolean activate(long nowNanos) {
        SessionSlot now = live("activate");
        if (now.isExpired(nowNanos)) {
            now.refuse(SessionRefusal.EXPIRED);
            return false;
        }
        now.check(SessionState.KEY_LOADED, "activate");
        now.activate(nowNanos);
        return true;
    }

    /// Seals a text into a message, with a fresh sequence number; replaces the key first where its time or count is up.
    ///
    /// @param text    off the heap; in place: `textAt` is `outputAt + HEADER_BYTES` in the same memory; else apart from
    ///                the output
    /// @param length  bytes of text, 0..[#textBytesMax]
    /// @param output  writable, room for `length + OVERHEAD_BYTES`
    /// @param room    bytes of it
    /// @return bytes of the message, or the code of [SessionRefusal#EXPIRED]: by age, or the last key is used up
    /// @throws IllegalStateException      not ACTIVE nor EXPIRED, or memory that is closed (caller's fault)
    /// @throws WrongThreadException       another thread's memory (caller's fault)
    /// @throws IllegalArgumentException   length or room outside their range, a text on the heap, a read-only output, or
    ///                                    one that overlaps the text otherwise than in place (caller's fault)
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault)
    /// @throws InternalError              memory that vanished meanwhile, such as a mapped file that was truncated: the
    ///                                    number is used up, the output wiped as far as it is there
    public int seal(MemorySegment text, long textAt, int length, MemorySegment output, long outputAt, int room,
            long nowNanos) {
        return Sealing.seal(live("seal"), text, textAt, length, output, outputAt, room, nowNanos);
    }

    /// Verifies and opens a message.
    ///
    /// @param message  in place: `outputAt` is `messageAt + HEADER_BYTES` in the same memory; else apart from the output
    /// @param length   bytes of it
    /// @param output   off the heap, writable; untouched where the answer is negative, save for VIOLATION: wiped
    /// @param room     bytes of it, at least the text's
    /// @return bytes of the text, or the code of a [SessionRefusal]
    /// @throws IllegalStateException      not ACTIVE nor EXPIRED, or memory that is closed (caller's fault)
    /// @throws WrongThreadException       another thread's memory (caller's fault)
    /// @throws IllegalArgumentException   no room for the text of a message of allowed length, an output on the heap or
    ///                                    read-only, or one that overlaps the message otherwise than in place (caller's
    ///                                    fault)
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault)
    /// @throws InternalError              memory that vanished meanwhile: the message counts as not seen, the output is
    ///                                    wiped as far as it is there
    public int open(MemorySegment message, long messageAt, int length, MemorySegment output, long outputAt, int room,
            long nowNanos) {
        return Opening.open(live("open"), message, messageAt, length, output, outputAt, room, nowNanos, EPOCHS_AHEAD_MAX);
    }

    /// The way back from AHEAD: the same as [#open], following further. For a receiver that keeps answering AHEAD, as
    /// often as it can afford: what it costs at most is the caller's to say, and a forged message costs as much as a true
    /// one. One that verifies takes the session back into step. Further than [#EPOCHS_RESYNCHRONISED_MAX] there is no way
    /// back: [#expire] and agree on a new secret.
    ///
    /// @param epochsMax  how far the message's epoch may lie ahead, 1..[#EPOCHS_RESYNCHRONISED_MAX]; 4 microseconds each
    /// @throws IllegalArgumentException  another `epochsMax` (caller's fault), and as of [#open]
    public int resynchronise(MemorySegment message, long messageAt, int length, MemorySegment output, long outputAt,
            int room, int epochsMax, long nowNanos) {
        SessionSlot now = live("resynchronise");
        if (epochsMax < 1 || epochsMax > EPOCHS_RESYNCHRONISED_MAX) {
            throw new IllegalArgumentException("resynchronise: " + epochsMax + " epochs (expected 1.."
                    + EPOCHS_RESYNCHRONISED_MAX + ")");
        }
        return Opening.open(now, message, messageAt, length, output, outputAt, room, nowNanos, epochsMax);
    }

    /// Replaces the sending key now; the peer follows with the next message it gets. A key that has sealed nothing is as
    /// good as the next one and stays.
    ///
    /// @return null, or EXPIRED
    /// @throws IllegalStateException  neither ACTIVE nor EXPIRED (caller's fault)
    public @Nullable SessionRefusal rotate(long nowNanos) {
        SessionSlot now = live("rotate");
        if (!now.isExpired(nowNanos)) {
            now.check(SessionState.ACTIVE, "rotate");
            if (Sealing.rotate(now, nowNanos)) {
                return null;
            }
            now.expire(SessionExpiry.KEY_USED_UP);
        }
        now.refuse(SessionRefusal.EXPIRED);
        return SessionRefusal.EXPIRED;
    }

    /// Wipes key and buffers at once; the session refuses from now on. Harmless where it has expired already.
    public void expire() {
        live("expire").expire(SessionExpiry.OWNER);
    }

    /// Expires the session where its lifetime is over, or it is half open for too long.
    ///
    /// @return whether it is EXPIRED now
    public boolean expireWhenDue(long nowNanos) {
        return live("expireWhenDue").isExpired(nowNanos);
    }

    /// {@return when to call [#expireWhenDue], on the caller's clock; `Long.MAX_VALUE` for never}
    public long deadlineNanos() {
        return live("deadlineNanos").deadlineNanos();
    }

    /// Wipes key and buffers and gives the session back to its workspace; the handle is stale from now on.
    public void release() {
        live("release").release();
    }

    /// Locks an input buffer: the one that was not given last, or the other where that is in use.
    ///
    /// @return 0 or 1, all zero, or the code of BUSY or EXPIRED
    public int lockInput() {
        return lockEither("lockInput", 0);
    }

    /// Locks an output buffer: the one that was not given last, or the other where that is in use.
    ///
    /// @return 2 or 3, all zero, or the code of BUSY or EXPIRED
    public int lockOutput() {
        return lockEither("lockOutput", 2);
    }

    private int lockEither(String operation, int first) {
        SessionSlot now = live(operation);
        return now.state == SessionState.EXPIRED ? now.refuse(SessionRefusal.EXPIRED) : now.lockEither(first);
    }

    /// Locks a buffer.
    ///
    /// @param index  0 or 1 for input, 2 or 3 for output: fill one while the other is in flight
    /// @return the index, and the buffer is all zero; or the code of BUSY or EXPIRED
    /// @throws IndexOutOfBoundsException  not 0..3 (caller's fault)
    public int lock(int index) {
        SessionSlot now = live("lock");
        Objects.checkIndex(index, BUFFERS);
        return now.state == SessionState.EXPIRED ? now.refuse(SessionRefusal.EXPIRED) : now.lock(index);
    }

    /// Unlocks a buffer and wipes it at once. Harmless where the session has expired, which unlocked and wiped them all.
    ///
    /// @throws IllegalStateException      not locked (caller's fault)
    /// @throws IndexOutOfBoundsException  not 0..3 (caller's fault)
    public void unlock(int index) {
        SessionSlot now = live("unlock");
        Objects.checkIndex(index, BUFFERS);
        if (now.state != SessionState.EXPIRED) {
            checkLocked(now, index);
            now.unlock(index);
        }
    }

    /// {@return a locked buffer, from 0 for [#bufferBytes]; borrowed until it is unlocked, makes no object. Whoever keeps
    /// the segment longer writes into memory that is someone else's by then: nothing can stop that without an object}
    ///
    /// @throws IllegalStateException      not locked, or EXPIRED (caller's fault)
    /// @throws IndexOutOfBoundsException  not 0..3 (caller's fault)
    public MemorySegment buffer(int index) {
        SessionSlot now = live("buffer");
        Objects.checkIndex(index, BUFFERS);
        checkLocked(now, index);
        return now.buffers[index];
    }

    private static void checkLocked(SessionSlot now, int index) {
        if ((now.locked & 1 << index) == 0) {
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
        SessionSlot now = live("seal");
        checkPair(now, from, to);
        return Sealing.seal(now, now.buffers[from], 0, length, now.buffers[to], 0, now.config.bufferBytes(), nowNanos);
    }

    /// Opens what lies in a locked input buffer into a locked output buffer.
    ///
    /// @return as [#open(MemorySegment, long, int, MemorySegment, long, int, long)]
    /// @throws IllegalStateException      a buffer that is not locked, or as above (caller's fault)
    /// @throws IndexOutOfBoundsException  more bytes than a buffer has (caller's fault)
    public int open(int from, int length, int to, long nowNanos) {
        SessionSlot now = live("open");
        checkPair(now, from, to);
        return Opening.open(now, now.buffers[from], 0, length, now.buffers[to], 0, now.config.bufferBytes(), nowNanos,
                EPOCHS_AHEAD_MAX);
    }

    private static void checkPair(SessionSlot now, int from, int to) {
        Objects.checkIndex(from, 2);
        Objects.checkIndex(to - 2, 2);
        if (now.state != SessionState.EXPIRED) {
            checkLocked(now, from);
            checkLocked(now, to);
        }
    }

    public int bufferBytes() {
        return live("bufferBytes").config.bufferBytes();
    }

    /// {@return the longest text of a message: a buffer less the overhead}
    public int textBytesMax() {
        return live("textBytesMax").config.bufferBytes() - OVERHEAD_BYTES;
    }

    /// {@return where the session is in its life; IDLE for a stale handle}
    public SessionState state() {
        SessionSlot now = slot;
        return now != null && isLive() ? now.state : SessionState.IDLE;
    }

    /// {@return why it has expired; NONE where it has not}
    public SessionExpiry expiry() {
        return live("expiry").expiry;
    }

    /// {@return how it stands, in one word; expires it first where its time is over}
    public SessionSecurity security(long nowNanos) {
        return live("security").security(nowNanos);
    }

    /// {@return how often a refusal was answered since the session was acquired; exact}
    public long refused(SessionRefusal reason) {
        return live("refused").refused[reason.ordinal()];
    }

    /// {@return messages sealed since the session was acquired}
    public long sealed() {
        return live("sealed").sealed;
    }

    /// {@return messages opened since the session was acquired}
    public long opened() {
        return live("opened").opened;
    }

    /// {@return when the session last sealed or opened a message; when it was acquired, where it never did}
    public long lastUseNanos() {
        return live("lastUseNanos").lastUseNanos;
    }

    /// {@return how long ago the session was acquired}
    public long ageNanos(long nowNanos) {
        return nowNanos - live("ageNanos").acquiredNanos;
    }

    /// {@return the epoch of the sending key, 0..2^32-1; -1 where the session is not ACTIVE}
    public long sendEpoch() {
        return epoch(live("sendEpoch"), SessionKey.SEND);
    }

    /// {@return the newest epoch of which a message was opened, 0 before the first; -1 where the session is not ACTIVE}
    public long receiveEpoch() {
        return epoch(live("receiveEpoch"), SessionKey.RECEIVE);
    }

    private static long epoch(SessionSlot now, int which) {
        return now.state == SessionState.ACTIVE ? SessionKey.epoch(now.keys, now.direction(which)) : -1;
    }

    /// {@return age of the sending key since its first message; before that, since it was made; -1 where the session is
    /// not ACTIVE}
    public long sendKeyAgeNanos(long nowNanos) {
        return keyAge(live("sendKeyAgeNanos"), SessionKey.SEND, nowNanos);
    }

    /// {@return age of the newest receiving key since its first message; before that, since it was made; -1 where the
    /// session is not ACTIVE}
    public long receiveKeyAgeNanos(long nowNanos) {
        return keyAge(live("receiveKeyAgeNanos"), SessionKey.RECEIVE, nowNanos);
    }

    private static long keyAge(SessionSlot now, int which, long nowNanos) {
        return now.state == SessionState.ACTIVE ? nowNanos - SessionKey.startedNanos(now.keys, now.direction(which)) : -1;
    }

    @Override
    public String toString() {
        SessionSlot now = slot;
        return now != null && isLive() ? "Session[" + now.state + (now.expiry == SessionExpiry.NONE ? "" : ", " + now.expiry)
                + ", sealed " + now.sealed + ", opened " + now.opened + "]" : "Session[stale]";
    }
}
