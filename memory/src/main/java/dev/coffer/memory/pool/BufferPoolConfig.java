package dev.coffer.memory.pool;

import dev.coffer.memory.layout.Align;

/// How a [BufferPool] is made. Each component is one choice; [#of] gives every default:
///
/// | component | unit, range | default | cost |
/// |---|---|---|---|
/// | `name` | plan row | - | |
/// | `bufferBytes` | multiple of 64, from 64 | - | off heap, each |
/// | `slabSlots` | buffers, 1.. | all | off heap `bufferBytes` each; one handle object each |
/// | `slabs` | 1.. | 1 | `slabSlots` buffers each; planned and reserved whether in use or not |
/// | `slabsAtStart` | 1..slabs | 1 | the rest joins by growth, charged to the budget |
/// | `threadCaches` | power of two, 0 for none | 16 | one cache object each; a thread more shares the stripes |
/// | `stripes` | power of two, 1.. | 4 | one cache object each; for virtual threads |
/// | `cacheSlots` | buffers a cache keeps, 0.. | a quarter of a slab, at most 16 | a search of microseconds for who would else be refused |
/// | `debug` | | OFF | see [Debug] |
///
/// No idle buffer is out of reach: who would be refused empties the caches of others first. That costs a system call and disturbs
/// their owners, so a pool that is always nearly spent does better without caches: set `threadCaches` to 0. With
/// `slabs` > 1 on a region that commits at open, memory is committed for all slabs; only one that commits on touch
/// ([dev.coffer.memory.RegionConfig#reservation]) commits what `slabsAtStart` says and grows from there.
///
/// @param name          name of the plan's row
/// @param bufferBytes   capacity of a buffer
/// @param slabSlots     buffers that join and leave together
/// @param slabs         most slabs
/// @param slabsAtStart  slabs in use from the start; shrinking stops there
/// @param threadCaches  platform threads that may own a cache at one time
/// @param stripes       shared caches
/// @param cacheSlots    most idle buffers in one cache
/// @param debug         what misuse to look for, at which price
public record BufferPoolConfig(String name, long bufferBytes, int slabSlots, int slabs, int slabsAtStart,
        int threadCaches, int stripes, int cacheSlots, Debug debug) {

    /// Largest number of buffers of one pool.
    public static final int SLOTS_MAX = 1 << 24;

    /// What a pool looks for beside double release and use after release through the handle, which are always caught.
    /// With any of it on, the pool keeps no caches and takes a lock for each lease: for tests and for hunting.
    ///
    /// | component | catches | cost |
    /// |---|---|---|
    /// | `quarantineSlots` | a released buffer waits until as many others were released: a stale handle throws for that long; its memory is filled with a pattern that is checked before the next lease, so that a late write through raw memory is found; raw views ([dev.coffer.memory.Buffer#readable] and its sisters) die with the lease and throw at the access | fills each slot twice; raw views an arena each |
    /// | `traces` | [BufferPool#leaks] names thread and place of each open lease | one stack trace a lease |
    ///
    /// @param quarantineSlots  buffers that wait, 0 for off; where all others are leased the oldest is taken early
    /// @param traces           whether to note who acquired
    public record Debug(int quarantineSlots, boolean traces) {
        /// Nothing of it, at no cost.
        public static final Debug OFF = new Debug(0, false);

        /// @throws IllegalArgumentException  a negative number (caller's fault)
        public Debug {
            if (quarantineSlots < 0) {
                throw new IllegalArgumentException("pool quarantine: " + quarantineSlots + " slots (expected 0 or more)");
            }
        }

        boolean isOn() {
            return quarantineSlots > 0 || traces;
        }
    }

    /// @throws IllegalArgumentException  a component outside its range (caller's fault)
    public BufferPoolConfig {
        if (bufferBytes < Align.CACHE_LINE_BYTES || !Align.is(bufferBytes, Align.CACHE_LINE_BYTES)) {
            throw new IllegalArgumentException("pool \"" + name + "\": buffers of " + bufferBytes
                    + " bytes (expected a multiple of " + Align.CACHE_LINE_BYTES + ")");
        }
        require(name, "slabSlots", slabSlots, 1, SLOTS_MAX);
        require(name, "slabs", slabs, 1, SLOTS_MAX / slabSlots);
        require(name, "slabsAtStart", slabsAtStart, 1, slabs);
        require(name, "threadCaches", threadCaches, 0, 1 << 16);
        require(name, "stripes", stripes, 1, 1 << 16);
        require(name, "cacheSlots", cacheSlots, 0, SLOTS_MAX);
        if (Integer.bitCount(threadCaches) > 1 || Integer.bitCount(stripes) != 1) {
            throw new IllegalArgumentException("pool \"" + name + "\": " + threadCaches + " thread caches, " + stripes
                    + " stripes (expected powers of two)");
        }
        if (bufferBytes > Long.MAX_VALUE / ((long) slabSlots * slabs)) {
            throw new IllegalArgumentException("pool \"" + name + "\": " + (long) slabSlots * slabs + " buffers of "
                    + bufferBytes + " bytes (expected at most 2^63-1 in all)");
        }
    }

    private static void require(String name, String what, int value, int from, int max) {
        if (value < from || value > max) {
            throw new IllegalArgumentException(
                    "pool \"" + name + "\": " + what + " " + value + " (expected " + from + ".." + max + ")");
        }
    }

    /// {@return one slab of `slots` buffers, every other choice at its default}
    ///
    /// @throws IllegalArgumentException  a number outside its range (caller's fault)
    public static BufferPoolConfig of(String name, long bufferBytes, int slots) {
        return new BufferPoolConfig(name, bufferBytes, slots, 1, 1, 16, 4, Math.clamp(slots / 4, 0, 16), Debug.OFF);
    }

    /// {@return the same with `max` slabs, of which `atStart` are in use from the start and charged to the budget. Memory is committed
    /// as the region does it: see the class}
    public BufferPoolConfig withSlabs(int atStart, int max) {
        return new BufferPoolConfig(name, bufferBytes, slabSlots, max, atStart, threadCaches, stripes, cacheSlots, debug);
    }

    /// {@return the same with other caches: the choice between the speed of most leases and that of the last ones}
    public BufferPoolConfig withCaches(int threads, int stripeCount, int slotsEach) {
        return new BufferPoolConfig(name, bufferBytes, slabSlots, slabs, slabsAtStart, threads, stripeCount, slotsEach, debug);
    }

    /// {@return the same for one thread: one cache that may hold every buffer, and nothing that costs heap for others}
    public BufferPoolConfig withOneThread() {
        return withCaches(1, 1, slots());
    }

    /// {@return the same, looking for misuse}
    public BufferPoolConfig withDebug(Debug checks) {
        return new BufferPoolConfig(name, bufferBytes, slabSlots, slabs, slabsAtStart, threadCaches, stripes, cacheSlots, checks);
    }

    /// {@return most buffers there can be}
    public int slots() {
        return slabSlots * slabs;
    }

    /// {@return bytes of one slab}
    public long slabBytes() {
        return bufferBytes * slabSlots;
    }

    /// {@return off-heap bytes of the whole pool}
    public long bytes() {
        return slabBytes() * slabs;
    }
}
