package dev.coffer.quic;

import dev.coffer.memory.layout.LittleEndian;
import java.lang.foreign.MemorySegment;

/// What the peer lets us say, as its transport parameters have it (RFC 9000, section 18.2), or those that were remembered of it (section 7.4.1). Over the layout of [Streams]. Stateless;
/// 0 heap bytes.
final class PeerLimits {
    private PeerLimits() {}

    /// They are known: those that are lower than before change nothing, streams that there are may go on with more.
    ///
    /// @return whether one is lower
    static boolean take(Streams.Owner of, long data, long bidiLocal, long bidiRemote, long uni, long streamsBidi, long streamsUni) {
        MemorySegment memory = of.memory();
        long at = of.streamsAt();
        int own = of.isClient() ? 0 : Streams.SERVER;
        boolean less = raise(memory, at + Streams.SEND_MAX, data);
        less |= raise(memory, at + Streams.INITIAL, bidiLocal);
        less |= raise(memory, at + Streams.INITIAL + 8, bidiRemote);
        less |= raise(memory, at + Streams.INITIAL + 16, uni);
        less |= raise(memory, at + Streams.LIMIT + own * (long) Long.BYTES, streamsBidi);
        less |= raise(memory, at + Streams.LIMIT + (own | Streams.UNI) * (long) Long.BYTES, streamsUni);
        Blocks blocks = of.blocks();
        for (int block = Streams.first(of); block != Blocks.NONE; block = blocks.next(block)) {
            long row = blocks.content(block);
            if (!StreamRow.has(blocks.memory(), row, StreamRow.NOT_SENDING | StreamRow.RESET | StreamRow.STOPPED_BY_PEER)) {
                long max = LittleEndian.i64(memory, at + Streams.INITIAL + initial(of, StreamRow.id(blocks.memory(), row)));
                StreamRow.sendMax(blocks.memory(), row, Math.max(max, StreamRow.sendMax(blocks.memory(), row)));
            }
        }
        return less;
    }

    private static boolean raise(MemorySegment memory, long at, long value) {
        long before = LittleEndian.i64(memory, at);
        LittleEndian.i64(memory, at, Math.max(before, value));
        return value < before;
    }

    /// {@return offset in the layout's three of what a stream may say at first}
    private static long initial(Streams.Owner of, long id) {
        return (id & Streams.UNI) != 0 ? 16 : Streams.isOwn(of, id) ? 8 : 0;
    }

    /// What was remembered holds no more.
    static void forget(Streams.Owner of) {
        MemorySegment memory = of.memory();
        long at = of.streamsAt();
        int own = of.isClient() ? 0 : Streams.SERVER;
        LittleEndian.i64(memory, at + Streams.SEND_MAX, 0);
        for (int i = 0; i < 3; i++) {
            LittleEndian.i64(memory, at + Streams.INITIAL + i * 8L, 0);
        }
        LittleEndian.i64(memory, at + Streams.LIMIT + own * (long) Long.BYTES, 0);
        LittleEndian.i64(memory, at + Streams.LIMIT + (own | Streams.UNI) * (long) Long.BYTES, 0);
        Blocks blocks = of.blocks();
        for (int block = Streams.first(of); block != Blocks.NONE; block = blocks.next(block)) {
            long row = blocks.content(block);
            if (!StreamRow.has(blocks.memory(), row, StreamRow.NOT_SENDING | StreamRow.RESET | StreamRow.STOPPED_BY_PEER)) {
                StreamRow.sendMax(blocks.memory(), row, 0);
            }
        }
    }

    /// {@return whether what went under other limits is within these: streams that were opened, bytes of each and of all}
    static boolean areKept(Streams.Owner of) {
        MemorySegment memory = of.memory();
        long at = of.streamsAt();
        int own = of.isClient() ? 0 : Streams.SERVER;
        boolean kept = Streams.sendRoom(of) + SendRoom.unsent(of) >= 0 && Streams.opened(memory, at, own) <= Streams.limit(memory, at, own)
                && Streams.opened(memory, at, own | Streams.UNI) <= Streams.limit(memory, at, own | Streams.UNI);
        Blocks blocks = of.blocks();
        for (int block = Streams.first(of); kept && block != Blocks.NONE; block = blocks.next(block)) {
            long row = blocks.content(block);
            kept = StreamRow.has(blocks.memory(), row, StreamRow.NOT_SENDING | StreamRow.RESET | StreamRow.STOPPED_BY_PEER)
                    || SendBuffer.highest(blocks.memory(), row + StreamRow.SEND) <= StreamRow.sendMax(blocks.memory(), row);
        }
        return kept;
    }
}
