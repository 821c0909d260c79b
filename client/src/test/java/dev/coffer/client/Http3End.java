package dev.coffer.client;

import dev.coffer.http.HttpEngine;
import dev.coffer.http.HttpEvent;
import dev.coffer.http.http3.Http3Client;
import dev.coffer.http.http3.Http3Server;
import dev.coffer.memory.engine.DatagramEngine;
import dev.coffer.memory.engine.StreamTransport;
import dev.coffer.quic.QuicConnection;
import dev.coffer.quic.QuicEvent;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;
import java.util.function.LongPredicate;

/// One end of HTTP/3 over QUIC: both engines under one outline, as whoever drives them has to turn them.
final class Http3End implements DatagramEngine<HttpEvent> {
    final QuicConnection quic;
    private final HttpEngine http;
    private final LongPredicate advance;
    private final Consumer<StreamTransport> attach;
    private boolean attached;
    private long now;

    private Http3End(QuicConnection quic, HttpEngine http, LongPredicate advance, Consumer<StreamTransport> attach) {
        this.quic = quic;
        this.http = http;
        this.advance = advance;
        this.attach = attach;
    }

    static Http3End of(QuicConnection quic, Http3Client http) {
        return new Http3End(quic, http, http::advance, http::attach);
    }

    static Http3End of(QuicConnection quic, Http3Server http) {
        return new Http3End(quic, http, http::advance, http::attach);
    }

    @Override
    public void feed(MemorySegment input, long at, long length, MemorySegment header, long headerAt, long nowNanos) {
        now = nowNanos;
        quic.feed(input, at, length, header, headerAt, nowNanos);
    }

    @Override
    public int feedBytesMax() {
        return quic.feedBytesMax();
    }

    @Override
    public long pollOutput(MemorySegment output, long at, long length, MemorySegment header, long headerAt, long nowNanos) {
        now = nowNanos;
        hear();
        while (isSpoken() && advance.test(now)) {
            // until nothing more comes of it
        }
        return quic.pollOutput(output, at, length, header, headerAt, nowNanos);
    }

    private boolean isSpoken() {
        return attached && !http.isEnded();
    }

    private void hear() {
        for (QuicEvent event; (event = quic.pollEvent()) != null;) {
            if (event == QuicEvent.CONNECTED) {
                attached = true;
                attach.accept(quic);
            } else if (event == QuicEvent.CLOSED) {
                http.disconnect(now);
            }
        }
    }

    @Override
    public int outputBytesMin() {
        return quic.outputBytesMin();
    }

    @Override
    public HttpEvent pollEvent() {
        hear();
        return http.pollEvent();
    }

    @Override
    public long deadlineNanos() {
        return Math.min(quic.deadlineNanos(), attached && quic.isConnected() ? http.deadlineNanos() : Long.MAX_VALUE);
    }

    @Override
    public void onDeadline(long nowNanos) {
        now = nowNanos;
        quic.onDeadline(nowNanos);
        if (attached && quic.isConnected()) {
            http.onDeadline(nowNanos);
        }
    }

    @Override
    public void shutdown(long nowNanos) {
        now = nowNanos;
        http.shutdown(nowNanos);
    }

    @Override
    public boolean isEnded() {
        return quic.isEnded();
    }

    @Override
    public void reset(long nowNanos) {
        now = nowNanos;
        attached = false;
        quic.reset(nowNanos);
        http.reset(nowNanos);
    }

    @Override
    public void close() {
        http.close();
        quic.close();
    }

    @Override
    public String toString() {
        return quic + " " + http;
    }
}
