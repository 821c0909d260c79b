package dev.coffer.server.drive;

import dev.coffer.memory.Account;
import dev.coffer.memory.engine.DatagramEngine;
import dev.coffer.memory.time.TimerWheel;
import dev.coffer.server.net.DatagramQueue;
import dev.coffer.server.net.DatagramStatistics;
import dev.coffer.server.net.Datagrams;
import dev.coffer.server.net.Sockets;
import dev.coffer.server.time.Now;
import java.io.IOException;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/// Drives a [DatagramEngine] over one datagram socket of a loop: receives by batches, feeds, polls, sends by batches, keeps time.
/// [StreamDriver]'s sister; made by [LoopContext#drive].
///
/// ```
///   made --bind--> OPEN --shutdown--> ENDING --engine ended, all sent--> ENDED --close--> closed
/// ```
///
/// A turn is bounded, both ways: what is left to receive is reported again, what is left to write has the next turn of the loop.
/// While the system has no room nothing is polled for output, and the engine's deadlines are looked at once a millisecond; what is
/// received is fed all the same. Nothing is kept that the system refused: to the engine that is a loss.
///
/// The socket is waited for, but where datagrams come that nobody answers, often and one by one: see [Lulls].
///
/// Nothing that the engine or its protocol throws ends the loop: it is told to [DatagramProtocol#failed], whatever was called.
///
/// On the loop's thread; [#statistics] is for any.
@SuppressWarnings("exports")  // annotations that users need not have
public final class DatagramDriver {
    /// Datagrams fed before the others of the loop have their turn; the batch that reaches it is fed to its end.
    static final int TURN_DATAGRAMS_MAX = 256;
    /// Bytes sent before the others of the loop have their turn.
    static final long TURN_BYTES_MAX = 1 << 18;
    /// How often the engine's deadlines are looked at while the system has no room.
    private static final long FULL_NANOS = 1_000_000L;
    private static final long NEVER = Long.MAX_VALUE;

    private final Datagrams socket;
    private final DatagramProtocol protocol;
    private final DatagramEngine<?> engine;
    private final DatagramQueue queue;
    private final Sockets sockets;
    private final int slot;
    private final TimerWheel timers;
    private final int timer;
    private final Now now;
    private final Lulls lulls = new Lulls();
    private boolean bound;
    private boolean closed;
    private boolean full;           // the system has no room: its word that there is some is awaited
    private boolean more;           // to write, behind the end of this turn
    private boolean turning;
    private boolean failed;         // in this turn
    private boolean answered;       // in this turn, whoever it was
    private long armed = NEVER;     // what the timer was told

    /// @param slot   by which the loop's sockets tell it is ready
    /// @param timer  of its own
    DatagramDriver(Datagrams socket, DatagramProtocol protocol, Sockets sockets, int slot, TimerWheel timers, int timer, Now now) {
        this.socket = socket;
        this.protocol = protocol;
        this.engine = protocol.engine();
        this.queue = socket.queue();
        this.sockets = sockets;
        this.slot = slot;
        this.timers = timers;
        this.timer = timer;
        this.now = now;
        if (queue.room() < engine.outputBytesMin()) {
            throw new IllegalArgumentException("output: room for " + queue.room() + " bytes (expected " + engine.outputBytesMin()
                    + " or more, what the engine writes at once)");
        }
    }

    /// Opens the socket and has the loop listen to it.
    ///
    /// @throws IOException            the system refused; its message says why in a few words; nothing is held
    /// @throws IllegalStateException  bound or closed already (caller's fault)
    public void bind(InetSocketAddress address) throws IOException {
        if (closed || bound) {
            throw new IllegalStateException(closed ? "closed" : "bound already to " + socket.address());
        }
        socket.bind(address);
        try {
            socket.watch(sockets, slot);
        } catch (IOException | RuntimeException | Error e) {
            close();
            throw e;
        }
        bound = true;
        arm(now.nanos());  // what the engine has to say from the start
    }

    /// {@return where it is bound; null before}
    public @Nullable InetSocketAddress address() {
        return socket.address();
    }

    /// {@return in one line what the system does for it, and what not}
    public String features() {
        return socket.features();
    }

    /// {@return whether the system does that for it}
    public boolean has(Datagrams.Feature feature) {
        return socket.has(feature);
    }

    /// {@return what was counted so far; for any thread}
    public DatagramStatistics statistics() {
        return socket.statistics();
    }

    /// {@return the account of what is queued, for a ledger}
    public Account account() {
        return socket.account();
    }

    /// Something outside of its own turn has changed what the engine has to say: it has a turn soon. Harmless when it is having
    /// one.
    public void turnSoon() {
        more = true;
        if (bound && !turning) {
            arm(now.nanos());
        }
    }

    /// The socket is ready.
    ///
    /// @param operations  as [Sockets#readyOperations] tells
    void ready(int operations, long nanos) {
        turn(nanos, (operations & Sockets.READ) != 0, (operations & Sockets.WRITE) != 0);
    }

    /// The timer has fired.
    void onTimer(long nanos) {
        armed = NEVER;
        turn(nanos, false, false);
    }

