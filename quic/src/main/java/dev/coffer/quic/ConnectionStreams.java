package dev.coffer.quic;

import dev.coffer.memory.engine.StreamTransport;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/// A connection as the protocol on it sees it: its streams. Where it is over, and CLOSED is perhaps yet to be told, each call answers as of a stream on which nothing comes and nothing
/// can go.
abstract sealed class ConnectionStreams implements StreamTransport permits QuicConnection {
    private static final long GONE = -1;

    final QuicLoop loop;
    final Connection c;

    ConnectionStreams(QuicLoop loop, Connection c) {
        this.loop = loop;
        this.c = c;
    }

    /// @throws IllegalStateException  closed, or never reset (caller's fault)
    abstract void checkReady();

    /// {@return its row; GONE where that is gone with the connection}
    private long row(long stream) {
        long row = c.hasStreams() ? Streams.find(c, stream) : GONE;
        if (row < 0 && c.phase != Connection.OPEN) {
            return GONE;
        }
        if (row < 0 || !StreamRow.has(loop.blocks.memory(), row, StreamRow.KNOWN) || StreamRow.has(loop.blocks.memory(), row, StreamRow.RELEASED)) {
            throw new IllegalArgumentException("quic: stream " + stream + " (expected one that was named or opened, and not released)");
        }
        return row;
    }

    private long row(long stream, int missing) {
        long row = row(stream);
        if (row != GONE && StreamRow.has(loop.blocks.memory(), row, missing)) {
            throw new IllegalArgumentException("quic: stream " + stream + " has no such direction");
        }
        return row;
    }

    private long inputRow(long stream) {
        return row(stream, StreamRow.NOT_RECEIVING);
    }

    private long outputRow(long stream) {
        return row(stream, StreamRow.NOT_SENDING);
    }

    @Override
    public boolean isWithinLimits(long stream) {
        return c.hasStreams() && Streams.isWithinLimits(c, stream);
    }

    @Override
    public long pollReady() {
        areBlocksBack();
        return c.hasStreams() ? StreamNews.told(c, true) : NONE;
    }

    /// {@return once, whether a connection that shares with nobody lacked a block, and may have one now: perhaps another of its loop has given it back. Those that wait for room are told then;
    /// of those that share an endpoint says so}
    final boolean areBlocksBack() {
        boolean back = c.phase == Connection.OPEN && loop.blocks.isBack(c.core + ConnectionLayout.OWNER);
        if (back) {
            Streams.roomCame(c);
        }
        return back;
    }

    @Override
    public long open(boolean bidirectional) {
        return c.phase == Connection.OPEN && c.seals(PacketSpace.APPLICATION) ? Streams.open(c, !bidirectional) : NONE;
    }

    @Override
    public MemorySegment inputSegment(long stream) {
        return loop.blocks.memory();
    }

    @Override
    public long inputAt(long stream) {
        long row = inputRow(stream);
        return inputLength(stream) == 0 ? 0 : ReceiveBuffer.readAt(loop.blocks.memory(), row + StreamRow.RECEIVE, c.blocks());
    }

    @Override
    public long inputLength(long stream) {
        long row = inputRow(stream);
        return row == GONE ? 0 : ReceiveBuffer.readable(loop.blocks.memory(), row + StreamRow.RECEIVE, c.blocks());
    }

    @Override
    public boolean hasGap(long stream) {
        long row = inputRow(stream);
        return row != GONE && ReceiveBuffer.hasGap(loop.blocks.memory(), row + StreamRow.RECEIVE);
    }

    @Override
    public void consume(long stream, long bytes) {
        long row = inputRow(stream);
        if (row == GONE) {
            return;
        }
        if (bytes < 0 || bytes > inputLength(stream)) {
            throw new IllegalArgumentException("quic: " + bytes + " bytes consumed (expected 0.." + inputLength(stream) + ")");
        }
        Streams.read(c, row, bytes);
    }

    @Override
    public boolean isInputEnded(long stream) {
        long row = inputRow(stream);
        return row != GONE && !StreamRow.has(loop.blocks.memory(), row, StreamRow.RESET_BY_PEER | StreamRow.STOP) && Streams.isAtEnd(loop.blocks.memory(), row);
    }

    @Override
    public long inputReset(long stream) {
        long row = inputRow(stream);
        return row != GONE && StreamRow.has(loop.blocks.memory(), row, StreamRow.RESET_BY_PEER) ? StreamRow.receiveMax(loop.blocks.memory(), row) : NONE;
    }

    @Override
    public void stopSending(long stream, long code) {
        long row = inputRow(stream);
        if (row != GONE) {
            Streams.stop(c, row, code);
        }
    }

    @Override
    public MemorySegment outputSegment(long stream) {
        return loop.blocks.memory();
    }

