package dev.coffer.server.drive;

import dev.coffer.memory.Wipe;
import dev.coffer.memory.time.TimerWheel;
import dev.coffer.server.net.Sockets;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/// Where newcomers are told that every table is full, or that no file descriptor is left: 503, then the end. A few slots
/// of their own, in which the peer is listened to for a moment so that the answer reaches it before a reset does; when
/// they are taken the oldest is closed.
///
/// Saying no needs a descriptor too, so the door holds a few back: when `accept` finds none, one is let go for the
/// newcomer and got back when that one has left.
///
/// Belongs to the loop that accepts. One thread at a time; 0 heap bytes.
final class Door {
    /// Newcomers listened to at once.
    static final int SLOTS = 8;

    /// Descriptors held back.
    static final int SPARES = 4;

    private static final long LINGER_NANOS = 500_000_000L;
    private static final long NEVER = Long.MAX_VALUE;

    private final Sockets sockets;
    private final int firstSlot;
    private final MemorySegment answer;
    private final int answerBytes;
    private final MemorySegment heard;      // from who was turned away, and wiped
    private final TimerWheel timers;
    private final int timer;
    private final long[] until = new long[SLOTS];
    private int next;

    /// @param firstSlot  of its own slots
    /// @param timer      number of its timer
    Door(Shared shared, int firstSlot, int timer) {
        this.sockets = shared.sockets;
        this.firstSlot = firstSlot;
        this.answer = shared.refusal;
        this.answerBytes = shared.refusalBytes;
        this.heard = shared.received;
        this.timers = shared.timers;
        this.timer = timer;
        Arrays.fill(until, NEVER);
    }

    /// Holds its descriptors back, as far as the system has any.
    ///
    /// @return whether it holds them all
    boolean restock() {
        return sockets.save(SPARES) == SPARES;
    }

    /// Answers whoever is in hand.
    void turnAway(long now) {
        int slot = firstSlot + next;
        sockets.close(slot);
        until[next] = NEVER;
        if (!sockets.keep(slot)) {
            return;
        }
        int sent = sockets.send(slot, answer, 0, answerBytes);
        if (sent < answerBytes) {  // a fresh socket has room for it: the peer is gone
            sockets.close(slot);
            return;
        }
        sockets.finish(slot);
        until[next] = now + LINGER_NANOS;
        next = (next + 1) % SLOTS;
        timers.arm(timer, deadline());
    }

    /// Something came from a peer that was turned away, or its end.
    void ready(int slot) {
        if (!sockets.isOpen(slot)) {
            return;
        }
        int length = sockets.receive(slot, heard, 0, (int) heard.byteSize());
        if (length < 0) {
            close(slot);
        } else {
            Wipe.bytes(heard, 0, length);
        }
    }

    private long deadline() {
        long earliest = NEVER;
        for (long at : until) {
            earliest = Math.min(earliest, at);
        }
        return earliest;
    }

    /// The timer has fired: closes whom it has listened to for long enough.
    void onTimer(long now) {
        for (int i = 0; i < SLOTS; i++) {
            if (until[i] <= now) {
                close(firstSlot + i);
            }
        }
        timers.arm(timer, deadline());
    }

    boolean isEmpty() {
        return deadline() == NEVER;
    }

    private void close(int slot) {
        sockets.close(slot);
        until[slot - firstSlot] = NEVER;
        restock();
    }
}
