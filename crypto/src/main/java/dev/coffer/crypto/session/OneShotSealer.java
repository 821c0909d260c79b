package dev.coffer.crypto.session;

import dev.coffer.crypto.Aead;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.pool.PooledBuffer;
import dev.coffer.memory.pool.SizeClassPools;
import dev.coffer.memory.pool.SizeClassPools.Usage;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/// Single messages under one key, sealed and opened in place in a block of the size class that fits: the text goes in,
/// the ciphertext with its tag comes out of the same bytes.
///
/// | text | block |
/// |---|---|
/// | 0..240 bytes | small, 256 = 240 + 16 |
/// | 241..1008 | medium, 1024 = 1008 + 16 |
/// | 1009..4080 | large, 4096 = 4080 + 16 |
/// | more | refused |
///
/// The nonce is a counter under a secret mask; [#sequence] of each sealed message must travel with it. **A key belongs to
/// one sealer**: two that seal with the same key would use the same nonces. Any number may open.
///
/// For one thread at a time. Sealing and opening allocate nothing.
public final class OneShotSealer implements AutoCloseable {
    /// Longest text of a small block, of the default size classes: 256 less the tag.
    public static final int SMALL_TEXT_BYTES_MAX = 256 - Aead.TAG_BYTES;
    /// Longest text of a medium block: 1024 less the tag.
    public static final int MEDIUM_TEXT_BYTES_MAX = 1024 - Aead.TAG_BYTES;
    /// Longest text of all: 4096 less the tag.
    public static final int LARGE_TEXT_BYTES_MAX = 4096 - Aead.TAG_BYTES;

    private final Suite suite;
    private final SizeClassPools pools;
    private final MemorySegment key;
    private final SessionScratch scratch;
    private long sequence = -1;
    private boolean ready;

    /// Lays a sealer out in memory of the caller's.
    ///
    /// @param memory  all zero, [#plan]`.totalBytes()`
    /// @param pools   blocks of 256, 1024 and 4096 bytes, as its defaults are
    /// @throws IllegalArgumentException  memory of another size (caller's fault)
    public OneShotSealer(Suite suite, MemorySegment memory, SizeClassPools pools) {
        MemoryPlan plan = plan(suite);
        if (memory.byteSize() != plan.totalBytes()) {
            throw new IllegalArgumentException("one-shot sealer: " + memory.byteSize() + " bytes (expected "
                    + plan.totalBytes() + ")");
        }
        this.suite = Objects.requireNonNull(suite);
        this.pools = Objects.requireNonNull(pools);
        this.key = memory.asSlice(0, plan.offsetOf("scratch"));
        this.scratch = new SessionScratch(memory.asSlice(plan.offsetOf("scratch")), suite);
    }

    /// {@return what a sealer holds beside the pools}
    public static MemoryPlan plan(Suite suite) {
        return MemoryPlan.group("one shot", MemoryPlan.block("key", SessionKey.directionBytes(suite)),
                MemoryPlan.block("scratch", SessionScratch.bytes(suite)));
    }

    /// Takes a key; numbers start at 0.
    ///
    /// @param secret  32 bytes, uniformly random, used for nothing else; read, not kept
    /// @throws IllegalStateException      there is a key already: [#wipe] first (caller's fault)
    /// @throws IndexOutOfBoundsException  the secret does not lie in its segment (caller's fault)
    public void loadKey(MemorySegment secret, long at) {
        if (ready) {
            throw new IllegalStateException("one-shot sealer: a key is loaded already");
        }
        Objects.checkFromIndexSize(at, SessionKey.SECRET_BYTES, secret.byteSize());
        MemorySegment.copy(secret, at, key, SessionKey.SECRET, SessionKey.SECRET_BYTES);
        SessionKey.start(key, 0, suite, 0, 0, scratch);
        Wipe.bytes(key, SessionKey.SECRET, SessionKey.SECRET_BYTES);
        sequence = -1;
        ready = true;
    }

    /// Seals a text.
    ///
    /// @param length  0..[#LARGE_TEXT_BYTES_MAX]
    /// @return a block whose data is the ciphertext and its tag, to be closed by the caller; null where the size class has
    ///         none left, or the key is used up ([#isUsedUp])
    /// @throws IllegalArgumentException   a longer text (caller's fault)
    /// @throws IllegalStateException      no key (caller's fault)
    /// @throws IndexOutOfBoundsException  the text does not lie in its segment (caller's fault)
    public PooledBuffer seal(MemorySegment text, long at, int length) {
        checkReady();
        Usage usage = usage(length);
        Objects.checkFromIndexSize(at, length, text.byteSize());
        if (isUsedUp()) {
            return null;
        }
        PooledBuffer block = pools.tryAcquire(length + Aead.TAG_BYTES, usage);
        if (block == null) {
            return null;
        }
        boolean sealed = false;
        try {
            long blockAt = block.claim(length + Aead.TAG_BYTES);
            MemorySegment.copy(text, at, block.segment(), blockAt, length);
            sequence = SessionKey.sent(key, 0);
            SessionKey.sent(key, 0, sequence + 1);
            scratch.seal(suite, key, 0, sequence, block.segment(), blockAt, length);
            sealed = true;
            return block;
        } finally {
            if (!sealed) {  // the text could not be read: its memory is closed, or another thread's
                block.close();
            }
        }
    }

    private static Usage usage(int length) {
        if (length < 0 || length > LARGE_TEXT_BYTES_MAX) {
            throw new IllegalArgumentException(
                    "one-shot sealer: text of " + length + " bytes (expected 0.." + LARGE_TEXT_BYTES_MAX + ")");
        }
        return length <= SMALL_TEXT_BYTES_MAX ? Usage.SMALL_MESSAGE
                : length <= MEDIUM_TEXT_BYTES_MAX ? Usage.MEDIUM_MESSAGE : Usage.LARGE_MESSAGE;
    }

    /// Opens a block in place: its data, ciphertext and tag, becomes the text.
    ///
    /// @param number  the [#sequence] under which it was sealed
    /// @return whether it verifies; where it does not, the block is unchanged
    /// @throws IllegalStateException  no key (caller's fault)
    public boolean open(PooledBuffer block, long number) {
        checkReady();
        long length = block.length() - Aead.TAG_BYTES;
        if (length < 0 || length > LARGE_TEXT_BYTES_MAX || number < 0 || number >= suite.messagesMax()) {
            return false;
        }
        boolean verified = scratch.open(suite, key, 0, number, block.segment(), 0, (int) length);
        if (verified) {
            block.length(length);
        }
        return verified;
    }

    /// {@return the number of the message sealed last, -1 before the first}
    public long sequence() {
        return sequence;
    }

    /// {@return whether the key has sealed all that it may}
    public boolean isUsedUp() {
        return ready && SessionKey.sent(key, 0) >= suite.messagesMax();
    }

    /// Wipes the key; another may be loaded.
    public void wipe() {
        SessionKey.wipe(key, 0, suite);
        scratch.wipe();
        ready = false;
    }

    @Override
    public void close() {
        wipe();
    }

    private void checkReady() {
        if (!ready) {
            throw new IllegalStateException("one-shot sealer: no key is loaded");
        }
    }

    @Override
    public String toString() {
        return "OneShotSealer[" + suite + (ready ? "" : ", no key") + "]";
    }
}
