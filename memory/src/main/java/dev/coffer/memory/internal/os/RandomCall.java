package dev.coffer.memory.internal.os;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// `getrandom(2)` for hot paths, 0 heap bytes a call, and [RandomDevice] where the system calls are not to be had.
/// Stateless, thread-safe.
///
/// The address is passed as a number, as a slice would cost an object, and the segment is held meanwhile: whoever closes it is refused for the
/// microseconds of the call, or the call is. Else the kernel would write to what has been mapped there since.
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
    /// @throws IllegalStateException      the segment's region is closed, by another thread meanwhile too (caller's fault); a part may be written
    public static long fill(MemorySegment segment, long at, long length) {
        long address = Syscall.address(segment, at, length);
        if (length == 0) {
            return 0;
        }
        segment.set(ValueLayout.JAVA_BYTE, at, (byte) 0);  // throws where it is read-only or another thread's
        if (!Syscall.available()) {
            return RandomDevice.fill(segment, at, length);
        }
        long done = 0;
        while (done < length) {
            long got = Syscall.call(GETRANDOM, address + done, Math.min(length - done, BYTES_MAX), 0, 0, 0, 0, segment);
            if (got < 0 && got != -Errno.EINTR) {
                return got;
            }
            done += Math.max(got, 0);
        }
        return 0;
    }
}
