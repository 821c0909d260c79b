package dev.coffer.quic;

import dev.coffer.memory.layout.LittleEndian;
import java.lang.foreign.MemorySegment;

/// A datagram more a round trip, half of it when something is lost (RFC 9002, section 7 and appendix B).
final class NewReno implements CongestionControl {
    static final NewReno INSTANCE = new NewReno();

    private NewReno() {}

    @Override
    public void grow(MemorySegment memory, long at, int bytes, long smoothedNanos, int datagramBytes, long nowNanos) {
        CongestionControl.add(memory, at, datagramBytes, bytes);
    }

    @Override
    public void reduce(MemorySegment memory, long at, int datagramBytes, long nowNanos) {
        long half = Math.max(CongestionControl.window(memory, at) / 2, (long) WINDOW_DATAGRAMS_MIN * datagramBytes);
        LittleEndian.i64(memory, at + THRESHOLD, half);
        LittleEndian.i64(memory, at + WINDOW, half);
        LittleEndian.i64(memory, at + FRACTION, 0);
    }

    @Override
    public void restart(MemorySegment memory, long at) {}

    @Override
    public String toString() {
        return "NewReno";
    }
}
