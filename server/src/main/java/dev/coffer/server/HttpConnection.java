package dev.coffer.server;

import dev.coffer.http.HttpEvent;
import dev.coffer.http.HttpServer;
import dev.coffer.http.http2.Http2Server;
import dev.coffer.memory.engine.Engine;
import dev.coffer.memory.layout.HeapLayout;
import dev.coffer.server.drive.Kept;
import dev.coffer.server.drive.OwnOutput;
import dev.coffer.server.drive.Protocol;
import dev.coffer.server.drive.Transport;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// HTTP/1.1 or HTTP/2 on one connection of bytes: the engine of its version, whose events go to its [Courses]. Lent with its engine; see [HttpLane].
final class HttpConnection implements Protocol {
    private final HttpLane lane;
    private final HttpVersions versions;
    private final OwnOutput output;
    private final Courses courses;
    private @Nullable Transport transport;  // null while nobody has it

    HttpConnection(HttpLane lane, HttpVersions versions, OwnOutput output) {
        this.lane = lane;
        this.versions = versions;
        this.output = output;
        this.courses = new Courses(lane, true);
        versions.of(this);
    }

    private Transport transport() {
        return Objects.requireNonNull(transport, "begun");
    }

    /// {@return bytes of the object, beside the engine's}
    static long heapBytes() {
        return HeapLayout.instance(HttpConnection.class) + OwnOutput.heapBytes() + Courses.heapBytes() + HttpVersions.heapBytes();
    }

    @Override
    public Engine<?> engine() {
        return versions;
    }

    @Override
    public void begin(Transport newTransport) {
        transport = newTransport;
        Kept kept = newTransport.kept();
        boolean tunnel = kept instanceof Course;
        courses.begin(newTransport, kept != null && !tunnel && Http2Resting.lingers(kept));
        if (kept == null) {
            return;
        }
        newTransport.keep(null);
        if (kept instanceof Course course) {
            courses.reopen(course, versions.first());
        } else {
            versions.goOn(lane.resting(), kept);
        }
    }

    /// The server stops: whoever does not end of himself is told.
    void stopping() {
        courses.stopping();
    }

    @Override
    public void agreed(@Nullable String protocol) {
        if (!versions.isKnown()) {  // else it was agreed on before the connection rested
            versions.choose("h2".equals(protocol));
        }
    }

    @Override
    public boolean event(long nowNanos) {
        HttpServer engine = versions.engine();
        HttpEvent event = engine.pollEvent();
        if (event != null) {
            courses.heard(event, engine, versions.isShared());
        }
        return event != null;
    }

    @Override
    public boolean failed(Throwable thrown) {
        return courses.failed(thrown);
    }

    @Override
    public boolean isAtRest() {
        Http2Server shared = versions.shared();
        return shared == null ? versions.isAtRest() : !isBusy() && lane.resting().takes(shared);
    }

    @Override
    public boolean isBusy() {
        return courses.areBusy();
    }

    @Override
    public boolean giveWay(long nowNanos, long patienceNanos) {
        return !isBusy() && versions.giveWay(nowNanos, patienceNanos);
    }

    @Override
    public boolean lingers() {
        return versions.engine().refusal().status() != 0 || courses.leaveUnread();
    }

    /// A tunnel at rest is kept for the connection, without an engine, and so are HTTP/2's tables; everything else is over.
    @Override
    public void end() {
        Http2Server shared = versions.shared();
        if (shared != null && isAtRest()) {
            lane.resting().rest(shared, transport(), lingers());
        }
        if (courses.areTunnel() && versions.isAtRest()) {
            transport().keep(courses.rest());
        }
        courses.end();
        versions.close();
        transport = null;
    }

    @Override
    public OwnOutput output() {
        return output;
    }
}
