package dev.coffer.crypto.libcrypto;

import org.jspecify.annotations.Nullable;

/// `malloc`, `realloc` and `free` of libcrypto over two heaps of ours: what the library makes while it starts, tables and names, and what comes
/// later, contexts and their keys, in memory that is locked. Locked memory is scarce, 8 MiB a user where nobody has raised it, and nine
/// tenths of what the library takes are no secret.
///
/// A block stays in the heap that it began in. Called by libcrypto on any thread; nothing is thrown through it; 0 heap bytes.
final class LibraryAllocator {
    private final LibraryHeap start;
    private final LibraryHeap keys;
    private volatile boolean started;
    private volatile @Nullable Watch watch;

    /// One thread's count, by itself. Another watch has another: who was watched before may be counting still.
    private static final class Watch {
        private final Thread thread = Thread.currentThread();
        private long calls;
    }

    LibraryAllocator(LibraryHeap start, LibraryHeap keys) {
        this.start = start;
        this.keys = keys;
    }

    /// From here on what is asked for may hold keys.
    void started() {
        started = true;
    }

    /// Counts from here on what the library asks on the thread that calls this: whatever it asks, what it frees too, nothing included.
    void watch() {
        watch = new Watch();
    }

    /// {@return calls on the watched thread since it is; that thread alone asks, before another is watched}
    long callsWatched() {
        Watch own = watch;
        return own == null ? 0 : own.calls;
    }

    private void count() {
        Watch now = watch;
        if (now != null && now.thread == Thread.currentThread()) {
            now.calls++;
        }
    }

    /// As CRYPTO_malloc_fn: file and line are the library's, and nobody's concern.
    ///
    /// @return the address, or 0 where there is no room
    long allocate(long bytes, long file, int line) {
        count();
        return (started ? keys : start).allocate(bytes);
    }

    /// As CRYPTO_realloc_fn. Where it answers 0 the old block stays as it is.
    long reallocate(long address, long bytes, long file, int line) {
        if (address == 0) {
            return allocate(bytes, file, line);
        }
        count();
        return of(address).reallocate(address, bytes);
    }

    /// As CRYPTO_free_fn.
    void release(long address, long file, int line) {
        count();
        if (address != 0) {
            of(address).release(address);
        }
    }

    /// {@return the heap that an address lies in; of none, the one that counts it as a fault}
    private LibraryHeap of(long address) {
        return start.holds(address) ? start : keys;
    }
}
