package dev.coffer.crypto;

import dev.coffer.memory.Entropy;
import dev.coffer.memory.Wipe;
import java.lang.foreign.MemorySegment;

/// A signature scheme over the caller's memory: Ed25519 and ECDSA (FIPS 186-5), ML-DSA (FIPS 204), SLH-DSA (FIPS 205), Falcon.
///
/// An algorithm is a stateless object, shared by every thread, that says its sizes: from 32 bytes of key to 5 KB, from 64 bytes of
/// signature to 50 KB. Signing takes a workspace of [#signWorkspaceBytes], everything else one of [#workspaceBytes]: memory off the
/// heap that nobody else uses meanwhile; all of it is zero afterwards, whatever happens. 0 heap bytes.
///
/// Outputs and the workspace share no byte with anything else that is handed in; inputs may overlap each other. The one exception is a seed
/// that starts where the private key will, which the curves allow. An empty range may lie anywhere in its segment.
///
/// Errors are the same everywhere: [IndexOutOfBoundsException] for a range that does not lie in its segment, [IllegalArgumentException]
/// for ranges that overlap as they must not, for read-only outputs, for secrets or workspaces on the heap, and for a context that is
/// too long to sign with; both are the caller's fault, and nothing was written. [IllegalStateException] where memory was closed: outputs are
/// unchanged or zero then. A key of another kind in as many bytes is answered as a key that is none, or signs and verifies nothing.
public interface Signature {
    /// What to hand in for the deterministic variant of an algorithm: zeros, known by being this object (RFC 6979; FIPS 204 section 3.4).
    /// A fault of the machine while it signs one message twice can then give the key away. What has no such variant (Falcon) refuses it by
    /// an [IllegalArgumentException].
    Entropy DETERMINISTIC = Wipe::bytes;

    /// {@return the standard's name, such as `Ed25519`}
    String name();

    /// {@return bytes of a seed, all that need be kept of a key pair}
    int seedBytes();

    /// {@return bytes of a public key}
    int publicKeyBytes();

    /// {@return bytes of a private key as it signs}
    int privateKeyBytes();

    /// {@return bytes of a signature}
    int signatureBytes();

    /// {@return bytes of the longest context, which says what a signature is for; 0 where the algorithm has none}
    int contextBytesMax();

    /// {@return bytes of the workspace of signing}
    long signWorkspaceBytes();

    /// {@return bytes of the workspace of key generation and verifying}
    long workspaceBytes();

    /// Makes both keys of a seed.
    ///
    /// @param seed        [#seedBytes] of fresh random bytes, off the heap
    /// @param publicKey   room for [#publicKeyBytes]
    /// @param privateKey  room off the heap for [#privateKeyBytes]
    /// @param workspace   [#workspaceBytes] from `at`
    /// @return false where the seed makes no key (with P-256 one in 2^32): draw another; nothing was written
    boolean keyPair(MemorySegment seed, long seedAt, MemorySegment publicKey, long publicKeyAt, MemorySegment privateKey,
            long privateKeyAt, MemorySegment workspace, long at);

    /// Signs a message in one piece.
    ///
    /// @param entropy        what the signature depends on beside key and message, drawn straight into the workspace:
    ///                       `Entropy.SYSTEM`, or [#DETERMINISTIC]; not asked by algorithms that have no use for it
    /// @param privateKey     [#privateKeyBytes] off the heap
    /// @param contextLength  0 to [#contextBytesMax]
    /// @param signature      room for [#signatureBytes]
    /// @param workspace      [#signWorkspaceBytes] from `at`
    /// @return false where the private key is none (the fault of who made it); then the signature is unchanged or zero
    /// @throws IllegalStateException  the source has no bytes, or filled nothing; nothing was written
    boolean sign(Entropy entropy, MemorySegment privateKey, long privateKeyAt, MemorySegment message, long messageAt, long length,
            MemorySegment context, long contextAt, int contextLength, MemorySegment signature, long signatureAt,
            MemorySegment workspace, long at);

    /// Verifies a signature. All of it is public.
    ///
    /// @param publicKey        [#publicKeyBytes] bytes
    /// @param contextLength    more than [#contextBytesMax] verify as false
    /// @param signatureLength  another number than [#signatureBytes] verifies as false
    /// @param workspace        [#workspaceBytes] from `at`
    /// @return whether it is valid; false is the signer's fault, or that of who changed something on the way
    boolean verify(MemorySegment publicKey, long publicKeyAt, MemorySegment message, long messageAt, long length,
            MemorySegment context, long contextAt, int contextLength, MemorySegment signature, long signatureAt,
            long signatureLength, MemorySegment workspace, long at);
}
