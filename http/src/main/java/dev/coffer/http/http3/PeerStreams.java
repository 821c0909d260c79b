package dev.coffer.http.http3;

import dev.coffer.http.Refusal;
import dev.coffer.http.qpack.QpackDecoder;
import dev.coffer.http.qpack.QpackEncoder;
import dev.coffer.memory.engine.StreamTransport;
import dev.coffer.memory.layout.HeapLayout;
import java.lang.foreign.MemorySegment;

/// The peer's unidirectional streams (RFC 9114, section 6.2): which is which, and what comes on the three that last. Those of unknown types are not
/// read; a push is an error, as none is allowed (section 4.6).
///
/// A stream whose type has not come whole has one of [#UNTYPED_MAX] places; past them the oldest is not read any more.
final class PeerStreams {
    static final int UNTYPED_MAX = 8;
    private static final long NONE = StreamTransport.NONE;

    private final Http3Engine engine;
    private final ControlReader controlReader;
    private final long[] untyped = new long[UNTYPED_MAX];
    private final NumberReader[] types = new NumberReader[UNTYPED_MAX];
    private int count;
    private long control;
    private long encoder;           // of QPACK
    private long decoder;

    PeerStreams(Http3Engine engine, ControlReader controlReader) {
        this.engine = engine;
        this.controlReader = controlReader;
        for (int i = 0; i < UNTYPED_MAX; i++) {
            types[i] = new NumberReader();
        }
    }

    /// {@return the peer's control stream, below zero before it has come}
    long control() {
        return control;
    }

    static long heapBytes() {
        return HeapLayout.instance(PeerStreams.class) + HeapLayout.array(long.class, UNTYPED_MAX) + HeapLayout.array(NumberReader.class, UNTYPED_MAX)
                + UNTYPED_MAX * HeapLayout.instance(NumberReader.class);
    }

    void reset() {
        count = 0;
        control = NONE;
        encoder = NONE;
        decoder = NONE;
        controlReader.reset();
    }

    /// There is something new of a unidirectional stream of the peer's.
    void arrived(long stream, long now) {
        if (stream == control || stream == encoder || stream == decoder) {
            read(stream, now);
            return;
        }
        StreamTransport transport = engine.transport();
        int index = 0;
        while (index < count && untyped[index] != stream) {
            index++;
        }
        if (index == count) {
            if (count == UNTYPED_MAX) {
                transport.stopSending(untyped[0], ErrorCode.H3_STREAM_CREATION_ERROR.code());
                transport.release(untyped[0]);
                remove(0);
                index = count;
            }
            untyped[count] = stream;
            types[count++].reset();
        }
        NumberReader type = types[index];
        while (!type.isWhole() && transport.inputLength(stream) > 0) {
            transport.consume(stream, type.take(transport.inputSegment(stream), transport.inputAt(stream), transport.inputLength(stream)));
        }
        if (type.isWhole()) {
            remove(index);
            typed(stream, type.value(), now);
        } else if (transport.isInputEnded(stream) || transport.inputReset(stream) != NONE) {
            remove(index);  // before its type has come, which is no fault (section 6.2)
            transport.release(stream);
        }
    }

    private void remove(int index) {
        NumberReader type = types[index];
        count--;
        for (int i = index; i < count; i++) {
            untyped[i] = untyped[i + 1];
            types[i] = types[i + 1];
        }
        types[count] = type;
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
            engine.transport().stopSending(stream, ErrorCode.H3_STREAM_CREATION_ERROR.code());
            engine.transport().release(stream);
            if (!engine.floods.frames.take(now)) {
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
        }
        if (!engine.isOver() && (transport.isInputEnded(stream) || transport.inputReset(stream) != NONE)) {
            engine.fail(ErrorCode.H3_CLOSED_CRITICAL_STREAM, Refusal.UNEXPECTED);
        }
    }

    private ErrorCode take(long stream, MemorySegment input, long at, long length, long now) {
        if (stream == control) {
            return controlReader.feed(input, at, length, now);
        }
        if (stream == decoder) {
            return engine.encoder.feed(input, at, length) == QpackEncoder.FAULT ? ErrorCode.QPACK_DECODER_STREAM_ERROR : ErrorCode.H3_NO_ERROR;
        }
        engine.receiving().unblock();
        return engine.decoder.feed(input, at, length) == QpackDecoder.FAULT ? ErrorCode.QPACK_ENCODER_STREAM_ERROR : ErrorCode.H3_NO_ERROR;
    }
}
