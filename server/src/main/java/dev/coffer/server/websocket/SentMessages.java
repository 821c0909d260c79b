package dev.coffer.server.websocket;

import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.SlotAccount;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.HeapLayout;
import java.lang.foreign.MemorySegment;

/// What is on its way to a loop's sockets: places with a message to one each, and a ring of those to all, whose newest are kept. Guarded by the lane's
/// monitor.
///
/// ```
///   | sends x sentBytesMax, a place each | broadcasts x sentBytesMax, a ring |
/// ```
final class SentMessages {
    private final MemorySegment memory;
    private final long placesAt;
    private final long broadcastsAt;
    private final int bytesMax;             // of one
    private final int sends;
    private final int broadcasts;
    private final int[] free;               // places, a stack
    private int freeCount;
    private final int[] lengths;            // of messages to one, by place; behind them of those to all
    private final boolean[] texts;          // the same
    private final SlotAccount account;
    private long newest;                    // number of the last message to all; the first has 1

    SentMessages(WebSocketConfig config, MemorySegment memory, long placesAt, long broadcastsAt) {
        this.memory = memory;
        this.placesAt = placesAt;
        this.broadcastsAt = broadcastsAt;
        this.bytesMax = config.sentBytesMax();
        this.sends = config.sends();
        this.broadcasts = config.broadcasts();
        this.lengths = new int[sends + broadcasts];
        this.texts = new boolean[lengths.length];
        this.free = new int[sends];
        for (int i = sends - 1; i >= 0; i--) {
            free[freeCount++] = i;
        }
        this.account = new SlotAccount("sent message", bytesMax, sends);
    }

    static MemoryPlan placesPlan(WebSocketConfig config) {
        int all = config.sends() + config.broadcasts();
        return MemoryPlan.block("sent message", config.sentBytesMax(), config.sends(), "to one socket each")
                .withHeap(HeapLayout.instance(SentMessages.class) + HeapLayout.array(int.class, config.sends()) + HeapLayout.array(int.class, all)
                        + HeapLayout.array(boolean.class, all));
    }

    static MemoryPlan broadcastsPlan(WebSocketConfig config) {
        return MemoryPlan.block("message to all", config.sentBytesMax(), config.broadcasts(), "to all");
    }

    SlotAccount account() {
        return account;
    }

    // To one.

    boolean hasPlace() {
        return freeCount > 0;
    }

    /// Takes a place for a message, which has yet to be copied there: who fails to gives it back.
    int take(boolean text, int length) {
        int place = free[--freeCount];
        account.taken();
        lengths[place] = length;
        texts[place] = text;
        return place;
    }

    void release(int place) {
        Wipe.bytes(memory, placeAt(place), lengths[place]);
        free[freeCount++] = place;
        account.released();
    }

    long placeAt(int place) {
        return placesAt + (long) place * bytesMax;
    }

    int placeLength(int place) {
        return lengths[place];
    }

    boolean isPlaceText(int place) {
        return texts[place];
    }

    // To all.

    /// Puts a message to all in, over the oldest.
    void broadcast(boolean text, MemorySegment data, long at, long length) {
        int place = broadcastPlace(newest + 1);
        long to = broadcastAt(newest + 1);
        int before = lengths[place];
        newest++;
        lengths[place] = 0;     // nothing, where the caller's memory goes in the midst of this
        texts[place] = text;
        try {
            MemorySegment.copy(data, at, memory, to, length);
            lengths[place] = (int) length;
        } finally {
            long kept = lengths[place];
            Wipe.bytes(memory, to + kept, Math.max(before, length) - kept);
        }
    }

    /// {@return the number of the last one, 0 before the first}
    long newest() {
        return newest;
    }

    /// {@return the number of the oldest message to all that is still there, or will be}
    long oldest() {
        return Math.max(1, newest - broadcasts + 1);
    }

    private int broadcastPlace(long number) {
        return sends + (int) (number % broadcasts);
    }

    long broadcastAt(long number) {
        return broadcastsAt + number % broadcasts * bytesMax;
    }

    int broadcastLength(long number) {
        return lengths[broadcastPlace(number)];
    }

    boolean isBroadcastText(long number) {
        return texts[broadcastPlace(number)];
    }
}
