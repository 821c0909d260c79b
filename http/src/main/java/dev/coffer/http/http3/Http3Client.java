package dev.coffer.http.http3;

import dev.coffer.http.HttpClient;
import dev.coffer.http.MessageSource;
import dev.coffer.http.Refusal;
import dev.coffer.http.ResponseHead;
import dev.coffer.http.internal.Lifecycle;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The client's side of one HTTP/3 connection (RFC 9114), over the caller's memory and a [dev.coffer.memory.engine.StreamTransport]; reusable for one connection after
/// another by [#reset] and [#attach]. Any number of exchanges is under way at a time, up to what this configuration and the server allow, each in a place that
/// [Http3Streams] lends. The scheme of all requests is `https`.
///
/// **Content** stays with the transport until it is consumed. What the application has left there when the server resets a stream, or the connection is lost, is gone with it.
///
/// **Errors.** What is wrong with the connection closes it with a code and aborts its exchanges, what is wrong with an answer resets its stream and aborts that.
/// Floods of a server's are rationed as those of a client's are, see [Floods]. It is allowed no push; if it tries, that is an error.
///
/// **What may be sent again**: a request that was aborted for [Refusal#NOT_TAKEN], whatever its method, as the server has said that it did
/// nothing with it (sections 4.1.1, 5.2); where the connection broke, an idempotent one that is [#isUnheard].
///
/// **Time**: an answer's head has the limits' idle time from the last byte of its request; a head that has begun the time of a head; content its
/// pace in either direction; a connection without a stream the time that the constructor is told. Then it ends.
///
/// Of interim heads that come before the driver asks for events, the last one is told. 0 heap bytes after construction; one thread at a time.
@SuppressWarnings("exports")  // annotations that users need not have
public final class Http3Client extends Http3Engine implements HttpClient {
    private final ClientExchanges exchanges;
    private final ClientReceiving receiving;
    private final ClientSending sending;
    private final ServerSettings settings = new ServerSettings();
    private final long idleNanosMax;
    private final long continueNanosMax;
    private long numbers;           // that were ever given to requests
    private long aborted = -1;      // the stream that ABORTED was told of last
    private boolean unheard;        // that one
    private @Nullable FrameTrace trace;

    /// @param config            what the connection may hold
    /// @param idleNanosMax      how long a connection may be without an exchange, 1 or more
    /// @param continueNanosMax  how long content waits for 100 that was asked for
    /// @param memory            where; stays the caller's, and must outlive the engine
    /// @param at                offset of [Http3Config#clientPlan] bytes, all zero
    /// @param shared            of the loop, [Http3Streams#ofClient]
    /// @throws IllegalArgumentException  the bytes do not lie in the memory (caller's fault)
    public Http3Client(Http3Config config, long idleNanosMax, long continueNanosMax, MemorySegment memory, long at, Http3Streams shared) {
        super(config, config.clientPlan(), memory, at, shared, true);
        this.idleNanosMax = idleNanosMax;
        this.continueNanosMax = continueNanosMax;
        this.exchanges = new ClientExchanges(this);
        this.receiving = new ClientReceiving(this);
        this.sending = new ClientSending(this);
    }

    /// Says who hears of every frame, from here on and over resets.
    ///
    /// @param newTrace  null for nobody, as it is at first
    public void trace(@Nullable FrameTrace newTrace) {
        trace = newTrace;
    }

    @Override
    @Nullable
    FrameTrace trace() {
        return trace;
    }

    @Override
    ClientExchanges exchanges() {
        return exchanges;
    }

    @Override
    ClientReceiving receiving() {
        return receiving;
    }

    @Override
    ClientSending sending() {
        return sending;
    }

    /// ABORTED is told of a stream.
    void aborted(Stream stream) {
        aborted = stream.number;
        unheard = !stream.awaited().heard;
        life.tell(stream.awaited().cut == null ? Refusal.LOCAL : stream.awaited().cut);
    }

    // Settings of the server's that requests count on which go with the hello.

    @Override
    void heard(long setting, long value) {
        settings.heard(setting, value);
    }

    @Override
    ErrorCode settled() {
        return settings.settled();
    }

    /// What is remembered counts while nothing was said.
    @Override
    long sectionBytesMax() {
        return isSettled() ? super.sectionBytesMax() : settings.sectionBytesMaxBefore();
    }

    /// {@return whether the server's settings have come}
    public boolean isSettled() {
        return controlReader.isSettled();
    }

