package dev.coffer.client;

import dev.coffer.http.Ascii;
import dev.coffer.http.HeadWriter;
import dev.coffer.http.HttpClient;
import dev.coffer.http.MessageSource;
import dev.coffer.http.Refusal;
import dev.coffer.http.ResponseHead;
import dev.coffer.http.Status;
import dev.coffer.server.time.Timer;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// One request and its answer, one of any number on a connection, as its [ResponseSink] sees it. Made at start, lent from
/// [Client#tryAsk] to the call's end, and lent again: not to be kept.
///
/// On the client's thread; [#ticket] is what other threads name it by.
public final class Call {
    /// Where it stands: with nobody, in its origin's queue, on a connection.
    private static final long NO_STREAM = -1;
    /// How often a call is sent that servers leave out.
    private static final int UNTAKEN_MAX = 3;
    private static final Ascii ALT_USED = Ascii.of("alt-used");

    enum State { FREE, WAITING, ON_WIRE }

    /// Of an answer that is not told, since the request is sent again.
    enum Turn { NONE, MISDIRECTED, TOO_EARLY }

    // What other threads have left for it, bits; under the inbox's monitor.
    static final int ASKED = 1;
    static final int CANCEL = 2;
    static final int RESUME = 4;

    final int index;
    private final ClientLane lane;
    private final MessageSource pulled = new Pulled();
    private @Nullable Timer timer;

    // The inbox's, under its monitor.
    long ticket;                // index + calls x how often it was lent
    boolean lent;
    boolean queued;
    int left;                   // ASKED, CANCEL, RESUME
    @Nullable
    Call nextMail;
    @Nullable
    Call nextFree;
    int taken;                  // what was left, taken by the client's thread
    private @Nullable Call nextTaken;  // link of what is taken: the call may stand in the queue again meanwhile

    // The client's thread's, save that who asks writes the first two before it leaves word.
    @Nullable
    Request request;
    @Nullable
    ResponseSink sink;
    private State state = State.FREE;
    @Nullable
    OriginPool pool;  // where WAITING
    @Nullable
    Call before;      // links of its queue
    @Nullable
    Call after;
    @Nullable
    Call beside;      // the next one on its connection
    private @Nullable CallConnection connection;  // where ON_WIRE
    private long stream;
    private @Nullable Failure why;  // it is given up, and that is the reason
    private Refusal refusal = Refusal.NONE;
    private int status;
    private boolean complete;   // the answer
    private boolean sent;       // the request
    private boolean repeated;
    private int untaken;        // how often a server has left it out
    private boolean early;      // it went with the client's hello
    private boolean late;       // it is not to, any more
    private boolean first;      // it goes in HTTP/1.1, as its server wants
    private boolean moved;      // it was on a connection that was the wrong one
    private Turn turn = Turn.NONE;  // why it is given up, to be sent again
    private boolean ending;     // its sink hears of its end
    private boolean goesOn;     // and has asked again in its place

    Call(ClientLane lane, int index) {
        this.lane = lane;
        this.index = index;
        this.ticket = index;
    }

    private OriginPool pool() {
        return Objects.requireNonNull(pool, "waiting");
    }

    private Timer timer() {
        return Objects.requireNonNull(timer, "opened");
    }

    private ResponseSink sink() {
        return Objects.requireNonNull(sink, "under way");
    }

    private CallConnection connection() {
        return Objects.requireNonNull(connection, "on the wire");
    }

    /// {@return the number of this call and no other, for [Client#cancel] and [Client#resume]}
    public long ticket() {
        return ticket;
    }

    /// {@return what was asked}
    ///
    /// @throws IllegalStateException  the call has ended (caller's fault)
    public Request request() {
        if (request == null) {
            throw new IllegalStateException("call: it has ended, and is not to be kept");
        }
        return request;
    }

    /// {@return the head of the answer: from [ResponseSink#information] or [ResponseSink#head] on, before the end}
    ///
    /// @throws IllegalStateException  there is none, or not any more (caller's fault)
    public ResponseHead response() {
        if (state != State.ON_WIRE || status == 0) {
            throw new IllegalStateException("call: it has no answer that can be read now");
        }
        return connection().http().response(stream);
    }

    /// {@return the status of the answer, 0 before its head has come; also at the call's end}
    public int status() {
        return status;
    }

    /// {@return which rule or limit the server broke, [Refusal#NONE] if it did not; at the call's end}
    public Refusal refusal() {
        return refusal;
    }

    /// Gives the call up; [ResponseSink#failed] is called soon, with [Failure#CANCELLED].
    public void cancel() {
        lane.inbox().leave(ticket, CANCEL);
    }

