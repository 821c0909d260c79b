package dev.coffer.crypto.session;

import dev.coffer.memory.layout.Align;
import java.util.Objects;

/// What a [SessionWorkspace] holds and when its keys end. Every number is fixed at start; nothing grows.
///
/// | component | micro | small | medium | large | costs |
/// |---|---|---|---|---|---|
/// | `bufferBytes` | 128 | 512 | 2048 | 8192 | 4 buffers a session |
/// | `keys` | 2 | 4 | 8 | 16 | three directions each |
/// | `sessions` | 2 | 4 | 8 | 16 | 4 buffers each |
/// | `suite` | ChaCha20-Poly1305 in all four | | | | the size of a key schedule |
/// | `rotateAfterMessages` | 2^20 in all four | | | | one HKDF and one key schedule a rotation |
/// | `rotateAfterNanos` | one hour in all four | | | | the same |
/// | `lifetimeNanos` | 24 hours in all four | | | | nothing |
/// | `receiveKeyNanosMax` | off in all four | | | | nothing |
/// | `halfOpenNanosMax` | 10 minutes in all four | | | | nothing |
/// | `violationsMax` | 5 in all four | | | | nothing |
/// | `forgedMax` | off in all four | | | | nothing |
///
/// @param name                 of the plan's row and the account; unique in a region
/// @param bufferBytes          one buffer: a multiple of 64, 64..2^20
/// @param keys                 key slots, 1..1024
/// @param sessions             sessions, 1..1024
/// @param suite                the AEAD
/// @param rotateAfterMessages  a sending key is replaced after that many, 1..the suite's limit; the limit itself means
///                             that nothing is replaced by count and the key stops there
/// @param rotateAfterNanos     a sending key is replaced at that age, 1 or more; `Long.MAX_VALUE` for never
/// @param lifetimeNanos        a session expires that long after it was activated, 1 or more; `Long.MAX_VALUE` for never
/// @param receiveKeyNanosMax   a receiving key refuses that long after its first message, 1 or more; `Long.MAX_VALUE` for
///                             never. Longer than the peer's `rotateAfterNanos`, and by what the network delays
/// @param halfOpenNanosMax     a session that is not active expires that long after it was acquired, 1 or more;
///                             `Long.MAX_VALUE` for never
/// @param violationsMax        a session that has seen more is wiped and refuses: 0..2^31-1
/// @param forgedMax            a session is wiped when more forged messages than that are remembered: 0..2^31-1, or
///                             [#OFF]. One is forgotten every `forgedForgottenNanos`, and all at each message that verifies
/// @param forgedForgottenNanos see there; 1 or more
public record SessionConfig(String name, int bufferBytes, int keys, int sessions, Suite suite, long rotateAfterMessages,
        long rotateAfterNanos, long lifetimeNanos, long receiveKeyNanosMax, long halfOpenNanosMax, int violationsMax,
        int forgedMax, long forgedForgottenNanos) {
    /// For `forgedMax`: forged messages are counted and end nothing.
    public static final int OFF = -1;

    private static final long SECOND_NANOS = 1_000_000_000L;
    private static final long MINUTE_NANOS = 60 * SECOND_NANOS;
    private static final long HOUR_NANOS = 60 * MINUTE_NANOS;
    private static final int COUNT_MAX = 1024;
    private static final int BUFFER_BYTES_MAX = 1 << 20;

    /// @throws IllegalArgumentException  a number outside its range; the message names it
    public SessionConfig {
        Objects.requireNonNull(name);
        Objects.requireNonNull(suite);
        if (name.isBlank() || name.indexOf('/') >= 0) {
            throw new IllegalArgumentException("name: \"" + name + "\" (expected one without '/')");
        }
        range("bufferBytes", bufferBytes, Align.CACHE_LINE_BYTES, BUFFER_BYTES_MAX);
        range("keys", keys, 1, COUNT_MAX);
        range("sessions", sessions, 1, COUNT_MAX);
        range("rotateAfterMessages", rotateAfterMessages, 1, suite.messagesMax());
        range("rotateAfterNanos", rotateAfterNanos, 1, Long.MAX_VALUE);
        range("lifetimeNanos", lifetimeNanos, 1, Long.MAX_VALUE);
        range("receiveKeyNanosMax", receiveKeyNanosMax, 1, Long.MAX_VALUE);
        range("halfOpenNanosMax", halfOpenNanosMax, 1, Long.MAX_VALUE);
        range("violationsMax", violationsMax, 0, Integer.MAX_VALUE);
        range("forgedMax", forgedMax, OFF, Integer.MAX_VALUE);
        range("forgedForgottenNanos", forgedForgottenNanos, 1, Long.MAX_VALUE);
        if (!Align.is(bufferBytes, Align.CACHE_LINE_BYTES)) {
            throw new IllegalArgumentException("bufferBytes: " + bufferBytes + " (expected a multiple of 64)");
        }
    }

    private static void range(String name, long value, long min, long max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(name + ": " + value + " (expected " + min + ".." + max + ")");
        }
    }

    /// {@return a configuration of these sizes; the rest as of the presets}
    public static SessionConfig of(int bufferBytes, int keys, int sessions) {
        return new SessionConfig("sessions", bufferBytes, keys, sessions, Suite.CHACHA20_POLY1305, 1 << 20, HOUR_NANOS,
                24 * HOUR_NANOS, Long.MAX_VALUE, 10 * MINUTE_NANOS, 5, OFF, SECOND_NANOS);
    }

    /// {@return 128-byte buffers, 2 keys, 2 sessions}
    public static SessionConfig micro() {
        return of(128, 2, 2);
    }

    /// {@return 512-byte buffers, 4 keys, 4 sessions}
    public static SessionConfig small() {
        return of(512, 4, 4);
    }

    /// {@return 2048-byte buffers, 8 keys, 8 sessions}
    public static SessionConfig medium() {
        return of(2048, 8, 8);
    }

    /// {@return 8192-byte buffers, 16 keys, 16 sessions}
    public static SessionConfig large() {
        return of(8192, 16, 16);
    }

    /// {@return this configuration under another name, for a second workspace in a region}
    public SessionConfig withName(String other) {
        return new SessionConfig(other, bufferBytes, keys, sessions, suite, rotateAfterMessages, rotateAfterNanos,
                lifetimeNanos, receiveKeyNanosMax, halfOpenNanosMax, violationsMax, forgedMax, forgedForgottenNanos);
    }

    /// {@return this configuration with another AEAD, rotating no later than its limit}
    public SessionConfig withSuite(Suite other) {
        return new SessionConfig(name, bufferBytes, keys, sessions, other,
                Math.min(rotateAfterMessages, other.messagesMax()), rotateAfterNanos, lifetimeNanos, receiveKeyNanosMax,
                halfOpenNanosMax, violationsMax, forgedMax, forgedForgottenNanos);
    }

    /// {@return this configuration with other ends of a sending key}
    public SessionConfig withRotation(long messages, long nanos) {
        return new SessionConfig(name, bufferBytes, keys, sessions, suite, messages, nanos, lifetimeNanos,
                receiveKeyNanosMax, halfOpenNanosMax, violationsMax, forgedMax, forgedForgottenNanos);
    }

    /// {@return this configuration with another lifetime of a session}
    public SessionConfig withLifetimeNanos(long nanos) {
        return new SessionConfig(name, bufferBytes, keys, sessions, suite, rotateAfterMessages, rotateAfterNanos, nanos,
                receiveKeyNanosMax, halfOpenNanosMax, violationsMax, forgedMax, forgedForgottenNanos);
    }

    /// {@return this configuration with another end of a receiving key}
    public SessionConfig withReceiveKeyNanosMax(long nanos) {
        return new SessionConfig(name, bufferBytes, keys, sessions, suite, rotateAfterMessages, rotateAfterNanos,
                lifetimeNanos, nanos, halfOpenNanosMax, violationsMax, forgedMax, forgedForgottenNanos);
    }

    /// {@return this configuration with another end of sessions that are not activated}
    public SessionConfig withHalfOpenNanosMax(long nanos) {
        return new SessionConfig(name, bufferBytes, keys, sessions, suite, rotateAfterMessages, rotateAfterNanos,
                lifetimeNanos, receiveKeyNanosMax, nanos, violationsMax, forgedMax, forgedForgottenNanos);
    }

    /// {@return this configuration with another limit of violations}
    public SessionConfig withViolationsMax(int violations) {
        return new SessionConfig(name, bufferBytes, keys, sessions, suite, rotateAfterMessages, rotateAfterNanos,
                lifetimeNanos, receiveKeyNanosMax, halfOpenNanosMax, violations, forgedMax, forgedForgottenNanos);
    }

    /// {@return this configuration with a policy on forged messages}
    ///
    /// Only messages with the session's id count, so it takes more than packets sent blindly; and whatever verifies sets
    /// the memory to zero, so it takes a peer that is silent meanwhile. Who sees the link and can also keep the peer's
    /// messages from arriving can drive it; such a one can end any conversation.
    ///
    /// @param forged          the most that are remembered; the next one ends the session
    /// @param forgottenNanos  after that time one is forgotten
    public SessionConfig withForged(int forged, long forgottenNanos) {
        return new SessionConfig(name, bufferBytes, keys, sessions, suite, rotateAfterMessages, rotateAfterNanos,
                lifetimeNanos, receiveKeyNanosMax, halfOpenNanosMax, violationsMax, forged, forgottenNanos);
    }
}
