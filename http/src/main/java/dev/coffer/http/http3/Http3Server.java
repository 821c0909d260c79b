package dev.coffer.http.http3;

import dev.coffer.http.HeadWriter;
import dev.coffer.http.HttpServer;
import dev.coffer.http.MessageSource;
import dev.coffer.http.Refusal;
import dev.coffer.http.RequestHead;
import dev.coffer.http.internal.CheckedHead;
import dev.coffer.http.internal.Lifecycle;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import java.util.function.Consumer;

/// The server's side of one HTTP/3 connection (RFC 9114), over the caller's memory and a [dev.coffer.memory.engine.StreamTransport]; reusable for one connection after another by
/// [#reset] and [#attach]. See [dev.coffer.memory.engine.StreamTransport] for the driver's turn ([#advance]) and [HttpServer] for the application's; any number of exchanges is
/// under way at a time, each in a place that [Http3Streams] lends.
///
/// **Content** stays with the transport until it is consumed: [#dataSegment] is its memory, and what the application leaves there holds the client back.
///
/// **Errors.** What is wrong with the connection closes it with a code, what is wrong with a request resets its stream (section 8); a request that is
/// well-formed and too much is answered with the status of its [Refusal]. REFUSED is told of each, [#refusal] is the last one.
///
/// **Floods** are rationed, see [Floods]. **Time**: each head has the time of a head, from its stream's first octet; content its pace in either direction;
/// a connection without a request the idle time. **A stop** says GOAWAY twice (section 5.2): first that it comes, then which request is the first that
/// is not taken; then H3_NO_ERROR when all are done.
///
/// 0 heap bytes after construction; one thread at a time.
public final class Http3Server extends Http3Engine implements HttpServer {
    /// How long requests are taken that were on their way when the client heard of the first GOAWAY.
    private static final long FAREWELL_NANOS = 1_000_000_000L;
    /// The largest number of a request's stream: what the first GOAWAY says.
    private static final long STREAM_MAX = (1L << 62) - 4;

    private final ServerExchanges exchanges;
    private final ServerReceiving receiving;
    private final ServerSending sending;

    private long farewellUntil = NEVER;
    private boolean fresh;          // no request yet

    /// @param config  what the connection may hold
    /// @param memory  where; stays the caller's, and must outlive the engine
    /// @param at      offset of [Http3Config#plan] bytes, all zero
    /// @param shared  of the loop
    /// @throws IllegalArgumentException  the bytes do not lie in the memory (caller's fault)
    public Http3Server(Http3Config config, MemorySegment memory, long at, Http3Streams shared) {
        super(config, config.plan(), memory, at, shared, false);
        this.exchanges = new ServerExchanges(this);
        this.receiving = new ServerReceiving(this);
        this.sending = new ServerSending(this);
    }

    @Override
    ServerExchanges exchanges() {
        return exchanges;
    }

    @Override
    ServerReceiving receiving() {
        return receiving;
    }

    @Override
    ServerSending sending() {
        return sending;
    }

    /// A request has begun.
    void begun() {
        fresh = false;
    }

    // The application's side, see Http3Engine for the rest.

    @Override
    public RequestHead request(long wanted) {
        Stream stream = check(wanted);
        if (stream.headAt < 0) {
            throw new IllegalStateException("stream " + wanted + ": a tunnel's head is gone when its answer is written");
        }
        return stream.request();
    }

    @Override
    public void proceed(long wanted) {
        Stream stream = check(wanted);
        if (stream.awaits100 && stream.answer == Stream.Answer.NONE) {
            stream.awaits100 = false;
            stream.interimDue = true;
        }
    }

    @Override
    public void respond(long wanted, MessageSource source) {
        Stream stream = check(wanted);
        Objects.requireNonNull(source);
        if (stream.isDoomed || stream.refusal != null) {
            return;  // ABORTED is on its way
        }
        if (stream.answer != Stream.Answer.NONE) {
            throw new IllegalStateException("stream " + wanted + " has its answer");
        }
        stream.source = source;
        stream.answer = Stream.Answer.HEAD;
    }

