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
/// @param cached       idle buffers that wait in the caches of threads, stripes and owners
/// @param peakInUse    most leases open at one time; exact while one thread uses the pool, else an upper bound: the
///                     sum of what each cache has seen, at most `slots`
/// @param refused      requests that found nothing
/// @param grown        slabs that joined
/// @param shrunk       slabs that left
/// @param swept        buffers taken back from the caches of dead threads
public record PoolStatistics(String name, long bufferBytes, long slots, long active, long acquired, long released,
        long inUse, long cached, long peakInUse, long refused, long grown, long shrunk, long swept) {

    /// {@return buffers that are idle, wherever they wait}
    public long available() {
        return active - inUse;
    }

    /// {@return bytes leased}
    public long usedBytes() {
        return inUse * bufferBytes;
    }
}
