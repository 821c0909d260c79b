package dev.coffer.quic;

import java.lang.foreign.MemorySegment;

/// The clock of what came behind gaps (RFC 9000, section 21.6): a peer that says a stream's later bytes and not those before holds the blocks of both, and nothing of them can be read.
/// Lost bytes are said again within some round trips (section 13.3), whoever leaves them out says something now and then, so that no other time runs out.
///
/// What counts is what is **delivered**, in order, and not what arrives. While there is a gap, in one stream or in many, so many bytes as gaps held when the clock began are to be delivered before it has
/// run out, on whatever stream; or there is none any more. Then it begins anew. So what is held costs its own length each [#NANOS_MAX]; and a transfer that loses something all the time, or says
/// other streams first, has a clock that never ends. A stream that is reset delivers nothing.
///
/// Of bytes its owner remembers two words of 32 bits: what the blocks come to that streams hold from their first gap on, lowest; and what is to be delivered before the clock has run out, 0 where it
/// is to begin. Stateless; 0 heap bytes.
final class Gaps {
    /// As long as a connection may be silent, by default.
    static final long NANOS_MAX = 30_000_000_000L;

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
        return of.gapBytes() >>> Integer.SIZE;
    }

    private static void bytes(Streams.Owner of, long held, long owed) {
        assert held >= 0 && held >>> Integer.SIZE == 0 : held + " bytes";  // windows of 2^30, and three blocks of 2^14 for each of 2^16 streams
        of.gapBytes(owed << Integer.SIZE | held);
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
            bytes(of, held, held == 0 ? 0 : Math.max(0, owed(of) - delivered));
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
    /// @return whether it has run out
    static boolean isLate(Streams.Owner of, long nowNanos) {
        long held = held(of);
        if (held > 0 && owed(of) == 0) {
            bytes(of, held, held);
            of.gapNanos(nowNanos + NANOS_MAX);
        }
        return deadlineNanos(of) <= nowNanos;
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
