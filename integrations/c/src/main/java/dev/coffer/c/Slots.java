package dev.coffer.c;

import dev.coffer.memory.Entropy;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;

/// A fixed number of places of one kind, and handles to them. Safe for any thread; 0 heap bytes.
///
/// ```
///   handle:  0 | generation 47 | kind 4 | place 12          a place:  0 free -> ~handle in use -> handle at rest -> ... -> 0 free, or shut
/// ```
///
/// A handle is in use by one call at a time. Generations begin at random and go up by one, so a handle that was closed, made up, or belongs
/// to another kind is told from one that is held. None is 0.
final class Slots {
    /// Most places of a kind.
    static final int PLACES_MAX = 1 << 12;

    private static final int KIND_SHIFT = 12;
    private static final int GENERATION_SHIFT = 16;
    private static final long GENERATION_MASK = (1L << 47) - 1;
    private static final long SHUT = Long.MIN_VALUE;  // for ever
    private static final long CLAIMED = ~0xffffL;     // a moment long, without a handle: no kind is 15
    private static final long WAIT_NANOS = 100_000;

    private final long kind;
    private final AtomicLongArray places;
    private final long[] generations;  // of each place; written by who has claimed it
    private volatile boolean closing;

    /// @param kind  1..14
    Slots(int kind, int places) {
        this.kind = (long) kind << KIND_SHIFT;
        this.places = new AtomicLongArray(places);
        this.generations = new long[places];
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment random = arena.allocate(ValueLayout.JAVA_LONG, places);
            Entropy.SYSTEM.fill(random, 0, random.byteSize());
            for (int i = 0; i < places; i++) {
                generations[i] = random.getAtIndex(ValueLayout.JAVA_LONG, i) & GENERATION_MASK;
            }
        }
    }

    /// {@return a free place, which is in use from now on; or FULL or CLOSED, which are below zero}
    int claim() {
        for (int i = 0; i < places.length(); i++) {
            if (places.get(i) == 0 && places.compareAndSet(i, 0, CLAIMED)) {
                generations[i] = generations[i] + 1 & GENERATION_MASK;  // now that nobody else can
                places.set(i, ~(generations[i] << GENERATION_SHIFT | kind | i));
                return i;
            }
        }
        return closing ? Status.CLOSED : Status.FULL;
    }

    /// {@return the handle of a place in use}
    long handle(int place) {
        return ~places.get(place);
    }

    /// Takes a place into use by its handle.
    ///
    /// @return the place, or HANDLE, BUSY or CLOSED, which are below zero
    int enter(long handle) {
        int place = (int) handle & PLACES_MAX - 1;
        if (handle <= 0 || place >= places.length()) {
            return Status.HANDLE;
        }
        long seen = places.compareAndExchange(place, handle, ~handle);
        if (seen == handle) {
            return place;
        }
        return closing ? Status.CLOSED : seen == ~handle ? Status.BUSY : Status.HANDLE;  // by one look: a second one may see it at rest
    }

    /// Ends the use of a place; its handle goes on.
    void leave(int place) {
        places.set(place, handle(place));
    }

    /// Ends a place in use and its handle.
    ///
    /// @param wiped  whether nothing lies there any more. Where not, nobody has it until the table is closed, which wipes all
    void end(int place, boolean wiped) {
        places.set(place, wiped ? 0 : SHUT);
    }

    /// Waits for each use to end and lets no other begin.
    void shut() {
        closing = true;
        for (int i = 0; i < places.length(); i++) {
            long seen = places.get(i);
            while (seen != SHUT) {
                if (seen < 0) {
                    LockSupport.parkNanos(WAIT_NANOS);
                } else if (places.compareAndSet(i, seen, SHUT)) {
                    break;
                }
                seen = places.get(i);
            }
        }
    }

    /// {@return places that nobody has}
    int free() {
        int free = 0;
        for (int i = 0; i < places.length(); i++) {
            free += places.get(i) == 0 ? 1 : 0;
        }
        return free;
    }
}
