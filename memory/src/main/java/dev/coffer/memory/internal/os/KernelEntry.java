package dev.coffer.memory.internal.os;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/// The way into the kernel: ten instructions of our own on a page of our own, that return what the kernel returned.
///
/// libc's `syscall(2)` keeps an error number in a variable of the thread, and to read that costs either an object a call
/// (the JDK slices the memory for it) or the hope that nothing else of the VM wrote there first. The kernel itself
/// answers in the register of the result. So these instructions move the arguments one place, as libc's do, enter, and
/// return; there is nothing left that another thread, a collection or a change of carrier could disturb.
///
/// The page is written, then made executable and read-only, never both at once. It lives as long as the process.
@SuppressWarnings("restricted")  // this package is where the house binds system calls
final class KernelEntry {
    /// System V ABI in, kernel's convention out. Assembled by hand, compared with `objdump` and, at start, with libc.
    private static final byte[] X86_64 = bytes(
            0xf3, 0x0f, 0x1e, 0xfa,        // endbr64
            0x48, 0x89, 0xf8,              // mov rax, rdi       number
            0x48, 0x89, 0xf7,              // mov rdi, rsi       a
            0x48, 0x89, 0xd6,              // mov rsi, rdx       b
            0x48, 0x89, 0xca,              // mov rdx, rcx       c
            0x4d, 0x89, 0xc2,              // mov r10, r8        d
            0x4d, 0x89, 0xc8,              // mov r8, r9         e
            0x4c, 0x8b, 0x4c, 0x24, 0x08,  // mov r9, [rsp + 8]  f
            0x0f, 0x05,                    // syscall
            0xc3);                         // ret
    /// AAPCS64 in, kernel's convention out; little-endian words.
    private static final byte[] AARCH64 = bytes(
            0x5f, 0x24, 0x03, 0xd5,        // bti c
            0xe8, 0x03, 0x00, 0xaa,        // mov x8, x0         number
            0xe0, 0x03, 0x01, 0xaa,        // mov x0, x1         a
            0xe1, 0x03, 0x02, 0xaa,        // mov x1, x2         b
            0xe2, 0x03, 0x03, 0xaa,        // mov x2, x3         c
            0xe3, 0x03, 0x04, 0xaa,        // mov x3, x4         d
            0xe4, 0x03, 0x05, 0xaa,        // mov x4, x5         e
            0xe5, 0x03, 0x06, 0xaa,        // mov x5, x6         f
            0x01, 0x00, 0x00, 0xd4,        // svc #0
            0xc0, 0x03, 0x5f, 0xd6);       // ret

    private static final long PAGE_BYTES = 4096;  // bytes asked for; the kernel rounds up to its own page
    private static final int PROT_EXEC = 4;
    /// The VM makes itself code for a handle at its 128th call (`java.lang.invoke.MethodHandle.CUSTOMIZE_THRESHOLD`), out of the heap.
    /// That call shall not be the one that gives memory back when the heap is spent.
    private static final int SETTLING_CALLS = 256;

    private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG;
    /// Number, six arguments, and a segment that the kernel does not read and that stays open meanwhile. Also the shape of libc's variadic
    /// function, so that one linking serves both.
    private static final FunctionDescriptor SHAPE =
            FunctionDescriptor.of(WORD, WORD, WORD, WORD, WORD, WORD, WORD, WORD, ValueLayout.ADDRESS);
    private static final Linker.Option VARIADIC = Linker.Option.firstVariadicArg(1);

    private KernelEntry() {}

    /// {@return the entry, of type `(JJJJJJJMemorySegment)J`, or null where the system gives no executable page or the entry answers
    /// otherwise than libc does}
    ///
    /// @throws IllegalCallerException  this module has no native access
    static MethodHandle bind() {
        Linker linker = Linker.nativeLinker();
        MethodHandle libc = linker.downcallHandle(linker.defaultLookup().findOrThrow("syscall"), SHAPE, VARIADIC);
        long page = call(libc, MemoryCalls.MMAP, 0, PAGE_BYTES, MemoryCalls.PROT_READ | MemoryCalls.PROT_WRITE,
                MemoryCalls.MAP_PRIVATE | MemoryCalls.MAP_ANONYMOUS, -1, 0);
        if (page == -1) {
            return null;
        }
        byte[] code = code();
        MemorySegment.copy(code, 0, MemorySegment.ofAddress(page).reinterpret(PAGE_BYTES), ValueLayout.JAVA_BYTE, 0,
                code.length);
        MethodHandle entry = linker.downcallHandle(MemorySegment.ofAddress(page), SHAPE, VARIADIC);
        // Making the page executable also makes the instruction cache of an AArch64 see it (arm64's set_pte_at).
        if (call(libc, MemoryCalls.MPROTECT, page, PAGE_BYTES, MemoryCalls.PROT_READ | PROT_EXEC, 0, 0, 0) != 0
                || !answersAsTheKernelDoes(entry, libc)) {
            call(libc, MemoryCalls.MUNMAP, page, PAGE_BYTES, 0, 0, 0, 0);
            return null;
        }
        for (int i = 0; i < SETTLING_CALLS; i++) {
            call(entry, MemoryCalls.CLOSE, -1, 0, 0, 0, 0, 0);
        }
        return entry;
    }

    private static byte[] code() {
        return Syscall.number(0, 1) == 0 ? X86_64 : AARCH64;
    }

    /// Calls whose answers are known, each argument among them: without effect, or undone.
    static boolean answersAsTheKernelDoes(MethodHandle entry, MethodHandle libc) {
        int getpid = Syscall.number(39, 172);
        int flags = MemoryCalls.MAP_PRIVATE | MemoryCalls.MAP_ANONYMOUS;
        if (call(entry, getpid, 0, 0, 0, 0, 0, 0) != call(libc, getpid, 0, 0, 0, 0, 0, 0)
                || call(entry, MemoryCalls.CLOSE, -1, 0, 0, 0, 0, 0) != -Errno.EBADF
                || call(entry, MemoryCalls.MMAP, 0, PAGE_BYTES, MemoryCalls.PROT_NONE, flags, -1, 1) != -Errno.EINVAL
                || call(entry, MemoryCalls.MMAP, 0, PAGE_BYTES, MemoryCalls.PROT_NONE, MemoryCalls.MAP_PRIVATE, -1, 0) != -Errno.EBADF) {
            return false;
        }
        long page = call(entry, MemoryCalls.MMAP, 0, PAGE_BYTES, MemoryCalls.PROT_NONE, flags, -1, 0);
        return page > 0 && call(entry, MemoryCalls.MUNMAP, page, PAGE_BYTES, 0, 0, 0, 0) == 0;
    }

    private static long call(MethodHandle handle, long number, long a, long b, long c, long d, long e, long f) {
        try {
            return (long) handle.invokeExact(number, a, b, c, d, e, f, MemorySegment.NULL);
        } catch (RuntimeException | Error thrown) {
            throw thrown;
        } catch (Throwable thrown) {
            throw new AssertionError("a system call threw", thrown);
        }
    }

    private static byte[] bytes(int... values) {
        byte[] result = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            result[i] = (byte) values[i];
        }
        return result;
    }
}
