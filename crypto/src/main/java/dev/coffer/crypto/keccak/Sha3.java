package dev.coffer.crypto.keccak;

import dev.coffer.crypto.internal.HashFunction;
import java.lang.foreign.MemorySegment;

/// SHA-3 of the four sizes (FIPS 202, section 6.1), and Keccak-256, which differs in its suffix. Users reach it through
/// [dev.coffer.crypto.Hash].
public final class Sha3 extends HashFunction {
    /// The bits 01 and the first one of the padding (section 6.1, table 6).
    public static final int SUFFIX_FIPS_202 = 0b110;
    /// No bits, and the first one of the padding: the Keccak submission.
    public static final int SUFFIX_KECCAK = 0b1;

    private final int suffix;

    /// Made once for each size, by [dev.coffer.crypto.Hash].
    ///
    /// @param name         the standard's name
    /// @param digestBytes  28, 32, 48 or 64; the capacity is twice that (section 6.1)
    /// @param suffix       one of the two constants
    public Sha3(String name, int digestBytes, int suffix) {
        super(name, digestBytes, Keccak.STATE_BYTES - 2 * digestBytes, Sponge.STATE_BYTES, Sponge.STATE_BYTES);
        this.suffix = suffix;
    }

    @Override
    public void begin(MemorySegment state, long at) {
        Sponge.begin(state, at);
    }

    @Override
    public void absorb(MemorySegment state, long at, MemorySegment input, long inputAt, long length) {
        Sponge.absorb(state, at, blockBytes(), input, inputAt, length);
    }

    @Override
    public void finish(MemorySegment state, long at, MemorySegment output, long outputAt) {
        Sponge.pad(state, at, blockBytes(), suffix);
        Sponge.squeeze(state, at, blockBytes(), output, outputAt, digestBytes());
    }
}
