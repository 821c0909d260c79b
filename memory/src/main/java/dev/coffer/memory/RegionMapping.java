package dev.coffer.memory;

import dev.coffer.memory.Protection.Level;
import dev.coffer.memory.Protection.Status;
import dev.coffer.memory.internal.os.Errno;
import dev.coffer.memory.internal.os.MemoryCalls;
import dev.coffer.memory.internal.os.Syscall;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// The pages under a [Region]: mapped, protected, unmapped. Knows system calls and levels; knows nothing of rows.
///
/// Every call on these pages is made here, by address. An address that was given up may be another's the next moment, so a call is counted before it is made,
/// [#close] waits for those that are counted, and from then on none is made.
@SuppressWarnings("restricted")  // reinterpreting an address that mmap has just given is the point of the class
final class RegionMapping {
    private static final int NONE = -1;
    private static final int GIVEN_UP = Integer.MIN_VALUE;  // the sign of `callers`

    private final String name;          // of the region, for messages
    private final Arena arena;
    private final @Nullable MemoryCalls calls;  // null in the portable form
    private final long address;         // of the whole mapping; 0 in the portable form
    private final long bytes;
    private final long pageBytes;
    private final MemorySegment body;   // without the guards
    private final List<Status> statuses;
    private final String inForce;
    private final int giveBackAdvice;   // NONE: nothing can be given back
    private volatile boolean refused;   // by a filter of system calls, which may come at any time
    private final AtomicInteger callers = new AtomicInteger();  // system calls under way; negative from close on

    private RegionMapping(String name, Arena arena, @Nullable MemoryCalls calls, long address, long bytes, long pageBytes, MemorySegment body,
            List<Status> statuses, int giveBackAdvice) {
        this.name = name;
        this.arena = arena;
        this.calls = calls;
        this.address = address;
        this.bytes = bytes;
        this.pageBytes = pageBytes;
        this.body = body;
        this.statuses = List.copyOf(statuses);
        this.giveBackAdvice = giveBackAdvice;
        StringBuilder names = new StringBuilder();
        for (Status status : statuses) {
            names.append(status.inForce() ? (names.isEmpty() ? "" : " ") + status.protection() : "");
        }
        this.inForce = names.toString();
    }

    /// The fallback for systems without the calls: plain memory of the JDK, nothing in force.
    @SuppressWarnings("MustBeClosedChecker")  // the mapping closes it
    static RegionMapping portable(RegionConfig config, long bytes, long pageBytes) {
        List<Status> statuses = new ArrayList<>();
        for (Protection protection : Protection.values()) {
            Level level = config.level(protection);
            String detail = level == Level.OFF ? "" : "portable memory: "
                    + (Syscall.available() ? "this system has none of the calls of Linux" : Syscall.obstacle());
            if (level == Level.REQUIRED) {
                throw new ProtectionException(protection, "region \"" + config.name() + "\": " + protection
                        + " is required; " + detail);
            }
            statuses.add(new Status(protection, level, false, detail));
        }
        Arena arena = Arena.ofShared();
        try {
            MemorySegment all = arena.allocate(bytes, pageBytes);
            long guard = config.guard() == Level.OFF ? 0 : pageBytes;
            return new RegionMapping(config.name(), arena, null, 0, bytes, pageBytes, all.asSlice(guard, bytes - 2 * guard), statuses, NONE);
        } catch (RuntimeException | Error e) {
            arena.close();
            throw e;
        }
    }

    static RegionMapping system(RegionConfig config, long bytes, MemoryCalls calls) {
        Opening opening = new Opening(config, bytes, calls);
        try {
            return opening.open();
        } catch (RuntimeException | Error e) {
            opening.undo();
            throw e;
        }
    }

    MemorySegment body() {
        return body;
    }

    long bytes() {
        return bytes;
    }

    long pageBytes() {
        return pageBytes;
    }

    boolean isPortable() {
        return calls == null;
    }

    List<Status> statuses() {
        return statuses;
    }

    /// {@return the names of the protections in force, made once}
    String inForce() {
        return inForce;
    }

    /// {@return a number nobody can guess}
    long random() {
        long at = body.byteSize() - Long.BYTES;  // in the canary's page, which is committed in any case
        if (calls == null || calls.random(body, at, Long.BYTES) < 0) {
            return new SecureRandom().nextLong();
        }
        long random = body.get(ValueLayout.JAVA_LONG, at);
        body.set(ValueLayout.JAVA_LONG, at, 0);
        return random;
    }

    /// {@return whether the system takes pages back}
    boolean givesBack() {
        return giveBackAdvice != NONE && !refused;
    }

    /// Drops pages of the body: they read zero from now on.
    ///
    /// @param wipe  before they are dropped, what is not zero: the system's own zeros come when the page is somebody's again
    /// @return whether the system has them back
    boolean discard(long at, long length, boolean wipe) {
        if (wipe) {
            wipe(at, length);
        }
        if (calls != null && givesBack()) {
            long result;
            enter();
            try {
                result = calls.advise(body.address() + at, length, giveBackAdvice);
            } finally {
                leave();
            }
            if (result >= 0) {
                return true;
            }
            refused = result != -Errno.EAGAIN;
        }
        if (!wipe) {
            Wipe.bytes(body, at, length);
        }
        return false;
    }

