package dev.coffer.server;

import dev.coffer.http.Ascii;
import dev.coffer.http.FieldName;
import dev.coffer.http.Fields;
import dev.coffer.http.HttpServer;
import dev.coffer.http.RequestHead;
import dev.coffer.http.Status;
import dev.coffer.http.http1.Http1Server;
import dev.coffer.memory.layout.HeapLayout;
import dev.coffer.server.ExchangeState.Answering;
import dev.coffer.server.ExchangeState.Content;
import dev.coffer.server.LoopStatistics.Count;
import dev.coffer.server.drive.Kept;
import dev.coffer.server.drive.LoopContext;
import dev.coffer.server.drive.Transport;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The course of one exchange: what its connection, its loop and its time bring about, between the engine on one side and the
/// handler, which sees it as an [Exchange], on the other. What is legal when stands in [ExchangeState].
///
/// On the loop's thread. Made at start, lent for one exchange after another.
final class Course implements Kept, Runnable {
    private static final Ascii EARLY_DATA = Ascii.of("early-data");
    private static final int ERROR_MIN = 400;
    private static final int REDIRECT_MIN = 300;
    private static final int HTTP_2 = 20;
    private static final int INTERIM_BYTES = 32;    // a status line, an empty line; in HTTP/2 a frame's head

    final Exchange exchange;
    @Nullable
    Course next;              // link of the connection's list

    private final ExchangeState state = new ExchangeState();
    private final ExtraFields fields;
    private final Reply reply;
    private final Reception reception = new Reception(state);
    private final Later later;
    private final AnswerTimer time;
    private final Failures failures;

    private @Nullable HttpServer engine;  // these three are null while it is not lent
    private @Nullable Transport transport;
    private @Nullable RequestHead request;
    private long stream;
    private long contentBytesMax;

    /// @param memory      [Exchange#bytes] at `base`, zero
    /// @param fieldBytes  of these, for copies of field values
    Course(MemorySegment memory, long base, int fieldBytes, LoopContext context, Completions completions, Failures failures) {
        this.fields = new ExtraFields(memory, base + Exchange.FIELDS, fieldBytes);
        this.reply = new Reply(fields, failures);
        this.later = new Later(this, completions);
        this.time = new AnswerTimer(context, this);
        this.failures = failures;
        this.exchange = new Exchange(this, memory, base, fields, context.now());
    }

    private HttpServer engine() {
        return Objects.requireNonNull(engine, "lent");
    }

    /// {@return bytes of the Java objects of one exchange, its timer's aside}
    static long heapBytes() {
        return HeapLayout.instance(Course.class) + HeapLayout.instance(ExchangeState.class)
                + HeapLayout.instance(ExtraFields.class) + ExtraFields.arrayBytes() + HeapLayout.instance(Reply.class)
                + HeapLayout.instance(Reception.class) + HeapLayout.instance(Later.class)
                + HeapLayout.instance(AnswerTimer.class) + Exchange.heapBytes();
    }

    // What the handler sees of it.

    RequestHead request() {
        return Objects.requireNonNull(request, "lent");
    }

    Transport transport() {
        return Objects.requireNonNull(transport, "lent");
    }

    Reply reply() {
        return reply;
    }

    Later remote() {
        return later;
    }

    long stream() {
        return stream;
    }

    long began() {
        return time.began();
    }

    Fields trailers() {
        return engine().trailers(stream);
    }

    void requireLent() {
        if (!state.isLent()) {
            throw new IllegalStateException("the exchange is over");
        }
    }

    void requireUnanswered() {
        requireLent();
        if (!state.is(Answering.OPEN)) {
            throw new IllegalStateException(state.is(Answering.LATER) ? "the exchange is answered later"
                    : state.is(Answering.CUT) ? "the exchange was given up" : "the exchange has its answer");
        }
    }

    /// {@return whether what was announced, and what has come, is within}
    boolean limitContent(long bytesMax) {
        contentBytesMax = Math.min(contentBytesMax, bytesMax);
        if (state.isReceiving() && !reception.limit(contentBytesMax)) {
            tooLarge();
            return false;
        }
        return isAnnouncedWithin(bytesMax);
    }

    void limitTime(long nanos) {
        time.limit(nanos);
    }

    boolean receive(ContentSink sink, long bytesMax) {
        if (!state.is(Content.UNASKED) || !state.isUndecided()) {
            throw new IllegalStateException("the content was asked for before, or is skipped, or the answer is there");
        }
        long most = Math.min(bytesMax, contentBytesMax);
        if (!isAnnouncedWithin(most)) {
            return false;
        }
        reception.open(sink, bytesMax, contentBytesMax);
        engine().proceed(stream);
        return true;
    }

    private boolean isAnnouncedWithin(long bytesMax) {
        if (request().contentLength() <= bytesMax) {
            return true;
        }
        tooLarge();
        return false;
    }

