package dev.coffer.server;

import dev.coffer.http.Ascii;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Wipe;
import dev.coffer.server.sockets.Sockets;
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
    private static final Ascii ANSWER = Ascii.of("""
            HTTP/1.1 503 Service Unavailable\r
            Connection: close\r
            Retry-After: 1\r
            Content-Type: text/plain; charset=utf-8\r
            Content-Length: 17\r
            \r
            Server is busy.\r
            """);
    private static final int ANSWER_BYTES_MAX = 256;
    private static final int HEARD_BYTES = 1024;

    private final Sockets sockets;
    private final int firstSlot;
    private final MemorySegment memory;     // the answer, then room for what is heard
    private final long[] until = new long[SLOTS];
    private int next;

    Door(Sockets sockets, int firstSlot, MemorySegment memory) {
        this.sockets = sockets;
        this.firstSlot = firstSlot;
        this.memory = memory;
        ANSWER.write(memory, 0);
        Arrays.fill(until, NEVER);
    }

    static MemoryPlan plan() {
        return MemoryPlan.group("door", MemoryPlan.block("answer 503", ANSWER_BYTES_MAX),
                MemoryPlan.block("heard", HEARD_BYTES, 1, "from who was turned away, and wiped"));
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
        int sent = sockets.send(slot, memory, 0, ANSWER.length());
        if (sent < ANSWER.length()) {  // a fresh socket has room for it: the peer is gone
            sockets.close(slot);
            return;
        }
        sockets.finish(slot);
        until[next] = now + LINGER_NANOS;
        next = (next + 1) % SLOTS;
    }

    /// Something came from a peer that was turned away, or its end.
    void ready(int slot) {
        if (!sockets.isOpen(slot)) {
            return;
        }
        int heard = sockets.receive(slot, memory, ANSWER_BYTES_MAX, HEARD_BYTES);
        if (heard < 0) {
            close(slot);
        } else {
            Wipe.bytes(memory, ANSWER_BYTES_MAX, heard);
        }
    }

    /// {@return when [#sweep] has something to do}
    long deadline() {
        long earliest = NEVER;
        for (long at : until) {
            earliest = Math.min(earliest, at);
        }
        return earliest;
    }

    void sweep(long now) {
        for (int i = 0; i < SLOTS; i++) {
            if (until[i] <= now) {
                close(firstSlot + i);
            }
        }
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
