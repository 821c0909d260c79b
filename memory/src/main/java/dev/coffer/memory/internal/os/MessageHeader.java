package dev.coffer.memory.internal.os;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// `struct mmsghdr` and `struct iovec` of 64-bit systems (recvmmsg(2), recvmsg(2), readv(2)): 64 and 16 bytes. Stateless,
/// thread-safe.
///
/// ```
///   0      8          12   16        24      32        40               48      52   56       60   64
///   | name | length 4 | -  | vectors | count | control | control length | flags | -  | length | -  |
/// ```
///
/// `length` is `msg_len`, the bytes that were received or sent; `vectors` and the others without a number are addresses.
public final class MessageHeader {
    public static final long NAME = 0;
    public static final long NAME_LENGTH = 8;
    public static final long VECTORS = 16;
    public static final long VECTOR_COUNT = 24;
    public static final long CONTROL = 32;
    public static final long CONTROL_LENGTH = 40;
    public static final long FLAGS = 48;
    public static final long LENGTH = 56;
    public static final long BYTES = 64;

    public static final long VECTOR_BASE = 0;
    public static final long VECTOR_LENGTH = 8;
    public static final long VECTOR_BYTES = 16;

    private static final ValueLayout.OfInt I32 = ValueLayout.JAVA_INT_UNALIGNED;
    private static final ValueLayout.OfLong I64 = ValueLayout.JAVA_LONG_UNALIGNED;

    private MessageHeader() {}

    /// Writes what stays: the places of name, of one vector and of control data.
    ///
    /// @param segment    native memory in which all of them lie
    /// @param nameAt     offset of the peer's address
    /// @param vectorAt   offset of [#VECTOR_BYTES] bytes
    /// @param controlAt  offset of the control data
    public static void places(MemorySegment segment, long at, long nameAt, long vectorAt, long controlAt) {
        long base = segment.address();
        segment.set(I64, at + NAME, base + nameAt);
        segment.set(I64, at + VECTORS, base + vectorAt);
        segment.set(I64, at + VECTOR_COUNT, 1);
        segment.set(I64, at + CONTROL, base + controlAt);
    }

    /// Writes the lengths of name and control data: as they are, to send, or how much room they have, to receive.
    public static void lengths(MemorySegment segment, long at, int name, long control) {
        segment.set(I32, at + NAME_LENGTH, name);
        segment.set(I64, at + CONTROL_LENGTH, control);
    }

    /// Writes a vector.
    ///
    /// @param memory    native memory in which the bytes lie
    /// @param memoryAt  offset of the first
    /// @param length    bytes
    public static void vector(MemorySegment segment, long at, MemorySegment memory, long memoryAt, long length) {
        segment.set(I64, at + VECTOR_BASE, Syscall.address(memory, memoryAt, length));
        segment.set(I64, at + VECTOR_LENGTH, length);
    }

    /// {@return bytes of the peer's address that was received}
    public static int nameLength(MemorySegment segment, long at) {
        return segment.get(I32, at + NAME_LENGTH);
    }

    /// {@return bytes of control data that were received}
    public static long controlLength(MemorySegment segment, long at) {
        return segment.get(I64, at + CONTROL_LENGTH);
    }

    /// {@return `MSG_TRUNC`, `MSG_CTRUNC` and others}
    public static int flags(MemorySegment segment, long at) {
        return segment.get(I32, at + FLAGS);
    }

    /// {@return bytes that were received or sent, 0 or more}
    public static long length(MemorySegment segment, long at) {
        return Integer.toUnsignedLong(segment.get(I32, at + LENGTH));
    }
}
