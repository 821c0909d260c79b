package dev.coffer.quic;

import java.lang.foreign.MemorySegment;

/// How much may be said on a stream, and how much of that may go: as its place and the peer's flow control let (RFC 9000, section 4), of the stream and of the connection. Over the layouts of
/// [Streams] and [StreamRow]. Stateless; 0 heap bytes.
///
/// What must lie in a stream's place at once, a head, may be longer than flow control lets go: then the rest is owed, and goes as the peer's limits rise.
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

    /// {@return one past what of a stream may go}
    ///
    /// @param left  of all of them, as of [#left]
    static long end(Streams.Owner of, long row, long left) {
        MemorySegment in = of.blocks().memory();
        long send = row + StreamRow.SEND;
        long end = SendBuffer.end(in, send);
        long most = !StreamRow.has(in, row, StreamRow.STOPPED_BY_PEER) ? StreamRow.sendMax(in, row) : StreamRow.has(in, row, StreamRow.WITHHELD) ? 0 : end;
        if (left == Long.MAX_VALUE && end <= most) {
            return end;
        }
        long highest = SendBuffer.highest(in, send);  // what went once may go again
        most = Math.min(most, left == Long.MAX_VALUE ? end : highest + left);
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

    /// {@return bytes of a stream that were said and that flow control does not let go yet}
    static long owed(Streams.Owner of, long row) {
        MemorySegment in = of.blocks().memory();
        return StreamRow.has(in, row, StreamRow.NOT_SENDING | StreamRow.RESET) ? 0 : SendBuffer.end(in, row + StreamRow.SEND) - end(of, row, left(of));
    }
}
