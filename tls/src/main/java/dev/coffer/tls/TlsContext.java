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
import org.jspecify.annotations.Nullable;

/// What the connections of one loop share, whichever side they are of: the pools from which a handshake or a record in flight is lent its
/// memory, the places of all keys, the workspace of all cryptography.
///
/// ```
///   tls lent         handshakes | records        by need, wiped when given back
///   tls connections  keys of both directions     one a connection, wiped at its end
///   tls workspace    zero between calls
/// ```
///
/// The loop's thread alone. 0 heap bytes after the factory.
public abstract sealed class TlsContext implements AutoCloseable permits ServerContext, ClientContext {
    /// Of the time that a record may take to come: what it may take while others wait for its slot.
    private static final int PATIENCE_SHARE = 4;
    static final int KIND_HANDSHAKE = 0;
    static final int KIND_RECORD = 1;
    static final String SLOTS = "tls lent";
    static final String CONNECTIONS = "tls connections";
    static final String WORKSPACE = "tls workspace";

    // The workspace; behind it what one operation at a time needs, a key exchange or a signature.
    private static final long SCHEDULE = 0;
    private static final long PACKETS = SCHEDULE + KeySchedule.workspaceBytes();

    private final SlotPool pool;
    private final SlotObjects<RecordInput> records;
    private final MemorySegment keys;
    private final MemorySegment work;
    private final TlsSizes sizes;
    private final Entropy entropy;
    private final PacketProtection[] protections;  // by place in the configuration, as all that follows
    private final KeySchedule[] schedules;
    private final MemorySegment[] protocols;
    private final long operationAt;
    private @Nullable RecordReader longest;  // of those in the middle of a record, a list: who has been so the longest
    private @Nullable RecordReader latest;

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
        this.keys = keys;
        this.work = work;
        this.protections = new PacketProtection[sizes.suites().size()];
        this.schedules = new KeySchedule[protections.length];
        for (int i = 0; i < protections.length; i++) {
            CipherSuite suite = sizes.suites().get(i);
            protections[i] = new PacketProtection(PacketProtocol.TLS_1_3, suite, work, PACKETS);
            schedules[i] = new KeySchedule(suite, work, SCHEDULE);
        }
        this.protocols = sizes.protocols().stream().map(Wire::ascii).toArray(MemorySegment[]::new);
        this.pool = SlotPool.over(slots, lent, maker, (memory, at, index) -> new RecordInput(memory, at));
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

    static SlotPoolConfig slots(int connections, MemoryPlan handshake, int handshakes, int records) {
        MemoryPlan record = MemoryPlan.block("record", Align.up(Wire.RECORD_BYTES_MAX, Align.CACHE_LINE_BYTES))
                .withHeap(HeapLayout.instance(RecordInput.class));
        return SlotPoolConfig.of(SLOTS, connections, SlotPoolConfig.Kind.of("handshake", handshake, handshakes).withTypical(0),
                SlotPoolConfig.Kind.of("record", record, records).withTypical(0));
    }

    static void checkMemory(MemoryPlan plan, MemorySegment memory) {
        if (memory.byteSize() != plan.totalBytes()) {
            throw new IllegalArgumentException("tls: memory of " + memory.byteSize() + " bytes (expected " + plan.totalBytes() + ")");
        }
    }

    static MemorySegment row(MemorySegment memory, MemoryPlan plan, String name) {
        return memory.asSlice(plan.offsetOf(name), plan.child(name).totalBytes());
    }

    /// {@return handshakes that are under way}
    public final long handshaking() {
        return pool.lent(KIND_HANDSHAKE);
    }

    /// {@return accounts for a ledger: the pool's two kinds}
    public final List<Account> accounts() {
        return List.of(pool.account(KIND_HANDSHAKE), pool.account(KIND_RECORD));
    }

    final SlotPool pool() {
        return pool;
    }

    /// A reader is in the middle of a record from here on.
    final void begun(RecordReader reader) {
        reader.before = latest;
        if (latest == null) {
            longest = reader;
        } else {
            latest.after = reader;
        }
        latest = reader;
    }

    /// It is not any more.
    final void over(RecordReader reader) {
        RecordReader before = reader.before;
        RecordReader after = reader.after;
        if (before == null) {
            longest = after;
        } else {
            before.after = after;
        }
        if (after == null) {
            latest = before;
        } else {
            after.before = before;
        }
        reader.before = null;
        reader.after = null;
    }

    /// Somebody lacks a slot for a record: where all are lent, who has been in the middle of one the longest gives its own, if that is
    /// a while. A byte is enough to hold a slot, and as many hold them all.
    final void makeWay(long nowNanos) {
        RecordReader holder = longest;
        if (holder != null && pool.lent(KIND_RECORD) == records()) {
            holder.giveWay(nowNanos, recordNanosMax() / PATIENCE_SHARE);
        }
    }

    final RecordInput record(long slot) {
        return records.of(slot);
    }

    final RecordKeys keys(int connection) {
        return new RecordKeys(keys, connection * sizes.connectionBytes(), sizes.keysBytes());
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

    final MemorySegment[] protocols() {
        return protocols;
    }

    final List<String> protocolNames() {
        return sizes.protocols();
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
