package dev.coffer.crypto.session;

import dev.coffer.crypto.Aead;
import dev.coffer.crypto.internal.Drawn;
import dev.coffer.crypto.internal.Ranges;
import dev.coffer.memory.ConstantTime;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.HeapLayout;
import dev.coffer.memory.pool.PooledBuffer;
import dev.coffer.memory.pool.SizeClassPools;
import dev.coffer.memory.pool.SizeClassPools.Usage;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Single messages under one secret, sealed into a block of the size class that fits, and opened in place there.
///
/// | text, default size classes | block |
/// |---|---|
/// | 0..240 bytes | small, 256 = 240 + 16 |
/// | 241..1008 | medium, 1024 = 1008 + 16 |
/// | 1009..4080 | large, 4096 = 4080 + 16 |
/// | more | refused |
///
/// Other classes move these bounds: each class takes what it holds less the tag.
///
/// **A secret may be loaded as often as you like**, also one that is stored: each load draws 32 random bytes, the [#salt],
/// and seals under a key of its own that follows from both, so numbers that begin at 0 again meet another key. Salt and
/// number ([#sequence]) of a message are public and must be kept with it; whoever has the secret opens with
/// [#loadToOpen].
///
/// For one thread at a time. Sealing and opening allocate nothing.
@SuppressWarnings("exports")  // annotations that users need not have
public final class OneShotSealer implements AutoCloseable {
    /// Bytes of a salt.
    public static final int SALT_BYTES = 32;

    private static final long NONE = -1;

    private final Suite suite;
    private final SizeClassPools pools;
    private final Entropy entropy;
    private final int smallTextMax;
    private final int mediumTextMax;
    private final int largeTextMax;
    private final MemorySegment key;
    private final MemorySegment salt;
    private final SessionScratch scratch;
    private long sequence = NONE;
    private boolean ready;
    private boolean seals;
    private boolean closed;

    /// Why sealing would be refused.
    public enum Refusal {
        /// It would not.
        NONE, SMALL_EXHAUSTED, MEDIUM_EXHAUSTED, LARGE_EXHAUSTED,
        /// The key has sealed all that it may: [#wipe], and load the secret anew.
        KEY_USED_UP
    }

    /// Lays a sealer out in memory of the caller's.
    ///
    /// @param memory   all zero, off the heap, [#plan]`.totalBytes()`, aligned to 64
    /// @param pools    of any sizes
    /// @param entropy  where salts come from; `Entropy.SYSTEM` but in tests
    /// @throws IllegalArgumentException  memory of another size or alignment, on the heap, or read-only (caller's fault)
    public OneShotSealer(Suite suite, MemorySegment memory, SizeClassPools pools, Entropy entropy) {
        MemoryPlan plan = plan(suite);
        Places.checkHome("one-shot sealer", memory, plan.totalBytes());
        this.suite = suite;
        this.pools = Objects.requireNonNull(pools);
        this.entropy = Objects.requireNonNull(entropy);
        this.smallTextMax = pools.config().small().bytes() - Aead.TAG_BYTES;
        this.mediumTextMax = pools.config().medium().bytes() - Aead.TAG_BYTES;
        this.largeTextMax = pools.config().large().bytes() - Aead.TAG_BYTES;
        this.key = memory.asSlice(0, plan.offsetOf("salt"));
        this.salt = memory.asSlice(plan.offsetOf("salt"), SALT_BYTES);
        this.scratch = new SessionScratch(memory.asSlice(plan.offsetOf("scratch")), suite);
        scratch.label();  // last: nothing is refused behind it
    }

    /// {@return what a sealer holds beside the pools}
    public static MemoryPlan plan(Suite suite) {
        return MemoryPlan.group("one shot", MemoryPlan.block("key", SessionKey.directionBytes(suite)),
                MemoryPlan.block("salt", 2 * SALT_BYTES, 1, "32, and padding to a line"),
                MemoryPlan.block("scratch", SessionScratch.bytes(suite)))
                .withHeap(HeapLayout.instance(OneShotSealer.class) + SessionScratch.heapBytes()
                        + 2 * HeapLayout.instance(MemorySegment.NULL.getClass()));
    }

    /// Takes a secret, draws a salt, and starts sealing at number 0 under the key that both make.
    ///
    /// @param secret  off the heap; 32 bytes, uniformly random, used for nothing else; read, not kept
    /// @throws IllegalStateException      there is a key already: [#wipe] first; or it or its memory is closed (caller's fault);
    ///                                    or the source gave no random bytes; no key is loaded then
    /// @throws IllegalArgumentException   a secret on the heap (caller's fault)
    /// @throws IndexOutOfBoundsException  the secret does not lie in its segment (caller's fault)
    public void loadKey(MemorySegment secret, long at) {
        checkEmpty(secret, at);
        boolean loaded = false;
        try {
            Drawn.fill("one-shot sealer", entropy, salt, 0, SALT_BYTES);
            derive(secret, at);
            seals = true;
            loaded = true;
        } finally {
            endLoad(loaded);
        }
    }

