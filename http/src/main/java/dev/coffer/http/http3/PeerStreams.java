package dev.coffer.http.http3;

import dev.coffer.http.Refusal;
import dev.coffer.http.internal.Pace;
import dev.coffer.http.qpack.QpackDecoder;
import dev.coffer.http.qpack.QpackEncoder;
import dev.coffer.memory.engine.StreamTransport;
import dev.coffer.memory.layout.HeapLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// The peer's unidirectional streams (RFC 9114, section 6.2): which is which, and what comes on the three that last. Those of unknown types are not
/// read; a push is an error, as none is allowed (section 4.6).
///
/// A stream whose type has not come whole has a place, of as many as there may be requests, in [#UNTYPED_MIN]..[#UNTYPED_MAX]; past them the oldest is not read any more.
///
/// **Time.** What has come behind a gap holds the transport's memory and cannot be read: a type has the time of a head to come, and what is missing in one of the three that last
/// to come. One of them is looked at at a time, so a peer that leaves several has that time for each of them in turn.
final class PeerStreams {
    static final int UNTYPED_MIN = 3;       // those that last
    static final int UNTYPED_MAX = 8;
    private static final long NONE = StreamTransport.NONE;
    private static final int PREFIX_BITS = 6;
    private static final int PREFIX = (1 << PREFIX_BITS) - 1;       // of a stream that is cancelled, all ones where more follows
    private static final int CANCELLATION = 1;                      // the two bits before it
    private static final int NUMBER_OCTETS_MAX = 9;                 // behind the prefix (RFC 9204, section 4.1.1)
    private static final long NUMBER_MAX = (1L << 62) - 1;
    private static final byte NO_CAPACITY = 0x20;

    private final Http3Engine engine;
    private final ControlReader controlReader;
    private final long[] untyped;   // of each its number, and what has come of its type, as of NumberReader#kept
    private int count;
    private long control;
    private long encoder;           // of QPACK
    private long decoder;
    private long cancelled;         // where we have no table: the stream that is given up, as far as its number has come
    private byte cancelledOctets;   // of it
    private long waitsFor;          // a stream of which something is missing
    private long waitsUntil = Paces.NEVER;

    PeerStreams(Http3Engine engine, ControlReader controlReader) {
        this.engine = engine;
        this.controlReader = controlReader;
        this.untyped = new long[2 * places(engine.config.streamsMax())];
    }

    private static int places(int streamsMax) {
        return Math.clamp(streamsMax, UNTYPED_MIN, UNTYPED_MAX);
    }

    /// {@return the peer's control stream, below zero before it has come}
    long control() {
        return control;
    }

    static long heapBytes(int streamsMax) {
        return HeapLayout.instance(PeerStreams.class) + HeapLayout.array(long.class, 2 * places(streamsMax));
    }

    void reset() {
        count = 0;
        control = NONE;
        encoder = NONE;
        decoder = NONE;
        cancelledOctets = 0;
        waitsFor = NONE;
        waitsUntil = Paces.NEVER;
        controlReader.reset();
    }

    // Time.

    /// {@return until when what is missing is waited for}
    long deadlineNanos() {
        return waitsUntil;
    }

    /// A stream begins to lack something, or lacks it no more: where none is waited for, or that one was, another is, if there is one.
    private void await(long stream, long now) {
        if (waitsFor == NONE || waitsFor == stream) {
            waitsFor = count > 0 ? untyped[0] : gapped();
            waitsUntil = waitsFor == NONE ? Paces.NEVER : now + engine.limits.headNanosMax();
        }
    }

    private long gapped() {
        StreamTransport transport = engine.transport();
        return control != NONE && transport.hasGap(control) ? control : encoder != NONE && transport.hasGap(encoder) ? encoder
                : decoder != NONE && transport.hasGap(decoder) ? decoder : NONE;
    }

    /// What was missing has not come in its time.
    void onDeadline(long now) {
        if (waitsUntil > now) {
            return;
        }
        long late = waitsFor;
        if (count > 0 && untyped[0] == late) {
            leave(late);
            remove(0);
            await(late, now);
        } else if (engine.transport().hasGap(late)) {
            engine.fail(ErrorCode.H3_EXCESSIVE_LOAD, Refusal.TOO_SLOW);
        } else {
            await(late, now);
        }
    }

    private void leave(long stream) {
        engine.transport().stopSending(stream, ErrorCode.H3_STREAM_CREATION_ERROR.code());
        engine.transport().release(stream);
    }

    /// There is something new of a unidirectional stream of the peer's.
    void arrived(long stream, long now) {
        if (stream == control || stream == encoder || stream == decoder) {
            read(stream, now);
            if (!engine.isOver() && (engine.transport().hasGap(stream) ? waitsFor == NONE : waitsFor == stream)) {
                await(stream, now);
            }
        } else {
            type(stream, now);
        }
    }

