package dev.coffer.crypto.session;

import dev.coffer.memory.layout.Align;
import java.util.Objects;

/// What a [SessionWorkspace] holds and when its keys end. Every number is fixed at start; nothing grows.
///
/// | component | micro | small | medium | large | costs |
/// |---|---|---|---|---|---|
/// | `bufferBytes` | 128 | 512 | 2048 | 8192 | 4 buffers a session |
/// | `keys` | 2 | 4 | 8 | 16 | [SessionKey#slotBytes] each |
/// | `sessions` | 2 | 4 | 8 | 16 | 4 buffers and one line each |
/// | `suite` | ChaCha20-Poly1305 in all four | | | | the size of a key schedule |
/// | `rotateAfterMessages` | 2^20 in all four | | | | one HKDF and one key schedule a rotation |
/// | `rotateAfterNanos` | one hour in all four | | | | the same |
/// | `lifetimeNanos` | 24 hours in all four | | | | nothing |
/// | `violationsMax` | 5 in all four | | | | nothing |
///
/// @param bufferBytes          one buffer: a multiple of 64, 64..2^20
/// @param keys                 key slots, 1..1024
/// @param sessions             sessions, 1..1024
/// @param suite                the AEAD
/// @param rotateAfterMessages  a sending key is replaced after that many, 1..the suite's limit; the limit itself means
///                             that nothing is replaced by count and the key stops there
/// @param rotateAfterNanos     a sending key is replaced at that age, 1 or more; `Long.MAX_VALUE` for never
/// @param lifetimeNanos        a session expires at that age, 1 or more; `Long.MAX_VALUE` for never
/// @param violationsMax        a session that has seen more is wiped and refuses: 0..2^36 (RFC 9001, section 6.6: the
///                             integrity limit of ChaCha20-Poly1305, the lower of the two)
public record SessionConfig(int bufferBytes, int keys, int sessions, Suite suite, long rotateAfterMessages,
        long rotateAfterNanos, long lifetimeNanos, long violationsMax) {
    private static final long SECOND_NANOS = 1_000_000_000L;
    private static final long HOUR_NANOS = 3600 * SECOND_NANOS;
    private static final long VIOLATIONS_MAX = 1L << 36;

    /// @throws IllegalArgumentException  a number outside its range; the message names it
    public SessionConfig {
        Objects.requireNonNull(suite);
        range("bufferBytes", bufferBytes, Align.CACHE_LINE_BYTES, 1 << 20);
        range("keys", keys, 1, 1024);
        range("sessions", sessions, 1, 1024);
        range("rotateAfterMessages", rotateAfterMessages, 1, suite.messagesMax());
        range("rotateAfterNanos", rotateAfterNanos, 1, Long.MAX_VALUE);
        range("lifetimeNanos", lifetimeNanos, 1, Long.MAX_VALUE);
        range("violationsMax", violationsMax, 0, VIOLATIONS_MAX);
        if (!Align.is(bufferBytes, Align.CACHE_LINE_BYTES)) {
            throw new IllegalArgumentException("bufferBytes: " + bufferBytes + " (expected a multiple of 64)");
        }
    }

    private static void range(String name, long value, long min, long max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(name + ": " + value + " (expected " + min + ".." + max + ")");
        }
    }

    private static SessionConfig preset(int bufferBytes, int count) {
        return new SessionConfig(bufferBytes, count, count, Suite.CHACHA20_POLY1305, 1 << 20, HOUR_NANOS,
                24 * HOUR_NANOS, 5);
    }

    /// {@return 128-byte buffers, 2 keys, 2 sessions}
    public static SessionConfig micro() {
        return preset(128, 2);
    }

    /// {@return 512-byte buffers, 4 keys, 4 sessions}
    public static SessionConfig small() {
        return preset(512, 4);
    }

    /// {@return 2048-byte buffers, 8 keys, 8 sessions}
    public static SessionConfig medium() {
        return preset(2048, 8);
    }

    /// {@return 8192-byte buffers, 16 keys, 16 sessions}
    public static SessionConfig large() {
        return preset(8192, 16);
    }

    /// {@return this configuration with another AEAD, rotating no later than its limit}
    public SessionConfig with(Suite other) {
        return new SessionConfig(bufferBytes, keys, sessions, other,
                Math.min(rotateAfterMessages, other.messagesMax()), rotateAfterNanos, lifetimeNanos, violationsMax);
    }

    /// {@return this configuration with other ends of a sending key}
    public SessionConfig rotatingAfter(long messages, long nanos) {
        return new SessionConfig(bufferBytes, keys, sessions, suite, messages, nanos, lifetimeNanos, violationsMax);
    }

    /// {@return this configuration with another lifetime of a session}
    public SessionConfig livingFor(long nanos) {
        return new SessionConfig(bufferBytes, keys, sessions, suite, rotateAfterMessages, rotateAfterNanos, nanos,
                violationsMax);
    }

    /// {@return this configuration with another limit of violations}
    public SessionConfig tolerating(long violations) {
        return new SessionConfig(bufferBytes, keys, sessions, suite, rotateAfterMessages, rotateAfterNanos,
                lifetimeNanos, violations);
    }
}
