package dev.coffer.tls;

import dev.coffer.crypto.packet.CipherSuite;
import dev.coffer.crypto.packet.PacketProtection;
import dev.coffer.crypto.packet.PacketProtocol;
import dev.coffer.memory.Account;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.Align;
import dev.coffer.memory.layout.HeapLayout;
import dev.coffer.memory.pool.SlotObjects;
import dev.coffer.memory.pool.SlotPool;
import dev.coffer.memory.pool.SlotPoolConfig;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// What the connections of one loop share, whichever side they are of: the pools from which a handshake, a record in flight or keys in use are
/// lent their memory, the places of what lasts, the workspace of all cryptography.
///
/// ```
///   tls lent         handshakes | records | waiting | keys    by need, wiped when given back
///   tls connections  secrets of both directions     one a connection, wiped at its end
///   tls workspace    zero between calls
/// ```
///
/// **Keys** are expanded from a connection's secrets by the first record, into a place that is lent; where all are lent, whose keys were used the
/// longest ago gives its place, and expands them again for its next record. **A handshake** of a server that has said its part and waits for the client's gives its place for a
/// small one, if there is one ([ServerFinish]); one that has had its place for a moment and gets no further gives it to who lacks one, the oldest first.
///
/// The loop's thread alone. 0 heap bytes after the factory.
@SuppressWarnings("exports")  // annotations that users need not have
public abstract sealed class TlsContext implements AutoCloseable permits ServerContext, ClientContext {
    /// Of the time that a record may take to come: what it may take while others wait for its slot.
    private static final int PATIENCE_SHARE = 4;
    /// Of the time that a handshake may take: what it may take at the least while others wait for its slot.
    private static final int HANDSHAKE_PATIENCE_SHARE = 100;
    static final int KIND_HANDSHAKE = 0;
    static final int KIND_RECORD = 1;
    static final int KIND_WAITING = 2;  // none are a client's
    static final int KIND_KEYS = 3;
    static final String SLOTS = "tls lent";
    static final String CONNECTIONS = "tls connections";
    static final String WORKSPACE = "tls workspace";

    // The workspace; behind it what one operation at a time needs, a key exchange or a signature.
    private static final long SCHEDULE = 0;
    private static final long PACKETS = SCHEDULE + KeySchedule.workspaceBytes();

    private final SlotPool pool;
    private final SlotObjects<RecordInput> records;
    private final SlotObjects<ServerFinish> waitings;
    private final MemorySegment keys;        // the connections' places
    private final MemorySegment work;
    private final TlsSizes sizes;
    private final Entropy entropy;
    private final PacketProtection[] protections;  // by place in the configuration, as all that follows
    private final KeySchedule[] schedules;
    private final List<String> protocolNames;
    private final MemorySegment[] protocols;
    private @Nullable KeyLog keyLog;
    private final long operationAt;
    private final long scheduleBytes;
    private final int[] lacking = new int[2];  // connections that wait for a slot of a handshake, of a record
    private final Line<RecordReader> begun = new Line<>();      // in the middle of a record
    private final Line<RecordReader> waiting = new Line<>();    // with content that waits for the application
    private final Line<Shaking> shaking = new Line<>();
    private final Line<RecordKeys> expanded = new Line<>();     // by when they were used last

    /// @param slots    of handshakes and records, in this order
    /// @param entropy  where random bytes come from
    /// @param lent     the pool's memory
    /// @param keys     the connections' places
    /// @param work     [#workspaceBytes], zero between calls
    /// @param maker    of a handshake: it gets to know its context when it begins
    TlsContext(TlsSizes sizes, SlotPoolConfig slots, Entropy entropy, MemorySegment lent, MemorySegment keys, MemorySegment work,
            SlotObjects.Maker<? extends Handshake> maker) {
        this.sizes = sizes;
        this.entropy = entropy;
        this.operationAt = operationAt(sizes);
        this.scheduleBytes = sizes.scheduleBytes();
        this.keys = keys;
        this.work = work;
        this.protections = new PacketProtection[sizes.suites().size()];
        this.schedules = new KeySchedule[protections.length];
        for (int i = 0; i < protections.length; i++) {
            CipherSuite suite = sizes.suites().get(i);
            protections[i] = new PacketProtection(PacketProtocol.TLS_1_3, suite, work, PACKETS);
            schedules[i] = new KeySchedule(suite, work, SCHEDULE);
        }
        this.protocolNames = sizes.allProtocols();
        this.protocols = sizes.allProtocols().stream().map(Wire::ascii).toArray(MemorySegment[]::new);
        this.pool = SlotPool.over(slots, lent, maker, (memory, at, index) -> new RecordInput(memory, at), (memory, at, index) -> new ServerFinish(memory, at));
        this.waitings = pool.objects(KIND_WAITING, ServerFinish.class);
        this.records = pool.objects(KIND_RECORD, RecordInput.class);
    }

