package dev.coffer.quic;

import dev.coffer.memory.layout.LittleEndian;
import java.lang.foreign.MemorySegment;

/// How much may be under way on a path: the window, which two algorithms move (RFC 9002, section 7). Stateless, both over one layout, so that a connection
/// may be given the one or the other; 0 heap bytes. [#begin] first.
sealed interface CongestionControl permits NewReno, Cubic {
    long WINDOW = 0;            // i64, bytes
    long THRESHOLD = 8;         // i64, bytes: slow start below
    long IN_FLIGHT = 16;        // i64, bytes
    long RECOVERY_NANOS = 24;   // i64: what was sent up to then says nothing new; Long.MIN_VALUE for none
    long FRACTION = 32;         // i64, of a byte of growth, in the algorithm's own unit
    long OWN = 40;              // the algorithm's
    long BYTES = OWN + 40;

    /// Windows in datagrams (sections 7.2).
    int WINDOW_DATAGRAMS_MIN = 2;
    int WINDOW_DATAGRAMS_INITIAL = 10;
    int WINDOW_BYTES_INITIAL = 14_720;

    /// A packet was acknowledged that was sent after the last reduction, while the window was in use.
    void grow(MemorySegment memory, long at, int bytes, long smoothedNanos, int datagramBytes, long nowNanos);

    /// The window is reduced: something was lost, or marked.
    void reduce(MemorySegment memory, long at, int datagramBytes, long nowNanos);

    /// The window fell to its least.
    void restart(MemorySegment memory, long at);

    /// Begins a path.
    ///
    /// @param datagramBytes  the largest that goes without a probe
    static void begin(MemorySegment memory, long at, int datagramBytes) {
        for (long i = 0; i < BYTES; i += Long.BYTES) {
            LittleEndian.i64(memory, at + i, 0);
        }
        LittleEndian.i64(memory, at + WINDOW,
                Math.min((long) WINDOW_DATAGRAMS_INITIAL * datagramBytes, Math.max(WINDOW_BYTES_INITIAL, (long) WINDOW_DATAGRAMS_MIN * datagramBytes)));
        LittleEndian.i64(memory, at + THRESHOLD, Long.MAX_VALUE);
        LittleEndian.i64(memory, at + RECOVERY_NANOS, Long.MIN_VALUE);
    }

    static long window(MemorySegment memory, long at) {
        return LittleEndian.i64(memory, at + WINDOW);
    }

    static long threshold(MemorySegment memory, long at) {
        return LittleEndian.i64(memory, at + THRESHOLD);
    }

    static long inFlight(MemorySegment memory, long at) {
        return LittleEndian.i64(memory, at + IN_FLIGHT);
    }

    /// Bytes are under way, or no more.
    static void inFlight(MemorySegment memory, long at, long change) {
        long now = inFlight(memory, at) + change;
        assert now >= 0 : now + " bytes in flight";
        LittleEndian.i64(memory, at + IN_FLIGHT, now);
    }

    /// {@return bytes that may go now}
    static long room(MemorySegment memory, long at) {
        return Math.max(0, window(memory, at) - inFlight(memory, at));
    }

    /// {@return whether something was sent before the window was last reduced (section 7.3.2)}
    static boolean isOfRecovery(MemorySegment memory, long at, long sentNanos) {
        return sentNanos <= LittleEndian.i64(memory, at + RECOVERY_NANOS);
    }

    /// {@return whether the window is what holds the sender back (section 7.8)}
    ///
    /// @param inFlight  before the acknowledgement
    static boolean isUsed(MemorySegment memory, long at, long inFlight, int datagramBytes) {
        long window = window(memory, at);
        return window < threshold(memory, at) ? inFlight > window / 2 : inFlight + 3L * datagramBytes > window;
    }

    /// A packet was acknowledged.
    ///
    /// @param used  as of [#isUsed]
    default void acknowledged(MemorySegment memory, long at, int bytes, long sentNanos, boolean used, long smoothedNanos, int datagramBytes, long nowNanos) {
        if (!used || isOfRecovery(memory, at, sentNanos)) {
            return;
        }
        if (window(memory, at) < threshold(memory, at)) {
            LittleEndian.i64(memory, at + WINDOW, Math.min(window(memory, at) + bytes, threshold(memory, at)));
        } else {
            grow(memory, at, bytes, smoothedNanos, datagramBytes, nowNanos);
        }
    }

    /// Something was lost, or marked on its way.
    ///
    /// @param sentNanos  when the latest such packet was sent
    default void congested(MemorySegment memory, long at, long sentNanos, int datagramBytes, long nowNanos) {
        if (!isOfRecovery(memory, at, sentNanos)) {
            LittleEndian.i64(memory, at + RECOVERY_NANOS, nowNanos);
            reduce(memory, at, datagramBytes, nowNanos);
        }
    }

    /// All was lost for long (section 7.6.2).
    default void persistentlyCongested(MemorySegment memory, long at, int datagramBytes) {
        LittleEndian.i64(memory, at + WINDOW, (long) WINDOW_DATAGRAMS_MIN * datagramBytes);
        LittleEndian.i64(memory, at + RECOVERY_NANOS, Long.MIN_VALUE);
        LittleEndian.i64(memory, at + FRACTION, 0);
        restart(memory, at);
    }

    /// Grows the window by `share` of itself for each window of bytes, what is less than a byte kept for later.
    static void add(MemorySegment memory, long at, long share, int bytes) {
        long window = window(memory, at);
        long fraction = LittleEndian.i64(memory, at + FRACTION) + share * bytes;
        LittleEndian.i64(memory, at + WINDOW, window + fraction / window);
        LittleEndian.i64(memory, at + FRACTION, fraction % window);
    }
}
