package dev.coffer.http.http3;

import dev.coffer.http.Refusal;
import dev.coffer.http.internal.Trailers;
import dev.coffer.http.qpack.SectionDecoder;
import dev.coffer.memory.engine.StreamTransport;
import java.lang.foreign.MemorySegment;

/// What comes on request streams (RFC 9114, section 4.1): frames in their order, heads, content and trailers. What belongs to one side alone is the two
/// sides' own.
///
/// ```
///   NOTHING --HEADERS--> IN_HEAD --its end--> CONTENT --HEADERS--> IN_TRAILERS --its end--> TRAILERS     the stream's end: ENDED
///                          ^-- an interim head (client) --'  '--DATA--^
/// ```
///
/// **Limits.** Past the room of a head, or of its fields, the rest is decoded and not kept: a request is answered 431, an answer given up. A section longer than four
/// times the room, or that decodes to sixteen times as much, is not read any more (section 10.5.1).
abstract sealed class Receiving permits ServerReceiving, ClientReceiving {
    private static final int SECTION_FACTOR = 4;
    private static final int DECODED_FACTOR = 16;
    private static final int SECTION_BYTES_MIN = 1024;
    /// How long a head waits for room that is only kept for others.
    private static final long PATIENCE_NANOS = 1_000_000_000L;
    private static final int ENTRIES_BYTES = 256;   // of most heads

    final StreamList streams;
    private final Http3Engine engine;

    Receiving(Http3Engine engine) {
        this.engine = engine;
        this.streams = engine.streams;
    }

    /// There is something new of a stream of both directions that is not among those that are open.
    abstract void begin(long id, long now);

    /// A head begins.
    abstract void headBegin(Stream stream, long now);

    /// A head has ended, whole.
    abstract void headEnd(Stream stream, long now);

    /// The stream has ended before a head has come whole.
    abstract void incomplete(Stream stream, long now);

    /// The peer has reset a stream.
    abstract void wasReset(Stream stream, ErrorCode code, long now);

    /// The encoder stream has brought more, or acknowledgements were written: sections that were blocked may go on.
    final void unblock() {
        for (int i = 0; i < streams.count(); i++) {
            Stream stream = streams.get(i);
            stream.isUnread |= stream.isBlocked;
        }
    }

    /// Heads that wait for a place, and may have one now, go on: those alone, so that each goes on or leaves nothing to be done again.
    final void place(long now) {
        for (int i = 0; i < streams.count(); i++) {
            Stream stream = streams.get(i);
            stream.isUnread |= stream.isWaiting && canPlace(stream, now);
        }
    }

    /// {@return whether a head that waits may have a place now}
    final boolean canPlace(Stream stream, long now) {
        waitsLate(stream, now);
        return engine.shared.hasPlace(stream, now);
    }

    /// {@return whether a head that waits has waited for long, and is there whole}
    final boolean waitsLate(Stream stream, long now) {
        stream.isLate |= isLate(stream, now);
        return stream.isLate;
    }

    /// {@return whether a head is there whole, and has waited; what it will take is not known before, so that one that may take too much waits to the end}
    private boolean isLate(Stream stream, long now) {
        long waited = now - stream.began;
        return waited >= PATIENCE_NANOS && engine.transport().inputLength(stream.id) >= stream.payload
                && (waited >= engine.limits.headNanosMax() || engine.shared.wouldLeave(stream.payload * 3 / 2 + ENTRIES_BYTES));
    }

    /// {@return when a head that waits is looked at again, where its connection has some: for who has none nothing is kept back}
    static long lateFrom(Stream stream, long now) {
        long from = stream.began + PATIENCE_NANOS;
        return stream.isWaiting && now < from && stream.holder().streams.headBytes() > 0 ? from : Paces.NEVER;
    }

    /// There is something new of a request stream.
    final void arrived(Stream stream, long now) {
        StreamTransport transport = engine.transport();
        stream.isFull = false;
        if (stream.isDoomed) {
            return;
        }
        long code = transport.inputReset(stream.id);
        if (code != StreamTransport.NONE && !stream.remoteEnded) {
            wasReset(stream, ErrorCode.of(code), now);
            return;
        }
        long stopped = transport.outputStopped(stream.id);
        if (stopped != StreamTransport.NONE && stream.answer != Stream.Answer.SENT) {
            engine.exchanges().stopped(stream, ErrorCode.of(stopped), now);
        }
        if (!stream.isDoomed) {
            stream.isUnread = true;
            engine.ready(stream);  // room to write may be what is new; content that was waited for
        }
    }

