package dev.coffer.crypto.packet;

import dev.coffer.crypto.Aead;
import dev.coffer.memory.layout.BigEndian;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// The 120 bytes that a direction's keys are while they rest: secret, key, numbers, counts, IV, and what they are of. Any alignment;
/// stateless.
///
/// ```
///   0 secret 48 | 48 key 32 | 80 next 8 | 88 seals or mark 8 | 96 forgeries 8 | 104 iv 12 | 116 word 4
///   word: bit 31 loaded | 30 followed | 29 resting | 28..27 suite | 26..25 protocol | 24..0 generation
/// ```
///
/// The key is what the secret gives (RFC 8446 section 7.3): kept, as making it again takes two hashes of two blocks for each record of
/// a connection that rested. Keys that were followed have neither secret nor key, only what is expanded in its place.
///
/// At rest the two counts are what was left of the key; while the key is in its place they are there, and here is a *mark* of it, by
/// which it is told from every other that may lie in a place.
final class PacketState {
    /// What messages name it by.
    static final String NAME = "packet protection";

    static final long SECRET = 0;
    static final long SECRET_BYTES_MAX = 48;                        // of SHA-384
    static final long KEY = SECRET + SECRET_BYTES_MAX;
    static final long KEY_BYTES_MAX = 32;                           // of AES-256 and ChaCha20
    private static final long NEXT = KEY + KEY_BYTES_MAX;           // one above the highest number sealed or opened
    private static final long SEALS = NEXT + Long.BYTES;
    private static final long MARK = SEALS;
    private static final long FORGERIES = SEALS + Long.BYTES;
    static final long IV = FORGERIES + Long.BYTES;
    static final int IV_BYTES = 12;
    private static final long WORD = IV + IV_BYTES;
    static final long BYTES = WORD + Integer.BYTES;

    private static final int LOADED = 1 << 31;                      // there are keys
    private static final int FOLLOWED = 1 << 30;                    // and no secret any more
    private static final int RESTING = 1 << 29;                     // whatever lies in the key's place is somebody else's
    private static final int SUITE_SHIFT = 27;
    private static final int PROTOCOL_SHIFT = 25;
    private static final int KIND = 0xf << PROTOCOL_SHIFT;
    static final int GENERATION_MAX = (1 << PROTOCOL_SHIFT) - 1;

    private static final long COUNTS_BYTES = 2 * Long.BYTES;        // of an AeadKey, in front of its schedule
    private static final long MARK_BYTES_MAX = 64;                  // a round key of AES; a shorter schedule has fewer
    private static final long MARK_FACTOR = 0x9e3779b97f4a7c15L;    // odd: no bit is lost

    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

    private PacketState() {}

    /// {@return two bits of suite and two of protocol, where they stand in the word}
    static int kind(PacketProtocol protocol, CipherSuite suite) {
        return (suite.code() & 3) << SUITE_SHIFT | protocol.ordinal() << PROTOCOL_SHIFT;
    }

    static boolean isLoaded(MemorySegment state, long at) {
        return (state.get(INT, at + WORD) & LOADED) != 0;
    }

    static boolean isFollowed(MemorySegment state, long at) {
        return (state.get(INT, at + WORD) & FOLLOWED) != 0;
    }

    static boolean isResting(MemorySegment state, long at) {
        return (state.get(INT, at + WORD) & RESTING) != 0;
    }

    static boolean isOf(MemorySegment state, long at, int kind) {
        return (state.get(INT, at + WORD) & KIND) == kind;
    }

    static int generation(MemorySegment state, long at) {
        return state.get(INT, at + WORD) & GENERATION_MAX;
    }

    /// @throws IllegalStateException  no keys, or ones of another protocol or suite (caller's fault)
    static void checkKeys(MemorySegment state, long at, PacketProtocol protocol, CipherSuite suite) {
        if (!isLoaded(state, at)) {
            throw new IllegalStateException(NAME + ": no keys, never loaded or wiped (expected load() first)");
        }
        if (!isOf(state, at, kind(protocol, suite))) {
            throw new IllegalStateException(NAME + ": keys of another protocol or suite (expected " + protocol + ", " + suite + ")");
        }
    }

