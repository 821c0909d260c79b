package dev.coffer.server;

import dev.coffer.http.HttpEvent;
import dev.coffer.http.http3.Http3Config;
import dev.coffer.http.http3.Http3Server;
import dev.coffer.http.http3.Http3Streams;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.engine.NetworkPath;
import dev.coffer.memory.layout.HeapLayout;
import dev.coffer.quic.QuicConnection;
import dev.coffer.server.LoopStatistics.Count;
import dev.coffer.server.drive.Kept;
import dev.coffer.server.drive.Transport;
import dev.coffer.server.time.Timer;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// HTTP/3 on one connection of QUIC: takes what has come on its streams, writes what is due to them, and brings its events to its [Courses]. One a number of the
/// endpoint's, made at start; see [Http3Lane].
///
/// ```
///   free --EARLY, CONNECTED--> open --CLOSED--> free
/// ```
final class Http3Connection implements Transport, Runnable {
    /// Bytes of its memory beside the engine's: the path that it was heard from last.
    static final long PATH_BYTES = 64;
    private static final long NEVER = Long.MAX_VALUE;
    private static final long H3_INTERNAL_ERROR = 0x102;  // RFC 9114, section 8.1

    private final Http3Lane lane;
    final int number;
    private final Http3Server engine;
    private final Courses courses;
    private final Timer timer;
    private final MemorySegment memory;
    private final long pathAt;

    private @Nullable QuicConnection quic;  // null while free
    private boolean turning;
    private long armed = NEVER;     // what the timer was told
    private boolean cut;            // something that had begun
    boolean due;                    // it stands in the lane's list
    @Nullable
    Http3Connection nextDue;

    /// @param memory  the engine's at `at`, the path's at `pathAt`, zero
    Http3Connection(Http3Lane lane, int number, Http3Config config, MemorySegment memory, long at, long pathAt, Http3Streams streams) {
        this.lane = lane;
        this.number = number;
        this.memory = memory;
        this.pathAt = pathAt;
        this.engine = new Http3Server(config, memory, at, streams);
        this.courses = new Courses(lane.http(), false);
        this.timer = lane.timer(this);
    }

    /// {@return bytes of the objects, beside the engine's and the timer's}
    static long heapBytes() {
        return HeapLayout.instance(Http3Connection.class) + Courses.heapBytes();
    }

    boolean isOpen() {
        return quic != null;
    }

    /// The handshake is complete, or something may come before it is.
    void connected(QuicConnection of, long nowNanos) {
        quic = of;
        cut = false;
        lane.statistics().add(Count.ACCEPTED);
        engine.reset(nowNanos);
        engine.attach(of);
        courses.begin(this, false);
    }

    /// Takes what has come, writes what is due, hears what there is to hear.
    void turn(long nowNanos) {
        QuicConnection of = quic;
        if (of == null) {
            return;
        }
        of.path(memory, pathAt);
        turning = true;
        try {
            boolean more;
            do {
                more = engine.advance(nowNanos);
                more |= hear();
            } while (more);
        } catch (RuntimeException | Error thrown) {
            failed(of, thrown);
        } finally {
            turning = false;
        }
        arm(engine.deadlineNanos());
    }

    /// {@return whether there was anything to hear}
    private boolean hear() {
        boolean any = false;
        for (HttpEvent event; (event = engine.pollEvent()) != null; any = true) {
            courses.heard(event, engine, true);
        }
        return any;
    }

    /// An application has thrown where its answer was asked for: what is left has another turn. Where nobody is to blame it is this connection that ends, and no other.
    private void failed(QuicConnection of, Throwable thrown) {
        if (!courses.failed(thrown)) {
            of.close(H3_INTERNAL_ERROR);
        }
        lane.due(this);
    }

    /// Begins an orderly end: GOAWAY, then the end of the connection when all that was begun is done (RFC 9114, section 5.2).
    void shutdown(long nowNanos) {
        courses.stopping();
        engine.shutdown(nowNanos);
        lane.due(this);
    }

    /// The transport is gone, by whatever end.
    void closed(long nowNanos) {
        if (quic == null) {
            return;  // in its handshake
        }
        cut |= courses.areBusy();
        try {
            engine.disconnect(nowNanos);
            hear();
        } catch (RuntimeException | Error thrown) {
            courses.failed(thrown);
        } finally {
            end();
        }
        if (cut) {
            lane.statistics().add(Count.BROKEN);
        }
    }

    /// Lets go of everything.
    void end() {
        courses.end();
        engine.close();
        timer.cancel();
        armed = NEVER;
        quic = null;
        Wipe.bytes(memory, pathAt, NetworkPath.BYTES);
    }

    private void arm(long deadline) {
        if (deadline != armed) {
            armed = deadline;
            timer.arm(deadline);
        }
    }

    /// The engine's deadline has passed.
    @Override
    public void run() {
        armed = NEVER;
        QuicConnection of = quic;
        if (of != null) {
            try {
                engine.onDeadline(lane.nowNanos());
            } catch (RuntimeException | Error thrown) {
                failed(of, thrown);
            }
            lane.due(this);
        }
    }

    @Override
    public boolean isEarly() {
        QuicConnection of = quic;
        return of != null && of.isEarly();
    }

    @Override
    public boolean isLoopback() {
        return lane.isLoopback(memory, pathAt);
    }

    @Override
    public int peer(MemorySegment target, long at) {
        return lane.peer(memory, pathAt, target, at);
    }

    @Override
    public void turnSoon() {
        if (!turning && quic != null) {
            lane.due(this);
        }
    }

    @Override
    public void makeWay(long nowNanos) {
        // nothing is lent to a connection that others could wait for
    }

    @Override
    public void keep(@Nullable Kept thing) {
        throw new AssertionError("it keeps its engine");
    }

    @Override
    public @Nullable Kept kept() {
        return null;
    }

    /// {@return always the same: what was handed over is the transport's to deliver}
    @Override
    public int fills() {
        return 1;
    }

    @Override
    public long unsentAt() {
        return ALL_SENT;
    }

    @Override
    public void cut() {
        cut = true;
    }
}
