package dev.coffer.server.drive;

import dev.coffer.server.net.Sockets;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// How newcomers come to a seat of one loop. The acceptor of the loop that listens takes them for all: each goes to the loop with the
/// most free [Seats], or to the [Door] where there is none; the others take in what they are given. When no descriptor is left it
/// pauses, so that newcomers wait in the system's queue.
///
/// One thread at a time, save that the one that listens looks at the seats of all; 0 heap bytes.
final class Acceptor {
    /// How long accepting pauses when no descriptor is left, unless a connection closes before.
    private static final long PAUSE_NANOS = 100_000_000L;
    /// Connections accepted before those that are open have their turn.
    private static final int ACCEPTS_MAX = 64;

    private final Shared shared;
    private final Sockets sockets;
    private final StreamDriver[] drivers;
    private final @Nullable Door door;                // of the loop that accepts, else null
    private final int pauseTimer;
    private Acceptor[] all = {this};        // to accept for; the first one's alone
    private boolean paused;                 // for want of descriptors

    /// @param drivers     by slot
    /// @param door        null where the loop does not accept
    /// @param pauseTimer  number of its timer
    Acceptor(Shared shared, StreamDriver[] drivers, @Nullable Door door, int pauseTimer) {
        this.shared = shared;
        this.sockets = shared.sockets;
        this.drivers = drivers;
        this.door = door;
        this.pauseTimer = pauseTimer;
    }

    private Door door() {
        return Objects.requireNonNull(door, "it accepts");
    }

    /// Accepts for others too.
    ///
    /// @param acceptors  of the loops, this one the first
    void acceptFor(Acceptor[] acceptors) {
        all = acceptors;
    }

    /// Takes pending connections and gives each a seat, here or in another loop, or the door.
    void accept() {
        for (int i = 0; i < ACCEPTS_MAX; i++) {
            int result = sockets.accept();
            boolean spent = result == Sockets.NO_DESCRIPTOR && sockets.spend();
            if (spent) {
                result = sockets.accept();
            }
            if (result == Sockets.NOTHING) {
                door().restock();
                return;
            }
            if (result == Sockets.NO_DESCRIPTOR) {
                door().restock();  // someone was faster: what was let go is gone, another may be free
                pause();
                return;
            }
            Acceptor server = spent ? null : emptiest();
            if (server == null) {
                shared.tally.turnedAway();
                door().turnAway(shared.now.nanos());
            } else {
                server.shared.seats.take();
                if (server == this) {
                    seat();
                } else {
                    sockets.pass(server.sockets);
                }
            }
        }
    }

    /// {@return whose loop has the most free seats, null if there is none}
    private @Nullable Acceptor emptiest() {
        Acceptor emptiest = null;
        int most = 0;
        for (Acceptor acceptor : all) {
            int free = acceptor.shared.seats.free();
            if (free > most) {
                most = free;
                emptiest = acceptor;
            }
        }
        return emptiest;
    }

    /// Takes in what the accepting loop has given to this one.
    ///
    /// @param stopping  whether nobody is let in any more
    void adopt(boolean stopping) {
        while (sockets.adopt()) {
            if (stopping) {
                sockets.drop();
                shared.seats.giveBack();
            } else {
                seat();
            }
        }
    }

    /// The connection in hand has a seat: it gets a slot.
    private void seat() {
        int slot = shared.freeSlot();
        if (!sockets.keep(slot)) {
            shared.tally.broken();
            shared.seats.giveBack();
            return;
        }
        shared.seated();
        shared.tally.accepted();
        drivers[slot].open(shared.now.nanos());
    }

    /// Lets newcomers wait for a moment.
    void pause() {
        shared.tally.acceptPaused();
        sockets.listening(false);
        paused = true;
        shared.hasLeft();
        shared.timers.arm(pauseTimer, shared.now.nanos() + PAUSE_NANOS);
    }

    /// Goes on after a pause where a connection has ended meanwhile.
    void resumeWhereLeft() {
        if (paused && shared.hasLeft()) {
            resume();
        }
    }

    /// Goes on after a pause.
    void resume() {
        if (paused) {
            paused = false;
            shared.timers.cancel(pauseTimer);
            sockets.listening(true);
        }
    }

    /// Lets nobody in any more.
    void end() {
        paused = false;
        shared.timers.cancel(pauseTimer);
        sockets.closeListener();
    }
}