    private void turn(long nanos, boolean readable, boolean writable) {
        if (closed) {
            return;
        }
        turning = true;
        answered = more;  // somebody is served
        more = false;
        failed = false;
        boolean looks = readable || lulls.areOn();
        int taken = looks ? receive(nanos) : 0;  // before the deadlines: what came while the loop was held up is in time
        if (!closed && engine.deadlineNanos() <= nanos) {
            onDeadline(nanos);
        }
        if (!closed && (!full || writable)) {
            write(nanos);
        } else if (!closed) {
            hear(nanos);
        }
        turning = false;
        if (!closed) {
            if (looks || answered) {
                look(taken, nanos);
            }
            long deadline = more ? nanos : engine.deadlineNanos();
            deadline = lulls.areOn() ? Math.min(deadline, nanos + Lulls.PAUSE_NANOS) : deadline;
            arm(full ? Math.max(deadline, nanos + FULL_NANOS) : deadline);
        }
    }

    private void look(int taken, long nanos) {
        boolean before = lulls.areOn();
        lulls.received(taken, answered, nanos);
        if (lulls.areOn() != before) {
            interest();
        }
    }

    private void interest() {
        socket.interest((lulls.areOn() ? 0 : Sockets.READ) | (full ? Sockets.WRITE : 0));
    }

    private void onDeadline(long nanos) {
        try {
            engine.onDeadline(nanos);
        } catch (RuntimeException | Error thrown) {
            faulted(thrown);
        }
    }

    /// {@return datagrams that came}
    private int receive(long nanos) {
        int taken = 0;
        int messages;
        do {
            messages = socket.receive();
            while (!closed && socket.next()) {
                feed(nanos);
                taken++;
            }
        } while (!closed && messages == socket.batch() && taken < TURN_DATAGRAMS_MAX);
        return taken;
    }

    /// Feeds one datagram. Where the engine throws, that one is lost and those behind it are fed all the same: they are others'.
    private void feed(long nanos) {
        try {
            engine.feed(socket.received(), socket.at(), socket.length(), socket.received(), socket.headerAt(), nanos);
        } catch (RuntimeException | Error thrown) {
            faulted(thrown);
        }
    }

    /// Sends what waits, then what the engine writes, until it has nothing to say, the system has no room or the turn is over.
    private void write(long nanos) {
        long wrote = 0;
        boolean says = true;
        boolean sent = flush();
        while (sent && says && wrote < TURN_BYTES_MAX) {
            says = false;
            while (!failed && queue.room() >= engine.outputBytesMin() && wrote < TURN_BYTES_MAX) {
                int bytes = poll(nanos);
                if (bytes < 0) {
                    break;
                }
                if (bytes > 0) {
                    queue.add(bytes);
                    answered |= !engine.hasAcknowledgedAlone();
                    wrote += bytes;
                    says = true;
                }
                if (!hear(nanos) && bytes == 0 || closed) {
                    break;
                }
            }
            sent = !closed && flush();
        }
        if (!closed) {
            hear(nanos);
        }
        more |= says && sent;
    }

    /// {@return bytes written, or -1 where the application below has thrown: the rest of it is for the next turn}
    private int poll(long nanos) {
        try {
            return (int) engine.pollOutput(queue.memory(), queue.at(), queue.room(), queue.memory(), queue.headerAt(), nanos);
        } catch (RuntimeException | Error thrown) {
            failed(thrown);
            return -1;
        }
    }

    /// Hears every event, up to one that throws.
    ///
    /// @return whether there was one
    private boolean hear(long nanos) {
        boolean heard = false;
        try {
            while (!failed && protocol.event(nanos)) {
                heard = true;
            }
        } catch (RuntimeException | Error thrown) {
            failed(thrown);
        }
        return heard;
    }

    /// What was to be said or told has thrown: the rest of it is for the next turn.
    private void failed(Throwable thrown) {
        failed = true;
        faulted(thrown);
    }

    private void faulted(Throwable thrown) {
        if (protocol.failed(thrown)) {
            more = true;  // one that throws for ever does so once a turn, and others have theirs
        } else {
            close();
        }
    }

    /// Sends what is queued.
    ///
    /// @return whether all of it is gone
    private boolean flush() {
        boolean stuck = socket.send() == Datagrams.FULL;
        if (stuck != full) {
            full = stuck;
            interest();
        }
        return !stuck;
    }

    private void arm(long deadline) {
        if (deadline != armed) {
            armed = deadline;
            timers.arm(timer, deadline);
        }
    }

    /// Begins an orderly end. One that was never bound has nothing to end, and an engine that may never have been reset.
    void shutdown(long nanos) {
        if (bound && !closed) {
            try {
                protocol.shutdown(nanos);
            } catch (RuntimeException | Error thrown) {
                faulted(thrown);
            }
            turn(nanos, false, false);
        }
    }

    /// {@return whether there is nothing more to do}
    boolean isEnded() {
        return closed || !bound || engine.isEnded() && queue.isEmpty();
    }

    /// Closes the socket; the engine is its protocol's to close. Safe to call twice.
    void close() {
        closed = true;
        timers.cancel(timer);
        socket.close();
    }

    @Override
    public String toString() {
        return "DatagramDriver[" + socket + (full ? ", full" : "") + "]";
    }
}
