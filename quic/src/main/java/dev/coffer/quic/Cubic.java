package dev.coffer.quic;

import dev.coffer.memory.layout.LittleEndian;
import java.lang.foreign.MemorySegment;

/// The window as a cubic function of the time since it was last reduced, never slower than Reno's (RFC 9438). C is 0.4, beta 0.7 (sections 4.6 and 5.1).
final class Cubic implements CongestionControl {
    static final Cubic INSTANCE = new Cubic();

    private static final double C = 0.4;                      // datagrams a second^3
    private static final double SECOND = 1e9;

    // The standard's letters; bytes and nanoseconds.
    private static final long W_MAX = OWN;                    // i64, window before the last reduction
    private static final long EPOCH = OWN + 8;                // i64, when growth began; NONE before
    private static final long K = OWN + 16;                   // i64, from then until W_MAX is reached
    private static final long W_EST = OWN + 24;               // i64, Reno's window
    private static final long LAST = OWN + 32;                // i64, when it last grew

    private static final long NONE = 0;                       // begin() writes zeros; a time of 0 is told as 1

    private Cubic() {}

    @Override
    public void grow(MemorySegment memory, long at, int bytes, long smoothedNanos, int datagramBytes, long nowNanos) {
        long window = CongestionControl.window(memory, at);
        if (LittleEndian.i64(memory, at + EPOCH) == NONE) {
            begin(memory, at, window, datagramBytes, nowNanos);
        }
        passOverIdleTime(memory, at, smoothedNanos, nowNanos);
        long t = nowNanos - LittleEndian.i64(memory, at + EPOCH);
        long reno = LittleEndian.i64(memory, at + W_EST);
        // alpha is 3 * (1 - beta) / (1 + beta) = 9/17 until W_EST has come to where the window was (section 4.3)
        long alpha = reno < LittleEndian.i64(memory, at + W_MAX) ? datagramBytes * 9L / 17 : datagramBytes;
        reno += Math.max(1, alpha * bytes / window);
        LittleEndian.i64(memory, at + W_EST, reno);
        if (window(memory, at, t, datagramBytes) < reno) {
            LittleEndian.i64(memory, at + WINDOW, Math.max(window, reno));
            return;
        }
        long target = Math.clamp(window(memory, at, t + smoothedNanos, datagramBytes), window, window + window / 2);
        CongestionControl.add(memory, at, target - window, bytes);
    }

    private static void begin(MemorySegment memory, long at, long window, int datagramBytes, long nowNanos) {
        long most = Math.max(window, LittleEndian.i64(memory, at + W_MAX));
        LittleEndian.i64(memory, at + W_MAX, most);
        LittleEndian.i64(memory, at + EPOCH, nowNanos == NONE ? 1 : nowNanos);
        LittleEndian.i64(memory, at + LAST, nowNanos);
        LittleEndian.i64(memory, at + K, (long) (Math.cbrt((most - window) / (C * datagramBytes)) * SECOND));
        LittleEndian.i64(memory, at + W_EST, window);
    }

    /// Time in which nothing held the sender back but itself is no time of growth (section 5.8).
    private static void passOverIdleTime(MemorySegment memory, long at, long smoothedNanos, long nowNanos) {
        long idle = nowNanos - LittleEndian.i64(memory, at + LAST) - 2 * smoothedNanos;
        if (idle > 0) {
            LittleEndian.i64(memory, at + EPOCH, LittleEndian.i64(memory, at + EPOCH) + idle);
        }
        LittleEndian.i64(memory, at + LAST, nowNanos);
    }

    /// {@return W_cubic(t) in bytes}
    private static long window(MemorySegment memory, long at, long t, int datagramBytes) {
        double since = (t - LittleEndian.i64(memory, at + K)) / SECOND;
        return LittleEndian.i64(memory, at + W_MAX) + (long) (C * since * since * since * datagramBytes);
    }

    @Override
    public void reduce(MemorySegment memory, long at, int datagramBytes, long nowNanos) {
        long window = CongestionControl.window(memory, at);
        boolean shrinks = window < LittleEndian.i64(memory, at + W_MAX);  // others came: give room (section 4.7)
        LittleEndian.i64(memory, at + W_MAX, shrinks ? window * 17 / 20 : window);
        long less = Math.max(window * 7 / 10, (long) WINDOW_DATAGRAMS_MIN * datagramBytes);
        LittleEndian.i64(memory, at + THRESHOLD, less);
        LittleEndian.i64(memory, at + WINDOW, less);
        LittleEndian.i64(memory, at + FRACTION, 0);
        LittleEndian.i64(memory, at + EPOCH, NONE);
    }

    @Override
    public void restart(MemorySegment memory, long at) {
        LittleEndian.i64(memory, at + EPOCH, NONE);
    }

    @Override
    public String toString() {
        return "Cubic";
    }
}
