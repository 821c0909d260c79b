package dev.coffer.client;

import dev.coffer.http.Ascii;
import dev.coffer.http.http3.ErrorCode;
import dev.coffer.http.http3.Http3Client;
import dev.coffer.memory.engine.NetworkPath;
import dev.coffer.memory.layout.HeapLayout;
import dev.coffer.quic.QuicConnection;
import dev.coffer.quic.QuicEvent;
import dev.coffer.quic.frame.TransportError;
import dev.coffer.quic.packet.Version;
import dev.coffer.tls.Alert;
import dev.coffer.tls.EarlyData;
import dev.coffer.tls.QuicHandshake;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// HTTP/3 over one connection of QUIC, of those that share the client's socket. It gets calls when its handshake is done, any number of them.
///
/// ```
///   FREE --dial--> DIALING --handshake done--> OPEN --its end, or idle and not wanted--> ENDING --QUIC's end--> FREE
///                     '--------------- came to nothing ----------------------------------^
/// ```
final class Http3Connection extends CallConnection {
    enum State { FREE, DIALING, OPEN, ENDING }

    private static final int VERSION = 30;
    private static final long NEVER = Long.MAX_VALUE;

    private final Http3Socket socket;
    private final QuicConnection quic;
    private final Http3Client http3;
    private final Seat own;
    private State state = State.FREE;
    private boolean attached;       // HTTP/3 is spoken on it, or was
    private boolean early;          // it has begun, and who the server is has yet to be proven
    private long helloAt;           // when its hello was begun; NEVER once it has had a turn to say it
    private long dialUntil;
    private int port;              // of the server, that it was begun to
    private long holdUntil;         // calls wait for it alone, NEVER where they have ceased to
    private boolean announced;      // its server is at a place that the origin has named
    private boolean said;           // it has had nothing to say since its end

    Http3Connection(ClientLane lane, Http3Socket socket, QuicConnection quic, Http3Client http3, int number) {
        super(lane, http3);
        this.socket = socket;
        this.quic = quic;
        this.http3 = http3;
        this.own = new Seat(number);
        http3.trace(lane.trace());
    }

    /// {@return bytes of the objects, beside the engines'}
    static long heapBytes() {
        return HeapLayout.instance(Http3Connection.class) + HeapLayout.instance(Seat.class);
    }

    State state() {
        return state;
    }

    int number() {
        return own.index;
    }

    Http3Client http3() {
        return http3;
    }

    QuicConnection quic() {
        return quic;
    }

    /// {@return whether its place can be had: it has ended, and its peer was told so}
    boolean isGone() {
        return state == State.FREE || state == State.ENDING && said;
    }

    /// {@return since when it has carried nothing, NEVER where it does}
    long idleSince() {
        return state == State.OPEN && !isBusy() ? own.since : NEVER;
    }

    /// Begins a connection to an origin; the place can be had.
    ///
    /// @param path       where to
    /// @param untilNanos  when that is given up
    /// @param holdNanos   until when calls wait for it alone
    /// @return whether there is memory for a handshake
    boolean dial(OriginPool pool, int address, MemorySegment path, long pathAt, long untilNanos, long holdNanos, long now) {
        quic.reset(now);
        http3.reset(now);
        Call next = pool.first();
        quic.early(lane.saysEarly() && next != null && next.mayBeEarly());
        ServerTokens tokens = socket.tokens();
        String host = pool.origin().host();
        if (!(tokens == null ? quic.connect(host, Version.V1, path, pathAt, now) : tokens.connect(quic, host, path, pathAt, now))) {
            free();
            return false;
        }
        state = State.DIALING;
        attached = false;
        early = false;
        announced = lane.alternative(pool.origin()) != null;
        said = false;
        helloAt = now;
        dialUntil = untilNanos;
        port = NetworkPath.remotePort(path, pathAt);
        holdUntil = holdNanos;
        own.state = Seat.State.DIALING;
        own.pool = pool;
        own.address = address;
        own.uses = 0;
        seat = own;
        return true;
    }

    // As those see it who give it calls.

    @Override
    boolean isShared() {
        return true;
    }

    @Override
    boolean isCarrying() {
        return attached;
    }

    @Override
    boolean takesMore() {
        return state == State.OPEN && quic.isConnected() && http3.canRequest();
    }

    @Override
    boolean isFull() {
        return state == State.OPEN && !http3.canRequest() && socket.hasStream();
    }

    @Override
    boolean isSecure() {
        return true;
    }

    @Override
    @Nullable
    Ascii alternative() {
        return announced ? lane.alternative(seat().pool().origin()) : null;
    }

    @Override
    void turnSoon() {
        socket.turnSoon();
    }

    @Override
    void leave() {
        throw new AssertionError("a call on it has its stream");
    }

