package dev.coffer.evm;

import dev.coffer.crypto.Hash;
import dev.coffer.evm.opcode.Fork;
import dev.coffer.memory.Region;
import java.lang.foreign.MemorySegment;

/// The two precompiles that need nothing but this house: 2, SHA-256 (FIPS 180-4), and 4, identity. 0 heap bytes; one
/// thread at a time.
public final class CorePrecompiles implements Precompiles {
    /// Number of SHA-256.
    public static final int SHA_256 = 2;
    /// Number of the identity.
    public static final int IDENTITY = 4;
    /// Bytes of the workspace.
    public static final long WORKSPACE_BYTES = Hash.STATE_BYTES_MAX;

    private final MemorySegment workspace;
    private final long workspaceAt;

    /// @param workspace  writable memory of [#WORKSPACE_BYTES] from `at`, for instance a row of a [Region]
    public CorePrecompiles(MemorySegment workspace, long at) {
        this.workspace = workspace;
        this.workspaceAt = at;
    }

    @Override
    public boolean has(int number, Fork fork) {
        return number == SHA_256 || number == IDENTITY;
    }

    @Override
    public long outputBytesMax(int number, MemorySegment input, long at, long length) {
        return number == SHA_256 ? 32 : length;
    }

    @Override
    public long run(int number, Fork fork, MemorySegment input, long at, long length, MemorySegment output,
            long outputAt) {
        if (number == SHA_256) {
            Hash.SHA_256.hash(workspace, workspaceAt, input, at, length, output, outputAt);
            return 32;
        }
        MemorySegment.copy(input, at, output, outputAt, length);
        return length;
    }
}
