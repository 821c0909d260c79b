package dev.coffer.crypto.aead;

import dev.coffer.crypto.internal.MaskFunction;
import java.lang.foreign.MemorySegment;

/// Header protection by AES on one block (RFC 9001, section 5.4.3), bitsliced: three of four lanes run empty.
public final class AesMask extends MaskFunction {
    private final AesBlock cipher;

    /// Made once for each key size.
    ///
    /// @param cipher  [AesBlock#AES_128] or [AesBlock#AES_256]
    public AesMask(AesBlock cipher) {
        super("AES-" + cipher.keyBytes() * Byte.SIZE, cipher.keyBytes(), cipher.scheduleBytes(), AesBlock.WORKSPACE_BYTES);
        this.cipher = cipher;
    }

    @Override
    public void expand(MemorySegment key, long keyAt, MemorySegment schedule, long at, MemorySegment work, long workAt) {
        cipher.expand(key, keyAt, schedule, at, work, workAt);
    }

    @Override
    public void mask(MemorySegment schedule, long at, MemorySegment sample, long sampleAt, MemorySegment mask, long maskAt,
            MemorySegment work, long workAt) {
        cipher.encrypt(schedule, at, work, workAt, sample, sampleAt, mask, maskAt, 1);
    }
}
