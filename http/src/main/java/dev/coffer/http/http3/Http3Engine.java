package dev.coffer.http.http3;

import dev.coffer.http.Fields;
import dev.coffer.http.HttpEngine;
import dev.coffer.http.HttpEvent;
import dev.coffer.http.Limits;
import dev.coffer.http.Refusal;
import dev.coffer.http.internal.Lifecycle;
import dev.coffer.http.qpack.QpackDecoder;
import dev.coffer.http.qpack.QpackEncoder;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.engine.StreamTransport;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// One HTTP/3 connection, in what a server and a client have in common: streams in, events out, messages back, time.
abstract sealed class Http3Engine implements HttpEngine permits Http3Server, Http3Client {
    static final long NEVER = Long.MAX_VALUE;
    private static final int UNIDIRECTIONAL = 2;    // bit of a stream's number
    private static final int BY_SERVER = 1;

    final Http3Config config;
    final Limits limits;
    final Http3Streams shared;
    final StreamList streams;
    final Floods floods = new Floods();
    final Lifecycle life = new Lifecycle();
    final QpackDecoder decoder;
    final QpackEncoder encoder;
    final Controls controls;
    final ControlReader controlReader;
    final PeerStreams peerStreams;
    private final boolean client;

    private @Nullable StreamTransport transport;
    long last;                      // latest time that was told
    long idleSince;
    private long eventStream = -1;
    private int readyFrom;          // whose turn it is to tell
    private boolean moved;          // the last call brought about what the next advance is to take up

    Http3Engine(Http3Config config, MemoryPlan plan, MemorySegment memory, long at, Http3Streams shared, boolean client) {
        if (at < 0 || plan.totalBytes() > memory.byteSize() - at) {
            throw new IllegalArgumentException("memory: " + memory.byteSize() + " bytes, engine wants " + plan.totalBytes() + " at " + at);
        }
        this.config = config;
        this.limits = config.limits();
        this.shared = shared;
        this.client = client;
        this.streams = new StreamList(config.streamsMax());
        QpackDecoder noDecoder = config.decoderTableBytes() == 0 ? shared.decoder() : null;
        QpackEncoder noEncoder = config.encoderTableBytes() == 0 ? shared.encoder() : null;
        this.decoder = noDecoder != null ? noDecoder
                : new QpackDecoder(memory, at + plan.offsetOf("decoder"), config.decoderTableBytes(), config.blockedMax());
        this.encoder = noEncoder != null ? noEncoder : new QpackEncoder(memory, at + plan.offsetOf("encoder"), config.encoderTableBytes(), false);
        this.controls = new Controls(this, client);
        this.controlReader = new ControlReader(this, memory, at + plan.offsetOf("priority"));
        this.peerStreams = new PeerStreams(this, controlReader);
    }

    abstract Exchanges exchanges();

    abstract Receiving receiving();

    abstract Sending sending();

    /// {@return until when the peer is waited for, its content aside}
    abstract long waitUntil(long now);

    /// That time is over.
    abstract void waitedTooLong(long now);

    /// Takes no more streams than are under way.
    abstract void retire();

    /// One of the peer's settings has come.
    void heard(long setting, long value) {}

    /// {@return the largest field section that the peer takes; more than any where it has said none}
    long sectionBytesMax() {
        return controlReader.sectionBytesMax();
    }

    /// All of them have come.
    ///
    /// @return NO_ERROR, or why the connection fails
    ErrorCode settled() {
        return ErrorCode.H3_NO_ERROR;
    }

    /// The peer takes nothing past that.
    abstract void goneAway(long id);

    /// {@return who hears of frames, or null}
    @Nullable
    FrameTrace trace() {
        return null;
    }

    final void traced(boolean sent, long type, long stream, long length) {
        FrameTrace trace = trace();
        if (trace != null) {
            trace.http3Frame(sent, type, stream, length);
        }
    }

    final boolean isClient() {
        return client;
    }

    /// {@return whether nothing more is taken from the peer, nor waited for}
    final boolean isOver() {
        return life.isOver();
    }

    final StreamTransport transport() {
        StreamTransport of = transport;
        if (of == null) {
            throw new IllegalStateException("engine: without a transport (expected attach() behind reset())");
        }
        return of;
    }

    // The driver's side.

    /// Says which connection's streams these are; once behind each [#reset].
    ///
    /// @param of  whose places for what goes hold [Http3Config#outputBytesMin]
    /// @throws IllegalArgumentException  they do not (caller's fault)
    /// @throws IllegalStateException     closed, never reset, or it has one (caller's fault)
    public final void attach(StreamTransport of) {
        if (life.isReleased() || transport != null) {
            throw new IllegalStateException("engine: closed, never reset, or attached already");
        }
        if (of.outputBytesMax() < config.outputBytesMin()) {
            throw new IllegalArgumentException("transport: places of " + of.outputBytesMax() + " bytes (expected " + config.outputBytesMin() + ")");
        }
        transport = of;
        shared.join();
    }

