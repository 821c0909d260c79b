package dev.coffer.server.events;

import dev.coffer.http.Ascii;
import dev.coffer.http.FieldName;
import dev.coffer.http.HeadWriter;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.HeapLayout;
import dev.coffer.server.Answer;
import dev.coffer.server.Exchange;
import dev.coffer.server.hub.Lanes;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// One subscriber's stream: what is under way to it, what was sent to it alone, and how far it has read of what is for all. Made at
/// start, used for one client after another. Everything is guarded by the lane's monitor, save the exchange, which is the loop's.
final class Subscription implements Answer {
    private static final Ascii EVENT_STREAM = Ascii.of("text/event-stream");
    private static final Ascii NO_STORE = Ascii.of("no-store");

    /// Where the bytes lie that are under way.
    private enum Source { NOTHING, CONSTANT, OWN, BROADCAST }

    private final EventLane lane;
    private final int slot;
    private final long queueAt;             // of the queue's first event
    private final int[] order;              // of the queue's places: from `head` on those that are used, then the free ones
    private final int[] lengths;            // by place

    @Nullable
    Exchange exchange;            // null while it is nobody's
    private long generation;                // of the number
    private int head;
    private int count;
    private long cursor;                    // next event for all
    private Source source = Source.NOTHING;
    private long from;
    private int left;
    private boolean greets;                 // the time to come back is still to be said
    private boolean keepsAlive;             // a comment is due
    private boolean ending;                 // when all has been said
    private boolean closing;                // now
    private boolean idle;                   // was asked and had nothing

    Subscription(EventLane lane, int slot, long queueAt, long generation) {
        this.lane = lane;
        this.slot = slot;
        this.queueAt = queueAt;
        this.generation = generation;
        this.order = new int[lane.config.queueEvents()];
        this.lengths = new int[order.length];
        for (int i = 0; i < order.length; i++) {
            order[i] = i;
        }
    }

    static long heapBytes(EventConfig config) {
        return HeapLayout.instance(Subscription.class) + 2 * HeapLayout.array(int.class, config.queueEvents());
    }

    long generation() {
        return generation;
    }

    /// {@return the number by which others speak of who has it now}
    long number() {
        return Lanes.number(generation, lane.index, slot);
    }

    boolean is(long number) {
        return exchange != null && number() == number;
    }

    void begin(Exchange newExchange, long newCursor) {
        exchange = newExchange;
        cursor = newCursor;
        greets = lane.greetingBytes > 0;
    }

    /// {@return whether there is something to be said to a stream that had nothing}
    boolean isWaitedFor() {
        return idle && (count > 0 || cursor <= lane.published() || keepsAlive || ending || closing);
    }

    void keepAlive() {
        keepsAlive |= idle;
    }

    void end() {
        ending = true;
    }

    void close() {
        closing = true;
    }

    /// Takes a place in the queue.
    ///
    /// @return its offset, or -1 where the stream is closed for want of one
    long enqueue(int bytes) {
        if (count == order.length) {
            if (order.length == 0) {
                throw new IllegalStateException("events: queueEvents is 0, nothing is sent to one subscriber alone");
            }
            lane.lose(1);
            if (lane.config.whenFull() == EventConfig.WhenFull.CLOSE) {
                closing = true;
                return -1;
            }
            drop(source == Source.OWN ? 1 : 0);  // not the one that is under way
        }
        int place = order[(head + count) % order.length];
        count++;
        lengths[place] = bytes;
        return at(place);
    }

    /// What was enqueued last could not be written.
    void forgetLast() {
        drop(count - 1);
    }

    private long at(int place) {
        return queueAt + (long) place * lane.config.eventBytesMax();
    }

    /// Wipes the event that stands so far behind the first, and frees its place.
    private void drop(int index) {
        int place = order[(head + index) % order.length];
        Wipe.bytes(lane.memory, at(place), lengths[place]);
        if (index == 0) {
            head = (head + 1) % order.length;
        } else {
            for (int i = index; i < count - 1; i++) {
                order[(head + i) % order.length] = order[(head + i + 1) % order.length];
            }
            order[(head + count - 1) % order.length] = place;
        }
        count--;
    }

    @Override
    public void head(HeadWriter writer) {
        writer.field(FieldName.CONTENT_TYPE, EVENT_STREAM).field(FieldName.CACHE_CONTROL, NO_STORE).contentOfUnknownLength();
    }

    @Override
    public long body(MemorySegment output, long at, long room) {
        synchronized (lane) {
            long written = 0;
            while (written < room && (left > 0 || next())) {
                if (source == Source.BROADCAST && cursor < lane.oldest()) {
                    lane.lose(1);       // it was overtaken in the midst of an event, which a client forgets when the stream ends
                    closing = true;
                    left = 0;
                    break;
                }
                int bytes = (int) Math.min(left, room - written);
                MemorySegment.copy(lane.memory, from, output, at + written, bytes);
                from += bytes;
                left -= bytes;
                written += bytes;
                if (left == 0) {
                    sent();
                }
            }
            idle = written == 0;
            return written > 0 ? written : ending || closing ? END : 0;
        }
    }

    /// Chooses what is sent next: what is for this one alone before what is for all.
    private boolean next() {
        source = Source.NOTHING;
        if (closing) {
            return false;
        }
        if (greets) {
            greets = false;
            return constant(lane.greetingAt, lane.greetingBytes);
        }
        if (keepsAlive) {
            keepsAlive = false;
            return constant(lane.keepAliveAt, EventLane.KEEP_ALIVE_BYTES);
        }
        if (count > 0) {
            source = Source.OWN;
            from = at(order[head]);
            left = lengths[order[head]];
            return true;
        }
        long oldest = lane.oldest();
        if (cursor < oldest) {
            lane.lose(oldest - cursor);
            cursor = oldest;
            if (lane.config.whenFull() == EventConfig.WhenFull.CLOSE) {
                closing = true;
                return false;
            }
        }
        if (cursor > lane.published()) {
            return false;
        }
        source = Source.BROADCAST;
        from = lane.broadcastAt(cursor);
        left = lane.broadcastLength(cursor);
        return true;
    }

    private boolean constant(long at, int bytes) {
        source = Source.CONSTANT;
        from = at;
        left = bytes;
        return true;
    }

    private void sent() {
        if (source == Source.OWN) {
            drop(0);
        } else if (source == Source.BROADCAST) {
            cursor++;
        }
        source = Source.NOTHING;
    }

    @Override
    public void ended(boolean complete) {
        lane.left(this);
    }

    /// It is nobody's any more: wiped.
    void renew() {
        while (count > 0) {
            drop(0);
        }
        exchange = null;
        source = Source.NOTHING;
        left = 0;
        generation++;
        greets = false;
        keepsAlive = false;
        ending = false;
        closing = false;
        idle = false;
    }
}
