package dev.coffer.crypto.libcrypto;

import dev.coffer.crypto.internal.AeadFunction;
import dev.coffer.memory.Wipe;
import java.lang.foreign.MemorySegment;

/// An AEAD of libcrypto. Its schedule is the key as it came: what the library expands lies in a context, and comes and goes.
///
/// Opening in place decrypts where the text lies and, where the tag is wrong, encrypts it back before it answers: both ciphers add the same
/// stream either way. Opening apart verifies first, through a chunk that nobody sees, and decrypts what is longer than that a second time, as the pure
/// form does whatever the length: memory that others write to meanwhile is copied first, as [dev.coffer.crypto.AeadKey#open] says.
final class NativeAead extends AeadFunction {
    private final CipherContexts contexts;

    NativeAead(NativeCipher cipher, CipherContexts contexts) {
        super(cipher.family(), cipher.pureName(), cipher.keyBytes(), cipher.nonceBytes(), cipher.keyBytes(), 0, cipher.lengthMax());
        this.contexts = contexts;
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
    public void seal(MemorySegment schedule, long scheduleAt, MemorySegment work, long at, MemorySegment nonce, long nonceAt,
            MemorySegment aad, long aadAt, long aadLength, MemorySegment text, long textAt, long length, MemorySegment output,
            long outputAt) {
        CipherContext context = contexts.claim(schedule, scheduleAt);
        try {
            context.begin(schedule, scheduleAt, nonce, nonceAt, nonceBytes(), CipherContext.SEAL);
            context.authenticate(aad, aadAt, aadLength);
            context.transform(text, textAt, length, output, outputAt);
            context.tag(output, outputAt + length);
        } finally {
            context.yieldClaim();
        }
    }

    @Override
    public boolean open(MemorySegment schedule, long scheduleAt, MemorySegment work, long at, MemorySegment nonce, long nonceAt,
            MemorySegment aad, long aadAt, long aadLength, MemorySegment sealed, long sealedAt, long length, MemorySegment output,
            long outputAt) {
        CipherContext context = contexts.claim(schedule, scheduleAt);
        try {
            context.begin(schedule, scheduleAt, nonce, nonceAt, nonceBytes(), CipherContext.OPEN);
            context.authenticate(aad, aadAt, aadLength);
            boolean inPlace = sealed.isNative() && output.isNative()
                    && sealed.address() + sealedAt == output.address() + outputAt;
            return inPlace ? openInPlace(context, output, outputAt, length)
                    : openApart(context, sealed, sealedAt, length, output, outputAt);
        } finally {
            context.yieldClaim();
        }
    }

    private static boolean openInPlace(CipherContext context, MemorySegment text, long textAt, long length) {
        boolean settled = false;
        try {
            context.transform(text, textAt, length, text, textAt);
            boolean authentic = context.verifies(text, textAt + length);
            if (!authentic) {
                context.beginAgain(CipherContext.OPEN);
                context.transform(text, textAt, length, text, textAt);
            }
            settled = true;
            return authentic;
        } finally {
            if (!settled && text.scope().isAlive()) {  // how far it came is not known, nor whether it is authentic
                Wipe.bytes(text, textAt, length);
            }
        }
    }

    private static boolean openApart(CipherContext context, MemorySegment sealed, long sealedAt, long length, MemorySegment output,
            long outputAt) {
        try {
            context.dryTransform(sealed, sealedAt, length);
            if (!context.verifies(sealed, sealedAt + length)) {
                return false;
            }
            if (length <= CipherContext.CHUNK_BYTES) {
                context.copyChunk(output, outputAt, length);
            } else {
                context.beginAgain(CipherContext.OPEN);
                context.transform(sealed, sealedAt, length, output, outputAt);
            }
            return true;
        } finally {
            context.wipeChunk(length);
        }
    }
}
