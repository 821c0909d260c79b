package dev.coffer.crypto.keccak;

import dev.coffer.crypto.Xof;
import java.lang.foreign.MemorySegment;

/// SHAKE128 and SHAKE256 (FIPS 202, section 6.2). Users reach it through [Xof].
public final class Shake extends Xof {
    private static final int SUFFIX = 0b11111;  // the bits 1111 and the first one of the padding (section 6.2)

    /// Made once for each strength, by [Xof].
    ///
    /// @param name          the standard's name
    /// @param strengthBits  128 or 256; the capacity is twice that (section 6.2)
    public Shake(String name, int strengthBits) {
        super(name, Keccak.STATE_BYTES - 2 * strengthBits / Byte.SIZE);
    }

    @Override
    protected void begin(MemorySegment state, long at) {
        Sponge.begin(state, at);
    }

    @Override
    protected void take(MemorySegment state, long at, MemorySegment input, long inputAt, long length) {
        if (!Sponge.absorbing(state, at)) {
            throw new IllegalStateException(name() + ": absorb after squeeze (expected init first)");
        }
        Sponge.absorb(state, at, rateBytes(), input, inputAt, length);
    }

    @Override
    protected void give(MemorySegment state, long at, MemorySegment output, long outputAt, long length) {
        if (Sponge.absorbing(state, at)) {
            Sponge.pad(state, at, rateBytes(), SUFFIX);
        }
        Sponge.squeeze(state, at, rateBytes(), output, outputAt, length);
    }
}
