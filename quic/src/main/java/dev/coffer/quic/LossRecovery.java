package dev.coffer.quic;

import dev.coffer.memory.layout.LittleEndian;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// What is lost, when to ask, and how much may be under way (RFC 9002), over the state of a connection. Stateless; 0 heap bytes. [#begin] first.
///
/// ```
///   ACK --> onAck: round trip, ECN, loss by number and time, window        deadline --> LossTimer: loss by time, or probes with back-off
/// ```
final class LossRecovery {
    /// Packets that overtake one before it is lost (section 6.1.1).
    static final int PACKET_THRESHOLD = 3;

    /// The layout: one path's.
    static final long ROUND_TRIP = 0;
    static final long CONGESTION = ROUND_TRIP + RoundTrip.BYTES;
    static final long PACER = CONGESTION + CongestionControl.BYTES;
    static final long ECN = PACER + Pacer.BYTES;
    private static final long PROBE_COUNT = ECN + EcnValidation.BYTES;  // u8, probes without an answer
    static final long MTU = PROBE_COUNT + 1;
    static final long BYTES = MTU + PathMtu.BYTES;

    /// A connection, as recovery sees it.
    interface Owner {
        MemorySegment memory();

        Blocks blocks();

        /// {@return offset of the layout here}
        long recoveryAt();

        /// {@return offset of a [PacketSpace], or -1 where it is not yet or no more}
        long spaceAt(int space);

        CongestionControl control();

        /// {@return bytes of the largest datagram that goes without a probe}
        int datagramBytes();

        /// The path carries so many.
        void datagramBytes(int bytes);

        /// {@return how long the peer may wait with an ACK of 1-RTT}
        long peerDelayNanosMax();

        boolean isConfirmed();

        /// {@return whether the peer is known to take what we send: of a server always so, of a client once its handshake packets were acknowledged
        /// (section 6.2.2.1)}
        boolean isPeerValidated();

        /// {@return whether nothing may be sent until more has come (RFC 9000, section 8.1): then no probe is due}
        boolean isBlockedByAmplification();

        /// What a record carried has arrived.
        void onAcknowledged(int space, long record);

        /// What a record carried is to go again.
        void onLost(int space, long record);
    }

    private LossRecovery() {}

    /// Begins a path.
    static void begin(MemorySegment memory, long at, int datagramBytes) {
        RoundTrip.begin(memory, at + ROUND_TRIP);
        CongestionControl.begin(memory, at + CONGESTION, datagramBytes);
        Pacer.begin(memory, at + PACER);
        for (long i = ECN; i < BYTES; i += Long.BYTES) {
            LittleEndian.i64(memory, at + i, 0);
        }
        PathMtu.begin(memory, at + MTU, datagramBytes);
    }

    /// The connection has moved to another path (RFC 9000, section 9.4): what is under way says nothing of that, neither of its window nor of its round trip.
    static void move(Owner of) {
        MemorySegment memory = of.memory();
        MemorySegment in = of.blocks().memory();
        long recovery = of.recoveryAt();
        long at = of.spaceAt(PacketSpace.APPLICATION) + PacketSpace.SENT;
        for (long cursor = SentPackets.oldest(memory, at); cursor != 0; cursor = SentPackets.next(memory, at, of.blocks(), cursor)) {
            SentPackets.unmark(in, SentPackets.record(of.blocks(), cursor), SentPackets.IN_FLIGHT | SentPackets.MTU_PROBE);
        }
        of.datagramBytes(PathMtu.BASE);
        PathMtu.restart(memory, recovery + MTU);
        RoundTrip.begin(memory, recovery + ROUND_TRIP);
        CongestionControl.begin(memory, recovery + CONGESTION, of.datagramBytes());
        Pacer.begin(memory, recovery + PACER);
        EcnValidation.restart(memory, recovery + ECN);
        probeCount(memory, recovery, 0);
    }

    static int probeCount(MemorySegment memory, long at) {
        return Byte.toUnsignedInt(memory.get(ValueLayout.JAVA_BYTE, at + PROBE_COUNT));
    }

    static void probeCount(MemorySegment memory, long at, int count) {
        memory.set(ValueLayout.JAVA_BYTE, at + PROBE_COUNT, (byte) Math.min(count, 0xff));
    }

