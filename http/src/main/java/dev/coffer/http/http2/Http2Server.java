package dev.coffer.http.http2;

import dev.coffer.http.HttpEvent;
import dev.coffer.http.HttpServer;
import dev.coffer.http.Limits;
import dev.coffer.http.Refusal;
import dev.coffer.http.hpack.HpackDecoder;
import dev.coffer.http.hpack.HpackEncoder;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;

/// The server's side of one HTTP/2 connection (RFC 9113), over the caller's memory; reusable for one connection after another by
/// [#reset]. See [dev.coffer.http.HttpEngine] for the driver's turn and [HttpServer] for the application's; any number of exchanges is
/// under way at a time, each in a place that [Http2Streams] lends.
///
/// **Errors.** What is wrong with the connection ends it by GOAWAY, what is wrong with a stream resets that (section 5.4); a request that is
/// well-formed and too much is answered with the status of its [Refusal]. REFUSED is told of each, [#refusal] is the last one.
///
/// **Floods** are rationed, see [Floods]; what a peer makes us owe it has places that are counted. **Time**: the preface and each head have
/// the time of a head, content its pace in either direction, and a connection without a stream the idle time.
///
/// A connection remembers its tables, so it is never at rest; one without a stream gives way to who waits ([#giveWay]).
/// 0 heap bytes after construction; one thread at a time.
public final class Http2Server extends StreamDesk {
    private static final long NEVER = Long.MAX_VALUE;
    /// How long a client may take to answer the ping behind the first GOAWAY.
    private static final long FAREWELL_NANOS = 1_000_000_000L;

    private final Http2Config config;
    private final Limits limits;
    private final Http2Streams shared;
    private final Floods floods = new Floods();
    private final HpackDecoder decoder;
    private final HpackEncoder encoder;
    private final Controls controls;
    private final Exchanges exchanges;
    private final Receiving receiving;
    private final Sending sending;
    private final Paces paces;
    private final FrameReader reader;

    private long base;              // of stream numbers, another for each connection
    private long eventStream = -1;
    private Refusal refusal = Refusal.NONE;
    private boolean refusedDue;
    private boolean closedDue;
    private boolean ending;         // by an error: only GOAWAY is still to be written
    private boolean shut;           // no stream that begins from now on
    private boolean farewell;       // the first GOAWAY is said, and the second follows
    private long farewellUntil = NEVER;
    private boolean peerEnded;
    private boolean lost;
    private boolean closed;
    private boolean released = true;
    private long last;              // latest time that was told
    private long idleSince;
    private boolean fresh;          // no stream yet

    /// @param config  what the connection may hold
    /// @param memory  where; stays the caller's, and must outlive the engine
    /// @param at      offset of [Http2Config#plan] bytes, all zero
    /// @param shared  of the loop
    /// @throws IllegalArgumentException  the bytes do not lie in the memory (caller's fault)
    public Http2Server(Http2Config config, MemorySegment memory, long at, Http2Streams shared) {
        var plan = config.plan();
        if (at < 0 || plan.totalBytes() > memory.byteSize() - at) {
            throw new IllegalArgumentException("memory: " + memory.byteSize() + " bytes, engine wants " + plan.totalBytes() + " at " + at);
        }
        this.config = config;
        this.limits = config.limits();
        this.shared = shared;
        this.decoder = new HpackDecoder(memory, at + plan.offsetOf("decoder"), config.decoderTableBytes());
        this.encoder = new HpackEncoder(memory, at + plan.offsetOf("encoder"), config.encoderTableBytes());
        this.controls = new Controls(config, memory, at + plan.offsetOf("controls"));
        HeadReception head = new HeadReception(decoder, memory, limits.headBytesMax());
        this.exchanges = new Exchanges(this, shared, streams, controls, floods);
        this.receiving = new Receiving(this, shared, streams, controls, head, floods);
        this.sending = new Sending(this, shared, streams, controls, encoder, floods);
        this.paces = new Paces(streams, exchanges, sending);
        this.reader = new FrameReader(receiving, controls);
    }

    /// {@return the octets that a client says first (section 3.4)}
    public static byte[] preface() {
        return FrameReader.PREFACE.toString().getBytes(StandardCharsets.US_ASCII);
    }

    Sending sending() {
        return sending;
    }

    Receiving receiving() {
        return receiving;
    }

    @Override
    Exchanges exchanges() {
        return exchanges;
    }

    /// {@return what is added to a stream's number on this connection}
    long base() {
        return base;
    }

