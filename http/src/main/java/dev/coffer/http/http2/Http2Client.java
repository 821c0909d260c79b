package dev.coffer.http.http2;

import dev.coffer.http.HttpClient;
import dev.coffer.http.MessageSource;
import dev.coffer.http.Refusal;
import dev.coffer.http.ResponseHead;
import dev.coffer.http.internal.Lifecycle;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The client's side of one HTTP/2 connection (RFC 9113), over the caller's memory; reusable for one connection after another by [#reset].
/// Any number of exchanges is under way at a time, up to what this configuration and the server allow, each in a place that [Http2Streams]
/// lends. Until the server's settings have come that is one.
///
/// **Errors.** What is wrong with the connection ends it by GOAWAY and aborts its exchanges, what is wrong with an answer resets its stream and
/// aborts that. Floods of a server's are rationed as those of a client's are, see [Floods]. It is told not to push; if it does, that is an error.
///
/// **What may be sent again**: a request that was aborted for [Refusal#NOT_TAKEN], whatever its method, as the server has said that it did
/// nothing with it (sections 6.8, 8.7); where the connection broke, an idempotent one that is [#isUnheard].
///
/// **Time**: an answer's head has the limits' idle time from the last byte of its request; a head that has begun the time of a head; content its
/// pace in either direction; a connection without a stream the time that the constructor is told. Then it says GOAWAY and ends.
///
/// Of interim heads that come before the driver asks for events, the last one is told. 0 heap bytes after construction; one thread at a time.
@SuppressWarnings("exports")  // annotations that users need not have
public final class Http2Client extends Http2Engine implements HttpClient {
    private final ClientExchanges exchanges;
    private final ClientReceiving receiving;
    private final ClientSending sending;
    private final long idleNanosMax;
    private final long continueNanosMax;
    private @Nullable FrameTrace trace;

    private boolean secure;
    private int nextId;             // of the stream that is begun next, below zero where there is none
    private long requests;          // on this connection
    private long streamsAllowed;    // by the server
    private long aborted = -1;      // the stream that ABORTED was told of last
    private boolean unheard;        // that one

    /// @param config            what the connection may hold
    /// @param idleNanosMax      how long a connection may be without an exchange, 1 or more
    /// @param continueNanosMax  how long content waits for 100 that was asked for
    /// @param memory            where; stays the caller's, and must outlive the engine
    /// @param at                offset of [Http2Config#clientPlan] bytes, all zero
    /// @param shared            of the loop, [Http2Streams#ofClient]
    /// @throws IllegalArgumentException  the bytes do not lie in the memory (caller's fault)
    public Http2Client(Http2Config config, long idleNanosMax, long continueNanosMax, MemorySegment memory, long at, Http2Streams shared) {
        super(config, config.clientPlan(), memory, at, shared, true);
        this.idleNanosMax = idleNanosMax;
        this.continueNanosMax = continueNanosMax;
        this.exchanges = new ClientExchanges(this);
        this.receiving = new ClientReceiving(this);
        this.sending = new ClientSending(this);
    }

    /// Says what the scheme of the requests is: `https` over TLS. `http` where nothing is said; for the next connections too.
    public void secure(boolean on) {
        secure = on;
    }

    /// Has every frame told, in both directions; null for nobody. For one who looks on: it may make objects.
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

    /// {@return whether the server's settings have come, so that it is known how many streams it allows}
    public boolean isSettled() {
        return receiving.isSettled();
    }

    boolean isSecure() {
        return secure;
    }

    /// The server allows so many streams at a time.
    void streamsAllowed(long count) {
        streamsAllowed = count;
    }

    /// {@return whether a stream of that number was begun: ours are odd}
    boolean hasBegun(int id) {
        return id % 2 == 1 && (nextId < 0 || id < nextId);
    }

    int nextId() {
        return nextId;
    }

    /// The stream of the next number has begun.
    void opened() {
        nextId += 2;
        if (nextId < 0) {
            retire();  // the last number (section 5.1.1)
        }
    }

    /// ABORTED is told of a stream.
    void aborted(Stream stream) {
        aborted = stream.number;
        unheard = !stream.heard;
        life.tell(stream.cut());
    }

    @Override
    int lastTaken() {
        return 0;  // none of the server's
    }

    @Override
    boolean tellsFirst() {
        return true;
    }

    // The application's side, see StreamDesk for the rest.

    @Override
    public boolean canRequest() {
        return !isOver() && life.retreat() == Lifecycle.Retreat.NONE && !life.hasPeerEnded()
                && streams.count() < Math.min(streamsAllowed, receiving.isSettled() ? config.streamsMax() : 1) && shared.hasFor(streams.count());
    }

    @Override
    public long request(MessageSource source) {
        Objects.requireNonNull(source);
        if (!canRequest()) {
            return -1;
        }
        Stream stream = Objects.requireNonNull(exchanges.lend(true), "a place, as there was one");
        stream.open(0, base + ++requests, sending.initialWindow());
        stream.open = true;
        stream.source = source;
        stream.answer = Stream.Answer.HEAD;
        streams.add(stream);
        return stream.number;
    }

    @Override
    public boolean isUnheard(long wanted) {
        Stream stream = streams.find(wanted);
        if (stream == null && wanted != aborted) {
            throw new IllegalArgumentException("stream " + wanted + " (the one that was aborted last is " + aborted + ")");
        }
        return stream == null ? unheard : !stream.heard;
    }

    @Override
    public ResponseHead response(long wanted) {
        Stream stream = check(wanted);
        return stream.informing ? stream.information() : stream.response();
    }

    // Time, and ends.

    @Override
    long waitUntil() {
        long until = head.isOpen() ? head.began() + limits.headNanosMax() : streams.isEmpty() ? idleSince + idleNanosMax : NEVER;
        for (Stream stream = streams.first; stream != null; stream = stream.next) {
            until = Math.min(until, answerUntil(stream));
        }
        return until;
    }

    /// {@return until when an answer's head is waited for, or 100}
    private long answerUntil(Stream stream) {
        return stream.isDoomed || stream.answered ? NEVER : switch (stream.answer) {
            case EXPECTING -> stream.asked + continueNanosMax;
            case SENT -> stream.asked + limits.idleNanosMax();
            default -> NEVER;
        };
    }

    @Override
    void waitedTooLong(long now) {
        if (head.isOpen() && head.began() + limits.headNanosMax() <= now) {
            fail(ErrorCode.ENHANCE_YOUR_CALM, Refusal.TOO_SLOW);
        } else if (streams.isEmpty()) {
            fail(ErrorCode.NO_ERROR, Refusal.IDLE);
        }
        for (Stream stream = streams.first; stream != null && !isOver(); stream = stream.next) {
            if (answerUntil(stream) > now) {
                continue;
            }
            if (stream.answer == Stream.Answer.EXPECTING) {
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
            if (!life.hasPeerEnded()) {
                controls.goAway(0, ErrorCode.NO_ERROR);
            }
        }
        finishIfDone();
    }

    @Override
    public void reset(long nowNanos) {
        super.reset(nowNanos);
        nextId = 1;
        requests = 0;
        streamsAllowed = Long.MAX_VALUE;
        aborted = -1;
        unheard = false;
    }
}
