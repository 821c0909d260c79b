package dev.coffer.crypto.aead;

import dev.coffer.crypto.internal.MaskFunction;
import dev.coffer.memory.layout.LittleEndian;
import java.lang.foreign.MemorySegment;

/// Header protection by ChaCha20 (RFC 9001, section 5.4.4): the sample is the counter, little-endian, and the nonce. The schedule is
/// the key itself.
public final class ChaCha20Mask extends MaskFunction {
    /// Made once.
    public ChaCha20Mask() {
        super("ChaCha20", ChaCha20.KEY_BYTES, ChaCha20.KEY_BYTES, ChaCha20.BLOCK_BYTES);
    }

    @Override
    public void expand(MemorySegment key, long keyAt, MemorySegment schedule, long at, MemorySegment work, long workAt) {
        MemorySegment.copy(key, keyAt, schedule, at, ChaCha20.KEY_BYTES);
    }

    @Override
    public void mask(MemorySegment schedule, long at, MemorySegment sample, long sampleAt, MemorySegment mask, long maskAt,
            MemorySegment work, long workAt) {
        ChaCha20.block(schedule, at, sample, sampleAt + Integer.BYTES, LittleEndian.i32(sample, sampleAt), work, workAt);
        MemorySegment.copy(work, workAt, mask, maskAt, MASK_BYTES);
    }
}