    /// Takes what is there of all that have something unread.
    ///
    /// @return whether anything was
    final boolean read(long now) {
        boolean any = false;
        for (int i = 0; i < streams.count() && !engine.isOver(); i++) {
            Stream stream = streams.get(i);
            if (stream.isUnread) {
                stream.isUnread = false;
                any = true;
                read(stream, now);
                i = i < streams.count() && streams.get(i) == stream ? i : -1;  // it was given back, and others with it perhaps
            }
        }
        return any;
    }

    private void read(Stream stream, long now) {
        StreamTransport transport = engine.transport();
        long length = transport.inputLength(stream.id);
        while (!stream.isDoomed && stream.id >= 0 && stream.part != Stream.Part.ENDED && !engine.isOver()) {
            long taken;
            if (!stream.inFrame) {
                if (length == 0) {
                    break;
                }
                taken = stream.frame.take(transport.inputSegment(stream.id), transport.inputAt(stream.id), length);
                transport.consume(stream.id, taken);
                if (stream.frame.isWhole()) {
                    frame(stream, now);
                }
            } else if (stream.inSection()) {
                taken = section(stream, length, now);
                if (taken < 0) {
                    return;  // blocked, or the stream is given up
                }
            } else if (stream.part == Stream.Part.CONTENT && stream.frame.type() == Frame.DATA && !stream.skipping) {
                if (length == 0) {
                    break;
                }
                engine.ready(stream);
                return;  // it stays where it is until it is consumed
            } else {
                taken = Math.min(length, stream.payload);
                if (taken == 0) {
                    break;
                }
                transport.consume(stream.id, taken);
                if (stream.frame.type() == Frame.DATA) {
                    Paces.came(engine, taken, now);
                }
                passed(stream, taken);
            }
            if (stream.id < 0 || engine.isOver()) {
                return;
            }
            length = transport.inputLength(stream.id);
        }
        if (!stream.isDoomed && stream.id >= 0 && !engine.isOver() && stream.part != Stream.Part.ENDED && transport.isInputEnded(stream.id)) {
            end(stream, now);
        }
    }

    /// So many bytes of the payload are consumed.
    final void passed(Stream stream, long bytes) {
        stream.payload -= bytes;
        if (stream.payload == 0) {
            stream.inFrame = false;
            stream.frame.reset();
        }
    }

    /// A frame's head has come.
    private void frame(Stream stream, long now) {
        long type = stream.frame.type();
        long length = stream.frame.length();
        stream.inFrame = true;
        stream.payload = length;
        engine.traced(false, type, stream.id, length);
        if (type == Frame.DATA) {
            data(stream, length, now);
        } else if (type == Frame.HEADERS) {
            headers(stream, length, now);
        } else if (type == Frame.PUSH_PROMISE && engine.isClient()) {
            engine.fail(ErrorCode.H3_ID_ERROR, Refusal.UNEXPECTED);     // we allow no push (section 7.2.5)
        } else if (type == Frame.CANCEL_PUSH || type == Frame.SETTINGS || type == Frame.PUSH_PROMISE || type == Frame.GOAWAY || type == Frame.MAX_PUSH_ID
                || type == Frame.PRIORITY_UPDATE || type == Frame.PRIORITY_UPDATE_PUSH || Frame.isReserved(type)) {
            engine.fail(ErrorCode.H3_FRAME_UNEXPECTED, Refusal.UNEXPECTED);     // section 7.2; RFC 9218, section 7.2
        } else {
            if (!engine.floods.takeFrame(now)) {
                engine.fail(ErrorCode.H3_EXCESSIVE_LOAD, Refusal.UNEXPECTED);
            }
            passed(stream, 0);  // one of no known type: passed by (section 9)
        }
    }

    private void data(Stream stream, long length, long now) {
        if (stream.part != Stream.Part.CONTENT) {
            engine.fail(ErrorCode.H3_FRAME_UNEXPECTED, Refusal.UNEXPECTED);     // section 4.1
            return;
        }
        if (length == 0 && !engine.floods.takeEmpty(now)) {
            engine.fail(ErrorCode.H3_EXCESSIVE_LOAD, Refusal.UNEXPECTED);
            return;
        }
        stream.awaits100 = false;
        stream.received += length;
        long announced = stream.head().contentLength();
        if (announced >= 0 && stream.received > announced) {
            engine.exchanges().streamError(stream, ErrorCode.H3_MESSAGE_ERROR, Refusal.CONTENT_LENGTH, now);  // section 4.1.2
            return;
        }
        if (!stream.tunnel && stream.received > engine.limits.bodyBytesMax() && !stream.skipping) {
            engine.exchanges().refuse(stream, Refusal.CONTENT_TOO_LARGE);
        }
        if (!stream.isDoomed) {
            passed(stream, 0);
        }
    }

