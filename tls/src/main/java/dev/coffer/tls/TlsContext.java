package dev.coffer.tls;

import dev.coffer.memory.Account;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.pool.SlotObjects;
import dev.coffer.memory.pool.SlotPool;
import dev.coffer.memory.pool.SlotPoolConfig;
import java.lang.foreign.MemorySegment;
import java.util.List;

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
public abstract sealed class TlsContext implements AutoCloseable permits ServerContext {
    static final int KIND_HANDSHAKE = 0;
    static final int KIND_RECORD = 1;

    private final SlotPool pool;
    private final SlotObjects<RecordInput> records;
    private final MemorySegment keys;
    private final MemorySegment work;
    private final TlsSizes sizes;

    /// @param slots  of handshakes and records, in this order
    /// @param lent   the pool's memory
    /// @param keys   the connections' places
    /// @param work   zero between calls
    /// @param maker  of a handshake: it gets to know its context when it begins
    TlsContext(TlsSizes sizes, SlotPoolConfig slots, MemorySegment lent, MemorySegment keys, MemorySegment work,
            SlotObjects.Maker<? extends Handshake> maker) {
        this.sizes = sizes;
        this.keys = keys;
        this.work = work;
        this.pool = SlotPool.over(slots, lent, maker, (memory, at, index) -> new RecordInput(memory, at));
        this.records = pool.objects(KIND_RECORD, RecordInput.class);
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

    final RecordInput record(long slot) {
        return records.of(slot);
    }

    final RecordKeys keys(int connection) {
        return new RecordKeys(keys, connection * sizes.connectionBytes(), sizes.keysBytes());
    }

    final MemorySegment workspace() {
        return work;
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

    abstract List<String> protocolNames();

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