    /// Takes a secret and the salt of another load of it, to open what was sealed then. It seals nothing.
    ///
    /// @param secret  as of [#loadKey]
    /// @param saltOf  32 bytes, public
    /// @throws IllegalStateException      as of [#loadKey]
    /// @throws IllegalArgumentException   a secret on the heap (caller's fault)
    /// @throws IndexOutOfBoundsException  secret or salt do not lie in their segments (caller's fault)
    public void loadToOpen(MemorySegment secret, long at, MemorySegment saltOf, long saltAt) {
        checkEmpty(secret, at);
        Ranges.check("one-shot sealer: salt", saltOf, saltAt, SALT_BYTES);
        Places.checkUsable("one-shot sealer: salt", saltOf);
        checkApart("one-shot sealer: salt", saltOf, saltAt, SALT_BYTES);
        boolean loaded = false;
        try {
            MemorySegment.copy(saltOf, saltAt, salt, 0, SALT_BYTES);
            derive(secret, at);
            seals = false;
            loaded = true;
        } finally {
            endLoad(loaded);
        }
    }

    private void checkEmpty(MemorySegment secret, long at) {
        if (ready || closed) {
            throw new IllegalStateException("one-shot sealer: " + (closed ? "closed" : "a key is loaded already"));
        }
        Ranges.check("one-shot sealer: secret", secret, at, SessionKey.SECRET_BYTES);
        Places.checkSecret("one-shot sealer: secret", secret);
        checkApart("one-shot sealer: secret", secret, at, SessionKey.SECRET_BYTES);
    }

    private void derive(MemorySegment secret, long at) {
        scratch.extract(salt, 0, SALT_BYTES, secret, at);
        scratch.expandExtracted(SessionScratch.LABEL_ONE_SHOT, key, SessionKey.SECRET, SessionKey.SECRET_BYTES);
        SessionKey.start(key, 0, 0, 0, scratch);
        Wipe.bytes(key, SessionKey.SECRET, SessionKey.SECRET_BYTES);
    }

    private void endLoad(boolean loaded) {
        if (loaded) {
            scratch.wipe();
            sequence = NONE;
            ready = true;
        } else {
            wipe();
        }
    }

    /// Copies the salt of the key that is loaded: 32 bytes, public.
    ///
    /// @throws IllegalStateException      no key (caller's fault)
    /// @throws IndexOutOfBoundsException  no room for it (caller's fault)
    public void salt(MemorySegment target, long at) {
        checkReady();
        Ranges.checkWritable("one-shot sealer: salt", target, at, SALT_BYTES);
        checkApart("one-shot sealer: salt", target, at, SALT_BYTES);
        MemorySegment.copy(salt, 0, target, at, SALT_BYTES);
    }

    /// {@return the longest text that there is a size class for}
    public int textBytesMax() {
        return largeTextMax;
    }

    /// Seals a text.
    ///
    /// @param text    off the heap
    /// @param length  0..[#textBytesMax]
    /// @return a block whose data is the ciphertext and its tag, to be closed by the caller
    /// @throws dev.coffer.memory.pool.PoolExhaustedException  the size class has none left
    /// @throws SessionExhaustedException  the key is used up
    /// @throws IllegalArgumentException   a longer text, or one on the heap (caller's fault)
    /// @throws IllegalStateException      no key, one that opens only, or memory that is closed (caller's fault)
    /// @throws IndexOutOfBoundsException  the text does not lie in its segment (caller's fault)
    public PooledBuffer seal(MemorySegment text, long at, int length) {
        check(text, at, length);
        if (isUsedUp()) {
            throw new SessionExhaustedException("one-shot sealer", "numbers of the key", suite.messagesMax());
        }
        return sealInto(pools.acquire(length + Aead.TAG_BYTES, usage(length)), text, at, length);
    }

    /// The same as [#seal], and says no without making an object.
    ///
    /// @return the block, or null; [#refusal] says why
    public @Nullable PooledBuffer trySeal(MemorySegment text, long at, int length) {
        check(text, at, length);
        PooledBuffer block = isUsedUp() ? null : pools.tryAcquire(length + Aead.TAG_BYTES, usage(length));
        return block == null ? null : sealInto(block, text, at, length);
    }