    /// A stream has begun.
    void begun() {
        fresh = false;
    }

    /// No stream is left.
    void idle() {
        idleSince = last;
    }

    /// {@return whether nothing more is taken from the client, nor waited for}
    boolean isOver() {
        return ending || closed;
    }

    /// {@return whether the client is still told of streams that end}
    boolean owesResets() {
        return !ending && !lost && !peerEnded;
    }

    /// Remembers a reason that is nobody's fault, where there is none.
    void note(Refusal why) {
        if (refusal == Refusal.NONE) {
            refusal = why;
        }
    }

    // The driver's side.

    @Override
    public long feed(MemorySegment input, long at, long length, long nowNanos) {
        if (length < 0 || at < 0 || length > input.byteSize() - at) {
            throw new IllegalArgumentException("feed: " + length + " bytes at " + at + " of " + input.byteSize());
        }
        tick(nowNanos);
        if (peerEnded && !ending && !closed && length > 0) {
            throw new IllegalStateException("feed: " + length + " bytes after the end");
        }
        if (!isOver()) {
            ErrorCode error = reader.feed(input, at, length, nowNanos);
            if (error != ErrorCode.NO_ERROR) {
                fail(error, error == ErrorCode.ENHANCE_YOUR_CALM ? Refusal.CONTENT_TOO_LARGE : Refusal.UNEXPECTED);
            }
        }
        return length;
    }

    @Override
    public long feedRoom() {
        return NEVER;
    }

    @Override
    public void feedEnd(long nowNanos) {
        tick(nowNanos);
        if (peerEnded) {
            return;
        }
        peerEnded = true;
        shut = true;
        for (Stream stream = streams.first; stream != null;) {
            Stream following = stream.next;
            if (!stream.remoteEnded && !stream.isDoomed) {
                blame(Refusal.TRUNCATED);
                exchanges.doom(stream);
            }
            stream = following;
        }
        finishIfDone();
    }

    @Override
    public void disconnect(long nowNanos) {
        tick(nowNanos);
        if (!lost) {
            lost = true;
            peerEnded = true;
            if (!streams.isEmpty()) {
                blame(Refusal.BROKEN);
            }
            exchanges.abandon();
            finish();
        }
    }

    @Override
    public long pollOutput(MemorySegment output, long at, long length, long nowNanos) {
        if (length < 0 || at < 0 || length > output.byteSize() - at) {
            throw new IllegalArgumentException("pollOutput: " + length + " bytes at " + at + " of " + output.byteSize());
        }
        tick(nowNanos);
        if (isOutputEnded()) {
            return 0;
        }
        long wrote = sending.poll(output, at, length, ending, nowNanos);
        if (ending && !controls.isGoAwayDue()) {
            finish();
        } else {
            finishIfDone();
        }
        return wrote;
    }

    @Override
    public long outputBytesMin() {
        return config.outputBytesMin();
    }

    @Override
    public HttpEvent pollEvent() {
        for (Stream stream = streams.firstReady(); stream != null; stream = streams.firstReady()) {
            HttpEvent event = stream.due();
            if (event != null) {
                eventStream = stream.number;
                exchanges.told(stream, event);
                return event;
            }
            streams.unready(stream);
        }
        eventStream = -1;
        if (refusedDue) {
            refusedDue = false;
            return HttpEvent.REFUSED;
        }
        if (closedDue) {
            closedDue = false;
            return HttpEvent.CLOSED;
        }
        return null;
    }

    @Override
    public long stream() {
        return eventStream;
    }

    @Override
    public long deadlineNanos() {
        if (isOver()) {
            return NEVER;  // where GOAWAY cannot be written, the time is the driver's
        }
        return Math.min(waitUntil(), paces.deadlineNanos(last));
    }

    /// {@return until when a head, or anything, is waited for}
    private long waitUntil() {
        long until = farewellUntil;
        if (reader.inPreface() || receiving.inBlock()) {
            return Math.min(until, (receiving.inBlock() ? receiving.blockBegan() : idleSince) + limits.headNanosMax());
        }
        return streams.isEmpty() ? Math.min(until, idleSince + (fresh ? limits.headNanosMax() : limits.idleNanosMax())) : until;
    }

    private void tick(long now) {
        if (released) {
            throw new IllegalStateException("engine: closed, or never reset");
        }
        long elapsed = now - last;
        if (elapsed > 0) {
            paces.excuse(elapsed);
            last = now;
        }
    }

