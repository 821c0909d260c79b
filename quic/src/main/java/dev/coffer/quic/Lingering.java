package dev.coffer.quic;

import java.lang.foreign.MemorySegment;

/// What is left of a client's connection that is over. A server may close as soon as its last answer has arrived (RFC 9000, section 10.2), which is before anybody has read it. So a
/// client's that was not its own to end keeps the streams of which something is to be read, and nothing else, and tells its end behind them: until all of that is read or released, the
/// application closes, or as long has passed as a connection may be idle. Stateless; 0 heap bytes.
final class Lingering {
    private Lingering() {}

    /// A connection has just ceased to be open.
    static void begin(Connection c, long nowNanos) {
        c.lingers = c.client && c.phase == Connection.DRAINING && isUnread(c);
        c.lingerUntil = c.lingers && c.idleNanos > 0 ? nowNanos + c.idleNanos : Connection.NEVER;
    }

    /// {@return whether its end is not told yet, as there is something to be read}
    static boolean holdsBack(Connection c) {
        return c.lingers && isUnread(c);
    }

    /// All is read, or nobody reads it.
    static void end(Connection c) {
        if (c.lingers) {
            c.lingers = false;
            Streams.release(c);
        }
    }

    private static boolean isUnread(Connection c) {
        Blocks blocks = c.blocks();
        for (int block = Streams.first(c); block != Blocks.NONE; block = blocks.next(block)) {
            if (isUnread(blocks, blocks.content(block))) {
                return true;
            }
        }
        return false;
    }

    /// {@return whether the application has yet to read something of a stream, or to hear of its end}
    private static boolean isUnread(Blocks blocks, long row) {
        MemorySegment in = blocks.memory();
        return !StreamRow.has(in, row, StreamRow.RELEASED | StreamRow.NOT_RECEIVING)
                && (StreamRow.has(in, row, StreamRow.TELL) || Streams.isAtEnd(in, row) || ReceiveBuffer.readable(in, row + StreamRow.RECEIVE, blocks) > 0);
    }

    /// Keeps what is to be read, as streams that the peer reads no more, and forgets the rest.
    static void keep(Connection c) {
        Blocks blocks = c.blocks();
        MemorySegment in = blocks.memory();
        for (int block = Streams.first(c); block != Blocks.NONE;) {
            long row = blocks.content(block);
            int next = blocks.next(block);
            if (isUnread(blocks, row)) {
                SendBuffer.release(in, row + StreamRow.SEND, blocks);
                if (!StreamRow.has(in, row, StreamRow.NOT_SENDING | StreamRow.SAID_ALL | StreamRow.RESET)) {
                    StreamRow.sendMax(in, row, 0);
                    StreamRow.set(in, row, StreamRow.STOPPED_BY_PEER);
                    StreamNews.tell(c, row);
                }
            } else {
                Streams.forget(c, block);
            }
            block = next;
        }
    }
}