    private void headers(Stream stream, long length, long now) {
        boolean isHead = stream.part == Stream.Part.NOTHING;
        if (!isHead && (stream.part != Stream.Part.CONTENT || stream.tunnel)) {
            engine.fail(ErrorCode.H3_FRAME_UNEXPECTED, Refusal.UNEXPECTED);     // behind the trailers (section 4.1), or in a tunnel (section 4.4)
            return;
        }
        stream.part = isHead ? Stream.Part.IN_HEAD : Stream.Part.IN_TRAILERS;
        stream.tooLong = false;
        stream.malformed = false;
        stream.sectionBytes = 0;
        int most = engine.limits.headBytesMax();
        if (isHead) {
            headBegin(stream, now);
        } else {
            stream.began = now;
        }
        if (length > Math.max((long) SECTION_FACTOR * most, SECTION_BYTES_MIN)) {
            tooMuch(stream);
            return;
        }
        stream.awaitsPlace = true;
    }

    /// A section begins, where there is a place for it.
    private boolean begin(Stream stream, long now) {
        boolean waited = stream.isWaiting;
        stream.isLate |= waited && isLate(stream, now);
        if (!engine.shared.tryPlace(stream, now)) {
            return false;
        }
        stream.began = waited ? now : stream.began;  // the time of a head is its own
        int most = engine.limits.headBytesMax();
        int used = stream.headDirty;
        long at = stream.headAt + used;
        if (stream.trailersAt >= 0) {
            at = stream.trailersAt;
            stream.trailersDirty = most - used;  // until the section has ended and says how much it was
            stream.trailers.clear(at, stream.head().end());
        } else {
            stream.headDirty = most;  // likewise
            if (stream.part == Stream.Part.IN_TRAILERS) {
                stream.trailers.clear(stream.headAt, stream.head().end());
            }
        }
        stream.section().begin(engine.decoder, stream.id, stream.memory, at, most - used);
        return true;
    }

    private void tooMuch(Stream stream) {
        engine.exchanges().refuse(stream, stream.part == Stream.Part.IN_HEAD ? Refusal.HEAD_TOO_LONG : Refusal.TOO_MANY_FIELDS);
        engine.exchanges().stopReading(stream, ErrorCode.H3_EXCESSIVE_LOAD);
    }

    /// Takes some of a section.
    ///
    /// @return bytes taken, below zero where nothing more is to be done with the stream now
    private long section(Stream stream, long length, long now) {
        if (stream.awaitsPlace) {
            if (length == 0 && stream.payload > 0) {
                return -1 + incompleteAtEnd(stream, now);  // what has yet to come takes no place
            }
            if (stream.isUntold() || !begin(stream, now)) {
                stream.awaitsPlace &= stream.isWaiting;
            }
        }
        if (stream.section == null) {
            return stream.isWaiting ? -1 : passTrailers(stream, length, now);
        }
        StreamTransport transport = engine.transport();
        SectionDecoder section = stream.section();
        MemorySegment input = transport.inputSegment(stream.id);
        long at = transport.inputAt(stream.id);
        long available = Math.min(length, stream.payload);
        long taken = 0;
        int result;
        do {
            result = section.decode(input, at + taken, available - taken);
            taken += section.taken();
            if (result == SectionDecoder.FIELD) {
                field(stream);
            }
        } while (result == SectionDecoder.FIELD && stream.sectionBytes <= (long) DECODED_FACTOR * engine.limits.headBytesMax());
        transport.consume(stream.id, taken);
        stream.payload -= taken;
        if (result == SectionDecoder.FAULT) {
            engine.fail(ErrorCode.QPACK_DECOMPRESSION_FAILED, Refusal.UNEXPECTED);
            return -1;
        }
        if (result == SectionDecoder.FIELD) {
            tooMuch(stream);
            return -1;
        }
        stream.isBlocked = result == SectionDecoder.BLOCKED;
        if (stream.isBlocked) {
            return -1;
        }
        if (stream.payload == 0) {
            passed(stream, 0);
            sectionEnd(stream, now);
            return 0;
        }
        return taken > 0 ? taken : -1 + incompleteAtEnd(stream, now);
    }

