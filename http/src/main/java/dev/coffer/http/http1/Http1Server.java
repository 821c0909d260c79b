package dev.coffer.http.http1;

import dev.coffer.http.DateField;
import dev.coffer.http.HeadWriter;
import dev.coffer.http.HttpEvent;
import dev.coffer.http.HttpServer;
import dev.coffer.http.MessageSource;
import dev.coffer.http.Method;
import dev.coffer.http.Refusal;
import dev.coffer.http.RequestHead;
import dev.coffer.http.internal.CheckedHead;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The server's side of one HTTP/1.1 connection (RFC 9112), over the caller's memory; reusable for one connection after
/// another by [#reset]. See [dev.coffer.http.HttpEngine] for the driver's turn and [HttpServer] for the application's.
///
/// A peer that breaks a rule or a limit is answered with the status of its [Refusal] and the connection ends; if the
/// answer to its request has begun, or the status is 0, it ends without another byte. The driver then flushes, shuts its
/// writing side and discards for a moment what still comes, lest a reset overtake the answer.
///
/// Pipelined requests wait in the input memory, one is told at a time, in order. 0 heap bytes after construction; one
/// thread at a time.
@SuppressWarnings("exports")  // annotations that users need not have
public final class Http1Server extends Http1Engine implements HttpServer {
    private final ReceivedRequest request;
    private boolean awaits100;     // the client holds its content back; this and the next are of the last request
    private boolean told100;       // we asked for it
    private boolean tunnel;        // the open exchange is one
    private boolean reticent;      // nothing is said to who speaks something else
    private long between;          // when the wait for the next head began
    private long headBegan;        // when its first byte came, NEVER before

    /// @param config  what the connection may hold
    /// @param memory  where; stays the caller's, and must outlive the engine
    /// @param at      offset of [Http1Config#plan] bytes, all zero
    /// @param date    the loop's Date, or null for responses without one
    /// @throws IllegalArgumentException  the bytes do not lie in the memory (caller's fault)
    public Http1Server(Http1Config config, MemorySegment memory, long at, @Nullable DateField date) {
        super(config, memory, at, date, true);
        request = (ReceivedRequest) receiver.head;
        headBegan = NEVER;
    }

    @Override
    public void reset(long nowNanos) {
        between = nowNanos;
        headBegan = NEVER;
        tunnel = false;
        reticent = false;
        super.reset(nowNanos);
    }

    /// Says nothing to a client whose first line is of something else than HTTP/1.x (a method that nobody knows, and a third word that is no version of HTTP):
    /// the connection ends without an answer. For where such a line may as well be a preface of HTTP/2 that went wrong (RFC 9113, section 3.4).
    /// Until [#reset].
    public void ignoreStrangers() {
        reticent = true;
    }

    /// {@return whether nothing is here that the connection will need; of a tunnel, whether nothing is under way either way: it is taken up again by
    /// [#reopen]}
    @Override
    public boolean isAtRest() {
        return tunnel ? open && !ending && !peerEnded && pending == 0 && receiver.isTunnelEmpty() && sender.isTunnelIdle()
                : !open && !ending && !shut && !peerEnded && pending == 0 && receiver.isAtRest() && sender.isIdle();
    }

    @Override
    void advance() {
        while (!ending && pending == 0) {  // one event at a time: what is told must not depend on what else has come
            switch (receiver.step()) {
                case NEED -> {
                    if (peerEnded) {
                        starved();
                    }
                    return;
                }
                case HEAD -> begin();
                case DATA -> {
                    awaits100 = false;
                    if (!tunnel && receiver.taken() > limits.bodyBytesMax()) {
                        refuse(Refusal.CONTENT_TOO_LARGE);
                    } else if (!skipping) {
                        tell(HttpEvent.DATA);
                        return;
                    } else {
                        receiver.consume(receiver.dataLength());
                        drained();
                    }
                }
                case TRAILERS -> {
                    if (!skipping) {
                        tell(HttpEvent.TRAILERS);
                    }
                }
                case END -> {
                    if (!skipping) {
                        tell(HttpEvent.END);
                    }
                    if (!open) {
                        nextRequest();
                    }
                }
                case REFUSED -> refuse(receiver.refusal());
            }
        }
    }

    private void begin() {
        stream++;
        fresh = false;
        if (request.contentLength() > limits.bodyBytesMax()) {
            refuse(Refusal.CONTENT_TOO_LARGE);
            return;
        }
        open = true;
        tunnel = false;
        sender.tunnels = false;
        skipping = false;
        headBegan = NEVER;
        sender.bodiless = request.method() == Method.HEAD;
        sender.oldPeer = request.version() < 11;
        sender.closes = !request.isPersistent || shut;
        awaits100 = request.expectsContinue() && request.contentLength() != 0;
        told100 = false;
        receiver.body(request.contentLength());
        tell(HttpEvent.REQUEST);
    }

    /// Ends the connection if more is skipped after the answer than it is worth.
    private void drained() {
        if (!open && receiver.taken() > config.drainBytesMax()) {
            finish();
        }
    }

    private void nextRequest() {
        receiver.next();
        skipping = false;
        between = last;
        headBegan = NEVER;
        if (shut) {
            finish();
        }
    }

    /// The parser wants more and the peer's stream has ended.
    private void starved() {
        if (!open && receiver.isBetween()) {
            finish();
        } else if (!open && !receiver.isComplete() || receiver.inBody() && receiver.dataLength() == 0) {
            cut(Refusal.TRUNCATED);
        }
    }