    /// Writes a byte for each page of the body from one on, whose lowest bit says whether it has memory.
    ///
    /// @param targetAt  offset in the body
    /// @return whether the system says so
    /// @throws IllegalStateException  closed
    boolean resident(long at, long length, long targetAt) {
        if (calls == null) {
            return false;
        }
        enter();
        try {
            return calls.resident(body.address() + at, length, body.address() + targetAt) >= 0;
        } finally {
            leave();
        }
    }

    /// Changes what may be done with pages of the body.
    ///
    /// @return 0, or the negated error number
    /// @throws IllegalStateException  closed
    long protect(long at, long length, int protection) {
        if (calls == null) {
            return 0;
        }
        enter();
        try {
            return calls.protect(body.address() + at, length, protection);
        } finally {
            leave();
        }
    }

    /// Counts a call that is about to be made by address. Makes no object.
    private void enter() {
        int now = callers.get();
        while (now < 0 || !callers.compareAndSet(now, now + 1)) {
            if (now < 0) {
                throw new IllegalStateException("region \"" + name + "\" is closed");
            }
            now = callers.get();
        }
    }

    private void leave() {
        callers.getAndDecrement();
    }

    /// By page, and of those alone that are not zero: a look commits nothing, a write would.
    private void wipe(long at, long length) {
        for (long from = at; from < at + length; from += pageBytes) {
            if (!ConstantTime.isZero(body, from, pageBytes)) {
                Wipe.bytes(body, from, pageBytes);
            }
        }
    }

    /// Ends the lifetime of every segment, then unmaps, once the calls under way have returned: they are short. For one thread at a time, once.
    ///
    /// @throws IllegalStateException  as of [Arena#close]; the mapping stays
    @SuppressWarnings("ThreadPriorityCheck")  // whoever is inside needs the processor, and soon is not
    void close() {
        int before = callers.getAndAdd(GIVEN_UP);
        assert before >= 0 : "closed by two";
        boolean ended = false;
        try {
            while (callers.get() != GIVEN_UP) {
                Thread.yield();
            }
            arena.close();
            ended = true;
        } finally {
            if (!ended) {
                callers.getAndAdd(GIVEN_UP);  // the sign once more: as before
            }
        }
        if (calls != null) {
            long result = calls.unmap(address, bytes);
            assert result == 0 : "munmap: " + Errno.name((int) -result);
        }
    }

    /// One attempt at a mapping, with what it must undo when a required protection is refused.
    private static final class Opening {
        private final RegionConfig config;
        private final long bytes;
        private final MemoryCalls calls;
        private final long page;
        private final List<Status> statuses = new ArrayList<>();
        private long address;
        private boolean hidden;
        private int giveBack = NONE;

        Opening(RegionConfig config, long bytes, MemoryCalls calls) {
            this.config = config;
            this.bytes = bytes;
            this.calls = calls;
            this.page = calls.pageBytes();
        }

        @SuppressWarnings("MustBeClosedChecker")  // the mapping closes it
        RegionMapping open() {
            Status hiddenStatus = mapHidden();
            if (!hidden) {
                mapAnonymous();
            }
            calls.name(address, bytes, "coffer:" + config.name());  // for smaps; a kernel without names shows none
            long guard = config.guard() == Level.OFF ? 0 : page;
            long bodyAt = address + guard;
            long bodyBytes = bytes - 2 * guard;
            statuses.add(guard(bodyAt + bodyBytes));
            if (config.commit() == RegionConfig.Commit.ON_TOUCH) {
                calls.advise(bodyAt, bodyBytes, MemoryCalls.MADV_NOHUGEPAGE);  // a touch commits a page, not two megabytes; EINVAL where there are none such
            }
            statuses.add(lock(bodyAt, bodyBytes));
            statuses.add(hidden ? always(Protection.NO_DUMP, "memfd_secret") : advise(Protection.NO_DUMP,
                    "madvise(MADV_DONTDUMP)", bodyAt, bodyBytes, MemoryCalls.MADV_DONTDUMP));
            statuses.add(hidden
                    ? advise(Protection.WIPE_ON_FORK, "madvise(MADV_DONTFORK), as memfd_secret refuses MADV_WIPEONFORK",
                            bodyAt, bodyBytes, MemoryCalls.MADV_DONTFORK)
                    : advise(Protection.WIPE_ON_FORK, "madvise(MADV_WIPEONFORK)", bodyAt, bodyBytes,
                            MemoryCalls.MADV_WIPEONFORK));
            statuses.add(hiddenStatus);
            Arena arena = Arena.ofShared();
            MemorySegment body = MemorySegment.ofAddress(bodyAt).reinterpret(bodyBytes, arena, null);
            for (long at = 0; hidden && at < bodyBytes; at += page) {
                body.set(ValueLayout.JAVA_BYTE, at, (byte) 0);  // nothing else commits such pages: MAP_POPULATE passes them by
            }
            return new RegionMapping(config.name(), arena, calls, address, bytes, page, body, statuses, giveBack);
        }

