package dev.coffer.memory.internal.os;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;

/// `getrandom(2)` for hot paths, 0 heap bytes a call, and [RandomDevice] where the system calls are not to be had.
/// Stateless, thread-safe.
///
/// The address is passed as a number, as a slice would cost an object. So the segment must not be closed by another
/// thread while the call runs; where it is, the kernel refuses to write to memory that is gone (`EFAULT`).
public final class RandomCall {
    private static final int GETRANDOM = Syscall.number(318, 278);
    private static final long BYTES_MAX = 1 << 20;  // of one call, so that a signal is not kept waiting

    private RandomCall() {}

    /// Fills a range from the kernel's generator, waiting until that is seeded, however often it has to ask.
    ///
    /// @param segment  native, writable memory of this thread's; the range is checked
    /// @return 0, or the negated error number; then the range holds anything
    /// @throws IndexOutOfBoundsException  the range does not lie in the segment (caller's fault)
    /// @throws IllegalArgumentException   a heap segment or a read-only one (caller's fault)
    public static long fill(MemorySegment segment, long at, long length) {
        long address = Syscall.address(segment, at, length);
        if (length == 0) {
            return 0;
        }
        segment.set(ValueLayout.JAVA_BYTE, at, (byte) 0);  // throws where it is read-only or another thread's
        if (!Syscall.available()) {
            return RandomDevice.fill(segment, at, length);
        }
        try {
            long done = 0;
            while (done < length) {
                long got = Syscall.call(GETRANDOM, address + done, Math.min(length - done, BYTES_MAX), 0, 0, 0, 0);
                if (got < 0 && got != -Errno.EINTR) {
                    return got;
                }
                done += Math.max(got, 0);
            }
            return 0;
        } finally {
            Reference.reachabilityFence(segment);
        }
    }
}
