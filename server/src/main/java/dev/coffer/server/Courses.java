package dev.coffer.server;

import dev.coffer.http.HttpEvent;
import dev.coffer.http.HttpServer;
import dev.coffer.http.MessageSource;
import dev.coffer.http.Refusal;
import dev.coffer.http.http1.Http1Server;
import dev.coffer.memory.layout.HeapLayout;
import dev.coffer.server.LoopStatistics.Count;
import dev.coffer.server.drive.Transport;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The exchanges of one connection that are in flight, any number, whatever version is spoken: what an engine tells is brought to them. One a connection that is
/// lent an engine, reused.
final class Courses {
    private static final MessageSource BUSY = new Busy();  // for a request for which there is no exchange

    private final HttpLane lane;
    private final boolean announces;
    private final Reply.Pulled pulled = new Reply.Pulled();

    private @Nullable Transport transport;  // null while there is no connection
    private @Nullable Course first;     // of those in flight, a list
    private int busy;                   // answers in flight that belong to no exchange
    private boolean stopping;           // the connection is to end
    private boolean wasTunnel;          // it has become a tunnel: what the peer still sends is not read to its end
    private boolean sendsContent;       // a request announced content, some of which may be unread: the last one, where exchanges share a connection any

    /// @param announces  whether answers say where else the server is
    Courses(HttpLane lane, boolean announces) {
        this.lane = lane;
        this.announces = announces;
    }

    private Transport transport() {
        return Objects.requireNonNull(transport, "begun");
    }

    /// {@return bytes of the objects}
    static long heapBytes() {
        return HeapLayout.instance(Courses.class) + HeapLayout.instance(Reply.Pulled.class);
    }

    /// A connection begins, or goes on after a rest.
    ///
    /// @param content  whether content of its requests may be unread
    void begin(Transport newTransport, boolean content) {
        transport = newTransport;
        sendsContent = content;
        stopping = false;
        wasTunnel = false;
        busy = 0;
        pulled.renew();
    }

    /// A tunnel that was at rest goes on.
    void reopen(Course course, Http1Server engine) {
        wasTunnel = true;
        first = course;
        course.reopen(engine, pulled);
    }

    /// {@return whether the one exchange is a tunnel}
    boolean areTunnel() {
        return first != null && first.isTunnel();
    }

    /// {@return the tunnel, which now rests: it is in flight here no more}
    Course rest() {
        Course course = Objects.requireNonNull(first, "a tunnel");
        course.rest();
        first = null;
        return course;
    }

    /// The server stops: whoever does not end of himself is told.
    void stopping() {
        stopping = true;
        for (Course course = first; course != null; course = course.next) {
            course.stopping();
        }
    }

    /// Acts on what the engine has told.
    ///
    /// @param shared  whether exchanges share the connection, so that one can end before its time and the others go on
    void heard(HttpEvent event, HttpServer engine, boolean shared) {
        switch (event) {
            case REQUEST -> request(engine, engine.stream(), shared);
            case DATA -> {
                Course course = of(engine.stream());
                if (course != null) {
                    course.data();
                }
            }
            case END -> {
                Course course = of(engine.stream());
                if (course != null) {
                    course.contentEnd();
                }
            }
            case SENT -> over(engine.stream(), true);
            case ABORTED -> {
                if (!shared) {
                    transport().cut();
                }
                over(engine.stream(), false);
            }
            case REFUSED -> {
                if (engine.refusal() != Refusal.IDLE) {
                    lane.statistics().add(Count.REFUSED);
                }
            }
            default -> {}  // TRAILERS: read at the content's end; CLOSED: the engine is asked
        }
    }

    private void request(HttpServer engine, long stream, boolean shared) {
        lane.statistics().add(Count.REQUESTS);
        sendsContent = engine.request(stream).contentLength() != 0 || sendsContent && shared;
        Course course = lane.lend();
        if (course == null) {
            lane.statistics().add(Count.ERRORS);
            busy++;
            engine.discard(stream);
            engine.respond(stream, BUSY);
            return;
        }
        course.next = first;
        first = course;
        course.lend(engine, transport(), pulled, stream, lane.contentBytesMax(), lane.answerNanosMax());
        course.reply().announce(announces ? lane.announced() : FixedFields.NONE);
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

    /// An application has thrown where its answer was asked for.
    ///
    /// @return whether somebody is to blame, and answers something else now
    boolean failed(Throwable thrown) {
        lane.failures().thrown(thrown);
        for (Course course = first; course != null; course = course.next) {
            if (course.isLast(pulled)) {
                course.failReply();
                return true;
            }
        }
        return pulled.takeGone();
    }

    /// {@return whether a request is in flight}
    boolean areBusy() {
        return first != null || busy > 0;
    }

    /// {@return whether the peer may be sending what nobody reads}
    boolean leaveUnread() {
        return sendsContent || wasTunnel;
    }

    /// The connection has ended, or rests: every exchange that is left is over.
    void end() {
        while (first != null) {
            Course course = first;
            first = course.next;
            end(course, false);
        }
        transport = null;
        sendsContent = false;
    }
}
