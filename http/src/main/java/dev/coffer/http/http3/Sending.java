package dev.coffer.http.http3;

import dev.coffer.http.MessageSource;
import dev.coffer.http.internal.HeadFields;
import dev.coffer.http.qpack.QpackEncoder;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.engine.StreamTransport;
import java.lang.foreign.MemorySegment;

/// Writes a connection's messages into the transport's places: what is said of the connection first, then heads, then content. Content is pulled from
/// the stream of the smallest urgency (RFC 9218, section 10); of one urgency those that are not incremental come one after the other, the
/// others in turns; and never more than the transport lets go.
///
/// Content of known length is one DATA frame, whatever its pieces; other content has a frame for each piece.
///
/// **A head** is written whole, into the stream's place, as soon as the peer lets some of it go: it may be longer than the peer's window. Nothing follows it, and the message is not over,
/// before the peer lets all of it go, in its pace. One that is larger than the peer says that it takes is not sent: an interim one is left out, of any other the exchange fails.
abstract sealed class Sending permits ServerSending, ClientSending {
    static final long UNKNOWN = HeadFields.UNKNOWN;
    /// Content that is pulled at a time, so that streams in turns have theirs.
    private static final int TURN_BYTES = 1 << 14;
    private static final int NOTHING = -1;
    /// Room below which no head is asked for.
    private static final int HEAD_ROOM_MIN = 64;

    final Http3Streams shared;
    private final Http3Engine engine;
    private final StreamList streams;
    private long turns;             // pieces of content, ever

    Sending(Http3Engine engine) {
        this.engine = engine;
        this.shared = engine.shared;
        this.streams = engine.streams;
    }

    void reset() {
        turns = 0;
    }

    /// Writes a head, which may be an interim one.
    ///
    /// @return whether there was room for it
    abstract boolean head(Stream stream);

    /// {@return content of the stream's message, as [MessageSource#body]}
    long body(Stream stream, MemorySegment output, long at, long most) {
        return stream.source().body(output, at, most);
    }

    /// Writes what is due and fits. What a source throws is thrown on; what was written before it stands.
    ///
    /// @return whether anything was written
    boolean write(long now) {
        boolean wrote = engine.controls.write();
        while (!engine.isOver() && next(now) >= 0) {
            wrote = true;
        }
        return !engine.isOver() && engine.controls.write() || wrote;  // entries that heads have made
    }

    /// Does the next thing that is due.
    ///
    /// @return bytes of content that went, NOTHING where nothing could be done
    private long next(long now) {
        Stream best = null;
        for (int i = 0; i < streams.count(); i++) {
            Stream stream = streams.get(i);
            if (hasRoomForHead(stream) && (isHeadDue(stream) && head(stream) || stream.answer == Stream.Answer.TRAILERS && trailers(stream))) {
                return 0;
            }
            if (isReady(stream, now) && (best == null || isBefore(stream, best))) {
                best = stream;
            }
        }
        return best == null ? NOTHING : content(best, now);
    }

    private static boolean isHeadDue(Stream stream) {
        return stream.interimDue || stream.inform != null || stream.answer == Stream.Answer.HEAD;
    }

    /// {@return whether it is worth to ask for a head: any may fit, or one that is small}
    private boolean hasRoomForHead(Stream stream) {
        return !isHeadDue(stream) && stream.answer != Stream.Answer.TRAILERS || stream.id < 0
                || !stream.localEnded && engine.transport().outputFree(stream.id) > 0 && engine.transport().outputPlace(stream.id) >= HEAD_ROOM_MIN;
    }

    private boolean isReady(Stream stream, long now) {
        if (stream.answer != Stream.Answer.CONTENT || stream.blocked || stream.isFull || stream.id < 0) {
            return false;
        }
        // the transport names it when there is more
        stream.isFull = stream.owed > 0 && isOwed(stream, now) || engine.transport().outputFree(stream.id) < contentRoomMin(stream);
        return !stream.isFull;
    }

    /// {@return whether some of a head has yet to go: what went since it was asked last is progress}
    private boolean isOwed(Stream stream, long now) {
        long owed = engine.transport().outputOwed(stream.id);
        Paces.went(engine, Math.max(0, stream.owed - owed), now);
        stream.owed = (int) owed;
        return owed > 0;
    }

    private static int contentRoomMin(Stream stream) {
        return stream.left == 0 ? 0 : stream.left > 0 && !stream.dataHeadDue ? 1 : Frame.HEAD_BYTES_MAX + 1;
    }

    /// {@return whether the peer's flow control holds back what is due: it lets nothing go, or less than can be written. Of a stream that has something due: of others [Paces] does not ask,
    /// as their pace has stopped}
    final boolean isHeldBack(Stream stream) {
        if (stream.id < 0) {  // a client's that waits for its stream
            return false;
        }
        return engine.transport().isHeldBack(stream.id, stream.answer == Stream.Answer.CONTENT ? contentRoomMin(stream) : 1);
    }

    private static boolean isBefore(Stream one, Stream other) {
        return one.urgency != other.urgency ? one.urgency < other.urgency
                : one.incremental && other.incremental ? one.served < other.served
                        : one.incremental != other.incremental && other.incremental;
    }

    /// {@return whether a section is larger than the peer takes, so that it is not sent (RFC 9114, section 4.2.2)}
    final boolean isTooMuch(HeadFields head) {
        long most = engine.sectionBytesMax();
        return most < Integer.MAX_VALUE && head.sectionBytes() > most;
    }

