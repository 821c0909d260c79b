package dev.coffer.crypto.aead;

import dev.coffer.memory.Wipe;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// AES on blocks by themselves (FIPS 197, section 5.1), bitsliced as [Aes] is: constant time, up to four blocks for the
/// price of one. Not a way to encrypt messages: equal blocks give equal blocks. For the contexts of
/// `dev.coffer.crypto.session` and for header protection, which check ranges. Stateless, thread-safe; 0 heap bytes.
public final class AesBlock {
    /// With keys of 16 bytes.
    public static final AesBlock AES_128 = new AesBlock(16);
    /// With keys of 32 bytes.
    public static final AesBlock AES_256 = new AesBlock(32);

    /// Bytes of a block.
    public static final int BYTES = Aes.BLOCK_BYTES;
    /// Blocks that are encrypted at a time.
    public static final int LANES = Aes.LANES;
    /// Bytes of a workspace.
    public static final long WORKSPACE_BYTES = AesKey.SCRATCH_BYTES;

    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final int keyBytes;
    private final int rounds;

    private AesBlock(int keyBytes) {
        this.keyBytes = keyBytes;
        this.rounds = AesKey.rounds(keyBytes);
    }

    /// {@return bytes of a key}
    public int keyBytes() {
        return keyBytes;
    }

    /// {@return bytes of an expanded key: 11 or 15 round keys}
    public long scheduleBytes() {
        return AesKey.scheduleBytes(keyBytes);
    }

    /// Expands a key.
    ///
    /// @param workspace  wiped when this returns, however it returns
    public void expand(MemorySegment key, long keyAt, MemorySegment schedule, long at, MemorySegment workspace,
            long workspaceAt) {
        AesKey.expand(key, keyAt, keyBytes, schedule, at, workspace, workspaceAt);
    }

    /// Encrypts blocks, each by itself. Input and output may be the same place.
    ///
    /// @param workspace  wiped when this returns, however it returns
    /// @param count      1..[#LANES]
    public void encrypt(MemorySegment schedule, long at, MemorySegment workspace, long workspaceAt,
            MemorySegment input, long inputAt, MemorySegment output, long outputAt, int count) {
        assert 1 <= count && count <= LANES : "blocks " + count;
        try {
            Wipe.bytes(workspace, workspaceAt, Aes.PLANES_BYTES);  // lanes without a block
            for (int i = 0; i < count; i++) {
                long block = inputAt + (long) BYTES * i;
                for (int column = 0; column < 2; column++) {
                    long word = Aes.interleave(input.get(AesKey.WORD, block + 4L * column),
                            input.get(AesKey.WORD, block + 4L * (column + 2)));
                    workspace.set(LONG, workspaceAt + Long.BYTES * (4L * column + i), word);
                }
            }
            Aes.transpose(workspace, workspaceAt);
            Aes.rounds(workspace, workspaceAt, schedule, at, rounds);
            Aes.unpack(workspace, workspaceAt, workspace, workspaceAt);
            MemorySegment.copy(workspace, workspaceAt, output, outputAt, (long) BYTES * count);
        } finally {
            Wipe.bytes(workspace, workspaceAt, WORKSPACE_BYTES);
        }
    }
}
