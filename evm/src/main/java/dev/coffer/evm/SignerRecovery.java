package dev.coffer.evm;

import dev.coffer.crypto.Hash;
import dev.coffer.evm.curve.Secp256k1;
import dev.coffer.evm.word.Word;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/// Who signed: public key and address from a digest and an ECDSA signature on secp256k1 (Yellow Paper, appendix F; SEC 1, section 4.1.6). Numbers are words of
/// an array, as in [Word]. Only for public data: the time it takes tells them. Makes no object after its constructor; one thread at a time.
public final class SignerRecovery {
    private static final long KEY = Hash.STATE_BYTES_MAX;                // of the workspace: x and y, before they are hashed
    private static final long DIGEST = KEY + 2 * Word.BYTES;
    /// Bytes of the workspace.
    public static final long WORKSPACE_BYTES = DIGEST + Word.BYTES;
    /// Bytes of heap of each.
    static final long HEAP_BYTES = Secp256k1.HEAP_BYTES + 8L * 2 * Word.LONGS + 64;

    private final MemorySegment workspace;
    private final long workspaceAt;
    private final Secp256k1 curve = new Secp256k1();
    private final long[] key = new long[2 * Word.LONGS];

    /// @param workspace  writable memory of [#WORKSPACE_BYTES] from `at`, a multiple of 8, off the heap
    /// @throws IndexOutOfBoundsException  the workspace is too short (caller's fault)
    public SignerRecovery(MemorySegment workspace, long at) {
        Objects.checkFromIndexSize(at, WORKSPACE_BYTES, workspace.byteSize());
        this.workspace = workspace;
        this.workspaceAt = at;
    }

    /// Writes the public key of a signature: x, then y, a word each.
    ///
    /// @param digest  index of what was signed, in `m`
    /// @param r       index of the signature's r
    /// @param s       index of its s; whether it must be low (EIP-2) is the caller's to ask, by [#isLow]
    /// @param odd     whether the point of r has an odd y: `yParity`, or the recovery id's last bit
    /// @return whether there is one; where not, nothing is written
    public boolean publicKey(long[] m, int digest, int r, int s, boolean odd, long[] to, int x) {
        return curve.recover(m, digest, r, s, odd, to, x);
    }

    /// Writes the address of a signature: the last 20 bytes of the hash of its public key. Parameters as of [#publicKey].
    ///
    /// @return whether there is one; where not, nothing is written
    public boolean address(long[] m, int digest, int r, int s, boolean odd, long[] to, int address) {
        if (!curve.recover(m, digest, r, s, odd, key, 0)) {
            return false;
        }
        Word.store(key, 0, workspace, workspaceAt + KEY);
        Word.store(key, Word.LONGS, workspace, workspaceAt + KEY + Word.BYTES);
        Hash.KECCAK_256.hash(workspace, workspaceAt, workspace, workspaceAt + KEY, 2 * Word.BYTES, workspace, workspaceAt + DIGEST);
        Word.load(workspace, workspaceAt + DIGEST, to, address);
        Operations.maskAddress(to, address);
        return true;
    }

    /// {@return whether s is at most half the group's order, as that of a transaction must be since Homestead (EIP-2)}
    public static boolean isLow(long[] m, int s) {
        return Secp256k1.isLow(m, s);
    }
}
