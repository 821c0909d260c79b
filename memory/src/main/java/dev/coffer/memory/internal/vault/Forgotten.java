package dev.coffer.memory.internal.vault;

import java.lang.ref.Cleaner;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// What the collector finds forgotten comes back, and is asked for where an area is full, as the JDK does it for direct buffers: one thread asks for a collection, and the pieces of
/// what was forgotten are waited for, up to a quarter of a second. Where that was in vain nobody asks again for a second: a full area refuses without stopping the process each
/// time. One for the areas of a provider; any thread.
@SuppressWarnings("exports")  // annotations that users need not have
public final class Forgotten {
    private static final long VAIN_NANOS = 1_000_000_000;
    private static final long WAIT_NANOS_MIN = 1_000_000;
    private static final long WAIT_NANOS_MAX = 128_000_000;  // 1 + 2 + ... + 128 ms in all

    private static @Nullable Cleaner cleaner;  // null until the first is asked for; under the class's lock

    private final ReentrantLock collecting = new ReentrantLock();
    private boolean vain;   // the last collection brought nothing; under collecting
    private long vainAt;    // and when that was; under collecting

    /// Has the thread started that gives back.
    ///
    /// @throws OutOfMemoryError  it cannot start; the next one asks again
    public Forgotten() {
        cleaner();
    }

    /// {@return the one thread of all. Where it cannot start, who asked is refused and the next one asks again: made with the class, it would be refused for ever}
    private static synchronized Cleaner cleaner() {
        Cleaner there = cleaner;
        if (there == null) {
            there = Cleaner.create(task -> {
                Thread thread = new Thread(task, "coffer-cleaner");
                thread.setDaemon(true);
                return thread;
            });
            cleaner = there;
        }
        return there;
    }

    /// {@return what gives something back, once: when it is run or `holder` is forgotten; where that cannot be arranged it is given back now, and what was refused is
    /// thrown}
    public static Runnable watch(Object holder, Runnable giveBack) {
        boolean watching = false;
        try {
            Runnable watched = cleaner().register(holder, giveBack)::clean;
            watching = true;
            return watched;
        } finally {
            if (!watching) {
                giveBack.run();
            }
        }
    }

    /// One thread asks the collector, the others wait for what that brings.
    ///
    /// @return null where there is no room all the same
    @Nullable
    Piece collectAndTake(VaultArea area, long bytes) {
        collecting.lock();
        try {
            Piece piece = area.tryTake(bytes);
            if (piece != null || vain && System.nanoTime() - vainAt < VAIN_NANOS) {
                return piece;
            }
            System.gc();
            for (long wait = WAIT_NANOS_MIN; piece == null && wait <= WAIT_NANOS_MAX; wait *= 2) {
                LockSupport.parkNanos(wait);
                piece = area.tryTake(bytes);
            }
            vain = piece == null;
            vainAt = System.nanoTime();
            return piece;
        } finally {
            collecting.unlock();
        }
    }
}