    private void type(long stream, long now) {
        StreamTransport transport = engine.transport();
        int index = 0;
        while (index < count && untyped[2 * index] != stream) {
            index++;
        }
        if (index == count) {
            if (2 * count == untyped.length) {
                long oldest = untyped[0];
                leave(oldest);
                remove(0);
                await(oldest, now);
                index = count;
            }
            untyped[2 * count] = stream;
            untyped[2 * count++ + 1] = NumberReader.FRESH;
            await(stream, now);
        }
        NumberReader type = engine.shared.number();
        type.resume(untyped[2 * index + 1]);
        while (!type.isNumberWhole() && transport.inputLength(stream) > 0) {
            transport.consume(stream, type.takeNumber(transport.inputSegment(stream), transport.inputAt(stream), transport.inputLength(stream)));
        }
        if (type.isNumberWhole()) {
            remove(index);
            typed(stream, type.number(), now);
            if (!engine.isOver()) {
                await(stream, now);
            }
            return;
        }
        untyped[2 * index + 1] = type.kept();
        if (transport.isInputEnded(stream) || transport.inputReset(stream) != NONE) {
            remove(index);  // before its type has come, which is no fault (section 6.2)
            transport.release(stream);
            await(stream, now);
        }
    }

    private void remove(int index) {
        count--;
        System.arraycopy(untyped, 2 * index + 2, untyped, 2 * index, 2 * (count - index));
    }

    private void typed(long stream, long type, long now) {
        if (type == Frame.CONTROL && control == NONE) {
            control = stream;
        } else if (type == Frame.ENCODER && encoder == NONE) {
            encoder = stream;
        } else if (type == Frame.DECODER && decoder == NONE) {
            decoder = stream;
        } else if (type >= Frame.CONTROL && type <= Frame.DECODER) {
            // a second one, or a push: a client may not push, and we have allowed a server none (sections 6.2.1, 6.2.2; RFC 9204, section 4.2)
            engine.fail(type == Frame.PUSH && engine.isClient() ? ErrorCode.H3_ID_ERROR : ErrorCode.H3_STREAM_CREATION_ERROR, Refusal.UNEXPECTED);
            return;
        } else {
            leave(stream);
            if (!engine.floods.takeFrame(now)) {
                engine.fail(ErrorCode.H3_EXCESSIVE_LOAD, Refusal.UNEXPECTED);
            }
            return;
        }
        read(stream, now);
    }

    private void read(long stream, long now) {
        StreamTransport transport = engine.transport();
        for (long length; !engine.isOver() && (length = transport.inputLength(stream)) > 0;) {
            ErrorCode error = take(stream, transport.inputSegment(stream), transport.inputAt(stream), length, now);
            if (error != ErrorCode.H3_NO_ERROR) {
                engine.fail(error, Refusal.UNEXPECTED);
                return;
            }
            transport.consume(stream, length);
            if (stream == waitsFor) {  // what goes on in the pace of content is no gap that somebody leaves
                waitsUntil = Pace.passed(waitsUntil, length, now, engine.limits.headNanosMax(), engine.limits.bytesPerSecondMin());
            }
        }
        if (!engine.isOver() && (transport.isInputEnded(stream) || transport.inputReset(stream) != NONE)) {
            engine.fail(ErrorCode.H3_CLOSED_CRITICAL_STREAM, Refusal.UNEXPECTED);
        }
    }

    private ErrorCode take(long stream, MemorySegment input, long at, long length, long now) {
        if (stream == control) {
            return controlReader.feed(input, at, length, now);
        }
        if (stream == decoder && engine.config.encoderTableBytes() == 0) {
            return withoutTable(input, at, length);
        }
        if (stream == encoder && engine.config.decoderTableBytes() == 0) {
            return withoutCapacity(input, at, length);
        }
        if (stream == decoder) {
            return engine.encoder.feed(input, at, length) == QpackEncoder.FAULT ? ErrorCode.QPACK_DECODER_STREAM_ERROR : ErrorCode.H3_NO_ERROR;
        }
        engine.receiving().unblock();
        return engine.decoder.feed(input, at, length) == QpackDecoder.FAULT ? ErrorCode.QPACK_ENCODER_STREAM_ERROR : ErrorCode.H3_NO_ERROR;
    }

    /// Of the peer's decoder stream, where we have no table: there is no section to acknowledge and no entry, so it can say of streams alone that they are given up (RFC 9204, section 4.4.2).
    private ErrorCode withoutTable(MemorySegment input, long at, long length) {
        for (long from = at; from < at + length; from++) {
            int octet = input.get(ValueLayout.JAVA_BYTE, from) & 0xff;
            if (cancelledOctets == 0) {
                boolean more = (octet & PREFIX) == PREFIX;
                if (octet >>> PREFIX_BITS != CANCELLATION) {
                    return ErrorCode.QPACK_DECODER_STREAM_ERROR;
                }
                cancelled = PREFIX;
                cancelledOctets = (byte) (more ? 1 : 0);
            } else {
                cancelled += cancelledOctets > NUMBER_OCTETS_MAX ? Long.MIN_VALUE : (octet & 0x7fL) << 7 * (cancelledOctets - 1);
                if (cancelled < 0 || cancelled > NUMBER_MAX) {
                    return ErrorCode.QPACK_DECODER_STREAM_ERROR;
                }
                cancelledOctets = (byte) ((octet & 0x80) != 0 ? cancelledOctets + 1 : 0);
            }
        }
        return ErrorCode.H3_NO_ERROR;
    }

    /// Of the peer's encoder stream, where we allow it no table: it can say that it has none (section 4.3.1), and that in one octet alone.
    private static ErrorCode withoutCapacity(MemorySegment input, long at, long length) {
        for (long from = at; from < at + length; from++) {
            if (input.get(ValueLayout.JAVA_BYTE, from) != NO_CAPACITY) {
                return ErrorCode.QPACK_ENCODER_STREAM_ERROR;
            }
        }
        return ErrorCode.H3_NO_ERROR;
    }
}
