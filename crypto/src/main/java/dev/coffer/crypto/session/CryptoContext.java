package dev.coffer.crypto.session;

import dev.coffer.crypto.aead.AesBlock;
import dev.coffer.crypto.internal.Drawn;
import dev.coffer.crypto.internal.Ranges;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.BigEndian;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A handle to one AES-256 context of [CryptoContexts]: an expanded key, a counter of nonces, four backup keys, and the
/// block cipher itself on the caller's memory. Its user makes it, once; it names a context from
/// [CryptoContexts#acquire] to [#release] and refuses afterwards, before anything changes, also when the context is
/// someone else's by then.
///
/// **For building other modes from the block cipher.** Blocks by themselves hide nothing but random blocks, and are not
/// authenticated: messages are for [Session] and [OneShotSealer].
///
/// One thread at a time. Nothing here makes an object. The key is not kept, only its schedule; keys lie off the heap.
///
/// Every method but [#isLive] and `toString` throws [IllegalStateException] where the handle is stale (caller's fault).
public final class CryptoContext {
    /// Bytes of a key (AES-256).
    public static final int KEY_BYTES = 32;
    /// Bytes of a block.
    public static final int BLOCK_BYTES = AesBlock.BYTES;
    /// Bytes of a nonce: 8 random ones, drawn when the key is loaded or switched to, and a u64 counter, big-endian. So a
    /// stored key that is loaded again does not begin with the same nonces; of 65,536 loads of one key, two meet with a
    /// chance of 2^-33.
    public static final int NONCE_BYTES = AesBlock.BYTES;
    /// Keys that may be kept for later.
    public static final int BACKUP_KEYS = 4;
    /// Blocks that one key may encrypt; far below the 2^64 at which blocks of 16 bytes repeat.
    public static final long BLOCKS_MAX = 1L << 48;

    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;

    private @Nullable CryptoContexts table;
    private MemorySegment memory = MemorySegment.NULL;  // `NULL` until it names one
    private long at;
    private int index;
    private long generation;

    /// Makes a handle that names no context yet.
    public CryptoContext() {}

    void bind(CryptoContexts to, int toIndex, long toGeneration) {
        table = to;
        memory = to.memory();
        at = to.at(toIndex);
        index = toIndex;
        generation = toGeneration;
    }

    /// {@return whether the handle names a context}
    public boolean isLive() {
        return table != null && table.isCurrent(index, generation);
    }

    private CryptoContexts table() {
        return Objects.requireNonNull(table, "live");
    }

    private void checkLive() {
        if (!isLive()) {
            throw new IllegalStateException("crypto context handle is stale (expected one that is acquired and not released)");
        }
    }

    /// Takes a key, in place of the one that was loaded: counts begin at 0, the nonces' random half is drawn.
    ///
    /// @param key  off the heap, 32 bytes; read, not kept
    /// @throws IllegalArgumentException   a key on the heap (caller's fault)
    /// @throws IndexOutOfBoundsException  the key does not lie in its segment (caller's fault)
    /// @throws IllegalStateException      memory that is closed (caller's fault), or no random bytes: no key is loaded then
    public void loadKey(MemorySegment key, long keyAt) {
        checkLive();
        checkKey(key, keyAt);
        expand(key, keyAt);
    }

    private void checkKey(MemorySegment key, long keyAt) {
        Ranges.check("crypto context: key", key, keyAt, KEY_BYTES);
        Places.checkSecret("crypto context: key", key);
        checkApart("crypto context: key", key, keyAt, KEY_BYTES);
    }

    /// Refuses a range of the caller's in the table itself: an output there would change schedules.
    private void checkApart(String name, MemorySegment segment, long segmentAt, long length) {
        Ranges.apart(name, segment, segmentAt, length, memory, 0, memory.byteSize());
    }

