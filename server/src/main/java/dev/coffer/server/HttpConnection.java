package dev.coffer.server;

import dev.coffer.http.HttpEvent;
import dev.coffer.http.HttpServer;
import dev.coffer.http.MessageSource;
import dev.coffer.http.Refusal;
import dev.coffer.memory.engine.Engine;
import dev.coffer.memory.layout.HeapLayout;
import dev.coffer.server.LoopStatistics.Count;
import dev.coffer.server.drive.Protocol;
import dev.coffer.server.drive.Transport;
import java.lang.foreign.MemorySegment;

/// HTTP on one connection, whatever the version: brings the engine's events to exchanges, of which any number may be in
/// flight. Lent with its engine; see [HttpLane].
final class HttpConnection implements Protocol {
    private static final MessageSource BUSY = new Busy();  // for a request for which there is no exchange

    private final HttpLane lane;
    private final HttpServer engine;
    private final MemorySegment output;
    private final long outputAt;
    private final int outputBytes;

    private Transport transport;
    private Exchange first;             // of those in flight, a list
    private int busy;                   // answers in flight that belong to no exchange
    private boolean sendsContent;       // the last request announced content, some of which may be unread

    /// @param output  `outputBytes` at `outputAt`, zero
    HttpConnection(HttpLane lane, HttpServer engine, MemorySegment output, long outputAt, int outputBytes) {
        this.lane = lane;
        this.engine = engine;
        this.output = output;
        this.outputAt = outputAt;
        this.outputBytes = outputBytes;
    }

    /// {@return bytes of the object, beside the engine's}
    static long heapBytes() {
        return HeapLayout.instance(HttpConnection.class);
    }

    @Override
    public Engine<?> engine() {
        return engine;
    }

    @Override
    public void begin(Transport newTransport) {
        transport = newTransport;
        sendsContent = false;
        busy = 0;
    }

    @Override
    public boolean event(long nowNanos) {
        HttpEvent event = engine.pollEvent();
        if (event == null) {
            return false;
        }
        switch (event) {
            case REQUEST -> request(engine.stream());
            case DATA -> {
                Exchange exchange = of(engine.stream());
                if (exchange != null) {
                    exchange.data();
                }
            }
            case END -> {
                Exchange exchange = of(engine.stream());
                if (exchange != null) {
                    exchange.contentEnd();
                }
            }
            case SENT -> over(engine.stream(), true);
            case ABORTED -> {
                transport.cut();
                over(engine.stream(), false);
            }
            case REFUSED -> {
                if (engine.refusal() != Refusal.IDLE) {
                    lane.statistics().add(Count.REFUSED);
                }
            }
            default -> {}  // TRAILERS: read at the content's end; CLOSED: the engine is asked
        }
        return true;
    }

    private void request(long stream) {
        lane.statistics().add(Count.REQUESTS);
        sendsContent = engine.request(stream).contentLength() != 0;
        Exchange exchange = lane.lend();
        if (exchange == null) {
            lane.statistics().add(Count.ERRORS);
            busy++;
            engine.discard(stream);
            engine.respond(stream, BUSY);
            return;
        }
        exchange.next = first;
        first = exchange;
        exchange.lend(engine, transport, stream, lane.contentBytesMax(), lane.answerNanosMax());
        exchange.handle(lane.handler());
    }

    private Exchange of(long stream) {
        Exchange exchange = first;
        while (exchange != null && exchange.stream() != stream) {
            exchange = exchange.next;
        }
        return exchange;
    }

    /// An exchange is over.
    private void over(long stream, boolean complete) {
        Exchange before = null;
        Exchange exchange = first;
        while (exchange != null && exchange.stream() != stream) {
            before = exchange;
            exchange = exchange.next;
        }
        if (exchange == null) {
            busy--;
            return;
        }
        if (before == null) {
            first = exchange.next;
        } else {
            before.next = exchange.next;
        }
        end(exchange, complete);
    }

    private void end(Exchange exchange, boolean complete) {
        exchange.next = null;
        if (exchange.end(complete)) {
            lane.giveBack(exchange);
        }
    }

    @Override
    public boolean failed(Throwable thrown) {
        lane.failures().thrown(thrown);
        for (Exchange exchange = first; exchange != null; exchange = exchange.next) {
            if (exchange.isReply(lane.pulled().last)) {
                if (!exchange.failReply()) {
                    engine.abort(exchange.stream());
                }
                return true;
            }
        }
        return false;
    }

    @Override
    public boolean isAtRest() {
        return engine.isAtRest();
    }

    @Override
    public boolean isBusy() {
        return first != null || busy > 0;
    }

    @Override
    public boolean lingers() {
        return engine.refusal().status() != 0 || sendsContent;
    }

    @Override
    public void end() {
        while (first != null) {
            Exchange exchange = first;
            first = exchange.next;
            end(exchange, false);
        }
        engine.close();
        transport = null;
        sendsContent = false;
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