    /// A packet went; its record is complete.
    ///
    /// @param flags  of [SentPackets]
    static void sent(Owner of, int space, int bytes, int flags, long nowNanos) {
        MemorySegment memory = of.memory();
        long recovery = of.recoveryAt();
        if ((flags & SentPackets.IN_FLIGHT) != 0) {
            CongestionControl.inFlight(memory, recovery + CONGESTION, bytes);
            Pacer.sent(memory, recovery + PACER, bytes, CongestionControl.window(memory, recovery + CONGESTION),
                    RoundTrip.smoothed(memory, recovery + ROUND_TRIP), of.datagramBytes(), nowNanos);
        }
        if ((flags & SentPackets.ELICITING) != 0) {
            PacketSpace.eliciting(memory, of.spaceAt(space), 1);
            PacketSpace.elicitingNanos(memory, of.spaceAt(space), nowNanos);
        }
        if ((flags & SentPackets.ECT_0) != 0) {
            EcnValidation.sent(memory, recovery + ECN);
        }
    }

    /// {@return bytes that the window lets go}
    static long room(Owner of) {
        return CongestionControl.room(of.memory(), of.recoveryAt() + CONGESTION);
    }

    /// {@return from when on the window and the pacing let a datagram go; `Long.MAX_VALUE` while the window is full}
    static long sendNanos(Owner of) {
        MemorySegment memory = of.memory();
        long recovery = of.recoveryAt();
        if (room(of) < of.datagramBytes()) {
            return Long.MAX_VALUE;
        }
        return Pacer.sendNanos(memory, recovery + PACER, CongestionControl.window(memory, recovery + CONGESTION),
                RoundTrip.smoothed(memory, recovery + ROUND_TRIP), of.datagramBytes());
    }

    /// An ACK came.
    ///
    /// @param ranges      `count` pairs of numbers, first and last inclusive, 16 bytes each, from the highest range on; none above what was sent
    /// @param delayNanos  that the peer says it waited
    /// @param counted     whether it has counts of ECN, which follow
    static void onAck(Owner of, int space, MemorySegment ranges, long rangesAt, int count, long delayNanos, boolean counted, long ect0, long ect1, long ce,
            long nowNanos) {
        MemorySegment memory = of.memory();
        long at = of.spaceAt(space);
        long recovery = of.recoveryAt();
        MemorySegment in = of.blocks().memory();
        long largest = LittleEndian.i64(ranges, rangesAt + Long.BYTES);
        boolean raises = largest > PacketSpace.largestAcked(memory, at);
        PacketSpace.largestAcked(memory, at, Math.max(largest, PacketSpace.largestAcked(memory, at)));
        long window = CongestionControl.window(memory, recovery + CONGESTION);
        long smoothed = RoundTrip.smoothed(memory, recovery + ROUND_TRIP);
        long inFlight = CongestionControl.inFlight(memory, recovery + CONGESTION);
        boolean used = CongestionControl.isUsed(memory, recovery + CONGESTION, inFlight, of.datagramBytes());
        boolean eliciting = false;
        boolean any = false;
        int marked = 0;
        long largestSent = Long.MIN_VALUE;
        boolean hit = false;   // whether the records that follow are more of a packet that is acknowledged now
        int range = count - 1;
        for (long cursor = SentPackets.oldest(memory, at + PacketSpace.SENT); cursor != 0; cursor = SentPackets.next(memory, at + PacketSpace.SENT, of.blocks(),
                cursor)) {
            long record = SentPackets.record(of.blocks(), cursor);
            int flags = SentPackets.flags(in, record);
            if ((flags & SentPackets.MORE) != 0) {
                if (hit) {
                    of.onAcknowledged(space, record);
                }
                continue;
            }
            long number = SentPackets.number(in, record);
            while (range >= 0 && last(ranges, rangesAt, range) < number) {
                range--;
            }
            if (range < 0) {
                break;
            }
            hit = first(ranges, rangesAt, range) <= number && (flags & SentPackets.OVER) == 0;
            if (!hit) {
                continue;
            }
            any = true;
            eliciting |= (flags & SentPackets.ELICITING) != 0;
            marked += (flags & SentPackets.ECT_0) != 0 ? 1 : 0;
            largestSent = number == largest && (flags & SentPackets.IN_FLIGHT) != 0 ? SentPackets.sentNanos(in, record) : largestSent;  // of this path
            over(of, space, record, flags, true);
            large(of, flags, SentPackets.length(in, record), nowNanos);
            if ((flags & SentPackets.IN_FLIGHT) != 0) {
                of.control().acknowledged(memory, recovery + CONGESTION, SentPackets.length(in, record), SentPackets.sentNanos(in, record), used,
                        RoundTrip.smoothed(memory, recovery + ROUND_TRIP), of.datagramBytes(), nowNanos);
            }
            of.onAcknowledged(space, record);
        }
        if (!any && !raises) {
            return;  // says nothing new: however often it comes, what is under way is not looked through again (RFC 9000, section 21.9)
        }
        if (largestSent != Long.MIN_VALUE && eliciting) {
            long delay = space == PacketSpace.INITIAL ? 0 : of.isConfirmed() ? Math.min(delayNanos, of.peerDelayNanosMax()) : delayNanos;
            RoundTrip.sample(memory, recovery + ROUND_TRIP, Math.max(0, nowNanos - largestSent), delay, nowNanos);
        }
        if (space == PacketSpace.APPLICATION && raises && EcnValidation.told(memory, recovery + ECN, marked, counted, ect0, ect1, ce)
                && largestSent != Long.MIN_VALUE) {
            of.control().congested(memory, recovery + CONGESTION, largestSent, of.datagramBytes(), nowNanos);
        }
        detect(of, space, nowNanos);
        repace(memory, recovery, window, smoothed, nowNanos);
        if (of.isPeerValidated()) {
            probeCount(memory, recovery, 0);
        }
        SentPackets.trim(memory, at + PacketSpace.SENT, of.blocks());
    }