        void undo() {
            if (address > 0) {
                calls.unmap(address, bytes);
            }
        }

        private Status mapHidden() {
            if (config.hidden() == Level.OFF) {
                return new Status(Protection.HIDDEN, Level.OFF, false, "");
            }
            long fd = calls.secretFile(bytes);
            long mapped = fd;
            if (fd >= 0) {
                try {
                    mapped = calls.map(bytes, MemoryCalls.PROT_READ | MemoryCalls.PROT_WRITE, MemoryCalls.MAP_SHARED,
                            (int) fd);
                    address = Math.max(0, mapped);
                } finally {
                    calls.closeFile((int) fd);  // the mapping keeps the file
                }
            }
            if (mapped < 0) {
                return refused(Protection.HIDDEN, "memfd_secret", bytes, mapped,
                        "needs Linux 5.14 with secretmem enabled and room under ulimit -l");
            }
            hidden = true;
            return always(Protection.HIDDEN, "memfd_secret");
        }

        private void mapAnonymous() {
            int flags = MemoryCalls.MAP_PRIVATE | MemoryCalls.MAP_ANONYMOUS
                    | (config.commit() == RegionConfig.Commit.ON_OPEN ? MemoryCalls.MAP_POPULATE
                            : MemoryCalls.MAP_NORESERVE);
            long mapped = calls.map(bytes, MemoryCalls.PROT_READ | MemoryCalls.PROT_WRITE, flags, -1);
            if (mapped < 0) {
                throw new OutOfMemoryError("region \"" + config.name() + "\": mmap of " + bytes + " bytes refused, "
                        + Errno.name((int) -mapped));
            }
            address = mapped;
        }

        private Status guard(long afterAt) {
            if (config.guard() == Level.OFF) {
                return new Status(Protection.GUARD, Level.OFF, false, "");
            }
            long before = calls.protect(address, page, MemoryCalls.PROT_NONE);
            long after = calls.protect(afterAt, page, MemoryCalls.PROT_NONE);
            if (before < 0 || after < 0) {
                return refused(Protection.GUARD, "mprotect", page, Math.min(before, after),
                        "a process may have 65530 mappings; see vm.max_map_count");
            }
            return always(Protection.GUARD, "one page of " + page + " at each end");
        }

        private Status lock(long at, long length) {
            boolean touch = config.commit() == RegionConfig.Commit.ON_TOUCH;
            giveBack = touch ? MemoryCalls.MADV_DONTNEED : NONE;
            if (config.locked() == Level.OFF) {
                return new Status(Protection.LOCKED, Level.OFF, false, "");
            }
            if (hidden) {
                return always(Protection.LOCKED, "memfd_secret");
            }
            long result = touch ? calls.lockOnFault(at, length) : calls.lock(at, length);
            if (result < 0) {
                long limit = calls.lockLimitBytes();
                return refused(Protection.LOCKED, touch ? "mlock2(MLOCK_ONFAULT)" : "mlock", length, result,
                        "limit " + limit + "; raise it with ulimit -l or use BEST_EFFORT" + (touch ? "; needs Linux 4.4" : ""));
            }
            return always(Protection.LOCKED, length + " bytes" + (touch ? lockedOnTouch(at) : ""));
        }

        /// A kernel that does not know how to drop locked pages keeps them. To unlock them first, and lock them again when they are dropped, would have the lock
        /// hang on two calls more, of which the last may be refused when nobody can be told any more: memory is less than the promise.
        private String lockedOnTouch(long at) {
            boolean known = calls.advise(at, 0, MemoryCalls.MADV_DONTNEED_LOCKED) >= 0;
            giveBack = known ? MemoryCalls.MADV_DONTNEED_LOCKED : NONE;
            return ", each page when touched; " + (known ? "given back by MADV_DONTNEED_LOCKED"
                    : "none is given back: MADV_DONTNEED_LOCKED needs Linux 5.18");
        }

        private Status advise(Protection protection, String call, long at, long length, int advice) {
            if (config.level(protection) == Level.OFF) {
                return new Status(protection, Level.OFF, false, "");
            }
            long result = calls.advise(at, length, advice);
            if (result < 0) {
                return refused(protection, call, length, result, "needs Linux 4.14");
            }
            return always(protection, call);
        }

        private Status always(Protection protection, String detail) {
            return new Status(protection, config.level(protection), true, detail);
        }

        private Status refused(Protection protection, String call, long length, long result, String remedy) {
            String detail = call + ": " + length + " bytes refused, " + Errno.name((int) -result) + "; " + remedy;
            if (config.level(protection) == Level.REQUIRED) {
                throw new ProtectionException(protection, "region \"" + config.name() + "\": " + detail);
            }
            return new Status(protection, config.level(protection), false, detail);
        }
    }
}
