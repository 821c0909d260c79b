package dev.coffer.http.http1;

import dev.coffer.http.DateField;
import dev.coffer.http.Fields;
import dev.coffer.http.HttpEngine;
import dev.coffer.http.HttpEvent;
import dev.coffer.http.Limits;
import dev.coffer.http.Refusal;
import dev.coffer.http.internal.Pace;
import dev.coffer.memory.engine.Passage;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// What both sides of an HTTP/1.1 connection share: one receiver, one sender, one exchange at a time, and the clock of
/// each wait. Package-private on purpose: users see [Http1Server] and [Http1Client].
abstract sealed class Http1Engine implements HttpEngine permits Http1Server, Http1Client {
    private static final HttpEvent[] EVENTS = HttpEvent.values();
    static final long NEVER = Long.MAX_VALUE;

    final Http1Config config;
    final Limits limits;
    final MemorySegment memory;
    final FieldTable trailers;
    final Receiver receiver;
    final Sender sender;
    private final Pace receivePace;
    private final Pace sendPace;

    int pending;            // one bit for each event to tell, told in the order of HttpEvent
    long stream = -1;       // of the open exchange, or the last one; goes on over resets: a stale one stays stale
    boolean fresh;          // no exchange yet on this connection
    boolean open;           // the application has an exchange
    boolean skipping;       // content is no longer told but passed by
    boolean ending;         // input is discarded; CLOSED follows when the output is written
    boolean shut;           // no exchange after this one
    boolean peerEnded;      // nothing will come any more
    boolean lost;           // nothing can be written any more either
    Refusal refusal = Refusal.NONE;
    private boolean closed;      // CLOSED is pending or told
    private boolean released = true;  // not yet reset, or close() was called
    private long eventStream = -1;
    long last;                   // latest time that was told
    private boolean receiveExcused;  // at `last`, content waited for the application
    private boolean sendExcused;     // at `last`, the source had nothing
    long waitDeadline = NEVER;   // of a head, or of the idle time

    Http1Engine(Http1Config config, MemorySegment memory, long at, @Nullable DateField date, boolean isServer) {
        long bytes = (long) config.inputBytes() + config.fieldBytes();
        if (at < 0 || bytes > memory.byteSize() - at) {
            throw new IllegalArgumentException("memory: " + memory.byteSize() + " bytes, engine wants " + bytes + " at "
                    + at);
        }
        this.config = config;
        this.limits = config.limits();
        this.memory = memory;
        long fieldsAt = at + config.inputBytes();
        int fields = limits.fieldsMax();
        this.trailers = new FieldTable(memory, fieldsAt, fields);
        ReceivedHead head = isServer ? new ReceivedRequest(memory, fieldsAt, fields)
                : new ReceivedResponse(memory, fieldsAt, fields);
        this.receiver = new Receiver(memory, at, config, head, trailers);
        this.sender = new Sender(date, config.sentHeadBytesMax(), isServer);
        this.receivePace = new Pace(limits);
        this.sendPace = new Pace(limits);
    }

    @Override
    public final long feed(MemorySegment input, long at, long length, long nowNanos) {
        if (length < 0 || at < 0 || length > input.byteSize() - at) {
            throw new IllegalArgumentException("feed: " + length + " bytes at " + at + " of " + input.byteSize());
        }
        tick(nowNanos);
        if (peerEnded && !ending && length > 0) {
            throw new IllegalStateException("feed: " + length + " bytes after the end");
        }
        long taken = 0;
        while (taken < length && !ending) {
            long bytes = receiver.feed(input, at + taken, length - taken);
            if (bytes == 0) {
                break;
            }
            taken += bytes;
            receivePace.passed(bytes, nowNanos);
            advance();
        }
        settle(nowNanos);
        return ending ? length : taken;  // after the end, what still comes is discarded
    }

    @Override
    public final long feedRoom() {
        return ending ? Long.MAX_VALUE : receiver.room();
    }

    @Override
    public final boolean isHolding() {
        return !ending && receiver.isHolding();
    }

    @Override
    public final void feedEnd(long nowNanos) {
        tick(nowNanos);
        if (!peerEnded) {
            peerEnded = true;
            receiver.feedEnd();
            advance();  // what has come is told first, then its end
        }
        settle(nowNanos);
    }

    @Override
    public final void disconnect(long nowNanos) {
        tick(nowNanos);
        if (!lost) {
            lost = true;
            peerEnded = true;  // the receiver is not told: content until the end was not ended but cut
            if (ending) {
                finish();
            } else {
                disconnected();
            }
        }
        settle(nowNanos);
    }