    /// Writes HEADERS where they fit.
    ///
    /// @return whether they did
    final boolean headers(HeadFields head, Stream stream) {
        if (head.encodedBytesMax() + QpackEncoder.PREFIX_BYTES_MAX + Frame.HEAD_BYTES_MAX > engine.transport().outputPlace(stream.id)) {
            return false;
        }
        MemorySegment memory = shared.memory();
        long at = shared.encodedAt();
        QpackEncoder encoder = engine.encoder;
        try {
            encoder.begin(stream.id, memory, at + Frame.HEAD_BYTES_MAX);
            for (boolean more = head.first(); more; more = head.next()) {
                encoder.field(memory, head.nameAt(), head.nameLength(), head.valueAt(), head.valueLength());
            }
            long end = encoder.end();
            long length = end - encoder.sectionAt();
            long from = encoder.sectionAt() - 1 - Frame.numberBytes(length);
            Frame.head(memory, from, Frame.HEADERS, length);
            engine.transport().write(stream.id, memory, from, end - from);
            stream.owed = (int) engine.transport().outputOwed(stream.id);
            engine.traced(true, Frame.HEADERS, stream.id, length);
        } finally {
            shared.dropEncoded();
            head.drop();
        }
        return true;
    }

    /// All of the message is written; it is over where all of it may go.
    final void written(Stream stream) {
        if (stream.owed > 0) {
            stream.answer = Stream.Answer.CONTENT;
            stream.left = 0;
            stream.dataHeadDue = false;
        } else {
            engine.exchanges().sent(stream);
        }
    }

    /// Begins the frame of content of known length.
    final void dataHead(Stream stream) {
        MemorySegment memory = shared.memory();
        long at = shared.encodedAt();
        long end = Frame.head(memory, at, Frame.DATA, stream.left);
        engine.transport().write(stream.id, memory, at, end - at);
        shared.dropEncoded();
        engine.traced(true, Frame.DATA, stream.id, stream.left);
        stream.dataHeadDue = false;
    }

    private long content(Stream stream, long now) {
        if (stream.left == 0) {
            engine.exchanges().sent(stream);
            return 0;
        }
        if (stream.left >= 0 && stream.dataHeadDue) {
            dataHead(stream);
        }
        StreamTransport transport = engine.transport();
        long room = transport.outputRoom(stream.id);
        boolean known = stream.left >= 0;
        long overhead = known ? 0 : Frame.SHORT_HEAD_BYTES;
        long most = Math.min(known ? stream.left : Frame.SHORT_LENGTH_MAX, TURN_BYTES) + overhead;
        // what goes into several pieces is put together elsewhere, as asking its source costs more than copying; so is a short piece where the place goes on at its beginning
        boolean inPlace = room > overhead && (room >= most || room >= engine.config.pulledBytes());
        MemorySegment memory = inPlace ? transport.outputSegment(stream.id) : shared.memory();
        long at = inPlace ? transport.outputAt(stream.id) : shared.contentAt();
        most = Math.min(most, inPlace ? room : Math.min(transport.outputFree(stream.id), shared.contentBytes())) - overhead;
        long bytes = pull(stream, memory, at + overhead, most);
        if (!inPlace) {  // others have this place next, and a source may have left more than it says
            long said = Math.max(bytes, 0);
            Wipe.bytes(memory, at + overhead + said, most - said);
        }
        if (bytes == 0) {
            stream.blocked = true;
            return 0;
        }
        if (bytes == MessageSource.END && stream.left == UNKNOWN) {
            stream.answer = Stream.Answer.TRAILERS;
            return 0;
        }
        if (bytes < 0) {  // failed, or short of what was announced
            engine.exchanges().failed(stream);
            return 0;
        }
        if (!known) {
            Frame.number(memory, at, Frame.DATA, 1);
            Frame.number(memory, at + 1, bytes, 2);
            engine.traced(true, Frame.DATA, stream.id, bytes);
        }
        if (inPlace) {
            transport.wrote(stream.id, bytes + overhead);
        } else {
            transport.write(stream.id, memory, at, bytes + overhead);
            Wipe.bytes(memory, at, bytes + overhead);
        }
        stream.served = ++turns;
        Paces.went(engine, bytes, now);
        if (known) {
            stream.left -= bytes;
            if (stream.left == 0) {
                engine.exchanges().sent(stream);
            }
        }
        return bytes;
    }

    private long pull(Stream stream, MemorySegment output, long at, long most) {
        long bytes = MessageSource.FAILED;
        try {
            bytes = body(stream, output, at, most);
            if (bytes > most || bytes < MessageSource.FAILED) {
                long told = bytes;
                bytes = MessageSource.FAILED;
                throw new IllegalStateException("source wrote " + told + " bytes (room was " + most + ")");
            }
        } finally {
            if (bytes == MessageSource.FAILED) {  // it may have begun; nobody will be told of these bytes
                Wipe.bytes(output, at, most);
            }
        }
        return bytes;
    }

    /// Ends content of unknown length, with trailers or without.
    ///
    /// @return whether there was room for them
    private boolean trailers(Stream stream) {
        HeadFields head = shared.head();
        boolean done;
        head.beginTrailers();
        try {
            stream.source().trailers(head);
            head.finishTrailers();
            if (isTooMuch(head)) {
                engine.exchanges().failed(stream);
                return true;
            }
            done = head.isEmpty() || headers(head, stream);
        } finally {
            head.drop();
        }
        if (done) {
            written(stream);
        }
        return done;
    }
}
