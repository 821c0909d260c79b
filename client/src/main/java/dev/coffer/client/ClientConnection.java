package dev.coffer.client;

import dev.coffer.http.HttpClient;
import dev.coffer.http.HttpEvent;
import dev.coffer.http.Refusal;
import dev.coffer.http.http1.Http1Client;
import dev.coffer.http.http2.Http2Client;
import dev.coffer.memory.engine.Engine;
import dev.coffer.memory.layout.HeapLayout;
import dev.coffer.server.drive.OwnOutput;
import dev.coffer.server.drive.Protocol;
import dev.coffer.server.drive.Transport;
import dev.coffer.tls.ClientContext;
import dev.coffer.tls.Alert;
import dev.coffer.tls.TlsClient;
import dev.coffer.tls.TlsConnection;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// HTTP on one connection while it carries calls: brings the engine's events to them. Lent with its engines, of which one is used at a time;
/// see [ClientLane]. In HTTP/1.1 there is one call at a time, and the connection rests between two; in HTTP/2 there are any number, and it is
/// lent until the connection ends.
final class ClientConnection implements Protocol, TlsConnection.Carrier<HttpEvent> {
    private static final String HTTP_2 = "h2";
    private static final String HTTP_1_1 = "http/1.1";

    private final ClientLane lane;
    private final Http1Client http1;
    private final @Nullable Http2Client http2;  // null where it is not spoken
    private final @Nullable TlsClient<HttpEvent> tls;  // null where the client does not speak it
    private final OwnOutput output;

    private HttpClient engine;          // of the two, the one that is in use
    private @Nullable Transport transport;
    private @Nullable Seat seat;
    private @Nullable Call first;       // of those on the wire, a list
    private @Nullable Call pulling;     // whose request was asked last
    private boolean orphaned;           // that call has ended since: what its request throws may come after it
    private boolean secure;             // TLS is spoken: in HTTP/1.1 for one call, after which the connection ends
    private boolean left;               // it was told to end after its call
    private boolean carried;            // the engine has begun: at once, or after the handshake
    private boolean early;              // it has begun, and who the server is has yet to be proven
    private boolean settled;            // the lane knows what is spoken, and how much at a time

    /// @param http2   null for none
    ClientConnection(ClientLane lane, Http1Client http1, @Nullable Http2Client http2, @Nullable ClientContext context, int index,
            OwnOutput output) {
        this.lane = lane;
        this.http1 = http1;
        this.http2 = http2;
        this.engine = http1;
        this.tls = context == null ? null : new TlsClient<>(context, index, this);
        this.output = output;
        if (http2 != null) {
            http2.trace(lane.trace());
        }
    }

    private Transport transport() {
        return Objects.requireNonNull(transport, "begun");
    }

    private Seat seat() {
        return Objects.requireNonNull(seat, "given");
    }

    private Call first() {
        return Objects.requireNonNull(first, "under way");
    }

    private Http2Client http2() {
        return Objects.requireNonNull(http2, "HTTP/2 is spoken");
    }

    private TlsClient<HttpEvent> tls() {
        return Objects.requireNonNull(tls, "TLS is spoken");
    }

    /// {@return bytes of the object, beside the engines'}
    static long heapBytes() {
        return HeapLayout.instance(ClientConnection.class) + OwnOutput.heapBytes();
    }

    /// {@return bytes of what TLS adds to it}
    static long tlsHeapBytes() {
        return TlsClient.heapBytes();
    }

    /// Is to carry a call, from [#begin] on.
    void give(Call call, Seat newSeat) {
        seat = newSeat;
        secure = newSeat.pool().origin().isSecure();
        if (secure) {
            tls().to(newSeat.pool().origin().host()).early(lane.saysEarly() && call.mayBeEarly())
                    .offering(newSeat.pool().isOfFirst() ? HTTP_1_1 : null);
        }
        engine = lane.isHttp2Alone() ? http2() : http1;
        first = call;
        call.beside = null;
    }

    /// Carries another call beside those that it has, or after those that it had.
    void add(Call call) {
        call.beside = first;
        first = call;
        call.connect(this);
        call.send(this, false);
        transport().turnSoon();
    }

    @Override
    public Engine<?> engine() {
        return secure ? tls() : engine;
    }

    /// {@return what speaks HTTP}
    HttpClient http() {
        return engine;
    }

    /// {@return whether another call can be added}
    boolean takesMore() {
        return carried && !early && isShared() && engine.canRequest();
    }

    /// {@return whether only another connection would carry more}
    boolean isFull() {
        return settled && !engine.canRequest() && lane.hasStream();
    }

    private boolean isShared() {
        return engine == http2;
    }

