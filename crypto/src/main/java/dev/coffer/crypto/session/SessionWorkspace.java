package dev.coffer.crypto.session;

import dev.coffer.memory.Account;
import dev.coffer.memory.ConstantTime;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Protection;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import dev.coffer.memory.layout.HeapLayout;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// A fixed number of sessions and keys in one region, planned before start; nothing is allocated after.
///
/// ```
///   keys      keys x slot: sending, receiving now, receiving before | 64-aligned, hot fields in the first line
///   trial     one for all: the key of a later epoch, until its first message verifies
///   buffers   sessions x (2 input + 2 output)
///   scratch   one for all: nonce, labels, HKDF and AEAD workspaces
/// ```
///
/// A workspace and its sessions belong to one thread at a time; the account's numbers and the totals may be read from
/// any. When all sessions or keys are in use, acquiring is refused and everyone else goes on. One workspace may be the
/// process's: [#initialize] opens it, [#with] lends it to one thread after the other.
public final class SessionWorkspace implements Account, AutoCloseable {
    private static final ReentrantLock PROCESS_LOCK = new ReentrantLock();
    private static @Nullable SessionWorkspace process;  // under PROCESS_LOCK; null: not initialised

    private static final int SEALED = 0;        // places in the totals
    private static final int OPENED = 1;
    private static final int REFUSED = 2;
    private static final int EXPIRED = REFUSED + SessionRefusal.COUNT;
    private static final int TOTALS = EXPIRED + SessionExpiry.COUNT;

    private final SessionConfig config;
    private final @Nullable Region region;  // null where the memory is the caller's
    private final boolean owned;        // the region is the workspace's to close
    private final MemorySegment keys;   // key slots, then the trial
    private final SessionScratch scratch;
    private final SessionSlot[] slots;
    private final boolean[] keyTaken;
    private final AtomicLongArray totals = new AtomicLongArray(TOTALS);  // written by the owner's thread alone
    private final long capacityBytes;
    private volatile int keysTaken;
    private volatile int acquired;
    private volatile long peakBytes;
    private boolean shared;             // the process's: used under PROCESS_LOCK only
    private boolean closed;

    /// Lays the workspace out in memory of the caller's, for instance a row of a larger region.
    ///
    /// @param memory  all zero, off the heap, [#plan]`.totalBytes()` bytes, aligned to 64
    /// @throws IllegalArgumentException  memory of another size or alignment, on the heap, or read-only (caller's fault)
    public SessionWorkspace(SessionConfig config, MemorySegment memory) {
        this(config, memory, null, false);
    }

    private SessionWorkspace(SessionConfig config, MemorySegment memory, @Nullable Region region, boolean owned) {
        MemoryPlan plan = plan(config);
        Places.checkHome("session workspace", memory, plan.totalBytes());
        this.config = config;
        this.region = region;
        this.owned = owned;
        this.capacityBytes = plan.totalBytes();
        this.keys = memory.asSlice(0, plan.offsetOf("buffers"));
        this.scratch = new SessionScratch(
                memory.asSlice(plan.offsetOf("scratch"), SessionScratch.bytes(config.suite())), config.suite());
        this.keyTaken = new boolean[config.keys()];
        this.slots = new SessionSlot[config.sessions()];
        long at = plan.offsetOf("buffers");
        for (int i = 0; i < slots.length; i++) {
            MemorySegment[] buffers = new MemorySegment[Session.BUFFERS];
            for (int j = 0; j < buffers.length; j++) {
                buffers[j] = memory.asSlice(at, config.bufferBytes());
                at += config.bufferBytes();
            }
            slots[i] = new SessionSlot(this, keys, scratch, buffers);
        }
        scratch.label();  // last: nothing is refused behind it
    }