    /// {@return why sealing a text of that length would be refused at this moment; makes no object}
    ///
    /// @throws IllegalArgumentException  a length that no class holds (caller's fault)
    /// @throws IllegalStateException     no key, or one that opens only (caller's fault)
    public Refusal refusal(int length) {
        checkSeals();
        checkLength(length);
        if (isUsedUp()) {
            return Refusal.KEY_USED_UP;
        }
        return switch (pools.refusal(length + Aead.TAG_BYTES, usage(length))) {
            case SMALL_EXHAUSTED -> Refusal.SMALL_EXHAUSTED;
            case MEDIUM_EXHAUSTED -> Refusal.MEDIUM_EXHAUSTED;
            case LARGE_EXHAUSTED -> Refusal.LARGE_EXHAUSTED;
            default -> Refusal.NONE;
        };
    }

    private void check(MemorySegment text, long at, int length) {
        checkSeals();
        checkLength(length);
        Ranges.check("one-shot sealer: text", text, at, length);
        Places.checkSecret("one-shot sealer: text", text);
        checkApart("one-shot sealer: text", text, at, length);
    }

    /// Refuses a range of the caller's in key, salt or scratch.
    private void checkApart(String name, MemorySegment segment, long at, long length) {
        Ranges.apart(name, segment, at, length, key, 0, key.byteSize());
        Ranges.apart(name, segment, at, length, salt, 0, SALT_BYTES);
        scratch.checkApart(name, segment, at, length);
    }

    private void checkLength(int length) {
        if (length < 0 || length > largeTextMax) {
            throw new IllegalArgumentException(
                    "one-shot sealer: text of " + length + " bytes (expected 0.." + largeTextMax + ")");
        }
    }

    private Usage usage(int length) {
        return length <= smallTextMax ? Usage.SMALL_MESSAGE
                : length <= mediumTextMax ? Usage.MEDIUM_MESSAGE : Usage.LARGE_MESSAGE;
    }

    private PooledBuffer sealInto(PooledBuffer block, MemorySegment text, long at, int length) {
        boolean sealed = false;
        try {
            long blockAt = block.claim(length + Aead.TAG_BYTES);
            long number = SessionKey.next(key, 0);
            SessionKey.next(key, 0, number + 1);  // before it is used: whatever happens, it is not used again
            scratch.seal(key, number, text, at, length, block.segment(), blockAt);
            sequence = number;
            sealed = true;
            return block;
        } finally {
            if (!sealed) {  // the text could not be read to its end
                try {
                    scratch.wipe();
                } finally {
                    block.close();
                }
            }
        }
    }

    /// Opens a block in place: its data, ciphertext and tag, becomes the text.
    ///
    /// @param number  the [#sequence] under which it was sealed
    /// @return bytes of the text; or the code of MALFORMED (a length or number that cannot be) or FORGED (it does not
    ///         verify), and the block is unchanged
    /// @throws IllegalStateException  no key (caller's fault)
    public int open(PooledBuffer block, long number) {
        checkReady();
        long length = block.length() - Aead.TAG_BYTES;
        if (length < 0 || length > largeTextMax || number < 0 || number >= suite.messagesMax()) {
            return SessionRefusal.MALFORMED.code();
        }
        if (!scratch.open(key, number, block.segment(), 0, (int) length)) {
            return SessionRefusal.FORGED.code();
        }
        block.length(length);
        return (int) length;
    }

    /// {@return the number of the message sealed last, -1 before the first}
    public long sequence() {
        return sequence;
    }

    /// {@return whether the key has sealed all that it may}
    public boolean isUsedUp() {
        return ready && SessionKey.next(key, 0) >= suite.messagesMax();
    }

    /// Wipes the key; another may be loaded.
    public void wipe() {
        ready = false;
        seals = false;
        SessionKey.wipe(key, 0, suite);
        Wipe.segment(salt);
        scratch.wipe();
    }

    @Override
    public void close() {
        if (!closed && key.scope().isAlive()) {  // a region that is closed has wiped it
            wipe();
            scratch.close();
        }
        closed = true;
        ready = false;
    }

    /// For tests: nothing but the schedule and the salt of a key that is loaded is there between calls.
    void checkInvariants() {
        assert scratch.isWiped() : "scratch";
        assert ConstantTime.isZero(key, SessionKey.SECRET, SessionKey.SECRET_BYTES) : "secret";
        assert ready || SessionKey.isWiped(key, 0, suite) && ConstantTime.isZero(salt, 0, SALT_BYTES) : "key";
    }

    private void checkReady() {
        if (!ready) {
            throw new IllegalStateException("one-shot sealer: no key is loaded");
        }
    }

    private void checkSeals() {
        checkReady();
        if (!seals) {
            throw new IllegalStateException("one-shot sealer: this key opens only");
        }
    }

    @Override
    public String toString() {
        return "OneShotSealer[" + suite + (ready ? seals ? "" : ", opens only" : ", no key") + "]";
    }
}
