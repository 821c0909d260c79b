package dev.coffer.client;

import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Region;
import dev.coffer.memory.ledger.Ledger;
import dev.coffer.server.drive.Loop;
import dev.coffer.server.net.Sockets;
import dev.coffer.server.time.Time;
import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// An HTTP client: one thread, its region, connections pooled by origin. What is asked is a [Request], pulled; its answer is pushed to
/// a [ResponseSink].
///
/// ```java
/// try (Client client = Client.open(ClientConfig.standard())) {
///     long ticket = client.tryAsk(request, sink);     // from any thread; the rest happens on the client's
///     ...
/// }   // calls under way are given up, all memory is wiped
/// ```
///
/// Asking, cancelling and resuming are for any thread and make no object; nor does the client's thread for a call on a connection that
/// is there, on Linux. A new connection makes some hundreds of bytes, a host's name to be looked up a virtual thread and what the JDK
/// needs. [dev.coffer.client.easy.Easy] stands on this with `String` and `byte[]`.
///
/// **What is sent a second time**, where [Request#isRepeatable]:
///
/// | what happened | which methods | how often |
/// |---|---|---|
/// | a connection that had carried another died without a byte of an answer (RFC 9110, section 9.2.2) | idempotent | once |
/// | HTTP/2: the stream was refused, or left out by GOAWAY (RFC 9113, section 8.7) | all | twice |
/// | HTTP/2: `HTTP_1_1_REQUIRED` in the place of an answer (section 7): in HTTP/1.1, on a connection of its own, over TLS | all | once |
/// | HTTP/3: the stream was rejected, or left out by GOAWAY (RFC 9114, sections 4.1.1, 5.2) | all | twice |
/// | HTTP/3: `H3_VERSION_FALLBACK` in the place of an answer (section 8.1): in HTTP/1.1, over TLS | all | once |
/// | 421 (RFC 9110, section 15.5.20): on another connection; the second time it is an answer | all | once |
/// | 425 to what went with the hello, or a handshake that came to nothing behind it (RFC 8470, section 5.2): without | those that went | once |
public final class Client implements AutoCloseable {
    /// [#tryAsk]: every call is under way; nothing was asked.
    public static final long FULL = -1;
    /// [#tryAsk]: the client stops; nothing was asked.
    public static final long STOPPED = -2;

    /// What is counted.
    public enum Count {
        /// Calls that were taken up.
        CALLS,
        /// Calls whose answer came whole, whatever its status.
        ANSWERED,
        /// Calls that failed.
        FAILED,
        /// Connections that were made.
        CONNECTIONS,
        /// Requests sent on a connection that had carried one before.
        REUSED,
        /// Requests sent a second time.
        REPEATED,
        /// Requests that went with a connection's hello, whether or not the server took them so.
        EARLY,
        /// Connections that ended with something cut short.
        BROKEN
    }

    private final ClientConfig config;
    private final ClientLane lane;
    private final ClientStatistics statistics;
    private final Loop loop;
    private final Ledger ledger;
    private final @Nullable Thread thread;  // null where somebody else gives the loop its turns

    private Client(ClientConfig config, ClientLane lane, ClientStatistics statistics, Loop loop, boolean runs) {
        this.config = config;
        this.lane = lane;
        this.statistics = statistics;
        this.loop = loop;
        this.ledger = Ledger.of("coffer client", Ledger.region(loop.region(), loop.accounts()));
        this.thread = runs ? Thread.ofPlatform().name("coffer-client").daemon().unstarted(this::run) : null;
    }

    /// {@return what a client of that configuration holds}
    public static MemoryPlan plan(ClientConfig config) {
        return Region.plan(config.loop().region(), Loop.plan(config.loop(), new ClientLane(config, Resolver.SYSTEM,
                new ClientStatistics())));
    }

    /// Makes calls over TLS to itself, at a loopback port, in each suite and group of a configuration, so that the first real one loads, links and opens nothing for the first
    /// time: it would fail where descriptors have run out meanwhile. For a program that goes on for long, before it opens its clients; some tenths of a second, once a process
    /// for each kind of client. What it holds is gone when it returns, nothing of it is counted, and nobody's verifier is asked.
    ///
    /// @return whether all were answered, now or before; not without TLS, nor where a machine has no such port or no descriptor, and clients open all the same
    public static boolean rehearse(ClientConfig config) {
        return config.tls() != null && Rehearsal.run(config);
    }