    /// {@return the generation after that of the keys here}
    ///
    /// @throws IllegalStateException  as above; keys that were followed; 2^25 - 1 updates (caller's fault)
    static int nextGeneration(MemorySegment state, long at, PacketProtocol protocol, CipherSuite suite) {
        checkKeys(state, at, protocol, suite);
        if (isFollowed(state, at)) {
            throw new IllegalStateException(NAME + ": keys that were followed (expected ones with their secret)");
        }
        int generation = generation(state, at);
        if (generation == GENERATION_MAX) {
            throw new IllegalStateException(NAME + ": " + generation + " key updates (expected fewer)");
        }
        return generation + 1;
    }

    /// Writes the nonce of a packet: the IV with its number, big-endian, added to its end (RFC 8446 section 5.3, RFC 9001 section 5.3).
    ///
    /// @param target  room for [#IV_BYTES] at `to`
    static void nonce(MemorySegment state, long at, long number, MemorySegment target, long to) {
        MemorySegment.copy(state, at + IV, target, to, IV_BYTES);
        long end = to + IV_BYTES - Long.BYTES;
        BigEndian.i64(target, end, BigEndian.i64(target, end) ^ number);
    }

    /// Keys are here from now on, in their place, with their secret.
    static void loaded(MemorySegment state, long at, int kind, int generation) {
        state.set(INT, at + WORD, LOADED | kind | generation);
    }

    static void followed(MemorySegment state, long at) {
        state.set(INT, at + WORD, state.get(INT, at + WORD) | FOLLOWED);
    }

    static long next(MemorySegment state, long at) {
        return state.get(LONG, at + NEXT);
    }

    static void next(MemorySegment state, long at, long number) {
        state.set(LONG, at + NEXT, number);
    }

    static void rest(MemorySegment state, long at, long seals, long forgeries) {
        state.set(LONG, at + SEALS, seals);
        state.set(LONG, at + FORGERIES, forgeries);
        state.set(INT, at + WORD, state.get(INT, at + WORD) | RESTING);
    }

    /// {@return bytes of a key's schedule that its mark is made of, a multiple of 8}
    static long markBytes(Aead aead) {
        return Math.min(MARK_BYTES_MAX, aead.scheduleBytes() - COUNTS_BYTES & -Long.BYTES);
    }

    /// {@return what tells the key in a place from all others: bytes of its schedule, mixed; as secret as the key}
    ///
    /// @param keyHome  an AeadKey's place
    static long markOf(MemorySegment keyHome, long keyAt, long markBytes) {
        long mark = 0;
        for (long at = 0; at < markBytes; at += Long.BYTES) {
            mark = mark * MARK_FACTOR + keyHome.get(LONG, keyAt + COUNTS_BYTES + at);
        }
        return mark;
    }

    /// Ends the rest: the counts are taken, as a second time they would count what was used meanwhile as left.
    static void resume(MemorySegment state, long at, long mark) {
        mark(state, at, mark);
        state.set(INT, at + WORD, state.get(INT, at + WORD) & ~RESTING);
    }

    static void mark(MemorySegment state, long at, long mark) {
        state.set(LONG, at + MARK, mark);
        state.set(LONG, at + FORGERIES, 0);
    }

    static boolean isMarked(MemorySegment state, long at, long mark) {
        return state.get(LONG, at + MARK) == mark;
    }

    /// {@return seals left to keys at rest; 0 where they are not: their place has the count, or it is lost with that}
    static long seals(MemorySegment state, long at) {
        return isResting(state, at) ? state.get(LONG, at + SEALS) : 0;
    }

    static long forgeries(MemorySegment state, long at) {
        return isResting(state, at) ? state.get(LONG, at + FORGERIES) : 0;
    }
}