    @Override
    public final long pollOutput(MemorySegment output, long at, long length, long nowNanos) {
        if (length < 0 || at < 0 || length > output.byteSize() - at) {
            throw new IllegalArgumentException("pollOutput: " + length + " bytes at " + at + " of "
                    + output.byteSize());
        }
        tick(nowNanos);
        long wrote = isOutputEnded() ? 0 : sender.poll(output, at, length);
        sendPace.passed(wrote, nowNanos);
        if (!closed && (sender.isSent() || sender.isFailed())) {
            written();
        }
        settle(nowNanos);
        return wrote;
    }

    @Override
    public final void allowPassages(boolean allowed) {
        sender.allowPassages(allowed);
    }

    @Override
    public final @Nullable Passage passage() {
        return isOutputEnded() ? null : sender.passage();
    }

    @Override
    public final void passed(long bytes, long nowNanos) {
        requirePassage();
        tick(nowNanos);
        sender.passed(bytes);
        sendPace.passed(bytes, nowNanos);
        if (sender.isSent()) {
            written();
        }
        settle(nowNanos);
    }

    @Override
    public final void refusePassage(long nowNanos) {
        requirePassage();
        tick(nowNanos);
        sender.refusePassage();
        settle(nowNanos);
    }

    private void requirePassage() {
        if (passage() == null) {
            throw new IllegalStateException("passage: there is none");
        }
    }

    @Override
    public final @Nullable HttpEvent pollEvent() {
        advance();
        if (pending == 0) {
            return null;
        }
        int ordinal = Integer.numberOfTrailingZeros(pending);
        pending &= pending - 1;
        HttpEvent event = EVENTS[ordinal];
        eventStream = ordinal >= HttpEvent.REFUSED.ordinal() ? -1 : stream;
        told(event);
        return event;
    }

    @Override
    public final long stream() {
        return eventStream;
    }

    @Override
    public final long deadlineNanos() {
        settle(last);      // events told since the last call may have begun or ended a wait
        return closed ? NEVER : Math.min(waitDeadline, Math.min(receiveExcused ? NEVER : receivePace.deadlineNanos(),
                sendExcused ? NEVER : sendPace.deadlineNanos()));
    }

    @Override
    public final void onDeadline(long nowNanos) {
        tick(nowNanos);
        settle(nowNanos);
        if (!closed) {
            if (sendPace.deadlineNanos() <= nowNanos && !sendExcused) {
                cut(Refusal.READS_TOO_SLOWLY);
            } else if (!ending && receivePace.deadlineNanos() <= nowNanos && !receiveExcused) {
                tooSlow();
            } else if (waitDeadline <= nowNanos) {
                waitedTooLong();
            }
        }
        settle(nowNanos);
    }

    /// Parses what has come, as far as the application has kept up; sets bits of `pending`.
    abstract void advance();

    /// The sender is done, or its source failed.
    abstract void written();

    /// `event` is being told.
    abstract void told(HttpEvent event);

    /// Nothing comes or goes any more, and that was not known before.
    abstract void disconnected();

    /// Content came too slowly.
    abstract void tooSlow();

    /// `waitDeadline` has passed.
    abstract void waitedTooLong();

    /// {@return when the wait for a head, or for anything, ends, given that nothing has changed since `now`}
    abstract long waitUntil(long now);

    /// {@return whether content is awaited from the peer, so that its pace counts}
    abstract boolean awaitsContent();

    /// {@return whether content waits for the application and not for the peer}
    abstract boolean holdsContent();

    final void tick(long now) {
        if (released) {
            throw new IllegalStateException("engine: closed, or never reset");
        }
        long elapsed = now - last;
        if (elapsed > 0) {
            if (receiveExcused) {
                receivePace.excuse(elapsed);
            }
            if (sendExcused) {
                sendPace.excuse(elapsed);
            }
            last = now;
        }
    }

    /// Sets the clocks by the state that a call leaves.
    final void settle(long now) {
        receiveExcused = holdsContent();
        sendExcused = sender.isBlocked();
        if (!awaitsContent()) {
            receivePace.stop();
        } else if (!receivePace.isRunning()) {
            receivePace.start(now);
        }
        if (isOutputEnded() || !sender.isPending() && !sender.isBlocked()) {
            sendPace.stop();
        } else if (!sendPace.isRunning()) {
            sendPace.start(now);
        }
        waitDeadline = closed ? NEVER : waitUntil(now);
    }