    @Override
    void cut() {
        lane.statistics().broken();
    }

    /// Its requests are done at once, so that it is known whether it takes another one.
    @Override
    void add(Call call) {
        super.add(call);
        advance();
    }

    /// Something goes with the hello.
    void addEarly(Call call) {
        add(call, true);
        advance();
    }

    private void advance() {
        try {
            http3.advance(lane.nowNanos());
        } catch (RuntimeException | Error thrown) {
            failed(thrown);
        }
    }

    @Override
    @Nullable
    Failure unproven() {
        return early ? refusal() : null;
    }

    @Override
    void misdirected() {
        socket.alternatives().broken(seat().pool().origin(), lane.nowNanos());
        http3.shutdown(lane.nowNanos());
    }

    // As the socket sees it.

    void feed(MemorySegment input, long at, long length, MemorySegment header, long headerAt, long now) {
        if (state != State.FREE) {
            quic.feed(input, at, length, header, headerAt, now);
            ServerTokens tokens = socket.tokens();
            if (tokens != null && (state == State.DIALING || state == State.OPEN)) {
                tokens.keep(seat().pool().origin().host(), port, quic);  // a loop keeps one
            }
        }
    }

    long pollOutput(MemorySegment output, long at, long length, MemorySegment header, long headerAt, long now) {
        if (state == State.FREE) {
            return 0;
        }
        speaks(now);
        long wrote = quic.pollOutput(output, at, length, header, headerAt, now);
        if (wrote == 0 && state == State.ENDING && !said) {
            said = true;
            lane.seating().changed();   // its place can be had
        }
        return wrote;
    }

    /// Its first turn: what we took ourselves for the hello (seconds, where kernels are chosen and warmed up in it) is none of the time that its server has.
    ///
    /// @return whether it is that
    private boolean speaks(long now) {
        if (state != State.DIALING || helloAt == NEVER) {
            return false;
        }
        dialUntil += now - helloAt;
        holdUntil = holdUntil == NEVER ? NEVER : holdUntil + now - helloAt;
        helloAt = NEVER;
        return true;
    }

    long deadlineNanos() {
        return switch (state) {
            case FREE -> NEVER;
            case DIALING -> Math.min(quic.deadlineNanos(), Math.min(dialUntil, holdUntil));
            case OPEN -> isAlive() ? Math.min(quic.deadlineNanos(), http3.deadlineNanos()) : 0;  // else its end has yet to be heard of
            case ENDING -> quic.deadlineNanos();
        };
    }

    void onDeadline(long now) {
        if (state == State.FREE || speaks(now)) {
            return;
        }
        quic.onDeadline(now);
        if (state == State.DIALING && holdUntil <= now) {
            holdUntil = NEVER;
            if (early && dialUntil > now) {
                withdraw();
            }
            lane.seating().changed();
        }
        if (state == State.DIALING && dialUntil <= now && !quic.isConnected()) {  // else that is heard of in this turn
            missed(Failure.CONNECT_TIMED_OUT);
            quic.close(ErrorCode.H3_NO_ERROR.code());
        } else if (state == State.OPEN && isAlive()) {
            http3.onDeadline(now);
        }
    }

    /// What went with the hello goes by TCP beside it, as if it had waited: that nobody has answered yet says nothing of whether it was heard, but to be said twice does it no harm.
    private void withdraw() {
        for (Call call = first; call != null; call = call.beside) {
            call.withdraw();
        }
        turnSoon();
    }

    /// {@return whether there is something to be done on its streams}
    private boolean isAlive() {
        return quic.isConnected() || quic.isLingering();
    }

    @Override
    boolean event(long now) {
        QuicEvent event = quic.pollEvent();
        if (event != null) {
            switch (event) {
                case CONNECTED -> connected(now);
                case CLOSED -> closed();
                case EARLY -> early();
                case STREAMS, DATAGRAMS -> {}
            }
            return true;
        }
        if (state == State.DIALING && early) {
            return tell() || !http3.isEnded() && http3.advance(now);
        }
        if (state == State.OPEN) {
            if (tell() || !http3.isEnded() && http3.advance(now)) {
                return true;
            }
            if (seat().pool().first() != null && http3.canRequest()) {
                lane.seating().changed();
            }
        } else if (state == State.ENDING && quic.isEnded()) {
            free();
        }
        return false;
    }

    /// Something has thrown that is no application's: its end is heard of next.
    void fault(long now) {
        quic.fault(now);
        turnSoon();
    }

    /// Before the server has proven who it is.
    private void early() {
        if (state == State.DIALING) {
            attached = true;
            early = true;
            http3.attach(quic);
            lane.seating().early(seat().pool(), this);
        }
    }