    @Override
    public void tunnel(long wanted) {
        Stream stream = check(wanted);
        if (stream.isDoomed || stream.refusal != null) {
            return;  // ABORTED is on its way
        }
        if (stream.request().protocolLength() < 0 || stream.request().contentLength() >= 0 || stream.answer != Stream.Answer.NONE) {
            throw new IllegalStateException("stream " + wanted + ": an extended CONNECT whose side is open becomes a tunnel, before its answer");
        }
        stream.tunnel = true;
        stream.receiveUntil = Paces.NEVER;
    }

    @Override
    public boolean inform(long wanted, int status, Consumer<HeadWriter> fields) {
        Stream stream = check(wanted);
        Objects.requireNonNull(fields);
        CheckedHead.checkInterim(status);
        if (stream.isDoomed || stream.refusal != null || stream.answer != Stream.Answer.NONE || stream.inform != null) {
            return false;
        }
        stream.informStatus = (short) status;
        stream.inform = fields;
        return true;
    }

    // Time, and ends.

    @Override
    long waitUntil(long now) {
        long until = farewellUntil;
        for (int i = 0; i < streams.count(); i++) {
            until = Math.min(until, Math.min(headUntil(streams.get(i)), Receiving.lateFrom(streams.get(i), now)));
        }
        return streams.isEmpty() ? Math.min(until, idleSince + (fresh ? limits.headNanosMax() : limits.idleNanosMax())) : until;
    }

    private long headUntil(Stream stream) {
        boolean waits = stream.part == Stream.Part.NOTHING || stream.inSection();
        return waits && !stream.isDoomed && stream.refusal == null ? stream.began + limits.headNanosMax() : NEVER;
    }

    @Override
    void waitedTooLong(long now) {
        if (farewellUntil <= now) {
            shut();
        }
        for (int i = streams.count() - 1; i >= 0 && !isOver(); i--) {
            Stream stream = streams.get(i);
            if (headUntil(stream) <= now && stream.isWaiting) {
                rejectLate(stream, now);
            } else if (headUntil(stream) <= now) {
                exchanges.refuse(stream, Refusal.TOO_SLOW);
                exchanges.stopReading(stream, ErrorCode.H3_EXCESSIVE_LOAD);
                if (!floods.takeReset(now)) {
                    fail(ErrorCode.H3_EXCESSIVE_LOAD, Refusal.TOO_SLOW);
                }
            }
        }
        if (!isOver() && streams.isEmpty() && waitUntil(now) <= now) {
            endIdle();
        }
    }

    /// A head has waited for room as long as one may take: not its fault, and told to nobody.
    private void rejectLate(Stream stream, long now) {
        if (!receiving.canPlace(stream, now)) {
            exchanges.reset(stream, ErrorCode.H3_REQUEST_REJECTED, Refusal.UNEXPECTED);
        }
    }

    private void endIdle() {
        life.blame(Refusal.IDLE);
        end(ErrorCode.H3_NO_ERROR);
    }

    /// A connection without a request ends; a head that is under way may go on, as it holds no one's place but its own.
    @Override
    public boolean giveWay(long nowNanos, long patienceNanos) {
        tick(nowNanos);
        boolean gives = !isOver() && streams.isEmpty() && nowNanos - idleSince >= patienceNanos;
        if (gives) {
            endIdle();
        }
        return gives;
    }

    @Override
    void retire() {
        if (life.retreat() == Lifecycle.Retreat.NONE && !isOver()) {
            life.retreat(Lifecycle.Retreat.ANNOUNCED);
            farewellUntil = last + FAREWELL_NANOS;
            controls.goAway(STREAM_MAX);
        }
    }

    /// What the client sent before it heard of the first GOAWAY has come.
    private void shut() {
        farewellUntil = NEVER;
        if (life.retreat() == Lifecycle.Retreat.ANNOUNCED && !isOver()) {
            life.retreat(Lifecycle.Retreat.SHUT);
            controls.goAway(receiving.nextStream());
        }
    }

    boolean takesNoMore() {
        return life.isShut();
    }

    /// A client goes away: it sends no more requests that matter (section 5.2).
    @Override
    void goneAway(long id) {
        retire();
    }

    @Override
    public void reset(long nowNanos) {
        super.reset(nowNanos);
        receiving.reset();
        farewellUntil = NEVER;
        fresh = true;
    }
}