    /// Writes the server's settings, to be remembered with its session (RFC 9114, section 7.2.4.2).
    ///
    /// @param target  room for [Http3Config#TERMS_BYTES]
    /// @return bytes written
    public int writeTerms(MemorySegment target, long at) {
        return settings.write(target, at);
    }

    /// Requests of this connection may go before its settings are here, on those that were written for the session: if the server takes them and says less the connection fails
    /// (H3_SETTINGS_ERROR; of QPACK's table QPACK_DECODER_STREAM_ERROR, RFC 9204, section 3.2.3). Behind [#reset]. What is said meanwhile uses no table, so it is right whatever they are.
    ///
    /// @param from  with [Http3Config#TERMS_BYTES]
    public void rememberTerms(MemorySegment from, long at) {
        settings.read(from, at);
    }

    /// The server has not taken what went early: it is bound to nothing.
    public void forgetTerms() {
        settings.forget();
    }

    // The application's side, see Http3Engine for the rest.

    @Override
    public boolean canRequest() {
        return !isOver() && life.retreat() == Lifecycle.Retreat.NONE && !streams.isFull() && shared.hasFor(streams.count()) && !isWaiting();
    }

    /// {@return whether a request waits for a stream that the server has yet to allow}
    private boolean isWaiting() {
        for (int i = 0; i < streams.count(); i++) {
            if (streams.get(i).id < 0) {
                return true;
            }
        }
        return false;
    }

    @Override
    public long request(MessageSource source) {
        Objects.requireNonNull(source);
        Stream stream = canRequest() ? shared.tryLend(streams.count()) : null;
        if (stream == null) {
            return -1;
        }
        stream.open(-1, ++numbers, last);
        stream.open = true;
        stream.source = source;
        stream.answer = Stream.Answer.HEAD;
        streams.add(stream);
        moved();
        return stream.number;
    }

    @Override
    public boolean isUnheard(long wanted) {
        Stream stream = streams.byNumber(wanted);
        if (stream == null && wanted != aborted) {
            throw new IllegalArgumentException("stream " + wanted + " (the one that was aborted last is " + aborted + ")");
        }
        return stream == null ? unheard : !stream.awaited().heard;
    }

    @Override
    public ResponseHead response(long wanted) {
        Stream stream = check(wanted);
        return stream.awaited().informing ? stream.awaited().information : stream.awaited().response;
    }

    // Time, and ends.

    @Override
    long waitUntil(long now) {
        long until = streams.isEmpty() ? idleSince + idleNanosMax : NEVER;
        for (int i = 0; i < streams.count(); i++) {
            until = Math.min(until, answerUntil(streams.get(i)));
        }
        return until;
    }

    /// {@return until when an answer's head is waited for, or its rest, or 100}
    private long answerUntil(Stream stream) {
        if (stream.isDoomed) {
            return NEVER;
        }
        if (stream.inSection()) {
            return stream.began + limits.headNanosMax();
        }
        return stream.awaited().answered ? NEVER : switch (stream.answer) {
            case EXPECTING -> stream.awaited().asked + continueNanosMax;
            case SENT -> stream.awaited().asked + limits.idleNanosMax();
            default -> NEVER;
        };
    }

    @Override
    void waitedTooLong(long now) {
        if (streams.isEmpty()) {
            life.note(Refusal.IDLE);
            end(ErrorCode.H3_NO_ERROR);
            return;
        }
        for (int i = streams.count() - 1; i >= 0 && !isOver(); i--) {
            Stream stream = streams.get(i);
            if (answerUntil(stream) > now) {
                continue;
            }
            if (stream.answer == Stream.Answer.EXPECTING && !stream.inSection()) {
                stream.answer = Stream.Answer.CONTENT;  // unasked (RFC 9110, section 10.1.1)
            } else {
                exchanges.refuse(stream, Refusal.TOO_SLOW);
            }
        }
    }

    /// Takes no more requests, and ends when those under way have.
    @Override
    void retire() {
        if (life.retreat() == Lifecycle.Retreat.NONE && !isOver()) {
            life.retreat(Lifecycle.Retreat.SHUT);
            controls.goAway(0);     // no push is taken
        }
    }

    /// The server takes no request from that one on.
    @Override
    void goneAway(long id) {
        life.retreat(Lifecycle.Retreat.SHUT);
        exchanges.leaveOut(id);
    }

    @Override
    public void reset(long nowNanos) {
        super.reset(nowNanos);
        settings.reset();
        aborted = -1;
        unheard = false;
    }
}