    /// Asks another in the place of this one, which ends: none has to be free. From [ResponseSink#end] and [ResponseSink#failed], once; what [#status] and [#refusal] say
    /// stays until they return. 0 heap bytes.
    ///
    /// @param next  used until the end of the new call is told
    /// @param hears  of its answer
    /// @return the ticket of the new call, 0 or more; or [Client#STOPPED], and nothing was asked
    /// @throws IllegalStateException  anywhere else, or a second time (caller's fault)
    public long askAgain(Request next, ResponseSink hears) {
        Objects.requireNonNull(next);
        Objects.requireNonNull(hears);
        if (!ending || goesOn) {
            throw new IllegalStateException("call: another takes its place at its end, once");
        }
        long renewed = lane.inbox().askAgain(this, next, hears);
        goesOn = renewed >= 0;
        return renewed;
    }

    // What follows is the client's.

    /// What was left for it is taken; under the inbox's monitor.
    void take() {
        taken = left;
        left = 0;
        queued = false;
        nextTaken = nextMail;
        nextMail = null;
    }

    /// {@return the call that was taken behind it, which is forgotten; null for the last}
    @Nullable
    Call taken() {
        Call next = nextTaken;
        nextTaken = null;
        return next;
    }

    void timer(Timer own) {
        timer = own;
    }

    /// The call is taken up.
    void begin(long untilNanos) {
        why = null;
        refusal = Refusal.NONE;
        repeated = false;
        untaken = 0;
        late = false;
        first = false;
        moved = false;
        timer().arm(untilNanos);
    }

    void waits(OriginPool where) {
        state = State.WAITING;
        pool = where;
        status = 0;
        complete = false;
        sent = false;
        early = false;
        turn = Turn.NONE;
    }

    /// It has a connection, which may have to shake hands first.
    void connect(CallConnection over) {
        state = State.ON_WIRE;
        pool = null;
        connection = over;
        stream = NO_STREAM;
    }

    /// It goes on the wire.
    ///
    /// @param withHello  before the server has proven who it is
    void send(CallConnection over, boolean withHello) {
        early = withHello;
        stream = over.http().request(pulled);
        assert stream >= 0 : "the connection takes no request";
    }

    /// {@return whether the stream is this call's}
    boolean is(long wanted) {
        return state == State.ON_WIRE && stream == wanted;
    }

    void resume() {
        if (state == State.ON_WIRE && stream != NO_STREAM) {
            connection().http().resume(stream);
            if (status >= 200) {
                data();
            }
            connection().turnSoon();
        }
    }

    /// Gives it up, where it has not ended.
    void stop(Failure reason) {
        if (state == State.WAITING) {
            pool().remove(this);
            finish(reason);
        } else if (state == State.ON_WIRE) {
            giveUp(reason);
            connection().turnSoon();
        }
    }

    /// Code of the application has thrown.
    void failed(Throwable thrown) {
        lane.thrown(thrown);
        giveUp(Failure.APPLICATION);
    }

    private void giveUp(Failure reason) {
        why = why == null ? reason : why;
        if (stream == NO_STREAM) {
            connection().leave();
        } else {
            connection().http().abort(stream);
        }
    }

    /// {@return why it was given up, or null}
    @Nullable
    Failure givenUp() {
        return why;
    }

    void information() {
        try {
            status = connection().http().response(stream).status();
            sink().information(this);
        } catch (RuntimeException | Error thrown) {
            failed(thrown);
        }
    }

    void head() {
        try {
            status = connection().http().response(stream).status();
            boolean back = turnsBack();
            if (status == Status.MISDIRECTED_REQUEST) {
                leaveAlternative(back);
            } else if (connection().isSecure()) {
                lane.heard(request().origin(), connection().http().response(stream));
            }
            if (back) {
                connection().http().abort(stream);
                return;
            }
            sink().head(this);
        } catch (RuntimeException | Error thrown) {
            failed(thrown);
        }
    }

    /// Whoever answers so is not to be believed where else its origin can be asked, and is not it (RFC 7838, section 6).
    ///
    /// @param back  the request is sent again, and its connection left for that
    private void leaveAlternative(boolean back) {
        if (connection().alternative() != null) {
            lane.forget(request().origin());
            if (!back) {
                connection().misdirected();
            }
        }
    }

    /// {@return whether the answer says that the request is to be sent again, otherwise than it was, which it was not before}
    private boolean turnsBack() {
        if (why == null && status == Status.MISDIRECTED_REQUEST && !moved && request().isRepeatable()) {
            turn = Turn.MISDIRECTED;
            moved = true;
        } else if (why == null && status == Status.TOO_EARLY && early && request().isRepeatable()) {
            turn = Turn.TOO_EARLY;
            late = true;
        }
        return turn != Turn.NONE;
    }

    /// {@return why its answer is not told, if so}
    Turn turn() {
        return why == null ? turn : Turn.NONE;
    }

    void data() {
        HttpClient engine = connection().http();
        long length = engine.dataLength(stream);
        if (length == 0 || why != null || turn != Turn.NONE) {
            return;
        }
        try {
            long took = sink().take(this, engine.dataSegment(stream), engine.dataAt(stream), length);
            if (took < 0 || took > length) {
                throw new IllegalStateException("sink took " + took + " bytes (expected 0.." + length + ")");
            }
            engine.consume(stream, took);
        } catch (RuntimeException | Error thrown) {
            failed(thrown);
        }
    }