    void tunnel(Ascii protocol, Tunnel tunnel) {
        if (!state.is(Content.UNASKED)) {
            throw new IllegalStateException("the content was asked for before");
        }
        engine().tunnel(stream);
        contentBytesMax = Long.MAX_VALUE;
        reception.open(tunnel, Long.MAX_VALUE, Long.MAX_VALUE);
        engine().respond(stream, reply);
        reply.giveTunnel(request().version() < HTTP_2 ? Status.SWITCHING_PROTOCOLS : Status.OK, protocol, tunnel);
        begun(reply.status());
    }

    boolean isTunnel() {
        return reply.tunnel() != null;
    }

    /// The connection of a tunnel is at rest, and its engine goes.
    void rest() {
        engine = null;
        reply.rest();
    }

    /// It is taken up again: the connection is the same, its engine another one.
    void reopen(Http1Server newEngine, Reply.Pulled pulled) {
        engine = newEngine;
        reply.reopen(pulled);
        stream = newEngine.reopen(reply);
        if (state.is(Answering.CUT)) {
            newEngine.abort(stream);
        }
    }

    /// {@return true: only a tunnel is kept, and an end would cut it}
    @Override
    public boolean isBusy() {
        return true;
    }

    /// The server stops.
    void stopping() {
        Tunnel tunnel = reply.tunnel();
        if (tunnel != null && state.isLent()) {
            try {
                tunnel.stopping(exchange);
            } catch (RuntimeException | Error thrown) {
                fail(thrown);
            }
        }
    }

    void resumeAnswer() {
        if (state.is(Answering.GIVEN)) {
            if (engine != null) {  // else it rests
                engine.resume(stream);
            }
            transport().turnSoon();
        }
    }

    boolean earlyHints(FixedFields hints) {
        requireUnansweredOrLater();
        if (hints.bytes() > engine().outputBytesMin() - INTERIM_BYTES) {
            throw new IllegalArgumentException("hints: " + hints.bytes() + " bytes, at most " + (engine().outputBytesMin() - INTERIM_BYTES));
        }
        boolean will = engine().inform(stream, Status.EARLY_HINTS, hints.writer());
        if (will) {
            transport().turnSoon();
        }
        return will;
    }

    private void requireUnansweredOrLater() {
        if (!state.is(Answering.LATER)) {
            requireUnanswered();
        }
    }

    void resume() {
        if (state.is(Content.HELD)) {
            data();
        }
        if (state.is(Answering.GIVEN) && engine != null) {
            engine.resume(stream);
        }
        transport().turnSoon();
    }

    Later later() {
        if (!state.is(Answering.LATER)) {
            requireUnanswered();
            state.move(Answering.LATER);
            later.open();
        }
        return later;
    }

    /// Gives up the exchange: nothing more of its answer is sent.
    void cut() {
        if (!state.is(Answering.CUT)) {
            state.move(Answering.CUT);
            time.stop();
            reception.close();
            if (engine != null) {  // else it rests, and hears of it when it is taken up
                engine.abort(stream);
            }
            transport().turnSoon();
        }
    }

    /// {@return whether an answer would be taken for a tunnel that nobody has made: an extended CONNECT is answered by 2xx in that case alone
    /// (RFC 9110, section 9.3.6). Whoever serves it as any request answers 501}
    private boolean isNoTunnel(int status) {
        return request != null && request.protocolLength() >= 0 && status < REDIRECT_MIN;
    }

    void begin(int status) {
        if (isNoTunnel(status)) {
            begin(Status.NOT_IMPLEMENTED);
            return;
        }
        engine().respond(stream, reply);
        reply.give(status);
        begun(status);
    }

    void begin(int status, Ascii mediaType, MemorySegment segment, long at, long length) {
        if (isNoTunnel(status)) {
            begin(Status.NOT_IMPLEMENTED);
            return;
        }
        engine().respond(stream, reply);
        reply.give(status, mediaType, segment, at, length);
        begun(status);
    }

    void begin(int status, Answer answer) {
        if (isNoTunnel(status)) {
            begin(Status.NOT_IMPLEMENTED);
            answer.ended(false);
            return;
        }
        engine().respond(stream, reply);  // first: where that throws the answer is still the caller's
        reply.give(status, answer);
        begun(status);
    }

    private void begun(int status) {
        state.move(Answering.GIVEN);
        if (status >= ERROR_MIN) {
            failures.statistics().add(Count.ERRORS);
        }
        time.stop();
        transport().turnSoon();
    }

    // What the connection and the loop bring.

    /// A request's head is complete.
    void lend(HttpServer newEngine, Transport newTransport, Reply.Pulled pulled, long newStream, long newContentBytesMax, long newNanosMax) {
        state.move(Answering.OPEN);
        engine = newEngine;
        transport = newTransport;
        stream = newStream;
        request = newEngine.request(newStream);
        time.begin(exchange.nowNanos(), newNanosMax);
        contentBytesMax = newContentBytesMax;
        reply.renew(newTransport, pulled);
    }