    /// {@return what a workspace of this configuration holds, named after it; every row a multiple of 64}
    public static MemoryPlan plan(SessionConfig config) {
        Suite suite = config.suite();
        return MemoryPlan.group(config.name(),
                MemoryPlan.block("keys", SessionKey.slotBytes(suite), config.keys(),
                        "three directions of " + SessionKey.directionBytes(suite)),
                MemoryPlan.block("trial", SessionKey.directionBytes(suite), 1, "a later epoch's key, for all"),
                MemoryPlan.block("buffers", config.bufferBytes(), (long) Session.BUFFERS * config.sessions(),
                        "two in, two out, a session"),
                MemoryPlan.block("scratch", SessionScratch.bytes(suite)))
                .withHeap(HeapLayout.instance(SessionWorkspace.class) + HeapLayout.instance(MemorySegment.NULL.getClass())
                        + SessionScratch.heapBytes() + HeapLayout.array(boolean.class, config.keys())
                        + HeapLayout.array(SessionSlot.class, config.sessions())
                        + config.sessions() * SessionSlot.heapBytes()
                        + HeapLayout.instance(AtomicLongArray.class) + HeapLayout.array(long.class, TOTALS));
    }

    /// Opens a workspace in a region of its own, protected as well as the system lets us.
    public static SessionWorkspace open(SessionConfig config) {
        return open(config, RegionConfig.defaults(config.name()));
    }

    /// Opens a workspace in a region of its own.
    ///
    /// @throws dev.coffer.memory.ProtectionException  a required protection was refused; nothing is held
    public static SessionWorkspace open(SessionConfig config, RegionConfig regionConfig) {
        Region region = Region.open(regionConfig, plan(config));
        boolean opened = false;
        try {
            SessionWorkspace workspace = new SessionWorkspace(config, region.data(), region, true);
            opened = true;
            return workspace;
        } finally {
            if (!opened) {
                Objects.requireNonNull(region, "its own").close();
            }
        }
    }

    /// Opens a workspace in the row of a region that has its name.
    ///
    /// @param region  open, with a row [#plan]; stays the caller's to close, after the workspace
    /// @throws IllegalArgumentException  no such row, or one of another size (caller's fault)
    /// @throws IllegalStateException     carved before, or closed (caller's fault)
    public static SessionWorkspace in(SessionConfig config, Region region) {
        return region.carve(config.name(), memory -> new SessionWorkspace(config, memory, region, false));
    }

    /// Opens the process-wide workspace, once. It is used inside [#with] and nowhere else.
    ///
    /// @return it, to be closed at the end
    /// @throws IllegalStateException  it is open already (caller's fault); that one is untouched
    public static SessionWorkspace initialize(SessionConfig config) {
        PROCESS_LOCK.lock();
        try {
            if (process != null) {
                throw new IllegalStateException("session workspace: already initialised");
            }
            SessionWorkspace workspace = open(config);
            workspace.shared = true;
            process = workspace;
            return workspace;
        } finally {
            PROCESS_LOCK.unlock();
        }
    }

    /// Runs `body` with the process-wide workspace, one thread at a time; others wait. May be nested. The workspace and its
    /// sessions refuse outside, also through handles that were kept.
    ///
    /// @return what `body` returns
    /// @throws IllegalStateException  [#initialize] was not called, or the workspace is closed (caller's fault)
    public static <R> R with(Function<? super SessionWorkspace, ? extends R> body) {
        Objects.requireNonNull(body);
        PROCESS_LOCK.lock();
        try {
            if (process == null) {
                throw new IllegalStateException("session workspace: not initialised");
            }
            return body.apply(process);
        } finally {
            PROCESS_LOCK.unlock();
        }
    }

    void checkHeld() {
        if (shared && !PROCESS_LOCK.isHeldByCurrentThread()) {
            throw new IllegalStateException("session workspace: the process-wide one is used inside with() only");
        }
    }

    /// Takes a session.
    ///
    /// @param handle    names no session now; an ALLOCATED one afterwards
    /// @param nowNanos  the caller's monotonic clock
    /// @return the handle
    /// @throws SessionExhaustedException  every session is in use
    /// @throws IllegalStateException      closed, or a handle that names a session (caller's fault)
    public Session acquire(Session handle, long nowNanos) {
        if (!tryAcquire(handle, nowNanos)) {
            throw new SessionExhaustedException("session workspace", "sessions", slots.length);
        }
        return handle;
    }

