package dev.coffer.server.events;

import dev.coffer.http.Ascii;
import dev.coffer.http.FieldName;
import dev.coffer.http.Method;
import dev.coffer.http.Status;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.SlotAccount;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.HeapLayout;
import dev.coffer.server.Exchange;
import dev.coffer.server.Handler;
import dev.coffer.server.Place;
import dev.coffer.server.Signal;
import dev.coffer.server.hub.Lanes;
import dev.coffer.server.time.Now;
import dev.coffer.server.time.Timer;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/// A hub's subscribers of one loop, and what is on its way to them. Any thread puts something in, under the monitor of this object, for
/// as long as it takes to copy an event; the loop takes it out under the same one.
final class EventLane implements Handler, Lanes.Lane {
    static final int KEEP_ALIVE_BYTES = 2;
    private static final int CONSTANT_BYTES = 64;
    private static final Ascii ALLOWED = Ascii.of("GET, HEAD");
    private static final int RETRY_SECONDS = 1;

    final EventConfig config;
    final int index;
    final MemorySegment memory;
    final long greetingAt;
    final int greetingBytes;
    final long keepAliveAt;
    private final EventHub hub;
    private final Subscription[] subscriptions;
    private final Subscription[] free;
    private final int[] lengths;            // of the events for all, by place
    private final SlotAccount account;
    private final Signal signal;
    private final Timer timer;
    private final Now now;
    private int freeCount;
    private boolean timed;
    private long published;                 // number of the last event for all; the first has 1
    private long lost;
    private boolean closed;

    /// @param generation  of the first number of each subscription
    EventLane(EventHub hub, Place place, int index, long generation) {
        this.hub = hub;
        this.config = hub.config();
        this.index = index;
        int count = subscribers(config, place.exchanges());
        memory = place.carve(bytes(config, count));
        greetingAt = memory.byteSize() - CONSTANT_BYTES;
        greetingBytes = config.retryMillis() == 0 ? 0 : EventText.retry(config.retryMillis(), memory, greetingAt);
        keepAliveAt = memory.byteSize() - KEEP_ALIVE_BYTES;
        memory.set(ValueLayout.JAVA_BYTE, keepAliveAt, (byte) ':');
        memory.set(ValueLayout.JAVA_BYTE, keepAliveAt + 1, (byte) '\n');
        lengths = new int[config.broadcastEvents()];
        subscriptions = new Subscription[count];
        free = new Subscription[count];
        long queueBytes = (long) config.queueEvents() * config.eventBytesMax();
        long queuesAt = (long) config.broadcastEvents() * config.eventBytesMax();
        for (int i = count - 1; i >= 0; i--) {
            subscriptions[i] = new Subscription(this, i, queuesAt + i * queueBytes, generation);
            free[freeCount++] = subscriptions[i];
        }
        account = new SlotAccount("queues", queueBytes, count);
        place.account(account);
        signal = place.signal(this::wake);
        timer = place.timer(this::keepAlive);
        now = place.now();
    }

    private static int subscribers(EventConfig config, int exchanges) {
        return Math.min(config.subscribers(), exchanges);
    }

    private static long bytes(EventConfig config, int subscribers) {
        return ((long) config.broadcastEvents() + (long) subscribers * config.queueEvents()) * config.eventBytesMax() + CONSTANT_BYTES;
    }

    static MemoryPlan plan(EventConfig config, int exchanges) {
        int count = subscribers(config, exchanges);
        return MemoryPlan.group("events",
                MemoryPlan.block("broadcast", config.eventBytesMax(), config.broadcastEvents(), "for all subscribers"),
                MemoryPlan.block("queues", (long) config.queueEvents() * config.eventBytesMax(), count, "for one subscriber each"),
                MemoryPlan.block("constants", CONSTANT_BYTES))
                .withHeap(count * Subscription.heapBytes(config) + 2 * HeapLayout.array(Subscription.class, count)
                        + HeapLayout.array(int.class, config.broadcastEvents()));
    }

    // The loop's.

    @Override
    public void handle(Exchange exchange) {
        Method method = exchange.request().method();
        if (method != Method.GET && method != Method.HEAD) {
            exchange.field(FieldName.ALLOW, ALLOWED).respond(Status.METHOD_NOT_ALLOWED);
            return;
        }
        Subscription subscription = freeCount == 0 ? null : begin(exchange);
        if (subscription == null) {
            exchange.field(FieldName.RETRY_AFTER, RETRY_SECONDS).respond(Status.SERVICE_UNAVAILABLE);
            return;
        }
        boolean answered = false;
        try {
            hub.subscriber().subscribed(exchange, subscription.number());
            if (!exchange.isAnswered()) {
                exchange.respond(Status.OK, subscription);
                answered = true;
            }
        } finally {
            if (!answered) {
                release(subscription);
            }
        }
        if (answered && !timed) {
            timed = true;
            timer.arm(now.nanos() + config.keepAliveNanos());
        }
    }