    /// Trailers for which there is no room, or that nobody is told, are passed by.
    ///
    /// @return as [#section]
    private long passTrailers(Stream stream, long length, long now) {
        long taken = Math.min(length, stream.payload);
        engine.transport().consume(stream.id, taken);
        passed(stream, taken);
        if (!stream.inFrame) {
            stream.part = Stream.Part.TRAILERS;
            if (!engine.decoder.cancel(stream.id)) {
                engine.fail(ErrorCode.H3_EXCESSIVE_LOAD, Refusal.UNEXPECTED);  // it does not read what we say of its sections
                return -1;
            }
            engine.ready(stream);
            return 0;
        }
        return taken > 0 ? taken : -1 + incompleteAtEnd(stream, now);
    }

    /// {@return 0: nothing has come of a section's rest; where the stream has ended none will}
    private int incompleteAtEnd(Stream stream, long now) {
        if (engine.transport().isInputEnded(stream.id)) {
            end(stream, now);
        }
        return 0;
    }

    private void field(Stream stream) {
        SectionDecoder section = stream.section();
        stream.sectionBytes += section.nameLength() + (long) section.valueLength();
        if (section.isSkipping()) {
            stream.tooLong = true;
        } else if (stream.part == Stream.Part.IN_HEAD) {
            stream.head().field(section.nameAt(), section.nameLength(), section.valueAt(), section.valueLength());
        } else if (!stream.malformed) {
            int result = Trailers.take(stream.trailers, section.nameAt(), section.nameLength(), section.valueAt(), section.valueLength());
            stream.tooLong |= result == Trailers.TOO_LONG;
            stream.malformed = result == Trailers.MALFORMED;
        }
    }

    private void sectionEnd(Stream stream, long now) {
        SectionDecoder section = stream.section();
        if (!section.end()) {
            engine.fail(ErrorCode.QPACK_DECOMPRESSION_FAILED, Refusal.UNEXPECTED);  // cut
            return;
        }
        if (!stream.tooLong) {
            if (stream.trailersAt >= 0) {
                stream.trailersDirty = (int) (section.writtenTo() - stream.trailersAt);
            } else {
                stream.headDirty = (int) (section.writtenTo() - stream.headAt);
            }
        }
        engine.shared.endSection(stream);
        if (stream.part == Stream.Part.IN_HEAD) {
            stream.part = Stream.Part.CONTENT;
            headEnd(stream, now);
            if (!stream.tooLong && stream.id >= 0) {
                engine.shared.settle(stream, true);
                if (engine.shared.isTooMuch(stream)) {
                    engine.exchanges().reset(stream, ErrorCode.H3_REQUEST_REJECTED, Refusal.UNEXPECTED);  // it was told to nobody
                }
            }
            return;
        }
        stream.part = Stream.Part.TRAILERS;
        if (stream.malformed || stream.tooLong) {
            engine.exchanges().streamError(stream, ErrorCode.H3_MESSAGE_ERROR, stream.tooLong ? Refusal.TOO_MANY_FIELDS : Refusal.TRAILER, now);
            return;
        }
        engine.shared.settle(stream, false);
        stream.trailersDue = !stream.skipping;
        engine.ready(stream);
    }

    /// The stream's end has come, and all before it was taken.
    final void end(Stream stream, long now) {
        if (stream.inFrame || !stream.frame.isFresh()) {
            engine.fail(ErrorCode.H3_FRAME_ERROR, Refusal.TRUNCATED);   // in a frame (section 7.1)
            return;
        }
        if (stream.part == Stream.Part.NOTHING) {
            incomplete(stream, now);
            return;
        }
        long announced = stream.head().contentLength();
        if (announced >= 0 && announced != stream.received) {
            engine.exchanges().streamError(stream, ErrorCode.H3_MESSAGE_ERROR, Refusal.CONTENT_LENGTH, now);
            return;
        }
        stream.part = Stream.Part.ENDED;
        stream.remoteEnded = true;
        stream.awaits100 = false;
        stream.endDue = !stream.skipping;
        engine.ready(stream);
        engine.exchanges().ended(stream);  // which may give it back
    }
}
