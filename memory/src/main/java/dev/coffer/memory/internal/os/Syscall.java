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
import java.util.Objects;

/// `syscall(2)`: one binding for every call of the house. A bound downcall costs 10 to 20 ms at start, so binding a
/// dozen C functions would be most of the time to the first byte; the kernel's own entry needs one.
///
/// A result is the kernel's, or the negated error number ([Errno]). Numbers are those of the kernel's tables for x86-64
/// (arch/x86/entry/syscalls/syscall_64.tbl) and AArch64 (include/uapi/asm-generic/unistd.h); elsewhere
/// [#available] is false and nothing may be called. Thread-safe. [#call(MemorySegment, long, long, long, long, long,
/// long, long)] makes no object; it is a plain downcall, so a collection need not wait for a call that blocks.
@SuppressWarnings("restricted")  // this package is where the house binds system calls
public final class Syscall {
    private static final boolean X86_64 = System.getProperty("os.arch", "").equals("amd64");
    private static final boolean AARCH64 = System.getProperty("os.arch", "").equals("aarch64");
    private static final boolean AVAILABLE =
            System.getProperty("os.name", "").equals("Linux") && (X86_64 || AARCH64);

    /// Bytes of [#state]: at most the size of a line of the cache; the layout itself is known once linked.
    public static final long STATE_BYTES = 64;

    private Syscall() {}

    /// {@return whether this is a Linux whose call numbers are known here}
    public static boolean available() {
        return AVAILABLE;
    }

    /// {@return the number of a call on this machine}
    ///
    /// @param x86_64   its number on x86-64
    /// @param aarch64  its number on AArch64
    public static int number(int x86_64, int aarch64) {
        return X86_64 ? x86_64 : aarch64;
    }

    /// {@return memory for the error number of one thread's calls}
    public static MemorySegment state(Arena arena) {
        return arena.allocate(Bound.STATE);
    }

    /// {@return memory for the error number of one thread's calls, planned by the caller: a view of [#STATE_BYTES] that
    /// does not count as a use of the segment's region, so that a call costs no atomic operation; the caller makes no
    /// call once the region is closed}
    ///
    /// @throws IndexOutOfBoundsException  the range does not lie in the segment (caller's fault)
    public static MemorySegment stateIn(MemorySegment segment, long at) {
        return MemorySegment.ofAddress(address(segment, at, STATE_BYTES)).reinterpret(STATE_BYTES);
    }

    /// {@return the address of a range, for a call that is made before anyone can close the segment's region}
    ///
    /// @throws IndexOutOfBoundsException  the range does not lie in the segment (caller's fault)
    /// @throws IllegalStateException      the segment's region is closed (caller's fault)
    public static long address(MemorySegment segment, long at, long length) {
        Objects.checkFromIndexSize(at, length, segment.byteSize());
        if (!segment.scope().isAlive()) {
            throw new IllegalStateException("the memory's region is closed");
        }
        return segment.address() + at;
    }

    /// Calls the kernel. Allocates nothing once linked.
    ///
    /// @param state  from [#state], of the calling thread
    /// @return the result, or the negated error number
    public static long call(MemorySegment state, long number, long a, long b, long c, long d, long e, long f) {
        try {
            long result = (long) Bound.SYSCALL.invokeExact(state, number, a, b, c, d, e, f);
            return result == -1 ? -(int) Bound.ERRNO.get(state, 0L) : result;
        } catch (Throwable t) {
            throw new AssertionError("a system call threw", t);
        }
    }

    /// Calls the kernel from a hot path: 0 heap bytes in the interpreter too. For each call that keeps the error number
    /// the JDK makes an object of 40 bytes until C2 has compiled the caller; so a call is made without it first and,
    /// when it failed, made again with it. Only for calls that have no effect when they fail and may be made twice:
    /// not `close`, not `connect`.
    ///
    /// @param state  as of [#call(MemorySegment, long, long, long, long, long, long, long)]
    /// @return the result, or the negated error number
    public static long repeatable(MemorySegment state, long number, long a, long b, long c, long d, long e, long f) {
        long result = plain(number, a, b, c, d, e, f);
        return result == -1 ? call(state, number, a, b, c, d, e, f) : result;
    }

    /// Calls the kernel where why it fails is of no interest. 0 heap bytes in the interpreter too.
    ///
    /// @return the result, or -1
    public static long plain(long number, long a, long b, long c, long d, long e, long f) {
        try {
            return (long) BoundPlain.SYSCALL.invokeExact(number, a, b, c, d, e, f);
        } catch (Throwable t) {
            throw new AssertionError("a system call threw", t);
        }
    }

    /// Calls the kernel from a cold path, with memory of its own for the error number.
    ///
    /// @return the result, or the negated error number; `-ENOSYS` where [#available] is false
    public static long call(long number, long a, long b, long c, long d, long e, long f) {
        if (!AVAILABLE) {
            return -Errno.ENOSYS;
        }
        try (Arena arena = Arena.ofConfined()) {
            return call(state(arena), number, a, b, c, d, e, f);
        }
    }

    /// Bound on first use.
    private static final class Bound {
        private static final StructLayout STATE = Linker.Option.captureStateLayout();
        private static final VarHandle ERRNO = STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
        private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG;
        private static final MethodHandle SYSCALL = Linker.nativeLinker().downcallHandle(
                Linker.nativeLinker().defaultLookup().findOrThrow("syscall"),
                FunctionDescriptor.of(WORD, WORD, WORD, WORD, WORD, WORD, WORD, WORD),
                Linker.Option.captureCallState("errno"), Linker.Option.firstVariadicArg(1));
    }

    /// Bound on first use, without the error number.
    private static final class BoundPlain {
        private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG;
        private static final MethodHandle SYSCALL = Linker.nativeLinker().downcallHandle(
                Linker.nativeLinker().defaultLookup().findOrThrow("syscall"),
                FunctionDescriptor.of(WORD, WORD, WORD, WORD, WORD, WORD, WORD, WORD),
                Linker.Option.firstVariadicArg(1));
    }
}
