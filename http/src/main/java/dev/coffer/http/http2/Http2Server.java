package dev.coffer.http.http2;

import dev.coffer.http.HeadWriter;
import dev.coffer.http.HttpServer;
import dev.coffer.http.MessageSource;
import dev.coffer.http.Refusal;
import dev.coffer.http.RequestHead;
import dev.coffer.http.internal.CheckedHead;
import dev.coffer.http.internal.Lifecycle;
import dev.coffer.http.internal.RestBlocks;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.function.Consumer;

/// The server's side of one HTTP/2 connection (RFC 9113), over the caller's memory; reusable for one connection after another by
/// [#reset]. See [dev.coffer.http.HttpEngine] for the driver's turn and [HttpServer] for the application's; any number of exchanges is
/// under way at a time, each in a place that [Http2Streams] lends, and no connection is lent so many that none is left for others.
///
/// **Errors.** What is wrong with the connection ends it by GOAWAY, what is wrong with a stream resets that (section 5.4); a request that is
/// well-formed and too much is answered with the status of its [Refusal]. REFUSED is told of each, [#refusal] is the last one.
///
/// **Floods** are rationed, see [Floods]; what a peer makes us owe it has places that are counted. **Time**: the preface and each head have
/// the time of a head, content its pace in either direction, and a connection without a stream the idle time. **The end** of what the client
/// sends is the end of the connection, its exchanges included: without windows and acknowledgements of its nothing goes on.
///
/// A connection remembers its tables, so it is never at rest by itself: [Http2Rests] keep them for one without a stream. One that is not
/// kept gives way to who waits ([#giveWay]).
/// 0 heap bytes after construction; one thread at a time.
public final class Http2Server extends Http2Engine implements HttpServer {
    /// How long a client may take to answer the ping behind the first GOAWAY.
    private static final long FAREWELL_NANOS = 1_000_000_000L;

    private static final int KEPT_BYTES = 2 * Integer.BYTES + Long.BYTES + Receiving.KEPT_BYTES + Sending.KEPT_BYTES;

    private final ServerExchanges exchanges;
    private final ServerReceiving receiving;
    private final ServerSending sending;

    private long farewellUntil = NEVER;
    private boolean fresh;          // no stream yet

    /// @param config  what the connection may hold
    /// @param memory  where; stays the caller's, and must outlive the engine
    /// @param at      offset of [Http2Config#plan] bytes, all zero
    /// @param shared  of the loop
    /// @throws IllegalArgumentException  the bytes do not lie in the memory (caller's fault)
    public Http2Server(Http2Config config, MemorySegment memory, long at, Http2Streams shared) {
        super(config, config.plan(), memory, at, shared, false);
        this.exchanges = new ServerExchanges(this);
        this.receiving = new ServerReceiving(this);
        this.sending = new ServerSending(this);
    }