    @Override
    public void onDeadline(long nowNanos) {
        tick(nowNanos);
        if (isOver()) {
            return;
        }
        paces.onDeadline(nowNanos);
        if (ending) {
            return;  // by a reset too many
        }
        if (farewellUntil <= nowNanos) {
            farewellHeard();
        }
        if (waitUntil() <= nowNanos) {
            waitedTooLong();
        }
    }

    private void waitedTooLong() {
        if (receiving.inBlock() || reader.inPreface()) {
            fail(ErrorCode.ENHANCE_YOUR_CALM, Refusal.TOO_SLOW);
        } else {
            fail(ErrorCode.NO_ERROR, Refusal.IDLE);
        }
    }

    @Override
    public boolean giveWay(long nowNanos, long patienceNanos) {
        tick(nowNanos);
        boolean gives = !closed && !ending && (receiving.inBlock() ? nowNanos - receiving.blockBegan() >= patienceNanos
                : streams.isEmpty() && nowNanos - idleSince >= patienceNanos);
        if (gives) {
            waitedTooLong();
        }
        return gives;
    }

    @Override
    public void shutdown(long nowNanos) {
        tick(nowNanos);
        retire();
    }

    /// Takes no more streams than are on their way: says so, asks whether that was heard, and says which were the last (section 6.8).
    void retire() {
        if (shut || closed || ending) {
            shut = true;
            finishIfDone();
            return;
        }
        shut = true;
        if (!peerEnded) {
            farewell = true;
            farewellUntil = last + FAREWELL_NANOS;
            controls.goAway(Integer.MAX_VALUE, ErrorCode.NO_ERROR);
            controls.farewell();
        }
    }

    /// What the client sent before it heard of the first GOAWAY has come.
    void farewellHeard() {
        if (farewell) {
            farewell = false;
            farewellUntil = NEVER;
            controls.goAway(receiving.lastStream(), ErrorCode.NO_ERROR);
            finishIfDone();
        }
    }

    boolean takesNoMore() {
        return shut && !farewell;
    }

    void finishIfDone() {
        if (shut && !farewell && streams.isEmpty() && !controls.isGoAwayDue() && !controls.isResetDue() && !receiving.inBlock() && !ending) {
            finish();
        }
    }

    /// Ends the connection by GOAWAY.
    void fail(ErrorCode code, Refusal why) {
        if (isOver()) {
            return;
        }
        ending = true;
        blame(why);
        controls.goAway(receiving.lastStream(), code);
        exchanges.abandon();
    }

    void blame(Refusal why) {
        refusal = why;
        refusedDue |= why != Refusal.LOCAL;
    }

    private void finish() {
        ending = true;
        farewell = false;
        farewellUntil = NEVER;
        if (!closed) {
            closed = true;
            closedDue = true;
        }
    }

    @Override
    public boolean isEnded() {
        return closed;
    }

    @Override
    public boolean isOutputEnded() {
        return closed || lost;
    }

    @Override
    public Refusal refusal() {
        return refusal;
    }

    @Override
    public void reset(long nowNanos) {
        clear();
        base += 1L << Integer.SIZE;
        decoder.reset();
        encoder.reset();
        controls.reset();
        receiving.reset();
        sending.reset();
        reader.reset();
        floods.reset(nowNanos);
        eventStream = -1;
        refusal = Refusal.NONE;
        refusedDue = false;
        closedDue = false;
        ending = false;
        shut = false;
        farewell = false;
        farewellUntil = NEVER;
        peerEnded = false;
        lost = false;
        closed = false;
        released = false;
        fresh = true;
        last = nowNanos;
        idleSince = nowNanos;
    }

    private void clear() {
        if (released) {
            return;
        }
        for (Stream stream = streams.first; stream != null;) {
            Stream following = stream.next;
            shared.release(stream);
            stream = following;
        }
        streams.clear();
        receiving.reset();
        sending.reset();
        decoder.reset();
        encoder.reset();
        controls.wipe();
    }

    /// Wipes what was dirtied and gives back what was lent; the memory is the caller's again. A later [#reset] makes the engine usable again.
    @Override
    public void close() {
        if (!released) {
            clear();
            ending = true;
            closed = true;
            released = true;
        }
    }

    @Override
    public String toString() {
        return "Http2Server[" + streams.count() + " streams" + (shut ? ", shut" : "") + (ending ? ", ending" : "") + (closed ? ", closed" : "")
                + ", " + refusal + "]";
    }
}
