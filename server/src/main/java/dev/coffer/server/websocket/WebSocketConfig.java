package dev.coffer.server.websocket;

import dev.coffer.memory.layout.Align;
import java.util.Objects;

/// How many sockets a hub has and what they may hold. Bytes are off heap and of each loop.
///
/// | component | standard | cost |
/// |---|---|---|
/// | `sockets` | 256 | 320 bytes and an exchange each |
/// | `messages` x `messageBytesMax` | 16 x 16 KiB | lent to a message that comes in more than one piece |
/// | `sends` x `sentBytesMax` | 32 x 16 KiB | lent to a message to one socket until it has gone |
/// | `broadcasts` x `sentBytesMax` | 16 x 16 KiB | the last messages to all |
///
/// @param sockets          of each loop, at most; one more is 503. 1..1048576
/// @param frameBytesMax    payload of a received frame; past it 1009. 1 or more
/// @param messageBytesMax  of a received message; past it 1009. 1 or more; where `messages` is not 0 at most 16 MiB
/// @param messages         received ones that can be put together at a time. While all are lent, who begins one waits unread for its turn. 0..65536;
///                         0: messages come to the listener piece by piece as they arrive, of whatever size
/// @param sentBytesMax     of a message that is sent, 64..16 MiB, a multiple of 64
/// @param sends            messages to one socket each that wait or are under way, of all sockets together. 1..65536
/// @param queue            of these, one socket's, at most; one more is refused to who sends it. 1..1024
/// @param broadcasts       messages to all that the slowest may be behind; 1..65536
/// @param whenFull         what happens to who is further behind
/// @param idleNanos        after so long without a byte from a peer it is sent a ping; after as long again it is given up (1006). 1 ms or more,
///                         standard 30 s
/// @param messageNanosMax  from a message's first frame to its end; past it 1008. 1 ms or more, standard 30 s; not where messages come in pieces
/// @param closeNanosMax    that a peer may take to answer our close; then the connection ends. 1 ms or more, standard 5 s
public record WebSocketConfig(int sockets, long frameBytesMax, long messageBytesMax, int messages, int sentBytesMax, int sends, int queue,
        int broadcasts, WhenFull whenFull, long idleNanos, long messageNanosMax, long closeNanosMax) {
    /// What happens to a socket that reads more slowly than messages to all come.
    public enum WhenFull {
        /// The oldest that it has not begun are dropped for it, and counted ([WebSocketHub#lost]).
        DROP_OLDEST,
        /// It is closed with 1013.
        CLOSE
        // in either case one that is overtaken in the midst of a message is cut, as a frame cannot be left unfinished
    }

    private static final int MIB = 1 << 20;
    private static final int KIB = 1 << 10;
    private static final long SECOND = 1_000_000_000L;

    /// Checks ranges.
    ///
    /// @throws IllegalArgumentException  a number out of its range (caller's fault)
    public WebSocketConfig {
        Objects.requireNonNull(whenFull);
        range("sockets", sockets, 1, MIB);
        range("frameBytesMax", frameBytesMax, 1, Long.MAX_VALUE);
        range("messages", messages, 0, 1 << 16);
        range("messageBytesMax", messageBytesMax, 1, messages > 0 ? 16 * MIB : Long.MAX_VALUE);
        range("sentBytesMax", sentBytesMax, Align.CACHE_LINE_BYTES, 16 * MIB);
        range("sends", sends, 1, 1 << 16);
        range("queue", queue, 1, 1024);
        range("broadcasts", broadcasts, 1, 1 << 16);
        range("idleNanos", idleNanos, 1_000_000, Long.MAX_VALUE / 4);
        range("messageNanosMax", messageNanosMax, 1_000_000, Long.MAX_VALUE / 4);
        range("closeNanosMax", closeNanosMax, 1_000_000, Long.MAX_VALUE / 4);
        if (sentBytesMax % Align.CACHE_LINE_BYTES != 0) {
            throw new IllegalArgumentException("sentBytesMax: " + sentBytesMax + " (expected a multiple of 64)");
        }
    }

    /// {@return the standard sizes: 1.1 MiB a loop}
    public static WebSocketConfig standard() {
        return new WebSocketConfig(256, 16 * KIB, 16 * KIB, 16, 16 * KIB, 32, 4, 16, WhenFull.DROP_OLDEST, 30 * SECOND, 30 * SECOND, 5 * SECOND);
    }

    /// {@return this configuration with another number of sockets}
    public WebSocketConfig withSockets(int count) {
        return new WebSocketConfig(count, frameBytesMax, messageBytesMax, messages, sentBytesMax, sends, queue, broadcasts, whenFull, idleNanos,
                messageNanosMax, closeNanosMax);
    }

    /// {@return this configuration with other messages received, each whole in one of so many places}
    ///
    /// @param bytes  of a message, and so of a frame
    public WebSocketConfig withMessages(int bytes, int count) {
        return new WebSocketConfig(sockets, bytes, bytes, count, sentBytesMax, sends, queue, broadcasts, whenFull, idleNanos, messageNanosMax,
                closeNanosMax);
    }

    /// {@return this configuration with messages received in pieces, as they come}
    ///
    /// @param bytes  of a message, and so of a frame
    public WebSocketConfig withPieces(long bytes) {
        return new WebSocketConfig(sockets, bytes, bytes, 0, sentBytesMax, sends, queue, broadcasts, whenFull, idleNanos, messageNanosMax,
                closeNanosMax);
    }

    /// {@return this configuration with other messages sent}
    ///
    /// @param bytes  of a message
    public WebSocketConfig withSent(int bytes, int newSends, int newQueue, int newBroadcasts) {
        return new WebSocketConfig(sockets, frameBytesMax, messageBytesMax, messages, bytes, newSends, newQueue, newBroadcasts, whenFull, idleNanos,
                messageNanosMax, closeNanosMax);
    }

    /// {@return this configuration with another end for who reads too slowly}
    public WebSocketConfig withWhenFull(WhenFull other) {
        return new WebSocketConfig(sockets, frameBytesMax, messageBytesMax, messages, sentBytesMax, sends, queue, broadcasts, other, idleNanos,
                messageNanosMax, closeNanosMax);
    }

    /// {@return this configuration with other times, in nanoseconds}
    public WebSocketConfig withTimes(long idle, long message, long close) {
        return new WebSocketConfig(sockets, frameBytesMax, messageBytesMax, messages, sentBytesMax, sends, queue, broadcasts, whenFull, idle, message,
                close);
    }

    private static void range(String what, long value, long from, long to) {
        if (value < from || value > to) {
            throw new IllegalArgumentException(what + ": " + value + " (expected " + from + ".." + to + ")");
        }
    }
}
