package dev.coffer.tls;

import dev.coffer.memory.Entropy;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.Align;
import dev.coffer.memory.layout.BigEndian;
import java.lang.foreign.MemorySegment;

/// Remembers for which tickets early data was taken, so that it is taken once (RFC 8446, section 8.1): one for all loops of a process, over memory that
/// the caller has planned.
///
/// A ticket carries the number of the guard that it was made under, drawn when that begins. Early data under a ticket of another, of another
/// process with the same keys or of this one before it was started again, is refused, since nobody here knows whether it was taken before. A ticket's age as
/// the client tells it must be ours to within [#WINDOW_MILLIS] (section 8.3), on the engines' clock, which nobody sets; so what was taken longer ago than
/// twice that has nothing more to say, and goes.
///
/// ```
///   bucket of 8 entries:  ticket u64, in force until i64 (ms of the engines' clock, moved so that it is above 0; 0: free)  | ... 8 times
/// ```
///
/// A ticket's number, of which any 64 bits are random, says in which bucket it is.
///
/// **Full**: where all entries of a bucket are in force, early data is refused; so it is where somebody's clock is behind another's by more than
/// [#SKEW_MILLIS]. The handshake goes on, and what was said early is said again. Whoever wants to fill it needs a ticket for each entry, and so a handshake for
/// every few.
///
/// What lies here is public: random numbers that went over the wire. Any thread; 0 heap bytes.
public final class ReplayGuard implements AutoCloseable {
    /// How far a ticket's age, as its client tells it, may be from ours, in ms: a round trip, and what clocks differ.
    public static final long WINDOW_MILLIS = 10_000;
    /// How far the clocks of two loops may be apart, in ms.
    public static final long SKEW_MILLIS = 1_000;

    private static final int WAYS = 8;
    private static final long ENTRY_BYTES = 2L * Long.BYTES;
    private static final long BUCKET_BYTES = WAYS * ENTRY_BYTES;
    private static final int ENTRIES_MAX = 1 << 20;
    /// What the engines' clock is moved by: it may begin below 0, and no time is 0.
    private static final long EPOCH = 1L << 53;

    private final MemorySegment memory;
    private final int buckets;
    private final long issuer;
    private long newest;            // the latest that it was told, moved
    private boolean closed;

    private ReplayGuard(MemorySegment memory, int buckets, long issuer) {
        this.memory = memory;
        this.buckets = buckets;
        this.issuer = issuer;
    }

    /// {@return bytes of the memory for so many entries; with twice as many as there are handshakes with early data in 21 s it is hardly ever full}
    ///
    /// @param entries  8..2^20, a multiple of 8
    /// @throws IllegalArgumentException  another number (caller's fault)
    public static long bytes(int entries) {
        if (entries < WAYS || entries > ENTRIES_MAX || entries % WAYS != 0) {
            throw new IllegalArgumentException("replay guard: " + entries + " entries (expected " + WAYS + "..2^20, a multiple of " + WAYS + ")");
        }
        return Align.up(entries * ENTRY_BYTES, Align.CACHE_LINE_BYTES);
    }

    /// {@return a guard that has seen nothing}
    ///
    /// @param memory   of [#bytes], off the heap, nobody else's until this is closed; wiped
    /// @param entropy  `Entropy.SYSTEM` but in tests
    /// @throws IllegalArgumentException  memory of another kind (caller's fault)
    public static ReplayGuard over(MemorySegment memory, Entropy entropy) {
        long size = memory.byteSize();
        if (!memory.isNative() || memory.isReadOnly() || size > ENTRIES_MAX * ENTRY_BYTES || size != bytes((int) (size / ENTRY_BYTES))) {
            throw new IllegalArgumentException("replay guard: " + size + " bytes (expected those of bytes(), writable, off the heap)");
        }
        Wipe.segment(memory);
        entropy.fill(memory, 0, Long.BYTES);
        long issuer = BigEndian.i64(memory, 0);
        Wipe.bytes(memory, 0, Long.BYTES);
        return new ReplayGuard(memory, (int) (size / BUCKET_BYTES), issuer == 0 ? 1 : issuer);  // 0 is of nobody
    }

    /// {@return the number that tickets carry: another one in each process and after each start, never 0}
    long issuer() {
        return issuer;
    }

    /// Takes early data under a ticket, once.
    ///
    /// @param ticket     what is the ticket's alone: drawn at random by us
    /// @param nowMillis  of the engines' clock
    /// @return whether it may be taken
    synchronized boolean admits(long ticket, long nowMillis) {
        long now = nowMillis + EPOCH;
        if (closed || now < newest - SKEW_MILLIS) {
            return false;  // what was fresh then may be forgotten already
        }
        newest = Math.max(newest, now);
        long bucket = Long.remainderUnsigned(ticket, buckets) * BUCKET_BYTES;
        long free = -1;
        for (long at = bucket; at < bucket + BUCKET_BYTES; at += ENTRY_BYTES) {
            boolean inForce = BigEndian.i64(memory, at + Long.BYTES) >= newest;
            if (inForce && BigEndian.i64(memory, at) == ticket) {
                return false;
            }
            free = inForce ? free : at;
        }
        if (free < 0) {
            return false;
        }
        // It is fresh for as long as its age may be told too old, from when it was told too young; and a clock behind may take it then.
        BigEndian.i64(memory, free, ticket);
        BigEndian.i64(memory, free + Long.BYTES, now + 2 * WINDOW_MILLIS + SKEW_MILLIS);
        return true;
    }

    /// {@return whether a ticket's age, as its client tells it, is what we know it is, to within the window}
    ///
    /// @param toldMillis  mod 2^32, as all ages are
    static boolean isFresh(int toldMillis, long oursMillis) {
        int apart = toldMillis - (int) oursMillis;
        return apart >= -WINDOW_MILLIS && apart <= WINDOW_MILLIS;
    }

    /// {@return entries in all}
    public int entries() {
        return buckets * WAYS;
    }

    /// Takes none from here on, and wipes what is here. Twice is harmless.
    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            if (memory.scope().isAlive()) {
                Wipe.segment(memory);
            }
        }
    }

    @Override
    public String toString() {
        return "ReplayGuard[" + entries() + " entries]";
    }
}