    /// The handshake is done, and has agreed on a version; or something may go with the hello, in the version of the session that is resumed.
    @Override
    public @Nullable Engine<HttpEvent> carry(TlsConnection<HttpEvent> of, long nowNanos) {
        boolean second = http2 != null && HTTP_2.equals(of.protocol());
        boolean none = lane.isHttp2Alone() && !second;
        if (none && of.isEarly()) {
            return null;  // what the server speaks now is not known yet
        }
        engine = second ? http2() : http1;
        engine.reset(nowNanos);
        carried = true;
        early = of.isEarly();
        if (early) {
            lane.statistics().add(Client.Count.EARLY);
        } else {
            trace();
        }
        if (none) {
            Call refused = first();
            first = null;
            refused.finish(Failure.NO_HTTP2);
        } else {
            sendFirst();
        }
        return engine;
    }

    private void trace() {
        ClientTrace trace = lane.trace();
        if (trace != null) {
            String beneath = secure ? "TLS 1.3, " + tls().suite() + (tls().isResumed() ? ", resumed" : "")
                    + (tls().isEarlyTaken() ? ", early data taken" : "") : null;
            trace.carries(seat().pool().origin(), isShared() ? 20 : 11, beneath);
        }
    }

    private void sendFirst() {
        if (isShared()) {
            http2().secure(secure);
            lane.seating().shared(seat());
        } else {
            settle();
        }
        if (engine.canRequest()) {
            first().send(this, early);
        } else {  // others have taken the last stream's place since
            Call waits = first();
            first = null;
            lane.seating().waitsAgain(waits, seat().pool());
        }
    }

    private void settle() {
        if (!settled) {
            settled = true;
            lane.seating().settled(seat(), isShared());
        }
    }

    void turnSoon() {
        if (transport != null) {
            transport.turnSoon();
        }
    }

    /// A call's request is asked for what it sends.
    void pulls(Call call) {
        pulling = call;
        orphaned = false;
    }

    @Override
    public void begin(Transport newTransport) {
        transport = newTransport;
        first().connect(this);
        carried = !secure;
        if (carried) {
            trace();
            sendFirst();
        }
    }

    @Override
    public boolean event(long nowNanos) {
        if (!carried) {
            return isRefused();
        }
        if (early && isProven()) {
            early = false;
            trace();
            lane.seating().changed();
        }
        HttpEvent event = engine.pollEvent();
        if (event == null) {
            if (isShared()) {
                look();
            }
            return isLeft(nowNanos);
        }
        Call call = of(engine.stream());
        if (call == null) {
            return true;  // REFUSED and CLOSED: the engine is asked
        }
        switch (event) {
            case INFORMATION -> call.information();
            case RESPONSE -> call.head();
            case DATA -> call.data();
            case TRAILERS -> call.trailers();
            case END -> {
                if (call.answered()) {
                    over(call, null);
                }
            }
            case SENT -> {
                if (call.sent()) {
                    over(call, null);
                }
            }
            case ABORTED -> aborted(call);
            default -> {}
        }
        return true;
    }

    /// More calls may be taken than a moment ago: the server's settings have come, or one has ended.
    private void look() {
        if (!settled && http2().isSettled()) {
            settle();
        }
        if (seat().pool().first() != null && engine.canRequest()) {
            lane.seating().changed();
        }
    }

    private @Nullable Call of(long stream) {
        Call call = first;
        while (call != null && !call.is(stream)) {
            call = call.beside;
        }
        return call;
    }

    /// {@return whether the handshake was done, whatever came then}
    private boolean isProven() {
        return tls().group() != null;
    }

    /// {@return whether the handshake has come to nothing, which is told now}
    private boolean isRefused() {
        if (first == null || !tls().isEnded()) {
            return false;
        }
        over(first, whyRefused(first));
        return true;
    }

    /// The call is given up before its handshake is done.
    void leave() {
        tls().shutdown(lane.nowNanos());
    }

    private Failure whyRefused(Call call) {
        Failure why = call.givenUp();
        return why != null ? why : refusal();
    }

    private Failure refusal() {
        Alert sent = tls().alertSent();
        if (sent == null) {
            return tls().alertReceived() == null ? Failure.BROKEN : Failure.HANDSHAKE;
        }
        return switch (sent) {
            case BAD_CERTIFICATE, UNKNOWN_CA, CERTIFICATE_EXPIRED, CERTIFICATE_UNKNOWN, CERTIFICATE_REVOKED, UNSUPPORTED_CERTIFICATE ->
                Failure.UNTRUSTED;
            default -> Failure.HANDSHAKE;
        };
    }

