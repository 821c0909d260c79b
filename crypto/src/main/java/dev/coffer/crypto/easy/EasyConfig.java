package dev.coffer.crypto.easy;

import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.pool.BlockAllocator;

/// How much an [EasyCrypto] may take.
///
/// | component | unit | default | range | cost |
/// |---|---|---|---|---|
/// | `messageBytesMax` | bytes | 65,536 | 1,024 to 2^26 | itself and 2 KiB, for files |
/// | `associatedBytesMax` | bytes | 65,536 | 0 to 2^26 | nothing: it is read where it lies |
/// | `scratchBytes` | bytes | 32,768 | from 24,576, a multiple of 64 | itself |
/// | `temporaryBytes` | bytes | 4,096 | from 4,096, a multiple of 64 | itself |
/// | `objectBytes` | bytes | 131,072 | from 8,192 to 2^26, a multiple of 64 | itself: keys, ciphertexts, secrets that are open at a time |
///
/// @param messageBytesMax     of a text that is sealed, a file included; signatures and hashes of files have no limit
/// @param associatedBytesMax  of what is authenticated with it
/// @param scratchBytes        for the algorithms' workspaces
/// @param temporaryBytes      for contexts, seeds and digests
/// @param objectBytes         for the types of fixed size; a pair of level 3 takes 1,280 to seal and 5,984 to sign
public record EasyConfig(int messageBytesMax, int associatedBytesMax, int scratchBytes, int temporaryBytes, int objectBytes) {
    private static final int BYTES_MAX = 1 << 26;
    private static final int BLOCK_BYTES = 64;
    private static final int LOOK_BYTES = 64;  // one past the longest file, rounded

    /// @throws IllegalArgumentException  a number out of its range (caller's fault)
    public EasyConfig {
        check("message", messageBytesMax, 1024, 1);
        check("associated data", associatedBytesMax, 0, 1);
        check("scratch", scratchBytes, 24 << 10, 64);
        check("temporaries", temporaryBytes, 4 << 10, 64);
        check("objects", objectBytes, 8 << 10, 64);
    }

    private static void check(String what, int bytes, int least, int unit) {
        if (bytes < least || bytes > BYTES_MAX || bytes % unit != 0) {
            throw new IllegalArgumentException("easy crypto: " + bytes + " bytes for " + what + " (expected " + least + " to " + BYTES_MAX
                    + (unit == 1 ? "" : ", a multiple of " + unit) + ")");
        }
    }

    /// {@return the values of the table}
    public static EasyConfig defaults() {
        return new EasyConfig(64 << 10, 64 << 10, 32 << 10, 4 << 10, 128 << 10);
    }

    BlockAllocator.Config blocks() {
        return new BlockAllocator.Config("objects", objectBytes, BLOCK_BYTES);
    }

    /// {@return what an object holds off the heap, guards and canary not counted}
    public MemoryPlan plan() {
        return MemoryPlan.group("easy crypto", MemoryPlan.block("scratch", scratchBytes, 1, "workspaces of the algorithms"),
                MemoryPlan.block("temporaries", temporaryBytes, 1, "contexts, seeds, digests"),
                MemoryPlan.block("file", messageBytesMax + EasySealing.OVERHEAD_BYTES_MAX + LOOK_BYTES, 1, "a text, its head and tag"),
                BlockAllocator.plan(blocks()));
    }

    /// {@return the same with another bound on texts}
    public EasyConfig withMessageBytesMax(int bytes) {
        return new EasyConfig(bytes, associatedBytesMax, scratchBytes, temporaryBytes, objectBytes);
    }

    /// {@return the same with another bound on associated data}
    public EasyConfig withAssociatedBytesMax(int bytes) {
        return new EasyConfig(messageBytesMax, bytes, scratchBytes, temporaryBytes, objectBytes);
    }

    /// {@return the same with another scratch}
    public EasyConfig withScratchBytes(int bytes) {
        return new EasyConfig(messageBytesMax, associatedBytesMax, bytes, temporaryBytes, objectBytes);
    }

    /// {@return the same with other temporaries}
    public EasyConfig withTemporaryBytes(int bytes) {
        return new EasyConfig(messageBytesMax, associatedBytesMax, scratchBytes, bytes, objectBytes);
    }

    /// {@return the same with more or less room for keys and their like}
    public EasyConfig withObjectBytes(int bytes) {
        return new EasyConfig(messageBytesMax, associatedBytesMax, scratchBytes, temporaryBytes, bytes);
    }
}
