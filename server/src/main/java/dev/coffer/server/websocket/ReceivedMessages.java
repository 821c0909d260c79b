package dev.coffer.server.websocket;

import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.SlotAccount;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.Align;
import dev.coffer.memory.layout.HeapLayout;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// Places in which messages that come in more than one piece are put together, lent from their first piece to their last, and the sockets that wait for
/// one, first come first served. The loop's alone.
final class ReceivedMessages {
    private final WebSocketLane lane;
    private final MemorySegment memory;
    private final long at;
    private final int placeBytes;
    private final int[] free;               // places, a stack
    private int freeCount;
    private final SlotAccount account;
    private @Nullable WebSocket waitingFirst;
    private @Nullable WebSocket waitingLast;

    ReceivedMessages(WebSocketLane lane, WebSocketConfig config, MemorySegment memory, long at) {
        this.lane = lane;
        this.memory = memory;
        this.at = at;
        this.placeBytes = placeBytes(config);
        this.free = new int[config.messages()];
        for (int i = free.length - 1; i >= 0; i--) {
            free[freeCount++] = i;
        }
        this.account = new SlotAccount("received message", placeBytes, free.length);
    }

    private static int placeBytes(WebSocketConfig config) {
        return config.messages() == 0 ? 0 : (int) Align.up(config.messageBytesMax(), Align.CACHE_LINE_BYTES);
    }

    static MemoryPlan plan(WebSocketConfig config) {
        return MemoryPlan.block("received message", placeBytes(config), config.messages(), "received ones that come in more than one piece")
                .withHeap(HeapLayout.instance(ReceivedMessages.class) + HeapLayout.array(int.class, config.messages()));
    }

    SlotAccount account() {
        return account;
    }

    /// {@return whether messages are put together at all, else they are told piece by piece}
    boolean areWhole() {
        return free.length > 0;
    }

    /// {@return a place for a message, zero, or -1}
    int take() {
        if (freeCount == 0) {
            return -1;
        }
        account.taken();
        return free[--freeCount];
    }

    long at(int place) {
        return at + (long) place * placeBytes;
    }

    void release(int place, int dirtyBytes) {
        Wipe.bytes(memory, at(place), dirtyBytes);
        free[freeCount++] = place;
        account.released();
        callWaiting();
    }

    /// A place may be free, or the one that was called for it does not want it any more: who has waited the longest, and still waits, has a
    /// turn. It stays the first until it has taken one.
    void callWaiting() {
        while (waitingFirst != null && !waitingFirst.isInWant()) {
            WebSocket gone = waitingFirst;
            waitingFirst = gone.nextWaiting;
            waitingLast = waitingFirst == null ? null : waitingLast;
            gone.nextWaiting = null;
            gone.isWaiting = false;
        }
        if (waitingFirst != null && freeCount > 0) {
            lane.soon(waitingFirst);
        }
    }

    /// Waits for a place, first come first served.
    void await(WebSocket socket) {
        if (!socket.isWaiting) {
            socket.isWaiting = true;
            if (waitingLast == null) {
                waitingFirst = socket;
            } else {
                waitingLast.nextWaiting = socket;
            }
            waitingLast = socket;
        }
    }
}
