package dev.coffer.crypto.libcrypto;

import dev.coffer.crypto.internal.MaskFunction;
import dev.coffer.memory.Wipe;
import java.lang.foreign.MemorySegment;

/// Header protection by libcrypto (RFC 9001, section 5.4): AES on the sample as a block (5.4.3), or ChaCha20's stream from the counter and
/// nonce that the sample is (5.4.4), which is what that cipher of libcrypto takes as its nonce of 16 bytes.
final class NativeMask extends MaskFunction {
    private final CipherContexts contexts;
    private final boolean streams;

    NativeMask(NativeCipher cipher, CipherContexts contexts) {
        super(cipher.pureName(), cipher.keyBytes(), cipher.keyBytes(), 0);
        this.contexts = contexts;
        this.streams = cipher.nonceBytes() > 0;
    }

    @Override
    public void expand(MemorySegment key, long keyAt, MemorySegment schedule, long at, MemorySegment work, long workAt) {
        contexts.checkOpen();
        MemorySegment.copy(key, keyAt, schedule, at, keyBytes());
    }

    @Override
    public void release(MemorySegment schedule, long at) {
        contexts.forget(schedule, at);
    }

    @Override
    public void mask(MemorySegment schedule, long at, MemorySegment sample, long sampleAt, MemorySegment mask, long maskAt,
            MemorySegment work, long workAt) {
        CipherContext context = contexts.claim(schedule, at);
        try {
            context.begin(schedule, at, sample, sampleAt, streams ? SAMPLE_BYTES : 0, CipherContext.SEAL);
            if (streams) {
                Wipe.bytes(mask, maskAt, MASK_BYTES);
                context.transform(mask, maskAt, MASK_BYTES, mask, maskAt);
            } else {
                context.transform(sample, sampleAt, MASK_BYTES, mask, maskAt);
            }
        } finally {
            context.yieldClaim();
        }
    }
}