    /// {@return bytes of the workspace}
    ///
    /// @param operationBytes  of the longest operation
    static long workspaceBytes(TlsSizes sizes, long operationBytes) {
        return operationAt(sizes) + operationBytes;
    }

    private static long operationAt(TlsSizes sizes) {
        return PACKETS + sizes.suites().stream().mapToLong(PacketProtection::workspaceBytes).max().orElseThrow();
    }

    static SlotPoolConfig slots(TlsSizes sizes, MemoryPlan handshake) {
        MemoryPlan record = MemoryPlan.block("record", Align.up(Wire.RECORD_BYTES_MAX, Align.CACHE_LINE_BYTES))
                .withHeap(HeapLayout.instance(RecordInput.class));
        MemoryPlan waiting = MemoryPlan.block("waiting", ServerFinish.BYTES).withHeap(HeapLayout.instance(ServerFinish.class));
        MemoryPlan keys = MemoryPlan.block("keys", Align.up(2 * sizes.scheduleBytes(), Align.CACHE_LINE_BYTES));
        return SlotPoolConfig.of(SLOTS, sizes.connections(),
                SlotPoolConfig.Kind.of("handshake", handshake, sizes.handshakes()).withTypical(0),
                SlotPoolConfig.Kind.of("record", record, sizes.records()).withTypical(0),
                SlotPoolConfig.Kind.of("waiting", waiting, sizes.waiting()).withTypical(0),
                SlotPoolConfig.Kind.of("keys", keys, sizes.expandedKeys()));
    }

    static void checkMemory(MemoryPlan plan, MemorySegment memory) {
        if (memory.byteSize() != plan.totalBytes()) {
            throw new IllegalArgumentException("tls: memory of " + memory.byteSize() + " bytes (expected " + plan.totalBytes() + ")");
        }
    }

    static MemorySegment row(MemorySegment memory, MemoryPlan plan, String name) {
        return memory.asSlice(plan.offsetOf(name), plan.child(name).totalBytes());
    }

    /// Has somebody hear the secrets of handshakes from here on: for debugging alone.
    ///
    /// @param log  or null, as it is at first: nobody does
    public final void keyLog(@Nullable KeyLog log) {
        keyLog = log;
    }

    /// Tells two secrets to who hears them, if anybody does.
    final void log(KeyLog.Label first, KeyLog.Label second, MemorySegment memory, long randomAt, long firstAt, long secondAt, int bytes) {
        log(first, memory, randomAt, firstAt, bytes);
        log(second, memory, randomAt, secondAt, bytes);
    }

    /// Tells one.
    final void log(KeyLog.Label label, MemorySegment memory, long randomAt, long secretAt, int bytes) {
        KeyLog log = keyLog;
        if (log != null) {
            try {
                log.secret(label, memory, randomAt, secretAt, bytes);
            } catch (RuntimeException | Error thrown) {
                keyLog = null;  // who watches is no part of what is watched, and hears no more
            }
        }
    }

    /// {@return handshakes that are under way}
    public final long handshaking() {
        return pool.lent(KIND_HANDSHAKE) + pool.lent(KIND_WAITING);
    }

    /// {@return accounts for a ledger: the pool's kinds}
    public final List<Account> accounts() {
        return IntStream.rangeClosed(0, KIND_KEYS).<Account>mapToObj(pool::account).toList();
    }

    /// {@return the end of a handshake in a small place}
    final ServerFinish waiting(long slot) {
        return waitings.of(slot);
    }

    final SlotPool pool() {
        return pool;
    }

    final Line<RecordReader> begun() {
        return begun;
    }

    final Line<RecordReader> waiting() {
        return waiting;
    }

    final Line<Shaking> shaking() {
        return shaking;
    }

    final Line<RecordKeys> expanded() {
        return expanded;
    }

    private long free(int kind) {
        int all = switch (kind) {
            case KIND_HANDSHAKE -> sizes.handshakes();
            case KIND_RECORD -> sizes.records();
            case KIND_WAITING -> sizes.waiting();
            default -> sizes.expandedKeys();
        };
        return all - pool.lent(kind);
    }

