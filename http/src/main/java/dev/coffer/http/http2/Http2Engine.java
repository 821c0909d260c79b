package dev.coffer.http.http2;

import dev.coffer.http.HttpEvent;
import dev.coffer.http.Limits;
import dev.coffer.http.Refusal;
import dev.coffer.http.hpack.HpackDecoder;
import dev.coffer.http.hpack.HpackEncoder;
import dev.coffer.http.internal.Lifecycle;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.layout.BigEndian;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/// The driver's side of one HTTP/2 connection, in what a server and a client have in common: bytes in, frames out, events, time.
abstract sealed class Http2Engine extends StreamDesk permits Http2Server, Http2Client {
    static final long NEVER = Long.MAX_VALUE;

    final Http2Config config;
    final Limits limits;
    final Http2Streams shared;
    final Floods floods = new Floods();
    final Lifecycle life = new Lifecycle();
    final HpackDecoder decoder;
    final HpackEncoder encoder;
    final Controls controls;
    final HeadReception head;
    final Paces paces;
    final FrameReader reader;

    long base;                      // of stream numbers, another for each connection
    long last;                      // latest time that was told
    long idleSince;
    int windows;                    // that its streams are lent
    private long eventStream = -1;

    /// @param plan  of [Http2Config], of this side
    Http2Engine(Http2Config config, MemoryPlan plan, MemorySegment memory, long at, Http2Streams shared, boolean client) {
        if (at < 0 || plan.totalBytes() > memory.byteSize() - at) {
            throw new IllegalArgumentException("memory: " + memory.byteSize() + " bytes, engine wants " + plan.totalBytes() + " at " + at);
        }
        this.config = config;
        this.limits = config.limits();
        this.shared = shared;
        this.decoder = new HpackDecoder(memory, at + plan.offsetOf("decoder"), config.decoderTableBytes());
        this.encoder = new HpackEncoder(memory, at + plan.offsetOf("encoder"), config.encoderTableBytes());
        this.controls = new Controls(config, memory, at + plan.offsetOf("controls"), client);
        this.head = new HeadReception(decoder, memory, limits.headBytesMax());
        this.paces = new Paces(this);
        this.reader = new FrameReader(this, controls, !client);
    }

    abstract Receiving receiving();

    abstract Sending sending();

    /// {@return who hears of every frame, or null}
    @Nullable
    FrameTrace trace() {
        return null;
    }

    /// {@return the highest stream of the peer's that was taken: what GOAWAY says}
    abstract int lastTaken();

    /// {@return until when the peer is waited for, its content aside}
    abstract long waitUntil();

    /// That time is over.
    abstract void waitedTooLong(long now);

    /// Takes no more streams than are under way.
    abstract void retire();

    /// {@return whether what came whole is told before the connection counts as ended, though the peer has gone}
    abstract boolean tellsFirst();

    /// {@return whether nothing more is taken from the peer, nor waited for}
    final boolean isOver() {
        return life.isOver();
    }