    private void expand(MemorySegment key, long keyAt) {
        memory.set(INT, at + CryptoContexts.STATE, 0);
        boolean expanded = false;
        try {
            memory.set(LONG, at + CryptoContexts.BLOCKS, 0);
            memory.set(LONG, at + CryptoContexts.NONCES, 0);
            Drawn.fill("crypto context", table().entropy(), memory, at + CryptoContexts.PREFIX, CryptoContexts.PREFIX_BYTES);
            CryptoContexts.CIPHER.expand(key, keyAt, memory, at + CryptoContexts.SCHEDULE, memory, table().workspaceAt());
            memory.set(INT, at + CryptoContexts.STATE, 1);
            expanded = true;
        } finally {
            if (!expanded) {  // the key could not be read
                Wipe.both(memory, table().workspaceAt(), AesBlock.WORKSPACE_BYTES, memory, at + CryptoContexts.SCHEDULE,
                        CryptoContexts.CIPHER.scheduleBytes());
            }
        }
    }

    /// Keeps a key for later, in place of the one that was there.
    ///
    /// @param backup  0..3
    /// @param key     as of [#loadKey]
    /// @throws IndexOutOfBoundsException  not 0..3, or the key does not lie in its segment (caller's fault)
    public void loadBackup(int backup, MemorySegment key, long keyAt) {
        checkLive();
        Objects.checkIndex(backup, BACKUP_KEYS);
        checkKey(key, keyAt);
        boolean kept = false;
        backups(backups() & ~(1 << backup));
        try {
            MemorySegment.copy(key, keyAt, memory, backupAt(backup), KEY_BYTES);
            backups(backups() | 1 << backup);
            kept = true;
        } finally {
            if (!kept) {
                Wipe.bytes(memory, backupAt(backup), KEY_BYTES);
            }
        }
    }

    /// {@return whether there is such a backup key}
    ///
    /// @throws IndexOutOfBoundsException  not 0..3 (caller's fault)
    public boolean hasBackup(int backup) {
        checkLive();
        Objects.checkIndex(backup, BACKUP_KEYS);
        return (backups() & 1 << backup) != 0;
    }

    /// Makes a backup key the key; it is no backup any more.
    ///
    /// @throws IndexOutOfBoundsException  not 0..3 (caller's fault)
    /// @throws IllegalStateException      there is no such backup key (caller's fault), or as of [#loadKey]
    public void switchTo(int backup) {
        if (!hasBackup(backup)) {
            throw new IllegalStateException("crypto context: no backup key " + backup);
        }
        expand(memory, backupAt(backup));
        backups(backups() & ~(1 << backup));
        Wipe.bytes(memory, backupAt(backup), KEY_BYTES);
    }

    /// Encrypts one block (FIPS 197, section 5.1).
    ///
    /// @return whether it did; false where the key has encrypted [#BLOCKS_MAX], and for no other reason
    /// @throws IllegalStateException      no key, or memory that is closed (caller's fault)
    /// @throws IllegalArgumentException   a read-only output, or one that overlaps the input otherwise than in place
    ///                                    (caller's fault)
    /// @throws IndexOutOfBoundsException  a block does not lie in its segment (caller's fault)
    public boolean encryptBlock(MemorySegment input, long inputAt, MemorySegment output, long outputAt) {
        return encryptBlocks(input, inputAt, output, outputAt, 1);
    }