    /// The window, the round trip or both may be other than they were: what is owed takes another time.
    static void repace(MemorySegment memory, long recovery, long windowBefore, long smoothedBefore, long nowNanos) {
        Pacer.changed(memory, recovery + PACER, windowBefore, smoothedBefore, CongestionControl.window(memory, recovery + CONGESTION),
                RoundTrip.smoothed(memory, recovery + ROUND_TRIP), nowNanos);
    }

    /// A packet was acknowledged that not every path carries.
    private static void large(Owner of, int flags, int bytes, long nowNanos) {
        if (bytes <= PathMtu.BASE) {
            return;
        }
        long at = of.recoveryAt() + MTU;
        if ((flags & SentPackets.MTU_PROBE) != 0) {
            of.datagramBytes(PathMtu.arrived(of.memory(), at, of.datagramBytes(), bytes, nowNanos));
        } else {
            PathMtu.largeArrived(of.memory(), at, bytes);
        }
    }

    private static long first(MemorySegment ranges, long at, int index) {
        return LittleEndian.i64(ranges, at + index * 16L);
    }

    private static long last(MemorySegment ranges, long at, int index) {
        return LittleEndian.i64(ranges, at + index * 16L + Long.BYTES);
    }

    /// A packet is acknowledged, lost, or of a space that is no more.
    private static void over(Owner of, int space, long record, int flags, boolean acknowledged) {
        MemorySegment memory = of.memory();
        MemorySegment in = of.blocks().memory();
        SentPackets.mark(in, record, SentPackets.OVER);
        if ((flags & SentPackets.IN_FLIGHT) != 0) {
            CongestionControl.inFlight(memory, of.recoveryAt() + CONGESTION, -SentPackets.length(in, record));
        }
        if ((flags & SentPackets.ELICITING) != 0) {
            PacketSpace.eliciting(memory, of.spaceAt(space), -1);
        }
        PacketSpace.over(memory, of.spaceAt(space), SentPackets.number(in, record), acknowledged);
    }

