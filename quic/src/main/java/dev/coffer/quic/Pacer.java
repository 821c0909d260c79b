package dev.coffer.quic;

import dev.coffer.memory.layout.LittleEndian;
import java.lang.foreign.MemorySegment;

/// Spreads what the window allows over the round trip (RFC 9002, section 7.7), a burst of ten datagrams aside: one number, when the bucket is empty again.
/// Stateless; 0 heap bytes. All zeros with a clock from 0 on, else [#begin].
final class Pacer {
    private static final long EMPTY_NANOS = 0;   // i64
    static final long BYTES = 8;

    private static final int BURST_DATAGRAMS = 10;
    private static final long GAIN_FOURTHS = 5;  // 1.25 windows a round trip, so that pacing is never what limits

    private Pacer() {}

    static void begin(MemorySegment memory, long at) {
        LittleEndian.i64(memory, at + EMPTY_NANOS, Long.MIN_VALUE);
    }

    /// {@return how long so many bytes take}
    private static long nanos(long bytes, long windowBytes, long smoothedNanos) {
        return (long) ((double) bytes * smoothedNanos * 4 / (GAIN_FOURTHS * windowBytes));
    }

    /// {@return from when on another datagram may go; a time that has passed where it may at once}
    static long sendNanos(MemorySegment memory, long at, long windowBytes, long smoothedNanos, int datagramBytes) {
        long empty = LittleEndian.i64(memory, at + EMPTY_NANOS);
        return empty == Long.MIN_VALUE ? empty : empty - nanos((BURST_DATAGRAMS - 1L) * datagramBytes, windowBytes, smoothedNanos);
    }

    /// Bytes went.
    static void sent(MemorySegment memory, long at, long bytes, long windowBytes, long smoothedNanos, long nowNanos) {
        long empty = Math.max(nowNanos, LittleEndian.i64(memory, at + EMPTY_NANOS));
        LittleEndian.i64(memory, at + EMPTY_NANOS, empty + nanos(bytes, windowBytes, smoothedNanos));
    }
}
