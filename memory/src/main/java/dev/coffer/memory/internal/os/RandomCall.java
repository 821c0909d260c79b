package dev.coffer.memory.internal.os;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.ref.Reference;

/// `getrandom(2)` bound for hot paths: 0 heap bytes a call. Stateless, thread-safe.
///
/// The address is passed as a number, as a slice would cost an object. So the segment must not be closed by another
/// thread while the call runs; where it is, the kernel refuses to write to memory that is gone (`EFAULT`).
@SuppressWarnings("restricted")  // this package is where the house binds system calls
public final class RandomCall {
    private static final ValueLayout.OfLong I64 = ValueLayout.JAVA_LONG;
    private static final MethodHandle GETRANDOM = MemoryCalls.SYSTEM.available()
            ? Linker.nativeLinker().defaultLookup().find("getrandom").map(symbol -> Linker.nativeLinker().downcallHandle(
                    symbol, FunctionDescriptor.of(I64, I64, I64, ValueLayout.JAVA_INT))).orElse(null)
            : null;

    private RandomCall() {}

    /// Fills a range from the kernel's generator, waiting until that is seeded.
    ///
    /// @param segment  native, writable memory; the range is checked
    /// @return 0, or the negated error number; then the range holds anything
    public static long fill(MemorySegment segment, long at, long length) {
        if (GETRANDOM == null) {
            return -Errno.ENOSYS;
        }
        if (length == 0) {
            return 0;
        }
        segment.set(ValueLayout.JAVA_BYTE, at + length - 1, (byte) 0);  // throws where it is closed, read-only, another
        segment.set(ValueLayout.JAVA_BYTE, at, (byte) 0);               // thread's, or too short
        try {
            for (long done = 0; done < length;) {
                long got = (long) GETRANDOM.invokeExact(segment.address() + at + done, length - done, 0);
                if (got < 0) {
                    // Without the error number, which costs an object: ask again by the call that has it.
                    return MemoryCalls.SYSTEM.random(segment, at, length);
                }
                done += got;
            }
            return 0;
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError("a system call threw", e);
        } finally {
            Reference.reachabilityFence(segment);
        }
    }
}
