package dev.coffer.server.events;

import dev.coffer.memory.layout.Align;

/// How many subscribers a hub has and how much waits for them. Bytes are off heap and of each loop.
///
/// | component | standard | cost |
/// |---|---|---|
/// | `subscribers` | 64 | `queueEvents` events each |
/// | `eventBytesMax` | 1024 | |
/// | `broadcastEvents` | 64 | an event each |
/// | `queueEvents` | 4 | see `subscribers` |
///
/// @param subscribers      of each loop, at most; one more is 503. No more than the loop's exchanges are planned. 1..1048576
/// @param eventBytesMax    one event as it is sent, its field names among them; 64..1 MiB, a multiple of 64
/// @param broadcastEvents  the last so many published ones can be read by all subscribers, slow and new ones too; 1..65536
/// @param queueEvents      sent to one subscriber alone and not yet gone, 2..1024; 0 where nothing is
/// @param whenFull         what happens to a subscriber that is too slow
/// @param retryMillis      told to clients as the time after which they come back; 0 for nothing. Standard 3000
/// @param keepAliveNanos   at most so long a stream says nothing: then a comment, which keeps proxies from closing it and finds out that a
///                         client has gone. 1 ms or more; standard 15 s
public record EventConfig(int subscribers, int eventBytesMax, int broadcastEvents, int queueEvents, WhenFull whenFull,
        long retryMillis, long keepAliveNanos) {
    /// What happens to a subscriber that reads more slowly than events come.
    public enum WhenFull {
        /// The oldest event that has not begun to be sent is dropped for it, and counted ([EventHub#lost]). One that the buffer of all
        /// overtakes in the midst of an event is closed, as the event cannot be finished.
        DROP_OLDEST,
        /// Its stream ends; the client comes back and says what it has seen last.
        CLOSE
    }

    private static final int MIB = 1 << 20;

    /// Checks ranges.
    ///
    /// @throws IllegalArgumentException  a number out of its range (caller's fault)
    public EventConfig {
        java.util.Objects.requireNonNull(whenFull);
        range("subscribers", subscribers, 1, MIB);
        range("eventBytesMax", eventBytesMax, Align.CACHE_LINE_BYTES, MIB);
        range("broadcastEvents", broadcastEvents, 1, 1 << 16);
        range("queueEvents", queueEvents, 0, 1024);
        range("retryMillis", retryMillis, 0, Integer.MAX_VALUE);
        range("keepAliveNanos", keepAliveNanos, 1_000_000L, Long.MAX_VALUE / 4);
        if (eventBytesMax % Align.CACHE_LINE_BYTES != 0 || queueEvents == 1) {
            throw new IllegalArgumentException("eventBytesMax " + eventBytesMax + ", queueEvents " + queueEvents
                    + " (expected a multiple of 64; 0, or 2 and more: one may be under way)");
        }
    }

    /// {@return the standard sizes: 324 KiB a loop}
    public static EventConfig standard() {
        return new EventConfig(64, 1024, 64, 4, WhenFull.DROP_OLDEST, 3000, 15_000_000_000L);
    }

    /// {@return this configuration with other numbers}
    public EventConfig withSize(int newSubscribers, int newEventBytesMax, int newBroadcastEvents, int newQueueEvents) {
        return new EventConfig(newSubscribers, newEventBytesMax, newBroadcastEvents, newQueueEvents, whenFull, retryMillis,
                keepAliveNanos);
    }

    /// {@return this configuration with another end for slow subscribers}
    public EventConfig withWhenFull(WhenFull other) {
        return new EventConfig(subscribers, eventBytesMax, broadcastEvents, queueEvents, other, retryMillis, keepAliveNanos);
    }

    /// {@return this configuration with other times}
    public EventConfig withTimes(long newRetryMillis, long newKeepAliveNanos) {
        return new EventConfig(subscribers, eventBytesMax, broadcastEvents, queueEvents, whenFull, newRetryMillis,
                newKeepAliveNanos);
    }

    private static void range(String what, long value, long from, long to) {
        if (value < from || value > to) {
            throw new IllegalArgumentException(what + ": " + value + " (expected " + from + ".." + to + ")");
        }
    }
}