    /// {@return whether all slots of a kind are lent}
    final boolean isSpent(int kind) {
        return free(kind) == 0;
    }

    /// {@return whether no slot of a kind is left for who has not waited for one: those that are free are for who has}
    final boolean isShort(int kind) {
        return free(kind) <= lacking[kind];
    }

    /// One connection more, or fewer, waits for a slot of a kind.
    final void lacking(int kind, boolean more) {
        lacking[kind] += more ? 1 : -1;
        assert lacking[kind] >= 0 && lacking[kind] <= sizes.connections() : lacking[kind];
    }

    /// Somebody lacks a slot for a record: where all are lent, who has been in the middle of one the longest gives its own, if that is
    /// a while; else whose content has waited the longest for its application. A byte is enough to hold a slot, and as many hold them all.
    final void makeWay(long nowNanos) {
        long patience = recordNanosMax() / PATIENCE_SHARE;
        if (isSpent(KIND_RECORD)) {
            RecordReader slow = begun.first();
            if (slow == null || !slow.giveWay(nowNanos, patience)) {
                RecordReader stuck = waiting.first();
                if (stuck != null) {
                    stuck.giveWay(nowNanos, patience);
                }
            }
        }
    }

    /// Somebody lacks a slot for a handshake: where all are lent, who has had one the longest gives it for a small place, or if there is none and that is a while. How long is such
    /// that all who can be there have had a slot in a quarter of the time that they have, a hundredth of that time at the least.
    final void makeWayForHandshake(long nowNanos) {
        Shaking oldest = shaking.first();
        if (oldest != null && isSpent(KIND_HANDSHAKE)) {
            long fair = handshakeNanosMax() / PATIENCE_SHARE / sizes.connections() * sizes.handshakes();
            oldest.giveWay(nowNanos, Math.max(fair, handshakeNanosMax() / HANDSHAKE_PATIENCE_SHARE));
        }
    }

    /// {@return a slot for a connection's expanded keys; whose were used the longest ago rest where none is left}
    final long lendKeys(int connection) {
        RecordKeys oldest = expanded.first();
        if (isSpent(KIND_KEYS) && oldest != null) {
            oldest.rest();
        }
        return pool.tryLend(KIND_KEYS, connection);
    }

    /// {@return bytes of one direction's expanded key}
    final long scheduleBytes() {
        return scheduleBytes;
    }

    final RecordInput record(long slot) {
        return records.of(slot);
    }

    /// {@return the keys of a connection with records}
    ///
    /// @throws IndexOutOfBoundsException  it is none, or one that QUIC carries (caller's fault)
    final RecordKeys keys(int connection) {
        Objects.checkIndex(connection, sizes.connections() - sizes.carried());
        return new RecordKeys(this, connection, keys, connection * sizes.connectionBytes());
    }

    final MemorySegment workspace() {
        return work;
    }

    /// {@return where in the workspace an operation works}
    final long operationAt() {
        return operationAt;
    }

    final Entropy entropy() {
        return entropy;
    }

    final PacketProtection protection(int suite) {
        return protections[suite];
    }

    final KeySchedule schedule(int suite) {
        return schedules[suite];
    }

    /// {@return a suite's place in the configuration; below 0 where it has none}
    final int indexOf(CipherSuite suite) {
        return sizes.suites().indexOf(suite);
    }

    final CipherSuite suite(int suite) {
        return sizes.suites().get(suite);
    }

    final MemorySegment[] protocols() {
        return protocols;
    }

    final List<String> protocolNames() {
        return protocolNames;
    }

    final int connections() {
        return sizes.connections();
    }

    final int records() {
        return sizes.records();
    }

    final long recordNanosMax() {
        return sizes.recordNanosMax();
    }

    final long handshakeNanosMax() {
        return sizes.handshakeNanosMax();
    }

    final int recordSizeLimit() {
        return sizes.recordSizeLimit();
    }

    final int paddingBytes() {
        return Math.max(1, sizes.paddingBytes());
    }

    final int carriedOutputBytesMin() {
        return sizes.carriedOutputBytesMin();
    }

    /// Wipes everything; the connections must be closed before. Twice is harmless.
    @Override
    public void close() {
        pool.close();
        if (keys.scope().isAlive()) {
            Wipe.segment(keys);
            Wipe.segment(work);
        }
    }
}
