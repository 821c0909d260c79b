package dev.coffer.memory.internal.os;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// `struct epoll_event`: what is awaited or ready, and a token of the caller's (epoll_ctl(2)). Stateless, thread-safe.
///
/// ```
///   events u32 | token u64          x86-64: packed, 12 bytes
///   events u32 | pad 4 | token u64  AArch64: 16 bytes
/// ```
public final class EpollEvent {
    public static final int EPOLLIN = 0x001;
    public static final int EPOLLOUT = 0x004;
    public static final int EPOLLERR = 0x008;
    public static final int EPOLLHUP = 0x010;
    public static final int EPOLLRDHUP = 0x2000;

    public static final long EVENTS = 0;
    public static final long TOKEN = Syscall.number(4, 8);
    public static final long BYTES = TOKEN + Long.BYTES;

    private static final ValueLayout.OfInt I32 = ValueLayout.JAVA_INT_UNALIGNED;
    private static final ValueLayout.OfLong I64 = ValueLayout.JAVA_LONG_UNALIGNED;

    private EpollEvent() {}

    public static int events(MemorySegment segment, long at) {
        return segment.get(I32, at + EVENTS);
    }

    public static long token(MemorySegment segment, long at) {
        return segment.get(I64, at + TOKEN);
    }

    public static void set(MemorySegment segment, long at, int events, long token) {
        segment.set(I32, at + EVENTS, events);
        segment.set(I64, at + TOKEN, token);
    }
}