    /// {@return the octets that a client says first (section 3.4)}
    public static byte[] preface() {
        return FrameReader.PREFACE.toString().getBytes(StandardCharsets.US_ASCII);
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

    /// A stream has begun.
    void begun() {
        fresh = false;
    }

    @Override
    int lastTaken() {
        return receiving.lastStream();
    }

    @Override
    boolean tellsFirst() {
        return false;
    }

    // The application's side, see StreamDesk for the rest.

    @Override
    public RequestHead request(long wanted) {
        return check(wanted).request();
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
        stream.receivePace.stop();
    }

    @Override
    public boolean inform(long wanted, int status, Consumer<HeadWriter> fields) {
        Stream stream = check(wanted);
        Objects.requireNonNull(fields);
        CheckedHead.checkInterim(status);
        if (stream.isDoomed || stream.refusal != null || stream.answer != Stream.Answer.NONE || stream.inform != null) {
            return false;
        }
        stream.informStatus = status;
        stream.inform = fields;
        return true;
    }

    // Time, and ends.

    @Override
    long waitUntil() {
        if (reader.inPreface() || head.isOpen()) {
            return Math.min(farewellUntil, (head.isOpen() ? head.began() : idleSince) + limits.headNanosMax());
        }
        return streams.isEmpty() ? Math.min(farewellUntil, idleSince + (fresh ? limits.headNanosMax() : limits.idleNanosMax())) : farewellUntil;
    }

    @Override
    void waitedTooLong(long now) {
        if (farewellUntil <= now) {
            farewellHeard();
        }
        if (!isOver() && waitUntil() <= now) {
            endWait();
        }
    }

    private void endWait() {
        if (head.isOpen() || reader.inPreface()) {
            fail(ErrorCode.ENHANCE_YOUR_CALM, Refusal.TOO_SLOW);
        } else {
            fail(ErrorCode.NO_ERROR, Refusal.IDLE);
        }
    }

    @Override
    public boolean giveWay(long nowNanos, long patienceNanos) {
        tick(nowNanos);
        boolean gives = !isOver() && (head.isOpen() ? nowNanos - head.began() >= patienceNanos
                : streams.isEmpty() && nowNanos - idleSince >= patienceNanos);
        if (gives) {
            endWait();
        }
        return gives;
    }

    /// Takes no more streams than are on their way: says so, asks whether that was heard, and says which were the last (section 6.8).
    @Override
    void retire() {
        if (life.retreat() == Lifecycle.Retreat.NONE && !isOver()) {
            if (life.hasPeerEnded()) {
                life.retreat(Lifecycle.Retreat.SHUT);
            } else {
                life.retreat(Lifecycle.Retreat.ANNOUNCED);
                farewellUntil = last + FAREWELL_NANOS;
                controls.goAway(Integer.MAX_VALUE, ErrorCode.NO_ERROR);
                controls.farewell();
            }
        }
        finishIfDone();
    }

    /// What the client sent before it heard of the first GOAWAY has come.
    void farewellHeard() {
        if (life.retreat() == Lifecycle.Retreat.ANNOUNCED && !isOver()) {
            life.retreat(Lifecycle.Retreat.SHUT);
            farewellUntil = NEVER;
            exchanges.lingeredAll();
            controls.goAway(receiving.lastStream(), ErrorCode.NO_ERROR);
            finishIfDone();
        }
    }

    boolean takesNoMore() {
        return life.isShut();
    }

    // Rest, see Http2Rests.

    /// {@return whether the connection can do without an engine: no stream, no frame half come, nothing to be said, time left}
    boolean canRest() {
        return life.isCalm() && streams.isEmpty() && !head.isOpen() && reader.isBetween() && controls.isIdle() && sending.isIdle() && waitUntil() > last;
    }

    /// {@return bytes that [#keep] writes, at most}
    int restBytes() {
        return KEPT_BYTES + floods.keptBytes(last) + controls.keptBytes() + decoder.keptBytes() + encoder.keptBytes();
    }

    /// Writes down what another engine will need to go on.
    void keep(RestBlocks rest) {
        rest.putInt(receiving.lastStream());
        rest.putInt(fresh ? 1 : 0);
        rest.putLong(idleSince);
        receiving.keep(rest);
        sending.keep(rest);
        floods.keep(rest, last);
        controls.keep(rest);
        decoder.keep(rest);
        encoder.keep(rest);
    }

    /// Goes on as another engine has left off.
    void resume(RestBlocks rest) {
        reader.resume();
        receiving.lastStream(rest.getInt());
        fresh = rest.getInt() != 0;
        idleSince = rest.getLong();
        receiving.resume(rest);
        sending.resume(rest);
        floods.resume(rest);
        controls.resume(rest);
        decoder.resume(rest);
        encoder.resume(rest);
    }

    @Override
    public void reset(long nowNanos) {
        super.reset(nowNanos);
        farewellUntil = NEVER;
        fresh = true;
    }
}