    /// Takes what has come on the streams, and writes to them what is due and fits: the driver's turn, in place of [#feed] and [#pollOutput]; see [StreamTransport].
    /// What a source of the application's throws is thrown on; the turn is then to be repeated.
    ///
    /// @param nowNanos  the caller's monotonic clock
    /// @return whether there was anything; events are to be polled then, and this is to be called again
    /// @throws IllegalStateException  closed, never reset, or not attached (caller's fault)
    public final boolean advance(long nowNanos) {
        tick(nowNanos);
        StreamTransport of = transport();
        boolean any = moved;
        moved = false;
        controls.failIfIgnored();
        for (long stream; !isOver() && (stream = of.pollReady()) != StreamTransport.NONE;) {
            any = true;
            arrived(stream, nowNanos);
        }
        if (shared.isAwaited() && !isOver()) {
            receiving().place(nowNanos);
        }
        any |= !isOver() && receiving().read(nowNanos);
        if (!isOver()) {
            any |= sending().write(nowNanos);
            if (decoder.takeRoom()) {
                receiving().unblock();
                any = true;
            }
        }
        controls.failIfIgnored();
        finishIfDone();
        return any;
    }

    private void arrived(long stream, long now) {
        if ((stream & UNIDIRECTIONAL) != 0) {
            if ((stream & BY_SERVER) == (client ? BY_SERVER : 0)) {
                peerStreams.arrived(stream, now);
            } else if (controls.isOurs(stream) && transport().outputStopped(stream) != StreamTransport.NONE) {
                fail(ErrorCode.H3_CLOSED_CRITICAL_STREAM, Refusal.UNEXPECTED);  // section 6.2.1
            }
            return;
        }
        Stream known = streams.byId(stream);
        if (known != null) {
            receiving().arrived(known, now);
        } else if ((stream & BY_SERVER) != 0) {
            fail(ErrorCode.H3_STREAM_CREATION_ERROR, Refusal.UNEXPECTED);       // section 6.1: a server opens none
        } else {
            receiving().begin(stream, now);
        }
    }

    /// Not for this protocol: its bytes come by streams ([#advance]).
    ///
    /// @throws IllegalStateException  any byte (caller's fault)
    @Override
    public final long feed(MemorySegment input, long at, long length, long nowNanos) {
        tick(nowNanos);
        if (length > 0) {
            throw new IllegalStateException("feed: HTTP/3 has no one stream of bytes (expected advance())");
        }
        return 0;
    }

    /// {@return 0 while it goes on, see [#feed]}
    @Override
    public final long feedRoom() {
        return isOver() ? NEVER : 0;
    }

    /// The connection has no half: as [#disconnect].
    @Override
    public final void feedEnd(long nowNanos) {
        disconnect(nowNanos);
    }

    /// The connection is gone, by whatever end: its streams are not asked any more.
    @Override
    public final void disconnect(long nowNanos) {
        checkLive();
        last = Math.max(last, nowNanos);    // and not as of a tick, which looks at the streams
        if (!life.isLost()) {
            life.peer(Lifecycle.Peer.LOST);
            if (!isOver()) {
                if (!streams.isEmpty()) {
                    life.blame(Refusal.BROKEN);
                }
                exchanges().abandon(Refusal.BROKEN);
                finish();
            }
        }
    }

    /// Does what [#advance] does; there is no output but the streams.
    ///
    /// @return 0
    @Override
    public final long pollOutput(MemorySegment output, long at, long length, long nowNanos) {
        tick(nowNanos);
        if (!isOver()) {
            advance(nowNanos);
        }
        return 0;
    }

    @Override
    public final long outputBytesMin() {
        return config.outputBytesMin();
    }

    @Override
    public final @Nullable HttpEvent pollEvent() {
        for (int i = 0; i < streams.count(); i++) {
            readyFrom = readyFrom >= streams.count() ? 0 : readyFrom;
            Stream stream = streams.get(readyFrom);
            if (stream.isReady) {
                HttpEvent event = exchanges().due(stream);
                if (event != null) {
                    moved = true;
                    eventStream = stream.number;
                    exchanges().told(stream, event);
                    return event;
                }
                stream.isReady = false;
            }
            readyFrom++;
        }
        eventStream = -1;
        return life.takeRefused() ? HttpEvent.REFUSED : life.takeClosed() ? HttpEvent.CLOSED : null;
    }

    @Override
    public final long stream() {
        return eventStream;
    }

    /// There is something for the next advance.
    final void moved() {
        moved = true;
    }

    /// It may have something to tell.
    final void ready(Stream stream) {
        stream.isReady = true;
    }

    /// {@return content of a stream that lies there}
    final long readable(Stream stream) {
        return stream.id >= 0 && !isOver() && stream.part == Stream.Part.CONTENT && stream.inFrame && stream.frame.type() == Frame.DATA
                ? Math.min(transport().inputLength(stream.id), stream.payload) : 0;
    }

