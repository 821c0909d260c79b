package dev.coffer.memory;

import dev.coffer.memory.layout.Align;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Gives pages of a region that commits on touch back to the system when nobody uses them any more.
///
/// What is released is wiped, so a page of which nothing is in use is zero; and a page that is zero reads the same when it was given back. So nobody has to
/// say what is free: the sweep looks. It gives back what was zero in two passes, one after the other: what is needed now and then keeps its page.
///
/// ```
///   a pass     | 1024 pages | 1024 pages | ...        a step looks at so many: which have memory (mincore), which of these are zero
///   zero       0 0 1 1 0 1                            in the pass before; a bit a page
///   owned      ....[ rows of the loop ]....           no others are looked into
/// ```
///
/// **Whose rows**: a page is given back between two instructions of whoever sweeps. What another thread writes to it at that moment would be lost, so only
/// rows that the sweeping thread alone writes are told to [#own]. A page that such a row shares with another row stays.
///
/// One thread at a time. A step costs a system call, a look at each page with memory up to its first byte that is not zero, and a system call for each run
/// of pages that go: some tens to hundreds of microseconds. 0 heap bytes after the factory.
public final class PageSweep {
    /// Pages that a step looks at.
    public static final int PAGES_A_STEP = 1024;

    private static final long PAGE_BYTES_MIN = 4096;
    private static final int RANGES_MAX = 16;

    private final Region region;
    private final MemorySegment memory;     // a byte for each page of a step, then a bit for each of the region
    private final long base;                // address of the region's data
    private final long memoryAt;            // offset of `memory` in the data
    private final long pageBytes;
    private final long pages;
    private final long[] from = new long[RANGES_MAX];   // owned, offsets in the data, apart from each other
    private final long[] to = new long[RANGES_MAX];
    private int ranges;
    private long next;          // page
    private long found;         // pages with memory in this pass
    private boolean pending;    // pages were zero in this pass for the first time
    private boolean wasPending; // in the one before
    private boolean unknown;    // the system did not say, in this pass
    private long givenBack;     // bytes, ever

    private PageSweep(Region region, MemorySegment memory) {
        this.region = region;
        this.memory = memory;
        this.base = region.data().address();
        this.memoryAt = memory.address() - base;
        this.pageBytes = region.pageBytes();
        this.pages = region.bodyBytes() / pageBytes;
    }

    /// {@return the plan's row for a sweep of a region with those rows and this one}
    ///
    /// @param data  the others
    public static MemoryPlan plan(MemoryPlan data) {
        long most = data.rounded(Align.CACHE_LINE_BYTES).totalBytes();
        most += Align.up(most / PAGE_BYTES_MIN / Byte.SIZE, PAGE_BYTES_MIN) + PAGES_A_STEP + 4 * PAGE_BYTES_MIN;  // with itself, canary and rounding
        return MemoryPlan.block("page sweep", Align.up(PAGES_A_STEP + bitBytes(most / PAGE_BYTES_MIN), Align.CACHE_LINE_BYTES), 1, "which pages are zero");
    }

    private static long bitBytes(long pages) {
        return Align.up(pages, Long.SIZE) / Byte.SIZE;
    }

    /// {@return a sweep that owns nothing yet}
    ///
    /// @param region  that commits on touch
    /// @param memory  as many bytes as [#plan] says, zero, of the region's data: the system writes there, so it lives as long; nobody else's
    /// @throws IllegalArgumentException  another region, other memory or less (caller's fault)
    /// @throws IllegalStateException     the region is closed (caller's fault)
    public static PageSweep over(Region region, MemorySegment memory) {
        long bytes = PAGES_A_STEP + bitBytes(region.bodyBytes() / region.pageBytes());
        long at = memory.address() - region.data().address();
        if (region.config().commit() != RegionConfig.Commit.ON_TOUCH || memory.byteSize() < bytes
                || !memory.scope().equals(region.data().scope()) || at < 0
                || at > region.data().byteSize() - bytes) {
            throw new IllegalArgumentException("sweep of region \"" + region.name() + "\", committed " + region.config().commit() + ": " + memory.byteSize()
                    + " bytes at " + at + " of its data (expected one committed ON_TOUCH, and " + bytes + " of it)");
        }
        return new PageSweep(region, memory);
    }

