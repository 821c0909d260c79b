package dev.coffer.crypto.exchange;

import dev.coffer.crypto.Agreement;
import dev.coffer.crypto.Kem;
import dev.coffer.memory.Wipe;
import java.lang.foreign.MemorySegment;

/// A curve on which two sides agree, in one of its forms: our own code, or another module's in its place, which answers the same.
///
/// Stateless to its callers, thread-safe; 0 heap bytes. What is secret lies off the heap, and so does the workspace, which nobody else uses
/// meanwhile, which lies apart from the rest and is zero afterwards. Private keys and shared secrets have 32 bytes. The forms are
/// [dev.coffer.crypto.x25519.X25519#CURVE], [dev.coffer.crypto.p256.P256#CURVE] and those that a module of this house makes of them.
public abstract class Curve {
    /// Bytes of a seed, a private key and a shared secret of both curves.
    public static final int PRIVATE_BYTES = 32;

    private final String name;
    private final int publicBytes;
    private final long workspaceBytes;

    /// For the forms.
    ///
    /// @param publicBytes     bytes of a public key
    /// @param workspaceBytes  bytes of a workspace
    protected Curve(String name, int publicBytes, long workspaceBytes) {
        this.name = name;
        this.publicBytes = publicBytes;
        this.workspaceBytes = workspaceBytes;
    }

    /// {@return the standard's name: `X25519`, `P-256`; of all forms the same}
    public final String name() {
        return name;
    }

    /// {@return bytes of a public key}
    public final int publicBytes() {
        return publicBytes;
    }

    /// {@return bytes of a workspace}
    public final long workspaceBytes() {
        return workspaceBytes;
    }

    /// {@return this form as key encapsulation, a new object}
    public final Kem kem() {
        return new CurveKem(this);
    }

    /// Makes a private key of [#PRIVATE_BYTES] fresh random bytes.
    ///
    /// @return false where they make none (with P-256 one in 2^32): draw others; nothing was written
    public abstract boolean privateKey(MemorySegment seed, long seedAt, MemorySegment key, long keyAt, MemorySegment workspace, long at);

    /// Computes the public key of a private one.
    ///
    /// @param publicKey  room for [#publicBytes], on either side of the heap
    /// @return false where that is none (the fault of who made it); nothing was written
    public abstract boolean publicKey(MemorySegment key, long keyAt, MemorySegment publicKey, long publicAt, MemorySegment workspace,
            long at);

    /// Computes the secret that both sides share.
    ///
    /// @param peer    [#publicBytes] bytes, on either side of the heap
    /// @param shared  room off the heap for [#PRIVATE_BYTES]
    /// @return [Agreement#AGREED]; or what is wrong with the peer's key or the private one, and then nothing was written
    public abstract Agreement agree(MemorySegment key, long keyAt, MemorySegment peer, long peerAt, MemorySegment shared, long sharedAt,
            MemorySegment workspace, long at);

    /// Both: what who answers a public key computes.
    ///
    /// @return as of [#agree], and then no public key was written either, and no secret or zeros
    public Agreement exchange(MemorySegment key, long keyAt, MemorySegment peer, long peerAt, MemorySegment shared, long sharedAt,
            MemorySegment publicKey, long publicAt, MemorySegment workspace, long at) {
        Agreement agreement = agree(key, keyAt, peer, peerAt, shared, sharedAt, workspace, at);
        if (agreement == Agreement.AGREED && !publicKey(key, keyAt, publicKey, publicAt, workspace, at)) {
            Wipe.bytes(shared, sharedAt, PRIVATE_BYTES);  // a form whose means are spent meanwhile
            return Agreement.BAD_PRIVATE_KEY;
        }
        return agreement;
    }

    @Override
    public final String toString() {
        return name;
    }
}