    /// Takes a session, and says no without making an object.
    ///
    /// @return whether the handle names an ALLOCATED session now; false where every session is in use, and for no other
    ///         reason
    /// @throws IllegalStateException  closed, or a handle that names a session (caller's fault)
    public boolean tryAcquire(Session handle, long nowNanos) {
        checkHeld();
        if (closed) {
            throw new IllegalStateException("session workspace is closed");
        }
        if (handle.isLive()) {
            throw new IllegalStateException("session handle names a session: acquire is not allowed (release it first)");
        }
        for (int i = 0; i < slots.length; i++) {
            SessionSlot slot = slots[i];
            if (slot.state == SessionState.IDLE) {
                slot.allocate(nowNanos);
                handle.bind(slot);
                acquired++;
                counted();
                return true;
            }
        }
        return false;
    }

    void released() {
        acquired--;
    }

    /// {@return the index of a key slot, all zero, or -1}
    int takeKeySlot() {
        for (int i = 0; i < keyTaken.length; i++) {
            if (!keyTaken[i]) {
                assert ConstantTime.isZero(keys, keySlotAt(i), SessionKey.slotBytes(config.suite())) : "key slot " + i;
                keyTaken[i] = true;
                keysTaken++;
                counted();
                return i;
            }
        }
        return -1;
    }

    void giveKeySlot(int slot) {
        for (int i = 0; i < SessionKey.DIRECTIONS; i++) {
            SessionKey.wipe(keys, keySlotAt(slot) + i * SessionKey.directionBytes(config.suite()), config.suite());
        }
        keyTaken[slot] = false;
        keysTaken--;
    }

    long keySlotAt(int slot) {
        return slot * SessionKey.slotBytes(config.suite());
    }

    /// {@return offset of the place where a later epoch's key is tried; all zero between calls}
    long trialAt() {
        return keySlotAt(config.keys());
    }

    MemorySegment keys() {
        return keys;
    }

    SessionScratch scratch() {
        return scratch;
    }

    /// Expires every session whose lifetime is over, or that is half open for too long.
    ///
    /// @return how many expired now
    /// @throws IllegalStateException  closed (caller's fault)
    public int expireDue(long nowNanos) {
        checkHeld();
        int count = 0;
        for (int i = 0; i < slots.length; i++) {
            SessionSlot slot = slots[i];
            if (slot.state != SessionState.IDLE && slot.state != SessionState.EXPIRED && slot.isExpired(nowNanos)) {
                count++;
            }
        }
        return count;
    }

    /// {@return when to call [#expireDue], on the caller's clock; `Long.MAX_VALUE` for never}
    public long deadlineNanos() {
        checkHeld();
        long first = Long.MAX_VALUE;
        for (int i = 0; i < slots.length; i++) {
            first = Math.min(first, slots[i].deadlineNanos());
        }
        return first;
    }

    /// {@return how the worst of the sessions stands; expires those first whose time is over}
    public SessionSecurity security(long nowNanos) {
        checkHeld();
        SessionSecurity worst = SessionSecurity.SECURE;
        for (int i = 0; i < slots.length; i++) {
            if (slots[i].state != SessionState.IDLE) {
                SessionSecurity one = slots[i].security(nowNanos);
                worst = one.compareTo(worst) > 0 ? one : worst;
            }
        }
        return worst;
    }

    public SessionConfig config() {
        return config;
    }

    /// {@return what came of each protection of the region that it lies in; empty where the memory is the caller's, who
    /// knows}
    public List<Protection.Status> protections() {
        return region == null ? List.of() : region.protections();
    }

    /// {@return sessions in use}
    public int sessionsInUse() {
        return acquired;
    }

    /// {@return key slots in use}
    public int keysInUse() {
        return keysTaken;
    }

    /// {@return messages sealed since the workspace was opened; exact}
    public long sealed() {
        return totals.get(SEALED);
    }

    /// {@return messages opened since the workspace was opened; exact}
    public long opened() {
        return totals.get(OPENED);
    }

    /// {@return how often a refusal was answered since the workspace was opened; exact}
    public long refused(SessionRefusal reason) {
        return totals.get(REFUSED + reason.ordinal());
    }

    /// {@return how many sessions have expired for a reason since the workspace was opened; exact}
    public long expired(SessionExpiry reason) {
        return totals.get(EXPIRED + reason.ordinal());
    }

    void countSealed() {
        count(SEALED);
    }

    void countOpened() {
        count(OPENED);
    }

    void countRefused(SessionRefusal reason) {
        count(REFUSED + reason.ordinal());
    }