    /// Encrypts blocks, each by itself, four at a time.
    ///
    /// @param blocks  0 or more
    /// @return as of [#encryptBlock]; all or none
    /// @throws IllegalArgumentException   as of [#encryptBlock], or a negative count (caller's fault)
    /// @throws IllegalStateException      as of [#encryptBlock]
    /// @throws IndexOutOfBoundsException  as of [#encryptBlock]
    public boolean encryptBlocks(MemorySegment input, long inputAt, MemorySegment output, long outputAt, int blocks) {
        checkKeyed();
        if (blocks < 0) {
            throw new IllegalArgumentException("crypto context: " + blocks + " blocks (expected 0 or more)");
        }
        long bytes = (long) BLOCK_BYTES * blocks;
        Ranges.check("crypto context: input", input, inputAt, bytes);
        Ranges.checkWritable("crypto context: output", output, outputAt, bytes);
        Places.checkUsable("crypto context: input", input);
        Places.checkUsable("crypto context: output", output);
        checkApart("crypto context: input", input, inputAt, bytes);
        checkApart("crypto context: output", output, outputAt, bytes);
        Ranges.inPlaceOrApart("crypto context", input, inputAt, bytes, output, outputAt, bytes);
        long done = memory.get(LONG, at + CryptoContexts.BLOCKS);
        if (blocks > BLOCKS_MAX - done) {
            return false;
        }
        memory.set(LONG, at + CryptoContexts.BLOCKS, done + blocks);
        boolean encrypted = false;
        try {
            for (int i = 0; i < blocks; i += AesBlock.LANES) {
                CryptoContexts.CIPHER.encrypt(memory, at + CryptoContexts.SCHEDULE, memory, table().workspaceAt(), input,
                        inputAt + (long) BLOCK_BYTES * i, output, outputAt + (long) BLOCK_BYTES * i,
                        Math.min(AesBlock.LANES, blocks - i));
            }
            encrypted = true;
        } finally {
            if (!encrypted) {  // memory that vanished: the blocks count, the output is wiped as far as it is there
                Places.wipeAfterFault(output, outputAt, bytes);
                Wipe.bytes(memory, table().workspaceAt(), AesBlock.WORKSPACE_BYTES);
            }
        }
        return true;
    }

    /// Writes a nonce that was not written before under this key: see [#NONCE_BYTES].
    ///
    /// @throws IllegalStateException      no key, or memory that is closed (caller's fault); or 2^63 were given out
    /// @throws IllegalArgumentException   read-only memory (caller's fault)
    /// @throws IndexOutOfBoundsException  no room for it (caller's fault)
    public void nonce(MemorySegment target, long targetAt) {
        checkKeyed();
        Ranges.checkWritable("crypto context: nonce", target, targetAt, NONCE_BYTES);
        Places.checkUsable("crypto context: nonce", target);
        checkApart("crypto context: nonce", target, targetAt, NONCE_BYTES);
        long number = memory.get(LONG, at + CryptoContexts.NONCES);
        if (number == Long.MAX_VALUE) {
            throw new IllegalStateException("crypto context: the key's nonces are used up");
        }
        memory.set(LONG, at + CryptoContexts.NONCES, number + 1);
        MemorySegment.copy(memory, at + CryptoContexts.PREFIX, target, targetAt, CryptoContexts.PREFIX_BYTES);
        BigEndian.i64(target, targetAt + CryptoContexts.PREFIX_BYTES, number);
    }

    /// {@return whether a key is loaded}
    public boolean hasKey() {
        checkLive();
        return memory.get(INT, at + CryptoContexts.STATE) != 0;
    }

    /// {@return blocks encrypted under this key}
    public long blocks() {
        checkLive();
        return memory.get(LONG, at + CryptoContexts.BLOCKS);
    }

    /// Wipes all keys and gives the context back; the handle is stale from now on.
    public void release() {
        checkLive();
        table().release(index);
    }

    private void checkKeyed() {
        if (!hasKey()) {
            throw new IllegalStateException("crypto context: no key is loaded");
        }
    }

    private long backupAt(int backup) {
        return at + CryptoContexts.BACKUP + (long) KEY_BYTES * backup;
    }

    private int backups() {
        return memory.get(INT, at + CryptoContexts.BACKUPS);
    }

    private void backups(int bits) {
        memory.set(INT, at + CryptoContexts.BACKUPS, bits);
    }

    @Override
    public String toString() {
        return isLive() ? "CryptoContext[" + (hasKey() ? "keyed" : "no key") + "]" : "CryptoContext[stale]";
    }
}
