package dev.coffer.quic;

import dev.coffer.memory.time.TimerWheel;

/// What a [QuicEndpoint] holds, and what it says to strangers.
///
/// | component | unit | default | range |
/// |---|---|---|---|
/// | `connections` | connections | | 1..2^20; as many as of the loop; 30 to 60 bytes each beside their cores |
/// | `handshakes` | handshakes | | 1..`connections`; at a time, as of the loop |
/// | `retryBelow` | handshakes | an eighth, rounded up | 0 for never; who comes while fewer places are free shows first that it is where it says (RFC 9000, section 8.1.2); more than `handshakes` for always |
/// | `retryMillis` | ms | 10,000 | 1,000..60,000; until which the token of a Retry holds |
/// | `tokenMillis` | ms | 1 day | 0..30 days; until which a token for another time holds (section 8.1.3); 0 for none |
/// | `answers` | datagrams | an eighth of the connections, 2..8 | 1..256; without state, that wait to be sent; 592 bytes each |
/// | `answersPerSecond` | 1/s | 10,000 | 1..10^6; Version Negotiation, Retry, refusals |
/// | `resetsPerSecond` | 1/s | 100 | 1..10^6; stateless resets (section 10.3) |
/// | `handshakeNanos` | ns | 10 s | 1 s..2^50; after which a handshake that is not done is given up |
///
/// @param connections       places
/// @param handshakes        places
/// @param retryBelow        when strangers are asked to come again
/// @param retryMillis       of a Retry
/// @param tokenMillis       of NEW_TOKEN
/// @param answers           to strangers
/// @param answersPerSecond  at most, a second's worth at once
/// @param resetsPerSecond   at most, a second's worth at once
/// @param handshakeNanos    at most
public record EndpointConfig(int connections, int handshakes, int retryBelow, long retryMillis, long tokenMillis, int answers, int answersPerSecond,
        int resetsPerSecond, long handshakeNanos) {
    private static final long SECOND = 1_000_000_000L;
    private static final long DAY_MILLIS = 86_400_000L;

    /// @throws IllegalArgumentException  a number out of its range (caller's fault)
    public EndpointConfig {
        check("connections", connections, 1, 1 << 20);
        check("handshakes", handshakes, 1, connections);
        check("retryBelow", retryBelow, 0, Integer.MAX_VALUE);
        check("retryMillis", retryMillis, 1000, 60_000);
        check("tokenMillis", tokenMillis, 0, 30 * DAY_MILLIS);
        check("answers", answers, 1, 256);
        check("answersPerSecond", answersPerSecond, 1, 1_000_000);
        check("resetsPerSecond", resetsPerSecond, 1, 1_000_000);
        check("handshakeNanos", handshakeNanos, SECOND, 1L << 50);
    }

    private static void check(String name, long value, long least, long most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException("quic endpoint: " + name + " " + value + " (expected " + least + ".." + most + ")");
        }
    }

    /// {@return for so many connections, so many of them in handshake}
    public static EndpointConfig defaults(int connections, int handshakes) {
        return new EndpointConfig(connections, handshakes, (handshakes + 7) / 8, 10_000, DAY_MILLIS, Math.clamp(connections / 8, 2, 8), 10_000, 100,
                10 * SECOND);
    }

    /// {@return this with another limit of free places below which strangers get a Retry: 0 for never, `Integer.MAX_VALUE` for always}
    public EndpointConfig withRetryBelow(int newRetryBelow) {
        return new EndpointConfig(connections, handshakes, newRetryBelow, retryMillis, tokenMillis, answers, answersPerSecond, resetsPerSecond, handshakeNanos);
    }

    /// {@return this with other lifetimes of tokens}
    public EndpointConfig withTokens(long newRetryMillis, long newTokenMillis) {
        return new EndpointConfig(connections, handshakes, retryBelow, newRetryMillis, newTokenMillis, answers, answersPerSecond, resetsPerSecond,
                handshakeNanos);
    }

    /// {@return this with other bounds on what strangers are told}
    public EndpointConfig withAnswers(int newAnswers, int newAnswersPerSecond, int newResetsPerSecond) {
        return new EndpointConfig(connections, handshakes, retryBelow, retryMillis, tokenMillis, newAnswers, newAnswersPerSecond, newResetsPerSecond,
                handshakeNanos);
    }

    /// {@return this with another time for a handshake}
    public EndpointConfig withHandshake(long newHandshakeNanos) {
        return new EndpointConfig(connections, handshakes, retryBelow, retryMillis, tokenMillis, answers, answersPerSecond, resetsPerSecond, newHandshakeNanos);
    }

    /// {@return the wheel of all connections' deadlines: 2^24 ticks of 1/8 ms, 36 minutes ahead, without a detour}
    TimerWheel.Config timers() {
        return TimerWheel.Config.defaults("quic timers", connections).withLevels(4);
    }
}
