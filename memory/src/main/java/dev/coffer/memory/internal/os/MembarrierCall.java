package dev.coffer.memory.internal.os;

/// `membarrier(2)`, private and expedited: when [#run] returns, every running thread of this process has passed a full
/// memory barrier since it was called. So one side of an agreement between threads can do without a barrier, and the
/// other, rarer side pays for both. Stateless, thread-safe; 0 heap bytes a call.
///
/// Absent before Linux 4.14, where a filter of system calls refuses it, without native access and on other systems:
/// [#available] says so, once for the process.
public final class MembarrierCall {
    private static final int MEMBARRIER = Syscall.number(324, 283);
    private static final int PRIVATE_EXPEDITED = 1 << 3;           // include/uapi/linux/membarrier.h
    private static final int REGISTER_PRIVATE_EXPEDITED = 1 << 4;  // once a process, before the first of the above
    private static final boolean AVAILABLE = Syscall.available() && isRegistered();

    private MembarrierCall() {}

    private static boolean isRegistered() {
        return command(REGISTER_PRIVATE_EXPEDITED) == 0 && command(PRIVATE_EXPEDITED) == 0;
    }

    private static long command(int command) {
        return Syscall.call(MEMBARRIER, command, 0, 0, 0, 0, 0);
    }

    /// {@return whether [#run] may be called; the same for the life of the process}
    public static boolean available() {
        return AVAILABLE;
    }

    /// Has every running thread of the process pass a full memory barrier; costs one to a few microseconds.
    ///
    /// @throws IllegalStateException  the kernel refuses what it granted at the start: a filter was set since
    public static void run() {
        if (command(PRIVATE_EXPEDITED) != 0) {
            throw new IllegalStateException("membarrier: refused, though it was granted at the start of the process");
        }
    }
}
