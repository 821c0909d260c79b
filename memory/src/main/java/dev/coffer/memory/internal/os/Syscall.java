package dev.coffer.memory.internal.os;

import java.lang.System.Logger;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Objects;

/// Every system call of the house goes through one binding: a bound downcall costs 10 to 20 ms at start, so binding a
/// dozen C functions would be most of the time to the first byte; the kernel's own entry needs one ([KernelEntry]).
///
/// A result is the kernel's: negative error numbers ([Errno]) included. Numbers are those of the kernel's tables for
/// x86-64 (arch/x86/entry/syscalls/syscall_64.tbl) and AArch64 (include/uapi/asm-generic/unistd.h).
///
/// Elsewhere, and where the program was not granted native access, [#available] is false, every call answers `-ENOSYS`
/// and the portable forms serve. A system that would have the calls says once, in one line to the logger
/// `dev.coffer.memory`, why it does without them and how to change that.
///
/// Thread-safe, for virtual threads too (a call that blocks keeps the carrier). [#call] makes no object, in the
/// interpreter neither, whether the call fails or not; it is a plain downcall, so a collection need not wait for a call
/// that blocks.
public final class Syscall {
    private static final boolean X86_64 = System.getProperty("os.arch", "").equals("amd64");
    private static final boolean AARCH64 = System.getProperty("os.arch", "").equals("aarch64");
    private static final boolean KNOWN = System.getProperty("os.name", "").equals("Linux") && (X86_64 || AARCH64);

    private Syscall() {}

    /// {@return whether this is a Linux whose call numbers are known here, and this module may call it}
    public static boolean available() {
        return Bound.ENTRY != null;
    }

    /// {@return why not [#available], with the remedy, for messages; empty where it is}
    public static String obstacle() {
        return Bound.OBSTACLE;
    }

    /// {@return the number of a call on this machine}
    ///
    /// @param x86_64   its number on x86-64
    /// @param aarch64  its number on AArch64
    public static int number(int x86_64, int aarch64) {
        return X86_64 ? x86_64 : aarch64;
    }

    /// {@return the address of a range, for a call that is made before anyone can close the segment's region}
    ///
    /// @throws IndexOutOfBoundsException  the range does not lie in the segment (caller's fault)
    /// @throws IllegalArgumentException   a heap segment, which has no address (caller's fault)
    /// @throws IllegalStateException      the segment's region is closed (caller's fault)
    public static long address(MemorySegment segment, long at, long length) {
        Objects.checkFromIndexSize(at, length, segment.byteSize());
        if (!segment.isNative()) {
            throw new IllegalArgumentException("a heap segment (expected native memory)");
        }
        if (!segment.scope().isAlive()) {
            throw new IllegalStateException("the memory's region is closed");
        }
        return segment.address() + at;
    }

    /// Calls the kernel, which is told of no memory that anybody can close meanwhile.
    ///
    /// @return the result, or the negated error number; `-ENOSYS` where [#available] is false
    public static long call(long number, long a, long b, long c, long d, long e, long f) {
        return call(number, a, b, c, d, e, f, MemorySegment.NULL);
    }

    /// Calls the kernel while a segment's memory stays open: a close that comes meanwhile is refused, and one that came before refuses the call. Without it the kernel
    /// would write to whatever is mapped at that address by then.
    ///
    /// @param held  that an argument is an address of
    /// @return as of the other one
    /// @throws IllegalStateException  the segment's region is closed (caller's fault)
    public static long call(long number, long a, long b, long c, long d, long e, long f, MemorySegment held) {
        if (Bound.ENTRY == null) {
            return -Errno.ENOSYS;
        }
        try {
            return (long) Bound.ENTRY.invokeExact(number, a, b, c, d, e, f, held);
        } catch (RuntimeException | Error thrown) {
            throw thrown;
        } catch (Throwable thrown) {
            throw new AssertionError("a system call threw", thrown);
        }
    }

    /// Bound on first use.
    private static final class Bound {
        private static final MethodHandle ENTRY;
        private static final String OBSTACLE;

        static {
            Module module = Syscall.class.getModule();
            MethodHandle entry = null;
            String obstacle = "";
            if (!KNOWN) {
                obstacle = "this system has none of the calls of Linux";
            } else if (!module.isNativeAccessEnabled()) {
                // Not tried: the JDK would let it pass with four lines of warning today and refuse it in a later release.
                obstacle = "no native access; start java with --enable-native-access="
                        + (module.isNamed() ? module.getName() : "ALL-UNNAMED");
            } else {
                entry = KernelEntry.bind();
                obstacle = entry == null ? "the system gave no executable page for its calls" : "";
            }
            ENTRY = entry;
            OBSTACLE = obstacle;
            if (KNOWN && entry == null) {
                System.getLogger("dev.coffer.memory").log(Logger.Level.WARNING, "Coffer serves in its portable form, "
                        + "without locked pages, guards and sockets of its own: " + obstacle);
            }
        }
    }
}
