package dev.coffer.crypto.session;

import dev.coffer.memory.Account;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicReference;

/// A fixed number of [Session]s and keys in one region, planned before start; nothing is allocated after.
///
/// ```
///   keys      keys x slot: sending, receiving now, receiving before, next | 64-aligned, hot fields in the first line
///   buffers   sessions x (2 input + 2 output)
///   scratch   one for all: nonce, labels, HKDF and AEAD workspaces
/// ```
///
/// A workspace and its sessions belong to one thread at a time; the account's numbers may be read from any. When all
/// sessions or keys are in use, acquiring is refused and everyone else goes on.
public final class SessionWorkspace implements Account, AutoCloseable {
    private static final AtomicReference<SessionWorkspace> PROCESS_WIDE = new AtomicReference<>();

    private final SessionConfig config;
    private final Region region;        // null where the memory is the caller's
    private final MemorySegment keys;
    private final SessionScratch scratch;
    private final Session[] sessions;
    private final boolean[] keyTaken;
    private volatile int keysTaken;
    private volatile int acquired;
    private volatile long peakBytes;
    private final long capacityBytes;
    private boolean closed;

    /// Lays the workspace out in memory of the caller's, all zero, for instance a row of a larger region.
    ///
    /// @param memory  [#plan]`.totalBytes()` bytes, aligned to 64
    /// @throws IllegalArgumentException  memory of another size (caller's fault)
    public SessionWorkspace(SessionConfig config, MemorySegment memory) {
        this(config, memory, null);
    }

    private SessionWorkspace(SessionConfig config, MemorySegment memory, Region region) {
        MemoryPlan plan = plan(config);
        if (memory.byteSize() != plan.totalBytes()) {
            throw new IllegalArgumentException("session workspace: " + memory.byteSize() + " bytes (expected "
                    + plan.totalBytes() + ")");
        }
        this.config = config;
        this.region = region;
        this.capacityBytes = plan.totalBytes();
        this.keys = row(memory, plan, "keys");
        MemorySegment buffers = row(memory, plan, "buffers");
        this.scratch = new SessionScratch(row(memory, plan, "scratch"), config.suite());
        this.keyTaken = new boolean[config.keys()];
        this.sessions = new Session[config.sessions()];
        for (int i = 0; i < sessions.length; i++) {
            sessions[i] = new Session(this, buffers, (long) i * Session.BUFFERS * config.bufferBytes());
        }
    }

    private static MemorySegment row(MemorySegment memory, MemoryPlan plan, String name) {
        return memory.asSlice(plan.offsetOf(name), plan.child(name).totalBytes());
    }

    /// {@return what a workspace of this configuration holds; every row a multiple of 64}
    public static MemoryPlan plan(SessionConfig config) {
        return MemoryPlan.group("sessions",
                MemoryPlan.block("keys", SessionKey.slotBytes(config.suite()), config.keys(),
                        "four directions of " + SessionKey.directionBytes(config.suite())),
                MemoryPlan.block("buffers", config.bufferBytes(), (long) Session.BUFFERS * config.sessions(),
                        "two in, two out, a session"),
                MemoryPlan.block("scratch", SessionScratch.bytes(config.suite())));
    }

    /// Opens a workspace in a region of its own, protected as well as the system lets us.
    public static SessionWorkspace open(SessionConfig config) {
        return open(config, RegionConfig.defaults("sessions"));
    }

    /// Opens a workspace in a region of its own.
    ///
    /// @throws dev.coffer.memory.ProtectionException  a required protection was refused; nothing is held
    public static SessionWorkspace open(SessionConfig config, RegionConfig regionConfig) {
        Region region = Region.open(regionConfig, plan(config));
        return new SessionWorkspace(config, region.data(), region);
    }

    /// Opens the process-wide workspace, once.
    ///
    /// @throws IllegalStateException  it is open already (caller's fault); that one is untouched
    public static SessionWorkspace initialize(SessionConfig config) {
        if (PROCESS_WIDE.get() != null) {
            throw new IllegalStateException("session workspace: already initialised");
        }
        SessionWorkspace workspace = open(config);
        if (!PROCESS_WIDE.compareAndSet(null, workspace)) {
            workspace.close();
            throw new IllegalStateException("session workspace: already initialised");
        }
        return workspace;
    }

