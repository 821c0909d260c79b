package dev.coffer.memory.internal.os;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/// The memory calls of Linux. Each returns its result, or the negated error number (see [Errno]); nothing is ignored
/// and nothing is thrown. Cold paths: each call allocates a few objects. Stateless, thread-safe.
///
/// Open to subclassing for one purpose: tests that make a call fail.
@SuppressWarnings("restricted")  // this package is where the house binds system calls
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
    public static final int MADV_DONTDUMP = 16;
    public static final int MADV_WIPEONFORK = 18;

    private static final int SC_PAGESIZE = 30;
    private static final long SYS_MEMFD_SECRET = 447;  // the same number on every architecture
    private static final int FD_CLOEXEC_SECRET = 02000000;  // FD_CLOEXEC of memfd_secret is O_CLOEXEC
    private static final int RLIMIT_MEMLOCK = 8;
    private static final int PR_SET_VMA = 0x53564d41;
    private static final long PR_SET_VMA_ANON_NAME = 0;

    /// The calls of this machine.
    public static final MemoryCalls SYSTEM = new MemoryCalls();

    protected MemoryCalls() {}

    /// {@return whether this machine has these calls: a 64-bit Linux}
    public boolean available() {
        return Bound.AVAILABLE;
    }

    /// {@return bytes of a page}
    public long pageBytes() {
        return Bound.AVAILABLE ? Bound.call(Bound.SYSCONF, SC_PAGESIZE) : 4096;
    }

    /// `mmap(2)` at an address of the kernel's choice.
    ///
    /// @return the address, or the negated error number
    public long map(long bytes, int protection, int flags, int fd) {
        return Bound.call(Bound.MMAP, 0L, bytes, protection, flags, fd, 0L);
    }

    /// `munmap(2)`.
    public long unmap(long address, long bytes) {
        return Bound.call(Bound.MUNMAP, address, bytes);
    }

    /// `mprotect(2)`.
    public long protect(long address, long bytes, int protection) {
        return Bound.call(Bound.MPROTECT, address, bytes, protection);
    }

    /// `mlock(2)`.
    public long lock(long address, long bytes) {
        return Bound.call(Bound.MLOCK, address, bytes);
    }

    /// `madvise(2)`.
    public long advise(long address, long bytes, int advice) {
        return Bound.call(Bound.MADVISE, address, bytes, advice);
    }

    /// `memfd_secret(2)` followed by `ftruncate(2)`.
    ///
    /// @return a file descriptor, or the negated error number
    public long secretFile(long bytes) {
        long fd = Bound.call(Bound.SYSCALL, SYS_MEMFD_SECRET, (long) FD_CLOEXEC_SECRET);
        if (fd < 0) {
            return fd;
        }
        long truncated = Bound.call(Bound.FTRUNCATE, (int) fd, bytes);
        if (truncated < 0) {
            closeFile((int) fd);
            return truncated;
        }
        return fd;
    }

    /// `close(2)`.
    public long closeFile(int fd) {
        return Bound.call(Bound.CLOSE, fd);
    }

    /// `getrandom(2)` without flags: waits until the kernel's generator is seeded, then writes the whole range, however
    /// often it has to ask.
    ///
    /// @return 0, or the negated error number
    public long random(MemorySegment segment, long at, long bytes) {
        MemorySegment target = segment.asSlice(at, bytes);
        long done = 0;
        while (done < bytes) {
            long got = Bound.call(Bound.GETRANDOM, target.asSlice(done), Math.min(bytes - done, 1 << 20), 0);
            if (got < 0 && got != -Errno.EINTR) {
                return got;
            }
            done += Math.max(got, 0);
        }
        return 0;
    }

    /// {@return the soft limit of locked memory in bytes, `Long.MAX_VALUE` for none, or the negated error number}
    public long lockLimitBytes() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment limits = arena.allocate(ValueLayout.JAVA_LONG, 2);  // struct rlimit: soft, hard
            long result = Bound.call(Bound.GETRLIMIT, RLIMIT_MEMLOCK, limits);
            if (result < 0) {
                return result;
            }
            long soft = limits.getAtIndex(ValueLayout.JAVA_LONG, 0);
            return soft < 0 ? Long.MAX_VALUE : soft;  // RLIM_INFINITY is all ones
        }
    }

    /// Names an anonymous mapping, so that `/proc/self/smaps` shows it and the kernel merges it with no neighbour.
    /// `EINVAL` where the kernel was built without that.
    public long name(long address, long bytes, String name) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment text = arena.allocateFrom(name);
            return Bound.call(Bound.PRCTL, PR_SET_VMA, PR_SET_VMA_ANON_NAME, address, bytes, text.address());
        }
    }

    /// Bound once, on first use; a machine without the calls gets null handles and `available() == false`.
    private static final class Bound {
        private static final StructLayout STATE = Linker.Option.captureStateLayout();
        private static final VarHandle ERRNO = STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
        private static final ValueLayout.OfInt I32 = ValueLayout.JAVA_INT;
        private static final ValueLayout.OfLong I64 = ValueLayout.JAVA_LONG;

        private static final boolean AVAILABLE = System.getProperty("os.name", "").equals("Linux")
                && ValueLayout.ADDRESS.byteSize() == Long.BYTES
                && Linker.nativeLinker().defaultLookup().find("getrandom").isPresent();
        private static final MethodHandle MMAP = bind("mmap", I64, I64, I64, I32, I32, I32, I64);
        private static final MethodHandle MUNMAP = bind("munmap", I32, I64, I64);
        private static final MethodHandle MPROTECT = bind("mprotect", I32, I64, I64, I32);
        private static final MethodHandle MLOCK = bind("mlock", I32, I64, I64);
        private static final MethodHandle MADVISE = bind("madvise", I32, I64, I64, I32);
        private static final MethodHandle FTRUNCATE = bind("ftruncate", I32, I32, I64);
        private static final MethodHandle CLOSE = bind("close", I32, I32);
        private static final MethodHandle GETRANDOM = bind("getrandom", I64, ValueLayout.ADDRESS, I64, I32);
        private static final MethodHandle GETRLIMIT = bind("getrlimit", I32, I32, ValueLayout.ADDRESS);
        private static final MethodHandle SYSCONF = bind("sysconf", I64, I32);
        private static final MethodHandle SYSCALL = bindVariadic("syscall", 1, I64, I64, I64);
        private static final MethodHandle PRCTL = bindVariadic("prctl", 1, I32, I32, I64, I64, I64, I64);

        private static MethodHandle bind(String name, MemoryLayout result, MemoryLayout... arguments) {
            return bind(name, FunctionDescriptor.of(result, arguments), Linker.Option.captureCallState("errno"));
        }

        private static MethodHandle bindVariadic(String name, int firstVariadic, MemoryLayout result,
                MemoryLayout... arguments) {
            return bind(name, FunctionDescriptor.of(result, arguments), Linker.Option.captureCallState("errno"),
                    Linker.Option.firstVariadicArg(firstVariadic));
        }

        private static MethodHandle bind(String name, FunctionDescriptor type, Linker.Option... options) {
            return AVAILABLE ? Linker.nativeLinker().defaultLookup().find(name)
                    .map(symbol -> Linker.nativeLinker().downcallHandle(symbol, type, options)).orElse(null) : null;
        }

        /// Calls and folds C's "-1 and errno" into one number.
        private static long call(MethodHandle handle, Object... arguments) {
            if (handle == null) {
                return -Errno.ENOSYS;
            }
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment state = arena.allocate(STATE);
                Object[] all = new Object[arguments.length + 1];
                all[0] = state;
                System.arraycopy(arguments, 0, all, 1, arguments.length);
                long result = ((Number) handle.invokeWithArguments(all)).longValue();
                return result == -1 ? -(int) ERRNO.get(state, 0L) : result;
            } catch (RuntimeException | Error e) {
                throw e;
            } catch (Throwable e) {
                throw new AssertionError("a system call threw", e);
            }
        }
    }
}
