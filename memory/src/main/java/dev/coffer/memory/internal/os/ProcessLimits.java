package dev.coffer.memory.internal.os;

import java.io.File;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// How many file descriptors this process may have (getrlimit(2)), and how many it has. Cold paths: each call makes a few
/// objects. Only where [Syscall#available]. Stateless, thread-safe.
public final class ProcessLimits {
    private static final int PRLIMIT64 = Syscall.number(302, 261);
    private static final int RLIMIT_NOFILE = 7;

    private ProcessLimits() {}

    /// {@return descriptors that may be open at once, `Long.MAX_VALUE` for any number, or the negated error number}
    public static long descriptors() {
        return limit(0);
    }

    /// {@return what [#raiseDescriptors] may ask for at most}
    public static long descriptorsHard() {
        return limit(1);
    }

    /// Sets the limit of descriptors, below or above what it is.
    ///
    /// @return 0, or the negated error number
    public static long raiseDescriptors(long to) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment limits = arena.allocate(ValueLayout.JAVA_LONG, 2);
            limits.setAtIndex(ValueLayout.JAVA_LONG, 0, to);
            limits.setAtIndex(ValueLayout.JAVA_LONG, 1, raw(1));
            return Syscall.call(PRLIMIT64, 0, RLIMIT_NOFILE, limits.address(), 0, 0, 0);
        }
    }

    /// {@return descriptors that are open now, as `/proc/self/fd` lists them; below zero where it cannot be read}
    public static int descriptorsOpen() {
        String[] names = new File("/proc/self/fd").list();
        return names == null ? -1 : names.length - 1;  // the listing's own
    }

    private static long limit(int index) {
        long value = raw(index);
        return value == -1 ? Long.MAX_VALUE : value;  // RLIM64_INFINITY is all ones
    }

    private static long raw(int index) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment limits = arena.allocate(ValueLayout.JAVA_LONG, 2);  // struct rlimit64: soft, hard
            long result = Syscall.call(PRLIMIT64, 0, RLIMIT_NOFILE, 0, limits.address(), 0, 0);
            return result < 0 ? result : limits.getAtIndex(ValueLayout.JAVA_LONG, index);
        }
    }
}
