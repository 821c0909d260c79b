package dev.coffer.client;

import dev.coffer.http.HttpClient;
import dev.coffer.http.HttpEvent;
import dev.coffer.memory.engine.Engine;
import dev.coffer.memory.layout.HeapLayout;
import dev.coffer.server.drive.Protocol;
import dev.coffer.server.drive.Transport;
import dev.coffer.tls.ClientContext;
import dev.coffer.tls.TlsClient;
import dev.coffer.tls.TlsConnection;
import java.lang.foreign.MemorySegment;

/// HTTP on one connection while it carries a call: brings the engine's events to it. Lent with its engine; see [ClientLane]. In
/// HTTP/1.1 there is one call at a time.
final class ClientConnection implements Protocol, TlsConnection.Carrier<HttpEvent> {
    private final ClientLane lane;
    private final HttpClient engine;
    private final TlsClient<HttpEvent> tls;  // null where the client does not speak it
    private final MemorySegment output;
    private final long outputAt;
    private final int outputBytes;

    private Transport transport;
    private Seat seat;
    private Call call;                  // null when its end was told
    private boolean secure;             // TLS is spoken: for one call, after which the connection ends
    private boolean left;               // it was told to end after its call
    private boolean carried;            // the engine has begun: at once, or after the handshake

    /// @param output  `outputBytes` at `outputAt`, zero
    ClientConnection(ClientLane lane, HttpClient engine, ClientContext context, int index, MemorySegment output, long outputAt,
            int outputBytes) {
        this.lane = lane;
        this.engine = engine;
        this.tls = context == null ? null : new TlsClient<>(context, index, this);
        this.output = output;
        this.outputAt = outputAt;
        this.outputBytes = outputBytes;
    }

    /// {@return bytes of the object, beside the engine's}
    static long heapBytes() {
        return HeapLayout.instance(ClientConnection.class);
    }

    /// {@return bytes of what TLS adds to it}
    static long tlsHeapBytes() {
        return TlsClient.heapBytes();
    }

    /// Is to carry a call, from [#begin] on.
    void give(Call newCall, Seat newSeat) {
        call = newCall;
        seat = newSeat;
        secure = newSeat.pool.origin.isSecure();
        if (secure) {
            tls.to(newSeat.pool.origin.host());
        }
    }

    @Override
    public Engine<?> engine() {
        return secure ? tls : engine;
    }

    /// {@return what speaks HTTP}
    HttpClient http() {
        return engine;
    }

    /// The handshake is done.
    @Override
    public Engine<HttpEvent> carry(TlsConnection<HttpEvent> of, long nowNanos) {
        engine.reset(nowNanos);
        carried = true;
        call.send(this);
        return engine;
    }

    void turnSoon() {
        if (transport != null) {
            transport.turnSoon();
        }
    }

    @Override
    public void begin(Transport newTransport) {
        transport = newTransport;
        call.connect(this);
        carried = !secure;
        if (carried) {
            call.send(this);
        }
    }

    @Override
    public boolean event(long nowNanos) {
        if (!carried) {
            return isRefused();
        }
        HttpEvent event = engine.pollEvent();
        if (event == null) {
            return isLeft(nowNanos);
        }
        if (call == null || !call.is(engine.stream())) {
            return true;  // REFUSED and CLOSED: the engine is asked
        }
        switch (event) {
            case INFORMATION -> call.information();
            case RESPONSE -> call.head();
            case DATA -> call.data();
            case TRAILERS -> call.trailers();
            case END -> {
                if (call.answered()) {
                    over(null);
                }
            }
            case SENT -> {
                if (call.sent()) {
                    over(null);
                }
            }
            case ABORTED -> aborted();
            default -> {}
        }
        return true;
    }

    /// {@return whether the handshake has come to nothing, which is told now}
    private boolean isRefused() {
        if (call == null || !tls.isEnded()) {
            return false;
        }
        over(call.givenUp() != null ? call.givenUp() : refusal());
        return true;
    }

    /// The call is given up before its handshake is done.
    void leave() {
        tls.shutdown(lane.nowNanos());
    }

    private Failure refusal() {
        if (tls.alertSent() == null && tls.alertReceived() == null) {
            return Failure.BROKEN;
        }
        return tls.alertSent() == null ? Failure.HANDSHAKE : switch (tls.alertSent()) {
            case BAD_CERTIFICATE, UNKNOWN_CA, CERTIFICATE_EXPIRED, CERTIFICATE_UNKNOWN, CERTIFICATE_REVOKED, UNSUPPORTED_CERTIFICATE ->
                Failure.UNTRUSTED;
            default -> Failure.HANDSHAKE;
        };
    }

    /// {@return whether a connection of TLS that has carried its call ends now: its keys are not kept for another one}
    private boolean isLeft(long nowNanos) {
        if (!secure || call != null || tls.isOutputEnded() || left) {
            return false;
        }
        left = true;
        tls.shutdown(nowNanos);
        return true;
    }

    private void aborted() {
        Failure why = call.aborted(engine.refusal());
        if (why != null) {
            transport.cut();
        }
        over(why);
    }

    /// The call's exchange has ended.
    private void over(Failure why) {
        Call ended = call;
        call = null;
        boolean unheard = why != null && why.isDeath() && seat.uses > 0 && !lane.isStopped() && carried && engine.isUnheard(engine.stream());
        if (unheard && ended.repeats()) {
            lane.repeat(ended, seat.pool);
        } else {
            ended.finish(why != null && lane.isStopped() && why.isDeath() ? Failure.STOPPED : why);
        }
    }

    @Override
    public boolean failed(Throwable thrown) {
        if (call == null) {
            lane.thrown(thrown);
            return false;
        }
        call.failed(thrown);
        return true;
    }

    /// An engine that could ask again holds nothing of the last exchange. Whether it rests is not its own to say: it is we who ask.
    @Override
    public boolean isAtRest() {
        return !secure && call == null && engine.canRequest();
    }

    @Override
    public boolean isBusy() {
        return call != null;
    }

    @Override
    public boolean lingers() {
        return secure && tls.alertSent() != null && tls.alertSent().isFatal();  // a server that still speaks is to hear why
    }

    /// Where the connection was ended below the engine, what has come is told first, then that it was cut.
    @Override
    public void end() {
        if (call != null && !carried) {
            over(lane.isStopped() ? Failure.STOPPED : call.givenUp() != null ? call.givenUp() : refusal());
        } else if (call != null) {
            engine.disconnect(lane.nowNanos());
            while (call != null && event(lane.nowNanos())) {
                // all that has come
            }
            if (call != null) {  // its sink holds content back
                Failure why = call.aborted(engine.refusal());
                Call ended = call;
                call = null;
                ended.finish(lane.isStopped() ? Failure.STOPPED : why);
            }
        }
        engine.close();
        if (secure) {
            tls.close();
        }
        transport = null;
        seat = null;
        secure = false;
        carried = false;
        left = false;
    }

    @Override
    public MemorySegment output() {
        return output;
    }

    @Override
    public long outputAt() {
        return outputAt;
    }

    @Override
    public int outputBytes() {
        return outputBytes;
    }
}
