package dev.coffer.quic;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.memory.layout.LittleEndian;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;

/// A connection of three spaces that does nothing but recovery (RFC 9002), with a clock of our own.
abstract class Recovering {
    static final long MILLI = 1_000_000;
    static final int DATAGRAM = 1200;
    static final int FLAGS = SentPackets.ELICITING | SentPackets.IN_FLIGHT;
    static final long PEER_DELAY = 25 * MILLI;

    final MemorySegment ranges = Arena.ofAuto().allocate(16 * 64);
    final List<Long> arrived = new ArrayList<>();
    final List<Long> lost = new ArrayList<>();
    long now;

    /// A connection that does nothing else.
    final class Bare implements LossRecovery.Owner {
        final MemorySegment memory = Arena.ofAuto().allocate(4096);
        final Blocks blocks = new Blocks("b", 200, 128, Arena.ofAuto().allocate(200 * 128), 0);
        final long[] spaces = new long[PacketSpace.COUNT];
        boolean confirmed = true;
        boolean validated = true;
        boolean blocked;
        int datagram = DATAGRAM;
        int looks;      // at blocks: one or more a record
        CongestionControl control = NewReno.INSTANCE;

        Bare() {
            long at = LossRecovery.BYTES;
            for (int i = 0; i < spaces.length; i++) {
                spaces[i] = at;
                PacketSpace.begin(memory, at, now);
                at += PacketSpace.bytes(8);
            }
            LossRecovery.begin(memory, 0, DATAGRAM);
        }

        @Override
        public MemorySegment memory() {
            return memory;
        }

        @Override
        public Blocks blocks() {
            looks++;
            return blocks;
        }

        @Override
        public long recoveryAt() {
            return 0;
        }

        @Override
        public long spaceAt(int space) {
            return spaces[space];
        }

        @Override
        public CongestionControl control() {
            return control;
        }

        @Override
        public int datagramBytes() {
            return datagram;
        }

        @Override
        public void datagramBytes(int bytes) {
            datagram = bytes;
        }

        @Override
        public long peerDelayNanosMax() {
            return PEER_DELAY;
        }

        @Override
        public boolean isConfirmed() {
            return confirmed;
        }

        @Override
        public boolean isPeerValidated() {
            return validated;
        }

        @Override
        public boolean isBlockedByAmplification() {
            return blocked;
        }

        @Override
        public void onAcknowledged(int space, long record) {
            arrived.add(SentPackets.offset(blocks.memory(), record));
        }

        @Override
        public void onLost(int space, long record) {
            lost.add(SentPackets.offset(blocks.memory(), record));
        }
    }

    Bare of;

    @BeforeEach
    void begin() {
        now = 1000 * MILLI;
        of = new Bare();
    }

    long send(int space, int flags) {
        long at = of.spaces[space];
        assertTrue(SentPackets.reserve(of.memory, at + PacketSpace.SENT, of.blocks, 400));
        long number = PacketSpace.use(of.memory, at);
        long record = SentPackets.begin(of.memory, at + PacketSpace.SENT, of.blocks, number, now);
        SentPackets.item(of.memory, at + PacketSpace.SENT, of.blocks, record, 1, 0, number, 10);
        SentPackets.end(of.blocks, record, DATAGRAM, flags);
        LossRecovery.sent(of, space, DATAGRAM, flags, now);
        return number;
    }

    void send(int packets) {
        for (int i = 0; i < packets; i++) {
            send(PacketSpace.APPLICATION, FLAGS);
        }
    }

    void ack(int space, long delay, long... firstsAndLasts) {
        for (int i = 0; i < firstsAndLasts.length; i++) {
            LittleEndian.i64(ranges, i * 8L, firstsAndLasts[i]);
        }
        LossRecovery.onAck(of, space, ranges, 0, firstsAndLasts.length / 2, delay, false, 0, 0, 0, now);
    }

    void ack(long first, long last) {
        ack(PacketSpace.APPLICATION, 0, first, last);
    }

    long window() {
        return CongestionControl.window(of.memory, LossRecovery.CONGESTION);
    }

    long inFlight() {
        return CongestionControl.inFlight(of.memory, LossRecovery.CONGESTION);
    }

    long smoothed() {
        return RoundTrip.smoothed(of.memory, LossRecovery.ROUND_TRIP);
    }
}
