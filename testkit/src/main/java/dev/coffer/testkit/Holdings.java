package dev.coffer.testkit;

import dev.coffer.instruments.Mapping;
import java.io.File;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.util.concurrent.locks.LockSupport;

/// What this process holds beside its heap, as far as anything of ours could: for a look before and one after.
///
/// A region is known by its pages being left out of dumps, which nothing in the JDK asks for; its name is no way, as many kernels keep none.
///
/// @param descriptors  that are open
/// @param regions      mappings that are left out of dumps
/// @param regionBytes  of them
/// @param directBytes  of memory that the JDK gave: regions in the portable form
/// @param threads      of ours, by their names
public record Holdings(int descriptors, long regions, long regionBytes, long directBytes, long threads) {
    private static final long PAUSE_NANOS = 2_000_000;

    /// {@return what is held now}
    public static Holdings now() {
        long regions = 0;
        long bytes = 0;
        for (Mapping mapping : Mapping.ofSelf()) {
            if (mapping.flags().contains("dd")) {
                regions++;
                bytes += mapping.bytes();
            }
        }
        long direct = 0;
        for (BufferPoolMXBean pool : ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class)) {
            direct += pool.getName().equals("direct") ? pool.getMemoryUsed() : 0;
        }
        String[] open = new File("/proc/self/fd").list();
        long threads = Thread.getAllStackTraces().keySet().stream().filter(thread -> thread.getName().startsWith("coffer")).count();
        return new Holdings(open == null ? 0 : open.length, regions, bytes, direct, threads);
    }

    /// Looks until no more is held than this: a thread takes a moment to end, and the JDK gives some things back with a collection.
    ///
    /// @param looks  at most
    /// @return whether it is so
    public boolean areBack(int looks) {
        for (int look = 0; look < looks; look++) {
            if (!now().isMoreThan(this)) {
                return true;
            }
            if (look % 20 == 2) {
                System.gc();
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
        return false;
    }

    private boolean isMoreThan(Holdings before) {
        return descriptors > before.descriptors || regions > before.regions || regionBytes > before.regionBytes || directBytes > before.directBytes
                || threads > before.threads;
    }
}