    /// Finds what is lost: overtaken by three, or sent long before what is acknowledged (section 6.1).
    static void detect(Owner of, int space, long nowNanos) {
        MemorySegment memory = of.memory();
        MemorySegment in = of.blocks().memory();
        long at = of.spaceAt(space);
        long recovery = of.recoveryAt();
        long largest = PacketSpace.largestAcked(memory, at);
        long waits = RoundTrip.lossNanos(memory, recovery + ROUND_TRIP);
        long sampled = RoundTrip.firstNanos(memory, recovery + ROUND_TRIP);
        long lossNanos = Long.MAX_VALUE;
        long latestLost = Long.MIN_VALUE;
        long runStart = Long.MIN_VALUE;   // of ack-eliciting packets of which none between was acknowledged (section 7.6.2)
        long longest = 0;
        boolean hit = false;
        int least = Integer.MAX_VALUE;    // bytes of the smallest that not every path carries
        for (long cursor = SentPackets.oldest(memory, at + PacketSpace.SENT); cursor != 0; cursor = SentPackets.next(memory, at + PacketSpace.SENT, of.blocks(),
                cursor)) {
            long record = SentPackets.record(of.blocks(), cursor);
            int flags = SentPackets.flags(in, record);
            if ((flags & SentPackets.MORE) != 0) {
                if (hit) {
                    of.onLost(space, record);
                }
                continue;
            }
            hit = false;
            long number = SentPackets.number(in, record);
            if (number > largest) {
                break;
            }
            if ((flags & SentPackets.OVER) != 0) {
                runStart = (flags & SentPackets.LOST) != 0 ? runStart : Long.MIN_VALUE;
                continue;
            }
            long sent = SentPackets.sentNanos(in, record);
            if (number > largest - PACKET_THRESHOLD && sent > nowNanos - waits) {
                lossNanos = Math.min(lossNanos, sent + waits);
                continue;
            }
            hit = true;
            over(of, space, record, flags, false);
            SentPackets.mark(in, record, SentPackets.LOST);
            if ((flags & SentPackets.MTU_PROBE) != 0) {
                PathMtu.lost(memory, recovery + MTU, of.datagramBytes(), SentPackets.length(in, record), nowNanos);
                continue;  // it says nothing of congestion, and carries nothing
            }
            if ((flags & SentPackets.IN_FLIGHT) != 0) {
                latestLost = Math.max(latestLost, sent);
                int bytes = SentPackets.length(in, record);
                least = bytes > PathMtu.BASE ? Math.min(least, bytes) : least;
            }
            if ((flags & SentPackets.ECT_0) != 0) {
                EcnValidation.lost(memory, recovery + ECN);
            }
            if ((flags & SentPackets.ELICITING) != 0 && sent > sampled) {
                runStart = runStart == Long.MIN_VALUE ? sent : runStart;
                longest = Math.max(longest, sent - runStart);
            }
            of.onLost(space, record);
        }
        PacketSpace.lossNanos(memory, at, lossNanos);
        if (least != Integer.MAX_VALUE) {
            of.datagramBytes(PathMtu.largeLost(memory, recovery + MTU, of.datagramBytes(), least, nowNanos));
        }
        if (latestLost != Long.MIN_VALUE) {
            of.control().congested(memory, recovery + CONGESTION, latestLost, of.datagramBytes(), nowNanos);
            if (longest > RoundTrip.persistentNanos(memory, recovery + ROUND_TRIP, of.peerDelayNanosMax())) {
                of.control().persistentlyCongested(memory, recovery + CONGESTION, of.datagramBytes());
                RoundTrip.forgetLeast(memory, recovery + ROUND_TRIP);
            }
        }
    }

    /// Nothing of what is under way in a space was taken, for a reason that says nothing of the path: all of it goes again.
    static void forsake(Owner of, int space) {
        MemorySegment memory = of.memory();
        MemorySegment in = of.blocks().memory();
        long at = of.spaceAt(space) + PacketSpace.SENT;
        boolean hit = false;
        for (long cursor = SentPackets.oldest(memory, at); cursor != 0; cursor = SentPackets.next(memory, at, of.blocks(), cursor)) {
            long record = SentPackets.record(of.blocks(), cursor);
            int flags = SentPackets.flags(in, record);
            if ((flags & SentPackets.MORE) == 0) {
                hit = (flags & SentPackets.OVER) == 0;
                if (hit) {
                    over(of, space, record, flags, false);
                }
            }
            if (hit) {
                of.onLost(space, record);
            }
        }
        SentPackets.release(memory, at, of.blocks());
        PacketSpace.lossNanos(memory, of.spaceAt(space), Long.MAX_VALUE);
    }

    /// A space is no more, with all that was under way in it (section 6.4).
    static void discard(Owner of, int space) {
        MemorySegment memory = of.memory();
        MemorySegment in = of.blocks().memory();
        long at = of.spaceAt(space) + PacketSpace.SENT;
        for (long cursor = SentPackets.oldest(memory, at); cursor != 0; cursor = SentPackets.next(memory, at, of.blocks(), cursor)) {
            long record = SentPackets.record(of.blocks(), cursor);
            int flags = SentPackets.flags(in, record);
            if ((flags & (SentPackets.MORE | SentPackets.OVER)) == 0) {
                over(of, space, record, flags, false);
            }
        }
        SentPackets.release(memory, at, of.blocks());
        PacketSpace.lossNanos(memory, of.spaceAt(space), Long.MAX_VALUE);
        probeCount(memory, of.recoveryAt(), 0);
    }
}
