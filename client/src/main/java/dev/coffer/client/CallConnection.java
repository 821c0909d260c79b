package dev.coffer.client;

import dev.coffer.http.Ascii;
import dev.coffer.http.HttpClient;
import dev.coffer.http.HttpEvent;
import dev.coffer.http.Refusal;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The calls on one connection, whatever is spoken on it and lies beneath: brings the engine's events to them, and says what becomes of a call whose exchange has
/// ended. On the client's thread; 0 heap bytes.
abstract sealed class CallConnection permits ClientConnection, Http3Connection {
    final ClientLane lane;
    HttpClient engine;          // the one that is in use
    @Nullable
    Seat seat;
    @Nullable
    Call first;                 // of those on the wire, a list
    private @Nullable Call pulling;  // whose request was asked last
    private boolean orphaned;   // that call has ended since: what its request throws may come after it

    CallConnection(ClientLane lane, HttpClient engine) {
        this.lane = lane;
        this.engine = engine;
    }

    // What it is.

    /// {@return whether it carries any number of calls}
    abstract boolean isShared();

    /// {@return whether the engine has begun}
    abstract boolean isCarrying();

    /// {@return whether another call can be added}
    abstract boolean takesMore();

    /// {@return whether only another connection would carry more}
    abstract boolean isFull();

    /// {@return whether TLS is spoken, or what is as good: who the server is was proven, and HTTP/1.1 can be spoken to it in the place of this}
    abstract boolean isSecure();

    /// {@return why who the server is was not proven, though calls have gone; null where it was}
    @Nullable
    Failure unproven() {
        return null;
    }

    /// {@return where its requests go that is not where they were asked to go, as they say it; null where they go there}
    @Nullable
    Ascii alternative() {
        return null;
    }

    abstract void turnSoon();

    /// A call is given up before its handshake is done.
    abstract void leave();

    /// One of its calls was cut short, and the connection ends with it.
    abstract void cut();

    /// A call was answered by a server that is the wrong one.
    abstract void misdirected();

    /// Brings one event to its call.
    ///
    /// @return whether there was one
    abstract boolean event(long nowNanos);

    final Seat seat() {
        return Objects.requireNonNull(seat, "given");
    }

    final Call first() {
        return Objects.requireNonNull(first, "under way");
    }

    /// {@return what speaks HTTP}
    final HttpClient http() {
        return engine;
    }

    public final boolean isBusy() {
        return first != null;
    }

    /// Carries another call beside those that it has, or after those that it had.
    void add(Call call) {
        add(call, false);
    }

    /// @param early  before the server has proven who it is
    final void add(Call call, boolean early) {
        call.beside = first;
        first = call;
        call.connect(this);
        call.send(this, early);
        turnSoon();
    }

    /// A call's request is asked for what it sends.
    final void pulls(Call call) {
        pulling = call;
        orphaned = false;
    }

    /// Brings an event of the engine's to its call.
    ///
    /// @return whether there was one
    final boolean tell() {
        HttpEvent event = engine.pollEvent();
        if (event == null) {
            return false;
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

    private @Nullable Call of(long stream) {
        Call call = first;
        while (call != null && !call.is(stream)) {
            call = call.beside;
        }
        return call;
    }

    private void aborted(Call call) {
        Failure why = call.aborted(engine.refusal());
        if (why != null && !isShared()) {  // else one of many, and the connection goes on
            cut();
        }
        over(call, why);
    }

    /// A call's exchange has ended.
    final void over(Call ended, @Nullable Failure why) {
        boolean died = why != null && why.isDeath();
        boolean unheard = died && isCarrying() && engine.isUnheard(engine.stream());
        boolean worn = unheard && seat().uses > 0;
        Failure unproven = died ? unproven() : null;
        Failure told = unproven != null ? unproven : unheard && why == Failure.TRUNCATED ? Failure.NO_ANSWER : why;
        boolean again = !lane.isStopped()
                && (unproven != null ? told != Failure.UNTRUSTED && ended.repeatsLate() : isSentAgain(ended, told, worn));
        remove(ended, died);
        if (again) {
            lane.seating().repeat(ended, seat().pool(), worn);
        } else {
            ended.finish(lane.isStopped() && (died || ended.turn() != Call.Turn.NONE) ? Failure.STOPPED : told);
        }
    }

    /// {@return whether a call whose exchange has ended goes out once more, of which note is taken}
    /// @param worn  whether a connection that had carried others has died without a byte of an answer
    private boolean isSentAgain(Call ended, @Nullable Failure why, boolean worn) {
        if (ended.turn() == Call.Turn.MISDIRECTED && isShared()) {
            misdirected();  // whoever comes next had better go elsewhere too
        }
        if (why == null || ended.turn() != Call.Turn.NONE) {
            return why != null;  // of an exchange that was whole before it could be given up there is nothing to repeat
        }
        return switch (why) {
            case REFUSED -> ended.repeatsUntaken();
            case NO_HTTP2 -> isSecure() && lane.speaksFirst() && ended.repeatsInFirst();
            default -> worn && ended.repeats();
        };
    }

    /// @param died  by its connection's end, which makes that no better than it was
    final void remove(Call ended, boolean died) {
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
        if (isShared() && isCarrying()) {
            seat().uses += died ? 0 : 1;
            seat().since = lane.nowNanos();
            lane.seating().changed();
        }
    }

    /// What is pulled from an application was at fault.
    ///
    /// @return whether it is known whose, so that the others go on
    public final boolean failed(Throwable thrown) {
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

    /// The connection is gone: what has come is told first, then to whoever is left that it was cut.
    final void abandon() {
        long now = lane.nowNanos();
        engine.disconnect(now);
        while (first != null && tell()) {
            // all that has come
        }
        while (first != null) {  // their sinks hold content back
            Failure why = first.aborted(engine.refusal() == Refusal.NONE ? Refusal.BROKEN : engine.refusal());
            Call ended = first;
            remove(ended, true);
            ended.finish(lane.isStopped() ? Failure.STOPPED : why);
        }
    }

    /// It is nobody's any more.
    final void clear() {
        seat = null;
        pulling = null;
        orphaned = false;
    }
}