    /// From here on whole pages of those rows may be given back.
    ///
    /// @param rows  in the region's data; written by the sweeping thread alone
    /// @throws IllegalArgumentException  other memory, or rows of it that were told before (caller's fault)
    /// @throws IllegalStateException     too many rows that lie apart from each other (caller's fault)
    public void own(MemorySegment rows) {
        long begin = rows.address() - base;
        long end = begin + rows.byteSize();
        if (begin < 0 || end > region.data().byteSize()) {
            throw new IllegalArgumentException("sweep of region \"" + region.name() + "\": " + rows.byteSize() + " bytes at " + begin + " of its data");
        }
        for (int i = 0; i < ranges; i++) {  // before anything moves
            if (begin < to[i] && end > from[i]) {
                throw new IllegalArgumentException(
                        "sweep of region \"" + region.name() + "\": " + rows.byteSize() + " bytes at " + begin + " are owned already");
            }
        }
        int kept = 0;
        for (int i = 0; i < ranges; i++) {
            // Between two rows is a rounding at the most, in which nobody writes.
            if (begin - to[i] >= 0 && begin - to[i] < Align.CACHE_LINE_BYTES) {
                begin = from[i];
            } else if (from[i] - end >= 0 && from[i] - end < Align.CACHE_LINE_BYTES) {
                end = to[i];
            } else {
                from[kept] = from[i];
                to[kept++] = to[i];
            }
        }
        if (kept == RANGES_MAX) {  // then nothing was joined, nor moved
            throw new IllegalStateException("sweep of region \"" + region.name() + "\": more than " + RANGES_MAX + " rows that lie apart");
        }
        from[kept] = begin;
        to[kept] = end;
        ranges = kept + 1;
    }

    /// Looks at the next pages, and gives back those that were zero before.
    ///
    /// @return whether there are more in this pass; where not, [Region#committedBytes] is what it found
    /// @throws IllegalStateException  the region is closed (caller's fault)
    public boolean step() {
        if (region.portable()) {
            return false;
        }
        long count = Math.min(PAGES_A_STEP, pages - next);
        if (!region.resident(next * pageBytes, count * pageBytes, memoryAt)) {
            unknown = true;  // forbidden to ask: all may have some
        }
        for (long i = 0; i < count; i++) {
            if (unknown) {
                memory.set(ValueLayout.JAVA_BYTE, i, (byte) 1);
            }
            found += memory.get(ValueLayout.JAVA_BYTE, i) & 1;
        }
        for (int i = 0; i < ranges; i++) {
            long begin = Math.max(next, Align.up(from[i], pageBytes) / pageBytes);
            long end = Math.min(next + count, to[i] / pageBytes);
            if (begin < end) {
                sweep(begin, end);
            }
        }
        next += count;
        if (next < pages) {
            return true;
        }
        region.committedBytes(unknown ? region.bodyBytes() : found * pageBytes);
        wasPending = pending;
        pending = false;
        next = 0;
        found = 0;
        unknown = false;  // it may be able to at another time
        return false;
    }

    /// {@return whether the last pass has seen pages that go with the next one, if they are still zero}
    public boolean isPending() {
        return wasPending;
    }

    /// {@return bytes that were ever given back}
    public long givenBackBytes() {
        return givenBack;
    }

    private void sweep(long begin, long end) {
        long run = begin;  // first of the pages that go
        for (long page = begin; page < end; page++) {
            boolean goes = false;
            if ((memory.get(ValueLayout.JAVA_BYTE, page - next) & 1) != 0 && isZero(page)) {
                goes = wasZero(page);
                mark(page, !goes);
                pending |= !goes && region.givesBack();
            } else {
                mark(page, false);
            }
            if (!goes) {
                giveBack(run, page);
                run = page + 1;
            }
        }
        giveBack(run, end);
    }

    private void giveBack(long begin, long end) {
        if (begin < end && region.givesBack() && region.discard(begin * pageBytes, (end - begin) * pageBytes)) {
            found -= end - begin;
            givenBack += (end - begin) * pageBytes;
        }
    }

    /// Up to the first word that is not: there is no secret in whether a page is in use.
    private boolean isZero(long page) {
        MemorySegment data = region.data();
        for (long at = page * pageBytes; at < (page + 1) * pageBytes; at += Long.BYTES) {
            if (data.get(ValueLayout.JAVA_LONG, at) != 0) {
                return false;
            }
        }
        return true;
    }

    private boolean wasZero(long page) {
        return (memory.get(ValueLayout.JAVA_BYTE, PAGES_A_STEP + page / Byte.SIZE) & 1 << page % Byte.SIZE) != 0;
    }

    private void mark(long page, boolean zero) {
        long at = PAGES_A_STEP + page / Byte.SIZE;
        int bit = 1 << page % Byte.SIZE;
        int old = memory.get(ValueLayout.JAVA_BYTE, at);
        if (zero != ((old & bit) != 0)) {
            memory.set(ValueLayout.JAVA_BYTE, at, (byte) (zero ? old | bit : old & ~bit));
        }
    }

    @Override
    public String toString() {
        return "PageSweep[" + region.name() + ", " + ranges + " rows, " + givenBack + " bytes given back]";
    }
}