    private void checkLive() {
        if (life.isReleased()) {
            throw new IllegalStateException("engine: closed, or never reset");
        }
    }

    final void tick(long now) {
        checkLive();
        long elapsed = now - last;
        if (elapsed > 0) {
            if (!isOver() && !streams.isEmpty()) {
                Paces.excuse(this, elapsed);
            }
            last = now;
        }
    }

    @Override
    public final long deadlineNanos() {
        return isOver() ? NEVER : Math.min(waitUntil(last), Math.min(Paces.deadlineNanos(this, last), peerStreams.deadlineNanos()));
    }

    @Override
    public final void onDeadline(long nowNanos) {
        tick(nowNanos);
        if (!isOver()) {
            moved = true;
            Paces.onDeadline(this, nowNanos);
        }
        if (!isOver()) {
            peerStreams.onDeadline(nowNanos);
        }
        if (!isOver() && waitUntil(nowNanos) <= nowNanos) {
            waitedTooLong(nowNanos);
        }
    }

    @Override
    public final void shutdown(long nowNanos) {
        tick(nowNanos);
        moved = true;
        retire();
    }

    // Ends.

    /// A stream was given back.
    final void released() {
        if (streams.isEmpty()) {
            idleSince = last;
        }
        moved = true;
    }

    final void finishIfDone() {
        if (life.isShut() && !isOver() && streams.isEmpty() && !controls.isGoAwayDue() && transport().isDelivered()) {
            end(ErrorCode.H3_NO_ERROR);
        }
    }

    /// Ends the connection in peace.
    final void end(ErrorCode code) {
        if (transport != null) {
            transport.close(code.code());
        }
        finish();
    }

    /// Ends the connection by an error.
    final void fail(ErrorCode code, Refusal why) {
        if (isOver()) {
            return;
        }
        life.fail();
        life.blame(why);
        transport().close(code.code());
        exchanges().abandon(why);
        finish();
    }

    final void finish() {
        life.close();
    }

    @Override
    public final boolean isEnded() {
        return life.isClosed();
    }

    @Override
    public final boolean isOutputEnded() {
        return life.isClosed() || life.isLost();
    }

    @Override
    public final Refusal refusal() {
        return life.refusal();
    }

    @Override
    public void reset(long nowNanos) {
        clear();
        floods.reset(nowNanos);
        life.begin();
        eventStream = -1;
        readyFrom = 0;
        moved = false;
        last = nowNanos;
        idleSince = nowNanos;
    }

    private void clear() {
        for (int i = streams.count() - 1; i >= 0; i--) {
            shared.release(streams.get(i), i);
        }
        streams.clear();
        if (transport != null) {
            transport = null;
            shared.leave();
        }
        decoder.reset();
        encoder.reset();
        controls.reset();
        peerStreams.reset();
        sending().reset();
    }

    /// Wipes what was dirtied and gives back what was lent; the memory is the caller's again. A later [#reset] makes the engine usable again.
    @Override
    public final void close() {
        if (!life.isReleased()) {
            clear();
            life.release();
        }
    }

    // The application's side.

    final Stream check(long wanted) {
        Stream stream = streams.byNumber(wanted);
        if (stream == null || !stream.open) {
            throw new IllegalArgumentException("stream " + wanted + ": not open");
        }
        return stream;
    }

    @Override
    public final MemorySegment dataSegment(long wanted) {
        return transport().inputSegment(check(wanted).id);
    }

    @Override
    public final long dataAt(long wanted) {
        return transport().inputAt(check(wanted).id);
    }

    @Override
    public final long dataLength(long wanted) {
        Stream stream = check(wanted);
        return Math.min(stream.shown, readable(stream));  // less where the transport is gone and has yet to say so
    }

    @Override
    public final void consume(long wanted, long bytes) {
        Stream stream = check(wanted);
        if (bytes < 0 || bytes > stream.shown) {
            throw new IllegalArgumentException("consume: " + bytes + " bytes of " + stream.shown);
        }
        if (bytes > 0) {
            moved = true;
            transport().consume(stream.id, bytes);
            stream.shown -= bytes;
            Paces.came(this, bytes, last);
            receiving().passed(stream, bytes);
            stream.isUnread = true;
            ready(stream);
        }
    }

    @Override
    public final void discard(long wanted) {
        Stream stream = check(wanted);
        moved = true;
        stream.skip();
        stream.trailersDue = false;
        exchanges().discarded(stream);
    }

    @Override
    public final Fields trailers(long wanted) {
        return check(wanted).trailers;
    }

    @Override
    public final void resume(long wanted) {
        check(wanted).blocked = false;
        moved = true;
    }

    @Override
    public final void abort(long wanted) {
        exchanges().abort(check(wanted));
        moved = true;
    }

    @Override
    public String toString() {
        return getClass().getSimpleName() + "[" + streams.count() + " streams, " + life + "]";
    }
}