    @Override
    public long outputAt(long stream) {
        long row = outputRow(stream);
        return outputRoom(stream) == 0 ? 0 : SendBuffer.writeAt(loop.blocks.memory(), row + StreamRow.SEND, c.blocks());
    }

    @Override
    public long outputRoom(long stream) {
        long row = outputRow(stream);
        return row == GONE ? 0 : Math.min(free(row), SendBuffer.writable(loop.blocks.memory(), row + StreamRow.SEND, c.blocks()));
    }

    @Override
    public long outputFree(long stream) {
        long row = outputRow(stream);
        return row == GONE ? 0 : free(row);
    }

    @Override
    public long outputPlace(long stream) {
        long row = outputRow(stream);
        return row == GONE ? 0 : room(row, SendRoom.place(c, row));
    }

    @Override
    public long outputOwed(long stream) {
        long row = outputRow(stream);
        long owed = row == GONE ? 0 : SendRoom.owed(c, row);
        if (owed > 0) {
            Streams.awaitRoom(c, row);
        }
        return owed;
    }

    private long free(long row) {
        return room(row, SendRoom.free(c, row));
    }

    /// Bytes that may be written; where that is not all that there may be, the stream is named when there is more.
    private long room(long row, long may) {
        Blocks blocks = c.blocks();
        boolean lacked = blocks.isLacking(c.core + ConnectionLayout.OWNER);
        long room = SendBuffer.room(blocks.memory(), row + StreamRow.SEND, blocks, blocks.available(Blocks.WRITING));
        if (room < may) {
            blocks.lack();  // it may want more than the rest of a block
        }
        if (blocks.isLacking(c.core + ConnectionLayout.OWNER)) {
            loop.lackingRow = !lacked || loop.lackingRow == key(row) ? key(row) : GONE;  // of two that lack some neither takes the wish back
        }
        if (Math.min(may, room) < outputBytesMax()) {
            Streams.awaitRoom(c, row);
        }
        return Math.min(may, room);
    }

    /// {@return a row of this connection: another may have the place later}
    private long key(long row) {
        return (long) c.number << 40 | row;
    }

    /// What was found was enough, or else it is asked for again: nobody is to be woken for it.
    private void wrote(long row) {
        if (loop.lackingRow == key(row)) {
            c.blocks().lackNone();
            loop.lackingRow = GONE;
        }
    }

    @Override
    public long outputBytesMax() {
        return loop.config.sendBytes();
    }

    @Override
    public void wrote(long stream, long bytes) {
        long row = outputRow(stream);
        if (row == GONE) {
            return;
        }
        if (bytes < 0 || bytes > outputRoom(stream)) {
            throw new IllegalArgumentException("quic: " + bytes + " bytes written (expected 0.." + outputRoom(stream) + ")");
        }
        SendBuffer.wrote(loop.blocks.memory(), row + StreamRow.SEND, bytes);
        Streams.sent(c, bytes);
        wrote(row);
    }

    @Override
    public void write(long stream, MemorySegment from, long at, long length) {
        long row = outputRow(stream);
        Objects.checkFromIndexSize(at, length, from.byteSize());
        if (row == GONE) {
            return;
        }
        long place = room(row, SendRoom.place(c, row));
        if (length > place) {
            throw new IllegalArgumentException("quic: " + length + " bytes written (expected 0.." + place + ")");
        }
        SendBuffer.append(loop.blocks.memory(), row + StreamRow.SEND, c.blocks(), from, at, (int) length);
        SendRoom.said(c, row, length);
        wrote(row);
    }

    @Override
    public boolean isHeldBack(long stream, long bytes) {
        long row = outputRow(stream);
        return row != GONE && SendRoom.lacksCredit(c, row, bytes);
    }

    @Override
    public void finish(long stream) {
        long row = outputRow(stream);
        if (row != GONE) {
            Streams.finish(c, row);
        }
    }

    @Override
    public void reset(long stream, long code) {
        long row = outputRow(stream);
        if (row != GONE) {
            Streams.reset(c, row, code);
        }
    }

    @Override
    public long outputStopped(long stream) {
        long row = outputRow(stream);
        return row != GONE && StreamRow.has(loop.blocks.memory(), row, StreamRow.STOPPED_BY_PEER) && !StreamRow.has(loop.blocks.memory(), row, StreamRow.RESET)
                ? StreamRow.sendMax(loop.blocks.memory(), row)
                : NONE;
    }

    @Override
    public void release(long stream) {
        long row = row(stream);
        if (row != GONE) {
            Streams.released(c, row, 0);
            Streams.settle(c, stream);
        }
    }

    @Override
    public boolean isDelivered() {
        c.deliveryAwaited = c.phase == Connection.OPEN && !Streams.isDelivered(c);
        return !c.deliveryAwaited;
    }

    @Override
    public void close(long code) {
        checkReady();
        if (c.phase == Connection.OPEN) {
            c.close(code, 0, true, c.lastNanos);
        } else {
            Lingering.end(c);
        }
    }
}
