package dev.coffer.memory.pool;

/// A pool's numbers at one moment. Exact when no thread is inside the pool: `acquired == released + inUse` always holds
/// then, also after threads have died and where others released for them.
///
/// @param name         the pool
/// @param bufferBytes  capacity of a buffer
/// @param slots        buffers there can be
/// @param active       buffers in slabs that are in use
/// @param acquired     leases begun
/// @param released     leases ended
/// @param inUse        leases open
/// @param cached       idle buffers that wait in the caches of threads, stripes and owners, each within everyone's reach
/// @param peakInUse    most leases open at one time since the start, exactly, whoever had them
/// @param misses       leases, at most, that found their cache empty, or had none: see [#hits]
/// @param refused      requests that found nothing
/// @param grown        slabs that joined
/// @param shrunk       slabs that left
/// @param swept        buffers taken back from the caches of dead threads
/// @param raided       buffers taken from the caches of live threads, for others who would have been refused or for a shrink
public record PoolStatistics(String name, long bufferBytes, long slots, long active, long acquired, long released,
        long inUse, long cached, long peakInUse, long misses, long refused, long grown, long shrunk, long swept, long raided) {

    /// {@return buffers that are idle, wherever they wait: all of them can be had by whoever asks}
    public long available() {
        return active - inUse;
    }

    /// {@return leases that found a buffer in their cache, at least}
    public long hits() {
        return Math.max(0, acquired - misses);
    }

    /// {@return hits in percent of the leases begun, rounded down; 100 where none was}
    public int hitPercent() {
        return acquired == 0 ? 100 : (int) (100.0 * hits() / acquired);
    }

    /// {@return requests that got a buffer, in percent of all, rounded down; 100 where there was none}
    public int servedPercent() {
        return acquired + refused == 0 ? 100 : (int) (100.0 * acquired / (acquired + refused));
    }

    /// {@return bytes leased}
    public long usedBytes() {
        return inUse * bufferBytes;
    }
}