    private synchronized Subscription begin(Exchange exchange) {
        long last = EventHub.lastEventId(exchange);
        Subscription subscription = free[--freeCount];
        account.taken();
        // a number that was never given is another server's, or an earlier one's: from now on
        subscription.begin(exchange, last < 0 || last > published ? published + 1 : last + 1);
        return subscription;
    }

    /// A stream has ended.
    void left(Subscription subscription) {
        long number = subscription.number();
        release(subscription);
        hub.subscriber().left(number);
    }

    private synchronized void release(Subscription subscription) {
        subscription.renew();
        free[freeCount++] = subscription;
        account.released();
    }

    private void wake() {
        for (Subscription subscription : subscriptions) {
            Exchange exchange = subscription.exchange;
            if (exchange != null && isWaitedFor(subscription)) {
                exchange.resume();
            }
        }
    }

    private synchronized boolean isWaitedFor(Subscription subscription) {
        return subscription.isWaitedFor();
    }

    private void keepAlive() {
        timed = freeCount < subscriptions.length;
        if (timed) {
            timer.arm(now.nanos() + config.keepAliveNanos());
            synchronized (this) {
                for (Subscription subscription : subscriptions) {
                    subscription.keepAlive();
                }
            }
            wake();
        }
    }

    // Any thread's.

    /// Puts an event for all in, or a comment; that it is not too long was seen before.
    void publish(boolean comment, @Nullable Ascii type, MemorySegment data, long at, long length) {
        synchronized (this) {
            if (closed) {
                return;
            }
            int place = place(published + 1);
            long to = (long) place * config.eventBytesMax();
            int before = lengths[place];
            published++;
            int bytes = (int) (comment ? EventText.commentLength(data, at, length)
                    : EventText.eventLength(published, type, data, at, length));
            lengths[place] = 0;  // nothing, where the caller's memory goes in the midst of this
            try {
                if (comment) {
                    EventText.comment(data, at, length, memory, to);
                } else {
                    EventText.event(published, type, data, at, length, memory, to);
                }
                lengths[place] = bytes;
            } finally {
                long kept = lengths[place];
                Wipe.bytes(memory, to + kept, Math.max(before, bytes) - kept);
            }
        }
        signal.give();
    }

    /// Puts an event for one subscriber in.
    ///
    /// @return whether that subscriber is there, and stays
    boolean send(long number, int bytes, @Nullable Ascii type, MemorySegment data, long at, long length) {
        boolean stays;
        synchronized (this) {
            Subscription subscription = of(number);
            if (subscription == null) {
                return false;
            }
            long to = subscription.enqueue(bytes);
            stays = to >= 0;
            if (stays) {
                boolean written = false;
                try {
                    EventText.event(EventText.NO_ID, type, data, at, length, memory, to);
                    written = true;
                } finally {
                    if (!written) {
                        subscription.forgetLast();
                    }
                }
            }
        }
        signal.give();
        return stays;
    }

    boolean end(long number) {
        synchronized (this) {
            Subscription subscription = of(number);
            if (subscription == null) {
                return false;
            }
            subscription.end();
        }
        signal.give();
        return true;
    }

    void endAll() {
        synchronized (this) {
            for (Subscription subscription : subscriptions) {
                if (subscription.exchange != null) {
                    subscription.end();
                }
            }
        }
        signal.give();
    }

    private @Nullable Subscription of(long number) {
        int slot = Lanes.slot(number);
        return !closed && slot < subscriptions.length && subscriptions[slot].is(number) ? subscriptions[slot] : null;
    }

    synchronized int subscribers() {
        return subscriptions.length - freeCount;
    }

    @Override
    public synchronized boolean isClosed() {
        return closed;
    }

    synchronized long lostEvents() {
        return lost;
    }

    @Override
    public synchronized long nextGeneration() {
        long highest = 0;
        for (Subscription subscription : subscriptions) {
            highest = Math.max(highest, subscription.generation());
        }
        return highest + 1;
    }

    @Override
    public synchronized void close() {
        closed = true;
        Wipe.bytes(memory, 0, memory.byteSize());
    }

    // Under the monitor.

    void lose(long count) {
        lost += count;
    }

    long published() {
        return published;
    }

    /// {@return the number of the oldest event for all that is still there, or will be}
    long oldest() {
        return Math.max(1, published - config.broadcastEvents() + 1);
    }

    private int place(long number) {
        return (int) (number % config.broadcastEvents());
    }

    long broadcastAt(long number) {
        return (long) place(number) * config.eventBytesMax();
    }

    int broadcastLength(long number) {
        return lengths[place(number)];
    }
}
