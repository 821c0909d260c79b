package dev.coffer.crypto.stream;

import dev.coffer.crypto.Aead;
import dev.coffer.crypto.AeadKey;
import dev.coffer.crypto.AeadLimits;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.BigEndian;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// The chunks of a [SealedStream], one after the other, each sealed or opened in place. A chunk's nonce is its number (88 bits) and one byte
/// that is 1 for the last. Owns its part of the stream's memory; ranges of the caller's are checked before.
final class SealedChunks {
    static final int KEY_BYTES = 32;
    static final int TEXT_BYTES = 1 << 16;
    static final long CHUNKS_MAX = 1L << 32;

    /// One key a stream: the number of a chunk is its nonce. With AES-GCM a stream of 2^32 chunks has 2^44 blocks, which leaves an
    /// attacker a chance of 2^-39 to tell it from random bytes (RFC 9001, appendix B.1.1), and of 2^-57 up to 512 GiB.
    private static final AeadLimits LIMITS = new AeadLimits(CHUNKS_MAX, 1L << 36);
    private static final SealedSuite[] SUITES = SealedSuite.values();

    // Layout of its memory: nonce, key, the key's schedule.
    private static final long NONCE = 0;
    private static final long KEY = NONCE + 16;
    private static final long SCHEDULE = KEY + KEY_BYTES;

    private final MemorySegment memory;
    private final long at;
    private final long chunksMax;
    private final AeadKey[] keys;  // one for each suite, all on one place
    private @Nullable AeadKey key;  // null until a header was written or read
    private long chunk;         // number of the next
    private boolean writing;    // else reading: one key and number must not seal twice
    private boolean ended;

    SealedChunks(MemorySegment memory, long at, long workAt, long chunksMax) {
        this.memory = memory;
        this.at = at;
        this.chunksMax = chunksMax;
        this.keys = new AeadKey[SUITES.length];
        for (int i = 0; i < keys.length; i++) {
            keys[i] = new AeadKey(SUITES[i].aead(), memory, workAt).at(memory, at + SCHEDULE);
        }
    }

    static long memoryBytes() {
        return SCHEDULE + Math.max(Aead.CHACHA20_POLY1305.scheduleBytes(), Aead.AES_256_GCM.scheduleBytes());
    }

    static long workspaceBytes() {
        return Math.max(Aead.CHACHA20_POLY1305.workspaceBytes(), Aead.AES_256_GCM.workspaceBytes());
    }

    /// {@return where the key is written before [#start]}
    long keyAt() {
        return at + KEY;
    }

    /// Begins a stream of chunks by the key at [#keyAt], of which nothing is left there.
    void start(SealedSuite suite, boolean writing) {
        AeadKey started = keys[suite.ordinal()];
        started.wipe();  // that of the stream before
        started.load(memory, keyAt(), LIMITS);
        Wipe.bytes(memory, keyAt(), KEY_BYTES);
        key = started;
        chunk = 0;
        ended = false;
        this.writing = writing;
    }

    /// There is no stream; its memory is wiped by its owner.
    void end() {
        key = null;
        writing = false;
        ended = false;
    }

    /// {@return the key that seals the next chunk}
    ///
    /// @throws IllegalStateException     nothing is to be sealed
    /// @throws IllegalArgumentException  a length that no such chunk may have
    AeadKey sealing(int length, boolean last) {
        AeadKey by = key;
        if (by == null || !writing || ended || chunk == chunksMax) {
            throw new IllegalStateException("sealed stream: chunk " + chunk + (ended ? " after the last" : "")
                    + (by == null ? " before a header" : writing ? "" : " of a stream that is being read"));
        }
        if (length < 0 || length > TEXT_BYTES || !last && length < TEXT_BYTES || last && length == 0 && chunk > 0) {
            throw new IllegalArgumentException("sealed stream: chunk of " + length + " bytes (expected "
                    + TEXT_BYTES + "; 1.." + TEXT_BYTES + " in the last of several, 0 in an empty stream)");
        }
        return by;
    }

    void seal(AeadKey by, MemorySegment segment, long textAt, int length, boolean last) {
        nonce(memory, at + NONCE, chunk, last);
        by.seal(memory, at + NONCE, memory, 0, 0, segment, textAt, length, segment, textAt);
        chunk++;
        ended = last;
    }

    /// {@return the key that opens the next chunk}
    ///
    /// @throws IllegalStateException  nothing is being read
    AeadKey opening() {
        AeadKey by = key;
        if (by == null || writing) {
            throw new IllegalStateException("sealed stream: chunk before a header that was read");
        }
        return by;
    }

    SealedVerdict open(AeadKey by, MemorySegment segment, long sealedAt, int length, boolean last) {
        int text = length - Aead.TAG_BYTES;
        if (ended || chunk == chunksMax) {
            return SealedVerdict.OUT_OF_PLACE;
        }
        if (text < 0 || text > TEXT_BYTES || !last && text < TEXT_BYTES || text == 0 && chunk > 0) {
            ended = true;
            return SealedVerdict.CHANGED;
        }
        nonce(memory, at + NONCE, chunk, last);
        boolean verified = by.open(memory, at + NONCE, memory, 0, 0, segment, sealedAt, length, segment, sealedAt);
        chunk++;
        ended = last || !verified;
        return verified ? SealedVerdict.VALID : SealedVerdict.CHANGED;
    }

    /// Writes the nonce of a chunk: its number in 88 bits, and whether it is the last.
    static void nonce(MemorySegment memory, long at, long chunk, boolean last) {
        BigEndian.i64(memory, at, chunk >>> 24);
        BigEndian.i32(memory, at + Long.BYTES, (int) (chunk << 8) | (last ? 1 : 0));
    }

    @Override
    public String toString() {
        return (key == null ? "no header" : key.aead() + ", chunk " + chunk) + (ended ? ", ended" : "");
    }
}
