package dev.coffer.server;

import dev.coffer.http.HttpEvent;
import dev.coffer.http.HttpServer;
import dev.coffer.http.MessageSource;
import dev.coffer.http.Refusal;
import dev.coffer.http.http1.Http1Server;
import dev.coffer.http.http2.Http2Server;
import dev.coffer.memory.engine.Engine;
import dev.coffer.memory.layout.HeapLayout;
import dev.coffer.server.LoopStatistics.Count;
import dev.coffer.server.drive.Kept;
import dev.coffer.server.drive.OwnOutput;
import dev.coffer.server.drive.Protocol;
import dev.coffer.server.drive.Transport;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// HTTP on one connection, whatever the version: brings the engine's events to exchanges, of which any number may be in
/// flight. Lent with its engine; see [HttpLane].
final class HttpConnection implements Protocol {
    private static final MessageSource BUSY = new Busy();  // for a request for which there is no exchange

    private final HttpLane lane;
    private final HttpVersions versions;
    private final OwnOutput output;
    private final Reply.Pulled pulled = new Reply.Pulled();

    private @Nullable HttpServer engine;  // of the version that is spoken; null while nobody has it
    private @Nullable Transport transport;
    private @Nullable Course first;     // of those in flight, a list
    private int busy;                   // answers in flight that belong to no exchange
    private boolean stopping;           // the connection is to end
    private boolean wasTunnel;          // it has become a tunnel: what the peer still sends is not read to its end
    private boolean sendsContent;       // a request announced content, some of which may be unread: the last one, in HTTP/2 any

    HttpConnection(HttpLane lane, HttpVersions versions, OwnOutput output) {
        this.lane = lane;
        this.versions = versions;
        this.output = output;
        versions.of(this);
    }

    private HttpServer spoken() {
        return Objects.requireNonNull(engine, "begun");
    }

    private Transport transport() {
        return Objects.requireNonNull(transport, "begun");
    }

    /// {@return bytes of the object, beside the engine's}
    static long heapBytes() {
        return HeapLayout.instance(HttpConnection.class) + OwnOutput.heapBytes() + HeapLayout.instance(Reply.Pulled.class) + HttpVersions.heapBytes();
    }

    @Override
    public Engine<?> engine() {
        return versions;
    }

    @Override
    public void begin(Transport newTransport) {
        transport = newTransport;
        sendsContent = false;
        stopping = false;
        Kept kept = newTransport.kept();
        wasTunnel = kept instanceof Course;
        busy = 0;
        pulled.renew();
        engine = versions.engine();
        if (kept == null) {
            return;
        }
        newTransport.keep(null);
        if (kept instanceof Course course) {
            Http1Server http1 = versions.first();
            engine = http1;
            first = course;
            course.reopen(http1, pulled);
        } else {
            sendsContent = Http2Resting.lingers(kept);
            versions.goOn(lane.resting(), kept);
            engine = versions.engine();
        }
    }

    /// The server stops: whoever does not end of himself is told.
    void stopping() {
        stopping = true;
        for (Course course = first; course != null; course = course.next) {
            course.stopping();
        }
    }

    @Override
    public void agreed(@Nullable String protocol) {
        if (!versions.isKnown()) {  // else it was agreed on before the connection rested
            versions.choose("h2".equals(protocol));
        }
        engine = versions.engine();
    }

    @Override
    public boolean event(long nowNanos) {
        HttpServer now = versions.engine();
        engine = now;
        HttpEvent event = now.pollEvent();
        if (event == null) {
            return false;
        }
        switch (event) {
            case REQUEST -> request(now.stream());
            case DATA -> {
                Course course = of(now.stream());
                if (course != null) {
                    course.data();
                }
            }
            case END -> {
                Course course = of(now.stream());
                if (course != null) {
                    course.contentEnd();
                }
            }
            case SENT -> over(now.stream(), true);
            case ABORTED -> {
                if (!versions.isShared()) {  // else one of many, and the connection goes on
                    transport().cut();
                }
                over(now.stream(), false);
            }
            case REFUSED -> {
                if (now.refusal() != Refusal.IDLE) {
                    lane.statistics().add(Count.REFUSED);
                }
            }
            default -> {}  // TRAILERS: read at the content's end; CLOSED: the engine is asked
        }
        return true;
    }

    private void request(long stream) {
        lane.statistics().add(Count.REQUESTS);
        sendsContent = spoken().request(stream).contentLength() != 0 || sendsContent && versions.isShared();
        Course course = lane.lend();
        if (course == null) {
            lane.statistics().add(Count.ERRORS);
            busy++;
            spoken().discard(stream);
            spoken().respond(stream, BUSY);
            return;
        }
        course.next = first;
        first = course;
        course.lend(spoken(), transport(), pulled, stream, lane.contentBytesMax(), lane.answerNanosMax());
        course.handle(lane.handler());
        wasTunnel |= course.isTunnel();
        if (stopping) {
            course.stopping();
        }
    }

    private @Nullable Course of(long stream) {
        Course course = first;
        while (course != null && course.stream() != stream) {
            course = course.next;
        }
        return course;
    }

    /// An exchange is over.
    private void over(long stream, boolean complete) {
        Course before = null;
        Course course = first;
        while (course != null && course.stream() != stream) {
            before = course;
            course = course.next;
        }
        if (course == null) {
            busy--;
            return;
        }
        if (before == null) {
            first = course.next;
        } else {
            before.next = course.next;
        }
        end(course, complete);
    }

    private void end(Course course, boolean complete) {
        course.next = null;
        if (course.end(complete)) {
            lane.giveBack(course);
        }
    }

    @Override
    public boolean failed(Throwable thrown) {
        lane.failures().thrown(thrown);
        for (Course course = first; course != null; course = course.next) {
            if (course.isLast(pulled)) {
                course.failReply();
                return true;
            }
        }
        return pulled.takeGone();
    }

    @Override
    public boolean isAtRest() {
        Http2Server shared = versions.shared();
        return shared == null ? versions.isAtRest() : !isBusy() && lane.resting().takes(shared);
    }

    @Override
    public boolean isBusy() {
        return first != null || busy > 0;
    }

    @Override
    public boolean giveWay(long nowNanos, long patienceNanos) {
        return !isBusy() && versions.giveWay(nowNanos, patienceNanos);
    }

    @Override
    public boolean lingers() {
        return versions.engine().refusal().status() != 0 || sendsContent || wasTunnel;
    }

    /// A tunnel at rest is kept for the connection, without an engine, and so are HTTP/2's tables; everything else is over.
    @Override
    public void end() {
        Http2Server shared = versions.shared();
        if (shared != null && isAtRest()) {
            lane.resting().rest(shared, transport(), lingers());
        }
        if (first != null && first.isTunnel() && versions.isAtRest()) {
            first.rest();
            transport().keep(first);
            first = null;
        }
        while (first != null) {
            Course course = first;
            first = course.next;
            end(course, false);
        }
        versions.close();
        engine = null;
        transport = null;
        sendsContent = false;
    }

    @Override
    public OwnOutput output() {
        return output;
    }
}
