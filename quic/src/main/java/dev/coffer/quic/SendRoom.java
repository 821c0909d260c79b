package dev.coffer.quic;

import java.lang.foreign.MemorySegment;

/// How much may be said on a stream, and how much of that may go: as its place and the peer's flow control let (RFC 9000, section 4), of the stream and of the connection. Over the layouts of
/// [Streams] and [StreamRow]. Stateless; 0 heap bytes.
///
/// What must lie in a stream's place at once, a head, may be longer than flow control lets go: then the rest is owed, and goes as the peer's limits rise. Where it is the connection's that lets
/// less go, it is who has said too much that waits: what the others had said before goes, whosever turn comes first.
final class SendRoom {
    private SendRoom() {}

    /// {@return bytes that may be said, now and altogether: as flow control and the place let}
    static long free(Streams.Owner of, long row) {
        return Math.max(0, Math.min(credit(of, row), place(of, row)));
    }

    /// {@return bytes that the place takes, whatever flow control lets go}
    static long place(Streams.Owner of, long row) {
        MemorySegment in = of.blocks().memory();
        long send = row + StreamRow.SEND;
        return mayBeSaid(in, row) ? Math.max(0, of.config().sendBytes() - (SendBuffer.end(in, send) - SendBuffer.base(in, send))) : 0;
    }

    private static boolean mayBeSaid(MemorySegment in, long row) {
        return !StreamRow.has(in, row, StreamRow.NOT_SENDING | StreamRow.SAID_ALL | StreamRow.RESET | StreamRow.STOPPED_BY_PEER);
    }

    /// {@return whether it is the peer that lets less be said than so many bytes, and not what is kept here}
    static boolean lacksCredit(Streams.Owner of, long row, long bytes) {
        return mayBeSaid(of.blocks().memory(), row) && credit(of, row) < bytes;
    }

    /// {@return bytes that flow control lets be said behind what was; below zero where more was}
    private static long credit(Streams.Owner of, long row) {
        MemorySegment in = of.blocks().memory();
        return Math.min(StreamRow.sendMax(in, row) - SendBuffer.end(in, row + StreamRow.SEND), Streams.sendRoom(of));
    }

    /// {@return new bytes that flow control lets go of all streams, where more was said than that; else `Long.MAX_VALUE`: all may go. A walk over the rows then, so it is asked once a packet}
    static long left(Streams.Owner of) {
        long room = Streams.sendRoom(of);
        return room >= 0 ? Long.MAX_VALUE : Math.max(0, room + unsent(of));
    }

    /// {@return of these, what may go at once of streams that have said no more than was left then}
    static long promised(Streams.Owner of) {
        Blocks blocks = of.blocks();
        MemorySegment in = blocks.memory();
        long promised = 0;
        for (int block = Streams.first(of); block != Blocks.NONE; block = blocks.next(block)) {
            long row = blocks.content(block);
            if (!StreamRow.has(in, row, StreamRow.NOT_SENDING | StreamRow.RESET | StreamRow.OWES)) {
                promised += end(of, row, Long.MAX_VALUE, 0) - SendBuffer.highest(in, row + StreamRow.SEND);
            }
        }
        return promised;
    }

    /// Bytes were written, perhaps more than flow control lets go of all streams.
    static void said(Streams.Owner of, long row, long bytes) {
        Streams.sent(of, bytes);
        long room = Streams.sendRoom(of);
        if (room >= 0 || bytes == 0) {
            return;
        }
        Blocks blocks = of.blocks();
        for (int block = room + bytes < 0 ? Blocks.NONE : Streams.first(of); block != Blocks.NONE; block = blocks.next(block)) {
            StreamRow.clear(blocks.memory(), blocks.content(block), StreamRow.OWES);  // of a time before
        }
        StreamRow.set(blocks.memory(), row, StreamRow.OWES);
    }

    /// {@return one past what of a stream may go}
    ///
    /// @param left      of all of them, as of [#left]
    /// @param promised  of these, as of [#promised]
    static long end(Streams.Owner of, long row, long left, long promised) {
        MemorySegment in = of.blocks().memory();
        long send = row + StreamRow.SEND;
        long end = SendBuffer.end(in, send);
        long most = !StreamRow.has(in, row, StreamRow.STOPPED_BY_PEER) ? StreamRow.sendMax(in, row) : StreamRow.has(in, row, StreamRow.WITHHELD) ? 0 : end;
        if (left == Long.MAX_VALUE && end <= most) {
            return end;
        }
        long highest = SendBuffer.highest(in, send);  // what went once may go again
        if (left != Long.MAX_VALUE) {
            most = Math.min(most, highest + (StreamRow.has(in, row, StreamRow.OWES) ? Math.max(0, left - promised) : left));
        }
        return Math.max(highest, Math.min(end, most));
    }

    /// {@return bytes of all streams that were said and never went}
    static long unsent(Streams.Owner of) {
        Blocks blocks = of.blocks();
        MemorySegment in = blocks.memory();
        long unsent = 0;
        for (int block = Streams.first(of); block != Blocks.NONE; block = blocks.next(block)) {
            long row = blocks.content(block);
            if (!StreamRow.has(in, row, StreamRow.NOT_SENDING | StreamRow.RESET)) {
                unsent += SendBuffer.end(in, row + StreamRow.SEND) - SendBuffer.highest(in, row + StreamRow.SEND);
            }
        }
        return unsent;
    }

    /// {@return bytes of a stream that were said and that flow control does not let go yet; of the connection's, what was said beyond it, by whomever: no walk}
    static long owed(Streams.Owner of, long row) {
        MemorySegment in = of.blocks().memory();
        if (StreamRow.has(in, row, StreamRow.NOT_SENDING | StreamRow.RESET)) {
            return 0;
        }
        long end = SendBuffer.end(in, row + StreamRow.SEND);
        long beyond = Math.max(0, -Streams.sendRoom(of));
        return Math.max(end - end(of, row, Long.MAX_VALUE, 0), Math.min(beyond, end - SendBuffer.highest(in, row + StreamRow.SEND)));
    }
}