    /// Tells `event` in its turn.
    final void tell(HttpEvent event) {
        pending |= 1 << event.ordinal();
    }

    final boolean isPending(HttpEvent event) {
        return (pending & 1 << event.ordinal()) != 0;
    }

    final void untell(HttpEvent event) {
        pending &= ~(1 << event.ordinal());
    }

    /// Nothing more of the peer's message is told.
    final void untellContent() {
        untell(HttpEvent.DATA);
        untell(HttpEvent.TRAILERS);
        untell(HttpEvent.END);
    }

    /// Ends the connection at once, without another byte.
    final void cut(Refusal why) {
        if (closed) {
            return;
        }
        blame(why);
        abandon();
        sender.fail();
        finish();
    }

    /// Remembers the first reason and tells it, unless it is one of our own.
    final void blame(Refusal why) {
        if (refusal == Refusal.NONE && why != Refusal.NONE) {
            refusal = why;
            if (why != Refusal.LOCAL) {
                tell(HttpEvent.REFUSED);
            }
        }
    }

    /// Takes the exchange from the application: ABORTED, unless it never heard of it or has heard the end.
    abstract void abandon();

    /// Nothing more: CLOSED.
    final void finish() {
        ending = true;
        if (!closed) {
            closed = true;
            tell(HttpEvent.CLOSED);
        }
    }

    @Override
    public final boolean isEnded() {
        return closed;
    }

    @Override
    public final boolean isOutputEnded() {
        return closed || lost;
    }

    @Override
    public final void shutdown(long nowNanos) {
        tick(nowNanos);
        shut = true;
        retire();
        settle(nowNanos);
    }

    /// No exchange after the one that runs.
    abstract void retire();

    @Override
    public final long outputBytesMin() {
        return config.sentHeadBytesMax();
    }

    final void check(long wanted) {
        if (wanted != stream || !open) {
            throw new IllegalArgumentException("stream " + wanted + ": not open (the last one is " + stream + ")");
        }
    }

    @Override
    public final MemorySegment dataSegment(long wanted) {
        check(wanted);
        return memory;
    }

    @Override
    public final long dataAt(long wanted) {
        check(wanted);
        return receiver.dataAt();
    }

    @Override
    public final long dataLength(long wanted) {
        check(wanted);
        return receiver.dataLength();
    }

    @Override
    public final void consume(long wanted, long bytes) {
        check(wanted);
        if (bytes < 0 || bytes > receiver.dataLength()) {
            throw new IllegalArgumentException("consume: " + bytes + " bytes (expected 0.." + receiver.dataLength()
                    + ")");
        }
        receiver.consume((int) bytes);
        if (receiver.dataLength() == 0) {
            untell(HttpEvent.DATA);
        }
    }

    @Override
    public final void discard(long wanted) {
        check(wanted);
        skip();
    }

    /// Passes by what is shown and what is still to come.
    final void skip() {
        skipping = true;
        untellContent();
        receiver.consume(receiver.dataLength());
    }

    @Override
    public final Fields trailers(long wanted) {
        check(wanted);
        return trailers;
    }

    @Override
    public final void resume(long wanted) {
        check(wanted);
        sender.resume();
    }

    @Override
    public final void abort(long wanted) {
        check(wanted);
        cut(Refusal.LOCAL);
    }

    @Override
    public final Refusal refusal() {
        return refusal;
    }

    @Override
    public void reset(long nowNanos) {
        if (!released) {  // else both are as new
            receiver.reset();
            sender.reset();
        }
        sender.allowPassages(false);
        receivePace.stop();
        sendPace.stop();
        pending = 0;
        fresh = true;
        eventStream = -1;
        open = false;
        skipping = false;
        ending = false;
        shut = false;
        peerEnded = false;
        lost = false;
        closed = false;
        released = false;
        receiveExcused = false;
        sendExcused = false;
        refusal = Refusal.NONE;
        last = nowNanos;
        waitDeadline = waitUntil(nowNanos);
    }

    /// Wipes what was dirtied; the memory is the caller's again. A later [#reset] makes the engine usable again.
    @Override
    public final void close() {
        if (!released) {
            receiver.reset();
            sender.reset();
            pending = 0;
            open = false;
            ending = true;
            closed = true;
            released = true;
        }
    }

    @Override
    public final String toString() {
        return getClass().getSimpleName() + "[stream " + stream + (open ? ", open" : "") + (ending ? ", ending" : "")
                + (closed ? ", closed" : "") + ", " + refusal + "]";
    }
}