    /// Reserves all memory and starts the client's thread, a daemon.
    ///
    /// @throws IOException  the system has no descriptor left; nothing is held
    /// @throws OutOfMemoryError  it has no memory for the region, or for a thread; nothing is held
    /// @throws dev.coffer.memory.MemoryLimitException  the container allows less than what is committed; nothing is held
    /// @throws dev.coffer.memory.ProtectionException  memory must be locked and cannot be; nothing is held
    public static Client open(ClientConfig config) throws IOException {
        return open(config, Resolver.SYSTEM);
    }

    /// As [#open(ClientConfig)], with another way to find addresses.
    public static Client open(ClientConfig config, Resolver resolver) throws IOException {
        Client client = assemble(config, resolver, Time.SYSTEM, null, true);
        boolean started = false;
        try {
            Objects.requireNonNull(client.thread, "its own").start();
            started = true;
            return client;
        } finally {
            if (!started) {
                client.loop.close();
            }
        }
    }

    /// Opens without starting.
    ///
    /// @param sockets  those of a simulated network, or null for the system's
    /// @param runs     whether it has a thread of its own
    static Client assemble(ClientConfig config, Resolver resolver, Time time, @Nullable Sockets sockets, boolean runs) throws IOException {
        Objects.requireNonNull(resolver);
        ClientStatistics statistics = new ClientStatistics();
        ClientLane lane = new ClientLane(config, resolver, statistics);
        Loop loop = new Loop(config.loop(), lane, statistics, time, sockets);
        boolean made = false;
        try {
            Client client = new Client(config, lane, statistics, loop, runs);
            made = true;
            return client;
        } finally {
            if (!made) {
                loop.close();
            }
        }
    }

    /// One turn of the loop, for who gives it its turns.
    void turn(long timeoutNanos) {
        loop.turn(timeoutNanos);
    }

    /// Runs to the end of a [#close] or [#stop].
    void run() {
        try {
            loop.run();
        } finally {
            lane.inbox().stop();
            loop.close();  // whoever still waits hears that it has stopped, also where the loop died of a fault
        }
    }

    /// Asks the client to stop; returns at once.
    void stop() {
        lane.inbox().stop();
        loop.stop();
    }

    /// Asks. From any thread; 0 heap bytes.
    ///
    /// @param request  used until the call's end is told
    /// @param sink     hears of the answer, on the client's thread
    /// @return the ticket of the call, 0 or more; or [#FULL] or [#STOPPED], and nothing was asked
    public long tryAsk(Request request, ResponseSink sink) {
        Objects.requireNonNull(request);
        Objects.requireNonNull(sink);
        return lane.inbox().ask(request, sink);
    }

    /// As [#tryAsk].
    ///
    /// @return the ticket of the call
    /// @throws CallsExhaustedException  every call is under way
    /// @throws IllegalStateException    the client has stopped
    public long ask(Request request, ResponseSink sink) {
        long ticket = tryAsk(request, sink);
        if (ticket == FULL) {
            throw new CallsExhaustedException(config.calls());
        }
        if (ticket == STOPPED) {
            throw new IllegalStateException("the client has stopped");
        }
        return ticket;
    }

    /// Gives a call up: its sink hears [Failure#CANCELLED], unless its end comes first. From any thread.
    ///
    /// @return whether it was still under way
    public boolean cancel(long ticket) {
        return lane.inbox().leave(ticket, Call.CANCEL);
    }

    /// Says that a sink which left content can take more, or that a source which had nothing has content again. From any thread.
    ///
    /// @return whether the call was still under way
    public boolean resume(long ticket) {
        return lane.inbox().leave(ticket, Call.RESUME);
    }

    /// {@return how often it has happened}
    public long count(Count what) {
        return statistics.of(what);
    }

    /// {@return connections that are open or under way}
    public long connections() {
        return loop.connections() + lane.quicConnections();
    }

    /// {@return the configuration}
    public ClientConfig config() {
        return config;
    }

    /// {@return what is held, live}
    public Ledger ledger() {
        return ledger;
    }

    /// {@return the region}
    public Region region() {
        return loop.region();
    }

    /// Stops: calls that wait for a connection fail at once, those on the wire when the configuration's patience is over; then wipes and
    /// unmaps. Safe to call twice.
    ///
    /// @throws IllegalStateException  from within a sink or a request, on the client's thread; it goes on (caller's fault)
    @Override
    public void close() {
        if (thread != null && Thread.currentThread() == thread) {
            throw new IllegalStateException("a client closed by its own thread");
        }
        stop();
        if (thread == null) {
            loop.close();
            return;
        }
        boolean interrupted = false;
        while (true) {
            try {
                thread.join();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
