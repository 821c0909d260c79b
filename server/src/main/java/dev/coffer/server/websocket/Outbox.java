package dev.coffer.server.websocket;

import dev.coffer.memory.layout.HeapLayout;
import dev.coffer.server.websocket.WebSocketConfig.WhenFull;
import java.lang.foreign.MemorySegment;

/// What is on its way to one socket: a queue of places that hold a message to it alone, and how far it has read of what is for all. Guarded by the lane's
/// monitor.
final class Outbox {
    /// What [#next] has found.
    enum Found { NOTHING, MESSAGE, OVERTAKEN }

    private enum Source { NOTHING, OWN, BROADCAST }

    private final WebSocketLane lane;
    private final int[] queue;      // of places, a ring
    private int head;
    private int count;
    private long cursor;            // next message for all
    private Source source = Source.NOTHING;
    private long from;
    private int length;
    private boolean text;
    private boolean ended;          // nothing is taken any more

    Outbox(WebSocketLane lane, int capacity) {
        this.lane = lane;
        this.queue = new int[capacity];
    }

    static long heapBytes(WebSocketConfig config) {
        return HeapLayout.instance(Outbox.class) + HeapLayout.array(int.class, config.queue());
    }

    void begin(long newCursor) {
        cursor = newCursor;
        ended = false;
    }

    void end() {
        ended = true;
    }

    boolean isEnded() {
        return ended;
    }

    /// {@return whether no more may be sent to it alone}
    boolean isFull() {
        return count == queue.length;
    }

    void add(int place) {
        queue[(head + count++) % queue.length] = place;
    }

    /// Chooses what is sent next: what is for this one alone before what is for all.
    ///
    /// @param ownAlone  what is for all is not wanted any more
    Found next(boolean ownAlone) {
        if (count > 0) {
            source = Source.OWN;
            int place = queue[head];
            from = lane.sent.placeAt(place);
            length = lane.sent.placeLength(place);
            text = lane.sent.isPlaceText(place);
            return Found.MESSAGE;
        }
        if (ownAlone) {
            return Found.NOTHING;
        }
        long oldest = lane.sent.oldest();
        if (cursor < oldest) {
            cursor = oldest;
            if (lane.config.whenFull() == WhenFull.CLOSE) {
                return Found.OVERTAKEN;
            }
        }
        if (cursor > lane.sent.newest()) {
            return Found.NOTHING;
        }
        source = Source.BROADCAST;
        from = lane.sent.broadcastAt(cursor);
        length = lane.sent.broadcastLength(cursor);
        text = lane.sent.isBroadcastText(cursor);
        return Found.MESSAGE;
    }

    /// {@return whether it has not read, or not to its end, what is not there any more, and wants more}
    boolean isOvertaken() {
        return !ended && cursor < lane.sent.oldest();
    }

    boolean isText() {
        return text;
    }

    int length() {
        return length;
    }

    /// Copies the next bytes of the message that is under way.
    ///
    /// @return whether it is still there: not where it was written over meanwhile
    boolean copy(MemorySegment output, long at, int bytes) {
        if (source == Source.BROADCAST && cursor < lane.sent.oldest()) {
            return false;
        }
        MemorySegment.copy(lane.memory, from, output, at, bytes);
        from += bytes;
        return true;
    }

    /// The message that is under way, if there is one, has gone.
    ///
    /// @return whether it was for this one alone
    boolean sent() {
        boolean own = source == Source.OWN;
        if (own) {
            drop();
        } else if (source == Source.BROADCAST) {
            cursor++;
        }
        source = Source.NOTHING;
        return own;
    }

    private void drop() {
        lane.freePlace(queue[head]);
        head = (head + 1) % queue.length;
        count--;
    }

    /// Gives up what was for this one alone and has not begun; nothing begins any more.
    void dropWaiting() {
        int kept = source == Source.OWN ? 1 : 0;
        while (count > kept) {
            lane.freePlace(queue[(head + --count) % queue.length]);
        }
    }

    void clear() {
        while (count > 0) {
            drop();
        }
        source = Source.NOTHING;
    }
}
