package dev.coffer.server;

import dev.coffer.http.HttpEvent;
import dev.coffer.http.HttpServer;
import dev.coffer.http.http1.Http1Server;
import dev.coffer.http.http2.Http2Server;
import dev.coffer.memory.engine.Engine;
import dev.coffer.memory.engine.Passage;
import dev.coffer.memory.layout.HeapLayout;
import dev.coffer.server.drive.Kept;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The engine of a connection whose version shows itself: HTTP/2 by its preface (RFC 9113, section 3.4), which no request of HTTP/1.1
/// begins with, or as ALPN says. Both engines lie over the same memory; one of them is in use at a time. What has come before it is
/// known is the beginning of the preface, so it need not be kept.
final class HttpVersions implements Engine<HttpEvent> {
    private static final MemorySegment PREFACE = MemorySegment.ofArray(Http2Server.preface());

    private final Http1Server http1;
    private final @Nullable Http2Server http2;  // null where it is not spoken
    private @Nullable HttpServer chosen;  // null until it is known
    private int matched;                // octets of the preface that have come
    private long began;
    private long preface;               // when its first octet came
    private boolean passes;
    private @Nullable HttpConnection connection;  // hears that it is to end

    HttpVersions(Http1Server http1, @Nullable Http2Server http2) {
        this.http1 = http1;
        this.http2 = http2;
    }

    void of(HttpConnection whose) {
        connection = whose;
    }

    static long heapBytes() {
        return HeapLayout.instance(HttpVersions.class);
    }

    /// {@return the engine that is in use}
    HttpServer engine() {
        return chosen == null ? http1 : chosen;
    }

    /// {@return HTTP/2's engine where it is in use, else null}
    @Nullable
    Http2Server shared() {
        return isShared() ? http2 : null;
    }

    /// {@return whether it is known which version is spoken}
    boolean isKnown() {
        return chosen != null;
    }

    /// {@return whether exchanges share the connection}
    boolean isShared() {
        return chosen != null && chosen == http2;
    }

    /// The version was agreed on before the first octet.
    ///
    /// @param second  HTTP/2, where that is spoken
    void choose(boolean second) {
        if (second && http2 != null) {
            http1.close();
            http2.reset(began);
            chosen = http2;
        } else {
            chosen = http1;
        }
    }

    @Override
    public void reset(long nowNanos) {
        if (http2 != null) {
            http2.close();
        }
        http1.reset(nowNanos);
        chosen = http2 == null ? http1 : null;
        matched = 0;
        began = nowNanos;
        passes = false;
    }

    @Override
    public long feed(MemorySegment input, long at, long length, long nowNanos) {
        if (chosen != null) {
            return chosen.feed(input, at, length, nowNanos);
        }
        preface = matched == 0 ? nowNanos : preface;
        long compared = 0;
        while (compared < length && matched < PREFACE.byteSize()
                && input.get(ValueLayout.JAVA_BYTE, at + compared) == PREFACE.get(ValueLayout.JAVA_BYTE, matched)) {
            compared++;
            matched++;
        }
        if (compared == length && matched < PREFACE.byteSize()) {
            return length;
        }
        decide(matched == PREFACE.byteSize());
        return compared + engine().feed(input, at + compared, length - compared, nowNanos);
    }

    /// Hands what has come to its engine, as of when it came: what was begun does not begin anew.
    private void decide(boolean second) {
        choose(second);
        if (chosen == http1) {
            http1.allowPassages(passes);
            http1.ignoreStrangers();
        }
        if (matched > 0) {
            engine().feed(PREFACE, 0, matched, preface);
        }
    }

    @Override
    public long feedRoom() {
        return chosen != null ? chosen.feedRoom() : http1.feedRoom() - PREFACE.byteSize();
    }

    @Override
    public void feedEnd(long nowNanos) {
        if (chosen == null) {
            decide(false);
        }
        engine().feedEnd(nowNanos);
    }

    @Override
    public void disconnect(long nowNanos) {
        if (chosen == null) {
            decide(false);
        }
        engine().disconnect(nowNanos);
    }

    @Override
    public long pollOutput(MemorySegment output, long at, long length, long nowNanos) {
        return engine().pollOutput(output, at, length, nowNanos);
    }

    @Override
    public long outputBytesMin() {
        return http2 == null ? http1.outputBytesMin() : Math.max(http1.outputBytesMin(), http2.outputBytesMin());
    }

    @Override
    public void allowPassages(boolean allowed) {
        passes = allowed;
        engine().allowPassages(allowed);
    }

    @Override
    public @Nullable Passage passage() {
        return engine().passage();
    }

    @Override
    public void passed(long bytes, long nowNanos) {
        engine().passed(bytes, nowNanos);
    }

    @Override
    public void refusePassage(long nowNanos) {
        engine().refusePassage(nowNanos);
    }

    @Override
    public boolean isOutputEnded() {
        return engine().isOutputEnded();
    }

    @Override
    public @Nullable HttpEvent pollEvent() {
        return engine().pollEvent();
    }

    @Override
    public long deadlineNanos() {
        return engine().deadlineNanos();
    }

    @Override
    public void onDeadline(long nowNanos) {
        if (chosen == null && matched > 0 && http1.deadlineNanos() <= nowNanos) {
            decide(false);  // a head that was begun and not ended
        }
        engine().onDeadline(nowNanos);
    }

    /// Ends a connection that keeps its place in vain, for somebody who waits for one, see [HttpServer#giveWay]. What may yet become the
    /// preface has been a head of HTTP/1.1 for long enough.
    boolean giveWay(long nowNanos, long patienceNanos) {
        if (chosen == null && matched > 0 && nowNanos - preface >= patienceNanos) {
            decide(false);
        }
        return engine().giveWay(nowNanos, patienceNanos);
    }

    /// {@return HTTP/1.1's engine, chosen: a connection that became a tunnel goes on in it}
    Http1Server first() {
        choose(false);
        return http1;
    }

    /// Has a connection of HTTP/2 that was at rest go on.
    void goOn(Http2Resting resting, Kept kept) {
        choose(true);
        if (resting.resume(kept, Objects.requireNonNull(http2, "HTTP/2 is spoken"))) {
            shutdown(began);
        }
    }

    @Override
    public void shutdown(long nowNanos) {
        engine().shutdown(nowNanos);
        Objects.requireNonNull(connection, "whose versions they are").stopping();
    }

    @Override
    public boolean isEnded() {
        return engine().isEnded();
    }

    @Override
    public boolean isAtRest() {
        return (chosen != null || matched == 0) && engine().isAtRest();
    }

    @Override
    public void close() {
        http1.close();
        if (http2 != null) {
            http2.close();
        }
    }
}