    void handle(Handler handler) {
        try {
            if (isTooEarly()) {
                begin(Status.TOO_EARLY);
            } else {
                handler.handle(exchange);
            }
        } catch (RuntimeException | Error thrown) {
            fail(thrown);
        }
        if (state.is(Content.UNASKED)) {
            discard();
        }
        requireDecision();
        if (isTunnel()) {
            request = null;
        }
    }

    /// RFC 8470, section 3: who listened may say it again, and it may change something, or opens a tunnel in which something could.
    private boolean isTooEarly() {
        return isEarly() && (!request().method().isSafe() || request().find(FieldName.UPGRADE) >= 0);
    }

    /// {@return whether somebody who listened may say the request again: to us, or as a gateway tells us to it; any value is 1, and so are two
    /// (RFC 8470, section 5.1): a client's own word before the gateway's changes nothing}
    boolean isEarly() {
        return transport().isEarly() || request != null && request.find(EARLY_DATA) >= 0;
    }

    /// The handler, or its sink, has returned: it must have done something, or be waiting for something.
    private void requireDecision() {
        if (state.is(Answering.OPEN) && !state.isReceiving()) {
            failures.unanswered();
            begin(Status.INTERNAL_SERVER_ERROR);
        } else if (state.isUndecided()) {
            time.start();
        }
    }

    private void discard() {
        if (!state.is(Content.SKIPPED)) {
            state.move(Content.SKIPPED);
            reception.close();
            engine().discard(stream);
        }
    }

    /// Content has come.
    void data() {
        if (!state.isReceiving()) {
            engine().consume(stream, engine().dataLength(stream));
            return;
        }
        if (reception.isTooLarge(engine(), stream)) {
            tooLarge();
            return;
        }
        try {
            reception.offer(exchange, engine(), stream);
        } catch (RuntimeException | Error thrown) {
            fail(thrown);
        }
    }

    /// There is more content than may be, or more is announced: 413 where that can still be said.
    private void tooLarge() {
        if (state.is(Answering.GIVEN)) {
            cut();
            return;
        }
        boolean ours = giveUpLater();
        discard();
        if (ours) {
            begin(Status.CONTENT_TOO_LARGE);
        }
    }

    /// The content is complete.
    void contentEnd() {
        if (state.isReceiving()) {
            try {
                reception.end(exchange);
            } catch (RuntimeException | Error thrown) {
                fail(thrown);
            }
            requireDecision();
        }
    }

    /// Something of the application's has thrown.
    private void fail(Throwable thrown) {
        failures.thrown(thrown);
        if (!state.is(Answering.CUT)) {
            failReply();
            discard();
        }
    }

    boolean isLast(Reply.Pulled pulled) {
        return pulled.isLast(reply);
    }

    /// Makes the answer 500, where that can still be and nobody is giving another one at this moment; else gives it up.
    void failReply() {
        if (state.is(Answering.GIVEN)) {
            if (!reply.fail()) {
                cut();
            }
        } else if (giveUpLater()) {
            fields.clear();
            begin(Status.INTERNAL_SERVER_ERROR);
        }
    }

    /// {@return whether the exchange is this thread's to answer: nobody else is doing so at this moment}
    private boolean giveUpLater() {
        if (state.is(Answering.LATER) && later.close()) {
            state.move(Answering.OPEN);
        }
        return state.is(Answering.OPEN);
    }

    /// The exchange's time is over: for its timer.
    @Override
    public void run() {
        time.fired();
        if (state.isUndecided() && giveUpLater()) {
            boolean coming = state.isReceiving();
            discard();
            fields.clear();
            begin(coming ? Status.REQUEST_TIMEOUT : Status.SERVICE_UNAVAILABLE);
        }
    }

    /// Another thread has something for the exchange.
    ///
    /// @return whether the exchange, which had ended before, can now be lent again
    boolean signalled() {
        if (later.taken()) {
            if (state.is(Answering.LATER)) {
                later.give();
            } else {
                drop();
            }
            if (state.is(Answering.AWAITED)) {
                free();
                return true;
            }
        }
        if (later.isResumed() && state.isLent()) {
            resume();
        }
        return false;
    }

    /// The answer that is there is nobody's any more.
    private void drop() {
        try {
            later.drop();
        } catch (RuntimeException | Error thrown) {
            failures.thrown(thrown);
        }
    }

    /// The exchange is over.
    ///
    /// @return whether it can be lent again now: not where somebody is writing down an answer at this moment
    boolean end(boolean complete) {
        boolean free = later.close();  // first: whoever hears of the end finds that no answer is taken any more
        time.stop();
        reception.close();
        state.move(Answering.OVER);    // before they hear of it: what they do to it is refused, and does not reach the next one
        reply.settle(complete);
        engine = null;
        transport = null;
        request = null;
        reply.end(complete);
        exchange.end(complete, failures);
        if (free) {
            free();
        } else {
            state.move(Answering.AWAITED);
        }
        return free;
    }

    private void free() {
        state.move(Answering.FREE);
        later.renew();
    }
}