    /// Answers the peer's fault, if it still can be answered: not in the content of a request that has its answer, as a second
    /// one would be taken for the next request's.
    private void refuse(Refusal why) {
        if (why.status() == 0 || !sender.isUnbegun() || skipping && !open || reticent && fresh && request.isStrange()) {
            cut(why);
            return;
        }
        blame(why);
        abandon();
        ending = true;
        sender.bodiless = request.method() == Method.HEAD;
        sender.refuse(why);
    }

    @Override
    void abandon() {
        untellContent();
        if (open) {
            if (isPending(HttpEvent.REQUEST)) {
                untell(HttpEvent.REQUEST);
                open = false;
            } else if (!isPending(HttpEvent.SENT)) {  // its answer is complete, whatever became of the rest of the request
                tell(HttpEvent.ABORTED);
            }
        }
    }

    @Override
    void written() {
        if (sender.isFailed()) {
            cut(Refusal.LOCAL);
        } else if (ending) {
            finish();  // the answer to a refusal is written
        } else if (!isPending(HttpEvent.SENT)) {
            tell(HttpEvent.SENT);
        }
    }

    @Override
    void told(HttpEvent event) {
        if (event == HttpEvent.ABORTED) {
            open = false;
        } else if (event == HttpEvent.SENT) {
            open = false;
            boolean close = sender.closes;
            sender.end();
            if (ending) {
                return;  // CLOSED follows
            }
            if (close) {
                finish();
            } else if (receiver.isEnded()) {
                nextRequest();
            } else {
                skip();
                drained();
            }
        }
    }

    @Override
    void disconnected() {
        if (!open && receiver.isBetween()) {
            finish();
        } else {
            cut(Refusal.BROKEN);  // no request can be answered any more, complete or not
        }
    }

    @Override
    void tooSlow() {
        refuse(Refusal.TOO_SLOW);
    }

    @Override
    void waitedTooLong() {
        refuse(receiver.inHead() ? Refusal.TOO_SLOW : Refusal.IDLE);
    }

    @Override
    long waitUntil(long now) {
        if (ending || open || !receiver.isBetween() && !receiver.inHead()) {
            return NEVER;
        }
        if (receiver.isBetween()) {
            return between + (fresh ? limits.headNanosMax() : limits.idleNanosMax());
        }
        if (headBegan == NEVER) {
            headBegan = fresh ? between : now;
        }
        return headBegan + limits.headNanosMax();
    }

    @Override
    boolean awaitsContent() {
        return !ending && !tunnel && receiver.inBody();
    }

    @Override
    boolean holdsContent() {
        return receiver.dataLength() > 0 || awaits100 && !told100;
    }

    @Override
    public RequestHead request(long wanted) {
        check(wanted);
        return request;
    }

    @Override
    public void proceed(long wanted) {
        check(wanted);
        if (awaits100 && !told100 && sender.isUnanswered()) {
            told100 = true;
            sender.interim();
        }
    }

    @Override
    public void respond(long wanted, MessageSource source) {
        check(wanted);
        java.util.Objects.requireNonNull(source);
        if (ending) {
            return;  // ABORTED is on its way
        }
        if (!sender.isUnanswered()) {
            throw new IllegalStateException("stream " + wanted + " has its answer");
        }
        // content that the client still holds back, or too much of it, is not worth the connection
        sender.closes |= shut || awaits100 && !told100 || receiver.left() > config.drainBytesMax();
        sender.begin(source);
    }

    @Override
    public void tunnel(long wanted) {
        check(wanted);
        if (ending) {
            return;  // ABORTED is on its way
        }
        if (request.version() < 11 || request.contentLength() != 0 || !receiver.isComplete() || !sender.isUnanswered()) {
            throw new IllegalStateException("stream " + wanted + ": a request of HTTP/1.1 without content is upgraded, before its answer");
        }
        untell(HttpEvent.END);
        receiver.tunnel();
        skipping = false;
        sender.tunnels = true;
        tunnel = true;
    }

    /// Takes up a tunnel that was at rest, after [#reset]: nothing of the connection was held meanwhile, its head neither.
    ///
    /// @param source  pulled as before
    /// @return the stream by which the exchange is known from now on
    public long reopen(MessageSource source) {
        if (!fresh || open || ending) {
            throw new IllegalStateException("reopen: the engine is in use");
        }
        stream++;
        fresh = false;
        open = true;
        tunnel = true;
        receiver.reopen();
        sender.reopen(java.util.Objects.requireNonNull(source));
        return stream;
    }

    @Override
    public boolean inform(long wanted, int status, Consumer<HeadWriter> fields) {
        check(wanted);
        CheckedHead.checkInterim(status);
        return !ending && sender.inform(status, java.util.Objects.requireNonNull(fields));
    }

    @Override
    public boolean giveWay(long nowNanos, long patienceNanos) {
        tick(nowNanos);
        boolean gives = !ending && !open && receiver.inHead() && headBegan != NEVER && nowNanos - headBegan >= patienceNanos;
        if (gives) {
            waitedTooLong();
            settle(nowNanos);
        }
        return gives;
    }

    @Override
    void retire() {
        if (!open && !ending && receiver.isBetween()) {
            finish();
        } else if (open) {
            sender.closes = true;  // said in the head if that is still to be written
        }
    }
}