    private void connected(long now) {
        if (state != State.DIALING) {
            return;
        }
        state = State.OPEN;
        if (!attached) {
            attached = true;
            http3.attach(quic);
        }
        early = false;
        own.since = now;
        lane.statistics().add(Client.Count.CONNECTIONS);
        socket.alternatives().works(seat().pool().origin());
        lane.seating().connectedByQuic(own, this);
        ClientTrace trace = lane.trace();
        if (trace != null) {
            trace.carries(seat().pool().origin(), VERSION, "QUIC v1, TLS 1.3, " + quic.suite() + ", " + quic.group() + ", " + quic.protocol()
                    + (quic.isResumed() ? ", resumed" : "") + (quic.earlyData() == EarlyData.TAKEN ? ", early data taken" : ""));
        }
    }

    /// QUIC's connection has ended, whoever has ended it.
    private void closed() {
        if (state == State.DIALING && isTooMuch()) {
            again();
        } else if (state == State.DIALING) {
            missed(lane.isStopped() ? Failure.STOPPED : refusal());
        } else if (state == State.OPEN) {
            if (isBusy()) {
                lane.statistics().broken();
            }
            state = State.ENDING;
            abandon();
            leaveSeat();
            http3.close();
        }
    }

    /// {@return whether it was ended since its server has not taken what went early, and lets less be said than that was: nothing is wrong with it}
    private boolean isTooMuch() {
        return early && !lane.isStopped() && quic.earlyData() == EarlyData.REFUSED && quic.closeCode() == TransportError.NO_ERROR && !quic.isClosedByPeer()
                && !quic.isClosedByApplication();
    }

    /// Another is dialled, at the same address, for the same call, which goes when that is open.
    private void again() {
        OriginPool pool = endDialing();
        lane.seating().againByQuic(pool);
    }

    /// While it is given up what has come is told, and nothing more is asked of the connection.
    private void missed(Failure why) {
        OriginPool pool = endDialing();
        lane.seating().missedByQuic(pool, own.address, why);
    }

    private OriginPool endDialing() {
        state = State.ENDING;
        OriginPool pool = seat().pool();
        if (early) {
            abandon();
        }
        own.state = Seat.State.FREE;
        own.pool = null;
        clear();
        http3.close();
        return pool;
    }

    private void leaveSeat() {
        lane.seating().leftByQuic(own);
        clear();
    }

    /// Ends it where it carries nothing: others are to have its place, or its origin is not asked any more.
    void endIdle() {
        assert state == State.OPEN && !isBusy() : state;
        state = State.ENDING;
        leaveSeat();
        http3.close();
        quic.close(ErrorCode.H3_NO_ERROR.code());
        turnSoon();
    }

    /// The client stops.
    ///
    /// @param atOnce  whether calls are not waited for
    void shutdown(boolean atOnce, long now) {
        if (state == State.DIALING || state == State.OPEN && (atOnce || !isBusy())) {
            quic.close(ErrorCode.H3_NO_ERROR.code());
        } else if (state == State.OPEN) {
            http3.shutdown(now);
        }
    }

    /// Nothing runs any more: calls hear that the client has stopped.
    void close() {
        if (state == State.OPEN) {
            state = State.ENDING;
            abandon();
            leaveSeat();
        } else if (state == State.DIALING) {
            missed(Failure.STOPPED);
        }
        free();
    }

    private void free() {
        http3.close();
        quic.close();
        state = State.FREE;
        lane.seating().changed();
    }

    /// {@return why a handshake has come to nothing}
    private Failure refusal() {
        long code = quic.closeCode();
        if (quic.isClosedByApplication()) {
            return Failure.HANDSHAKE;
        }
        if (code == TransportError.VERSION_NEGOTIATION_ERROR || code == QuicHandshake.error(Alert.NO_APPLICATION_PROTOCOL)) {
            return Failure.NO_HTTP3;
        }
        if (code == TransportError.NO_ERROR) {
            return quic.isClosedByPeer() ? Failure.NO_HTTP3 : Failure.CONNECT_TIMED_OUT;
        }
        return !quic.isClosedByPeer() && isUntrusted(code) ? Failure.UNTRUSTED : Failure.HANDSHAKE;
    }

    private static boolean isUntrusted(long code) {
        return code == QuicHandshake.error(Alert.BAD_CERTIFICATE) || code == QuicHandshake.error(Alert.UNKNOWN_CA)
                || code == QuicHandshake.error(Alert.CERTIFICATE_EXPIRED) || code == QuicHandshake.error(Alert.CERTIFICATE_UNKNOWN)
                || code == QuicHandshake.error(Alert.CERTIFICATE_REVOKED) || code == QuicHandshake.error(Alert.UNSUPPORTED_CERTIFICATE);
    }

    @Override
    public String toString() {
        return "Http3Connection[" + state + ", " + quic + ", " + http3 + ", " + Objects.toString(seat) + "]";
    }
}
