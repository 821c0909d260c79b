package dev.coffer.quic;

import dev.coffer.memory.QuicVarint;
import dev.coffer.quic.frame.TransportError;
import java.lang.foreign.MemorySegment;

/// What the peer's frames about one stream come to (RFC 9000, sections 3 and 4), answered as of [Streams]. Each may come twice without harm. Stateless; 0 heap
/// bytes.
final class StreamFrames {
    private StreamFrames() {}

    /// {@return [Streams#OK] where a frame about what we receive may name that stream, which is opened by it}
    private static long mayBeReceived(Streams.Owner of, long id) {
        if (!Streams.isOwn(of, id)) {
            return Streams.openPeers(of, id);
        }
        return (id & Streams.UNI) != 0 || id >>> 2 >= Streams.opened(of.memory(), of.streamsAt(), (int) (id & 3)) ? TransportError.STREAM_STATE_ERROR
                : Streams.OK;
    }

    /// {@return [Streams#OK] where a frame about what we send may name that stream, which is opened by it}
    private static long mayBeSent(Streams.Owner of, long id) {
        if (!Streams.isOwn(of, id)) {
            return (id & Streams.UNI) != 0 ? TransportError.STREAM_STATE_ERROR : Streams.openPeers(of, id);
        }
        return id >>> 2 >= Streams.opened(of.memory(), of.streamsAt(), (int) (id & 3)) ? TransportError.STREAM_STATE_ERROR : Streams.OK;
    }

    /// STREAM (section 19.8).
    static long onStream(Streams.Owner of, long id, long offset, MemorySegment from, long fromAt, int length, boolean fin) {
        long answer = mayBeReceived(of, id);
        long row = answer == Streams.OK ? Streams.find(of, id) : -1;
        if (row < 0) {
            return answer;  // over: late pieces say nothing new
        }
        MemorySegment in = of.blocks().memory();
        long end = offset + length;
        answer = checkSize(of, in, row, end, fin);
        if (answer != Streams.OK) {
            return answer;
        }
        long receive = row + StreamRow.RECEIVE;
        long highest = ReceiveBuffer.highest(in, receive);
        if (StreamRow.has(in, row, StreamRow.RESET_BY_PEER | StreamRow.STOP)) {
            Streams.discard(of, in, row, end);
        } else {
            long ready = ReceiveBuffer.ready(in, receive);
            long held = ReceiveBuffer.gapBytes(in, receive, of.blocks());
            if (!ReceiveBuffer.insert(in, receive, of.blocks(), offset, from, fromAt, length, Streams.blocksMax(of), keep(of))) {
                return Streams.NOT_KEPT;
            }
            Streams.received(of, Math.max(0, end - highest));
            Gaps.changed(of, held, ReceiveBuffer.gapBytes(in, receive, of.blocks()), ReceiveBuffer.ready(in, receive) - ready);
            boolean first = fin && !StreamRow.has(in, row, StreamRow.SIZE_KNOWN);
            if (ReceiveBuffer.ready(in, receive) > ready || first || (id & Streams.UNI) != 0 && ReceiveBuffer.hasGap(in, receive)) {
                StreamNews.tell(of, row);
            }
        }
        if (fin) {
            StreamRow.set(in, row, StreamRow.SIZE_KNOWN);
            StreamRow.clear(in, row, StreamRow.STOP_DUE | StreamRow.STOP_LATER | StreamRow.LIMIT_DUE);
            Streams.settle(of, id);  // it may have been what a stream waited for that the application has done with
        }
        return Streams.OK;
    }

    /// {@return blocks that pieces which come early leave to those in order}
    private static int keep(Streams.Owner of) {
        return of.blocks().freeCount() - of.blocks().available(Blocks.EARLY);
    }

    /// {@return whether a stream may end there, and what it says fits in both windows (sections 4.1 and 4.5)}
    private static long checkSize(Streams.Owner of, MemorySegment in, long row, long end, boolean fin) {
        long highest = ReceiveBuffer.highest(in, row + StreamRow.RECEIVE);
        if (StreamRow.has(in, row, StreamRow.SIZE_KNOWN) && (end > highest || fin && end != highest) || fin && end < highest) {
            return TransportError.FINAL_SIZE_ERROR;
        }
        boolean limited = !StreamRow.has(in, row, StreamRow.STOP | StreamRow.RESET_BY_PEER);
        long more = Math.max(0, end - highest);
        boolean fits = end <= QuicVarint.VALUE_MAX && (!limited || end <= StreamRow.receiveMax(in, row))
                && Streams.mayReceive(of, more);
        return fits ? Streams.OK : TransportError.FLOW_CONTROL_ERROR;
    }

    /// RESET_STREAM (section 19.4).
    static long onReset(Streams.Owner of, long id, long code, long size) {
        long answer = mayBeReceived(of, id);
        long row = answer == Streams.OK ? Streams.find(of, id) : -1;
        if (row < 0) {
            return answer;
        }
        MemorySegment in = of.blocks().memory();
        answer = checkSize(of, in, row, size, true);
        if (answer != Streams.OK || StreamRow.has(in, row, StreamRow.RESET_BY_PEER) || Streams.hasAll(in, row)) {
            return answer;
        }
        Streams.discard(of, in, row, size);
        StreamRow.clear(in, row, StreamRow.STOP_DUE | StreamRow.STOP_LATER | StreamRow.LIMIT_DUE);
        StreamRow.set(in, row, StreamRow.RESET_BY_PEER | StreamRow.SIZE_KNOWN);
        StreamNews.tell(of, row);
        StreamRow.receiveMax(in, row, code);
        Streams.settle(of, id);
        return Streams.OK;
    }

    /// STOP_SENDING (section 19.5): the application, which is told, resets the stream (section 3.5); where it has done with it that is done here.
    static long onStopSending(Streams.Owner of, long id, long code) {
        long answer = mayBeSent(of, id);
        long row = answer == Streams.OK ? Streams.find(of, id) : -1;
        MemorySegment in = of.blocks().memory();
        if (row < 0 || StreamRow.has(in, row, StreamRow.RESET | StreamRow.FIN_ACKED | StreamRow.STOPPED_BY_PEER)) {
            return answer;
        }
        StreamRow.set(in, row, StreamRow.STOPPED_BY_PEER | (SendRoom.owed(of, row) > 0 ? StreamRow.WITHHELD : 0));
        StreamRow.sendMax(in, row, code);
        StreamNews.tell(of, row);
        if (StreamRow.has(in, row, StreamRow.RELEASED)) {
            Streams.reset(of, row, code);
        }
        return Streams.OK;
    }

    /// MAX_STREAM_DATA (section 19.10).
    static long onMaxStreamData(Streams.Owner of, long id, long max) {
        long answer = mayBeSent(of, id);
        long row = answer == Streams.OK ? Streams.find(of, id) : -1;
        MemorySegment in = of.blocks().memory();
        if (row >= 0 && !StreamRow.has(in, row, StreamRow.RESET | StreamRow.STOPPED_BY_PEER) && max > StreamRow.sendMax(in, row)) {
            StreamRow.sendMax(in, row, max);
            Streams.roomCame(of, row);
        }
        return answer;
    }

    /// STREAM_DATA_BLOCKED (section 19.13): says nothing that we do not know, but the stream must be one that we receive on.
    static long onStreamDataBlocked(Streams.Owner of, long id) {
        return mayBeReceived(of, id);
    }
}
