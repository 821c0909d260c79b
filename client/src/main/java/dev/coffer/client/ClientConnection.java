package dev.coffer.client;

import dev.coffer.http.HttpEvent;
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
final class ClientConnection extends CallConnection implements Protocol, TlsConnection.Carrier<HttpEvent> {
    private static final String HTTP_2 = "h2";
    private static final String HTTP_1_1 = "http/1.1";

    private final Http1Client http1;
    private final @Nullable Http2Client http2;  // null where it is not spoken
    private final @Nullable TlsClient<HttpEvent> tls;  // null where the client does not speak it
    private final OwnOutput output;

    private @Nullable Transport transport;
    private boolean secure;             // TLS is spoken: in HTTP/1.1 for one call, after which the connection ends
    private boolean left;               // it was told to end after its call
    private boolean carried;            // the engine has begun: at once, or after the handshake
    private boolean early;              // it has begun, and who the server is has yet to be proven
    private boolean settled;            // the lane knows what is spoken, and how much at a time

    /// @param http2   null for none
    ClientConnection(ClientLane lane, Http1Client http1, @Nullable Http2Client http2, @Nullable ClientContext context, int index,
            OwnOutput output) {
        super(lane, http1);
        this.http1 = http1;
        this.http2 = http2;
        this.tls = context == null ? null : new TlsClient<>(context, index, this);
        this.output = output;
        if (http2 != null) {
            http2.trace(lane.trace());
        }
    }

    private Transport transport() {
        return Objects.requireNonNull(transport, "begun");
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

    @Override
    public Engine<?> engine() {
        return secure ? tls() : engine;
    }

    @Override
    boolean takesMore() {
        return carried && !early && isShared() && engine.canRequest();
    }

    @Override
    boolean isFull() {
        return settled && !engine.canRequest() && lane.hasStream();
    }

    @Override
    boolean isShared() {
        return engine == http2;
    }

    @Override
    boolean isCarrying() {
        return carried;
    }

    @Override
    boolean isSecure() {
        return secure;
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

    @Override
    void turnSoon() {
        if (transport != null) {
            transport.turnSoon();
        }
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
        if (tell()) {
            return true;
        }
        if (isShared()) {
            look();
        }
        return isLeft(nowNanos);
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

    @Override
    void leave() {
        tls().shutdown(lane.nowNanos());
    }

    @Override
    void cut() {
        transport().cut();
    }

    @Override
    void misdirected() {
        http2().shutdown(lane.nowNanos());
    }

    @Override
    @Nullable
    Failure unproven() {
        return early && !isProven() ? refusal() : null;
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

    /// An engine that could ask again holds nothing of the last exchange. Whether it rests is not its own to say: it is we who ask.
    @Override
    public boolean isAtRest() {
        return !secure && first == null && !isShared() && engine.canRequest();
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
            abandon();
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
        clear();
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
