package dev.coffer.memory.internal.os;

import java.io.DataInputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/// The memory calls of Linux. Each returns its result, or the negated error number (see [Errno]); nothing is ignored
/// and nothing is thrown. Stateless, thread-safe.
///
/// Open to subclassing for one purpose: tests that make a call fail.
public class MemoryCalls {
    // Values of the generic ABI (include/uapi/asm-generic/mman-common.h), the same on x86-64 and AArch64.
    public static final int PROT_NONE = 0;
    public static final int PROT_READ = 1;
    public static final int PROT_WRITE = 2;
    public static final int MAP_SHARED = 0x01;
    public static final int MAP_PRIVATE = 0x02;
    public static final int MAP_ANONYMOUS = 0x20;
    public static final int MAP_NORESERVE = 0x4000;
    public static final int MAP_POPULATE = 0x8000;
    public static final int MADV_DONTNEED = 4;
    public static final int MADV_DONTFORK = 10;
    public static final int MADV_NOHUGEPAGE = 15;
    public static final int MADV_DONTDUMP = 16;
    public static final int MADV_WIPEONFORK = 18;
    public static final int MADV_DONTNEED_LOCKED = 24;

    static final int MMAP = Syscall.number(9, 222);
    static final int MUNMAP = Syscall.number(11, 215);
    static final int MPROTECT = Syscall.number(10, 226);
    private static final int MLOCK = Syscall.number(149, 228);
    private static final int MLOCK2 = Syscall.number(325, 284);
    private static final int MINCORE = Syscall.number(27, 232);
    private static final int MADVISE = Syscall.number(28, 233);
    private static final int FTRUNCATE = Syscall.number(77, 46);
    static final int CLOSE = Syscall.number(3, 57);
    private static final int PRLIMIT64 = Syscall.number(302, 261);
    private static final int PRCTL = Syscall.number(157, 167);
    private static final int MEMFD_SECRET = 447;  // the same number on every architecture

    private static final int O_CLOEXEC = 02000000;
    private static final int MLOCK_ONFAULT = 1;
    private static final int RLIMIT_MEMLOCK = 8;
    private static final int PR_SET_VMA = 0x53564d41;
    private static final long PR_SET_VMA_ANON_NAME = 0;
    private static final long AT_PAGESZ = 6;  // getauxval(3)

    /// The calls of this machine.
    public static final MemoryCalls SYSTEM = new MemoryCalls();

    private static final long PAGE_BYTES = readPageBytes();

    protected MemoryCalls() {}

    /// {@return whether this machine has these calls}
    public boolean available() {
        return Syscall.available();
    }

    /// {@return bytes of a page}
    public long pageBytes() {
        return PAGE_BYTES;
    }

    /// The auxiliary vector holds what sysconf(3) would say: pairs of native words, type and value.
    private static long readPageBytes() {
        Path vector = Path.of("/proc/self/auxv");
        if (ByteOrder.nativeOrder() != ByteOrder.LITTLE_ENDIAN || !Files.isReadable(vector)) {
            return 4096;
        }
        try (DataInputStream in = new DataInputStream(Files.newInputStream(vector))) {
            while (true) {
                long type = Long.reverseBytes(in.readLong());
                long value = Long.reverseBytes(in.readLong());
                if (type == AT_PAGESZ) {
                    return value;
                }
            }
        } catch (IOException e) {
            return 4096;
        }
    }

    /// `mmap(2)` at an address of the kernel's choice.
    ///
    /// @return the address, or the negated error number
    public long map(long bytes, int protection, int flags, int fd) {
        return Syscall.call(MMAP, 0, bytes, protection, flags, fd, 0);
    }

    /// `munmap(2)`.
    public long unmap(long address, long bytes) {
        return Syscall.call(MUNMAP, address, bytes, 0, 0, 0, 0);
    }

    /// `mprotect(2)`.
    public long protect(long address, long bytes, int protection) {
        return Syscall.call(MPROTECT, address, bytes, protection, 0, 0, 0);
    }

    /// `mlock(2)`.
    public long lock(long address, long bytes) {
        return Syscall.call(MLOCK, address, bytes, 0, 0, 0, 0);
    }

    /// `mlock2(2)` with `MLOCK_ONFAULT`: pages are locked when they are touched; `ENOSYS` before Linux 4.4. The whole range counts
    /// against the limit at once.
    public long lockOnFault(long address, long bytes) {
        return Syscall.call(MLOCK2, address, bytes, MLOCK_ONFAULT, 0, 0, 0);
    }

    /// `madvise(2)`. Of no bytes it only says whether the kernel knows the advice: `EINVAL` where not.
    public long advise(long address, long bytes, int advice) {
        return Syscall.call(MADVISE, address, bytes, advice, 0, 0, 0);
    }

    /// `mincore(2)`: a byte for each page, whose lowest bit says whether it has memory.
    ///
    /// @param target  address of so many bytes as there are pages
    public long resident(long address, long bytes, long target) {
        return Syscall.call(MINCORE, address, bytes, target, 0, 0, 0);
    }

    /// `memfd_secret(2)` followed by `ftruncate(2)`.
    ///
    /// @return a file descriptor, or the negated error number
    public long secretFile(long bytes) {
        long fd = Syscall.call(MEMFD_SECRET, O_CLOEXEC, 0, 0, 0, 0, 0);
        if (fd < 0) {
            return fd;
        }
        long truncated = Syscall.call(FTRUNCATE, fd, bytes, 0, 0, 0, 0);
        if (truncated < 0) {
            closeFile((int) fd);
            return truncated;
        }
        return fd;
    }

    /// `close(2)`.
    public long closeFile(int fd) {
        return Syscall.call(CLOSE, fd, 0, 0, 0, 0, 0);
    }

    /// Random bytes, as of [RandomCall#fill].
    public long random(MemorySegment target, long at, long bytes) {
        return RandomCall.fill(target, at, bytes);
    }

    /// {@return the soft limit of locked memory in bytes, `Long.MAX_VALUE` for none, or the negated error number}
    public long lockLimitBytes() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment limits = arena.allocate(ValueLayout.JAVA_LONG, 2);  // struct rlimit64: soft, hard
            long result = Syscall.call(PRLIMIT64, 0, RLIMIT_MEMLOCK, 0, limits.address(), 0, 0);
            if (result < 0) {
                return result;
            }
            long soft = limits.getAtIndex(ValueLayout.JAVA_LONG, 0);
            return soft < 0 ? Long.MAX_VALUE : soft;  // RLIM64_INFINITY is all ones
        }
    }

    /// Names an anonymous mapping, so that `/proc/self/smaps` shows it and the kernel merges it with no neighbour.
    /// `EINVAL` where the kernel was built without that.
    public long name(long address, long bytes, String name) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment text = arena.allocateFrom(name);
            return Syscall.call(PRCTL, PR_SET_VMA, PR_SET_VMA_ANON_NAME, address, bytes, text.address(), 0);
        }
    }
}