    /// {@return whether a connection of TLS that has carried its call ends now: its keys are not kept for another one}
    private boolean isLeft(long nowNanos) {
        if (!secure || isShared() || first != null || tls().isOutputEnded() || left) {
            return false;
        }
        left = true;
        tls().shutdown(nowNanos);
        return true;
    }

    private void aborted(Call call) {
        Failure why = call.aborted(engine.refusal());
        if (why != null && !isShared()) {  // else one of many, and the connection goes on
            transport().cut();
        }
        over(call, why);
    }

    /// A call's exchange has ended.
    private void over(Call ended, @Nullable Failure why) {
        boolean died = why != null && why.isDeath();
        boolean unheard = died && seat().uses > 0 && carried && engine.isUnheard(engine.stream());
        boolean unproven = died && early && !isProven();
        Failure told = unproven ? refusal() : why;
        boolean again = !lane.isStopped() && (unproven ? told != Failure.UNTRUSTED && ended.repeatsLate() : isSentAgain(ended, told, unheard));
        remove(ended, died);
        if (again) {
            lane.seating().repeat(ended, seat().pool(), unheard);
        } else {
            ended.finish(lane.isStopped() && (died || ended.turn() != Call.Turn.NONE) ? Failure.STOPPED : told);
        }
    }

    /// {@return whether a call whose exchange has ended goes out once more, of which note is taken}
    private boolean isSentAgain(Call ended, @Nullable Failure why, boolean unheard) {
        if (ended.turn() == Call.Turn.MISDIRECTED && isShared()) {
            http2().shutdown(lane.nowNanos());  // whoever comes next had better go elsewhere too
        }
        if (why == null || ended.turn() != Call.Turn.NONE) {
            return why != null;  // of an exchange that was whole before it could be given up there is nothing to repeat
        }
        return switch (why) {
            case REFUSED -> ended.repeatsUntaken();
            case NO_HTTP2 -> secure && !lane.isHttp2Alone() && ended.repeatsInFirst();
            default -> unheard && ended.repeats();
        };
    }

    /// @param died  by its connection's end, which makes that no better than it was
    private void remove(Call ended, boolean died) {
        if (first == ended) {
            first = ended.beside;
        } else {
            Call before = first();
            while (before.beside != ended) {
                before = Objects.requireNonNull(before.beside, "on this connection");
            }
            before.beside = ended.beside;
        }
        ended.beside = null;
        if (ended == pulling) {
            pulling = null;
            orphaned = true;
        }
        if (isShared() && carried) {
            seat().uses += died ? 0 : 1;
            seat().since = lane.nowNanos();
            lane.seating().changed();
        }
    }

    @Override
    public boolean failed(Throwable thrown) {
        Call call = first;
        while (call != null && call != pulling) {
            call = call.beside;
        }
        if (call == null) {
            lane.thrown(thrown);
            boolean known = orphaned && isShared();
            orphaned = false;
            return known;
        }
        call.failed(thrown);
        return true;
    }

    /// An engine that could ask again holds nothing of the last exchange. Whether it rests is not its own to say: it is we who ask.
    @Override
    public boolean isAtRest() {
        return !secure && first == null && !isShared() && engine.canRequest();
    }

    @Override
    public boolean isBusy() {
        return first != null;
    }

    @Override
    public boolean lingers() {
        return secure && isFatal(tls().alertSent());  // a server that still speaks is to hear why
    }

    private static boolean isFatal(@Nullable Alert sent) {
        return sent != null && sent.isFatal();
    }

    /// Where the connection was ended below the engine, what has come is told first, then that it was cut.
    @Override
    public void end() {
        if (!settled) {
            seat().pool().unsettled--;
        }
        if (first != null && !carried) {
            over(first, lane.isStopped() ? Failure.STOPPED : whyRefused(first));
        } else if (first != null) {
            engine.disconnect(lane.nowNanos());
            while (first != null && event(lane.nowNanos())) {
                // all that has come
            }
            while (first != null) {  // their sinks hold content back
                Failure why = first.aborted(engine.refusal() == Refusal.NONE ? Refusal.BROKEN : engine.refusal());
                Call ended = first;
                remove(ended, true);
                ended.finish(lane.isStopped() ? Failure.STOPPED : why);
            }
        }
        http1.close();
        if (http2 != null) {
            http2.close();
        }
        if (secure) {
            tls().close();
        }
        engine = http1;
        transport = null;
        seat = null;
        pulling = null;
        orphaned = false;
        secure = false;
        carried = false;
        early = false;
        settled = false;
        left = false;
    }

    @Override
    public OwnOutput output() {
        return output;
    }
}
