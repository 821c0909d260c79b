package dev.coffer.crypto.hmac;

import dev.coffer.crypto.internal.HashFunction;
import dev.coffer.crypto.internal.MacFunction;
import dev.coffer.memory.Wipe;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// HMAC (RFC 2104, section 2; FIPS 198-1) over any of our hashes. Users reach it through [dev.coffer.crypto.Mac].
///
/// The state holds a running one of the hash, and what is to be kept of the two that have taken the padded key, which every
/// message starts from (RFC 2104, section 4).
public final class Hmac extends MacFunction {
    private static final byte IPAD = 0x36;  // section 2
    private static final byte OPAD = 0x5c;
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

    private final HashFunction hash;
    private final long inner;    // offsets in the state; the running hash lies at 0
    private final long outer;
    private final long scratch;  // one block: the padded key, the inner digest

    /// Made once for each hash, by [dev.coffer.crypto.Mac].
    ///
    /// @param hash  the hash underneath
    public Hmac(HashFunction hash) {
        super("HMAC-" + hash.name(), hash.digestBytes(), bytes(hash));
        this.hash = hash;
        this.inner = hash.stateBytes();
        this.outer = inner + hash.keptBytes();
        this.scratch = outer + hash.keptBytes();
    }

    /// {@return bytes of a state}
    ///
    /// @param hash  the hash underneath
    public static long bytes(HashFunction hash) {
        return hash.stateBytes() + 2 * hash.keptBytes() + hash.blockBytes();
    }

    @Override
    public void begin(MemorySegment state, long at, MemorySegment key, long keyAt, long keyLength) {
        int blockBytes = hash.blockBytes();
        long pad = at + scratch;
        Wipe.bytes(state, pad, blockBytes);
        if (keyLength > blockBytes) {
            hash.begin(state, at);
            hash.absorb(state, at, key, keyAt, keyLength);
            hash.finish(state, at, state, pad);
        } else {
            MemorySegment.copy(key, keyAt, state, pad, keyLength);
        }
        xor(state, pad, blockBytes, IPAD);
        keyed(state, at, pad, at + inner);
        xor(state, pad, blockBytes, IPAD ^ OPAD);
        keyed(state, at, pad, at + outer);
        Wipe.bytes(state, pad, blockBytes);
        MemorySegment.copy(state, at + inner, state, at, hash.keptBytes());
    }

    /// Keeps the state that has taken the padded key.
    private void keyed(MemorySegment state, long at, long pad, long to) {
        hash.begin(state, at);
        hash.absorb(state, at, state, pad, hash.blockBytes());
        MemorySegment.copy(state, at, state, to, hash.keptBytes());
    }

    private static void xor(MemorySegment segment, long at, int length, int with) {
        for (int i = 0; i < length; i++) {
            segment.set(BYTE, at + i, (byte) (segment.get(BYTE, at + i) ^ with));
        }
    }

    @Override
    public void absorb(MemorySegment state, long at, MemorySegment input, long inputAt, long length) {
        hash.absorb(state, at, input, inputAt, length);
    }

    @Override
    public void finish(MemorySegment state, long at, MemorySegment output, long outputAt) {
        hash.finish(state, at, state, at + scratch);
        MemorySegment.copy(state, at + outer, state, at, hash.keptBytes());
        hash.absorb(state, at, state, at + scratch, hash.digestBytes());
        hash.finish(state, at, output, outputAt);
        Wipe.bytes(state, at + scratch, hash.digestBytes());
        MemorySegment.copy(state, at + inner, state, at, hash.keptBytes());
    }
}