    void trailers() {
        try {
            sink().trailers(this, connection().http().trailers(stream));
        } catch (RuntimeException | Error thrown) {
            failed(thrown);
        }
    }

    /// The answer is whole.
    ///
    /// @return whether the request is too, so that this is the end
    boolean answered() {
        complete = true;
        return sent;
    }

    /// The request is whole.
    ///
    /// @return whether the answer is too
    boolean sent() {
        sent = true;
        return complete;
    }

    /// The exchange was aborted.
    ///
    /// @return why, or null where the answer had come whole before, so that all is well
    @Nullable
    Failure aborted(Refusal engineSays) {
        refusal = engineSays == Refusal.LOCAL ? Refusal.NONE : engineSays;
        return complete && why != Failure.APPLICATION ? null : why != null ? why : Failure.of(engineSays);
    }

    /// {@return whether it may be sent once more though the server has left it out, of which note is taken: whatever its method, as nothing was
    /// done with it (RFC 9113, sections 6.8, 8.7)}
    boolean repeatsUntaken() {
        try {
            return why == null && ++untaken < UNTAKEN_MAX && request().isRepeatable();
        } catch (RuntimeException | Error thrown) {
            lane.thrown(thrown);
            return false;
        }
    }

    /// {@return whether it may be sent in HTTP/1.1, as its server wants, of which note is taken: whatever its method, as it was asked for that in
    /// the place of an answer (RFC 9113, section 7)}
    boolean repeatsInFirst() {
        try {
            boolean again = why == null && !first && request().isRepeatable();
            first |= again;
            return again;
        } catch (RuntimeException | Error thrown) {
            lane.thrown(thrown);
            return false;
        }
    }

    /// {@return whether it goes in HTTP/1.1 alone}
    boolean isOfFirst() {
        return first;
    }

    /// {@return whether it may go with a hello: to be said twice does no harm, and it can be sent again}
    boolean mayBeEarly() {
        try {
            return !late && request().method().isIdempotent() && request().mayBeEarly() && request().isRepeatable();
        } catch (RuntimeException | Error thrown) {
            lane.thrown(thrown);
            return false;
        }
    }

    /// {@return whether it has gone with a hello}
    boolean isEarly() {
        return early;
    }

    /// It has gone with a hello that nobody answers for too long: it is taken back, to be sent otherwise, where nothing of an answer was told.
    void withdraw() {
        if (early && !late && why == null && status == 0 && turn == Turn.NONE) {
            turn = Turn.TOO_EARLY;
            late = true;
            connection().http().abort(stream);
        }
    }

    /// {@return whether it may be sent again, since the handshake that it came before came to nothing; without a hello, of which note is taken}
    boolean repeatsLate() {
        boolean again = why == null && !late;
        late = true;
        return again;
    }

    /// {@return whether it may be sent once more, of which note is taken}
    boolean repeats() {
        try {
            if (repeated || why != null || !request().method().isIdempotent() || !request().isRepeatable()) {
                return false;
            }
        } catch (RuntimeException | Error thrown) {
            lane.thrown(thrown);
            return false;
        }
        repeated = true;
        return true;
    }

    /// It has ended, and nothing knows of it any more but its sink.
    ///
    /// @param reason  null where the answer is whole
    void finish(@Nullable Failure reason) {
        timer().cancel();
        state = State.FREE;
        connection = null;
        pool = null;
        lane.statistics().add(reason == null ? Client.Count.ANSWERED : Client.Count.FAILED);
        ending = true;
        ResponseSink told = sink();
        try {
            if (reason == null) {
                told.end(this);
            } else {
                told.failed(this, reason);
            }
        } catch (RuntimeException | Error thrown) {
            lane.thrown(thrown);
        }
        ending = false;
        status = 0;
        if (goesOn) {
            goesOn = false;  // request and sink are the next one's
            return;
        }
        request = null;
        sink = null;
        lane.inbox().giveBack(this);
        try {
            told.released();
        } catch (RuntimeException | Error thrown) {
            lane.thrown(thrown);
        }
    }

    /// The request as the engine pulls it.
    private final class Pulled implements MessageSource {
        @Override
        public void head(HeadWriter head) {
            connection().pulls(Call.this);
            request().start(head);
            Ascii alternative = connection().alternative();
            if (alternative != null) {
                head.field(ALT_USED, alternative);
            }
            request().head(head);
        }

        @Override
        public long body(MemorySegment output, long at, long room) {
            connection().pulls(Call.this);
            return request().body(output, at, room);
        }

        @Override
        public void trailers(HeadWriter trailers) {
            connection().pulls(Call.this);
            request().trailers(trailers);
        }
    }
}
