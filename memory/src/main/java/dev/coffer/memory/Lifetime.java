package dev.coffer.memory;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// A life for views of a region's data that may end before the region does, and never lives longer: the region's close ends it, before the memory
/// goes back to the system. A view whose life is over throws [IllegalStateException] at every use.
///
/// Makes objects: for those who look for misuse, and not for steady paths. Safe for any thread.
@SuppressWarnings("restricted")  // a raw view is of memory that is there as long as its life
public final class Lifetime implements AutoCloseable {
    private final Region region;
    private final Arena arena = Arena.ofShared();
    private boolean ended;

    @SuppressWarnings("MustBeClosedChecker")  // closed with this, by the region if by nobody else
    Lifetime(Region region) {
        this.region = region;
    }

    /// {@return the same bytes, for this life; where native access was not granted, for the region's}
    ///
    /// @param part  of the region's data
    /// @throws IllegalArgumentException  other memory (caller's fault)
    /// @throws IllegalStateException     this has ended, or the region has (caller's fault)
    public synchronized MemorySegment view(MemorySegment part) {
        if (ended) {
            throw new IllegalStateException("a life of region \"" + region.name() + "\" has ended");
        }
        if (!part.scope().equals(region.data().scope())) {
            throw new IllegalArgumentException("memory of " + part.byteSize() + " bytes (expected some of region \"" + region.name() + "\")");
        }
        return Lifetime.class.getModule().isNativeAccessEnabled()
                ? MemorySegment.ofAddress(part.address()).reinterpret(part.byteSize(), arena, null) : part;
    }

    /// Ends every view. Closing twice is harmless.
    ///
    /// @throws IllegalStateException  another thread is inside a system call on one; it lives on
    @Override
    public void close() {
        end();
        region.forget(this);
    }

    /// For the region's end.
    synchronized void end() {
        if (!ended) {
            arena.close();
            ended = true;
        }
    }
}
