package dev.coffer.http.http3;

import dev.coffer.http.Refusal;
import dev.coffer.http.qpack.QpackDecoder;
import dev.coffer.http.qpack.QpackEncoder;
import dev.coffer.memory.engine.StreamTransport;
import java.lang.foreign.MemorySegment;

/// Our unidirectional streams (RFC 9114, section 6.2): the control stream with our settings and GOAWAY, and QPACK's two, where there is anything to say on them
/// (RFC 9204, section 4.2). What does not fit now is written later.
final class Controls {
    private static final long NONE = StreamTransport.NONE;
    /// What is said first, at most: the stream's type, a frame's head, six settings of a number and a value.
    private static final int SETTINGS_BYTES_MAX = 1 + Frame.HEAD_BYTES_MAX + 6 * (2 + Frame.NUMBER_BYTES_MAX);
    private static final int GOAWAY_BYTES_MAX = 2 + Frame.NUMBER_BYTES_MAX;

    private final Http3Engine engine;
    private final boolean client;
    private long control;
    private long encoder;           // of QPACK
    private long decoder;
    private boolean settled;        // what is said first was said
    private boolean encoderTyped;   // likewise, of QPACK's streams
    private boolean decoderTyped;
    private boolean goAwayDue;
    private long goAway;
    private boolean ignored;        // what is said on the decoder stream is

    Controls(Http3Engine engine, boolean client) {
        this.engine = engine;
        this.client = client;
    }

    void reset() {
        control = NONE;
        encoder = NONE;
        decoder = NONE;
        settled = false;
        encoderTyped = false;
        decoderTyped = false;
        goAwayDue = false;
        ignored = false;
    }

    /// {@return whether that is one of ours, which lasts as long as the connection}
    boolean isOurs(long stream) {
        return stream == control || stream == encoder || stream == decoder;
    }

    /// GOAWAY is to be said, with a stream past which none is taken, or a push.
    void goAway(long id) {
        goAwayDue = true;
        goAway = id;
    }

    /// {@return whether that is yet to be said, where a peer lets us open a stream to say it on}
    boolean isGoAwayDue() {
        return goAwayDue && control != NONE;
    }

    /// Writes what is due and fits.
    ///
    /// @return whether anything was written
    boolean write() {
        StreamTransport transport = engine.transport();
        boolean wrote = !settled && begin(transport);
        if (settled && goAwayDue && transport.outputFree(control) >= GOAWAY_BYTES_MAX) {
            goAwayDue = false;
            long at = engine.shared.encodedAt();
            long to = Frame.head(engine.shared.memory(), at, Frame.GOAWAY, Frame.numberBytes(goAway));
            send(transport, control, Frame.number(engine.shared.memory(), to, goAway) - at);
            engine.traced(true, Frame.GOAWAY, control, Frame.numberBytes(goAway));
            wrote = true;
        }
        if (settled) {
            wrote |= encode(transport);
            wrote |= acknowledge(transport);
        }
        return wrote;
    }

    private void send(StreamTransport transport, long stream, long bytes) {
        transport.write(stream, engine.shared.memory(), engine.shared.encodedAt(), bytes);
        engine.shared.dropEncoded();
    }

    private boolean begin(StreamTransport transport) {
        control = control == NONE ? transport.open(false) : control;
        if (control == NONE || transport.outputFree(control) < SETTINGS_BYTES_MAX) {
            return false;
        }
        settled = true;
        Http3Config config = engine.config;
        MemorySegment memory = engine.shared.memory();
        long at = engine.shared.encodedAt();
        long to = Frame.number(memory, at, Frame.CONTROL);
        long lengthAt = Frame.number(memory, to, Frame.SETTINGS);
        to = lengthAt + 1;
        to = setting(memory, to, Frame.MAX_FIELD_SECTION_SIZE, config.limits().headBytesMax());
        if (config.decoderTableBytes() > 0) {
            to = setting(memory, to, Frame.QPACK_MAX_TABLE_CAPACITY, config.decoderTableBytes());
            to = setting(memory, to, Frame.QPACK_BLOCKED_STREAMS, config.blockedMax());
        }
        if (!client) {
            to = setting(memory, to, Frame.ENABLE_CONNECT_PROTOCOL, 1);
        }
        to = setting(memory, to, Frame.GREASE, 0);
        Frame.number(memory, lengthAt, to - lengthAt - 1, 1);
        send(transport, control, to - at);
        engine.traced(true, Frame.SETTINGS, control, to - lengthAt - 1);
        return true;
    }

    private static long setting(MemorySegment memory, long at, long id, long value) {
        return Frame.number(memory, Frame.number(memory, at, id), value);
    }

    private boolean encode(StreamTransport transport) {
        QpackEncoder qpack = engine.encoder;
        if (qpack.pending() == 0) {
            return false;
        }
        if (!encoderTyped) {
            encoder = encoder == NONE ? transport.open(false) : encoder;
            encoderTyped = type(transport, encoder, Frame.ENCODER);
        }
        boolean wrote = false;
        while (encoderTyped && qpack.pending() > 0 && transport.outputRoom(encoder) > 0) {
            transport.wrote(encoder, qpack.write(transport.outputSegment(encoder), transport.outputAt(encoder), transport.outputRoom(encoder)));
            wrote = true;
        }
        return wrote;
    }

    /// No section of a stream is read any more, and the peer's encoder is to hear of it (RFC 9204, section 4.4.2): now, where those before it have all places.
    /// Where there is none even then the connection fails at its next turn, and not here: who asks is in the middle of its streams.
    void cancelSections(long stream) {
        QpackDecoder qpack = engine.decoder;
        if (!qpack.cancel(stream) && !(settled && acknowledge(engine.transport()) && qpack.cancel(stream))) {
            ignored = true;
            engine.moved();
        }
    }

    void failIfIgnored() {
        if (ignored) {
            engine.fail(ErrorCode.H3_EXCESSIVE_LOAD, Refusal.UNEXPECTED);
        }
    }

    private boolean acknowledge(StreamTransport transport) {
        QpackDecoder qpack = engine.decoder;
        if (!qpack.isPending()) {
            return false;
        }
        if (!decoderTyped) {
            decoder = decoder == NONE ? transport.open(false) : decoder;
            decoderTyped = type(transport, decoder, Frame.DECODER);
        }
        boolean wrote = false;
        while (decoderTyped && qpack.isPending() && transport.outputFree(decoder) >= QpackDecoder.NOTE_BYTES_MAX) {
            long most = Math.min(transport.outputFree(decoder), engine.config.encodedBytes());
            send(transport, decoder, qpack.write(engine.shared.memory(), engine.shared.encodedAt(), most));
            wrote = true;
        }
        return wrote;
    }

    private boolean type(StreamTransport transport, long stream, int type) {
        if (stream == NONE || transport.outputFree(stream) == 0) {
            return false;
        }
        Frame.number(engine.shared.memory(), engine.shared.encodedAt(), type);
        send(transport, stream, 1);
        return true;
    }
}