    @Override
    public final long feed(MemorySegment input, long at, long length, long nowNanos) {
        if (length < 0 || at < 0 || length > input.byteSize() - at) {
            throw new IllegalArgumentException("feed: " + length + " bytes at " + at + " of " + input.byteSize());
        }
        tick(nowNanos);
        if (life.hasPeerEnded() && !isOver() && length > 0) {
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
    public final long feedRoom() {
        return NEVER;
    }

    /// The peer's end is the connection's: without the peer's windows and acknowledgements nothing goes on (RFC 9113 knows no half of one).
    @Override
    public final void feedEnd(long nowNanos) {
        tick(nowNanos);
        if (!life.hasPeerEnded()) {
            life.peer(Lifecycle.Peer.ENDED);
            ends(Refusal.TRUNCATED);
        }
    }

    @Override
    public final void disconnect(long nowNanos) {
        tick(nowNanos);
        if (!life.isLost()) {
            boolean ended = life.hasPeerEnded();
            life.peer(Lifecycle.Peer.LOST);
            if (!ended || life.isEnding()) {
                ends(Refusal.BROKEN);
            }
        }
    }

    private void ends(Refusal why) {
        if (life.isEnding() && !life.isLost()) {
            return;  // GOAWAY has yet to be written
        }
        exchanges().lingeredAll();
        if (!streams.isEmpty()) {
            life.blame(why);
        }
        exchanges().abandon(why);
        if (streams.isEmpty() || !tellsFirst()) {
            finish();
        }
    }

    /// A stream was given back.
    final void released() {
        if (streams.isEmpty()) {
            idleSince = last;
            if (life.hasPeerEnded() && (!life.isEnding() || life.isLost())) {  // a GOAWAY that has yet to go can, while there is a transport
                finish();
            }
        }
        finishIfDone();
    }

    @Override
    public final long pollOutput(MemorySegment output, long at, long length, long nowNanos) {
        if (length < 0 || at < 0 || length > output.byteSize() - at) {
            throw new IllegalArgumentException("pollOutput: " + length + " bytes at " + at + " of " + output.byteSize());
        }
        tick(nowNanos);
        if (isOutputEnded()) {
            return 0;
        }
        boolean first = controls.isFirstDue();
        long wrote = sending().poll(output, at, length, life.isEnding(), nowNanos);
        FrameTrace trace = trace();
        if (trace != null) {
            traceSent(trace, output, at + (first && wrote > 0 ? FrameReader.PREFACE.length() : 0), at + wrote);
        }
        if (life.isEnding() && !controls.isGoAwayDue()) {
            finish();
        } else {
            finishIfDone();
        }
        return wrote;
    }

    /// Frames are written whole.
    private static void traceSent(FrameTrace trace, MemorySegment output, long from, long to) {
        int length;
        for (long at = from; at < to; at += Frame.HEAD_BYTES + length) {
            length = BigEndian.u24(output, at);
            trace.frame(true, output.get(ValueLayout.JAVA_BYTE, at + 3) & 0xff, output.get(ValueLayout.JAVA_BYTE, at + 4) & 0xff,
                    BigEndian.i32(output, at + 5), length);
        }
    }

    @Override
    public final long outputBytesMin() {
        return config.outputBytesMin();
    }

    @Override
    public final @Nullable HttpEvent pollEvent() {
        for (Stream stream = streams.firstReady(); stream != null; stream = streams.firstReady()) {
            HttpEvent event = exchanges().due(stream);
            if (event != null) {
                eventStream = stream.number;
                exchanges().told(stream, event);
                return event;
            }
            streams.unready(stream);
        }
        eventStream = -1;
        return life.takeRefused() ? HttpEvent.REFUSED : life.takeClosed() ? HttpEvent.CLOSED : null;
    }

    @Override
    public final long stream() {
        return eventStream;
    }

    final void tick(long now) {
        if (life.isReleased()) {
            throw new IllegalStateException("engine: closed, or never reset");
        }
        long elapsed = now - last;
        if (elapsed > 0) {
            paces.excuse(elapsed);
            last = now;
        }
    }

    @Override
    public final long deadlineNanos() {
        if (isOver()) {
            return NEVER;  // where GOAWAY cannot be written, the time is the driver's
        }
        return Math.min(waitUntil(), paces.deadlineNanos(last));
    }

    @Override
    public final void onDeadline(long nowNanos) {
        tick(nowNanos);
        if (isOver()) {
            return;
        }
        paces.onDeadline(nowNanos);
        if (!isOver() && waitUntil() <= nowNanos) {  // else by a reset too many
            waitedTooLong(nowNanos);
        }
    }

    @Override
    public final void shutdown(long nowNanos) {
        tick(nowNanos);
        retire();
    }

    final void finishIfDone() {
        if (life.isShut() && !isOver() && streams.isEmpty() && !controls.isGoAwayDue() && !controls.isResetDue() && !head.isOpen()) {
            finish();
        }
    }

    /// Ends the connection by GOAWAY.
    final void fail(ErrorCode code, Refusal why) {
        if (isOver()) {
            return;
        }
        life.fail();
        life.blame(why);
        controls.goAway(lastTaken(), code);
        exchanges().abandon(why);
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
        base += 1L << Integer.SIZE;
        decoder.reset();
        encoder.reset();
        controls.reset();
        receiving().reset();
        sending().reset();
        reader.reset();
        floods.reset(nowNanos);
        life.begin();
        eventStream = -1;
        last = nowNanos;
        idleSince = nowNanos;
    }

    private void clear() {
        if (life.isReleased()) {
            return;
        }
        for (Stream stream = streams.first; stream != null;) {
            Stream following = stream.next;
            shared.release(stream);
            stream = following;
        }
        streams.clear();
        windows = 0;
        receiving().reset();
        sending().reset();
        decoder.reset();
        encoder.reset();
        controls.wipe();
    }

    /// Wipes what was dirtied and gives back what was lent; the memory is the caller's again. A later [#reset] makes the engine usable again.
    @Override
    public final void close() {
        if (!life.isReleased()) {
            clear();
            life.release();
        }
    }

    @Override
    public String toString() {
        return getClass().getSimpleName() + "[" + streams.count() + " streams, " + life + "]";
    }
}