    void countExpired(SessionExpiry reason) {
        count(EXPIRED + reason.ordinal());
    }

    private void count(int place) {
        totals.setOpaque(place, totals.getPlain(place) + 1);
    }

    private void counted() {
        peakBytes = Math.max(peakBytes, usedBytes());
    }

    @Override
    public String name() {
        return config.name();
    }

    @Override
    public long capacityBytes() {
        return capacityBytes;
    }

    /// {@return trial and scratch, and the slots and buffers of what is in use}
    @Override
    public long usedBytes() {
        return SessionKey.directionBytes(config.suite()) + SessionScratch.bytes(config.suite())
                + keysTaken * SessionKey.slotBytes(config.suite())
                + (long) acquired * Session.BUFFERS * config.bufferBytes();
    }

    @Override
    public long peakBytes() {
        return Math.max(peakBytes, usedBytes());
    }

    /// Releases every session, wipes everything, and closes the region where it is the workspace's own. Handles are stale
    /// from now on. Closing twice is harmless; so is closing after the region that it lies in. The process-wide one waits
    /// for whoever is inside [#with].
    @Override
    public void close() {
        if (shared) {
            PROCESS_LOCK.lock();
            try {
                process = process == this ? null : process;
                shut();
            } finally {
                PROCESS_LOCK.unlock();
            }
        } else {
            shut();
        }
    }

    private void shut() {
        if (closed) {
            return;
        }
        closed = true;
        boolean alive = keys.scope().isAlive();  // a region that is closed has wiped it
        for (SessionSlot slot : slots) {
            if (slot.state != SessionState.IDLE && alive) {
                slot.release();
            } else if (slot.state != SessionState.IDLE) {
                slot.abandon();
            }
        }
        if (!alive) {
            acquired = 0;
            keysTaken = 0;
        } else {
            scratch.close();
        }
        if (owned) {
            Objects.requireNonNull(region, "its own").close();
        }
    }

    /// For tests, after every step: counts agree with the slots, what is nobody's is zero, and so is what lasts only for a
    /// call.
    void checkInvariants() {
        Suite suite = config.suite();
        int inUse = 0;
        int withKey = 0;
        for (SessionSlot slot : slots) {
            boolean taken = slot.state != SessionState.IDLE;
            inUse += taken ? 1 : 0;
            withKey += slot.hasKey() ? 1 : 0;
            assert (slot.generation & 1) == (taken ? 1 : 0) : "generation " + slot.generation + " in " + slot.state;
            assert slot.hasKey() == (slot.state == SessionState.KEY_LOADED || slot.state == SessionState.ACTIVE);
            assert (slot.state == SessionState.EXPIRED) == (slot.expiry != SessionExpiry.NONE) || !taken : slot.expiry;
            for (int i = 0; i < Session.BUFFERS; i++) {
                assert (slot.locked & 1 << i) != 0
                        || ConstantTime.isZero(slot.buffers[i], 0, config.bufferBytes()) : "buffer " + i;
            }
            if (slot.state == SessionState.ACTIVE) {
                long before = slot.direction(SessionKey.RECEIVE_BEFORE);
                assert SessionKey.isReady(keys, slot.direction(SessionKey.SEND));
                assert SessionKey.isReady(keys, slot.direction(SessionKey.RECEIVE));
                assert ConstantTime.isZero(keys, before + SessionKey.SECRET, SessionKey.SECRET_BYTES) : "old secret";
            }
        }
        assert inUse == acquired && withKey == keysTaken : inUse + " sessions, " + withKey + " keys";
        for (int i = 0; i < keyTaken.length; i++) {
            assert keyTaken[i] || ConstantTime.isZero(keys, keySlotAt(i), SessionKey.slotBytes(suite)) : "key slot " + i;
        }
        assert SessionKey.isWiped(keys, trialAt(), suite) : "trial";
        assert scratch.isWiped() : "scratch";
        assert usedBytes() <= peakBytes() && peakBytes() <= capacityBytes : usedBytes();
    }

    @Override
    public String toString() {
        return "SessionWorkspace[" + config.name() + ", " + acquired + " of " + slots.length + " sessions, " + keysTaken
                + " of " + keyTaken.length + " keys" + (closed ? ", closed" : "") + "]";
    }
}