    /// {@return the process-wide workspace}
    ///
    /// @throws IllegalStateException  [#initialize] was not called, or the workspace is closed (caller's fault)
    public static SessionWorkspace instance() {
        SessionWorkspace workspace = PROCESS_WIDE.get();
        if (workspace == null) {
            throw new IllegalStateException("session workspace: not initialised");
        }
        return workspace;
    }

    /// Takes a session.
    ///
    /// @return an ALLOCATED one
    /// @throws SessionExhaustedException  every session is in use
    /// @throws IllegalStateException      closed (caller's fault)
    public Session acquire() {
        Session session = tryAcquire();
        if (session == null) {
            throw new SessionExhaustedException("sessions", sessions.length);
        }
        return session;
    }

    /// Takes a session, and says no without making an object.
    ///
    /// @return an ALLOCATED one, or null when every session is in use
    /// @throws IllegalStateException  closed (caller's fault)
    public Session tryAcquire() {
        if (closed) {
            throw new IllegalStateException("session workspace is closed");
        }
        for (Session session : sessions) {
            if (session.state() == SessionState.IDLE) {
                session.allocate();
                acquired++;
                counted();
                return session;
            }
        }
        return null;
    }

    void released() {
        acquired--;
    }

    int takeKeySlot() {
        for (int i = 0; i < keyTaken.length; i++) {
            if (!keyTaken[i]) {
                assert isWiped(i) : "key slot " + i + " not wiped";
                keyTaken[i] = true;
                keysTaken++;
                counted();
                return i;
            }
        }
        throw new SessionExhaustedException("keys", keyTaken.length);
    }

    void giveKeySlot(int slot) {
        for (int i = 0; i < SessionKey.DIRECTIONS; i++) {
            SessionKey.wipe(keys, keySlotAt(slot) + i * SessionKey.directionBytes(config.suite()), config.suite());
        }
        keyTaken[slot] = false;
        keysTaken--;
    }

    private boolean isWiped(int slot) {
        for (int i = 0; i < SessionKey.DIRECTIONS; i++) {
            long at = keySlotAt(slot) + i * SessionKey.directionBytes(config.suite());
            if (!SessionKey.isWiped(keys, at, config.suite())) {
                return false;
            }
        }
        return true;
    }

    long keySlotAt(int slot) {
        return slot * SessionKey.slotBytes(config.suite());
    }

    MemorySegment keys() {
        return keys;
    }

    SessionScratch scratch() {
        return scratch;
    }

    /// Expires every active session whose lifetime is over.
    ///
    /// @return how many expired now
    public int expireDue(long nowNanos) {
        int count = 0;
        for (Session session : sessions) {
            if (session.state() == SessionState.ACTIVE && session.expireWhenDue(nowNanos)) {
                count++;
            }
        }
        return count;
    }

    public SessionConfig config() {
        return config;
    }

    /// {@return sessions in use}
    public int sessionsInUse() {
        return acquired;
    }

    /// {@return key slots in use}
    public int keysInUse() {
        return keysTaken;
    }

    private void counted() {
        peakBytes = Math.max(peakBytes, usedBytes());
    }

    @Override
    public String name() {
        return "sessions";
    }

    @Override
    public long capacityBytes() {
        return capacityBytes;
    }

    /// {@return scratch, and the slots and buffers of what is in use}
    @Override
    public long usedBytes() {
        return SessionScratch.bytes(config.suite()) + keysTaken * SessionKey.slotBytes(config.suite())
                + (long) acquired * Session.BUFFERS * config.bufferBytes();
    }

    @Override
    public long peakBytes() {
        return Math.max(peakBytes, usedBytes());
    }

    /// Releases every session, wipes everything, and closes the region where it is the workspace's own. Closing twice is
    /// harmless.
    @Override
    public void close() {
        if (closed) {
            return;
        }
        for (Session session : sessions) {
            if (session.state() != SessionState.IDLE) {
                session.release();
            }
        }
        scratch.wipe();
        closed = true;
        PROCESS_WIDE.compareAndSet(this, null);
        if (region != null) {
            region.close();
        }
    }

    @Override
    public String toString() {
        return "SessionWorkspace[" + acquired + " of " + sessions.length + " sessions, " + keysTaken + " of "
                + keyTaken.length + " keys" + (closed ? ", closed" : "") + "]";
    }
}
