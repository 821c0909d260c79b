package dev.coffer.memory.engine;

import dev.coffer.memory.layout.BigEndian;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// What travels beside a datagram's bytes: 48 bytes, a [NetworkPath] first, any alignment. Stateless, thread-safe, 0 heap bytes.
///
/// ```
///   0      40    41        42              44         48
///   | path | ECN | unused  | segment bytes | unused   |
/// ```
///
/// Every method throws `IndexOutOfBoundsException` where the bytes do not lie in the segment (caller's fault).
public final class DatagramHeader {
    public static final long PATH = 0;            // NetworkPath
    public static final long ECN = 40;            // u8, the two bits of the IP header
    public static final long SEGMENT_BYTES = 42;  // u16
    public static final long BYTES = 48;          // a multiple of 8, so that an array of them keeps its alignment

    /// The sender does not use ECN (RFC 3168, section 5).
    public static final int NOT_ECT = 0;
    /// ECN-capable, codepoint 01: what L4S senders use (RFC 9331).
    public static final int ECT_1 = 1;
    /// ECN-capable, codepoint 10: what QUIC sends (RFC 9000, section 13.4).
    public static final int ECT_0 = 2;
    /// Congestion experienced: set on the way.
    public static final int CE = 3;

    private DatagramHeader() {}

    /// {@return the ECN codepoint, 0..3}
    public static int ecn(MemorySegment segment, long at) {
        return segment.get(ValueLayout.JAVA_BYTE, at + ECN) & 3;
    }

    /// Writes the ECN codepoint.
    ///
    /// @throws IllegalArgumentException  not in 0..3 (caller's fault)
    public static void ecn(MemorySegment segment, long at, int codepoint) {
        if (codepoint < NOT_ECT || codepoint > CE) {
            throw new IllegalArgumentException("ECN codepoint: " + codepoint + " (expected 0..3)");
        }
        segment.set(ValueLayout.JAVA_BYTE, at + ECN, (byte) codepoint);
    }

    /// {@return bytes of each datagram of an output but the last, which may be shorter, 1..65507}
    public static int segmentBytes(MemorySegment segment, long at) {
        return BigEndian.u16(segment, at + SEGMENT_BYTES);
    }

    /// Writes the segment size.
    ///
    /// @throws IllegalArgumentException  not in 1..65507 (caller's fault)
    public static void segmentBytes(MemorySegment segment, long at, int bytes) {
        if (bytes < 1 || bytes > DatagramEngine.DATAGRAM_BYTES_MAX) {
            throw new IllegalArgumentException("segment: " + bytes + " bytes (expected 1.."
                    + DatagramEngine.DATAGRAM_BYTES_MAX + ")");
        }
        BigEndian.u16(segment, at + SEGMENT_BYTES, bytes);
    }

    /// {@return datagrams in an output of `length` bytes}
    public static int segments(MemorySegment segment, long at, long length) {
        int bytes = segmentBytes(segment, at);
        return bytes == 0 ? 0 : Math.toIntExact((length + bytes - 1) / bytes);
    }
}
