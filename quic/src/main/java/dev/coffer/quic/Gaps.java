package dev.coffer.quic;

import java.lang.foreign.MemorySegment;

/// The clock of what came behind gaps (RFC 9000, section 21.6): a peer that says a stream's later bytes and not those before holds the blocks of both, and nothing of them can be read.
/// Lost bytes are said again within some round trips (section 13.3), whoever leaves them out says something now and then, so that no other time runs out.
///
/// What counts is what is **delivered**, in order, and not what arrives. While there is a gap, in one stream or in many, so many bytes as gaps held when the clock began are to be delivered before it has
/// run out, on whatever stream; or there is none any more. Then it begins anew. So what is held costs its own length each [#NANOS_MAX]; and a transfer that loses something all the time, or says
/// other streams first, has a clock that never ends. A stream that is reset delivers nothing.
///
/// **While half of the blocks are free** what is held harms nobody, and a network may be that bad: then who has not delivered it has as much time again, [#TIMES_MAX] times in all, and is late as soon as
/// somebody may lack a block.
///
/// Of bytes its owner remembers one word: what the blocks come to that streams hold from their first gap on, lowest, in 32 bits; above it what is to be delivered before the clock has run out, 0 where it
/// is to begin, in 29; and which time it is that runs, in 3. And one of time. Stateless; 0 heap bytes.
final class Gaps {
    /// Half as long again as any honest peer took in 279,000 simulated times of networks that lose half of what goes and spoil a third of what comes (docs/decisions/0220).
    static final long NANOS_MAX = 180_000_000_000L;
    /// Twice what a line of 2 KB a second took whose queue keeps a minute's worth.
    static final int TIMES_MAX = 3;

    private static final int OWED_BITS = 29;
    private static final long OWED_MAX = (1L << OWED_BITS) - 1;  // more is not asked for
    private static final int TIMES_SHIFT = Integer.SIZE + OWED_BITS;

    /// Who remembers it: a connection.
    interface Owner {
        /// {@return what is known of bytes, 0 at first}
        long gapBytes();

        void gapBytes(long bytes);

        /// {@return and of time}
        long gapNanos();

        void gapNanos(long nanos);
    }

    private Gaps() {}

    private static long owed(Streams.Owner of) {
        return of.gapBytes() >>> Integer.SIZE & OWED_MAX;
    }

    /// {@return which of its times runs, from 1 on}
    private static int times(Streams.Owner of) {
        return (int) (of.gapBytes() >>> TIMES_SHIFT);
    }

    private static void bytes(Streams.Owner of, long held, long owed, int times) {
        assert held >= 0 && held >>> Integer.SIZE == 0 : held + " bytes";  // windows of 2^30, and three blocks of 2^14 for each of 2^16 streams
        of.gapBytes((long) times << TIMES_SHIFT | owed << Integer.SIZE | held);
    }

    /// {@return bytes of blocks that gaps hold}
    static long held(Streams.Owner of) {
        return of.gapBytes() & 0xffff_ffffL;
    }

    /// What came of a stream, or its end, has changed what it holds.
    ///
    /// @param before     as of [ReceiveBuffer#gapBytes], before that
    /// @param after      and behind it
    /// @param delivered  bytes that have come in order by it
    static void changed(Streams.Owner of, long before, long after, long delivered) {
        if (of.gapBytes() != 0 || before != after) {
            long held = held(of) + after - before;
            bytes(of, held, held == 0 ? 0 : Math.max(0, owed(of) - delivered), held == 0 ? 0 : times(of));
        }
    }

    /// Nobody reads a stream any more. None is forgotten before.
    static void forgotten(Streams.Owner of, MemorySegment in, long receive) {
        changed(of, ReceiveBuffer.gapBytes(in, receive, of.blocks()), 0, 0);
    }

    /// {@return when the clock runs out}
    static long deadlineNanos(Streams.Owner of) {
        return held(of) == 0 ? Connection.NEVER : of.gapNanos();
    }

    /// Looks after frames, or at a time.
    ///
    /// @return whether it has run out, and that harms somebody
    static boolean isLate(Streams.Owner of, long nowNanos) {
        if (held(of) > 0 && owed(of) == 0) {
            runs(of, Math.min(held(of), OWED_MAX), 1, nowNanos);
        }
        boolean isOver = deadlineNanos(of) <= nowNanos;
        if ((isOver || times(of) > 1) && !of.blocks().isAmple() || isOver && times(of) == TIMES_MAX) {
            return true;
        }
        if (isOver) {
            runs(of, owed(of), times(of) + 1, nowNanos);
        }
        return false;
    }

    private static void runs(Streams.Owner of, long owed, int times, long nowNanos) {
        bytes(of, held(of), owed, times);
        of.gapNanos(nowNanos + NANOS_MAX);
    }

    /// For property tests.
    static void checkInvariants(Streams.Owner of) {
        Blocks blocks = of.blocks();
        long held = 0;
        for (int block = Streams.first(of); block != Blocks.NONE; block = blocks.next(block)) {
            held += ReceiveBuffer.gapBytes(blocks.memory(), blocks.content(block) + StreamRow.RECEIVE, blocks);
        }
        assert held == held(of) : held + " bytes behind gaps, counted " + held(of);
    }
}
