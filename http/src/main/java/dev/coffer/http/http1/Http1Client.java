package dev.coffer.http.http1;

import dev.coffer.http.HttpClient;
import dev.coffer.http.HttpEvent;
import dev.coffer.http.MessageSource;
import dev.coffer.http.Method;
import dev.coffer.http.Refusal;
import dev.coffer.http.ResponseHead;
import dev.coffer.http.Status;
import java.lang.foreign.MemorySegment;

/// The client's side of one HTTP/1.1 connection (RFC 9112), over the caller's memory; reusable for one connection after
/// another by [#reset]. One request at a time: it does not pipeline, since a lost connection would leave it unknown
/// which requests were served.
///
/// A server that breaks a rule or a limit is not answered: the exchange is aborted and the connection ends. So does a
/// byte that no request asked for. 0 heap bytes after construction; one thread at a time.
public final class Http1Client extends Http1Engine implements HttpClient {
    private final ReceivedResponse response;
    private long asked;         // when the wait for the next response head began
    private long headBegan = NEVER;
    private int informations;   // interim heads of this exchange
    private boolean answered;   // END was told or skipped; this and the next two are of the last exchange
    private boolean sent;       // SENT was told
    private boolean heard;      // a whole head has come

    /// @param config  what the connection may hold
    /// @param memory  where; stays the caller's, and must outlive the engine
    /// @param at      offset of [Http1Config#plan] bytes, all zero
    /// @throws IllegalArgumentException  the bytes do not lie in the memory (caller's fault)
    public Http1Client(Http1Config config, MemorySegment memory, long at) {
        super(config, memory, at, null, false);
        response = (ReceivedResponse) receiver.head;
    }

    @Override
    public void reset(long nowNanos) {
        asked = nowNanos;
        headBegan = NEVER;
        super.reset(nowNanos);
    }

    @Override
    public boolean canRequest() {
        return !open && !ending && !shut && !peerEnded && receiver.isBetween();
    }

    @Override
    public long request(MessageSource source) {
        java.util.Objects.requireNonNull(source);
        if (!canRequest()) {
            return -1;
        }
        stream++;
        open = true;
        skipping = false;
        answered = false;
        sent = false;
        heard = false;
        informations = 0;
        asked = last;
        headBegan = NEVER;
        sender.closes = false;
        sender.begin(source);
        return stream;
    }

    @Override
    public boolean isUnheard(long wanted) {
        if (wanted != stream) {
            throw new IllegalArgumentException("stream " + wanted + " (the last one is " + stream + ")");
        }
        return !heard && receiver.isBetween();
    }

    @Override
    public ResponseHead response(long wanted) {
        check(wanted);
        return response;
    }

    @Override
    void advance() {
        while (!ending && pending == 0) {  // one event at a time: what is told must not depend on what else has come
            if (open && skipping && !answered && receiver.isEnded()) {
                answered = true;           // the end had come, untold, when the content was discarded
                exchanged();
                continue;
            }
            if (!receiver.isBetween() && (!open || sender.isUnbegun())) {
                cut(Refusal.UNEXPECTED);   // an answer to nothing
                return;
            }
            if (receiver.isJudged()) {
                receiver.body(0);          // the interim response has been told
                receiver.step();
                receiver.next();
                headBegan = NEVER;
            }
            response.toHead = sender.method == Method.HEAD;
            switch (receiver.step()) {
                case NEED -> {
                    if (peerEnded) {
                        starved();
                    }
                    return;
                }
                case HEAD -> begin();
                case DATA -> {
                    if (receiver.taken() > limits.bodyBytesMax()) {
                        cut(Refusal.CONTENT_TOO_LARGE);
                    } else if (!skipping) {
                        tell(HttpEvent.DATA);
                        return;
                    } else {
                        receiver.consume(receiver.dataLength());
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
                }
                case REFUSED -> cut(receiver.refusal());
            }
        }
    }

    private void begin() {
        heard = true;
        int status = response.status();
        if (status < 200) {
            if (status == Status.SWITCHING_PROTOCOLS) {
                cut(Refusal.UNEXPECTED);
                return;
            }
            if (++informations > INFORMATIONS_MAX) {
                cut(Refusal.TOO_MANY_INFORMATIONS);
                return;
            }
            if (status == Status.CONTINUE) {
                sender.proceed();
            }
            tell(HttpEvent.INFORMATION);
            return;
        }
        if (response.contentLength() > limits.bodyBytesMax()) {
            cut(Refusal.CONTENT_TOO_LARGE);
            return;
        }
        sender.stopShort();
        receiver.body(response.untilClose ? -2 : response.contentLength());
        tell(HttpEvent.RESPONSE);
    }

    /// The parser wants more and the server's stream has ended.
    private void starved() {
        if (!open) {
            finish();
        } else if (answered) {
            exchanged();
        } else if (!receiver.isComplete() && receiver.dataLength() == 0) {
            cut(lost ? Refusal.BROKEN : Refusal.TRUNCATED);
        }
    }

    /// Ends the exchange when both halves are done.
    private void exchanged() {
        boolean closes = !response.isPersistent || sender.closes;
        if (answered && !sender.isSent() && (closes || peerEnded)) {
            cut(Refusal.LOCAL);  // the server takes no more of the request
        } else if (answered && sent) {
            open = false;
            sender.end();
            if (closes || shut) {
                finish();
            } else {
                receiver.next();
                asked = last;
            }
        }
    }

    @Override
    void abandon() {
        untell(HttpEvent.INFORMATION);
        untell(HttpEvent.RESPONSE);
        untellContent();
        if (open) {
            untell(HttpEvent.SENT);
            tell(HttpEvent.ABORTED);
        }
    }

    @Override
    void written() {
        if (sender.isFailed()) {
            cut(Refusal.LOCAL);
        } else if (!sent && !isPending(HttpEvent.SENT)) {
            asked = last;
            tell(HttpEvent.SENT);
        }
    }

    @Override
    void told(HttpEvent event) {
        switch (event) {
            case ABORTED -> open = false;
            case END -> {
                answered = true;
                exchanged();
            }
            case SENT -> {
                sent = true;
                exchanged();
            }
            default -> {}
        }
    }

    @Override
    void disconnected() {
        advance();  // an answer that has come whole is whole
    }

    @Override
    void tooSlow() {
        cut(Refusal.TOO_SLOW);
    }

    @Override
    void waitedTooLong() {
        if (sender.isWaiting()) {
            sender.proceed();  // send the content unasked (RFC 9110, section 10.1.1)
            asked = last;
        } else {
            cut(open ? Refusal.TOO_SLOW : Refusal.IDLE);
        }
    }

    @Override
    long waitUntil(long now) {
        if (ending) {
            return NEVER;
        }
        if (receiver.inHead()) {
            headBegan = headBegan == NEVER ? now : headBegan;
            // the last head begins within the idle time, whatever interim ones came before it: they put nothing off
            return (sender.isSent() || sender.isWaiting() ? Math.min(headBegan, asked + limits.idleNanosMax()) : headBegan) + limits.headNanosMax();
        }
        if (sender.isWaiting()) {
            return asked + config.continueNanosMax();
        }
        return receiver.isBetween() && (!open || sender.isSent()) ? asked + limits.idleNanosMax() : NEVER;
    }

    @Override
    boolean awaitsContent() {
        return !ending && receiver.inBody();
    }

    @Override
    boolean holdsContent() {
        return receiver.dataLength() > 0;
    }

    @Override
    void retire() {
        if (!open && !ending) {
            finish();
        }
    }
}
