package dev.coffer.quic;

import dev.coffer.memory.engine.DatagramEngine;
import dev.coffer.memory.layout.LittleEndian;
import java.lang.foreign.MemorySegment;

/// Spreads what the window allows over the round trip (RFC 9002, section 7.7), a burst aside: one number, when the bucket is empty again.
///
/// The burst is ten datagrams, the initial window; on a fast path what goes in a millisecond, as a timer comes no sooner than that, and 64 datagrams at most, which
/// one call sends. That is what the window and the round trip say of the path, and what it carries now, as it is used: after a rest, of which the window knows nothing, it is ten, and the rest of
/// what goes in a millisecond comes in its time. A peer that acknowledges what it has not got is believed. A path of 100 Mbit/s has ten.
///
/// Stateless; 0 heap bytes. All zeros with a clock from 0 on, else [#begin].
final class Pacer {
    private static final long EMPTY_NANOS = 0;   // i64
    static final long BYTES = 8;

    private static final int BURST_DATAGRAMS = 10;
    private static final long BURST_NANOS = 1_000_000;
    private static final int BURST_DATAGRAMS_MAX = DatagramEngine.SEGMENTS_MAX;
    private static final long REST_NANOS_MIN = 200_000_000;
    private static final int REST_ROUNDS = 4;
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
        if (empty == Long.MIN_VALUE) {
            return empty;
        }
        return empty - Math.max(few(windowBytes, smoothedNanos, datagramBytes), many(windowBytes, smoothedNanos, datagramBytes));
    }

    private static long few(long windowBytes, long smoothedNanos, int datagramBytes) {
        return nanos((BURST_DATAGRAMS - 1L) * datagramBytes, windowBytes, smoothedNanos);
    }

    private static long many(long windowBytes, long smoothedNanos, int datagramBytes) {
        return Math.min(BURST_NANOS, nanos((BURST_DATAGRAMS_MAX - 1L) * datagramBytes, windowBytes, smoothedNanos));
    }

    /// The window or the round trip is another: what the bucket holds are bytes, which take another time from now on. A first datagram goes at the rate of a round trip that nobody has seen
    /// (333 ms, RFC 9002, section 6.2.2), and took 27 ms of it; without this whatever a short path's handshake says next waited for them.
    static void changed(MemorySegment memory, long at, long windowBefore, long smoothedBefore, long windowBytes, long smoothedNanos, long nowNanos) {
        long empty = LittleEndian.i64(memory, at + EMPTY_NANOS);
        if (empty > nowNanos && smoothedBefore > 0 && (windowBytes != windowBefore || smoothedNanos != smoothedBefore)) {
            double slower = (double) smoothedNanos * windowBefore / ((double) smoothedBefore * windowBytes);
            LittleEndian.i64(memory, at + EMPTY_NANOS, nowNanos + (long) ((empty - nowNanos) * slower));
        }
    }

    /// Bytes went.
    static void sent(MemorySegment memory, long at, long bytes, long windowBytes, long smoothedNanos, int datagramBytes, long nowNanos) {
        long before = LittleEndian.i64(memory, at + EMPTY_NANOS);
        long empty = Math.max(nowNanos, before);
        if (before != Long.MIN_VALUE && nowNanos - before > Math.max(REST_NANOS_MIN, REST_ROUNDS * smoothedNanos)) {
            empty += Math.max(0, many(windowBytes, smoothedNanos, datagramBytes) - few(windowBytes, smoothedNanos, datagramBytes));
        }
        LittleEndian.i64(memory, at + EMPTY_NANOS, empty + nanos(bytes, windowBytes, smoothedNanos));
    }
}
